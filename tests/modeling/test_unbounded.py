"""Models that only their fairness bounds, models that nothing bounds, and what is said of them."""

from __future__ import annotations

import cvxpy
import numpy as np
import pyscipopt
import pytest
from tests.modeling.native import with_gurobipy, with_highspy, with_pyscipopt

from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, MaxOverMean
from evenhand.modeling import LinearModel, solve_fair_milp
from evenhand.modeling.pyscipopt import fair as fair_in_scip

SOLVERS = ["highs", "scip", "gurobi"]
KINDS = [False, [True, True, False, False], True]


@pytest.mark.parametrize("integer", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_fairness_alone_bounds_a_model(solver, integer) -> None:
    """Loads (t, t, 1, 1) have a CV of (t - 1) / (t + 1), which is 0.9 at t = 19; unequal ones gain nothing."""
    model = LinearModel([-1, -1, 0, 0], [[0, 0, 1, 0], [0, 0, 0, 1]], 1, 1, integer=integer)
    answer = solve_fair_milp(model, np.eye(4), CVAtMost(0.9), solver=solver)
    assert (answer.status, answer.objective) == ("optimal", pytest.approx(-38.0))
    assert answer.loads == pytest.approx([19.0, 19, 1, 1], abs=0.01)  # the optimum is flat


@pytest.mark.parametrize("cuts", ["supporting", "gradient", "disaggregated"])
def test_every_family_of_cuts_bounds_it(cuts) -> None:
    model = LinearModel([-1, -1, 0, 0], [[0, 0, 1, 0], [0, 0, 0, 1]], 1, 1)
    assert solve_fair_milp(model, np.eye(4), CVAtMost(0.9), cuts=cuts).objective == pytest.approx(-38.0)


@pytest.mark.parametrize("native", [with_highspy, with_gurobipy])
@pytest.mark.parametrize("integer", KINDS)
def test_fairness_alone_bounds_a_model_of_the_library(native, integer) -> None:
    model = LinearModel([-1, -1, 0, 0], [[0, 0, 1, 0], [0, 0, 0, 1]], 1, 1, integer=integer)
    answer = native(model, np.eye(4), CVAtMost(0.9))
    assert (answer.status, answer.objective) == ("optimal", pytest.approx(-38.0))


@pytest.mark.parametrize("fairness", [CVAtMost(0.5), GiniAtMost(0.3), MaxOverMean(1.5), EpsilonFairness(0.9, p=3)])
@pytest.mark.parametrize("integer", [False, [True, False], True])
@pytest.mark.parametrize("solver", SOLVERS)
def test_equal_loads_that_grow_for_ever_are_unbounded(solver, integer, fairness) -> None:
    model = LinearModel([-1, -1], [[1, -1]], 0, 0, integer=integer)
    answer = solve_fair_milp(model, np.eye(2), fairness, solver=solver)
    assert (answer.status, answer.objective, answer.bound) == ("unbounded", None, None)


@pytest.mark.parametrize("native", [with_highspy, with_gurobipy])
@pytest.mark.parametrize("integer", [False, [True, False], True])
def test_a_library_s_own_model_is_called_unbounded(native, integer) -> None:
    assert native(LinearModel([-1, -1], [[1, -1]], 0, 0, integer=integer), np.eye(2), CVAtMost(0.5)).status == (
        "unbounded"
    )


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_variable_that_no_load_knows_makes_a_model_unbounded(solver) -> None:
    model = LinearModel([1, 1, -1], [[1, 1, 0]], 4, 4, integer=[True, True, False])
    assert solve_fair_milp(model, np.eye(2, 3), CVAtMost(0.1), solver=solver).status == "unbounded"


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_has_no_integral_solution_is_not_unbounded(solver) -> None:
    """2 x - 2 y = 1 holds for no whole numbers, however far the relaxation goes."""
    model = LinearModel([-1, -1], [[2, -2]], 1, 1, upper=[np.inf, np.inf], integer=True)
    answer = solve_fair_milp(model, np.eye(2), CVAtMost(0.9), solver=solver, time_limit=20)
    assert answer.status == "infeasible"


@pytest.mark.parametrize("n", [2, 12])
def test_what_has_no_fair_solution_is_not_unbounded(n) -> None:
    """The last variable falls for ever, but loads half of which are 1 and half 3 are never fair: their CV is 0.5."""
    carried = np.tile([1.0, 3.0], n // 2)
    model = LinearModel([*np.zeros(n), -1], np.eye(n, n + 1), carried, carried)
    assert solve_fair_milp(model, np.eye(n, n + 1), CVAtMost(0.4)).status == "infeasible"
    assert solve_fair_milp(model, np.eye(n, n + 1), CVAtMost(0.6)).status == "unbounded"


def test_nothing_is_claimed_of_lazy_rows_along_a_direction() -> None:
    def lazy(values, integral):
        return [([0], [1.0], -np.inf, 5.0)] if values[0] > 5.0 + 1e-9 else []

    model = LinearModel([-1, -1], [[1, -1]], 0, 0)
    assert solve_fair_milp(model, np.eye(2), CVAtMost(0.5), lazy=lazy).status == "unbounded_relaxation"


@pytest.mark.parametrize("seed", range(60))
def test_statuses_and_optima_are_those_of_a_conic_solver(seed) -> None:
    """Random models, most of which rows and bounds leave open."""
    rng = np.random.default_rng((seed, 5))
    n, k = int(rng.integers(2, 5)), 6
    costs = np.round(rng.normal(size=k), 2)
    matrix, right = np.round(rng.normal(size=(3, k)), 1), np.round(rng.uniform(1, 5, 3), 1)
    loads = np.round(rng.uniform(0, 2, (n, k)), 1) * (rng.random((n, k)) < 0.6)
    loads[:, 0] += 1.0
    cv = float(np.round(rng.uniform(0.05, 0.9), 2))
    answer = solve_fair_milp(LinearModel(costs, matrix, -np.inf, right), loads, CVAtMost(cv))
    x = cvxpy.Variable(k, nonneg=True)
    carried = loads @ x
    mean = cvxpy.sum(carried) / n
    fair = cvxpy.norm(carried - mean) <= cv * np.sqrt(n) * mean
    second = cvxpy.Problem(cvxpy.Minimize(costs @ x), [matrix @ x <= right, fair])
    second.solve(solver="CLARABEL")
    assert answer.status == second.status
    if answer.status == "optimal":
        assert answer.objective == pytest.approx(second.value, rel=1e-5, abs=1e-5)


def in_scip(costs, bounds, sense):
    """Return a SCIP model of (x, y, 1, 1) with these costs, and its variables."""
    scip = pyscipopt.Model()
    scip.hideOutput()
    variables = [scip.addVar(lb=low, ub=high) for low, high in bounds]
    scip.setObjective(pyscipopt.quicksum(a * x for a, x in zip(costs, variables, strict=True)) + 5.0, sense)
    return scip, variables


@pytest.mark.parametrize(("sign", "sense"), [(-1.0, "minimize"), (1.0, "maximize")])
def test_fairness_alone_bounds_a_model_of_scip(sign, sense) -> None:
    scip, loads = in_scip([sign, sign, 0, 0], [(0, None), (0, None), (1, 1), (1, 1)], sense)
    answer = fair_in_scip(scip, loads, CVAtMost(0.9)).solve()
    assert (answer.status, answer.objective) == ("optimal", pytest.approx(5.0 + sign * 38.0))
    assert answer.loads == pytest.approx([19.0, 19, 1, 1], abs=0.01)


@pytest.mark.parametrize("integer", [False, [True, False], True])
@pytest.mark.parametrize("fairness", [CVAtMost(0.5), GiniAtMost(0.3), EpsilonFairness(0.9, p=3)])
def test_scip_tells_no_objective_of_what_is_unbounded(integer, fairness) -> None:
    answer = with_pyscipopt(LinearModel([-1, -1], [[1, -1]], 0, 0, integer=integer), np.eye(2), fairness)
    assert (answer.status, answer.objective, answer.bound) == ("unbounded", None, None)


def test_scip_s_objective_is_put_back_after_directions() -> None:
    """A further bound makes the model bounded: 3 each, one more for the offset of 5."""
    scip, loads = in_scip([1, 1], [(0, None), (0, None)], "maximize")
    cone = fair_in_scip(scip, loads, CVAtMost(0.5))
    assert cone.solve().status == "unbounded"
    scip.addCons(loads[0] + loads[1] <= 6)
    assert cone.solve().objective == pytest.approx(11.0)


def test_what_scip_cannot_see_is_not_called_unbounded() -> None:
    """A quadratic row keeps directions from being asked; x = y grow for ever, but SCIP knows a relaxation alone."""
    scip, (x, y, z) = in_scip([-1, -1, 0], [(0, None), (0, None), (0, 1)], "minimize")
    scip.addCons(z * z <= 1)
    answer = fair_in_scip(scip, [x, y], CVAtMost(0.5)).solve(time_limit=20)
    assert answer.status in ("unbounded_relaxation", "numerical_trouble")
    assert answer.objective is None


@pytest.mark.parametrize("seed", [*range(12), 148, 211, 213, 368, 387, 413])
def test_scip_agrees_on_what_is_unbounded(seed) -> None:
    """At the last six SCIP's LP solver failed when it was left alone with points."""
    model, loads, fairness = drawn(seed)
    answer, other = with_pyscipopt(model, loads, fairness), solve_fair_milp(model, loads, fairness)
    assert answer.status == other.status
    if answer.status == "optimal":
        assert answer.objective == pytest.approx(other.objective, rel=1e-5, abs=1e-5)
    else:
        assert answer.objective is None


def drawn(seed):
    """Return a random model that rows and bounds may leave open, its loads, and a rule."""
    rng = np.random.default_rng((seed, 5))
    n, k = int(rng.integers(2, 5)), 6
    costs = np.round(rng.normal(size=k), 2)
    matrix, right = np.round(rng.normal(size=(3, k)), 1), np.round(rng.uniform(1, 5, 3), 1)
    loads = np.round(rng.uniform(0, 2, (n, k)), 1) * (rng.random((n, k)) < 0.6)
    loads[:, 0] += 1.0
    cv = float(np.round(rng.uniform(0.05, 0.9), 2))
    members = [CVAtMost(cv), EpsilonFairness(0.95, p=3), EpsilonFairness(0.99), CVAtMost(0.01), GiniAtMost(0.1)]
    return LinearModel(costs, matrix, -np.inf, right), loads, members[seed % 5]
