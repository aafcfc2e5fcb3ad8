"""Loads that no variable moves: numbers, parameters, fixed variables, beside those that the model decides."""

from __future__ import annotations

import itertools

import pytest

from evenhand.fairness import EpsilonFairness, HooverAtMost
from evenhand.modeling import LinearModel, solve_fair_milp

FIXED = 4
PRICES = (1, 3)
MEMBERS = (EpsilonFairness(0.9), EpsilonFairness(0.8, 3), HooverAtMost(0.1))


def least(fairness) -> int:
    """Return the least price of at least nine hours of two, when a third works four, by trying all."""
    plans = itertools.product(range(13), repeat=2)
    return min(
        PRICES[0] * a + PRICES[1] * b for a, b in plans if a + b >= 9 and fairness.contains([float(a), b, FIXED])
    )


def by_highspy(fairness, fixed):
    import highspy

    from evenhand.modeling.highspy import fair

    highs = highspy.Highs()
    highs.silent()
    x = [highs.addIntegral(lb=0, ub=12, obj=price) for price in PRICES]
    highs.addConstr(x[0] + x[1] >= 9)
    return fair(highs, [*x, fixed], fairness).solve(gap=1e-9)


def by_pyscipopt(fairness, fixed):
    import pyscipopt

    from evenhand.modeling.pyscipopt import fair

    model = pyscipopt.Model()
    model.hideOutput()
    x = [model.addVar(vtype="I", ub=12, obj=price) for price in PRICES]
    model.addCons(x[0] + x[1] >= 9)
    return fair(model, [*x, fixed], fairness).solve(gap=1e-9)


def by_gurobipy(fairness, fixed):
    gurobipy = pytest.importorskip("gurobipy")
    from evenhand.modeling.gurobipy import fair

    model = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
    x = [model.addVar(vtype="I", ub=12, obj=price) for price in PRICES]
    model.addConstr(x[0] + x[1] >= 9)
    return fair(model, [*x, fixed], fairness).solve(gap=1e-9)


def by_linopy(fairness, fixed):
    import linopy

    from evenhand.modeling.linopy import fair

    model = linopy.Model()
    x = [model.add_variables(lower=0, upper=12, integer=True, name=name) for name in "ab"]
    model.add_constraints(x[0] + x[1] >= 9)
    model.add_objective(PRICES[0] * x[0] + PRICES[1] * x[1])
    return fair(model, [*x, fixed], fairness).solve(gap=1e-9)


def by_pyomo(fairness, fixed):
    from evenhand.modeling.pyomo import fair, solve

    model = pyomo_model()
    model.fair = fair([*model.x.values(), fixed], fairness)
    return solve(model, gap=1e-9)


def pyomo_model():
    import pyomo.environ as pyo

    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2), domain=pyo.Integers, bounds=(0, 12))
    model.demand = pyo.Constraint(expr=model.x[0] + model.x[1] >= 9)
    model.cost = pyo.Objective(expr=PRICES[0] * model.x[0] + PRICES[1] * model.x[1])
    return model


def by_arrays(fairness, fixed):
    model = LinearModel(PRICES, [[1.0, 1.0]], 9, upper=12, integer=True)
    return solve_fair_milp(model, ([[1.0, 0], [0, 1], [0, 0]], [0.0, 0.0, fixed]), fairness, gap=1e-9)


LIBRARIES = {
    "highspy": by_highspy,
    "pyscipopt": by_pyscipopt,
    "gurobipy": by_gurobipy,
    "linopy": by_linopy,
    "pyomo": by_pyomo,
    "arrays": by_arrays,
}


@pytest.mark.parametrize("fixed", [FIXED, float(FIXED)])
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_number_is_a_load(library: str, fixed: float) -> None:
    for fairness in MEMBERS:
        answer = LIBRARIES[library](fairness, fixed)
        assert answer.objective == pytest.approx(least(fairness)), (fairness, answer)
        assert answer.loads[2] == pytest.approx(FIXED)


@pytest.mark.parametrize("fairness", MEMBERS)
def test_a_number_is_a_load_in_cvxpy(fairness) -> None:
    """Without integers, beside arrays: two ways to state the cone."""
    cp = pytest.importorskip("cvxpy")
    from evenhand.modeling.cvxpy import fair

    x = cp.Variable(2, nonneg=True)
    problem = cp.Problem(cp.Minimize(x @ PRICES), [cp.sum(x) >= 9, x <= 12, *fair([x[0], x[1], FIXED], fairness)])
    problem.solve(solver="CLARABEL")
    model = LinearModel(PRICES, [[1.0, 1.0]], 9, upper=12)
    answer = solve_fair_milp(model, ([[1.0, 0], [0, 1], [0, 0]], [0.0, 0.0, FIXED]), fairness)
    assert problem.value == pytest.approx(answer.objective, rel=1e-6)


def test_a_parameter_is_a_load_in_pyomo_and_may_change() -> None:
    import pyomo.environ as pyo

    from evenhand.modeling.pyomo import fair, solve

    for fairness in MEMBERS:
        model = pyomo_model()
        model.third = pyo.Param(initialize=9, mutable=True)
        model.fair = fair([*model.x.values(), model.third], fairness)
        assert solve(model, gap=1e-9).loads[2] == pytest.approx(9)
        model.third = FIXED
        assert solve(model, gap=1e-9).objective == pytest.approx(least(fairness))


@pytest.mark.parametrize("what", ["variable", "load"])
def test_a_fixed_variable_is_a_load_in_pyomo(what: str) -> None:
    """Whether the user's variable is fixed or the block's own; released, it is decided again."""
    import pyomo.environ as pyo

    from evenhand.modeling.pyomo import fair, solve

    for fairness in MEMBERS:
        model = pyomo_model()
        model.third = pyo.Var(bounds=(0, 12))
        model.fair = fair([*model.x.values(), model.third], fairness)
        fixed = model.third if what == "variable" else model.fair.load[2]
        fixed.fix(FIXED)
        assert solve(model, gap=1e-9).objective == pytest.approx(least(fairness))
        fixed.unfix()
        freed = solve(model, gap=1e-9)
        assert freed.objective <= least(fairness)
        assert fairness.contains(freed.loads, 1e-6)
        assert pyo.value(model.fair.given[2]) == pytest.approx(freed.loads[2])
