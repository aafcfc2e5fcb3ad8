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

PARTS = 64
"""Number of parts of a pass that are summed apart. It does not depend on the number of processors, nor do the sums."""

Found = TypeVar("Found")


def in_parts(work: Callable[[int, int, int], Found], m: int) -> list[Found]:
    """Call `work` with the number, start and end of each part of `m` tasks, on all processors; return the results."""
    edges = np.minimum(np.linspace(0, -(-m // BLOCK), PARTS + 1).astype(int) * BLOCK, m).tolist()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, range(PARTS), edges[:-1], edges[1:]))


def lagrangian_value(problem: Problem, price: NDArray[np.float64]) -> float:
    """Return sum_j min_i (cost - price * burden) over allowed pairs, minus price . initial loads, rounded down.

    As :func:`~evenhand.assignment.kernels.vertex.dual_value`, but for the problem's own table and unscaled prices (n,).
    """
    tables = (problem.costs, problem.burdens, problem.locked, price)
    sums = np.array(in_parts(lambda _, first, stop: least_reduced(*tables, first, stop), len(problem.tasks)))
    carried = price * problem.initial_loads
    total = np.concatenate([sums[:, 0], sums[:, 1], -carried])
    return math.fsum(total.tolist()) - OUTWARD * (float(sums[:, 2].sum() + np.abs(carried).sum()) + TINY)
