"""The fairest a model allows: feasible there, infeasible beyond, by solving the model itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.modeling.continuous import draw
from tests.modeling.shared_tasks import draw as draw_tasks

from evenhand.fairness import EpsilonFairness, GiniAtMost, HooverAtMost, JainAtLeast, RangeAtMost
from evenhand.modeling import Fairest, LinearModel, direction, fairest, solve_fair_milp
from evenhand.modeling.epigraphs import parameter_at_bound
from evenhand.modeling.homogenised_linear import Homogenised
from evenhand.modeling.loads import rows_of


@pytest.mark.parametrize("draws", [8, pytest.param(25, marks=pytest.mark.slow)])
def test_a_continuous_model_is_solved_at_its_fairest_and_not_beyond(draws: int) -> None:
    beyond = 0
    for seed in range(draws):
        model, loads, members = draw(seed)
        for member in members:
            answer = fairest(model, loads, member)
            loosest, strictest = member.parameter_range(len(loads))
            assert answer.status == "optimal"
            back = answer.reached + 1e-4 * (loosest - answer.reached)
            assert solve_fair_milp(model, loads, member.with_parameter(back)).status == "optimal"
            assert answer.reached == pytest.approx(float(member.level(answer.loads)), abs=1e-6)
            assert answer.loads == pytest.approx(loads @ answer.values, abs=1e-6)
            if answer.reached == strictest:
                continue
            further = answer.reached + 2e-3 * (strictest - answer.reached)
            if abs(further - answer.reached) > 1e-5:
                beyond += 1
                assert solve_fair_milp(model, loads, member.with_parameter(further)).status == "infeasible"
    assert beyond > 0.8 * draws


@pytest.mark.parametrize("draws", [4, pytest.param(12, marks=pytest.mark.slow)])
def test_an_integer_model_is_bracketed_around_what_enumeration_finds(draws: int) -> None:
    for seed in range(draws):
        tasks = draw_tasks(seed)
        n, m = tasks.costs.shape
        owners = np.array(np.meshgrid(*[range(n)] * m)).reshape(m, -1).T
        loads = np.stack([(tasks.burdens[i] * (owners == i)).sum(axis=1) for i in range(n)], axis=1)
        member = EpsilonFairness(0.5, 3)
        best = float(member.level(loads).max())
        answer = fairest(tasks.model, tasks.loads, member)
        assert answer.status == "optimal"
        assert answer.reached == pytest.approx(best, abs=2e-6)
        assert answer.refuted is None or answer.refuted >= best


def test_where_nothing_need_be_carried_loads_are_equal() -> None:
    answer = fairest(LinearModel([1.0, 1.0], [[1.0, 1.0]], 0, 5, upper=[5, 0]), np.eye(2), JainAtLeast(0.5))
    assert (answer.reached, answer.refuted, answer.loads.tolist()) == (1.0, None, [0.0, 0.0])


def test_a_model_without_solutions_says_so() -> None:
    answer = fairest(LinearModel([1.0, 1.0], [[1.0, 1.0]], 5, 5, upper=1), np.eye(2), JainAtLeast(0.5))
    assert (answer.status, answer.reached, answer.fairness) == ("infeasible", None, None)


def test_what_is_only_approached_is_told_as_a_direction() -> None:
    """One load is 1 more than the other, and both may grow: equality is the limit, not a solution."""
    model = LinearModel([1.0, 1.0], [[1.0, -1.0]], 1, 1)
    answer = fairest(model, np.eye(2), EpsilonFairness(0.5, math.inf))
    assert answer.reached == pytest.approx(1.0)
    assert answer.loads == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("member", [EpsilonFairness(0, 3), JainAtLeast(0.5)], ids=repr)
def test_the_parameter_of_a_bound_is_found_again(member) -> None:
    for parameter in (0.3, 0.71, 0.999):
        ratio = member.with_parameter(parameter).bound(4)
        assert parameter_at_bound(member, 4, ratio) == pytest.approx(parameter, rel=1e-12)


@pytest.mark.parametrize(
    ("n", "member"),
    [(20, GiniAtMost(0.5)), (40, GiniAtMost(0.5)), (40, HooverAtMost(0.5)), (40, RangeAtMost(0.5))],
    ids=repr,
)
@pytest.mark.parametrize("entitled", [False, True])
def test_many_loads_are_told_by_rows_as_by_cuts(n, member, entitled) -> None:
    """The rows, or an interior point, beside subgradients alone; bounds of each must allow the other's loads."""
    rng = np.random.default_rng((n, entitled))
    entitlements = tuple(rng.uniform(0.5, 2.0, n)) if entitled else None
    member = type(member)(member.parameter, entitlements=entitlements)
    low = rng.lognormal(1.0, 0.8, n)
    total = 1.3 * low.sum()
    model = LinearModel(np.ones(n), np.ones((1, n)), total, total, low, low * rng.uniform(1.0, 3.0, n))
    answer = fairest(model, np.eye(n), member)
    assert answer.status == "optimal"
    homogenised = Homogenised(model, rows_of(np.eye(n), n))
    bound = direction._by_subgradients(homogenised, member, np.inf)
    assert answer.reached == pytest.approx(bound, abs=1e-7)
    assert answer.refuted is None or answer.refuted <= bound + 1e-12
    assert answer.loads == pytest.approx(answer.values)
    assert answer.loads.sum() == pytest.approx(total)
    assert np.all(answer.loads >= low * (1 - 1e-6))


def test_a_gini_index_of_two_hundred_loads_takes_seconds() -> None:
    """Loads of at least 1, but one half of at least 3, and no more than 2 for the others: 3 and 2 are the fairest.

    Half of all pairs are 1 apart, so that the index is (1/2 * 1) / (2 * 2.5) = 0.1.
    """
    n = 200
    low, high = np.repeat([1.0, 3.0], n // 2), np.repeat([2.0, 9.0], n // 2)
    answer = fairest(LinearModel(np.ones(n), np.eye(n), low, high), np.eye(n), GiniAtMost(0.5))
    assert answer.reached == pytest.approx(0.1, abs=1e-6)
    assert answer.refuted == pytest.approx(0.1, abs=1e-5)
    assert answer.refuted < 0.1


def test_ctrl_c_in_a_probe_returns_the_bracket_so_far() -> None:
    """Integers 0 to 3 that sum to 5 and are shared as 3 and 2 at best: it is pressed before the second probe."""
    model = LinearModel([1.0, 1.0], [[1.0, 1.0]], 5, 5, upper=5, integer=True)
    seen = []

    def press(bracket) -> None:
        seen.append(bracket)
        if len(seen) == 2:
            raise KeyboardInterrupt

    answer = fairest(model, np.eye(2), JainAtLeast(0.5), progress=press)
    assert (answer.status, answer.interrupted) == ("time_limit", True)
    assert len(seen) == 2
    assert answer.reached == seen[1].reached
    assert answer.reached <= 25 / 26, "nothing fairer than 3 and 2 is possible"
    assert answer.to_dict()["interrupted"] is True
    assert "time_limit" in repr(answer)


def test_a_fairer_solution_known_from_elsewhere_raises_what_is_reached() -> None:
    """Loads of 2 and 1 have an index of 0.9; 3 and 0 of 0.5."""
    member = JainAtLeast(0.5)
    open_ = Fairest("time_limit", member, 0.5, 0.95, np.array([3.0, 0.0]))
    better = open_.with_known(member, np.array([2.0, 1.0]))
    assert (better.reached, better.refuted, better.loads.tolist()) == (pytest.approx(0.9), 0.95, [2.0, 1.0])
    assert better.with_known(member, np.array([3.0, 0.0])) is better
    assert repr(open_) == "Fairest(time_limit, reached 0.5 of jain, nothing beyond 0.95)"
    assert repr(Fairest("time_limit", member, 0.5, None, np.array([3.0, 0.0]))).endswith("jain, nothing refuted)")
