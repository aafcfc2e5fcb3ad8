"""Measure tables larger than memory should hold: ``python -m benchmarks.shards [--tasks 100000000] [--cases ...]``.

Shards of single precision are made in a temporary folder, whose place ``--folder`` sets, and each case is solved by a
process of its own, so that the peak of its memory is its own. Seconds are those of the whole call, from opening the
files to the last part of the plan; the file system may still hold the shards in memory from writing them.
The figures go to `benchmarks/results/shards.json` and from there to `docs/how-to/larger-than-memory.md`.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.quote import put, table_head
from evenhand import EpsilonFairness
from evenhand.assignment import assign_shards, verify_plan

SHARD = 2_000_000
"""Number of tasks in a shard."""

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "larger-than-memory.md"
RESULT = Path(__file__).parent / "results" / "shards.json"
BEGIN, END = "<!-- shards -->", "<!-- end of shards -->"
HEADS = ("table", "rule", "gap proven", "passes", "seconds", "of processor", "memory, GB", "verified in seconds", "GB")

Random = np.random.Generator
Row = dict[str, Any]


def uniform(random: Random, agents: NDArray[np.float64], m: int) -> NDArray[np.float32]:
    """Return distances from agents to tasks, both uniform in a square."""
    return _distances(agents, random.random((2, m), np.float32))


def clustered(random: Random, agents: NDArray[np.float64], m: int) -> NDArray[np.float32]:
    """Return distances to tasks around twenty centres."""
    centres = np.random.default_rng(7).random((2, 20), np.float32)
    spread = random.normal(scale=0.03, size=(2, m)).astype(np.float32)
    return _distances(agents, centres[:, random.integers(0, 20, m)] + spread)


def heavy(random: Random, agents: NDArray[np.float64], m: int) -> NDArray[np.float32]:
    """Return costs with infinite variance."""
    return (random.pareto(1.5, (len(agents), m)) + 0.1).astype(np.float32)


def equal(random: Random, agents: NDArray[np.float64], m: int) -> NDArray[np.float32]:
    """Return distances of which half are those of a single task."""
    costs = uniform(random, agents, m)
    costs[:, ::2] = np.random.default_rng(7).random((len(agents), 1), np.float32)
    return costs


def kinds(random: Random, agents: NDArray[np.float64], m: int) -> NDArray[np.float32]:
    """Return the costs of ten kinds of tasks."""
    table = np.random.default_rng(7).random((len(agents), 10), np.float32)
    return table[:, random.integers(0, 10, m)]


def _distances(agents: NDArray[np.float64], tasks: NDArray[np.float32]) -> NDArray[np.float32]:
    rows = [np.hypot(tasks[0] - np.float32(x), tasks[1] - np.float32(y)) for x, y in agents]
    return np.array(rows, np.float32)


MAKERS: dict[str, Callable[[Random, NDArray[np.float64], int], NDArray[np.float32]]] = {
    "uniform": uniform,
    "clustered": clustered,
    "heavy": heavy,
    "equal": equal,
    "kinds": kinds,
}
RULES = ((2.0, 0.9), (5.0, 0.9), (math.inf, 0.9), (math.inf, 0.99))


def write(folder: Path, kind: str, n: int, m: int, form: str) -> Path:
    """Write the shards of a table and return their folder."""
    agents = np.random.default_rng(1).random((n, 2))
    folder.mkdir()
    for k, first in enumerate(range(0, m, SHARD)):
        costs = MAKERS[kind](np.random.default_rng([2, k]), agents, min(SHARD, m - first))
        if form == "npy":
            np.save(folder / f"part-{k:04d}.npy", costs)
        else:
            import pyarrow
            import pyarrow.parquet

            table = pyarrow.table({f"agent-{i + 1}": row for i, row in enumerate(costs)})
            pyarrow.parquet.write_table(table, folder / f"part-{k:04d}.parquet", row_group_size=SHARD // 2)
    return folder


def measure(costs: Path, plan: Path, p: float, epsilon: float, gap: float) -> Row:
    """Solve one case and return what it took; the loops are loaded before, on a small table."""
    rule = EpsilonFairness(epsilon, p=p)
    for dtype in (np.float32, np.float64):
        small = np.random.default_rng(0).random((3, 20_000)).astype(dtype)
        with tempfile.TemporaryDirectory() as folder:
            assign_shards(small, rule, folder, gap=1e-3)
    seconds, processor = time.perf_counter(), time.process_time()
    answer = assign_shards(costs, rule, plan, gap=gap)
    return {
        "rule": f"p = {p:g}, epsilon = {epsilon:g}",
        "status": answer.status,
        "certified_gap": answer.certified_gap,
        "passes": answer.passes,
        "seconds": time.perf_counter() - seconds,
        "processor_seconds": time.process_time() - processor,
        "memory_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def verified(costs: Path, plan: Path) -> Row:
    """Verify one plan and return what it took; the loops are loaded before, on a small table."""
    for dtype in (np.float32, np.float64):
        small = np.random.default_rng(0).random((3, 20_000)).astype(dtype)
        with tempfile.TemporaryDirectory() as folder:
            verify_plan(small, assign_shards(small, EpsilonFairness(0.9), folder, gap=1e-3))
    seconds, processor = time.perf_counter(), time.process_time()
    if not verify_plan(costs, plan):
        raise RuntimeError(f"{plan} is not verified")
    return {
        "verify_seconds": time.perf_counter() - seconds,
        "verify_processor_seconds": time.process_time() - processor,
        "verify_memory_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def main() -> None:
    """Measure, print, write the result and the page."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--agents", type=int, default=5)
    options.add_argument("--tasks", type=int, default=100_000_000)
    options.add_argument("--kinds", nargs="+", choices=tuple(MAKERS), default=list(MAKERS))
    options.add_argument("--form", choices=("npy", "parquet"), default="npy")
    options.add_argument("--rules", type=int, default=len(RULES), help="number of rules, the first of those listed")
    options.add_argument("--gap", type=float, default=1e-7)
    options.add_argument("--folder", type=Path, help="where the shards are made; removed afterwards")
    options.add_argument("--add", action="store_true", help="keep the cases that were measured before")
    given = options.parse_args()
    rows = json.loads(RESULT.read_text("utf-8"))["cases"] if given.add else []
    for kind in given.kinds:
        folder = Path(tempfile.mkdtemp(dir=given.folder))
        try:
            costs = write(folder / "costs", kind, given.agents, given.tasks, given.form)
            for k, rule in enumerate(RULES[: given.rules]):
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                    row = pool.submit(measure, costs, folder / f"plan{k}", *rule, given.gap).result()
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                    row.update(pool.submit(verified, costs, folder / f"plan{k}").result())
                shutil.rmtree(folder / f"plan{k}")
                table = f"{kind}, {given.agents} x {given.tasks:,}, {given.form}"
                rows.append({"table": table, **row})
                print(rows[-1], flush=True)
        finally:
            shutil.rmtree(folder)
    result = {"machine": machine.describe("numpy", "numba"), "cases": rows}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    lines = table_head("shards", result["machine"], HEADS)
    for row in result["cases"]:
        proven = "no plan" if row["certified_gap"] is None else f"{row['certified_gap']:.1e}"
        cells = (
            row["table"],
            row["rule"],
            proven,
            str(row["passes"]),
            f"{row['seconds']:.1f}",
            f"{row['processor_seconds']:.1f}",
            f"{row['memory_gigabytes']:.1f}",
            *(f"{row[name]:.1f}" if name in row else "" for name in ("verify_seconds", "verify_memory_gigabytes")),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
