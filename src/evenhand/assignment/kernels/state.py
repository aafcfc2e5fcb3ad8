"""The arrays that the compiled loops share.

Terms
-----
The relaxation is  min sum c x  s.t. each task shared out once and  rows @ load >= 0.  Its dual lives in the multipliers
mu >= 0 of the rows: with v = rows.T @ mu, the bound is  sum_j min_i (cost[j, i] - v[i] burden[j, i]) - v . initial.

At a *vertex* every task has a *key*, an agent at which its minimum is attained; a *tie* is a second agent of a task
that
attains it too; a row is *free* where its multiplier is not pinned at zero. A vertex has as many ties as free rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Costs(NamedTuple):
    """What a task costs and weighs: (m, n) arrays, one row per task, and the loads carried before, (n,)."""

    cost: NDArray[np.float64]
    burden: NDArray[np.float64]
    initial: NDArray[np.float64]


class Rows(NamedTuple):
    """Linear rows, (capacity, n) scaled to a largest entry of 1; ``in_use[0]`` of them are in use."""

    matrix: NDArray[np.float64]
    in_use: NDArray[np.int64]


class Vertex(NamedTuple):
    """A vertex of the dual: multipliers, keys, ties and free rows, and what follows from them.

    ``size[0]`` is the number of ties, equal to the number of free rows between pivots.
    """

    multiplier: NDArray[np.float64]  # (capacity,)
    key: NDArray[np.int64]  # (m,)
    tie_task: NDArray[np.int64]  # (n + 2,)
    tie_agent: NDArray[np.int64]  # (n + 2,)
    free_row: NDArray[np.int64]  # (n + 2,)
    size: NDArray[np.int64]  # (1,)
    load: NDArray[np.float64]  # (n,) with every task at its key
    price: NDArray[np.float64]  # (n,) v = rows.T @ multiplier
    share: NDArray[np.float64]  # (n + 2,) of each tie's task given to the tie's agent
    tied: NDArray[np.int64]  # (m,) ties of each task
    ray: NDArray[np.float64]  # (capacity,) multipliers of a direction in which the bound grows for ever, once found


class Work(NamedTuple):
    """Room for a line search: a heap of break points, one for each task."""

    heap_step: NDArray[np.float64]  # (m,)
    heap_task: NDArray[np.int64]  # (m,)
    next_agent: NDArray[np.int64]  # (m,)


def new_rows(capacity: int, n: int) -> Rows:
    """Return room for `capacity` rows over `n` agents, none in use."""
    return Rows(np.zeros((capacity, n)), np.zeros(1, np.int64))


def new_vertex(capacity: int, m: int, n: int) -> Vertex:
    """Return room for a vertex of `m` tasks, `n` agents and `capacity` rows."""
    few = n + 2
    return Vertex(
        multiplier=np.zeros(capacity),
        key=np.zeros(m, np.int64),
        tie_task=np.zeros(few, np.int64),
        tie_agent=np.zeros(few, np.int64),
        free_row=np.zeros(few, np.int64),
        size=np.zeros(1, np.int64),
        load=np.zeros(n),
        price=np.zeros(n),
        share=np.zeros(few),
        tied=np.zeros(m, np.int64),
        ray=np.zeros(capacity),
    )


def new_work(m: int) -> Work:
    """Return room for a line search over `m` tasks."""
    return Work(np.zeros(m), np.zeros(m, np.int64), np.zeros(m, np.int64))
