"""Rosters of the public shift-scheduling benchmark, with and without fairness, beside CP-SAT.

``python -m benchmarks.rosters --data FOLDER`` reads ``Instance1.txt`` and so on (schedulingbenchmarks.org; not shipped)
and writes ``results/rosters.json``. CP-SAT gets the same model with the objective that its users give it: the cost plus
a weight times the difference between the largest and the smallest count. Processor seconds are counted, because they do
not depend on what else the machine does; the limits are of wall-clock time.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.rosters_cpsat import solve_with_cpsat
from benchmarks.table import CONSOLE
from evenhand.applications import rosters
from evenhand.applications.rosters.counts import counts_of
from evenhand.fairness import CVAtMost, Fairness, MaxOverMean

RESULT = Path(__file__).parent / "results" / "rosters.json"

BEST_KNOWN = {1: 607, 2: 828, 3: 1001, 9: 439, 10: 4631, 12: 4040}
"""Least costs that are published for the instances."""

FREE = (1, 2, 3, 9, 10, 12)

FAIR: tuple[tuple[int, str, Fairness], ...] = (
    (2, "late", CVAtMost(0.3)),
    (2, "late", CVAtMost(0.2)),
    (2, "late", MaxOverMean(1.3)),
    (9, "nights", CVAtMost(0.3)),
    (9, "weekends", MaxOverMean(1.3)),
    (10, "nights", CVAtMost(0.2)),
    (12, "nights", CVAtMost(0.3)),
)
"""Instance, count and member of the fair problems."""

SEED = 20261129
"""Seed of all runs, which nothing was tuned on."""

WEIGHT = 10
"""Cost of one unit between the largest and the smallest count in CP-SAT's objective."""


def main() -> None:
    """Solve all, write the results and print them as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the instances")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit of each run (60)")
    options = parser.parse_args()
    rows = []
    for number in FREE:
        rows.append(_ours(options, number, {}))
    for number, count, member in FAIR:
        rows.append(_ours(options, number, {count: member}) | {"count": count})
        rows.append(_peer(options, number, count))
    command = f"python -m benchmarks.rosters --data FOLDER --seconds {options.seconds:g}"
    result = {"command": command, "seconds": options.seconds, "seed": SEED, "weight": WEIGHT, "rows": rows} | {
        "machine": describe("highspy", "ortools")
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _read(options: argparse.Namespace, number: int) -> rosters.RosterProblem:
    return rosters.read_shift_benchmark(options.data / f"Instance{number}.txt")


def _ours(options: argparse.Namespace, number: int, fairness: dict[str, Fairness]) -> dict[str, Any]:
    problem = _read(options, number)
    begun = time.process_time()
    answer = rosters.solve(problem, fairness, time_limit=options.seconds, seed=SEED)
    row = {
        "instance": number,
        "solver": "evenhand",
        "asked": {count: str(member) for count, member in fairness.items()},
        "cost": answer.cost,
        "bound": answer.bound,
        "price": answer.price,
        "cv": {count: answer.measured(count).cv for count in fairness} if answer.plan else None,
        "processor_seconds": time.process_time() - begun,
        "wall_seconds": answer.seconds,
        "best_known": BEST_KNOWN[number],
    }
    _tell(row)
    return row


def _peer(options: argparse.Namespace, number: int, count: str) -> dict[str, Any]:
    problem = _read(options, number)
    begun = time.process_time()
    wall = time.perf_counter()
    plan, bound = solve_with_cpsat(problem, count, WEIGHT, options.seconds, SEED)
    row: dict[str, Any] = {"instance": number, "solver": "CP-SAT", "asked": f"{WEIGHT} x (max - min) of {count}"}
    row |= {"cost": None, "bound": bound, "price": None, "cv": None, "best_known": BEST_KNOWN[number]}
    row |= {"processor_seconds": time.process_time() - begun, "wall_seconds": time.perf_counter() - wall}
    if plan is not None:
        checked = rosters.check_roster(problem, plan)
        assert not checked.violations
        counted = rosters.Roster("time_limit", plan, checked.cost, None, None, {}, counts_of(problem, plan), problem)
        row |= {"cost": checked.cost, "cv": {count: counted.measured(count).cv}}
    _tell(row)
    return row


def _tell(row: dict[str, Any]) -> None:
    cv = "" if not row["cv"] else " ".join(f"{value:.3f}" for value in row["cv"].values())
    cost, bound = (("-" if row[name] is None else f"{row[name]:.0f}") for name in ("cost", "bound"))
    cells = (row["instance"], row["solver"], row["asked"] or "", cost, bound, cv, f"{row['processor_seconds']:.0f}")
    CONSOLE.print(" | ".join(map(str, cells)), soft_wrap=True, markup=False, highlight=False)


if __name__ == "__main__":
    main()
