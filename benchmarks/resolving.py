"""Measure solving again: ``python -m benchmarks.resolving``, part of ``make bench``.

A table of uniform points in a square is solved and then changed: one task in a hundred is replaced by another at a
random place; or its costs rise or fall by up to a half; or it leaves and another arrives; or epsilon moves by 0.01.
The answer is updated, with and without a limit on the tasks that change hands, and beside each update stands a solve of
the new problem from nothing, at the same gap. Seconds are of processor, of the whole call from an array in memory:
medians of three runs of each in turn; the loops are loaded before. Of several seeds, the one with the worst ratio is
shown. The figures go to `benchmarks/results/resolving.json` and from there to `docs/how-to/another-day.md`;
`tests/benchmarks/test_resolving_page.py` checks that page and result agree.
"""

from __future__ import annotations

import json
import math
import statistics
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
    (5, 250, 2.0, 0.9, 1e-3, "replaced", 2),
    (5, 250, math.inf, 0.9, 1e-3, "replaced", 12),
    (20, 10_000, 2.0, 0.9, 1e-4, "replaced", 90),
    (20, 100_000, 2.0, 0.9, 1e-5, "replaced", 900),
    (20, 100_000, math.inf, 0.9, 1e-5, "replaced", None),
    *(
        (20, 1_000_000, p, epsilon, 1e-6, "replaced", None)
        for p in (2.0, 5.0, math.inf)
        for epsilon in (0.5, 0.9, 0.99)
    ),
    (20, 1_000_000, 2.0, 0.9, 1e-6, "costs", None),
]
"""Agents, tasks, order p, epsilon, gap, kind of change, and a limit on the tasks that change hands."""

KINDS = {
    "replaced": "",
    "costs": ", costs change",
    "arrivals": ", tasks leave and arrive",
    "epsilon": ", epsilon from 0.9 to 0.91",
}
"""Kinds of change, and their words behind a case."""

CHANGED, REPEATS, SEEDS, TIME_LIMIT = 0.01, 3, (1, 2), 120.0
PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "another-day.md"
RESULT = Path(__file__).parent / "results" / "resolving.json"
BEGIN, END = "<!-- resolving -->", "<!-- end of resolving -->"
HEADS = ("case", "gap asked", "from nothing, s", "updated, s", "of it", "gap proven", "changed hands")

Row = dict[str, Any]


def measure(
    agents: int, tasks: int, p: float, epsilon: float, gap: float, kind: str, most: int | None, seed: int
) -> list[Row]:
    """Solve, change, and update one case; return a row for the update, and one for that with a limit on changes."""
    fairness, options = EpsilonFairness(epsilon, p=p), {"gap": gap, "time_limit": TIME_LIMIT}
    drawn = generate_plane(agents, tasks, seed).costs
    costs, there = np.array(drawn.values), drawn.agent_xy
    first = evenhand.assign(costs, fairness, **options)
    first.update(costs, **options)  # loads what an update needs
    asked: dict[str, Any] = {}
    later, now = costs, fairness
    if kind == "epsilon":
        asked, now = {"epsilon": epsilon + 0.01}, EpsilonFairness(epsilon + 0.01, p=p)
    elif kind == "arrivals":
        columns = chosen(tasks, seed)
        asked = {"added": places(there, len(columns), seed), "removed": columns.tolist()}
        later = np.concatenate([np.delete(costs, columns, axis=1), asked["added"]], axis=1)
    else:
        change_tasks(costs, there, seed, kind)
    rows = []
    for limit in (None, most)[: 1 if most is None else 2]:
        cold, again, seconds, answer = _in_turn(
            lambda: evenhand.assign(later, now, **options),
            lambda limit=limit: first.update(costs, change_at_most=limit, **asked, **options),
        )
        assert answer.changes is not None
        rows.append(
            {
                "case": f"{agents} x {tasks:,}, p = {p:g}, epsilon {epsilon:g}{KINDS[kind]}",
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


def chosen(tasks: int, seed: int) -> NDArray[np.intp]:
    """Return the positions of one task in a hundred, drawn at random."""
    count = max(1, round(CHANGED * tasks))
    return np.sort(np.random.default_rng([seed, 2]).choice(tasks, count, replace=False))


def places(there: Any, count: int, seed: int) -> NDArray[np.float64]:
    """Return the costs of some tasks at random places for agents at `there`, shape (n, 2); shape (n, count)."""
    new = np.random.default_rng([seed, 3]).uniform((0.0, 0.0), (80.0, 100.0), (count, 2))
    return np.asarray(np.round(np.linalg.norm(there[:, np.newaxis] - new, axis=2), 4))


def change_tasks(costs: NDArray[np.float64], there: Any, seed: int, kind: str) -> None:
    """Put other tasks in the columns of one task in a hundred, or change the costs there by up to a half."""
    columns = chosen(costs.shape[1], seed)
    if kind == "replaced":
        costs[:, columns] = places(there, len(columns), seed)
    else:
        costs[:, columns] *= np.random.default_rng([seed, 4]).uniform(0.5, 1.5, (len(there), len(columns)))


def _in_turn(
    cold: Callable[[], Assignment], warm: Callable[[], Assignment]
) -> tuple[float, Assignment, float, Assignment]:
    """Return the median processor times of two calls, made in turn, each with its answer."""
    seconds: list[list[float]] = [[], []]
    answers = []
    for _ in range(REPEATS):
        answers = []
        for of, solve in zip(seconds, (cold, warm), strict=True):
            begun = time.process_time()
            answers.append(solve())
            of.append(time.process_time() - begun)
    return statistics.median(seconds[0]), answers[0], statistics.median(seconds[1]), answers[1]


def main() -> None:
    """Measure, print, write the result and the page."""
    rows = []
    for case in CASES:
        of_seeds = [measure(*case, seed) for seed in SEEDS]
        rows += [
            max(alike, key=lambda row: row["seconds"] / row["cold_seconds"]) for alike in zip(*of_seeds, strict=True)
        ]
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
