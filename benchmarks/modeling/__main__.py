"""Time fair loads in a plain model: ``python -m benchmarks.modeling [--data FOLDER]``.

Cases are the dispersion paper's: 5 agents, 250 tasks, five orders, six levels, on instances of its kind that are
generated, or on published ones in ``FOLDER``. Every entrant has the same gap, one thread and a cap. An answer that is
not fair or contradicts another entrant's bound fails the run. Results go to ``benchmarks/results/modeling.json``.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import Progress

from benchmarks.machine import describe
from benchmarks.modeling.entrants import ENTRANTS, LIMITED, Answer, with_highs, with_scip
from benchmarks.table import CONSOLE
from evenhand.assignment.generated_instances import generate_plane
from evenhand.fairness import EpsilonFairness
from evenhand.tables import read_table

RESULT = Path(__file__).parent.parent / "results" / "modeling.json"
ORDERS = (2, 3, 5, 10, math.inf)
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
SLACK = 1e-6
"""Relative excess over the bound at which loads of an answer count as unfair."""


def main() -> int:
    """Measure, print, write; return 1 where answers contradict each other."""
    options = _options()
    instances = _instances(options)
    cases = [(name, p, level) for name in instances for p in ORDERS for level in LEVELS]
    rows: list[dict[str, Any]] = []
    with Progress(console=CONSOLE) as bar:
        task = bar.add_task("cases", total=len(cases))
        for name, p, level in cases:
            rows += _measure(name, instances[name], EpsilonFairness(level, p), options)
            bar.advance(task)
    faults = [fault for row in rows for fault in row["faults"]]
    result = {
        "command": "python -m benchmarks.modeling" + (" --data FOLDER" if options.data else ""),
        "machine": describe("highspy", "pyscipopt", "cvxpy"),
        "gap": options.gap,
        "cap": options.cap,
        "instances": list(instances),
        "rows": rows,
    }
    partial = RESULT.with_suffix(".part")
    partial.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    partial.replace(RESULT)
    CONSOLE.print(f"{len(rows)} answers, {len(faults)} faults; {RESULT.name} written")
    for fault in faults:
        CONSOLE.print(fault)
    return 1 if faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of published instances, instance_5_250_*.txt")
    parser.add_argument("--count", type=int, default=3, help="number of instances (3)")
    parser.add_argument("--families", type=int, default=1, help="instances on which all families of cuts run (1)")
    parser.add_argument("--gap", type=float, default=1e-3, help="relative gap (1e-3, the paper's)")
    parser.add_argument("--cap", type=float, default=60.0, help="seconds a case may take (60)")
    return parser.parse_args()


def _instances(options: argparse.Namespace) -> dict[str, Any]:
    if options.data is None:
        return {f"generated {seed}": generate_plane(5, 250, seed=seed).costs.values for seed in range(options.count)}
    files = sorted(options.data.glob("instance_5_250_*.txt"), key=lambda path: (len(path.name), path.name))
    return {path.stem: read_table(path, format="fairta").values for path in files[: options.count]}


def _measure(name: str, costs: Any, fairness: EpsilonFairness, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Ask every entrant the same question."""
    answers: dict[tuple[str, str], Answer] = {}
    for entrant, solve in ENTRANTS.items():
        if fairness.p in LIMITED.get(entrant, (fairness.p,)):
            answers[entrant, "supporting"] = solve(costs, fairness, options.gap, options.cap)
    position = int(name.rpartition("_")[2]) - 1 if "_" in name else int(name.split()[-1])
    if position < options.families and not math.isinf(fairness.p):
        for cuts in ("gradient", "disaggregated"):
            answers["evenhand with HiGHS", cuts] = with_highs(costs, fairness, options.gap, options.cap, cuts)
            answers["evenhand with SCIP", cuts] = with_scip(costs, fairness, options.gap, options.cap, cuts)
    best_bound = max((a.bound for a in answers.values() if a.bound is not None), default=-np.inf)
    return [
        _row(name, fairness, entrant, cuts, answer, costs, best_bound) for (entrant, cuts), answer in answers.items()
    ]


def _row(
    name: str, fairness: EpsilonFairness, entrant: str, cuts: str, answer: Answer, costs: Any, best_bound: float
) -> dict[str, Any]:
    """Return an answer as a row, its cost and fairness recomputed from the assignment."""
    cost, fair, faults = None, None, []
    if answer.assignment is not None:
        n, m = costs.shape
        chosen = costs[answer.assignment, np.arange(m)]
        loads = np.bincount(answer.assignment, chosen, minlength=n)
        cost, fair = float(chosen.sum()), bool(fairness.contains(loads, SLACK))
        case = f"{name}, p={fairness.p:g}, epsilon={fairness.epsilon:g}, {entrant} ({cuts})"
        ours = entrant.startswith("evenhand")
        if ours and not fair:
            faults.append(f"{case}: loads are not fair")
        if fair and cost < best_bound * (1.0 - 1e-6):
            faults.append(f"{case}: cost {cost} is below another's bound {best_bound}")
    return {
        "instance": name,
        "p": "inf" if math.isinf(fairness.p) else fairness.p,
        "epsilon": fairness.epsilon,
        "entrant": entrant,
        "cuts": cuts,
        "status": answer.status if fair in (True, None) else "unfair",
        "cost": cost,
        "bound": answer.bound,
        "seconds": answer.seconds,
        "made": answer.cuts,
        "rounds": answer.rounds,
        "faults": faults,
    }


if __name__ == "__main__":
    sys.exit(main())
