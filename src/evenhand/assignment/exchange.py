"""The best new way to share the tasks of a few agents among them, out of hundreds of millions.

The method is explained in `kernels/meeting.py`. Local search by single moves and swaps ends in assignments that only an
exchange of many tasks at once can improve. Here a neighbourhood of that kind is searched nearly completely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels import meeting
from evenhand.assignment.kernels.meeting import DIMENSIONS, Combinations, Steps
from evenhand.assignment.kernels.unfairness_penalty import Rule, penalty_of
from evenhand.assignment.relaxation import Relaxation

REGION = 6
"""Number of agents that exchange tasks."""

ROOM = 20_000
"""Number of combinations that either list can hold."""

WANTED = 300_000
"""Approximate number of pairs that the cells of the grid should bring together; pairs in neighbouring cells add to
it."""

PATIENCE = 5_000_000
"""Upper limit on the work for one region, in pairs whose cost is compared."""


@dataclass(frozen=True, slots=True)
class Region:
    """A few agents, the tasks they hold, and the agent among them to whom reduced costs alone would give each task.

    Attributes
    ----------
    agents
        Positions of the agents, shape (k,).
    tasks
        Positions of their tasks, shape (t,).
    reduced
        Reduced cost of each task for each of the agents, less that of its first choice, shape (t, k).
    first
        First choice of each task, the agent of least reduced cost as an index into `agents`, shape (t,).
    """

    agents: NDArray[np.intp]
    tasks: NDArray[np.intp]
    reduced: NDArray[np.float64]
    first: NDArray[np.intp]


def exchange(
    assignment: NDArray[np.intp], relaxation: Relaxation, rule: Rule, random: np.random.Generator, first: int
) -> NDArray[np.intp] | None:
    """Return a better assignment, in which a few agents share their tasks anew: one of less merit, cost plus penalty.

    Parameters
    ----------
    assignment
        Agent of each task, shape (m,), fair or not.
    relaxation
        The solved relaxation.
    rule
        Defines the penalty.
    random
        Generator that draws the other agents, and splits their tasks into halves.
    first
        Position of the first of the agents.

    Returns
    -------
    numpy.ndarray or None
        Agent of each task, shape (m,); None if nothing better was found.
    """
    costs = relaxation.scaled.costs
    loads = _loads(relaxation, assignment)
    penalty = penalty_of(rule, loads)
    paid = float(costs.cost[np.arange(len(assignment)), assignment].sum())
    # A better assignment costs at most this much more than the bound: a budget for the reduced costs of its steps.
    most = paid + penalty - relaxation.value
    if not 0.0 < most < np.inf:
        return None
    region = _draw_region(relaxation, assignment, random, most, first)
    if not len(region.tasks):
        return None
    # Start where every task of the region is at its first choice. All other sharings are sets of steps away from that,
    # whose reduced costs add up; the two halves of the tasks contribute independent sets.
    firsts = region.agents[region.first]
    base = assignment.copy()
    base[region.tasks] = firsts
    loads = _loads(relaxation, base)
    saved = costs.cost[region.tasks, assignment[region.tasks]].sum() - costs.cost[region.tasks, firsts].sum()
    below = float(saved) + penalty - 1e-12 * abs(paid)
    in_one = random.random(len(region.tasks)) < 0.5
    halves = [_half(relaxation, region, chosen, most) for chosen in (in_one, ~in_one)]
    (one, count_one, pairs_one), (two, count_two, pairs_two) = halves
    rows, widths = _grid_rows(relaxation, region, (one.load[:count_one], two.load[:count_two]), most)
    own_rows = np.ascontiguousarray(rows[:, region.agents])
    for listed, count in ((one, count_one), (two, count_two)):
        meeting.write_activities(own_rows, count, listed)
    grid = meeting.make_grid(widths, count_two, two)
    agents = region.agents.astype(np.int64)
    _, q, other = meeting.best_pair(rule, agents, loads, rows @ loads, one, count_one, two, grid, below, PATIENCE)
    if q < 0:
        return None
    for listed, entry, pairs in ((one, q, pairs_one), (two, other, pairs_two)):
        for task, agent in _steps_of(listed, entry, pairs):
            base[region.tasks[task]] = region.agents[agent]
    return base


def _draw_region(
    relaxation: Relaxation, assignment: NDArray[np.intp], random: np.random.Generator, most: float, first: int
) -> Region:
    """Draw a region: `first` and other agents, one by one, who are likely to share tasks that are cheap for each.

    The weight of an agent is the number of tasks that it could cheaply take from the agents drawn before, plus the
    number of its own that they could cheaply take.
    """
    reduced = relaxation.reduced_costs()
    n = reduced.shape[1]
    near = 1.0 - np.minimum(reduced, most) / most
    chosen = np.zeros(n, dtype=bool)
    chosen[first] = True
    for _ in range(min(REGION, n) - 1):
        weight = near[chosen[assignment]].sum(axis=0) + 1e-3 + near[:, chosen].sum(axis=1) @ _held(assignment, n)
        weight[chosen] = 0.0
        chosen[random.choice(n, p=weight / weight.sum())] = True
    agents, tasks = np.flatnonzero(chosen), np.flatnonzero(chosen[assignment])
    own = reduced[np.ix_(tasks, agents)]
    best = own.argmin(axis=1)
    return Region(agents, tasks, own - own[np.arange(len(tasks)), best][:, None], best)


def _loads(relaxation: Relaxation, assignment: NDArray[np.intp]) -> NDArray[np.float64]:
    costs = relaxation.scaled.costs
    taken = costs.burden[np.arange(len(assignment)), assignment]
    return costs.initial + np.bincount(assignment, taken, minlength=costs.initial.shape[0])


def _held(assignment: NDArray[np.intp], n: int) -> NDArray[np.float64]:
    held = np.zeros((len(assignment), n))
    held[np.arange(len(assignment)), assignment] = 1.0
    return held


def _half(
    relaxation: Relaxation, region: Region, chosen: NDArray[np.bool_], most: float
) -> tuple[Combinations, int, NDArray[np.intp]]:
    """List the combinations of steps of `chosen` tasks; return them, their number, and (task, agent) of each step."""
    costs = relaxation.scaled.costs
    possible = (region.reduced <= most) & chosen[:, None]
    possible[np.arange(len(region.tasks)), region.first] = False
    pairs = np.argwhere(possible)
    reduced = region.reduced[pairs[:, 0], pairs[:, 1]]
    order = np.argsort(reduced, kind="stable")
    pairs, reduced = pairs[order], reduced[order]
    task, to = region.tasks[pairs[:, 0]], region.agents[pairs[:, 1]]
    first = region.first[pairs[:, 0]]
    load = np.zeros((len(pairs), len(region.agents)))
    every = np.arange(len(pairs))
    load[every, pairs[:, 1]] = costs.burden[task, to]
    load[every, first] -= costs.burden[task, region.agents[first]]
    cost = costs.cost[task, to] - costs.cost[task, region.agents[first]]
    listed = meeting.room_for(ROOM, len(region.agents))
    count = meeting.list_cheapest(Steps(reduced, pairs[:, 0].astype(np.int64), cost, load), most, listed)
    return listed, count, pairs


def _grid_rows(
    relaxation: Relaxation, region: Region, loads: tuple[NDArray[np.float64], NDArray[np.float64]], most: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Choose up to three rows over whose activities the grid extends, and the widths of its cells.

    In a better assignment, a row with multiplier mu has an activity between 0 and most / mu, which is the width of its
    cells. A row excludes the more pairs, the larger the standard deviation of its activity over random pairs is in
    units of that width. Rows are chosen greedily by that ratio, each after removing what the rows before explain.
    Widths shrink if too many pairs would still meet.
    """
    size = len(relaxation.pool)
    multipliers = relaxation.vertex.multiplier[:size]
    used = np.flatnonzero(multipliers > 0.0)
    matrix = relaxation.pool.rows.matrix[used]
    chosen, widths = np.zeros((DIMENSIONS, matrix.shape[1])), np.full(DIMENSIONS, np.inf)
    spread = np.linalg.cholesky(_covariance(loads))
    directions = (matrix[:, region.agents] @ spread) * multipliers[used][:, None] / most
    pairs = float(len(loads[0])) * len(loads[1])
    for dimension in range(min(DIMENSIONS, len(used))):
        lengths = np.sqrt((directions * directions).sum(axis=1))
        best = int(lengths.argmax())
        if not lengths[best] > 1e-9:
            break
        chosen[dimension], widths[dimension] = matrix[best], most / multipliers[used[best]]
        # The fraction of pairs that meet in this dimension: the density of a normal distribution times a few widths.
        pairs *= min(1.0, 1.6 / lengths[best])
        # Gram-Schmidt: later rows count only as far as they are independent of this one.
        axis = directions[best] / lengths[best]
        directions = directions - np.outer(directions @ axis, axis)
    found = int(np.isfinite(widths).sum())
    if found and pairs > WANTED:
        widths[:found] *= (WANTED / pairs) ** (1.0 / found)
    widths[found:] = 1.0
    return chosen, widths


def _covariance(loads: tuple[NDArray[np.float64], NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the covariance, shape (k, k), of the loads of random pairs, made positive definite by a tiny diagonal."""
    total = sum(np.atleast_2d(np.cov(part, rowvar=False, bias=True)) for part in loads)
    covariance = np.asarray(total, dtype=np.float64)
    return np.asarray(covariance + (1e-9 * covariance.trace() + 1e-300) * np.eye(len(covariance)))


def _steps_of(listed: Combinations, entry: int, pairs: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return (task, agent) of each step of a combination, following its entry back to the empty one."""
    steps = []
    while entry > 0:
        task, agent = pairs[listed.last[entry]]
        steps.append((int(task), int(agent)))
        entry = int(listed.before[entry])
    return steps
