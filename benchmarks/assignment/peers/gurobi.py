"""Gurobi with lazy cuts, if it is installed; its figures are printed but never stored."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gurobipy
import numpy as np
from gurobipy import GRB

from benchmarks.assignment.peers.result import LP_TOLERANCE, Model, NotMeasurableError, PeerResult, separates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]

LIBRARY = "gurobipy"
LABEL = "Gurobi, lazy cuts"


def solve(costs: Array, fairness: Fairness, gap: float, cap: float, burdens: Array | None = None) -> PeerResult:
    """Solve one case, stopping after `cap` seconds.

    Raises
    ------
    NotMeasurableError
        Where the licence refuses the size.
    """
    with gurobipy.Env(params={"OutputFlag": 0}) as environment:
        start = time.perf_counter()
        model = Model.of(costs, fairness, burdens)
        with gurobipy.Model(env=environment) as gurobi:
            cone = Cone(gurobi, model)
            for name, value in (
                ("Threads", 1),
                ("MIPGap", gap),
                ("MIPGapAbs", 0.0),
                ("FeasibilityTol", 1e-9),
                ("IntFeasTol", 1e-9),
                ("LazyConstraints", 1),
                ("TimeLimit", max(0.01, cap - (time.perf_counter() - start))),
            ):
                gurobi.setParam(name, value)
            try:
                gurobi.optimize(cone)
            except gurobipy.GurobiError as error:
                raise NotMeasurableError(str(error)) from error
            return _result(gurobi, model, cone, start)


class Cone:
    """The callback that cuts off loads that are not fair; it holds the model's variables."""

    def __init__(self, gurobi: Any, model: Model) -> None:
        n, m = model.costs.shape
        allowed = model.allowed
        self._model = model
        self.cuts = 0
        self.share = gurobi.addMVar((n, m), vtype=GRB.BINARY, obj=np.where(allowed, model.costs, 0.0))
        self.share.ub = allowed.astype(np.float64)
        self._load = gurobi.addMVar(n)
        gurobi.addConstr(self.share.sum(axis=0) == 1)
        gurobi.addConstr((self.share * np.where(allowed, model.burdens, 0.0)).sum(axis=1) == self._load)

    def __call__(self, gurobi: Any, where: int) -> None:
        """Cut off a candidate, or the relaxation of a node."""
        fairness = self._model.fairness
        if where == GRB.Callback.MIPSOL:
            chosen = gurobi.cbGetSolution(self.share).argmax(axis=0)
            loads = self._model.loads(chosen)
            if not fairness.contains(loads):
                self._rule_out(gurobi, chosen, loads)
        elif where == GRB.Callback.MIPNODE and gurobi.cbGet(GRB.Callback.MIPNODE_STATUS) == GRB.OPTIMAL:
            loads = np.maximum(gurobi.cbGetNodeRel(self._load), 0.0)
            if not fairness.contains(loads, LP_TOLERANCE):
                for cut in self._model.cuts(loads):
                    self._add(gurobi, cut)

    def _rule_out(self, gurobi: Any, chosen: NDArray[np.intp], loads: Array) -> None:
        """Cut off unfair whole `loads`, or bar the assignment where their cuts are too shallow to be felt."""
        cuts = list(self._model.cuts(loads))
        for cut in cuts:
            self._add(gurobi, cut)
        if not any(separates(cut, loads) for cut in cuts):
            m = len(chosen)
            gurobi.cbLazy(self.share[chosen, np.arange(m)].sum() <= m - 1)

    def _add(self, gurobi: Any, cut: Array) -> None:
        gurobi.cbLazy(cut @ self._load >= 0)
        self.cuts += 1


def _result(gurobi: Any, model: Model, cone: Cone, start: float) -> PeerResult:
    seconds = time.perf_counter() - start
    status = {GRB.OPTIMAL: "optimal", GRB.INFEASIBLE: "infeasible"}.get(gurobi.Status, "time_limit")
    chosen = cone.share.X.argmax(axis=0) if gurobi.SolCount else None
    bound = np.inf if status == "infeasible" else float(gurobi.ObjBound)
    effort = {"nodes": int(gurobi.NodeCount), "cuts": cone.cuts}
    paid = None if chosen is None else model.paid(chosen)
    return PeerResult(status, paid, bound if bound > -1e99 else None, chosen, seconds, effort)
