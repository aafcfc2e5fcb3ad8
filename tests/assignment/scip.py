"""The cheapest fair assignment by SCIP, a branch-and-cut solver that is not ours, with our cuts as lazy rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyscipopt import SCIP_RESULT, Conshdlr, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

FEASIBILITY = 1e-9
"""SCIP's tolerance of rows; the fairness member judges assignments by its own, which is the same."""

SHALLOW = 1e-7
"""Fractional loads this close to the cone are left to branching."""

ROUNDS = 50
"""Rounds of cuts at fractional loads in one node."""


@dataclass(frozen=True)
class Known:
    """What SCIP found: the agent of each task (None where nothing was found), its bound, and whether it is proven."""

    assignment: tuple[int, ...] | None
    bound: float
    proven: bool


class _FairLoads(Conshdlr):
    """Loads in the cone of `fairness`, told to SCIP by one gradient cut after the other."""

    def __init__(self, fairness: Fairness, take: list[list[Any]], burdens: NDArray[np.float64]) -> None:
        self._fairness, self._take, self._burdens = fairness, take, burdens
        self._rounds: dict[int, int] = {}

    def _shares(self, solution: Any) -> NDArray[np.float64]:
        return np.array([[self.model.getSolVal(solution, pair) for pair in row] for row in self._take])

    def _fair(self, solution: Any) -> bool:
        """Judge the whole assignment next to a solution: its loads are sums of burdens, not of rounding errors."""
        loads = (np.round(self._shares(solution)) * self._burdens).sum(axis=1)
        return bool(self._fairness.contains(loads))

    def _cut(self, loads: NDArray[np.float64]) -> bool:
        """Cut off unfair `loads`; tell whether some row does so by more than SCIP's tolerance."""
        cut = False
        for point in self._fairness.cut_points(loads):
            normal = self._fairness.cut(point)
            normal = normal / (np.abs(normal).max() * loads.sum())
            if normal @ loads > -2.0 * FEASIBILITY:
                continue
            row = self.model.createEmptyRowUnspec(lhs=0.0, rhs=None)
            self.model.cacheRowExtensions(row)
            for slope, pairs, weights in zip(normal, self._take, self._burdens, strict=True):
                for pair, weight in zip(pairs, weights, strict=True):
                    self.model.addVarToRow(row, self.model.getTransformedVar(pair), float(slope * weight))
            self.model.flushRowExtensions(row)
            self.model.addCut(row, forcecut=True)
            cut = True
        return cut

    def conssepalp(self, constraints: list[Any], nusefulconss: int) -> dict[str, Any]:
        """Cut off fractional loads, so that bounds are those of the cone."""
        node = self.model.getCurrentNode().getNumber()
        self._rounds[node] = self._rounds.get(node, 0) + 1
        loads = (np.maximum(self._shares(None), 0.0) * self._burdens).sum(axis=1)
        if self._rounds[node] > ROUNDS or self._fairness.contains(loads, SHALLOW) or not self._cut(loads):
            return {"result": SCIP_RESULT.DIDNOTFIND}
        return {"result": SCIP_RESULT.SEPARATED}

    def consenfolp(self, *_: Any) -> dict[str, Any]:
        """Cut off a whole assignment that is not fair; where no row can, let SCIP branch."""
        if self._fair(None):
            return {"result": SCIP_RESULT.FEASIBLE}
        loads = (np.round(self._shares(None)) * self._burdens).sum(axis=1)
        return {"result": SCIP_RESULT.SEPARATED if self._cut(loads) else SCIP_RESULT.INFEASIBLE}

    def consenfops(self, *_: Any) -> dict[str, Any]:
        """Judge a solution found without a linear program."""
        return {"result": SCIP_RESULT.FEASIBLE if self._fair(None) else SCIP_RESULT.INFEASIBLE}

    def conscheck(self, constraints: list[Any], solution: Any, *_: Any) -> dict[str, Any]:
        """Judge a solution that a heuristic proposes."""
        return {"result": SCIP_RESULT.FEASIBLE if self._fair(solution) else SCIP_RESULT.INFEASIBLE}

    def conslock(self, constraint: Any, locktype: Any, nlockspos: int, nlocksneg: int) -> None:
        """Any load may matter in either direction."""
        for pairs in self._take:
            for pair in pairs:
                self.model.addVarLocksType(self.model.getTransformedVar(pair), locktype, 1, 1)


def cheapest_by_scip(
    costs: NDArray[np.float64], fairness: Fairness, burdens: NDArray[np.float64], seconds: float
) -> Known:
    """Solve to a gap of zero, as far as `seconds` go; tables of shape (n, m)."""
    n, m = costs.shape
    model = Model()
    model.hideOutput()
    for name, value in {
        "numerics/feastol": FEASIBILITY,
        "numerics/dualfeastol": FEASIBILITY,
        "numerics/epsilon": 1e-12,
        "numerics/sumepsilon": 1e-11,
        "limits/gap": 0.0,
        "limits/absgap": 0.0,
        "limits/time": seconds,
        "presolving/maxrounds": 0,
        "presolving/maxrestarts": 0,
        # What SCIP sees of the problem is more symmetric than the problem: it does not see the rule.
        "misc/usesymmetry": 0,
        "misc/allowstrongdualreds": False,
        "misc/allowweakdualreds": False,
    }.items():
        model.setParam(name, value)
    take = [[model.addVar(vtype="B", obj=float(costs[i, j])) for j in range(m)] for i in range(n)]
    for j in range(m):
        model.addCons(sum(take[i][j] for i in range(n)) == 1)
    handler = _FairLoads(fairness, take, burdens)
    # Enforced and checked after integrality; separated at every node.
    model.includeConshdlr(
        handler, "fair", "fair loads", sepapriority=0, enfopriority=-10, chckpriority=-10, sepafreq=1, needscons=False
    )
    model.optimize()
    assignment = None
    if model.getNSols():
        shares = np.array([[model.getSolVal(model.getBestSol(), pair) for pair in row] for row in take])
        assignment = tuple(int(agent) for agent in shares.argmax(axis=0))
    return Known(assignment, model.getDualbound(), model.getStatus() in ("optimal", "infeasible"))
