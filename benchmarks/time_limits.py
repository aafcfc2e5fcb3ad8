"""Measure how far time limits are overrun: ``python -m benchmarks.time_limits``, part of ``make bench``.

Each case calls `assign`, also for the fairest, `max_epsilon` or `price_of_fairness` with a limit that stops it; those
of a table run one after the other in one process, with the loops loaded. The seconds beyond the limit are of the
processor, all threads together, so that another process on the machine changes nothing; on an idle machine the wall
clock shows less. The worst case of each table goes to `benchmarks/results/time-limits.json` and from there to
`docs/explanation/search.md`. ``--tables 0 3`` measures some of the tables, by their place, and keeps the other results.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import evenhand
from benchmarks import machine
from benchmarks.large_tables import distances
from benchmarks.quote import put, table_head
from evenhand.assignment import progress_clock

SHAPES = [
    ("plane", 20, 1_000_000),
    ("plane", 500, 4_000),
    ("uniform", 200, 20_000),
    ("few kinds", 20, 300_000),
    ("equal columns", 20, 300_000),
    ("integers", 20, 300_000),
    ("heavy tails", 50, 60_000),
    ("forbidden", 200, 5_000),
    ("infeasible", 20, 300_000),
    ("plane", 2, 5_000_000),
    ("plane", 20, 3_000_000),
]
"""Kind of table, agents and tasks."""

RULES = [(2.0, 0.9, 1), (2.0, 0.99, 2), (math.inf, 0.99, 1)]
"""p, epsilon and workers."""

CALLS = ("assign", "fairest", "max_epsilon", "frontier")
LIMITS = (0.5, 2.0, 10.0)
LEVELS = (0.5, 0.9, 0.99)
"""Levels of a frontier, each with the time limit."""

CASES = [
    *((call, *rule, limit) for call in CALLS for rule in RULES for limit in LIMITS[:2]),
    *((call, *RULES[2], LIMITS[2]) for call in CALLS[:3]),
]
"""Call, p, epsilon, workers and limit."""

PAGE = Path(__file__).parent.parent / "docs" / "explanation" / "search.md"
RESULT = Path(__file__).parent / "results" / "time-limits.json"
BEGIN, END = "<!-- limits -->", "<!-- end of limits -->"

Row = dict[str, Any]


def table(kind: str, n: int, m: int) -> NDArray[np.float64]:
    """Return costs of this kind, shape (n, m)."""
    random = np.random.default_rng(1)
    if kind == "plane":
        return distances(n, m)
    if kind == "few kinds":
        return np.repeat(random.random((n, 10)), -(-m // 10), axis=1)[:, :m].copy()
    if kind == "equal columns":
        return np.repeat(random.random((n, 1)), m, axis=1)
    if kind == "integers":
        return random.integers(1, 10, (n, m)).astype(np.float64)
    if kind == "heavy tails":
        return random.pareto(1.1, (n, m)) + 1e-3
    costs = random.random((n, m)) + 0.1
    if kind == "forbidden":
        forbidden = random.random((n, m)) < 0.5
        forbidden[random.integers(0, n, m), np.arange(m)] = False
        costs[forbidden] = np.inf
    elif kind == "infeasible":
        costs[1:, : m // 2] = np.inf
    return costs


def load() -> None:
    """Load the compiled loops, whose time does not count."""
    for small in (np.random.default_rng(0).random((2, 9)), np.random.default_rng(0).random((2, 500_000))):
        evenhand.assign(small, evenhand.EpsilonFairness(0.9), time_limit=1.0)


def measured(
    costs: NDArray[np.float64], call: str, p: float, epsilon: float, workers: int, limit: float
) -> tuple[float, bool]:
    """Return the seconds of the processor beyond the limit, and whether there was an answer."""
    n, m = costs.shape
    rule = evenhand.EpsilonFairness(epsilon, p=p)
    begun = time.process_time()
    if call == "max_epsilon":
        found = evenhand.max_epsilon(costs, p, time_limit=limit).assignment is not None
    elif call == "frontier":
        answers = evenhand.price_of_fairness(costs, p, LEVELS, gap=0.0, time_limit=limit, workers=workers)
        found, limit = len(answers) == len(LEVELS), limit * len(LEVELS)
    else:
        fairest = call == "fairest"
        answer = evenhand.assign(costs, rule, gap=0.0, time_limit=limit, workers=workers, fairest=fairest)
        found = answer.assignment is not None or answer.status == "infeasible" or n > m // 50
    return time.process_time() - begun - limit, found


def _overruns(shape: tuple[str, int, int]) -> list[float]:
    """Return the seconds beyond the limit of each of CASES with a table, on the clock of the processor."""
    progress_clock.time.perf_counter = time.process_time
    load()
    costs = table(*shape)
    return [measured(costs, *case)[0] for case in CASES]


def worst(shape: tuple[str, int, int]) -> list[Row]:
    """Return for each limit the case of a table that overruns it most."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        overruns = pool.submit(_overruns, shape).result()
    rows = []
    for limit in LIMITS:
        found = [(over, case) for over, case in zip(overruns, CASES, strict=True) if case[-1] == limit]
        over, (call, p, epsilon, workers, _) = max(found)
        kind, n, m = shape
        rows.append({
            "table": f"{kind}, {n} x {m:,}",
            "limit": limit,
            "over": over,
            "call": f"{call}, p = {p:g}, epsilon = {epsilon:g}, workers = {workers}",
        })  # fmt: skip
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Measure, print, write the result and the page."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tables", type=int, nargs="+", choices=range(len(SHAPES)), metavar="PLACE")
    chosen = options.parse_args().tables
    rows = json.loads(RESULT.read_text("utf-8"))["cases"] if chosen is not None and RESULT.exists() else []
    for shape in SHAPES if chosen is None else [SHAPES[place] for place in chosen]:
        new = worst(shape)
        rows = [row for row in rows if row["table"] != new[0]["table"]] + new
    result = {"machine": machine.describe("numpy", "numba"), "cases": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result: the worst case of each table."""
    first, *rest = (f"{limit:g} s" for limit in LIMITS)
    heads = ("table", f"seconds beyond a limit of {first}", *(f"of {limit}" for limit in rest), "worst call")
    lines = table_head("time_limits", result["machine"], heads)
    for name in dict.fromkeys(row["table"] for row in result["cases"]):
        of_table = {row["limit"]: row for row in result["cases"] if row["table"] == name}
        cells = [f"{max(0.0, of_table[limit]['over']):.1f}" if limit in of_table else "" for limit in LIMITS]
        last = max(of_table.values(), key=lambda row: row["over"] / (0.1 * row["limit"] + 2.0))
        lines.append(f"| {name} | {' | '.join(cells)} | {last['call']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
