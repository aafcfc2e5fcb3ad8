r"""The dual of an assignment problem under linear rows of any kind, by the primal-dual hybrid gradient method.

With y[j, i] the part of task j that agent i does, k_j agents for task j, loads x^r = x0^r + sum_j b^r y of several
burdens r, rows of loads  a . x^r >= 0 (or >= a limit), and cliques of tasks of which an agent does at most one:

    minimise sum c y  over  0 <= y <= 1, sum_i y[j, i] = k_j,  a . x^r >= rhs,  sum_{j in K} y[j, i] <= 1.

Multipliers lambda >= 0 of rows and mu >= 0 of cliques price the costs, and the sum of the k_j least priced costs of
each task, plus constants, bounds the cost from below: every iterate proves a bound. An iteration is one pass over the
table, without a factorisation. The average of the iterates, from which the next run starts, converges linearly on
linear programs.

References
----------
Chambolle, Pock, A first-order primal-dual algorithm for convex problems, Journal of Mathematical Imaging and Vision 40,
2011; Pock, Chambolle, Diagonal preconditioning, ICCV 2011; Applegate et al., Faster first-order primal-dual methods for
linear programming using restarts and sharpness, Mathematical Programming 201, 2023.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import fill
from evenhand.numba_decorators import entry, inner

EXACT, HALVINGS = 1e-12, 60
"""Error of a projection's sum at which its search ends, and the upper limit on its steps."""


class Tables(NamedTuple):
    """The tasks: costs, burdens and numbers of agents."""

    cost: NDArray[np.float64]  # (m, n) +inf for closed pairs
    burden: NDArray[np.float64]  # (r, m, n)
    needs: NDArray[np.int64]  # (m,)


class LoadRows(NamedTuple):
    """Rows  weight[k] . x >= least[k]  on the new loads of burden `burden[k]`."""

    burden: NDArray[np.int64]  # (rows,)
    weight: NDArray[np.float64]  # (rows, n)
    least: NDArray[np.float64]  # (rows,)


class CliqueRows(NamedTuple):
    """Cliques of tasks as compressed rows, and the cliques of each task likewise."""

    start: NDArray[np.int64]  # (cliques + 1,)
    task: NDArray[np.int64]  # (entries,)
    start_of_task: NDArray[np.int64]  # (m + 1,)
    clique: NDArray[np.int64]  # (entries,)


class Steps(NamedTuple):
    """Lengths of the steps of tasks, rows and cliques: inverse sums of the absolute entries of their constraints."""

    task: NDArray[np.float64]  # (m,)
    row: NDArray[np.float64]  # (rows,)
    clique: NDArray[np.float64]  # (cliques,)


class Point(NamedTuple):
    """Parts of tasks and multipliers."""

    part: NDArray[np.float64]  # (m, n)
    row: NDArray[np.float64]  # (rows,) lambda
    clique: NDArray[np.float64]  # (cliques, n) mu
    limit: NDArray[np.float64]  # (limits,) multipliers of what a node of the search asks of loads


@inner
def _project(wished: NDArray[np.float64], count: float, part: NDArray[np.float64]) -> None:
    """Set `part` to the point nearest `wished` with entries in [0, 1] that sum to `count`; -inf stays 0.

    The point is wished - t, cut off at 0 and 1; Newton steps on t are safeguarded by halving.
    """
    n = wished.shape[0]
    if count == 0.0:
        fill(part, 0.0)
        return
    low, high = np.inf, -np.inf
    for i in range(n):
        if wished[i] > -np.inf:
            low, high = min(low, wished[i] - 1.0), max(high, wished[i])
    shift = high - 1.0 if count == 1.0 else 0.5 * (low + high)
    for _ in range(HALVINGS):
        total, inside = 0.0, 0
        for i in range(n):
            over = wished[i] - shift
            if over >= 1.0:
                total += 1.0
            elif over > 0.0:
                total += over
                inside += 1
        if abs(total - count) <= EXACT:
            break
        if total > count:
            low = shift
        else:
            high = shift
        newton = shift + (total - count) / inside if inside > 0 else np.inf
        shift = newton if low < newton < high else 0.5 * (low + high)
    for i in range(n):
        part[i] = min(max(wished[i] - shift, 0.0), 1.0)


@entry
def priced_costs(
    tables: Tables, rows: LoadRows, cliques: CliqueRows, point: Point, priced: NDArray[np.float64]
) -> None:
    """Set `priced`, shape (m, n), to the costs that the multipliers of a point make."""
    m, n = tables.cost.shape
    price = np.zeros((tables.burden.shape[0], n))
    for k in range(rows.burden.shape[0]):
        for i in range(n):
            price[rows.burden[k], i] += point.row[k] * rows.weight[k, i]
    for j in range(m):
        for i in range(n):
            value = tables.cost[j, i]
            for r in range(price.shape[0]):
                value -= price[r, i] * tables.burden[r, j, i]
            priced[j, i] = value
        for e in range(cliques.start_of_task[j], cliques.start_of_task[j + 1]):
            for i in range(n):
                priced[j, i] += point.clique[cliques.clique[e], i]


@entry
def bound_of(tables: Tables, rows: LoadRows, point: Point, priced: NDArray[np.float64]) -> float:
    """Return the bound that the multipliers of a point prove, with the costs that they make."""
    total = 0.0
    for j in range(priced.shape[0]):
        if tables.needs[j] == 1:
            total += priced[j].min()
        else:
            total += np.sort(priced[j])[: tables.needs[j]].sum()
    for k in range(rows.least.shape[0]):
        total += point.row[k] * rows.least[k]
    for clique in range(point.clique.shape[0]):
        for i in range(point.clique.shape[1]):
            total -= point.clique[clique, i]
    return total


@entry
def iterate(
    tables: Tables,
    rows: LoadRows,
    cliques: CliqueRows,
    steps: Steps,
    point: Point,
    mean: Point,
    best: Point,
    bound: float,
    iterations: int,
) -> float:
    """Iterate from `point`, which moves, and set `mean` to the average of the iterates.

    Returns the best bound, with its multipliers in `best`, which stay as they are unless a bound exceeds `bound`.
    """
    m, n = tables.cost.shape
    priced, wished = np.empty((m, n)), np.empty(n)
    part, beyond = np.empty(n), np.empty((m, n))
    load = np.empty((tables.burden.shape[0], n))
    mean.part[:], mean.row[:], mean.clique[:] = 0.0, 0.0, 0.0
    share = 1.0 / iterations
    for _ in range(iterations):
        priced_costs(tables, rows, cliques, point, priced)
        proven = bound_of(tables, rows, point, priced)
        if proven > bound:
            bound = proven
            best.row[:], best.clique[:] = point.row, point.clique
        load[:] = 0.0
        for j in range(m):
            for i in range(n):
                closed = not priced[j, i] < np.inf
                wished[i] = -np.inf if closed else point.part[j, i] - steps.task[j] * priced[j, i]
            _project(wished, float(tables.needs[j]), part)
            for i in range(n):
                beyond[j, i] = 2.0 * part[i] - point.part[j, i]
                point.part[j, i] = part[i]
                mean.part[j, i] += share * part[i]
                for r in range(load.shape[0]):
                    load[r, i] += beyond[j, i] * tables.burden[r, j, i]
        for k in range(rows.least.shape[0]):
            missing = rows.least[k]
            for i in range(n):
                missing -= rows.weight[k, i] * load[rows.burden[k], i]
            point.row[k] = max(0.0, point.row[k] + steps.row[k] * missing)
            mean.row[k] += share * point.row[k]
        for clique in range(point.clique.shape[0]):
            for i in range(n):
                excess = -1.0
                for e in range(cliques.start[clique], cliques.start[clique + 1]):
                    excess += beyond[cliques.task[e], i]
                multiplier = max(0.0, point.clique[clique, i] + steps.clique[clique] * excess)
                point.clique[clique, i] = multiplier
                mean.clique[clique, i] += share * multiplier
    return bound
