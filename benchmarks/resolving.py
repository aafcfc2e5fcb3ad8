"""Measure solving again: ``python -m benchmarks.resolving``, part of ``make bench``.

A table of uniform points in a square is solved; then one task in a hundred is replaced by another at a random place,
and the answer is updated, with and without a limit on the tasks that change hands. Beside each update stands a solve
of the new table from nothing, at the same gap. Seconds are of processor, of the whole call from an array in memory, and
the smaller of two; the loops are loaded before. The figures go to `benchmarks/results/resolving.json` and from there to
`docs/how-to/another-day.md`; `tests/benchmarks/test_resolving_page.py` checks that page and result agree.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import evenhand
from benchmarks import machine
from benchmarks.quote import put
from evenhand.assignment.assignment_result import Assignment
from evenhand.assignment.generated_instances import generate_plane
from evenhand.fairness import EpsilonFairness

CASES = [
    (5, 250, 2.0, 1e-3, 2),
    (5, 250, math.inf, 1e-3, 12),
    (20, 10_000, 2.0, 1e-4, 90),
    (20, 100_000, 2.0, 1e-5, 900),
    (20, 100_000, math.inf, 1e-5, None),
    (20, 1_000_000, math.inf, 1e-6, None),
    (20, 1_000_000, 2.0, 1e-6, None),
]
"""Agents, tasks, order p, gap, and a limit on changes; epsilon is 0.9, and the seed 1."""

EPSILON, CHANGED, REPEATS, TIME_LIMIT = 0.9, 0.01, 2, 120.0
PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "another-day.md"
RESULT = Path(__file__).parent / "results" / "resolving.json"
BEGIN, END = "<!-- resolving -->", "<!-- end of resolving -->"
HEADS = ("case", "gap asked", "from nothing, s", "updated, s", "of it", "gap proven", "changed hands")

Row = dict[str, Any]


def measure(agents: int, tasks: int, p: float, gap: float, most: int | None) -> list[Row]:
    """Solve, change, and update one case; return a row for the update, and one for that with a limit on changes."""
    fairness, options = EpsilonFairness(EPSILON, p=p), {"gap": gap, "time_limit": TIME_LIMIT}
    costs = np.array(generate_plane(agents, tasks, 1).costs.values)
    first = evenhand.assign(costs, fairness, **options)
    first.update(costs, **options)  # loads what an update needs
    replace_tasks(costs, agents)
    cold, again = _timed(lambda: evenhand.assign(costs, fairness, **options))
    rows = []
    for limit in (None, most)[: 1 if most is None else 2]:
        seconds, answer = _timed(lambda limit=limit: first.update(costs, change_at_most=limit, **options))
        assert answer.changes is not None
        rows.append(
            {
                "case": f"{agents} x {tasks:,}, p = {p:g}",
                "limit": limit,
                "gap": gap,
                "cold_seconds": cold,
                "cold_gap": again.gap,
                "seconds": seconds,
                "reached_gap": answer.gap,
                "changed": answer.changes.changed,
            }
        )
    return rows


def replace_tasks(costs: NDArray[np.float64], agents: int) -> None:
    """Put other tasks, of random places in the square, in the columns of one task in a hundred."""
    random, tasks = np.random.default_rng(2), costs.shape[1]
    columns = np.sort(random.choice(tasks, max(1, round(CHANGED * tasks)), replace=False))
    there = generate_plane(agents, tasks, 1).costs.agent_xy
    assert there is not None
    places = random.uniform((0.0, 0.0), (80.0, 100.0), (len(columns), 2))
    costs[:, columns] = np.round(np.linalg.norm(there[:, np.newaxis] - places, axis=2), 4)


def _timed(solve: Callable[[], Assignment]) -> tuple[float, Assignment]:
    """Return the least processor time of a few calls, and the answer."""
    seconds = []
    for _ in range(REPEATS):
        begun = time.process_time()
        answer = solve()
        seconds.append(time.process_time() - begun)
    return min(seconds), answer


def main() -> None:
    """Measure, print, write the result and the page."""
    rows = []
    for case in CASES:
        rows += measure(*case)
        print(rows[-1], flush=True)
        result = {"machine": machine.describe("numpy", "numba"), "cases": rows}
        RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    about = result["machine"]
    lines = [
        f"`python -m benchmarks.resolving`, {about['date'][:10]}, {about['processor']}, {about['cores']} shared cores, "
        "seconds of processor:",
        "",
        f"| {' | '.join(HEADS)} |",
        "|---" * len(HEADS) + "|",
    ]
    for row in result["cases"]:
        limit = "" if row["limit"] is None else f", at most {row['limit']:,} changes"
        part = row["seconds"] / row["cold_seconds"]
        cells = (
            row["case"] + limit,
            f"{row['gap']:.0e}",
            f"{row['cold_seconds']:.2g}",
            f"{row['seconds']:.2g}",
            f"{100 * part:.0f} %" if part < 9.995 else f"{part:.0f} times",
            "no plan" if row["reached_gap"] is None else f"{row['reached_gap']:.1e}",
            "" if row["changed"] is None else f"{row['changed']:,}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
