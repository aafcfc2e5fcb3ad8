"""Fairness in Pyomo models: a Block that nonlinear solvers take as it is, and cuts for the linear ones.

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

from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.modeling.forms import Norm, Polyhedron, form_of
from evenhand.modeling.libraries import require
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow, check_loads, check_ranges
from evenhand.modeling.minimised import as_maximised
from evenhand.modeling.outer_approximation import TOLERANCE
from evenhand.modeling.solve import solve_cones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from evenhand.fairness import Fairness
    from evenhand.modeling.rounds import Progress
    from evenhand.modeling.solution import FairSolution

MARK = "_evenhand_fairness"
"""Name of the attribute by which a block is known to be a fairness constraint."""


def fair(loads: Any, fairness: Fairness) -> Any:
    r"""Return a Block that bounds the dispersion of `loads`; assign it to a name of the model.

    The block has a variable ``load[i]`` for each load, from 0 upwards, and its definition. Linear members follow as
    rows, which every solver takes. The others follow as one convex constraint, named ``cone``, for solvers that take
    it: quadratic where p = 2, and :math:`w_i x_i \le k_i^{1/p} t^{1 - 1/p}` with :math:`\sum k_i = t` elsewhere. (A
    member of your own that is neither is known to :func:`solve` alone.) With a linear solver, integers or not, call
    :func:`solve`, which puts cuts in the place of the cone.

    Parameters
    ----------
    loads
        Affine expressions (or variables) of one model, one per agent; non-negativity is part of the constraint.
    fairness
        A member of :mod:`evenhand.fairness`.

    Returns
    -------
    pyomo.environ.Block

    Raises
    ------
    InputError
        Naming the argument that cannot be used.
    MissingExtraError
        Where Pyomo is missing.
    """
    pyo = require("pyomo.environ")
    entries = check_loads(loads, fairness)
    for position, load in enumerate(entries):
        _check_affine(position, load)
    n = len(entries)
    block = pyo.Block(concrete=True)
    setattr(block, MARK, fairness)
    block.load = pyo.Var(range(n), bounds=(0, None))
    block.definition = pyo.Constraint(range(n), rule=lambda _, i: block.load[i] == entries[i])
    form = form_of(fairness, n)
    if isinstance(form, Polyhedron):
        _state_rows(pyo, block, form)
    elif isinstance(form, Norm):
        _state_norm(pyo, block, form)
    return block


def solve(
    model: Any,
    *,
    solver: str = "highs",
    gap: float = 1e-4,
    time_limit: float | None = None,
    cuts: str = "supporting",
    tolerance: float = TOLERANCE,
    progress: Callable[[Progress], None] | None = None,
) -> FairSolution:
    """Solve a linear model with the fairness blocks in it by cuts, and load the solution into its variables.

    Parameters
    ----------
    model
        A Pyomo model, linear but for its fairness blocks, continuous or integer.
    solver
        ``highs``, ``scip`` or ``gurobi``; no executable is needed.
    gap
        Relative gap that must be proven.
    time_limit
        Seconds; None for no limit.
    cuts
        Family of cuts: ``supporting``, ``gradient`` or ``disaggregated``.
    tolerance
        Relative excess of the measure over its bound that is let pass.
    progress
        Called now and then.

    Returns
    -------
    FairSolution
        Its loads are those of all blocks, in the model's order. Without a solution, variables stay as they were.

    Raises
    ------
    InputError
        Where the model has no fairness block, or something in it is not linear.
    """
    pyo = require("pyomo.environ")
    if not isinstance(model, pyo.ConcreteModel | pyo.Block):
        raise InputError(f"model is {type(model).__name__}; give a Pyomo ConcreteModel")
    blocks = list(_fairness_blocks(pyo, model))
    if not blocks:
        raise InputError("model has no active fairness block; add one: model.fair = fair(loads, fairness)")
    linear, columns, maximise = linear_model_of(model, blocks)
    place = {id(variable): column for column, variable in enumerate(columns)}
    cones = [
        ([AffineRow.of([place[id(load)]], [1.0]) for load in block.load.values()], getattr(block, MARK))
        for block in blocks
    ]
    for rows, _ in cones:
        check_ranges(rows, linear.lower, linear.upper)
    limits = {"gap": gap, "time_limit": time_limit, "progress": progress}
    solution = solve_cones(linear, cones, solver=solver, limits=limits, cuts=cuts, tolerance=tolerance)
    if solution.values is not None:
        for variable, value in zip(columns, solution.values.tolist(), strict=True):
            variable.set_value(round(value) if variable.is_integer() else value, skip_validation=True)
    return as_maximised(solution) if maximise else solution


def linear_model_of(model: Any, blocks: Sequence[Any]) -> tuple[LinearModel, Sequence[Any], bool]:
    """Return a Pyomo model without the cones of `blocks` as arrays to be minimised, its variables, and its sense.

    Raises
    ------
    InputError
        Where something is not linear, or there is not just one objective.
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
        # As one problem to minimise, with equalities and both directions of inequalities in one matrix.
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


def _bounds(variable: Any) -> tuple[float, float]:
    low, high = variable.bounds
    return -np.inf if low is None else low, np.inf if high is None else high


def _fairness_blocks(pyo: Any, model: Any) -> Iterator[Any]:
    for block in model.block_data_objects(active=True, descend_into=pyo.Block):
        if hasattr(block, MARK):
            yield block


def _check_affine(position: int, load: Any) -> None:
    """Check that a load is an affine expression."""
    from pyomo.repn import generate_standard_repn

    if getattr(load, "is_indexed", lambda: False)() or not getattr(load, "is_potentially_variable", lambda: False)():
        raise InputError(f"loads[{position}] is {type(load).__name__}; give an affine expression of Pyomo variables")
    if not generate_standard_repn(load, compute_values=True).is_linear():
        raise InputError(f"loads[{position}] is {load}; fairness is of affine expressions")


def _state_rows(pyo: Any, block: Any, form: Polyhedron) -> None:
    rows, extra = form.auxiliaries.shape
    block.auxiliary = pyo.Var(range(extra), bounds=(0, None))

    def row(_: Any, r: int) -> Any:
        total = sum(a * block.load[i] for i, a in enumerate(form.loads[r].tolist()) if a)
        total += sum(a * block.auxiliary[q] for q, a in enumerate(form.auxiliaries[r].tolist()) if a)
        return total == 0 if form.upper[r] == 0.0 else total >= 0

    block.rows = pyo.Constraint(range(rows), rule=row)


def _state_norm(pyo: Any, block: Any, form: Norm) -> None:
    n = len(form.weights)
    t = sum(a * block.load[i] for i, a in enumerate(form.multiple.tolist()))
    carried = [w * block.load[i] for i, w in enumerate(form.weights.tolist())]
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
