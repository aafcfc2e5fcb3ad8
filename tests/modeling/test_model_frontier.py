"""The frontier of any model is the same object, with the same meaning, as the assignment's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import evenhand
from evenhand.fairness import EpsilonFairness, Frontier, JainAtLeast
from evenhand.modeling import FairSolution, LinearModel, frontier, solve_fair_milp

LEVELS = (0.99, 0.5, 0.9)


def assignment_model(costs):
    n, m = costs.shape
    model = LinearModel(costs.ravel(), np.hstack([np.eye(m)] * n), 1, 1, upper=1, integer=True)
    return model, np.kron(np.eye(n), np.ones(m)) * costs.ravel()


def test_it_is_the_assignments_frontier() -> None:
    costs = np.random.default_rng(4).random((3, 12))
    model, loads = assignment_model(costs)
    ours = frontier(
        lambda fairness: solve_fair_milp(model, loads, fairness, gap=1e-9), [EpsilonFairness(e, 3) for e in LEVELS]
    )
    theirs = evenhand.price_of_fairness(costs, 3, LEVELS, gap=1e-9)
    assert isinstance(ours, Frontier)
    assert (ours.measure, ours.p, ours.agents) == (theirs.measure, theirs.p, ("0", "1", "2"))
    assert ours.base_cost == pytest.approx(theirs.base_cost)
    for one, other in zip(ours, theirs, strict=True):
        assert (one.parameter, one.status) == (other.parameter, other.status)
        assert (one.cost, one.price) == pytest.approx((other.cost, other.price), rel=1e-7)
    assert [point.parameter for point in ours] == sorted(LEVELS)


def test_what_is_lost_where_more_is_better() -> None:
    """Ten hours may be worked for 3 and 1 an hour; equality halves what the first earns."""
    model = LinearModel([-3.0, -1.0], [[1.0, 1.0]], -np.inf, 10)

    class Earned:
        def __init__(self, solution):
            self.status, self.loads, self.seconds = solution.status, solution.loads, solution.seconds
            self.objective, self.bound, self.interrupted = -solution.objective, -solution.bound, False

    line = frontier(
        lambda fairness: Earned(solve_fair_milp(model, np.eye(2), fairness)), [JainAtLeast(1.0)], maximise=True
    )
    assert (line.base_cost, line.points[0].cost) == pytest.approx((30.0, 20.0))
    assert line.points[0].price == pytest.approx(1 / 3)


def stopped(at, solution):
    """Return a solve that is stopped by Ctrl-C at `at`, by then with `solution`, and what it was asked."""
    asked = []

    def solve(fairness):
        asked.append(fairness)
        return replace(solution, status="time_limit", interrupted=True) if fairness == at else solution

    return solve, asked


FOUND = FairSolution("optimal", 10.0, 9.0, np.array([4.0, 6.0]), None)


def test_ctrl_c_without_fairness_ends_all_of_it() -> None:
    solve, asked = stopped(None, FOUND)
    line = frontier(solve, [EpsilonFairness(e) for e in LEVELS], names=["a", "b"])
    assert asked == [None]
    assert (line.base_cost, line.points, line.agents, line.p) == (9.0, (), ("a", "b"), 2.0)
    solve, _ = stopped(None, replace(FOUND, bound=None))
    assert frontier(solve, [EpsilonFairness(0.5)]).base_cost == 10.0


def test_ctrl_c_at_a_level_keeps_it_and_those_before() -> None:
    solve, asked = stopped(EpsilonFairness(0.9), FOUND)
    line = frontier(solve, [EpsilonFairness(e) for e in LEVELS])
    assert [point.status for point in line] == ["optimal", "time_limit"]
    assert asked == [None, EpsilonFairness(0.5), EpsilonFairness(0.9)]


def test_ctrl_c_before_any_solution_is_ctrl_c() -> None:
    solve, _ = stopped(None, replace(FOUND, objective=None, loads=None))
    with pytest.raises(KeyboardInterrupt):
        frontier(solve, [EpsilonFairness(0.5)])
