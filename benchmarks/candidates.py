"""Measure tables of candidates: ``python -m benchmarks.candidates``, part of ``make bench``.

Each task lists ten random candidates among many agents, some of whom are dearer than others. Each case is solved in a
process of its own, so that the peak of its memory is its own; the seconds are those of the whole call from arrays in
memory. ``python -m benchmarks.candidates 1000 1e7 2 .99`` measures one case. The figures go to
`benchmarks/results/candidates.json`.
"""

from __future__ import annotations

import json
import math
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import evenhand
from benchmarks import machine
from evenhand.tables import CandidateTable

CASES = [
    *((1_000, 10_000_000, p, epsilon) for p in (2.0, 5.0, math.inf) for epsilon in (0.5, 0.9, 0.99)),
    *((1_000, tasks, 2.0, 0.99) for tasks in (100_000, 1_000_000)),
    *((agents, 1_000_000, 2.0, 0.99) for agents in (20, 200, 5_000)),
]
"""Agents, tasks, p and epsilon of the cases."""

LISTED, GAP, TIME_LIMIT = 10, 1e-6, 600.0
"""Candidates of each task, gap that is asked for, and time limit in seconds."""

RESULT = Path(__file__).parent / "results" / "candidates.json"

Row = dict[str, Any]


def random_candidates(agents: int, tasks: int, listed: int = LISTED, seed: int = 1) -> CandidateTable:
    """Return a table of random candidates; costs are uniform, times a factor of the agent between 0.5 and 2."""
    random = np.random.default_rng(seed)
    chosen = random.integers(0, agents, (tasks, listed), dtype=np.int32)
    while True:
        ordered = np.sort(chosen, axis=1)
        again = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
        if not len(again):
            break
        chosen[again] = random.integers(0, agents, (len(again), listed))
    costs = random.random((tasks, listed))
    costs *= np.exp(random.uniform(-0.7, 0.7, agents))[chosen]
    return CandidateTable.of_arrays(np.arange(tasks + 1) * listed, chosen.ravel(), costs.ravel(), agents=agents)


def measure(agents: int, tasks: int, p: float, epsilon: float) -> Row:
    """Solve one case and return what it took; the loops are loaded before, on a small table."""
    fairness = evenhand.EpsilonFairness(epsilon, p=p)
    evenhand.assign(random_candidates(20, 300_000, 2), fairness, gap=1e-2)
    table = random_candidates(agents, tasks)
    seconds, processor = time.perf_counter(), time.process_time()
    answer = evenhand.assign(table, fairness, gap=GAP, time_limit=TIME_LIMIT)
    return {
        "case": f"{agents:,} x {tasks:,}, {LISTED} candidates, p = {p:g}, epsilon = {epsilon:g}",
        "certified_gap": answer.certified_gap,
        "price": answer.price,
        "seconds": time.perf_counter() - seconds,
        "processor_seconds": time.process_time() - processor,
        "peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "table_gigabytes": (table.agent_of.nbytes + table.costs.nbytes + table.starts.nbytes) / 1e9,
    }


def main(words: list[str]) -> None:
    """Measure one case, or all and write their result."""
    cases = CASES
    if words:
        agents, tasks, p, epsilon = map(float, words)
        cases = [(int(agents), int(tasks), p, epsilon)]
    rows: list[Row] = []
    for case in cases:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            rows.append(pool.submit(measure, *case).result())
        print(json.dumps(rows[-1]), flush=True)
    if not words:
        result = {"machine": machine.describe("numpy", "numba"), "cases": rows}
        RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
