"""A Gurobi model to which fairness cuts are added: in its tree, or in rounds where it has no integers."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.modeling.libraries import require
from evenhand.modeling.outer_approximation import COARSE
from evenhand.modeling.solution import FairSolution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from evenhand.modeling.joint import Joint
    from evenhand.modeling.separate import LazyRows

    Array = NDArray[np.float64]

FEASIBILITY = 1e-9
"""Gurobi's tightest tolerance of rows: cuts near the cone differ by little more than its own 1e-6 lets pass."""

STATUSES = {
    "OPTIMAL": "optimal",
    "USER_OBJ_LIMIT": "optimal",
    "INFEASIBLE": "infeasible",
    "UNBOUNDED": "unbounded",
    "INF_OR_UNBD": "infeasible_or_unbounded",
}


class GurobiMaster:
    """A continuous model and its columns of loads and auxiliary variables; see :class:`~.rounds.Master`."""

    has_integers = False

    def __init__(
        self, model: Any, loads: Sequence[Any], auxiliaries: Sequence[Any], lazy: LazyRows | None = None
    ) -> None:
        self._model, self._lazy = model, lazy
        self._loads, self._auxiliaries = list(loads), list(auxiliaries)

    @property
    def maximises(self) -> bool:
        """Whether the model maximises."""
        return bool(self._model.ModelSense < 0)

    def solve(self, *, relaxed: bool, gap: float, time_limit: float) -> str:
        """Solve what is there."""
        limit = time_limit if np.isfinite(time_limit) else require("gurobipy").GRB.INFINITY
        with _parameters(self._model, {"FeasibilityTol": FEASIBILITY, "TimeLimit": limit, "DualReductions": 0}):
            self._model.optimize()
        return status_of(self._model)

    def objective(self) -> float:
        """Return the objective of the solution found, nan where there is none."""
        return float(self._model.ObjVal) if self._model.SolCount else np.nan

    def bound(self) -> float:
        """Return the objective, which is its own bound."""
        return self.objective()

    def loads(self) -> Array:
        """Return the loads of the solution found, shape (n,)."""
        return np.array([variable.X for variable in self._loads])

    def auxiliaries(self) -> Array:
        """Return the values of the auxiliary variables."""
        return np.array([variable.X for variable in self._auxiliaries])

    def values(self) -> Array:
        """Return the values of all variables."""
        return np.array(self._model.getAttr("X"))

    def add(self, rows: Array) -> None:
        """Add rows over (loads, auxiliaries) that must not be negative."""
        columns = [*self._loads, *self._auxiliaries]
        for row in rows.tolist():
            self._model.addConstr(require("gurobipy").LinExpr(row, columns) >= 0.0)

    def rule_out(self) -> bool:
        """Return False: there is nothing integral to rule out."""
        return False

    def separate(self, *, integral: bool) -> bool:
        """Add the lazy rows that the solution violates."""
        rows = [] if self._lazy is None else self._lazy(self.values(), integral)
        variables = self._model.getVars()
        for row in rows:
            for constraint in comparisons(row, variables):
                self._model.addConstr(constraint)
        return len(rows) > 0


def solve_in_tree(
    model: Any,
    cones: Sequence[Callable[[Any, int], None]],
    loads: Sequence[Any],
    joint: Joint,
    limits: dict[str, float | None],
    lazy: LazyRows | None,
) -> FairSolution:
    """Solve an integer model in one tree, the cones and the lazy rows in its callback.

    `limits` are parameters of Gurobi's; None leaves one as it is.
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
    with _parameters(model, {**settings, **{name: value for name, value in limits.items() if value is not None}}):
        model.optimize(separate)
    status, bound = status_of(model), float(model.ObjBound)
    interrupted = model.Status == require("gurobipy").GRB.Status.INTERRUPTED
    known = abs(bound) < 1e99 and status != "infeasible"
    seconds = time.perf_counter() - start
    if not model.SolCount:
        told: dict[str, Any] = {"cuts": joint.made, "seconds": seconds, "interrupted": interrupted}
        return FairSolution(status, None, bound if known else None, None, **told)
    found = np.array([variable.X for variable in loads])
    if not joint.satisfied(found, COARSE):
        return FairSolution("numerical_trouble", None, bound if known else None, None, cuts=joint.made, seconds=seconds)
    return FairSolution(
        status=status,
        objective=float(model.ObjVal),
        bound=bound if known else None,
        loads=found,
        values=np.array(model.getAttr("X")),
        rules=joint.rules(found),
        cuts=joint.made,
        seconds=seconds,
        interrupted=interrupted,
    )


def comparisons(row: tuple[Any, Any, float, float], variables: Sequence[Any]) -> list[Any]:
    """Return a lazy row as Gurobi's comparisons, one for each side that is closed."""
    columns, coefficients, lower, upper = row
    total = require("gurobipy").LinExpr([float(a) for a in coefficients], [variables[int(j)] for j in columns])
    sides = []
    if np.isfinite(lower):
        sides.append(total >= float(lower))
    if np.isfinite(upper):
        sides.append(total <= float(upper))
    return sides


def status_of(model: Any) -> str:
    """Return Gurobi's status in our words."""
    codes = require("gurobipy").GRB.Status
    return {getattr(codes, name): word for name, word in STATUSES.items()}.get(model.Status, "time_limit")


@contextmanager
def _parameters(model: Any, values: dict[str, Any]) -> Iterator[None]:
    """Set parameters of a Gurobi model for as long as a block runs."""
    before = {name: getattr(model.Params, name) for name in values}
    try:
        for name, value in values.items():
            model.setParam(name, value)
        yield
    finally:
        for name, value in before.items():
            model.setParam(name, value)
