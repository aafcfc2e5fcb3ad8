"""Measure passes over shards on a Ray cluster of two nodes against one: ``python -m benchmarks.large_ray``.

Head and nodes, one core each, are processes of their own on this machine. A pass computes the distances between agents
and tasks, shard by shard, and adds up the least reduced costs: work for the processor, with little to read. The pieces
of a pass that are not work are measured as well: start, round trips, and copies between nodes.

The figures go to `benchmarks/results/large-ray.json` and from there to `docs/how-to/cluster.md`.
"""

from __future__ import annotations

import json
import pickle
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.quote import put
from benchmarks.ray_nodes import Nodes
from evenhand.assignment.kernels.screening import least_reduced
from evenhand.assignment.shards.computed_shards import DistanceShards
from evenhand.assignment.shards.engine import LocalEngine
from evenhand.assignment.shards.ray_engine import RayEngine
from evenhand.assignment.shards.source import Source

AGENTS, TASKS = 20, 4_000_000
PASSES, TRIPS = 3, 200
COPIED = 40
"""Size of the array that is copied from node to node, in megabytes."""

PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "cluster.md"
RESULT = Path(__file__).parent / "results" / "large-ray.json"
BEGIN, END = "<!-- ray -->", "<!-- end of ray -->"


@dataclass(frozen=True)
class Pass:
    """The sum of the least reduced costs of a shard, which a bound is made of."""

    source: Source
    price: NDArray[np.float64]

    def __call__(self, shard: int) -> tuple[float, float, float]:
        """Read the shard and return the compensated sum."""
        costs = self.source.read(shard).costs
        size = costs.shape[1]
        return least_reduced(costs, costs, True, np.full(size, -1), self.price, 0, size)


def same(shard: int) -> int:
    """Return the number of a shard, as work that takes no time."""
    return shard


def size_of(array: NDArray[np.float64]) -> int:
    """Return the size of an array, in bytes, which a task that gets a copy does."""
    return array.nbytes


def work_on(folder: Path) -> Pass:
    """Return the work of a pass over the points in the folder."""
    sites = np.load(folder / "sites.npy")
    return Pass(DistanceShards(sites, folder / "targets.npy"), np.full(AGENTS, 0.3))


def locally(folder: Path) -> dict[str, Any]:
    """Measure passes by one thread of one process."""
    work = work_on(folder)
    return passes(LocalEngine(1), work)


def on_ray(address: str, folder: Path) -> dict[str, Any]:
    """Measure what a cluster takes."""
    begun = time.perf_counter()
    work = work_on(folder)
    with RayEngine(address) as engine:
        list(engine.map(same, [0]))
        found: dict[str, Any] = {"connect": time.perf_counter() - begun, **passes(engine, work)}
        seconds = []
        for _ in range(20):
            begun = time.perf_counter()
            list(engine.map(same, [0]))
            seconds.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        list(engine.map(same, range(TRIPS)))
        found |= {"round_trip": median(seconds), "per_shard": (time.perf_counter() - begun) / TRIPS}
        found |= {"sent": len(pickle.dumps(work)), "received": len(pickle.dumps((0.0, 0.0, 0.0)))}
        return found | copies()


def passes(engine: Any, work: Pass) -> dict[str, Any]:
    """Return the seconds of the first pass and the median of others, and the bits of their sum."""
    shards, seconds, sums = range(len(work.source.sizes)), [], set()
    for _ in range(1 + PASSES):
        begun = time.perf_counter()
        sums.add(np.sum(list(engine.map(work, shards))).hex())
        seconds.append(time.perf_counter() - begun)
    assert len(sums) == 1, "every pass has the same bits"
    return {"shards": len(shards), "first_pass": seconds[0], "pass": median(seconds[1:]), "sum": sums.pop()}


def copies() -> dict[str, float]:
    """Return what it takes to put an array into the store of the head, and to use it on a node: at first, and again."""
    import ray

    begun = time.perf_counter()
    stored = ray.put(np.zeros(COPIED << 17))
    found = {"put": time.perf_counter() - begun}
    task = ray.remote(size_of)
    ray.get(task.remote(np.zeros(1)))
    for name in ("first_use", "next_use"):
        begun = time.perf_counter()
        ray.get(task.remote(stored))
        found[name] = time.perf_counter() - begun
    return found


def apart(function: Any, *given: Any) -> dict[str, Any]:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given).result()


def main() -> None:
    """Measure, print, write the result and the page."""
    result: dict[str, Any] = {"machine": machine.describe("numpy", "numba", "ray")}
    with tempfile.TemporaryDirectory() as name:
        folder, random = Path(name), np.random.default_rng(1)
        np.save(folder / "sites.npy", random.random((AGENTS, 2)))
        np.save(folder / "targets.npy", random.random((TASKS, 2)))
        result["local"] = apart(locally, folder)
        for workers in (1, 2):
            begun = time.perf_counter()
            with Nodes(*[1] * workers, store=3 * COPIED) as nodes:
                started = time.perf_counter() - begun
                result[str(workers)] = {"start": started, **apart(on_ray, nodes.address, folder)}
            print(result[str(workers)], flush=True)
    assert result["local"]["sum"] == result["1"]["sum"] == result["2"]["sum"]
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(PAGE, quote(result), BEGIN, END)


def quote(result: dict[str, Any]) -> str:
    """Return the page's table for a result."""
    about, local, one, two = (result[key] for key in ("machine", "local", "1", "2"))
    ratio = one["pass"] / two["pass"]
    lines = [
        f"`python -m benchmarks.large_ray`, {about['date'][:10]}, {about['processor']}, {about['cores']} shared cores, "
        f"Ray {about['versions']['ray']}: {AGENTS} x {TASKS:,}, {one['shards']} shards, distances computed by the "
        f"workers. Two workers are **{ratio:.2f} times** as fast as one, and the sums have the same bits:",
        "",
        "| | one process, one thread, no Ray | one worker | two workers |",
        "|---|---|---|---|",
        f"| a pass, s | {local['pass']:.2f} | {one['pass']:.2f} | {two['pass']:.2f} |",
    ]
    for head, key, unit in (
        ("head and nodes start, s", "start", 1.0),
        ("the command connects, s", "connect", 1.0),
        ("the first pass, whose workers load evenhand and its loops, s", "first_pass", 1.0),
        ("a pass over one shard without work, ms", "round_trip", 1e3),
        ("a shard more without work, ms", "per_shard", 1e3),
        ("sent per pass and machine, kB", "sent", 1e-3),
        ("received per shard, kB", "received", 1e-3),
        (f"an array of {COPIED} MB: into the head's store, ms", "put", 1e3),
        ("its first use on a node, with the copy, ms", "first_use", 1e3),
        ("its next use there, ms", "next_use", 1e3),
    ):
        here = f"{local[key] * unit:.3g}" if key in local else "–"
        lines.append(f"| {head} | {here} | {one[key] * unit:.3g} | {two[key] * unit:.3g} |")
    return "\n".join(lines)


if __name__ == "__main__":
    # By its own name, under which workers can import what they are sent.
    from benchmarks import large_ray

    large_ray.main()
