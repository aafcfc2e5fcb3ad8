"""Measure what rules cost small rosters: ``python -m benchmarks.roster_rules --data FOLDER [--limit 60]``.

FOLDER holds Instance1.txt, Instance2.txt and Instance3.txt of the public shift-scheduling benchmark, which is not ours
to ship; a generated ward of 20 people and two weeks is the fourth. Each is solved without fairness by
`evenhand.applications.rosters.solve`, and by HiGHS and CP-SAT with the rows of one model; then under rules on late
shifts, nights or weekends, beside CP-SAT with the usual objective: the cost, and a weight on the difference between the
largest and the least count in proportion to contracts. The cost of every roster is recounted from its plan. The figures
go to `benchmarks/results/roster-rules.json` and from there to `docs/reference/roster-speed.md`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.quote import put
from benchmarks.roster_page import BEGIN, END, quote
from benchmarks.rosters_cpsat import solve_with_cpsat
from evenhand.applications.rosters import (
    RosterProblem,
    check_roster,
    generate_ward,
    read_roster_tables,
    read_shift_benchmark,
    write_ward,
)
from evenhand.applications.rosters.compact_model import build_compact
from evenhand.applications.rosters.counts import counts_of
from evenhand.applications.rosters.fair_counts import fair_counts
from evenhand.applications.rosters.model_search import solve_model
from evenhand.applications.rosters.solve_roster import solve
from evenhand.fairness import CVAtMost, Fairness, MaxOverMean
from evenhand.fairness.dispersion import dispersion

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "roster-speed.md"
RESULT = Path(__file__).parent / "results" / "roster-rules.json"
NUMBERS = ("1", "2", "3")
RULES = (CVAtMost(0.3), CVAtMost(0.2), MaxOverMean(1.3))
COUNTS = {
    "1": ("weekends",),
    "2": ("late", "weekends"),
    "3": ("late", "weekends"),
    "ward": ("nights", "weekends"),
}
"""By instance, the counts that are to be fair, each under each rule."""

WEIGHTS = (1, 100)
"""Weights of the difference between the largest and the least count in CP-SAT's objective."""

SEED = 20261129

WARD = 20

Row = dict[str, Any]


def ours(problem: RosterProblem, limit: float, fairness: dict[str, Fairness] | None = None) -> Row:
    """Solve a problem our way."""
    answer = solve(problem, fairness, time_limit=limit, seed=SEED, price=False)
    return {"cost": answer.cost, "bound": answer.bound, "plan": answer.plan}


def by_highs(problem: RosterProblem, limit: float) -> Row:
    """Solve the model of binaries as it is."""
    found = solve_model(build_compact(problem), time_limit=limit, gap=0.0, seed=SEED)
    return {"cost": found.cost, "bound": found.bound, "plan": found.plan}


def by_cpsat(problem: RosterProblem, limit: float, count: str, weight: float) -> Row:
    """Solve the same model in CP-SAT; with a weight, its bound is none on the cost alone."""
    even = weight > 0
    plan, bound = solve_with_cpsat(problem, count, weight, limit, SEED, proportional=even)
    cost = None if plan is None else check_roster(problem, plan).cost
    return {"cost": cost, "bound": None if even else bound, "plan": plan}


def timed(about: Row, problem: RosterProblem, way: Callable[[], Row], count: str | None = None) -> Row:
    """Return a row with what `way` found, its seconds and, for a count, how it is shared."""
    clock, processor = time.perf_counter(), time.process_time()
    found = way()
    row = about | {key: found[key] for key in ("cost", "bound")}
    row["seconds"], row["processor"] = time.perf_counter() - clock, time.process_time() - processor
    plan = found["plan"]
    if plan is not None:
        checked = check_roster(problem, plan)
        assert not checked.violations
        assert checked.cost == row["cost"]
    if plan is not None and count is not None:
        fair = fair_counts(problem, {count: CVAtMost(0.3)})
        loads = counts_of(problem, plan)[count][list(fair.loads[count].people)] + fair.loads[count].carried
        shared = dispersion(loads, fair.members[count])
        row |= {"cv": shared.cv, "largest_over_mean": shared.max_over_mean}
    print(row, file=sys.stderr, flush=True)
    return row


def read(folder: Path) -> dict[str, RosterProblem]:
    """Return the problems by name."""
    problems = {number: read_shift_benchmark(folder / f"Instance{number}.txt") for number in NUMBERS}
    with tempfile.TemporaryDirectory() as place:
        write_ward(place, generate_ward(WARD, 14, 0))
        paths = [Path(place) / f"{name}.csv" for name in ("shifts", "people", "wishes", "absences")]
        problems["ward"] = read_roster_tables(*paths).problem
    return problems


def measure(name: str, problem: RosterProblem, limit: float) -> list[Row]:
    """Solve an instance in every way."""
    peers = bool(importlib.util.find_spec("ortools"))
    about = {"instance": name, "people": len(problem.people), "days": problem.days, "count": None, "rule": None}
    rows = [
        timed(about | {"solver": "evenhand"}, problem, lambda: ours(problem, limit)),
        timed(about | {"solver": "HiGHS"}, problem, lambda: by_highs(problem, limit)),
    ]
    if peers:
        rows.append(timed(about | {"solver": "CP-SAT"}, problem, partial(by_cpsat, problem, limit, "weekends", 0)))
    for count in COUNTS.get(name, ()):
        for member in RULES:
            way = about | {"count": count, "rule": repr(member), "solver": "evenhand"}
            rows.append(timed(way, problem, partial(ours, problem, limit, {count: member}), count))
        for weight in WEIGHTS if peers else ():
            way = about | {"count": count, "rule": f"{weight} (largest - least)", "solver": "CP-SAT"}
            rows.append(timed(way, problem, partial(by_cpsat, problem, limit, count, weight), count))
    return rows


def main() -> None:
    """Measure, write the result and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the benchmark's instances")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each solve")
    options = parser.parse_args()
    rows = [row for name, problem in read(options.data).items() for row in measure(name, problem, options.limit)]
    result = {"machine": machine.describe("highspy", "ortools"), "limit": options.limit, "cases": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


if __name__ == "__main__":
    main()
