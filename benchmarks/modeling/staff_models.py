"""How soon staffing models have a fair plan: ``python -m benchmarks.modeling.staff_models [--entrant NAME]``.

Fifty models, drawn from seeds that nothing was tuned on, each solved with a limit of twenty seconds by our rounds with
HiGHS, by our windows with SCIP and by SCIP alone with the cone as a quadratic constraint. Every plan is checked here:
its rows, its integers and the fairness of its hours. One thread each; results go to
``benchmarks/results/staff-models.json``, entrant by entrant.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.machine import describe
from benchmarks.modeling.entrants import _state_in_scip
from benchmarks.modeling.staffing import KINDS, draw
from evenhand.fairness import EpsilonFairness
from evenhand.modeling import solve_fair_milp

if TYPE_CHECKING:
    from collections.abc import Callable

    from evenhand.modeling import LinearModel

RESULT = Path(__file__).parent.parent / "results" / "staff-models.json"
MODELS = 50
SIZES = ((6, 10, 3), (9, 14, 4), (12, 16, 4), (8, 20, 5))
LEVELS = (0.7, 0.8, 0.9, 0.95)
FIRST_SEED = 1000
LIMIT = 20.0
MOMENTS = (1.0, 5.0, 20.0)
SLACK = 1e-6
"""Relative excess over the bound at which the hours of a plan count as unfair, and error of a row."""

Found = tuple[list[float | None], float | None, float | None, Any]
"""Cost of the best plan at each moment, the last one's, the bound, and the values of its variables."""


def ours(solver: str) -> Callable[[LinearModel, Any, EpsilonFairness], Found]:
    """Return our way with a solver."""

    def solve(model: LinearModel, loads: Any, fairness: EpsilonFairness) -> Found:
        start, told = time.perf_counter(), []
        found = solve_fair_milp(
            *(model, loads, fairness),
            solver=solver,
            time_limit=LIMIT,
            progress=lambda now: told.append((time.perf_counter() - start, now.objective)),
        )
        told.append((time.perf_counter() - start, found.objective))
        known = [[cost for at, cost in told if at <= moment and cost is not None] for moment in MOMENTS[:-1]]
        costs = [*(min(each, default=None) for each in known), found.objective]
        return costs, found.objective, found.bound, found.values

    return solve


def scip_alone(model: LinearModel, loads: Any, fairness: EpsilonFairness) -> Found:
    """Solve with SCIP's own second-order cone; it goes on after each moment where it stood."""
    from pyscipopt import quicksum

    from evenhand.modeling.scip_model import scip_of

    scip, variables = scip_of(model)
    hours = [scip.addVar(lb=0.0) for _ in range(loads.shape[0])]
    for i, load in enumerate(hours):
        own = loads[[i]]
        terms = zip(own.data.tolist(), own.indices.tolist(), strict=True)
        scip.addCons(quicksum(a * variables[c] for a, c in terms) == load)
    _state_in_scip(scip, hours, fairness)
    scip.setParam("limits/gap", 1e-4)
    scip.setParam("timing/clocktype", 2)
    costs: list[float | None] = []
    for moment in MOMENTS:
        scip.setParam("limits/time", moment)
        scip.optimize()
        costs.append(float(scip.getPrimalbound()) if scip.getNSols() else None)
    values = np.array([scip.getVal(x) for x in variables]) if scip.getNSols() else None
    return costs, costs[-1], float(scip.getDualbound()), values


ENTRANTS = {"evenhand with HiGHS": ours("highs"), "evenhand with SCIP": ours("scip"), "SCIP alone": scip_alone}


def main() -> int:
    """Measure, check and write; return 1 where a plan does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entrant", choices=list(ENTRANTS), help="measure this one alone, and keep the others' rows")
    parser.add_argument("--models", type=int, default=MODELS, help="only so many of the models")
    options = parser.parse_args()
    chosen = options.entrant
    rows = [_measure(name, number) for name in ([chosen] if chosen else ENTRANTS) for number in range(options.models)]
    before = json.loads(RESULT.read_text("utf-8"))["rows"] if chosen and RESULT.exists() else []
    rows += [row for row in before if row["entrant"] != chosen]
    result = {
        "command": "python -m benchmarks.modeling.staff_models",
        "machine": describe("highspy", "pyscipopt"),
        "limit": LIMIT,
        "moments": MOMENTS,
        "rows": rows,
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    faults = [row for row in rows if row["fault"]]
    return 1 if faults else 0


def _measure(entrant: str, number: int) -> dict[str, Any]:
    """Ask one entrant for one model's plan, and check it."""
    size, kind, level = SIZES[number % 4], KINDS[number % 3], LEVELS[(number // 2) % 4]
    model, loads = draw(FIRST_SEED + number, *size, kind=kind).model()
    fairness = EpsilonFairness(level, p=2)
    start = time.perf_counter()
    costs, cost, bound, values = ENTRANTS[entrant](model, loads, fairness)
    seconds = time.perf_counter() - start
    return {
        "entrant": entrant,
        "model": number,
        "kind": kind,
        "size": size,
        "epsilon": level,
        "costs": costs,
        "cost": cost,
        "bound": bound,
        "seconds": seconds,
        "fault": None if values is None else _fault(model, loads, fairness, np.asarray(values)[: len(model.costs)]),
    }


def _fault(model: LinearModel, loads: Any, fairness: EpsilonFairness, values: Any) -> str | None:
    """Say what a plan breaks, None where it holds."""
    whole = np.round(values)
    taken = model.matrix @ whole
    if np.abs(whole - values).max() > SLACK:
        return "not integral"
    if ((taken < model.row_lower - SLACK) | (taken > model.row_upper + SLACK)).any():
        return "a row is broken"
    return None if fairness.contains(loads @ whole, SLACK) else "not fair"


if __name__ == "__main__":
    sys.exit(main())
