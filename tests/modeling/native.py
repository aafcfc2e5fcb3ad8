"""One linear model written in each library's own words, solved with that library's `fair`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from evenhand.fairness import Fairness
    from evenhand.modeling import LinearModel


def rows(model: LinearModel) -> list[tuple[list[int], list[float], float, float]]:
    """Return columns, coefficients and both sides of each row."""
    matrix = model.matrix
    return [
        (matrix.indices[start:stop].tolist(), matrix.data[start:stop].tolist(), float(low), float(high))
        for start, stop, low, high in zip(
            matrix.indptr[:-1], matrix.indptr[1:], model.row_lower, model.row_upper, strict=True
        )
    ]


def affine(row: Any, variables: Any) -> Any:
    """Return a dense row times variables, in whatever algebra they have."""
    return sum(float(a) * variables[j] for j, a in enumerate(np.asarray(row).tolist()) if a)


def stated(loads: np.ndarray, constants: np.ndarray | None, variables: Any) -> list[Any]:
    """Return the loads as expressions."""
    rows = [affine(row, variables) for row in loads]
    return rows if constants is None else [row + float(a) if a else row for row, a in zip(rows, constants, strict=True)]


def bound_rows(model: LinearModel, variables: Any, add: Callable[[Any], Any]) -> None:
    """Add every row as comparisons."""
    for columns, coefficients, low, high in rows(model):
        if not columns:
            assert low <= 0.0 <= high, "an empty row is left out where it holds"
            continue
        total = sum(a * variables[j] for j, a in zip(columns, coefficients, strict=True))
        if low == high:
            add(total == low)
            continue
        if np.isfinite(low):
            add(total >= low)
        if np.isfinite(high):
            add(total <= high)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def with_highspy(
    model: LinearModel, loads: np.ndarray, fairness: Fairness, constants: Any = None, **options: Any
) -> Any:
    import highspy

    from evenhand.modeling.highspy import fair

    highs = highspy.Highs()
    highs.silent()
    kinds = highspy.HighsVarType
    variables = [
        highs.addVariable(lb=low, ub=high, obj=cost, type=kinds.kInteger if integer else kinds.kContinuous)
        for cost, low, high, integer in zip(model.costs, model.lower, model.upper, model.integer, strict=True)
    ]
    bound_rows(model, variables, highs.addConstr)
    return fair(highs, stated(loads, constants, variables), fairness).solve(**options)


def with_pyscipopt(
    model: LinearModel, loads: np.ndarray, fairness: Fairness, constants: Any = None, **options: Any
) -> Any:
    import pyscipopt

    from evenhand.modeling.pyscipopt import fair

    scip = pyscipopt.Model()
    scip.hideOutput()
    variables = [
        scip.addVar(lb=_finite(low), ub=_finite(high), obj=float(cost), vtype="I" if integer else "C")
        for cost, low, high, integer in zip(model.costs, model.lower, model.upper, model.integer, strict=True)
    ]
    bound_rows(model, variables, scip.addCons)
    return fair(scip, stated(loads, constants, variables), fairness).solve(**options)


def with_gurobipy(
    model: LinearModel, loads: np.ndarray, fairness: Fairness, constants: Any = None, **options: Any
) -> Any:
    import gurobipy

    from evenhand.modeling.gurobipy import fair

    gurobi = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
    variables = [
        gurobi.addVar(lb=low, ub=high, obj=cost, vtype="I" if integer else "C")
        for cost, low, high, integer in zip(model.costs, model.lower, model.upper, model.integer, strict=True)
    ]
    bound_rows(model, variables, gurobi.addConstr)
    return fair(gurobi, stated(loads, constants, variables), fairness).solve(**options)


def with_linopy(
    model: LinearModel, loads: np.ndarray, fairness: Fairness, constants: Any = None, **options: Any
) -> Any:
    import linopy

    from evenhand.modeling.linopy import fair

    built = linopy.Model()
    variables = [
        built.add_variables(lower=low, upper=high, integer=bool(integer), name=f"x{j}")
        for j, (low, high, integer) in enumerate(zip(model.lower, model.upper, model.integer, strict=True))
    ]
    bound_rows(model, variables, built.add_constraints)
    built.add_objective(affine(model.costs, variables))
    return fair(built, stated(loads, constants, variables), fairness).solve(**options)


def pyomo_model(model: LinearModel, loads: np.ndarray, fairness: Fairness, constants: Any = None) -> Any:
    """Return the model with its fairness block."""
    import pyomo.environ as pyo

    from evenhand.modeling.pyomo import fair

    built = pyo.ConcreteModel()
    bounds = list(zip(map(_finite, model.lower), map(_finite, model.upper), strict=True))
    built.x = pyo.Var(range(len(bounds)), bounds=lambda _, j: bounds[j])
    for j, integer in enumerate(model.integer.tolist()):
        built.x[j].domain = pyo.Integers if integer else pyo.Reals
    built.rows = pyo.ConstraintList()
    bound_rows(model, built.x, built.rows.add)
    built.cost = pyo.Objective(expr=affine(model.costs, built.x))
    built.fair = fair(stated(loads, constants, built.x), fairness)
    return built


def with_pyomo(model: LinearModel, loads: np.ndarray, fairness: Fairness, constants: Any = None, **options: Any) -> Any:
    from evenhand.modeling.pyomo import solve

    return solve(pyomo_model(model, loads, fairness, constants), **options)


ADAPTERS = {
    "highspy": with_highspy,
    "pyscipopt": with_pyscipopt,
    "gurobipy": with_gurobipy,
    "linopy": with_linopy,
    "pyomo": with_pyomo,
}
