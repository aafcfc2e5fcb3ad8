r"""The linear relaxation of an assignment problem under rows of loads, by a primal-dual interior-point method.

With y[j, i] the part of task j that agent i does, and k_j agents for task j:

    minimise sum c y  over  0 <= y <= 1, sum_i y[j, i] = k_j,  a_k . x^r(k) >= h_k,

where x^r is the vector of loads that burden r makes. Parts are eliminated task by task, so a Newton step solves one
system in the rows alone. Multipliers stay positive, hence every iterate proves a bound: the sum of the k_j least priced
costs of each task plus h times the multipliers.

References
----------
Mehrotra, On the implementation of a primal-dual interior point method, SIAM Journal on Optimization 2, 1992.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.row_dual import CliqueRows, LoadRows, Point, Tables, bound_of, priced_costs
from evenhand.numba_decorators import allocating, entry, inner

BACK = 0.995
"""Part of the way to the boundary that a step goes at most."""

SHORT, STUCK = 1e-3, 4
"""Length of a step that counts as none, and how many of them in a row end the method."""

REGULAR = 1e-13
"""Relative size of what is added to the diagonal of the system, so that redundant rows leave it regular."""


@inner
def _factorise(matrix: NDArray[np.float64], size: int) -> bool:
    """Replace a positive definite matrix by its Cholesky factor, upper triangle; False if a pivot is not positive."""
    for k in range(size):
        row = matrix[k]
        if not row[k] > 0.0:
            return False
        root = np.sqrt(row[k])
        for j in range(k, size):
            row[j] /= root
        for i in range(k + 1, size):
            factor, below = row[i], matrix[i]
            if factor != 0.0:
                for j in range(i, size):
                    below[j] -= factor * row[j]
    return True


@inner
def _solve(factor: NDArray[np.float64], right: NDArray[np.float64], size: int) -> None:
    for k in range(size):
        right[k] /= factor[k, k]
        for j in range(k + 1, size):
            right[j] -= right[k] * factor[k, j]
    for k in range(size - 1, -1, -1):
        total = right[k]
        for j in range(k + 1, size):
            total -= factor[k, j] * right[j]
        right[k] = total / factor[k, k]


@inner
def _loads(tables: Tables, parts: NDArray[np.float64], load: NDArray[np.float64]) -> None:
    """Set `load`, shape (r, n), to the loads of `parts`, shape (m, n)."""
    for r in range(load.shape[0]):
        for i in range(load.shape[1]):
            load[r, i] = 0.0
        for j in range(parts.shape[0]):
            for i in range(load.shape[1]):
                load[r, i] += tables.burden[r, j, i] * parts[j, i]


@inner
def _activity(rows: LoadRows, k: int, load: NDArray[np.float64]) -> float:
    total = 0.0
    for i in range(load.shape[1]):
        total += rows.weight[k, i] * load[rows.burden[k], i]
    return total


@inner
def _gather(
    tables: Tables,
    rows: LoadRows,
    scaling: NDArray[np.float64],
    total: NDArray[np.float64],
    free: NDArray[np.bool_],
    dense: NDArray[np.float64],
    product: NDArray[np.float64],
    wide: NDArray[np.float64],
    system: NDArray[np.float64],
) -> None:
    """Set the upper triangle of `system`, (rows, rows): the sum over free tasks of G (D - D 1 1' D / 1' D 1) G'."""
    count, n = tables.burden.shape[0], tables.cost.shape[1]
    size = count * n
    for a in range(size):
        for b in range(size):
            dense[a, b] = 0.0
    for j in range(tables.cost.shape[0]):
        if not free[j]:
            continue
        for r in range(count):
            for i in range(n):
                product[r * n + i] = tables.burden[r, j, i] * scaling[j, i]
        for a in range(size):
            if product[a] == 0.0:
                continue
            row, share = dense[a], product[a] / total[j]
            for b in range(a, size):
                row[b] -= share * product[b]
        for r in range(count):
            for i in range(n):
                if product[r * n + i] != 0.0:
                    for s in range(r, count):
                        dense[r * n + i, s * n + i] += product[r * n + i] * tables.burden[s, j, i]
    for a in range(size):
        for b in range(a):
            dense[a, b] = dense[b, a]
    for k in range(rows.least.shape[0]):
        for b in range(size):
            wide[b] = 0.0
        for i in range(n):
            weight = rows.weight[k, i]
            if weight != 0.0:
                row = dense[rows.burden[k] * n + i]
                for b in range(size):
                    wide[b] += weight * row[b]
        for other in range(k, rows.least.shape[0]):
            value, first = 0.0, rows.burden[other] * n
            for i in range(n):
                value += rows.weight[other, i] * wide[first + i]
            system[k, other] = value


@inner
def _step(values: NDArray[np.float64], changes: NDArray[np.float64], step: float) -> float:
    """Return the longest part of `step` that keeps values positive."""
    for k in range(values.shape[0]):
        if changes[k] < 0.0 and values[k] + step * changes[k] < 0.0:
            step = -values[k] / changes[k]
    return step


@allocating
def _prepare(
    tables: Tables, rows: LoadRows, part: NDArray[np.float64], multiplier: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Mark the tasks that have a choice, move parts into the interior, and multipliers away from 0."""
    m, n = part.shape
    free = np.zeros(m, np.bool_)
    for j in range(m):
        choices, total = 0, 0.0
        for i in range(n):
            if tables.cost[j, i] < np.inf:
                choices += 1
                total += part[j, i]
            else:
                part[j, i] = 0.0
        need = tables.needs[j]
        free[j] = choices > need and need > 0
        even = need / max(choices, 1)
        # A part of the start that was given, and the middle of the task's simplex.
        kept = 0.7 if abs(total - need) < 1e-3 else 0.0
        for i in range(n):
            if tables.cost[j, i] < np.inf:
                part[j, i] = kept * min(max(part[j, i], 0.0), 1.0) + (1.0 - kept) * even if free[j] else min(1.0, even)
    for k in range(multiplier.shape[0]):
        multiplier[k] = max(multiplier[k], 0.02)
    return free


@entry
def solve_relaxation(
    tables: Tables,
    rows: LoadRows,
    cliques: CliqueRows,
    part: NDArray[np.float64],
    point: Point,
    best: NDArray[np.float64],
    bound: float,
    cutoff: float,
    tolerance: float,
    iterations: int,
) -> float:
    """Solve the relaxation, and return the best bound met.

    Parameters
    ----------
    tables, rows
        The problem, all costs and burdens of the order of 1.
    cliques
        No cliques; in the form that :func:`priced_costs` takes.
    part
        Parts to start from, shape (m, n), zero if there are none; the parts at the end.
    point
        Multipliers to start from in `point.row`, zero if there are none; those at the end.
    best
        Multipliers of the best bound, shape (rows,), which stay as they are unless a bound exceeds `bound`.
    bound
        A bound that is known.
    cutoff
        Bound that is high enough.
    tolerance
        Gap between both sides at which the method ends.
    iterations
        Upper limit on the iterations.
    """
    m, n = part.shape
    count, size = rows.least.shape[0], tables.burden.shape[0] * n
    multiplier = point.row
    free = _prepare(tables, rows, part, multiplier)
    priced, scaling, reduced = np.empty((m, n)), np.zeros((m, n)), np.zeros((m, n))
    low, high = np.zeros((m, n)), np.zeros((m, n))  # multipliers of 0 <= part, part <= 1
    change, change_low, change_high = np.zeros((m, n)), np.zeros((m, n)), np.zeros((m, n))
    wish = np.zeros((m, n))
    level, total = np.zeros(m), np.zeros(m)
    change_level, missing = np.zeros(m), np.zeros(m)
    slack, change_slack, change_row = np.empty(count), np.zeros(count), np.zeros(count)
    load, price = np.zeros((tables.burden.shape[0], n)), np.zeros((tables.burden.shape[0], n))
    dense, product, wide = np.empty((size, size)), np.empty(size), np.empty(size)
    system, lack = np.empty((count, count)), np.empty(count)
    priced_costs(tables, rows, cliques, point, priced)
    pairs = count
    gap, terms = 0.0, 0
    for j in range(m):
        if not free[j]:
            continue
        least = np.inf
        for i in range(n):
            least = min(least, priced[j, i])
        double = tables.needs[j] > 1
        level[j] = least - 0.2 if not double else np.sort(priced[j])[tables.needs[j]]
        for i in range(n):
            if priced[j, i] < np.inf:
                over = priced[j, i] - level[j]
                low[j, i] = over if not double else max(over, 0.0) + 0.2
                high[j, i] = max(-over, 0.0) + 0.2 if double else 0.0
                gap += low[j, i] * part[j, i] + high[j, i] * (1.0 - part[j, i])
                terms += 2 if double else 1
    middle = gap / max(terms, 1)
    _loads(tables, part, load)
    for k in range(count):
        slack[k] = max(_activity(rows, k, load) - rows.least[k], middle / multiplier[k], 1e-3)
    pairs = terms + count
    stuck = 0
    for _ in range(iterations):
        priced_costs(tables, rows, cliques, point, priced)
        proven = bound_of(tables, rows, point, priced)
        if not proven < np.inf:
            break
        if proven > bound:
            bound = proven
            best[:] = multiplier
        _loads(tables, part, load)
        gap, lacking = 0.0, 0.0
        for k in range(count):
            lack[k] = rows.least[k] - _activity(rows, k, load) + slack[k]
            gap += slack[k] * multiplier[k]
            lacking += multiplier[k] * abs(lack[k])
        for j in range(m):
            if not free[j]:
                continue
            total[j], missing[j] = 0.0, float(tables.needs[j])
            for i in range(n):
                if priced[j, i] < np.inf:
                    y = part[j, i]
                    missing[j] -= y
                    gap += low[j, i] * y
                    curvature = low[j, i] / y
                    if tables.needs[j] > 1:
                        gap += high[j, i] * (1.0 - y)
                        curvature += high[j, i] / (1.0 - y)
                    scaling[j, i] = 1.0 / curvature
                    total[j] += scaling[j, i]
        if bound >= cutoff or gap + lacking <= tolerance:
            break
        middle = gap / pairs
        _gather(tables, rows, scaling, total, free, dense, product, wide, system)
        for k in range(count):
            system[k, k] += slack[k] / multiplier[k] + REGULAR * (system[k, k] + 1.0)
        if not _factorise(system, count):
            break
        # First the step to the boundary, then a centred one with the second-order terms of the first.
        target = 0.0
        primal = dual = 1.0
        for phase in range(2):
            for j in range(m):
                if not free[j]:
                    continue
                change_level[j] = missing[j]
                for i in range(n):
                    if priced[j, i] < np.inf:
                        y = part[j, i]
                        second = change[j, i] * change_low[j, i] if phase == 1 else 0.0
                        e = priced[j, i] - level[j] - (target - second) / y
                        if tables.needs[j] > 1:
                            second = -change[j, i] * change_high[j, i] if phase == 1 else 0.0
                            e += (target - second) / (1.0 - y)
                        wish[j, i] = e
                        change_level[j] += scaling[j, i] * e
                change_level[j] /= total[j]
                for i in range(n):
                    reduced[j, i] = scaling[j, i] * (change_level[j] - wish[j, i]) if priced[j, i] < np.inf else 0.0
            _loads(tables, reduced, load)
            for k in range(count):
                second = change_slack[k] * change_row[k] if phase == 1 else 0.0
                change_row[k] = lack[k] - slack[k] + (target - second) / multiplier[k] - _activity(rows, k, load)
                change_slack[k] = (target - second) / multiplier[k] - slack[k]
            _solve(system, change_row, count)
            price[:] = 0.0
            for k in range(count):
                change_slack[k] -= slack[k] / multiplier[k] * change_row[k]
                for i in range(n):
                    price[rows.burden[k], i] += rows.weight[k, i] * change_row[k]
            primal = dual = 1.0 / BACK
            primal, dual = _step(slack, change_slack, primal), _step(multiplier, change_row, dual)
            for j in range(m):
                if not free[j]:
                    continue
                mean = 0.0
                for i in range(n):
                    if priced[j, i] < np.inf:
                        value = 0.0
                        for r in range(price.shape[0]):
                            value += tables.burden[r, j, i] * price[r, i]
                        reduced[j, i] = value
                        mean += scaling[j, i] * value
                change_level[j] -= mean / total[j]
                for i in range(n):
                    if not priced[j, i] < np.inf:
                        continue
                    y = part[j, i]
                    second = change[j, i] * change_low[j, i] if phase == 1 else 0.0
                    other = -change[j, i] * change_high[j, i] if phase == 1 else 0.0
                    by = scaling[j, i] * (reduced[j, i] + change_level[j] - wish[j, i])
                    by_low = (target - second) / y - low[j, i] - low[j, i] / y * by
                    change[j, i], change_low[j, i] = by, by_low
                    if by < 0.0 and y + primal * by < 0.0:
                        primal = -y / by
                    if by_low < 0.0 and low[j, i] + dual * by_low < 0.0:
                        dual = -low[j, i] / by_low
                    if tables.needs[j] > 1:
                        by_high = (target - other) / (1.0 - y) - high[j, i] + high[j, i] / (1.0 - y) * by
                        change_high[j, i] = by_high
                        if by > 0.0 and y + primal * by > 1.0:
                            primal = (1.0 - y) / by
                        if by_high < 0.0 and high[j, i] + dual * by_high < 0.0:
                            dual = -high[j, i] / by_high
            primal, dual = min(1.0, BACK * primal), min(1.0, BACK * dual)
            if phase == 0:
                after = 0.0
                for k in range(count):
                    after += (slack[k] + primal * change_slack[k]) * (multiplier[k] + dual * change_row[k])
                for j in range(m):
                    if not free[j]:
                        continue
                    for i in range(n):
                        if priced[j, i] < np.inf:
                            y = part[j, i] + primal * change[j, i]
                            after += y * (low[j, i] + dual * change_low[j, i])
                            if tables.needs[j] > 1:
                                after += (1.0 - y) * (high[j, i] + dual * change_high[j, i])
                target = middle * min(1.0, max(after / gap, 0.0)) ** 3
        if not primal + dual < np.inf:
            break
        for k in range(count):
            slack[k] = max(slack[k] + primal * change_slack[k], 1e-300)
            multiplier[k] = max(multiplier[k] + dual * change_row[k], 1e-300)
        for j in range(m):
            if not free[j]:
                continue
            level[j] += dual * change_level[j]
            for i in range(n):
                if priced[j, i] < np.inf:
                    part[j, i] = max(part[j, i] + primal * change[j, i], 1e-300)
                    low[j, i] = max(low[j, i] + dual * change_low[j, i], 1e-300)
                    if tables.needs[j] > 1:
                        part[j, i] = min(part[j, i], 1.0 - 1e-15)
                        high[j, i] = max(high[j, i] + dual * change_high[j, i], 1e-300)
        stuck = stuck + 1 if max(primal, dual) < SHORT else 0
        if stuck >= STUCK:
            break
    return bound
