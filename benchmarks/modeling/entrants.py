"""Ways to solve the fair assignment problem as a plain mixed-integer model, one thread each.

Each is a function of (costs, fairness, gap, cap) that returns an :class:`Answer`; its time includes building the model.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from evenhand.modeling import LinearModel
from evenhand.modeling.forms import Norm, Polyhedron, form_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evenhand.fairness import EpsilonFairness

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What an entrant reached: status in our words, its own objective and bound, the assignment, seconds."""

    status: str
    objective: float | None
    bound: float | None
    assignment: NDArray[np.intp] | None
    seconds: float
    cuts: int = 0
    rounds: int = 0


def model_of(costs: Array) -> tuple[LinearModel, Any]:
    """Return the assignment problem and its loads, agent by agent."""
    n, m = costs.shape
    once = sparse.hstack([sparse.eye_array(m)] * n, format="csr")
    loads = sparse.csr_array(sparse.kron(sparse.eye_array(n), np.ones((1, m))) * costs.ravel())
    return LinearModel(costs.ravel(), once, 1, 1, upper=1, integer=True), loads


def _chosen(values: Any, shape: tuple[int, int]) -> NDArray[np.intp] | None:
    return None if values is None else np.asarray(values)[: shape[0] * shape[1]].reshape(shape).argmax(axis=0)


def with_highs(costs: Array, fairness: EpsilonFairness, gap: float, cap: float, cuts: str = "supporting") -> Answer:
    """Solve by our cuts in rounds."""
    import highspy

    from evenhand.modeling.highs_model import highs_of
    from evenhand.modeling.highspy import FairCone
    from evenhand.modeling.loads import rows_of

    # HiGHS keeps one pool of threads for the whole process; one of another size would refuse a single thread.
    highspy.Highs.resetGlobalScheduler(True)
    start = time.perf_counter()
    model, loads = model_of(costs)
    highs = highs_of(model)
    highs.setOptionValue("threads", 1)
    cone = FairCone(highs, rows_of(loads, costs.size), fairness, cuts=cuts)
    found = cone.solve(gap=gap, time_limit=cap)
    seconds = time.perf_counter() - start
    chosen = _chosen(found.values, costs.shape)
    return Answer(found.status, found.objective, found.bound, chosen, seconds, found.cuts, found.rounds)


def with_scip(costs: Array, fairness: EpsilonFairness, gap: float, cap: float, cuts: str = "supporting") -> Answer:
    """Solve by our constraint handler in SCIP's tree."""
    from evenhand.modeling import solve_fair_milp

    start = time.perf_counter()
    model, loads = model_of(costs)
    found = solve_fair_milp(model, loads, fairness, solver="scip", gap=gap, time_limit=cap, cuts=cuts)
    seconds = time.perf_counter() - start
    return Answer(found.status, found.objective, found.bound, _chosen(found.values, costs.shape), seconds, found.cuts)


def in_pyscipopt(costs: Array, fairness: EpsilonFairness, gap: float, cap: float) -> Answer:
    """Solve as a user of PySCIPOpt does: one line added to a model of their own, then ``optimize``."""
    from evenhand.modeling.pyscipopt import fair
    from evenhand.modeling.scip_model import scip_of

    start = time.perf_counter()
    model, _ = model_of(costs)
    scip, variables = scip_of(model)
    n, m = costs.shape
    own = [variables[i * m : (i + 1) * m] for i in range(n)]
    carried = [sum(c * x for c, x in zip(costs[i].tolist(), own[i], strict=True)) for i in range(n)]
    found = fair(scip, carried, fairness).solve(gap=gap, time_limit=cap)
    seconds = time.perf_counter() - start
    return Answer(found.status, found.objective, found.bound, _chosen(found.values, costs.shape), seconds, found.cuts)


def scip_alone(costs: Array, fairness: EpsilonFairness, gap: float, cap: float) -> Answer:
    """Solve with the cone as SCIP's own nonlinear (p = 2: second-order cone) or linear constraints."""
    from pyscipopt import quicksum

    from evenhand.modeling.scip_model import scip_of

    start = time.perf_counter()
    model, _ = model_of(costs)
    scip, variables = scip_of(model)
    n, m = costs.shape
    loads = [scip.addVar(lb=0.0) for _ in range(n)]
    for i, load in enumerate(loads):
        own = variables[i * m : (i + 1) * m]
        scip.addCons(quicksum(c * x for c, x in zip(costs[i].tolist(), own, strict=True)) == load)
    _state_in_scip(scip, loads, fairness)
    scip.setParam("limits/gap", gap)
    scip.setParam("limits/time", cap)
    scip.setParam("timing/clocktype", 2)
    scip.optimize()
    seconds = time.perf_counter() - start
    named = {"optimal": "optimal", "gaplimit": "optimal", "infeasible": "infeasible"}
    status, bound = named.get(scip.getStatus(), "time_limit"), scip.getDualbound()
    known = None if scip.isInfinity(abs(bound)) else bound
    if not scip.getNSols():
        return Answer(status, None, known, None, seconds)
    values = [scip.getVal(x) for x in variables]
    return Answer(status, scip.getObjVal(), known, _chosen(values, costs.shape), seconds)


def _state_in_scip(scip: Any, loads: list[Any], fairness: EpsilonFairness) -> None:
    """State the cone: quadratic for p = 2, w_i x_i <= k_i^(1/p) t^(1 - 1/p) beyond, rows where it is linear."""
    from pyscipopt import quicksum

    form = form_of(fairness, len(loads))
    if isinstance(form, Polyhedron):
        for row, upper in zip(form.loads.tolist(), form.upper.tolist(), strict=True):
            total = quicksum(a * x for a, x in zip(row, loads, strict=True))
            scip.addCons(total == 0 if upper == 0.0 else total >= 0)
        return
    assert isinstance(form, Norm)
    whole = scip.addVar(lb=0.0)
    scip.addCons(whole == quicksum(a * x for a, x in zip(form.multiple.tolist(), loads, strict=True)))
    carried = [w * x for w, x in zip(form.weights.tolist(), loads, strict=True)]
    if form.order == 2:
        scip.addCons(quicksum(x * x for x in carried) <= whole * whole)
        return
    parts = [scip.addVar(lb=0.0) for _ in loads]
    scip.addCons(quicksum(parts) == whole)
    power = 1.0 / form.order
    for x, part in zip(carried, parts, strict=True):
        scip.addCons(x <= part**power * whole ** (1.0 - power))


def cvxpy_with_scip(costs: Array, fairness: EpsilonFairness, gap: float, cap: float) -> Answer:
    """Solve through CVXPY, which hands second-order cones with integers to SCIP (p = 2 and p = inf alone)."""
    import cvxpy as cp

    start = time.perf_counter()
    n, m = costs.shape
    share = cp.Variable((n, m), boolean=True)
    loads = cp.sum(cp.multiply(costs, share), axis=1)
    factor = fairness.factor(n)
    norm = cp.norm(loads, "inf") if math.isinf(fairness.p) else cp.norm(loads, 2)
    problem = cp.Problem(cp.Minimize(cp.sum(loads)), [cp.sum(share, axis=0) == 1, factor * norm <= cp.sum(loads)])
    try:
        problem.solve(solver=cp.SCIP, scip_params={"limits/gap": gap, "limits/time": cap, "timing/clocktype": 2})
    except cp.error.SolverError:
        return Answer("error", None, None, None, time.perf_counter() - start)
    seconds = time.perf_counter() - start
    if share.value is None:
        return Answer("infeasible" if problem.status == "infeasible" else "time_limit", None, None, None, seconds)
    status = "optimal" if problem.status in ("optimal", "optimal_inaccurate") and seconds < cap else "time_limit"
    return Answer(status, float(problem.value), None, share.value.argmax(axis=0), seconds)


ENTRANTS: dict[str, Callable[..., Answer]] = {
    "evenhand with HiGHS": with_highs,
    "evenhand with SCIP": with_scip,
    "evenhand in PySCIPOpt": in_pyscipopt,
    "SCIP alone": scip_alone,
    "CVXPY with SCIP": cvxpy_with_scip,
}
"""The entrants by name, in the order of the tables."""

LIMITED = {"CVXPY with SCIP": (2.0, math.inf)}
"""Orders that an entrant can state at all."""
