"""Passes over a large table, part by part on all processors."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.screening import BLOCK, least_reduced
from evenhand.assignment.kernels.vertex import OUTWARD, TINY
from evenhand.assignment.problem import Problem

PARTS, LEAST = 64, 2048
"""Upper limit on the parts of a pass, which are summed apart, and least number of tasks of a part. Neither depends on
the number of processors, nor do the sums."""

Found = TypeVar("Found")


def parts_of(m: int) -> int:
    """Return the number of parts of a pass over `m` tasks."""
    return min(PARTS, max(1, m // LEAST))


def in_parts(work: Callable[[int, int, int], Found], m: int) -> list[Found]:
    """Call `work` with the number, start and end of each part of `m` tasks, on all processors; return the results."""
    parts = parts_of(m)
    edges = np.minimum(np.linspace(0, -(-m // BLOCK), parts + 1).astype(int) * BLOCK, m).tolist()
    threads = min(os.cpu_count() or 1, parts)

    def several(thread: int) -> list[Found]:
        return [work(part, edges[part], edges[part + 1]) for part in range(thread, parts, threads)]

    if threads == 1:
        return several(0)
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(several, range(threads)))
    return [found[part % threads][part // threads] for part in range(parts)]


def lagrangian_value(problem: Problem, price: NDArray[np.float64]) -> float:
    """Return sum_j min_i (cost - price * burden) over allowed pairs, minus price . initial loads, rounded down.

    As :func:`~evenhand.assignment.kernels.vertex.dual_value`, but for the problem's own table and unscaled prices (n,).
    """
    tables = (problem.costs, problem.burdens, problem.burdens is problem.costs, problem.locked, price)
    sums = np.array(in_parts(lambda _, first, stop: least_reduced(*tables, first, stop), len(problem.tasks)))
    carried = price * problem.initial_loads
    total = np.concatenate([sums[:, 0], sums[:, 1], -carried])
    return math.fsum(total.tolist()) - OUTWARD * (float(sums[:, 2].sum() + np.abs(carried).sum()) + TINY)
