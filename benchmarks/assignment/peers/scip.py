"""SCIP through PySCIPOpt, in one tree: the cone is a constraint handler that cuts off fractional and whole loads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyscipopt
from pyscipopt.scip import PY_SCIP_RESULT as SCIP_RESULT

from benchmarks.assignment.peers.result import LP_TOLERANCE, Model, PeerResult, separates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]

LIBRARY = "pyscipopt"
LABEL = "SCIP, constraint handler"
NEARLY_FAIR = 1e-6
"""Loads further outside, relatively, are unfair whatever rounding did to them."""
WALL_CLOCK = 2
STATUSES = {"optimal": "optimal", "gaplimit": "optimal", "infeasible": "infeasible"}


def solve(costs: Array, fairness: Fairness, gap: float, cap: float, burdens: Array | None = None) -> PeerResult:
    """Solve one case, stopping after `cap` seconds."""
    start = time.perf_counter()
    model = Model.of(costs, fairness, burdens)
    scip = pyscipopt.Model()
    shares, loads = _build(scip, model)
    cone = Cone(model, shares, loads)
    # A low priority of enforcement: whole assignments first. Every node's relaxation is separated.
    scip.includeConshdlr(
        cone, "cone", "fair loads", sepapriority=1, enfopriority=-1, chckpriority=-1, sepafreq=1, needscons=False
    )
    for name, value in (
        ("limits/gap", gap),
        ("limits/absgap", 0.0),
        ("limits/time", max(0.01, cap - (time.perf_counter() - start))),
        ("timing/clocktype", WALL_CLOCK),
        ("numerics/feastol", 1e-9),
        ("numerics/dualfeastol", 1e-9),
        ("lp/threads", 1),
    ):
        scip.setParam(name, value)
    scip.hideOutput()
    scip.optimize()
    result = _result(scip, model, shares, cone, start)
    # Unlocks the variables while the handler can still reach the model: older releases lose it as both are collected.
    scip.freeTransform()
    return result


def _build(scip: Any, model: Model) -> tuple[list[dict[int, Any]], list[Any]]:
    """Add variables and rows; return, for each task, the variable of each allowed agent, and the loads."""
    n, m = model.costs.shape
    shares = [
        {i: scip.addVar(vtype="B", obj=float(model.costs[i, j])) for i in np.flatnonzero(model.allowed[:, j]).tolist()}
        for j in range(m)
    ]
    loads = [scip.addVar(lb=0.0) for _ in range(n)]
    for some in shares:
        scip.addCons(pyscipopt.quicksum(some.values()) == 1)
    for i in range(n):
        carried = (float(model.burdens[i, j]) * some[i] for j, some in enumerate(shares) if i in some)
        scip.addCons(pyscipopt.quicksum(carried) == loads[i])
    return shares, loads


def _result(scip: Any, model: Model, shares: list[dict[int, Any]], cone: Cone, start: float) -> PeerResult:
    status = STATUSES.get(scip.getStatus(), "time_limit")
    bound = float(scip.getDualbound())
    chosen = None
    if scip.getNSols():
        chosen = _assignment(scip, scip.getBestSol(), shares)
    effort = {"nodes": int(scip.getNTotalNodes()), "cuts": cone.cuts, "barred": cone.barred}
    paid = None if chosen is None else model.paid(chosen)
    if status == "infeasible":
        bound = np.inf
    elif scip.isInfinity(abs(bound)):
        return PeerResult(status, paid, None, chosen, time.perf_counter() - start, effort)
    return PeerResult(status, paid, bound, chosen, time.perf_counter() - start, effort)


def _assignment(scip: Any, solution: Any, shares: list[dict[int, Any]]) -> NDArray[np.intp]:
    """Return the agent with the largest share of each task."""
    return np.array(
        [max(some, key=lambda i: scip.getSolVal(solution, some[i])) for some in shares],
        dtype=np.intp,
    )


class Cone(pyscipopt.Conshdlr):
    """The constraint that the loads are fair: checked on whole assignments, cut into every relaxation."""

    def __init__(self, model: Model, shares: list[dict[int, Any]], loads: list[Any]) -> None:
        self._fair, self._shares, self._loads = model, shares, loads
        self.cuts = self.barred = 0

    def conscheck(self, constraints: Any, solution: Any, *_: Any, **__: Any) -> dict[str, Any]:
        """Judge a candidate."""
        return {"result": SCIP_RESULT.FEASIBLE if self._is_fair(solution) else SCIP_RESULT.INFEASIBLE}

    def consenfolp(self, constraints: Any, useful: int, infeasible: bool) -> dict[str, Any]:
        """Judge a relaxation that is whole, and cut it off where it is unfair."""
        if self._is_fair(None):
            return {"result": SCIP_RESULT.FEASIBLE}
        chosen = _assignment(self.model, None, self._shares)
        loads = self._fair.loads(chosen)
        cuts = list(self._fair.cuts(loads))
        if any(separates(cut, loads) for cut in cuts):
            return {"result": self._add(cuts) or SCIP_RESULT.SEPARATED}
        return {"result": self._bar(chosen)}

    def consenfops(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Judge a node without a relaxation: SCIP branches on where it is unfair."""
        return {"result": SCIP_RESULT.FEASIBLE if self._is_fair(None) else SCIP_RESULT.INFEASIBLE}

    def conssepalp(self, constraints: Any, useful: int) -> dict[str, Any]:
        """Cut off fractional loads that are unfair."""
        loads = self._carried(None)
        if self._fair.fairness.contains(loads, LP_TOLERANCE):
            return {"result": SCIP_RESULT.DIDNOTFIND}
        return {"result": self._add(self._fair.cuts(loads)) or SCIP_RESULT.SEPARATED}

    def conslock(self, constraint: Any, locktype: Any, positive: int, negative: int) -> None:
        """Say that more or less of any load may break the cone."""
        for load in self._loads:
            self.model.addVarLocksType(load, locktype, positive + negative, positive + negative)

    def _carried(self, solution: Any) -> Array:
        return np.maximum([self.model.getSolVal(solution, load) for load in self._loads], 0.0)

    def _is_fair(self, solution: Any) -> bool:
        """Judge by the loads, and where they are about fair, by loads recomputed from the assignment."""
        fairness = self._fair.fairness
        if not fairness.contains(self._carried(solution), NEARLY_FAIR):
            return False
        return bool(fairness.contains(self._fair.loads(_assignment(self.model, solution, self._shares))))

    def _add(self, cuts: Any) -> Any:
        """Add rows that hold everywhere; return a result where one of them cuts off the whole node."""
        found = None
        for cut in cuts:
            row = self.model.createEmptyRowUnspec("fair", lhs=0.0, rhs=None, local=False, removable=True)
            self.model.cacheRowExtensions(row)
            for load, coefficient in zip(self._loads, cut.tolist(), strict=True):
                self.model.addVarToRow(row, self.model.getTransformedVar(load), coefficient)
            self.model.flushRowExtensions(row)
            if self.model.addCut(row, forcecut=True):
                found = SCIP_RESULT.CUTOFF
            else:
                self.model.addPoolCut(row)
            self.model.releaseRow(row)
            self.cuts += 1
        return found

    def _bar(self, chosen: NDArray[np.intp]) -> Any:
        """Forbid one assignment, whose loads are unfair by less than rows can tell."""
        self.barred += 1
        taken = [some[int(i)] for some, i in zip(self._shares, chosen, strict=True)]
        self.model.addCons(pyscipopt.quicksum(taken) <= len(taken) - 1)
        return SCIP_RESULT.CONSADDED
