"""Generalised assignment against trying everything."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evenhand.applications.generalised_assignment import fairest_assignment, generate, solve
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast


def every(costs, sizes, capacities, burdens):
    """Return the costs and loads of all assignments that fit."""
    n, m = costs.shape
    owners = np.array(list(itertools.product(range(n), repeat=m)))
    used, loads = (
        np.stack([(table[i] * (owners == i)).sum(axis=1) for i in range(n)], axis=1) for table in (sizes, burdens)
    )
    fits = (used <= capacities).all(axis=1)
    return costs[owners, np.arange(m)].sum(axis=1)[fits], loads[fits]


@pytest.mark.parametrize("solver", ["highs", "scip"])
@pytest.mark.parametrize("relative", [False, True])
def test_the_cheapest_fair_assignment_is_found(solver: str, relative: bool) -> None:
    members = [EpsilonFairness(0.8, 3), CVAtMost(0.15), GiniAtMost(0.1), EpsilonFairness(0.9, np.inf)]
    solved = 0
    for seed in range(16):
        costs, sizes, capacities = generate(3, 6, seed, "CDE"[seed % 3])
        if seed % 2:
            costs[0, seed % 6] = np.inf
        burdens = sizes if seed % 4 < 2 else np.random.default_rng(seed).random(sizes.shape)
        member = members[seed % len(members)]
        shares = tuple(capacities.tolist()) if relative else None
        paid, loads = every(np.where(np.isfinite(costs), costs, 1e9), sizes, capacities, burdens)
        fair = type(member)(*_fields(member), entitlements=shares).contains(loads)
        best = paid[fair & (paid < 1e9)].min(initial=np.inf)
        answer = solve(costs, sizes, capacities, member, burdens=burdens, relative=relative, solver=solver, gap=1e-9)
        if np.isinf(best):
            assert answer.status == "infeasible"
            continue
        solved += 1
        assert answer.cost == pytest.approx(best)
        assert (answer.used <= capacities + 1e-9).all()
        compared = answer.loads / capacities if relative else answer.loads
        shares = capacities / capacities.sum() if relative else np.full(3, 1 / 3)
        mean = compared @ shares
        assert answer.cv == pytest.approx(np.sqrt((compared - mean) ** 2 @ shares) / mean)
        assert answer.price == pytest.approx(best / paid[paid < 1e9].min() - 1.0, abs=1e-6)
    assert solved >= 8


def _fields(member):
    data = member.to_dict()
    return [np.inf if value == "inf" else value for name, value in data.items() if name not in ("name", "entitlements")]


def test_the_fairest_is_that_of_enumeration() -> None:
    compared = 0
    for seed in range(8):
        costs, sizes, capacities = generate(3, 7, seed, "C")
        _, loads = every(costs, sizes, capacities, sizes)
        found = fairest_assignment(costs, sizes, capacities, JainAtLeast(0.5))
        if not len(loads):
            assert found.status == "infeasible"
            continue
        compared += 1
        best = float(JainAtLeast(1.0).level(loads).max())
        assert found.reached == pytest.approx(best, abs=1e-5)
    assert compared >= 2


def test_what_does_not_fit_is_infeasible() -> None:
    answer = solve(np.ones((2, 3)), np.full((2, 3), 5.0), [4, 20], JainAtLeast(0.9))
    assert (answer.status, answer.assignment, answer.price, answer.to_rows()) == ("infeasible", None, None, [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"costs": [1.0, 2.0]}, r"costs have shape \(2,\)"),
        ({"costs": [[np.inf, 1.0], [np.inf, 1.0]]}, "forbid every agent for task 0"),
        ({"costs": [[np.nan, 1.0], [1.0, 1.0]]}, "nan or -inf"),
        ({"sizes": [[1.0, 2.0]]}, r"sizes have shape \(1, 2\)"),
        ({"sizes": [[1.0, -2.0], [1.0, 1.0]]}, r"sizes\[0, 1\] is -2.0"),
        ({"burdens": [[1.0, np.nan], [1.0, 1.0]]}, r"burdens\[0, 1\] is nan"),
        ({"capacities": [1.0]}, "capacities must be 2 numbers"),
        ({"fairness": JainAtLeast(0.9, entitlements=(1, 2)), "relative": True}, "entitlements already"),
    ],
)
def test_bad_input_is_named(change, words) -> None:
    given = {
        "costs": [[1.0, 2.0], [2.0, 1.0]],
        "sizes": np.ones((2, 2)),
        "capacities": [2, 2],
        "fairness": JainAtLeast(0.9),
    }
    with pytest.raises(InputError, match=words):
        solve(**{**given, **change})


def test_unknown_kinds_and_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="kind is 'A'"):
        generate(3, 5, kind="A")
    with pytest.raises(InputError, match="agents is 1"):
        generate(1, 5)
    with pytest.raises(InputError, match=r"tightness is 0\.0"):
        generate(3, 5, tightness=0.0)


def test_looser_capacities_are_larger_in_proportion_and_change_nothing_else() -> None:
    tight, loose = (generate(4, 40, seed=2, tightness=tightness) for tightness in (0.8, 1.6))
    assert (tight[0] == loose[0]).all()
    assert (tight[1] == loose[1]).all()
    assert tight[2] == pytest.approx(np.floor(0.8 * tight[1].sum(axis=1) / 4))
    assert loose[2] == pytest.approx(2.0 * tight[2], abs=2.0)


def test_results_tell_names_where_there_are_names() -> None:
    costs, sizes = [[1, 1, 1, 1], [2, 2, 2, 2]], [[3, 2, 2, 1], [3, 2, 2, 1]]
    agents, tasks = ["Ann", "Bo"], ["a", "b", "c", "d"]
    answer = solve(costs, sizes, [7, 9], JainAtLeast(1.0), agents=agents, tasks=tasks)
    assert [(row["agent"], row["load"]) for row in answer.to_rows()] == [("Ann", 4.0), ("Bo", 4.0)]
    assert answer.to_dict()["tasks"] == tasks
    assert [row["agent"] for row in solve(costs, sizes, [7, 9], None).to_rows()] == [0, 1]
    with pytest.raises(InputError, match="tasks are 3 names; the costs have 4 tasks"):
        solve(costs, sizes, [7, 9], None, tasks=tasks[:3])
