"""Exchanges of tasks among a few agents, found by meeting in the middle.

The tasks of the agents are split into two halves. For each half, tens of thousands of *combinations* of steps with a
small total reduced cost are listed. A pair of combinations, one from each list, is a new way to share the tasks, and
there are hundreds of millions of pairs. Most need not be looked at. An assignment costs the bound, plus its reduced
costs, plus mu times the activity of each row with a multiplier mu. So in one that is fair and cheap, the activity of
such a row lies between 0 and (cost still allowed) / mu. The combinations of one list are put into the cells of a grid
over the activities of up to three such rows, and each combination of the other list looks only into the few cells that
can complete it.

References
----------
Horowitz and Sahni, Computing partitions with applications to the knapsack problem, Journal of the ACM 21, 1974.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.unfairness_penalty import Rule, Standing, costs_more, power, stand
from evenhand.numba_decorators import entry, inner

DIMENSIONS = 3
"""Rows over whose activities the grid extends."""

CHECK = 16
"""Work of computing a pair's penalty, in units of comparing its cost."""

HALVINGS = 48
"""Upper limit on bisection steps for the budget at which combinations fill their list. It is large because with tied
costs the sums may be tiny beside the first budget."""

MOST_CELLS = 64
"""Approximate upper limit on the cells of the grid along one dimension."""


class Steps(NamedTuple):
    """Steps of one half, in increasing order of reduced cost; each gives a task to another agent than its first choice.

    The first choice of a task is its agent of least reduced cost among the k agents.
    """

    reduced: NDArray[np.float64]  # (steps,) reduced cost beyond that of the first choice
    task: NDArray[np.int64]  # (steps,)
    cost: NDArray[np.float64]  # (steps,) change of the cost
    load: NDArray[np.float64]  # (steps, k) change of the loads of the k agents


class Combinations(NamedTuple):
    """Sets of steps, at most one per task: entry q is entry before[q] and the step last[q]; entry 0 is empty."""

    reduced: NDArray[np.float64]  # (entries,) sum of the steps' reduced costs
    last: NDArray[np.int64]  # (entries,)
    before: NDArray[np.int64]  # (entries,)
    cost: NDArray[np.float64]  # (entries,) change of the cost
    load: NDArray[np.float64]  # (entries, k) change of the loads of the k agents
    activity: NDArray[np.float64]  # (entries, DIMENSIONS) change of the activities of the grid's rows


class Grid(NamedTuple):
    """Combinations sorted into cells by their activities: those in cell c are entry[start[c]:start[c + 1]]."""

    origin: NDArray[np.float64]  # (DIMENSIONS,) least activity
    width: NDArray[np.float64]  # (DIMENSIONS,) width of a cell
    cells: NDArray[np.int64]  # (DIMENSIONS,) number of cells along each dimension
    start: NDArray[np.int64]  # (all cells + 1,)
    entry: NDArray[np.int64]  # (combinations,)


def room_for(entries: int, k: int) -> Combinations:
    """Allocate a list of `entries` combinations of steps among `k` agents."""
    whole, real = np.empty(entries, np.int64), np.empty(entries)
    return Combinations(real, whole, whole.copy(), real.copy(), np.empty((entries, k)), np.zeros((entries, DIMENSIONS)))


@inner
def list_within(steps: Steps, budget: float, into: Combinations) -> int:
    """List every combination of reduced costs at most `budget` in sum; return their number, -1 if the list is full.

    Breadth first: each combination is extended by every later step. Steps are sorted, so that the first one beyond the
    budget ends the extensions. Only entries reachable by steps in increasing order are made, each set once.
    """
    into.reduced[0], into.last[0], into.before[0] = 0.0, -1, -1
    count, q = 1, 0
    while q < count:
        for step in range(into.last[q] + 1, steps.reduced.shape[0]):
            total = into.reduced[q] + steps.reduced[step]
            if total > budget:
                break
            before, taken = q, False  # a task that a step of this combination has moved already cannot move again
            while before > 0 and not taken:
                taken = steps.task[into.last[before]] == steps.task[step]
                before = into.before[before]
            if taken:
                continue
            if count == into.reduced.shape[0]:
                return -1
            into.reduced[count], into.last[count], into.before[count] = total, step, q
            count += 1
        q += 1
    return count


@entry
def list_cheapest(steps: Steps, most: float, into: Combinations) -> int:
    """List the combinations of least reduced cost, up to the sum `most` or until the list is full; return their number.

    All combinations up to some budget are listed, and none above it. Bisection finds a budget that fills at least half
    of the list. If more combinations than fit have a reduced cost of zero, only the empty one is listed.
    """
    low, high = 0.0, most
    count = list_within(steps, most, into)
    if count < 0:
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            count = list_within(steps, middle, into)
            if count < 0:
                high = middle
            else:
                low = middle
                if 2 * count > into.reduced.shape[0]:
                    break
        if count < 0:
            count = list_within(steps, low, into)
    count = max(count, 1)
    into.cost[0] = 0.0
    for i in range(into.load.shape[1]):
        into.load[0, i] = 0.0
    for q in range(1, count):
        before, step = into.before[q], into.last[q]
        into.cost[q] = into.cost[before] + steps.cost[step]
        for i in range(into.load.shape[1]):
            into.load[q, i] = into.load[before, i] + steps.load[step, i]
    return count


@entry
def write_activities(matrix: NDArray[np.float64], count: int, into: Combinations) -> None:
    """Write by how much the first `count` combinations change the activity of each row of `matrix` (DIMENSIONS, k)."""
    for q in range(count):
        for d in range(DIMENSIONS):
            total = 0.0
            for i in range(matrix.shape[1]):
                total += matrix[d, i] * into.load[q, i]
            into.activity[q, d] = total


@inner
def along(grid: Grid, dimension: int, activity: float) -> int:
    """Return the position of an activity's cell along one dimension, clipped to [-2, number of cells]."""
    place = np.floor((activity - grid.origin[dimension]) / grid.width[dimension])
    return int(max(-2.0, min(float(grid.cells[dimension]), place)))


@entry
def make_grid(width: NDArray[np.float64], count: int, listed: Combinations) -> Grid:
    """Sort `count` combinations into cells at least `width` wide, shape (DIMENSIONS,)."""
    origin, wide, cells = np.empty(DIMENSIONS), np.empty(DIMENSIONS), np.empty(DIMENSIONS, np.int64)
    for d in range(DIMENSIONS):
        low, high = np.inf, -np.inf
        for q in range(count):
            low, high = min(low, listed.activity[q, d]), max(high, listed.activity[q, d])
        wide[d] = max(width[d], (high - low) / MOST_CELLS, 1e-300)
        origin[d] = low
        cells[d] = 1 + int((high - low) / wide[d])
    # Counting sort: count the entries of each cell, add the counts up, and put each entry in its place.
    start = np.zeros(cells[0] * cells[1] * cells[2] + 1, np.int64)
    grid = Grid(origin, wide, cells, start, np.empty(count, np.int64))
    cell_of = np.empty(count, np.int64)
    for q in range(count):
        cell = 0
        for d in range(DIMENSIONS):
            cell = cell * cells[d] + max(0, min(cells[d] - 1, along(grid, d, listed.activity[q, d])))
        cell_of[q] = cell
        start[cell + 1] += 1
    for cell in range(start.shape[0] - 1):
        start[cell + 1] += start[cell]
    filled = start.copy()
    for q in range(count):
        grid.entry[filled[cell_of[q]]] = q
        filled[cell_of[q]] += 1
    return grid


@inner
def pair_penalty(
    rule: Rule,
    agents: NDArray[np.int64],
    base: NDArray[np.float64],
    one: Combinations,
    q: int,
    two: Combinations,
    other: int,
    standing: Standing,
) -> float:
    """Return the penalty of the loads `base`, shape (n,), changed by both combinations."""
    for i in range(base.shape[0]):
        standing.load[i] = base[i]
    for i in range(agents.shape[0]):
        standing.load[agents[i]] += one.load[q, i] + two.load[other, i]
    return float(stand(rule, standing))


@inner
def is_too_unfair(
    rule: Rule,
    agents: NDArray[np.int64],
    base: NDArray[np.float64],
    others: tuple[float, float],
    one: Combinations,
    q: int,
    two: Combinations,
    other: int,
    most: float,
) -> bool:
    """Return whether the power mean alone, of `base` changed by both combinations, costs a penalty of more than `most`.

    `others` are both sums of the power mean over all agents but `agents`.
    """
    powers, mean = others
    for i in range(agents.shape[0]):
        load = base[agents[i]] + one.load[q, i] + two.load[other, i]
        powers += power(rule, agents[i], load)
        mean += rule.share[agents[i]] * rule.stretch[agents[i]] * load
    return costs_more(rule, powers, mean, most)


@inner
def sums_of_others(rule: Rule, agents: NDArray[np.int64], base: NDArray[np.float64]) -> tuple[float, float]:
    """Return both sums of the power mean of loads, shape (n,), over all agents but `agents`."""
    powers, mean = 0.0, 0.0
    for i in range(base.shape[0]):
        outside = True
        for k in range(agents.shape[0]):
            outside &= agents[k] != i
        if outside:
            powers += power(rule, i, base[i])
            mean += rule.share[i] * rule.stretch[i] * base[i]
    return powers, mean


@entry
def best_pair(
    rule: Rule,
    agents: NDArray[np.int64],
    base: NDArray[np.float64],
    activity: NDArray[np.float64],
    one: Combinations,
    count: int,
    two: Combinations,
    grid: Grid,
    below: float,
    patience: int,
) -> tuple[float, int, int]:
    """Return the least merit, cost plus penalty, below `below`, and the entries of both lists that reach it, else -1.

    `activity`, shape (DIMENSIONS,), is that of the grid's rows at `base`. The search ends after about `patience` pairs.
    """
    best, first, second, looked = below, -1, -1, 0
    standing = Standing(np.empty(base.shape[0]), np.empty(rule.matrix.shape[0]), np.zeros(2))
    low, high = np.empty(DIMENSIONS, np.int64), np.empty(DIMENSIONS, np.int64)
    others = sums_of_others(rule, agents, base) if rule.order > 0.0 else (0.0, 0.0)
    for q in range(count):
        # A partner must raise each activity to at least 0, and to no more than about a cell's width above it.
        for d in range(DIMENSIONS):
            wanted = along(grid, d, -activity[d] - one.activity[q, d])
            low[d], high[d] = max(0, wanted), min(grid.cells[d] - 1, wanted + 1)
        for x in range(low[0], high[0] + 1):
            for y in range(low[1], high[1] + 1):
                for z in range(low[2], high[2] + 1):
                    cell = (x * grid.cells[1] + y) * grid.cells[2] + z
                    for place in range(grid.start[cell], grid.start[cell + 1]):
                        other = grid.entry[place]
                        cost = one.cost[q] + two.cost[other]
                        if cost >= best:
                            continue
                        missing = False
                        for d in range(DIMENSIONS):
                            missing |= activity[d] + one.activity[q, d] + two.activity[other, d] < 0.0
                        if missing:
                            continue
                        looked += CHECK
                        if rule.order > 0.0 and is_too_unfair(
                            rule, agents, base, others, one, q, two, other, best - cost
                        ):
                            continue
                        merit = cost + pair_penalty(rule, agents, base, one, q, two, other, standing)
                        if merit < best:
                            best, first, second = merit, q, other
                    looked += grid.start[cell + 1] - grid.start[cell]
        if looked > patience:
            break
    return best, first, second
