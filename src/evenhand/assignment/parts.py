"""Loops over the tasks of a large table, part by part on all processors."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from evenhand.assignment.kernels.screening import BLOCK

PARTS, LEAST = 64, 2048
"""Upper limit on the parts of a pass, which are summed apart, and least number of tasks of a part. Neither depends on
the number of processors, nor do the sums."""

Found = TypeVar("Found")


def parts_of(m: int) -> int:
    """Return the number of parts of a pass over `m` tasks."""
    return min(PARTS, max(1, m // LEAST))


def in_parts(work: Callable[[int, int, int], Found], m: int, *, alone: bool = False) -> list[Found]:
    """Call `work` with the number, start and end of each part of `m` tasks, on all processors; return the results.

    With `alone`, all is done in this thread: starting others takes about a thousandth of a second of processor.
    """
    parts = parts_of(m)
    edges = np.minimum(np.linspace(0, -(-m // BLOCK), parts + 1).astype(int) * BLOCK, m).tolist()
    threads = 1 if alone else min(os.cpu_count() or 1, parts)

    def several(thread: int) -> list[Found]:
        return [work(part, edges[part], edges[part + 1]) for part in range(thread, parts, threads)]

    if threads == 1:
        return several(0)
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(several, range(threads)))
    return [found[part % threads][part // threads] for part in range(parts)]
