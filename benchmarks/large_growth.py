"""Measure how the time of an assignment grows: ``python -m benchmarks.large_growth tasks``, and ``agents``.

Tasks grow from 10^3 to 10^8 for 5 agents, and agents from 2 to 200 for 10^5 tasks; costs are distances between uniform
points, in single precision and in memory (2 GB for 10^8 tasks). Each case is solved in a process of its own. The slope
is that of the logarithm of the seconds over that of the size, by least squares: 1 is linear growth.

The figures go to `benchmarks/results/large-growth.json` and from there to `docs/reference/large-tables.md`.
"""

from __future__ import annotations

import json
import math
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import evenhand
from benchmarks import machine
from benchmarks.quote import put

CASES = {
    "tasks": [(5, 10**k, p, 1e-4) for p in (2.0, math.inf) for k in range(3, 9)],
    "agents": [(n, 100_000, p, 1e-4) for p in (2.0, math.inf) for n in (2, 5, 10, 20, 50, 100, 200)],
}
"""Agents, tasks, p and gap of the cases; epsilon is 0.99."""

EPSILON, TIME_LIMIT = 0.99, 40.0
WARM_UP = (1_000, 200_000)
"""Numbers of tasks of tables that are solved first, so that loading the loops is not measured."""

PART = 1_000_000
"""Number of tasks whose costs are generated at a time."""

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "large-tables.md"
RESULT = Path(__file__).parent / "results" / "large-growth.json"
BEGIN, END = "<!-- growth -->", "<!-- end of growth -->"

Row = dict[str, Any]


def plane(agents: int, tasks: int, seed: int) -> NDArray[np.float32]:
    """Return distances between uniform points in a field of 80 by 100, shape (agents, tasks)."""
    random = np.random.default_rng(seed)
    sites = random.uniform((0.0, 0.0), (80.0, 100.0), (agents, 2)).astype(np.float32)
    costs = np.empty((agents, tasks), np.float32)
    for first in range(0, tasks, PART):
        count = min(PART, tasks - first)
        targets = random.random((2, count), np.float32) * np.array([[80.0], [100.0]], np.float32)
        for i, (x, y) in enumerate(sites):
            np.hypot(targets[0] - x, targets[1] - y, out=costs[i, first : first + count])
    return costs


def measure(agents: int, tasks: int, p: float, gap: float) -> Row:
    """Solve one case and return what it took."""
    fairness = evenhand.EpsilonFairness(EPSILON, p=p)
    for size in WARM_UP:
        evenhand.assign(plane(5, size, 2), fairness, gap=1e-2)
    costs = plane(agents, tasks, 1)
    seconds, processor = time.perf_counter(), time.process_time()
    answer = evenhand.assign(costs, fairness, gap=gap, time_limit=TIME_LIMIT)
    return {
        "agents": agents,
        "tasks": tasks,
        "p": p,
        "gap": gap,
        "certified_gap": answer.certified_gap,
        "seconds": time.perf_counter() - seconds,
        "processor_seconds": time.process_time() - processor,
    }


def slope(rows: list[Row], size: str) -> float:
    """Return the exponent of a power law through the seconds of the rows, as a function of `size`, by least squares."""
    sizes, seconds = (np.log([row[key] for row in rows]) for key in (size, "seconds"))
    return float(np.polyfit(sizes, seconds, 1)[0])


def main() -> None:
    """Measure what the arguments name, by default both; print, write the result and the page."""
    result = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    for name in sys.argv[1:] or list(CASES):
        rows = []
        for case in CASES[name]:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                rows.append(pool.submit(measure, *case).result())
            print(rows[-1], flush=True)
        result[name] = {"machine": machine.describe("numpy", "numba"), "rows": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def quote(result: dict[str, Any]) -> str:
    """Return the page's tables for a result: a column for each size, and the slope of its growth."""
    lines: list[str] = []
    for size, what in (("tasks", "5 agents"), ("agents", "100,000 tasks")):
        if size not in result:
            continue
        about, rows = result[size]["machine"], result[size]["rows"]
        sizes = sorted({row[size] for row in rows})
        lines += [
            f"`python -m benchmarks.large_growth {size}`, {about['date'][:10]}, {about['processor']}, {about['cores']} "
            f"shared cores; {what}, epsilon = {EPSILON:g}, single precision; seconds (and the gap proven; "
            f"{rows[0]['gap']:.0e} was asked for, within {TIME_LIMIT:g} s):",
            "",
            f"| {size} | {' | '.join(f'{one:,}' for one in sizes)} | slope |",
            "|---" * (len(sizes) + 2) + "|",
        ]
        for p in sorted({row["p"] for row in rows}):
            own = {row[size]: row for row in rows if row["p"] == p}
            cells = [f"{own[one]['seconds']:.2g} ({gap(own[one])})" if one in own else "–" for one in sizes]
            lines.append(f"| p = {p:g} | {' | '.join(cells)} | {slope(list(own.values()), size):.2f} |")
        lines.append("")
    return "\n".join(lines[:-1])


def gap(row: Row) -> str:
    """Return the gap that a case's certificate proves, in words."""
    return "no plan" if row["certified_gap"] is None else f"{row['certified_gap']:.0e}"


if __name__ == "__main__":
    main()
