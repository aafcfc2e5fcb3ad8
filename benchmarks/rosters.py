"""Rosters with and without fairness, beside CP-SAT: ``python -m benchmarks.rosters --data FOLDER [--limit 60]``.

FOLDER holds ``Instance1.txt`` and so on of the public shift-scheduling benchmark (schedulingbenchmarks.org), which are
not ours to ship; all that are there are solved without fairness, and some under rules on counts. Generated wards are
solved under rules, too. CP-SAT gets the model of binaries with the usual objective: the cost, and a weight on the
difference between the largest and the least count in proportion to contracts, once for each weight; of its rosters, the
cheapest that keeps the rule counts. Every roster is recounted from its plan. ``--part`` measures one part anew. The
figures go to `benchmarks/results/rosters.json` and from there to `docs/reference/roster-speed.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.quote import put
from benchmarks.roster_page import BEGIN, END, PAGE, RESULT, quote
from benchmarks.rosters_cpsat import solve_with_cpsat
from evenhand.applications.rosters import (
    RosterProblem,
    check_roster,
    generate_ward,
    read_roster_tables,
    read_shift_benchmark,
    write_ward,
)
from evenhand.applications.rosters.counts import counts_of
from evenhand.applications.rosters.fair_counts import fair_counts
from evenhand.applications.rosters.solve_roster import solve
from evenhand.fairness import CVAtMost, Fairness, MaxOverMean
from evenhand.fairness.dispersion import dispersion

RULES: tuple[tuple[int, str, Fairness], ...] = (
    (2, "late", CVAtMost(0.3)),
    (2, "late", CVAtMost(0.2)),
    (2, "late", MaxOverMean(1.3)),
    (3, "late", CVAtMost(0.2)),
    (9, "nights", CVAtMost(0.3)),
    (10, "nights", CVAtMost(0.2)),
    (12, "nights", CVAtMost(0.3)),
)
"""Instance, count and rule."""

WARDS: tuple[tuple[int, int, int, str, Fairness], ...] = (
    (20, 14, 0, "nights", CVAtMost(0.3)),
    (20, 14, 0, "weekends", CVAtMost(0.3)),
    (12, 14, 1, "late", CVAtMost(0.2)),
    (16, 14, 2, "minutes", CVAtMost(0.1)),
    (12, 28, 3, "nights", MaxOverMean(1.3)),
    (20, 28, 4, "nights", CVAtMost(0.2)),
    (24, 14, 5, "weekends", MaxOverMean(1.3)),
    (24, 28, 6, "late", CVAtMost(0.1)),
    (30, 14, 7, "nights", CVAtMost(0.3)),
    (30, 28, 1, "nights", CVAtMost(0.2)),
    (16, 28, 8, "minutes", CVAtMost(0.1)),
    (28, 14, 9, "late", MaxOverMean(1.3)),
)
"""People, days and seed of a generated ward, with count and rule."""

WEIGHTS = (1, 10, 100)
"""Weights of the difference between the largest and the least count in CP-SAT's objective."""

SEED = 20261129
"""Seed of all runs, which nothing was tuned on."""

Row = dict[str, Any]


def main() -> None:
    """Measure, write the result and the page."""
    parts = {"free": _free, "rules": _rules, "wards": _wards}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the benchmark's instances")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds of the clock for each solve")
    parser.add_argument("--part", choices=parts, help="one part instead of all")
    options = parser.parse_args()
    result = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {"parts": {}}
    result["machine"] = machine.describe("highspy", "ortools")
    for name in [options.part] if options.part else parts:
        rows = list(parts[name](options.data, options.limit))
        result["parts"][name] = {"limit": options.limit, "rows": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def _free(folder: Path, limit: float) -> Iterator[Row]:
    for number in range(1, 25):
        path = folder / f"Instance{number}.txt"
        if path.exists():
            problem = read_shift_benchmark(path)
            yield _timed({"name": str(number), "solver": "evenhand"}, problem, partial(_ours, problem, limit))


def _rules(folder: Path, limit: float) -> Iterator[Row]:
    for number, count, rule in RULES:
        problem = read_shift_benchmark(folder / f"Instance{number}.txt")
        yield from _beside(str(number), problem, count, rule, limit)


def _wards(_: Path, limit: float) -> Iterator[Row]:
    for people, days, seed, count, rule in WARDS:
        yield from _beside(f"ward {seed}", _ward(people, days, seed), count, rule, limit)


def _ward(people: int, days: int, seed: int) -> RosterProblem:
    with tempfile.TemporaryDirectory() as place:
        write_ward(place, generate_ward(people, days, seed))
        paths = [Path(place) / f"{name}.csv" for name in ("shifts", "people", "wishes", "absences")]
        return read_roster_tables(*paths).problem


def _beside(name: str, problem: RosterProblem, count: str, rule: Fairness, limit: float) -> Iterator[Row]:
    """Solve a problem our way, and by CP-SAT with each weight."""
    about = {"name": name, "count": count, "rule": repr(rule)}
    ours = partial(_ours, problem, limit, {count: rule})
    yield _timed(about | {"solver": "evenhand"}, problem, ours, (count, rule))
    for weight in WEIGHTS:
        peer = partial(_by_cpsat, problem, limit, count, weight)
        yield _timed(about | {"solver": "CP-SAT", "weight": weight}, problem, peer, (count, rule))


def _ours(problem: RosterProblem, limit: float, fairness: dict[str, Fairness] | None = None) -> Row:
    answer = solve(problem, fairness, time_limit=limit, seed=SEED, price=False)
    return {"status": answer.status, "bound": answer.bound, "plan": answer.plan}


def _by_cpsat(problem: RosterProblem, limit: float, count: str, weight: float) -> Row:
    """Solve the model of binaries in CP-SAT, whose bound is none on the cost alone."""
    plan, _ = solve_with_cpsat(problem, count, weight, limit, SEED, proportional=True)
    return {"status": None, "bound": None, "plan": plan}


def _timed(
    about: Row, problem: RosterProblem, way: Callable[[], Row], asked: tuple[str, Fairness] | None = None
) -> Row:
    """Return a row with what `way` found, its seconds and, for a count, how it is shared."""
    clock, processor = time.perf_counter(), time.process_time()
    found = way()
    plan = found.pop("plan")
    row = about | found | {"people": len(problem.people), "days": problem.days, "cost": None}
    row |= {"seconds": time.perf_counter() - clock, "processor": time.process_time() - processor}
    if plan is not None:
        checked = check_roster(problem, plan)
        assert not checked.violations
        row["cost"] = checked.cost
    if plan is not None and asked is not None:
        count, rule = asked
        fair = fair_counts(problem, {count: rule})
        loads = counts_of(problem, plan)[count][list(fair.loads[count].people)] + fair.loads[count].carried
        shared = dispersion(loads, fair.members[count])
        row |= {"keeps": fair.accept(plan), "cv": shared.cv, "largest_over_mean": shared.max_over_mean}
    print(row, file=sys.stderr, flush=True)
    return row


if __name__ == "__main__":
    main()
