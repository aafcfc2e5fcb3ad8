"""Conic solves of continuous models: beside cuts on few loads, beside CVXPY on many."""

from __future__ import annotations

from types import SimpleNamespace

import cvxpy as cp
import numpy as np
import pytest
from continuous import draw
from scipy import sparse

from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast, MaxOverMean
from evenhand.modeling import LinearModel, highs_run, solve_fair_milp
from evenhand.modeling.conic import solved
from evenhand.modeling.continuous import MANY, solve_continuous
from evenhand.modeling.loads import rows_of

TOLERANCE = 1e-9


@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 60), marks=pytest.mark.slow)], ids=str)
def test_it_agrees_with_cuts_on_few_loads(seeds: range) -> None:
    """Optimum, shadow price and infeasibility of random models; what is not a norm is left to cuts."""
    solved = refused = 0
    for seed in seeds:
        model, loads, members = draw(seed)
        rows = rows_of(loads, len(model.costs))
        for fairness in members:
            answer = solve_continuous(model, rows, fairness, TOLERANCE, None)
            if isinstance(fairness, GiniAtMost | MaxOverMean) or fairness.power_form(len(rows)) is None:
                assert answer is None
                continue
            if answer is None:  # a solver may give up; then cuts go on
                refused += 1
                continue
            cut = solve_fair_milp(model, loads, fairness)
            assert answer.status == cut.status, (seed, fairness)
            if cut.objective is None:
                continue
            solved += 1
            assert answer.objective == pytest.approx(cut.objective, rel=1e-6)
            assert answer.gap < 1e-6
            assert answer.loads == pytest.approx(loads @ answer.values, abs=1e-6)
            assert fairness.contains(answer.loads, TOLERANCE)
            if not cut.loads.any():
                assert answer.shadow_price is cut.shadow_price is None
                continue
            assert answer.shadow_price == pytest.approx(cut.shadow_price, rel=1e-3, abs=1e-3), (seed, fairness)
    assert solved > 3 * len(seeds)
    assert refused <= len(seeds) // 10


@pytest.mark.parametrize("fairness", [EpsilonFairness(0.8), EpsilonFairness(0.7, 3), JainAtLeast(0.9), CVAtMost(0.3)])
def test_many_loads_agree_with_the_cone_in_cvxpy(fairness) -> None:
    """Each of 80 loads has a floor of its own; what is between them and 40 carries more to be fair costs."""
    n = 2 * MANY + 40
    rng = np.random.default_rng(3)
    floor, costs = rng.lognormal(1.0, 0.8, n), rng.uniform(1.0, 2.0, n)
    model = LinearModel(costs, np.eye(n), row_lower=floor, upper=floor + 20.0, offset=5.0)
    answer = solve_fair_milp(model, np.eye(n), fairness)
    x = cp.Variable(n)
    order, limit = fairness.power_form(n)
    cone = n ** (-1.0 / order) * cp.pnorm(x, order, approx=False) <= limit * cp.sum(x) / n
    problem = cp.Problem(cp.Minimize(costs @ x + 5.0), [x >= floor, x <= floor + 20.0, cone])
    problem.solve(solver=cp.CLARABEL)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(problem.value, rel=1e-6)
    assert fairness.contains(answer.loads, TOLERANCE)
    assert answer.rounds == 1, "one conic solve"
    assert np.all(answer.values >= floor - 1e-6)


def test_units_of_costs_and_loads_do_not_matter() -> None:
    n = MANY + 10
    rng = np.random.default_rng(5)
    floor, costs = rng.lognormal(1.0, 0.8, n), rng.uniform(1.0, 2.0, n)
    answers = [
        solve_fair_milp(
            LinearModel(price * costs, np.eye(n), row_lower=size * floor, upper=size * (floor + 20.0)),
            np.eye(n),
            EpsilonFairness(0.9),
        )
        for price, size in ((1.0, 1.0), (1e6, 1e-3), (1e-6, 1e4))
    ]
    for (price, size), answer in zip(((1e6, 1e-3), (1e-6, 1e4)), answers[1:], strict=True):
        assert answer.objective == pytest.approx(price * size * answers[0].objective, rel=1e-6)


def test_many_loads_that_cannot_be_fair_are_infeasible() -> None:
    """One must carry 10, the others at most 1 of it: their CV is at least sqrt(n) * 9 / (n + 9), about 1.1."""
    n = MANY + 20
    floor, ceiling = np.zeros(n), np.ones(n)
    floor[0] = ceiling[0] = 10.0
    model = LinearModel(np.ones(n), np.eye(n), floor, np.inf, upper=ceiling)
    assert solve_fair_milp(model, np.eye(n), CVAtMost(0.9)).status == "infeasible"
    least = float(CVAtMost(1.0).level(np.append(10.0, np.ones(n - 1))))
    assert solve_fair_milp(model, np.eye(n), CVAtMost(least + 1e-4)).status == "optimal"
    assert solve_fair_milp(model, np.eye(n), CVAtMost(least - 1e-4)).status == "infeasible"


def test_what_is_fair_as_it_is_stays_at_its_vertex() -> None:
    n = MANY + 5
    model = LinearModel(np.ones(n), np.eye(n), row_lower=0.0)
    answer = solve_fair_milp(model, np.eye(n), EpsilonFairness(0.5))
    assert (answer.objective, answer.level, answer.shadow_price) == (0.0, 1.0, None)
    assert not answer.loads.any()


def test_unbounded_models_are_told_so() -> None:
    n = MANY + 5
    model = LinearModel(-np.ones(n), np.eye(n), row_lower=0.0)
    assert solve_fair_milp(model, np.eye(n), EpsilonFairness(0.5)).status == "unbounded"


def almost(x, slack, dual):
    """Return an answer to min x, x - 1 >= 0, that is called almost solved."""
    return SimpleNamespace(status="AlmostSolved", x=[x], s=[slack], z=[dual])


@pytest.mark.parametrize(
    ("x", "slack", "dual", "good"),
    [
        (1.0, 0.0, 1.0, True),
        (1.0 + 3e-7, 3e-7, 1.0, True),
        (1.0 + 3e-6, 3e-6, 1.0, False),  # a gap
        (1.0 - 9e-6, 0.0, 1.0 - 9e-6, False),  # not within x >= 1, as the slack pretends
        (1.0, 0.0, 1.0 + 3e-6, False),  # the dual pays more than x costs
        (2.0, 1.0, 1.0, False),
    ],
)
def test_what_is_almost_solved_is_judged_by_its_numbers(x, slack, dual, good) -> None:
    costs, matrix, right = np.ones(1), sparse.csc_matrix([[-1.0]]), -np.ones(1)
    assert solved(almost(x, slack, dual), costs, matrix, right) is good


def test_other_answers_are_what_they_are_called() -> None:
    costs, matrix, right = np.ones(1), sparse.csc_matrix([[-1.0]]), -np.ones(1)
    answers = {status: SimpleNamespace(status=status) for status in ("Solved", "MaxTime", "AlmostPrimalInfeasible")}
    told = {status: solved(answer, costs, matrix, right) for status, answer in answers.items()}
    assert told == {"Solved": True, "MaxTime": False, "AlmostPrimalInfeasible": False}


def test_ctrl_c_in_the_cheapest_ends_it(monkeypatch) -> None:
    monkeypatch.setattr(highs_run, "run", lambda highs: "interrupted")
    n = MANY + 5
    answer = solve_fair_milp(LinearModel(np.ones(n), np.eye(n), row_lower=1.0), np.eye(n), EpsilonFairness(0.5))
    assert (answer.status, answer.interrupted, answer.objective) == ("time_limit", True, None)
