"""Fairness in Pyomo models: a Block for nonlinear solvers, and cuts for linear ones.

>>> import pyomo.environ as pyo
>>> from evenhand import EpsilonFairness
>>> from evenhand.modeling.pyomo import fair, solve
>>> model = pyo.ConcreteModel()
>>> model.hours = pyo.Var(range(3), domain=pyo.NonNegativeIntegers)
>>> model.demand = pyo.Constraint(expr=sum(model.hours.values()) == 12)
>>> model.cost = pyo.Objective(expr=model.hours[0] + 2 * model.hours[1] + 4 * model.hours[2])
>>> model.fair = fair(model.hours.values(), EpsilonFairness(0.9, p=2))
>>> solve(model).status, [round(load.value) for load in model.hours.values()]
('optimal', [5, 4, 3])
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.modeling.first_rows import first_rows
from evenhand.modeling.forms import Norm, Polyhedron, form_of
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import (
    AffineRow,
    brief,
    check_loads,
    check_ranges,
    constant_row,
    names_of,
    require_model,
    unit_of,
)
from evenhand.modeling.model_arrays import Arrays
from evenhand.modeling.outer_approximation import TOLERANCE, check_limits, left_of
from evenhand.modeling.rounds import Progress
from evenhand.modeling.solution import FairSolution, as_maximised
from evenhand.modeling.solve_model import Cone, solve_cones

MARK = "_evenhand_fairness"
"""Name of the attribute that marks a block as a fairness constraint, and holds its member."""


def fair(loads: Any, fairness: Fairness) -> Any:
    r"""Return a Block that bounds the dispersion of `loads`; assign it to a name of the model.

    The block has a non-negative variable ``load[i]`` for each load, and a constraint that makes it equal to the
    expression ``given[i]``. Linear members are added as rows, which every solver can handle. Other members are added as
    a convex constraint named ``cone``, for solvers that can handle it: quadratic for p = 2, otherwise
    :math:`w_i x_i \le k_i^{1/p} t^{1 - 1/p}` with :math:`\sum k_i = t`. With a linear solver, with or without integers,
    call :func:`solve`, which replaces the cone by cuts. (A user's own member that is neither linear nor a norm is
    handled by :func:`solve` only.)

    Parameters
    ----------
    loads
        Affine expressions of one model, variables, parameters or numbers, one per agent. The constraint also keeps them
        non-negative.
    fairness
        A member of :mod:`evenhand.fairness`.

    Returns
    -------
    pyomo.environ.Block

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    MissingExtraError
        If Pyomo is missing.
    """
    pyo = require("pyomo.environ")
    entries, fairness = check_loads(loads, fairness)
    unit = unit_of([_row(position, load) for position, load in enumerate(entries)])
    n = len(entries)
    block = pyo.Block(concrete=True)
    setattr(block, MARK, fairness)
    block.load = pyo.Var(range(n), bounds=(0, None))
    block.given = pyo.Expression(range(n), rule=lambda _, i: entries[i])
    block.definition = pyo.Constraint(range(n), rule=lambda _, i: (block.load[i] - block.given[i]) / unit == 0.0)
    carried = [block.load[i] / unit for i in range(n)]
    form = form_of(fairness, n)
    if isinstance(form, Norm):
        _state_norm(pyo, block, carried, form)
    else:
        _state_rows(pyo, block, carried, first_rows(fairness, n))
    return block


def solve(
    model: Any,
    *,
    solver: str = "highs",
    gap: float = 1e-4,
    time_limit: float | None = None,
    cuts: str = "auto",
    tolerance: float = TOLERANCE,
    progress: Callable[[Progress], None] | None = None,
) -> FairSolution:
    """Solve a linear model and its fairness blocks by cuts, and write the solution into its variables.

    Parameters
    ----------
    model
        A Pyomo model, continuous or integer, and linear apart from its fairness blocks.
    solver
        ``highs``, ``scip`` or ``gurobi``; no executable is needed.
    gap
        Relative gap that must be proven.
    time_limit
        Seconds; None for no limit.
    cuts
        ``auto``, ``squares`` or a family of cuts; see :func:`~evenhand.modeling.solve_fair_milp`.
    tolerance
        Relative excess of the measure over its bound that is tolerated.
    progress
        Function that is called with progress reports.

    Returns
    -------
    FairSolution
        The solution, with the loads of all blocks in the model's order. If there is none, the variables keep their
        values.

    Raises
    ------
    InputError
        If the model has no fairness block, or is not linear.
    """
    pyo = require("pyomo.environ")
    require_model(model, pyo.ConcreteModel | pyo.Block, "a Pyomo ConcreteModel")
    blocks = list(_fairness_blocks(pyo, model))
    if not blocks:
        raise InputError("model has no active fairness block; add one: model.fair = fair(loads, fairness)")
    for block in blocks:
        _check_home(model, block)
    check_limits(gap, time_limit)
    start = time.perf_counter()
    linear, columns, maximise = linear_model_of(model, blocks)
    place = {id(variable): column for column, variable in enumerate(columns)}
    cones: list[Cone] = [
        ([_row(position, load.expr, place) for position, load in block.given.items()], getattr(block, MARK))
        for block in blocks
    ]
    units = np.ones(len(columns))
    for block, (rows, _) in zip(blocks, cones, strict=True):
        units[[place[id(load)] for load in block.load.values() if id(load) in place]] = unit_of(rows)
    linear, cones = _in_units(linear, cones, units)
    for rows, _ in cones:
        check_ranges(rows, linear.lower, linear.upper)
    limits = {"gap": gap, "time_limit": left_of(time_limit, start), "progress": progress}
    solution = solve_cones(linear, cones, solver=solver, limits=limits, cuts=cuts, tolerance=tolerance)
    if solution.values is not None:
        values = solution.values * units
        solution = replace(solution, values=values)
        for variable, value in zip(columns, values.tolist(), strict=True):
            variable.set_value(round(value) if variable.is_integer() else value, skip_validation=True)
    return as_maximised(solution) if maximise else solution


def arrays_of(model: Any, loads: Any, fairness: Fairness) -> Arrays:
    """Return a Pyomo model and its loads as arrays; fairness blocks of linear members are kept as rows."""
    from pyomo.common.modeling import unique_component_name

    pyo = require("pyomo.environ")
    require_model(model, pyo.ConcreteModel | pyo.Block, "a Pyomo ConcreteModel")
    entries, fairness = check_loads(loads, fairness)
    for held in _fairness_blocks(pyo, model):
        if held.component("cone") is not None:
            raise InputError(f"model has a rule already; leave it out first: {held.name}.deactivate()")
    name = unique_component_name(model, "evenhand_loads")
    model.add_component(name, fair(entries, EpsilonFairness(0.0)))  # each load a variable of the model
    try:
        block = model.component(name)
        _check_home(model, block)
        linear, columns, maximise = linear_model_of(model, [block])
        place = {id(variable): column for column, variable in enumerate(columns)}
        rows = [_row(position, load, place) for position, load in enumerate(block.load.values())]
    finally:
        model.del_component(name)
    return Arrays(linear, rows, fairness, names_of(loads), maximise=maximise)


def _fairness_blocks(pyo: Any, model: Any) -> Iterator[Any]:
    for block in model.block_data_objects(active=True, descend_into=pyo.Block):
        if hasattr(block, MARK):
            yield block


def _check_home(model: Any, block: Any) -> None:
    """Check that the loads of a fairness block use variables of its own model only.

    Raises
    ------
    InputError
        If they do not; the message names the first variable of another model.
    """
    from pyomo.core.expr.visitor import identify_variables

    for position, given in block.given.items():
        for variable in identify_variables(given.expr):
            if variable.model() is not model.model():
                raise InputError(f"loads[{position}] uses {variable.name!r}, a variable of another model")


def _row(position: int, load: Any, place: Mapping[int, int] | None = None) -> AffineRow:
    """Return a load as a row over columns, which `place` maps from the variables' ids; without it, they are numbered.

    Fixed variables and parameters count with their present values.

    Raises
    ------
    InputError
        If the load is not affine.
    """
    from pyomo.repn import generate_standard_repn

    fixed = constant_row(position, load)
    if fixed is not None:
        return fixed
    if getattr(load, "is_indexed", lambda: False)() or not getattr(load, "is_numeric_type", lambda: False)():
        raise InputError(f"loads[{position}] is {type(load).__name__}; give an affine expression of Pyomo variables")
    try:
        affine = generate_standard_repn(load, compute_values=True)
    except ValueError as error:
        raise InputError(f"loads[{position}] is {brief(load)}; {brief(error)}") from error
    if not affine.is_linear():
        raise InputError(f"loads[{position}] is {brief(load)}; fairness is of affine expressions")
    columns = range(len(affine.linear_vars)) if place is None else [place[id(x)] for x in affine.linear_vars]
    return AffineRow.of(columns, affine.linear_coefs, affine.constant)


def _state_rows(pyo: Any, block: Any, loads: Sequence[Any], form: Polyhedron) -> None:
    block.auxiliary = pyo.Var(range(form.auxiliaries.shape[1]), bounds=(0, None))
    columns = [*loads, *block.auxiliary.values()]
    block.rows = pyo.ConstraintList()
    for places, coefficients, upper in form.terms():
        total = sum(a * columns[place] for place, a in zip(places, coefficients, strict=True))
        block.rows.add(total == 0 if upper == 0.0 else total >= 0)


def _state_norm(pyo: Any, block: Any, loads: Sequence[Any], form: Norm) -> None:
    n = len(form.weights)
    t = sum(a * load for a, load in zip(form.multiple.tolist(), loads, strict=True))
    carried = [w * load for w, load in zip(form.weights.tolist(), loads, strict=True)]
    if form.order == 2:
        block.cone = pyo.Constraint(expr=sum(x**2 for x in carried) <= t**2)
        return
    block.part = pyo.Var(range(n), bounds=(0, None))
    block.whole = pyo.Var(bounds=(0, None))
    block.parts = pyo.Constraint(expr=sum(block.part.values()) == block.whole)
    block.limit = pyo.Constraint(expr=block.whole == t)
    power = 1.0 / form.order
    block.cone = pyo.Constraint(
        range(n), rule=lambda _, i: carried[i] <= block.part[i] ** power * block.whole ** (1.0 - power)
    )


def linear_model_of(model: Any, blocks: Sequence[Any]) -> tuple[LinearModel, Sequence[Any], bool]:
    """Return a Pyomo model as arrays to be minimised, without the cones of `blocks`; its variables; and its sense.

    Raises
    ------
    InputError
        If the model is not linear, or does not have exactly one objective.
    """
    from pyomo.common.errors import InvalidConstraintError, InvalidExpressionError
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    pyo = require("pyomo.environ")
    objectives = list(model.component_data_objects(pyo.Objective, active=True))
    if len(objectives) != 1:
        raise InputError(f"model has {len(objectives)} active objectives; it must have one")
    maximise = objectives[0].sense == pyo.maximize
    cones = [block.cone for block in blocks if block.component("cone") is not None and block.cone.active]
    for cone in cones:
        cone.deactivate()
    try:
        # Pyomo's mixed form has equalities and inequalities of both directions in one matrix.
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    except (InvalidConstraintError, InvalidExpressionError, ValueError) as error:
        raise InputError(f"model is not linear: {error}") from error
    finally:
        for cone in cones:
            cone.activate()
    sense = np.array([row.bound_type for row in form.rows])
    right = np.asarray(form.rhs, dtype=np.float64)
    costs = np.asarray(form.c.toarray(), dtype=np.float64).ravel()
    sign = -1.0 if maximise else 1.0
    bounds = np.array([_bounds(variable) for variable in form.columns], dtype=np.float64).reshape(-1, 2)
    linear = LinearModel(
        sign * costs,
        form.A,
        np.where(sense == 1, -np.inf, right),
        np.where(sense == -1, np.inf, right),
        bounds[:, 0],
        bounds[:, 1],
        np.array([not variable.is_continuous() for variable in form.columns], dtype=bool),
        sign * float(form.c_offset[0]),
    )
    return linear, form.columns, maximise


def _in_units(linear: LinearModel, cones: Sequence[Cone], units: Array) -> tuple[LinearModel, list[Cone]]:
    """Return a model and its fairness constraints with each column divided by its unit."""
    scaled = replace(
        linear,
        costs=linear.costs * units,
        matrix=linear.matrix * units,
        lower=linear.lower / units,
        upper=linear.upper / units,
    )
    rows_of: list[Cone] = [
        ([replace(row, coefficients=row.coefficients * units[row.columns]) for row in rows], fairness)
        for rows, fairness in cones
    ]
    return scaled, rows_of


def _bounds(variable: Any) -> tuple[float, float]:
    low, high = variable.bounds
    return -np.inf if low is None else low, np.inf if high is None else high
