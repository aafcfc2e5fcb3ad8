"""The fairest that is possible, against enumeration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all

import evenhand
from evenhand.assignment import attainable
from evenhand.errors import InputError
from evenhand.fairness.registry import MEMBERS


def fairest_by_enumeration(costs: np.ndarray, p: float) -> float:
    """Return the largest level of any assignment, by bisecting over exhaustive search."""
    low, high = 0.0, 1.0
    if enumerate_all(Tiny(costs, evenhand.EpsilonFairness(1.0, p=p))).assignment is not None:
        return 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        if enumerate_all(Tiny(costs, evenhand.EpsilonFairness(middle, p=p))).assignment is None:
            high = middle
        else:
            low = middle
    return low


@pytest.mark.parametrize("p", [2, 3, float("inf")])
@pytest.mark.parametrize("seed", range(8))
def test_bracket_contains_the_true_maximum(seed: int, p: float) -> None:
    costs = np.random.default_rng(seed).integers(1, 12, (3, 5)).astype(float)
    known = fairest_by_enumeration(costs, p)
    bracket = evenhand.max_epsilon(costs, p)
    assert bracket.reached == pytest.approx(known, abs=2e-6)
    assert bracket.refuted is None or bracket.refuted >= known - 1e-9
    if known < 1.0:
        assert bracket.refuted == pytest.approx(known, abs=2e-6)


def test_the_assignment_of_the_bracket_reaches_it() -> None:
    costs = np.random.default_rng(3).uniform(1.0, 9.0, (3, 8))
    bracket = evenhand.max_epsilon(costs, 2)
    loads = np.bincount(bracket.assignment, costs[bracket.assignment, np.arange(8)], minlength=3)
    assert evenhand.EpsilonFairness(0.0, p=2).level(loads) == pytest.approx(bracket.reached)


def test_a_task_that_dwarfs_the_rest_refutes_by_relaxation() -> None:
    """Two agents, loads 100 and 1: epsilon of p = inf is at most (101/100 - 1) / 1 = 0.01."""
    bracket = evenhand.max_epsilon([[100.0, 1.0], [100.0, 1.0]], float("inf"))
    assert bracket.reached == pytest.approx(0.01)
    assert bracket.refuted == pytest.approx(0.01, abs=1e-5)


def test_a_probe_without_a_decision_below_what_is_reached_is_forgotten() -> None:
    """The bracketing ends, here below an index of 0.9524 that nothing exceeds (by enumeration)."""
    costs = np.array(
        [[1, 0, 3, 1, 1, 3], [2, 3, 1, 3, 1, 1], [1, 0, 0, 1, 2, 0], [2, 2, 3, 3, 3, 2], [1, 0, 2, 0, 1, 0]]
    )
    fairness = evenhand.JainAtLeast(0.99, entitlements=(2.0, 0.5, 1.0, 2.0, 2.0))
    answer = evenhand.assign(costs, fairness)
    assert answer.status == "infeasible"
    stricter = fairness.with_parameter(answer.attainable.reached + 1e-6)
    assert enumerate_all(Tiny(costs.astype(float), stricter)).assignment is None


@pytest.mark.parametrize("name", sorted(MEMBERS))
@pytest.mark.parametrize(("n", "m"), [(2, 31), (7, 12), (12, 200)])
def test_equal_tasks_have_brackets_whose_ends_meet(name: str, n: int, m: int) -> None:
    """The fairest loads of equal tasks differ by at most one: what they reach, and nothing beyond, is attainable."""
    member = MEMBERS[name]
    loads = np.full(n, m // n) + (np.arange(n) < m % n)
    others = {"top_share": {"k": n // 2}, "epsilon": {"p": 3.0}}.get(name, {})
    some = member(**{member.parameter_name: 1.0, **others})
    vacuous, equality = some.parameter_range(n)
    bracket = evenhand.assign(np.ones((n, m)), some.with_parameter(equality), time_limit=5.0).attainable
    assert bracket.reached == pytest.approx(float(some.level(loads)), rel=1e-12)
    assert abs(bracket.refuted - bracket.reached) <= 2e-8 * abs(equality - vacuous)
    assert evenhand.assign(np.ones((n, m)), some.with_parameter(float(bracket.possible))).status == "optimal"
    assert evenhand.assign(np.ones((n, m)), some.with_parameter(float(bracket.impossible))).status == "infeasible"


def test_thirty_one_parcels_for_two_drivers() -> None:
    """16 of 15.5: both sides of the bracket are that, to the digits of a suggestion."""
    bracket = evenhand.assign(np.ones((2, 31)), evenhand.MaxOverMean(1.01)).attainable
    assert bracket.reached == 16 / 15.5
    assert (bracket.possible, bracket.impossible) == ("1.0322581", "1.032258")


@pytest.mark.parametrize("seed", range(24))
def test_brackets_of_visits_meet_at_the_true_maximum(seed: int) -> None:
    """A few visits, each agent with its own times or all with the same: against enumeration on either side."""
    rng = np.random.default_rng(seed)
    name = sorted(MEMBERS)[seed % len(MEMBERS)]
    n, m = int(rng.integers(2, 5)), int(rng.integers(4, 8))
    burdens = rng.choice([15.0, 30.0, 45.0, 60.0], (n if seed % 2 else 1, m)) * np.ones((n, 1))
    entitlements = None if rng.random() < 0.5 else tuple(rng.choice([0.5, 1.0], n).tolist())
    others = {"top_share": {"k": 1}, "epsilon": {"p": 2.0}}.get(name, {})
    some = MEMBERS[name](**{MEMBERS[name].parameter_name: 1.0, **others}, entitlements=entitlements)
    vacuous, equality = some.parameter_range(n)
    answer = evenhand.assign(np.ones((n, m)), some.with_parameter(equality), burdens=burdens)
    if answer.status == "optimal":
        return
    bracket = answer.attainable
    for parameter, possible in ((bracket.reached, True), (bracket.refuted, False)):
        known = enumerate_all(Tiny(np.ones((n, m)), some.with_parameter(parameter), burdens))
        assert (known.assignment is not None) == possible
    assert abs(bracket.refuted - bracket.reached) <= 1e-6 * abs(equality - vacuous)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"time_limit": -1.0}, "time_limit is -1.0"),
        ({"entitlements": 3}, "entitlements is 3"),
        ({"entitlements": ["a", "b"]}, "'a'"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        evenhand.max_epsilon([[1.0, 2.0], [2.0, 1.0]], **options)


def test_ctrl_c_ends_the_bracketing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted probe is the last: the bracket so far comes back."""
    probes = []

    def interrupted(*arguments: object, **options: object) -> tuple[object, object]:
        answer, warmth = solve(*arguments, **options)
        probes.append(answer)
        return replace(answer, status="time_limit", assignment=None, interrupted=True), warmth

    solve = attainable.solve
    monkeypatch.setattr(attainable, "solve", interrupted)
    bracket = evenhand.max_epsilon([[9.0, 1.0, 2.0], [9.0, 1.0, 2.0]])
    assert len(probes) == 1
    assert bracket.refuted is None
