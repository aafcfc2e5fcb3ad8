"""Look at a table block by block of its tasks, so that no copy of a large one is ever made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.screening import look
from evenhand.assignment.parts import in_parts
from evenhand.tables.data_frames import as_doubles, as_floats

IN_PLACE = 1_000_000
"""Number of pairs from which on a table is read where it stands. Smaller ones are copied, one row per agent."""

PAIRS = 1 << 18
"""Number of pairs of a block: some megabytes."""


def blocks_of(table: NDArray[Any]) -> Iterator[slice]:
    """Return the blocks of columns of `table`, shape (n, m), or the blocks of a vector, from left to right."""
    width = PAIRS if table.ndim == 1 else max(1, PAIRS // len(table))
    return (slice(first, first + width) for first in range(0, table.shape[-1], width))


def in_place_or_copied(table: NDArray[Any]) -> NDArray[np.float64]:
    """Return a table as it is if it is large, otherwise a copy in double precision, one row per agent."""
    return as_floats(table) if table.size >= IN_PLACE else as_doubles(table)


@dataclass(frozen=True, slots=True)
class Extent:
    """The least and the largest value of a table, NaN if any is, and the largest absolute value of the finite ones.

    Attributes
    ----------
    least, largest, size
        These values.
    least_of_tasks
        Least value of each task, shape (m,), if the table is large and holds neither NaN nor -inf; otherwise None.
    """

    least: float
    largest: float
    size: float
    least_of_tasks: NDArray[np.float64] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, table: NDArray[np.float64]) -> Extent:
        """Look at every value of `table`, shape (n, m), once."""
        m = table.shape[1]
        if table.size >= IN_PLACE and table.dtype.kind == "f":
            of_tasks = np.empty(m)
            looks = in_parts(lambda _, first, stop: look(table, first, stop, of_tasks), m)
            least, largest = min(found[0] for found in looks), max(found[1] for found in looks)
            if all(found[2] for found in looks) and math.isfinite(least):
                every = math.isfinite(largest)
                size = max(-least, largest) if every else max(_extent(table[:, at])[2] for at in blocks_of(table))
                return cls(least, largest, size, of_tasks)
        found = np.array([_extent(table[:, at]) for at in blocks_of(table)])
        return cls(float(found[:, 0].min()), float(found[:, 1].max()), float(found[:, 2].max()))

    @property
    def finite(self) -> bool:
        """Whether all values are finite."""
        return math.isfinite(self.least) and math.isfinite(self.largest)


def _extent(block: NDArray[np.float64]) -> tuple[float, float, float]:
    least, largest = float(block.min()), float(block.max())
    if math.isfinite(least) and math.isfinite(largest):
        return least, largest, max(-least, largest)
    return least, largest, float(np.abs(block[np.isfinite(block)]).max(initial=0.0))


def first_pair(wrong: Callable[..., NDArray[np.bool_]], *tables: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return the first pair, agent by agent, at which `wrong`, a function of a block of each table, is true."""
    first: tuple[int, int] | None = None
    for at in blocks_of(tables[0]):
        found = wrong(*(table[:, at] for table in tables))
        if found.any():
            agent, task = (int(place) for place in np.argwhere(found)[0])
            first = min(first or (agent, task + at.start), (agent, task + at.start))
    return first
