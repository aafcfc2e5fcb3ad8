"""Fairness in Gurobi models, by lazy cuts in Gurobi's callback.

>>> import gurobipy
>>> from evenhand import EpsilonFairness
>>> from evenhand.modeling.gurobipy import fair
>>> model = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
>>> hours = [model.addVar(vtype="I", obj=price) for price in (1, 2, 4)]
>>> _ = model.addConstr(gurobipy.quicksum(hours) == 12)
>>> answer = fair(model, hours, EpsilonFairness(0.9, p=2)).solve()
>>> answer.status, [round(load.X) for load in hours]
('optimal', [5, 4, 3])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.first_rows import first_rows
from evenhand.modeling.forms import Polyhedron, form_of
from evenhand.modeling.gurobi_master import GurobiMaster, program_of, solve_in_tree
from evenhand.modeling.joint import Joint
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LazyRows
from evenhand.modeling.loads import (
    AffineRow,
    check_loads,
    check_ranges,
    constant_row,
    names_of,
    require_model,
    require_present,
    unit_of,
)
from evenhand.modeling.model_arrays import Arrays
from evenhand.modeling.outer_approximation import TOLERANCE, Separator, check_limits
from evenhand.modeling.rounds import Progress, Rounds
from evenhand.modeling.solution import FairSolution


class FairCone:
    """A fairness constraint in a Gurobi model.

    :meth:`solve` solves the model under it. If you have a callback already, call the cone from it instead:
    ``model.optimize(lambda model, where: (cone(model, where), mine(model, where)))``, with ``LazyConstraints`` at 1.
    """

    def __init__(
        self,
        model: Any,
        loads: Sequence[Any],
        fairness: Fairness,
        *,
        cuts: str = "supporting",
        tolerance: float = TOLERANCE,
        lazy: LazyRows | None = None,
        first: bool = False,
    ) -> None:
        self._model, self._lazy, self.fairness, self.removed = model, lazy, fairness, False
        self._separator = Separator(fairness, len(loads), cuts, tolerance)
        self._unit = unit_of([_row(load) for load in loads])
        self._loads = model.addMVar(len(loads), lb=0.0)
        for variable, load in zip(self._loads.tolist(), loads, strict=True):
            model.addConstr(variable == load * (1.0 / self._unit))
        self._auxiliaries = model.addMVar(self._separator.auxiliaries, lb=0.0)
        self._columns = [*self._loads.tolist(), *self._auxiliaries.tolist()]
        self._state(self._separator.equalities(), np.zeros(1), self._columns)
        self._own = list(self._columns)
        linear = isinstance(form_of(fairness, len(loads)), Polyhedron)
        if not linear:
            self._state(self._separator.initial(), np.array([np.inf]), self._columns)
        if linear or first:
            rows = first_rows(fairness, len(loads))
            extra = model.addMVar(rows.auxiliaries.shape[1], lb=0.0).tolist()
            self._own += extra
            sense = np.where(rows.upper == 0.0, "=", ">")
            model.addMConstr(rows.matrix, [*self._loads.tolist(), *extra], sense, np.zeros(len(sense)))
        model.update()

    def __call__(self, model: Any, where: int) -> None:
        """Cut off unfair loads of candidate solutions and of node relaxations, as a Gurobi callback."""
        callback = require("gurobipy").GRB.Callback
        # Every candidate is judged anew, and rows are made again: earlier ones may belong to another tree.
        if where == callback.MIPSOL:
            values = np.array(model.cbGetSolution(self._columns))
        elif where == callback.MIPNODE and model.cbGet(callback.MIPNODE_STATUS) == require("gurobipy").GRB.OPTIMAL:
            values = np.array(model.cbGetNodeRel(self._columns))
        else:
            return
        rows = self._separator.cuts(values[: self._separator.n], values[self._separator.n :], again=True)
        for row in rows:
            model.cbLazy(require("gurobipy").LinExpr(row.tolist(), self._columns) >= 0.0)

    def solve(
        self,
        *,
        gap: float = 1e-4,
        time_limit: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        others: Sequence[FairCone] = (),
        target: float | None = None,
    ) -> FairSolution:
        """Solve the model with fair loads: in one tree if it has integers, otherwise in rounds of cuts.

        Parameters
        ----------
        gap
            Relative gap that must be proven.
        time_limit
            Seconds; None for no limit.
        progress
            Function that is called after every round; during a tree, Gurobi reports its own progress.
        others
            Other fairness constraints of the same model, which must hold too.
        target
            Objective at which a tree stops: the first solution as good as this has status ``optimal``, with the bound
            proven so far.

        Returns
        -------
        FairSolution
            The solution, with ``values`` in the order of ``model.getVars()``.

        Raises
        ------
        InputError
            If a constraint was removed.
        """
        check_limits(gap, time_limit)
        cones = [self, *others]
        require_present(cones)
        for cone in cones:
            cone._separator.forget()
        joint = Joint([cone._separator for cone in cones])
        loads = [variable for cone in cones for variable in cone._loads.tolist()]
        if self._model.IsMIP:
            limits = {"MIPGap": gap, "TimeLimit": time_limit, "BestObjStop": target}
            solution = solve_in_tree(self._model, cones, loads, joint, limits, self._lazy)
        else:
            parts = [variable for cone in cones for variable in cone._auxiliaries.tolist()]
            master = GurobiMaster(self._model, loads, parts, self._lazy)
            solution = Rounds(master, joint, gap=gap, time_limit=time_limit, progress=progress).run()
        if solution.loads is None:
            return solution
        units = np.concatenate([np.full(cone._loads.size, cone._unit) for cone in cones])
        return replace(solution, loads=solution.loads * units)

    def remove(self) -> None:
        """Remove the constraint from the model, with all variables and rows that it has added, cuts included."""
        model = self._model
        model.update()
        for variable in self._own:
            column = model.getCol(variable)
            model.remove([column.getConstr(place) for place in range(column.size())])
            model.update()
        model.remove(self._own)
        model.update()
        self._own, self.removed = [], True

    def _state(self, rows: Array, upper: Array, columns: Sequence[Any]) -> None:
        expression = require("gurobipy").LinExpr
        for row, limit in zip(rows.tolist(), np.broadcast_to(upper, len(rows)).tolist(), strict=True):
            total = expression(row, list(columns))
            self._model.addConstr(total == 0.0 if limit == 0.0 else total >= 0.0)


def fair(
    model: Any, loads: Any, fairness: Fairness, *, cuts: str = "supporting", tolerance: float = TOLERANCE
) -> FairCone:
    """Bound the dispersion of `loads` in a Gurobi model.

    Linear members are added as rows, which also hold in ``model.optimize()``. Other members need lazy cuts: call the
    result's ``solve()``, or call the result from your own callback. Some first rows are added at once: with these,
    ``model.optimize()`` finds nearly fair loads (see :mod:`.first_rows`), and :func:`~evenhand.modeling.audit` reports
    how fair they are.

    Parameters
    ----------
    model
        A ``gurobipy.Model``, continuous or integer, to minimise or maximise.
    loads
        Linear expressions of the model, variables or numbers, one per agent. The constraint also keeps them
        non-negative.
    fairness
        A member of :mod:`evenhand.fairness`.
    cuts
        Family of cuts: ``supporting``, ``gradient`` or ``disaggregated``.
    tolerance
        Relative excess of the measure over its bound that is tolerated.

    Returns
    -------
    FairCone
        The constraint.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    MissingExtraError
        If gurobipy is missing.
    """
    expressions, fairness = _expressions(model, loads, fairness)
    check_ranges([_row(load) for load in expressions], *(np.array(model.getAttr(name)) for name in ("LB", "UB")))
    return FairCone(model, expressions, fairness, cuts=cuts, tolerance=tolerance, first=True)


def arrays_of(model: Any, loads: Any, fairness: Fairness) -> Arrays:
    """Return a Gurobi model and its loads as arrays."""
    expressions, fairness = _expressions(model, loads, fairness)
    program = program_of(model, [], [])
    if program is None:
        raise InputError("model is not linear; only its own solve() takes quadratic and general constraints")
    linear = program.model.with_objective(program.model.costs, model.ModelSense * model.ObjCon)
    rows = [_row(load) for load in expressions]
    return Arrays(linear, rows, fairness, names_of(loads), maximise=model.ModelSense < 0)


def _expressions(model: Any, loads: Any, fairness: Fairness) -> tuple[list[Any], Fairness]:
    """Return the loads as linear expressions of the model."""
    gurobipy = require("gurobipy")
    require_model(model, gurobipy.Model, "a gurobipy.Model")
    model.update()
    variables = model.getVars()
    entries, fairness = check_loads(loads, fairness)
    return [_expression(gurobipy, variables, position, load) for position, load in enumerate(entries)], fairness


def _expression(gurobipy: Any, variables: Sequence[Any], position: int, load: Any) -> Any:
    """Return a load as a linear expression of the model."""
    fixed = constant_row(position, load)
    if fixed is not None:
        return gurobipy.LinExpr(fixed.constant)
    scalar = load.item() if getattr(load, "size", 0) == 1 and hasattr(load, "item") else load
    if not isinstance(scalar, gurobipy.Var | gurobipy.LinExpr):
        raise InputError(f"loads[{position}] is {type(load).__name__}; give a linear expression of the Gurobi model")
    expression = gurobipy.LinExpr(scalar)
    for term in range(expression.size()):
        variable = expression.getVar(term)
        place = variable.index
        if not (0 <= place < len(variables) and variables[place].sameAs(variable)):
            raise InputError(
                f"loads[{position}] uses {getattr(variable, 'VarName', 'a variable')!r}, a variable of another model"
            )
    return expression


def _row(load: Any) -> AffineRow:
    """Return a linear expression, or a variable, as a row over columns; the model must be updated."""
    expression = require("gurobipy").LinExpr(load)
    terms = range(expression.size())
    columns = [expression.getVar(term).index for term in terms]
    return AffineRow.of(columns, [expression.getCoeff(term) for term in terms], expression.getConstant())
