"""A Gurobi model with fairness cuts: added in its tree, or in rounds if it has no integers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.modeling.joint import Joint
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LazyRows, LinearModel, Program
from evenhand.modeling.master import parameters
from evenhand.modeling.outer_approximation import COARSE
from evenhand.modeling.recession import UNBOUNDED, cut_directions
from evenhand.modeling.solution import FairSolution

FEASIBILITY = 1e-9
"""Feasibility tolerance, Gurobi's tightest: with its default of 1e-6, cuts near the cone could not be distinguished."""

GREATEST = 1e99
"""Absolute value from which on Gurobi's bounds and objectives mean infinity."""

STATUSES = {
    "OPTIMAL": "optimal",
    "USER_OBJ_LIMIT": "optimal",
    "INFEASIBLE": "infeasible",
    "UNBOUNDED": "unbounded",
    "INF_OR_UNBD": "infeasible_or_unbounded",
    "NUMERIC": "numerical_trouble",
    "SUBOPTIMAL": "numerical_trouble",
}


class GurobiMaster:
    """A continuous Gurobi model with variables for loads and auxiliaries; see :class:`~.master.Master`."""

    has_integers = False

    def __init__(
        self, model: Any, loads: Sequence[Any], auxiliaries: Sequence[Any], lazy: LazyRows | None = None
    ) -> None:
        self.model, self._lazy = model, lazy
        self._loads, self._auxiliaries = list(loads), list(auxiliaries)

    @property
    def maximises(self) -> bool:
        """Whether the model maximises."""
        return bool(self.model.ModelSense < 0)

    @property
    def is_lazy(self) -> bool:
        """Whether the model has lazy rows, which are added only when they are violated."""
        return self._lazy is not None

    def program(self) -> Program | None:
        """Return the model with its loads and cuts, to minimise."""
        return program_of(self.model, self._loads, self._auxiliaries)

    @contextmanager
    def idle(self) -> Iterator[None]:
        """Return a context in which the objective is zero."""
        objective, sense = self.model.getObjective(), self.model.ModelSense
        self.model.setObjective(0.0)
        try:
            yield
        finally:
            self.model.setObjective(objective, sense)

    def solve(self, *, relaxed: bool, gap: float, time_limit: float) -> str:
        """Solve the model with its present rows."""
        limit = time_limit if np.isfinite(time_limit) else require("gurobipy").GRB.INFINITY
        with parameters(self.model, {"FeasibilityTol": FEASIBILITY, "TimeLimit": limit, "DualReductions": 0}):
            self.model.optimize()
        return status_of(self.model)

    def objective(self) -> float:
        """Return the objective of the solution found, nan if there is none."""
        return float(self.model.ObjVal) if self.model.SolCount else np.nan

    def bound(self) -> float:
        """Return the objective, which in a continuous model is also the bound."""
        return self.objective()

    def loads(self) -> Array:
        """Return the loads of the solution found, shape (n,)."""
        return np.array([variable.X for variable in self._loads])

    def auxiliaries(self) -> Array:
        """Return the values of the auxiliary variables."""
        return np.array([variable.X for variable in self._auxiliaries])

    def values(self) -> Array:
        """Return the values of all variables."""
        return np.array(self.model.getAttr("X"))

    def add(self, rows: Array) -> None:
        """Add rows over (loads, auxiliaries), each at least 0."""
        columns = [*self._loads, *self._auxiliaries]
        for row in rows.tolist():
            self.model.addConstr(require("gurobipy").LinExpr(row, columns) >= 0.0)

    def rule_out(self) -> bool:
        """Return False: a continuous model has no integral solutions to exclude."""
        return False

    def found(self) -> list[Array]:
        """Return none: a continuous model has no integral solutions."""
        return []

    def showing(self, values: Array) -> AbstractContextManager[None]:
        """Raise: this is needed for integral solutions only."""
        raise NotImplementedError

    def separate(self, *, integral: bool) -> bool:
        """Add the lazy rows that the solution found violates; return whether there were any."""
        rows = [] if self._lazy is None else self._lazy(self.values(), integral)
        variables = self.model.getVars()
        for row in rows:
            for constraint in comparisons(row, variables):
                self.model.addConstr(constraint)
        return len(rows) > 0


def solve_in_tree(
    model: Any,
    cones: Sequence[Any],
    loads: Sequence[Any],
    joint: Joint,
    limits: dict[str, float | None],
    lazy: LazyRows | None,
) -> FairSolution:
    """Solve an integer model in one tree; cones and lazy rows are separated in its callback.

    `limits` are Gurobi parameters by name; those that are None keep their values.
    """
    start = time.perf_counter()
    callback = require("gurobipy").GRB.Callback
    variables = model.getVars()

    def separate(inner: Any, where: int) -> None:
        for cone in cones:
            cone(inner, where)
        if lazy is not None and where == callback.MIPSOL:
            for row in lazy(np.array(inner.cbGetSolution(variables)), True):
                for constraint in comparisons(row, variables):
                    inner.cbLazy(constraint)

    settings = {"LazyConstraints": 1, "MIPGapAbs": 0.0, "FeasibilityTol": FEASIBILITY, "IntFeasTol": FEASIBILITY}
    with parameters(model, {**settings, **{name: value for name, value in limits.items() if value is not None}}):
        model.optimize(separate)
        status = status_of(model)
        if status in UNBOUNDED:
            parts = [variable for cone in cones for variable in cone._auxiliaries.tolist()]
            status = _bounded_first(GurobiMaster(model, loads, parts, lazy), joint, partial(model.optimize, separate))
    if status in ("unbounded", "unbounded_relaxation", "infeasible_or_unbounded"):
        return FairSolution(status, None, None, None, cuts=joint.made, seconds=time.perf_counter() - start)
    bound = float(model.ObjBound)
    known = bound if abs(bound) < GREATEST and status != "infeasible" else None
    interrupted = model.Status == require("gurobipy").GRB.Status.INTERRUPTED
    details: dict[str, Any] = {"cuts": joint.made, "interrupted": interrupted, "seconds": time.perf_counter() - start}
    if not model.SolCount:
        return FairSolution(status, None, known, None, **details)
    found = np.array([variable.X for variable in loads])
    if not (joint.satisfied(found, COARSE) or joint.hidden(found)):
        return FairSolution("numerical_trouble", None, known, None, **details)
    values = np.array(model.getAttr("X"))
    return FairSolution(status, float(model.ObjVal), known, found, values, joint.rules(found), **details)


def _bounded_first(master: GurobiMaster, joint: Joint, optimise: Callable[[], None]) -> str:
    """Cut off the unfair directions of a model that Gurobi calls unbounded, then optimise again; return the status."""
    found = cut_directions(master, joint)
    if found is None:
        return "unbounded_relaxation"
    if not found:
        optimise()
        status = status_of(master.model)
        return "unbounded_relaxation" if status in UNBOUNDED else status
    with master.idle():
        optimise()
        if not master.model.SolCount:
            status = status_of(master.model)
            return status if status in ("infeasible", "time_limit") else "unbounded_relaxation"
    return "unbounded_relaxation" if master.is_lazy else "unbounded"


def program_of(model: Any, loads: Sequence[Any], auxiliaries: Sequence[Any]) -> Program | None:
    """Return a Gurobi model as arrays, to minimise, with the columns of these variables; None if it is not linear."""
    model.update()
    if model.IsQP or model.IsQCP or model.NumSOS or model.NumGenConstrs:
        return None
    senses, right = np.array(model.getAttr("Sense")), np.array(model.getAttr("RHS"))
    costs, kinds = np.array(model.getAttr("Obj")), np.array(model.getAttr("VType"))
    arrays = LinearModel(
        model.ModelSense * costs,
        model.getA(),
        np.where(senses == "<", -np.inf, right),
        np.where(senses == ">", np.inf, right),
        np.array(model.getAttr("LB")),
        np.array(model.getAttr("UB")),
        kinds != "C",
    )
    return Program(arrays, *(np.array([x.index for x in these], dtype=np.int32) for these in (loads, auxiliaries)))


def comparisons(row: tuple[Any, Any, float, float], variables: Sequence[Any]) -> list[Any]:
    """Return a lazy row as Gurobi comparisons, one for each finite side."""
    columns, coefficients, lower, upper = row
    total = require("gurobipy").LinExpr([float(a) for a in coefficients], [variables[int(j)] for j in columns])
    sides = []
    if np.isfinite(lower):
        sides.append(total >= float(lower))
    if np.isfinite(upper):
        sides.append(total <= float(upper))
    return sides


def status_of(model: Any) -> str:
    """Return Gurobi's status in the terms of :class:`.solution.FairSolution`."""
    codes = require("gurobipy").GRB.Status
    status = {getattr(codes, name): word for name, word in STATUSES.items()}.get(model.Status, "time_limit")
    # For unbounded integer models, Gurobi may report an optimum of infinity.
    return "unbounded" if status == "optimal" and not abs(model.ObjVal) < GREATEST else status


def gurobi_of(model: LinearModel) -> tuple[Any, Any]:
    """Return the model as a silent ``gurobipy.Model``, and its variables in order."""
    gurobipy = require("gurobipy")
    built = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
    variables = built.addMVar(len(model.costs), lb=model.lower, ub=model.upper, obj=model.costs)
    variables.vtype = np.where(model.integer, "I", "C")
    closed_below, closed_above = np.isfinite(model.row_lower), np.isfinite(model.row_upper)
    for chosen, bound, sense in ((closed_below, model.row_lower, ">"), (closed_above, model.row_upper, "<")):
        if chosen.any():
            built.addMConstr(model.matrix[chosen], variables, sense, bound[chosen])
    built.ObjCon = model.offset
    built.update()
    return built, variables
