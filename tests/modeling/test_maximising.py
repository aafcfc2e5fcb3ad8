"""Models that maximise, solved, changed and solved again, in each library; two rules at once; fixed variables."""

from __future__ import annotations

import itertools

import pytest

from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, GiniAtMost

FAIR = EpsilonFairness(0.9)
EARNED = (3, 2, 1)


def best(first_at_most: int = 8, *, also=None) -> int:
    """Return the most that is earned by up to 12 hours of three people, 8 each, by trying all."""
    return max(
        sum(rate * hours for rate, hours in zip(EARNED, plan, strict=True))
        for plan in itertools.product(range(9), repeat=3)
        if plan[0] <= first_at_most and sum(plan) <= 12 and FAIR.contains(plan) and (also is None or also(plan))
    )


def test_highspy_twice() -> None:
    import highspy

    from evenhand.modeling.highspy import fair

    highs = highspy.Highs()
    highs.silent()
    highs.setOptionValue("mip_rel_gap", 0.123)
    x = [highs.addIntegral(lb=0, ub=8, obj=rate) for rate in EARNED]
    highs.addConstr(x[0] + x[1] + x[2] <= 12)
    highs.setMaximize()
    cone = fair(highs, x, FAIR)
    answer = cone.solve(gap=1e-9)
    assert (answer.objective, answer.bound) == pytest.approx((best(), best()))
    assert highs.getOptionValue("mip_rel_gap")[1] == 0.123, "the user's options are put back"
    highs.addConstr(x[0] <= 3)
    assert cone.solve(gap=1e-9).objective == pytest.approx(best(3))
    other = fair(highs, [x[0], x[2]], GiniAtMost(0.05))
    both = cone.solve(gap=1e-9, others=[other])
    assert both.objective == pytest.approx(best(3, also=lambda plan: GiniAtMost(0.05).contains([plan[0], plan[2]])))


def test_pyscipopt_puts_its_limits_back() -> None:
    """Whatever ends the solve; a solve of the user's own may go on in its tree, and ours after it."""
    import pyscipopt

    from evenhand.modeling.pyscipopt import fair

    model = pyscipopt.Model()
    model.hideOutput()
    x = [model.addVar(vtype="I", ub=8, obj=-rate) for rate in EARNED]
    model.addCons(x[0] + x[1] + x[2] <= 12)
    own = {"limits/gap": 0.25, "limits/time": 1234.0, "limits/primal": -1e5, "timing/clocktype": 1}
    for name, value in own.items():
        model.setParam(name, value)
    cone = fair(model, x, FAIR)
    for options in ({}, {"time_limit": 50.0}, {"time_limit": 50.0, "target": -1.0}):
        assert cone.solve(gap=1e-9, **options).status == "optimal"
        assert {name: model.getParam(name) for name in own} == own
        model.freeTransform()
    with pytest.raises(InputError, match="gap is -1"):
        cone.solve(gap=-1)
    model.optimize()
    assert model.getGap() <= 0.25, "a solve of the user's own ends where the user wants it"
    assert -cone.solve(gap=1e-9, time_limit=50.0).objective == best()


def test_pyscipopt_twice() -> None:
    import pyscipopt

    from evenhand.modeling.pyscipopt import fair

    model = pyscipopt.Model()
    model.hideOutput()
    x = [model.addVar(vtype="I", ub=8) for _ in EARNED]
    model.addCons(x[0] + x[1] + x[2] <= 12)
    model.setObjective(3 * x[0] + 2 * x[1] + x[2], "maximize")
    cone = fair(model, x, FAIR)
    answer = cone.solve(gap=1e-9)
    assert (answer.objective, answer.bound) == pytest.approx((best(), best()))
    model.freeTransform()
    model.addCons(x[0] <= 3)
    fair(model, [x[0], x[2]], GiniAtMost(0.05))
    expected = best(3, also=lambda plan: GiniAtMost(0.05).contains([plan[0], plan[2]]))
    assert cone.solve(gap=1e-9).objective == pytest.approx(expected)


def test_gurobipy_twice() -> None:
    gurobipy = pytest.importorskip("gurobipy")
    from evenhand.modeling.gurobipy import fair

    model = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
    x = model.addVars(3, vtype="I", ub=8)
    model.addConstr(x.sum() <= 12)
    model.setObjective(3 * x[0] + 2 * x[1] + x[2], gurobipy.GRB.MAXIMIZE)
    cone = fair(model, x, FAIR)
    answer = cone.solve(gap=1e-9)
    assert (answer.objective, answer.bound) == pytest.approx((best(), best()))
    assert model.Params.LazyConstraints == 0
    model.addConstr(x[0] <= 3)
    assert cone.solve(gap=1e-9).objective == pytest.approx(best(3))


def test_linopy_holds_loads_non_negative_by_itself() -> None:
    import linopy

    from evenhand.modeling.linopy import fair

    model = linopy.Model()
    x = model.add_variables(lower=-5, upper=10, coords=[range(3)])
    model.add_constraints(x.sum() == 6)
    model.add_objective((x * [1, 2, 4]).sum(), sense="max")
    fair(model, x, EpsilonFairness(0.1, float("inf")))
    model.solve("highs", output_flag=False)
    found = x.solution.values
    assert found.min() >= -1e-9
    assert EpsilonFairness(0.1, float("inf")).contains(found.clip(0.0), 1e-6)


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_linopy_and_pyomo(solver: str) -> None:
    import linopy
    import pyomo.environ as pyo

    from evenhand.modeling import linopy as of_linopy, pyomo as of_pyomo

    model = linopy.Model()
    x = model.add_variables(lower=0, upper=8, integer=True, coords=[range(3)])
    model.add_constraints(x.sum() <= 12)
    model.add_objective((x * list(EARNED)).sum(), sense="max")
    assert of_linopy.fair(model, x, FAIR).solve(solver=solver, gap=1e-9).objective == pytest.approx(best())
    assert model.objective.value == pytest.approx(best())

    other = pyo.ConcreteModel()
    other.x = pyo.Var(range(3), bounds=(0, 8), domain=pyo.Integers)
    other.limit = pyo.Constraint(expr=sum(other.x.values()) <= 12)
    other.earned = pyo.Objective(expr=3 * other.x[0] + 2 * other.x[1] + other.x[2] + 5, sense=pyo.maximize)
    other.fair = of_pyomo.fair(other.x, FAIR)
    answer = of_pyomo.solve(other, solver=solver, gap=1e-9)
    assert (answer.objective, answer.bound) == pytest.approx((best() + 5, best() + 5))
    assert pyo.value(other.earned) == best() + 5
    other.x[0].fix(3)
    other.pair = of_pyomo.fair([other.x[0], other.x[2]], GiniAtMost(0.05))
    expected = best(3, also=lambda plan: plan[0] == 3 and GiniAtMost(0.05).contains([plan[0], plan[2]]))
    assert of_pyomo.solve(other, solver=solver, gap=1e-9).objective == pytest.approx(expected + 5)
    assert other.x[0].value == 3
