"""The arrays that the compiled loops share.

Terms
-----
The relaxation lets tasks be split:  min sum_ij c[i, j] z[i, j]  over z >= 0  subject to  sum_i z[i, j] = 1  for each
task and  rows @ load >= 0.  Its dual has one multiplier mu >= 0 per row: with prices v = rows.T @ mu, the bound is

    sum_j min_i (cost[j, i] - v[i] burden[j, i]) - v . initial,

concave and piecewise linear in mu, so that it is largest at a vertex of its pieces.

At a *vertex* every task has a *key*, an agent at which its minimum is attained. A *tie* is a second agent of a task
with the same reduced cost: the task may be split between both. A row is *free* if its multiplier may be positive, and
pinned if the multiplier is zero. A vertex has as many ties as free rows: that many equations determine that many
multipliers. In the terms of the simplex method, keys, ties and the slacks of pinned rows are the basis. Since every
task has one equation and one key, only ties and free rows need a linear system, of at most n + 1 unknowns instead of
m + n (generalised upper bounding, whose word "key" this is).

References
----------
Dantzig, Van Slyke, Generalized upper bounding techniques, Journal of Computer and System Sciences 1, 1967.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Costs(NamedTuple):
    """Cost and burden of each task for each agent, shape (m, n), one row per task; and initial loads, shape (n,)."""

    cost: NDArray[np.float64]
    burden: NDArray[np.float64]
    initial: NDArray[np.float64]


class Rows(NamedTuple):
    """Linear rows a with a . load >= 0, shape (capacity, n), largest entry 1; the first ``in_use[0]`` are in use."""

    matrix: NDArray[np.float64]
    in_use: NDArray[np.int64]


class Vertex(NamedTuple):
    """A vertex of the dual: multipliers, keys, ties and free rows, and the arrays computed from them.

    ``size[0]`` is the number of ties; between pivots it is also the number of free rows.
    """

    multiplier: NDArray[np.float64]  # (capacity,)
    key: NDArray[np.int64]  # (m,)
    tie_task: NDArray[np.int64]  # (n + 2,)
    tie_agent: NDArray[np.int64]  # (n + 2,)
    free_row: NDArray[np.int64]  # (n + 2,)
    size: NDArray[np.int64]  # (1,)
    load: NDArray[np.float64]  # (n,) loads with every task wholly at its key
    price: NDArray[np.float64]  # (n,) v = rows.T @ multiplier
    share: NDArray[np.float64]  # (n + 2,) part of each tie's task that the tie's agent gets
    tied: NDArray[np.int64]  # (m,) number of ties of each task
    ray: NDArray[
        np.float64
    ]  # (capacity,) multipliers of a direction in which the bound grows without limit, once found


class Work(NamedTuple):
    """Working memory of a line search along an edge: a heap of break points, one per task (see `edges.py`)."""

    heap_step: NDArray[np.float64]  # (m,)
    heap_task: NDArray[np.int64]  # (m,)
    next_agent: NDArray[np.int64]  # (m,)


def new_rows(capacity: int, n: int) -> Rows:
    """Allocate `capacity` rows over `n` agents, none in use."""
    return Rows(np.zeros((capacity, n)), np.zeros(1, np.int64))


def new_vertex(capacity: int, m: int, n: int) -> Vertex:
    """Allocate a vertex of `m` tasks, `n` agents and `capacity` rows."""
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
    """Allocate the working memory of a line search over `m` tasks."""
    return Work(np.zeros(m), np.zeros(m, np.int64), np.zeros(m, np.int64))
