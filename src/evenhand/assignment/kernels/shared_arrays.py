"""The arrays that the compiled loops share.

Terms
-----
The relaxation lets tasks be split:  min sum_ij c[i, j] z[i, j]  over z >= 0  subject to  sum_i z[i, j] = 1  for each
task and  rows @ load >= 0.  Its dual has one multiplier mu >= 0 per row: with prices v = rows.T @ mu, the bound is

    sum_j min_i (cost[j, i] - v[i] burden[j, i]) - v . initial,

concave and piecewise linear in mu, so that it is largest at a vertex of its pieces.

A search tree adds *windows*: limits on an agent's load, on its number of tasks, and on its number of tasks of each
*group*. Each limit is one more row, of the form  sum_j w[j] z[i, j] >= limit  (or <= limit), and its multiplier is
called a *toll*. Tolls on loads are part of the price v[i]; tolls on numbers of tasks add a constant, the *shift*
s[i, g], to what agent i pays for each task of group g. The bound thus remains a sum of minima,

    sum_j min_i (cost[j, i] - v[i] burden[j, i] - s[i, group[j]]) - v . initial + sum of tolls times their limits.

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


LOAD, TASKS, GROUPS = 0, 1, 2
"""Positions of an agent's load, its number of tasks, and its number of tasks of the first group among its windows."""

MOST_FREE_WINDOWS = 64
"""Upper limit on the windows whose tolls are positive at a vertex; an ascent that needs more stalls."""


class Windows(NamedTuple):
    """Limits on the load and on numbers of tasks of each agent, which branching narrows; infinite if there is none.

    Row w = 2 (agent * columns + column) is the lower limit, as a row "at least"; row w + 1 is the upper one. In lists
    that also hold rows of :class:`Rows`, row w is written as -1 - w.
    """

    group: NDArray[np.int64]  # (m,) group of each task
    limit: NDArray[np.float64]  # (2 * n * (2 + groups),)
    step: NDArray[np.float64]  # (n,) step of which all burdens of an agent are multiples; 0 if it is too fine to use


class Vertex(NamedTuple):
    """A vertex of the dual: multipliers, keys, ties and free rows, and the arrays computed from them.

    ``size[0]`` is the number of ties; between pivots it is also the number of free rows.
    """

    multiplier: NDArray[np.float64]  # (capacity,)
    key: NDArray[np.int64]  # (m,)
    tie_task: NDArray[np.int64]  # (n + 2 + MOST_FREE_WINDOWS,), as are all lists of ties and free rows
    tie_agent: NDArray[np.int64]
    free_row: NDArray[np.int64]  # positions in the rows, or -1 - w for row w of the windows
    size: NDArray[np.int64]  # (1,)
    load: NDArray[np.float64]  # (n,) loads with every task wholly at its key
    price: NDArray[np.float64]  # (n,) v = rows.T @ multiplier
    share: NDArray[np.float64]  # part of each tie's task that the tie's agent gets
    tied: NDArray[np.int64]  # (m,) number of ties of each task
    ray: NDArray[
        np.float64
    ]  # (capacity,) multipliers of a direction in which the bound grows without limit, once found
    toll: NDArray[np.float64]  # (2 * n * (2 + groups),) multipliers of the windows' limits
    shift: NDArray[np.float64]  # (n, groups) constants by which tolls lower reduced costs
    number: NDArray[np.float64]  # (n, 1 + groups) numbers of tasks with every task wholly at its key: all, each group
    ray_toll: NDArray[np.float64]  # (2 * n * (2 + groups),) tolls of that direction


class Slope(NamedTuple):
    """Direction of an edge of the dual: the rates of prices, shape (n,), and of shifts, shape (n, groups)."""

    price: NDArray[np.float64]
    shift: NDArray[np.float64]


class Work(NamedTuple):
    """Working memory of a line search along an edge: a heap of break points, one per task (see `edges.py`)."""

    heap_step: NDArray[np.float64]  # (m,)
    heap_task: NDArray[np.int64]  # (m,)
    next_agent: NDArray[np.int64]  # (m,)


def new_rows(capacity: int, n: int) -> Rows:
    """Allocate `capacity` rows over `n` agents, none in use."""
    return Rows(np.zeros((capacity, n)), np.zeros(1, np.int64))


def no_windows(m: int, n: int) -> Windows:
    """Return the windows of the relaxation, which has no limits: `m` tasks in one group, `n` agents."""
    return Windows(np.zeros(m, np.int64), np.empty(0), np.zeros(n))


def new_windows(group: NDArray[np.int64], step: NDArray[np.float64]) -> Windows:
    """Return windows still without limits: the group of each task, shape (m,), and each agent's step, shape (n,)."""
    groups = int(group.max(initial=0)) + 1
    return Windows(group, np.tile((-np.inf, np.inf), len(step) * (GROUPS + groups)), step)


def groups_in(windows: Windows) -> int:
    """Return the number of groups of tasks."""
    return len(windows.limit) // (2 * len(windows.step)) - GROUPS


def new_vertex(capacity: int, m: int, n: int, groups: int = 1) -> Vertex:
    """Allocate a vertex of `m` tasks in `groups` groups, `n` agents and `capacity` rows."""
    few = n + 2 + MOST_FREE_WINDOWS
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
        toll=np.zeros(2 * n * (GROUPS + groups)),
        shift=np.zeros((n, groups)),
        number=np.zeros((n, 1 + groups)),
        ray_toll=np.zeros(2 * n * (GROUPS + groups)),
    )


def new_work(m: int) -> Work:
    """Allocate the working memory of a line search over `m` tasks."""
    return Work(np.zeros(m), np.zeros(m, np.int64), np.zeros(m, np.int64))
