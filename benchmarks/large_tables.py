"""Measure large tables: ``python -m benchmarks.large_tables``, part of ``make bench``.

Each case, uniform points in a square, is solved in a process of its own, so that the peak of its memory is its own. The
seconds are those of the whole call from an array in memory: checks, names, samples, passes, rounding and certificate.
The figures go to `benchmarks/results/large-tables.json` and from there to `docs/explanation/search.md`;
`tests/benchmarks/test_large_tables_page.py` checks that page and result agree.
"""

from __future__ import annotations

import json
import math
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import evenhand
from benchmarks import machine
from benchmarks.quote import put, table_head
from evenhand.assignment.generated_instances import generate_plane

CASES = [
    *((20, 1_000_000, p, epsilon, 1e-6) for p in (2.0, 5.0, math.inf) for epsilon in (0.5, 0.9, 0.99)),
    *((20, 100_000, p, 0.9, 1e-5) for p in (2.0, 5.0, math.inf)),
    *((50, 100_000, p, 0.9, 1e-5) for p in (2.0, 5.0, math.inf)),
    *((5, 4_000_000, p, 0.9, 1e-6) for p in (2.0, math.inf)),
]
"""Agents, tasks, p, epsilon and gap of the generated cases; their seed is 1."""

TIME_LIMIT = 60.0
PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "search.md"
RESULT = Path(__file__).parent / "results" / "large-tables.json"
BEGIN, END = "<!-- large -->", "<!-- end of large -->"
HEADS = ("case", "gap asked", "gap proven", "seconds", "of processor", "memory, tables")

Row = dict[str, Any]


def measure(agents: int, tasks: int, p: float, epsilon: float, gap: float) -> Row:
    """Solve one case and return what it took; the loops are loaded before, on a small table."""
    fairness = evenhand.EpsilonFairness(epsilon, p=p)
    evenhand.assign(np.array(generate_plane(agents, 1_000_000 // agents, 2).costs.values), fairness, gap=1e-3)
    costs = distances(agents, tasks)
    before, seconds, processor = _peak(), time.perf_counter(), time.process_time()
    answer = evenhand.assign(costs, fairness, gap=gap, time_limit=TIME_LIMIT)
    return {
        "case": f"{agents} x {tasks:,}, p = {p:g}, epsilon = {epsilon:g}",
        "gap": gap,
        "certified_gap": answer.certified_gap,
        "seconds": time.perf_counter() - seconds,
        "processor_seconds": time.process_time() - processor,
        "memory_tables": (_peak() - before) / costs.nbytes,
    }


def distances(agents: int, tasks: int) -> NDArray[np.float64]:
    """Return distances of random points, shape (n, m), made without more memory than that, which would hide peaks."""
    random = np.random.default_rng(1)
    sources, points, costs = random.random((agents, 2)), random.random((tasks, 2)), np.empty((agents, tasks))
    for source, row in zip(sources, costs, strict=True):
        for first in range(0, tasks, 50_000):
            row[first : first + 50_000] = np.hypot(*(points[first : first + 50_000] - source).T)
    return costs


def _peak() -> int:
    """Return the largest memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Measure, print, write the result and the page."""
    rows = []
    for case in CASES:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            rows.append(pool.submit(measure, *case).result())
        print(rows[-1], flush=True)
    result = {"machine": machine.describe("numpy", "numba"), "cases": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    lines = table_head("large_tables", result["machine"], HEADS)
    for row in result["cases"]:
        proven = "no plan" if row["certified_gap"] is None else f"{row['certified_gap']:.1e}"
        cells = (row["case"], f"{row['gap']:.0e}", proven, f"{row['seconds']:.1f}", f"{row['processor_seconds']:.1f}")
        lines.append(f"| {' | '.join(cells)} | {row['memory_tables']:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
