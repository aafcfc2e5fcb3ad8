"""A fair assignment within seconds, for time limits that leave no time for annealing or the tree.

First, prices are adjusted until the loads are nearly fair with each task at its agent of least reduced cost. The price
of an agent with too high a load falls, which makes tasks dearer there; steps grow while they keep their sign and shrink
when it changes (Rprop). Then single tasks move from agents above their target load to agents below it, the cheapest per
unit of burden first. If there are many tasks with small burdens, both phases take a few passes over the table.

References
----------
Riedmiller, Braun, A direct adaptive method for faster backpropagation learning: the RPROP algorithm, IEEE International
Conference on Neural Networks, 1993.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Scaled
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

PASSES, LAST_PASSES, MOVES = 80, 12, 40
"""Upper limits on the passes that adjust prices, over a sample and then over all tasks, and on those that move
tasks."""

FAR = 0.1
"""Distance of an agent's load from its target, relative to the largest such distance, below which the agent takes no
part in a pass of moves."""

MOST_PAIRS = 40_000
"""Upper limit on the moves considered in one pass, the cheapest ones."""

INSIDE = 0.3
"""Position of the prices' target loads between the boundary of the cone (0) and the fair ray (1)."""

DEEPER = 0.05
"""Amount by which that position of the moves' target loads increases with each pass."""

FIRST_STEP, GROWTH, SHRINKAGE = 0.02, 1.3, 0.5
"""First step of a price, relative to the cost of a unit of burden; and the factors on a step whose sign stays or
changes."""

SAMPLE = 10_000
"""Number of tasks from which the first prices are computed, if there are more."""

BLOCK = 4096
"""Number of tasks whose costs are compared together, so that intermediate arrays stay in the processor's cache."""

NEAR = 0.002
"""Relative distance of a load from its target within which the agent's price does not move."""


def priced(
    scaled: Scaled, fairness: Fairness, price: Array, assignment: NDArray[np.intp], clock: Clock
) -> tuple[Array, NDArray[np.intp]]:
    """Return prices at which the loads are nearly fair with each task at its cheapest agent, and that assignment.

    Parameters
    ----------
    scaled
        Costs and burdens as the kernels have them, shape (m, n).
    fairness
        The fairness member to satisfy.
    price
        Initial price of a unit of load on each agent, shape (n,): the relaxation's, whether it is solved or not.
    assignment
        Agent of each task at these prices, shape (m,).
    clock
        Ends the passes when it expires.
    """
    tasks = len(assignment)
    if tasks <= SAMPLE:
        return _descend(scaled, fairness, price, assignment, FIRST_STEP, PASSES, clock)
    # A sample of the tasks finds nearly the same prices in a fraction of the time.
    few = np.random.default_rng(0).permutation(tasks)[:SAMPLE]
    price, _ = _descend(_part_of(scaled, few), fairness, price, assignment[few], FIRST_STEP, PASSES, clock)
    return _descend(scaled, fairness, price, _cheapest(scaled, price), FIRST_STEP / 4.0, LAST_PASSES, clock)


def repaired(
    scaled: Scaled, fairness: Fairness, price: Array, assignment: NDArray[np.intp], clock: Clock
) -> tuple[Array, NDArray[np.intp]]:
    """Return `price` and an assignment that is fair, or as nearly fair as single moves could make it.

    Parameters are those of :func:`priced`, and its results are the arguments.
    """
    keys = assignment.copy()
    for round_ in range(MOVES):
        loads = _loads(scaled, keys)
        if fairness.contains(loads) or clock.expired:
            break
        if not _move(scaled, price, keys, loads - target_of(fairness, loads, DEEPER * (round_ + 1))):
            break
    return price, keys


def _part_of(scaled: Scaled, tasks: NDArray[np.intp]) -> Scaled:
    """Return the problem of these `tasks` only, with initial loads reduced in proportion."""
    costs = scaled.costs
    initial = costs.initial * (len(tasks) / len(costs.cost))
    return replace(
        scaled,
        costs=costs._replace(cost=costs.cost[tasks], burden=costs.burden[tasks], initial=initial),
        allowed=scaled.allowed[tasks],
    )


def _descend(
    scaled: Scaled,
    fairness: Fairness,
    price: Array,
    keys: NDArray[np.intp],
    first_step: float,
    passes: int,
    clock: Clock,
) -> tuple[Array, NDArray[np.intp]]:
    """Adjust prices by Rprop; return those whose loads came nearest to their target, and their assignment."""
    step = np.full(len(price), first_step * _unit_cost(scaled))
    before = np.zeros(len(price))
    best, nearest = (price, keys), np.inf
    for _ in range(passes):
        loads = _loads(scaled, keys)
        target = target_of(fairness, loads, INSIDE)
        excess = (loads - target) / np.maximum(target, 1e-12 * loads.max())
        if (missed := float(np.abs(excess).sum())) < nearest:
            best, nearest = (price, keys), missed
        if clock.expired or fairness.contains(loads):
            break
        sign = np.where(np.abs(excess) > NEAR, np.sign(excess), 0.0)
        if not sign.any():
            break
        step *= np.where(sign * before > 0.0, GROWTH, np.where(sign * before < 0.0, SHRINKAGE, 1.0))
        price = price - sign * step
        before = sign
        keys = _cheapest(scaled, price)
    return best


def target_of(fairness: Fairness, loads: Array, inwards: float) -> Array:
    """Return target loads with the same sum, from the boundary of the cone (`inwards` 0) to the fair ray (1).

    If the parameter asks for equality, the cone is the fair ray itself.
    """
    n = len(loads)
    fair: Array = loads.sum() * shares_of(n, fairness.entitlements)
    if fairness.parameter == fairness.parameter_range(n)[1]:
        return fair
    edge = fairness.supporting_point(loads)
    return edge + min(inwards, 1.0) * (fair - edge)


def _unit_cost(scaled: Scaled) -> float:
    """Return a typical cost of a unit of burden: total cost over total burden, with each task at its cheapest agent."""
    cost, burden = scaled.costs.cost, scaled.costs.burden
    least = np.where(scaled.allowed, np.abs(cost), np.inf).argmin(axis=1)
    rows = np.arange(len(cost))
    weight = float(burden[rows, least].sum())
    return float(np.abs(cost[rows, least]).sum()) / weight if weight > 0.0 else 1.0


def _cheapest(scaled: Scaled, price: Array) -> NDArray[np.intp]:
    keys = np.empty(len(scaled.costs.cost), dtype=np.intp)
    for start in range(0, len(keys), BLOCK):
        rows = slice(start, start + BLOCK)
        value = scaled.costs.cost[rows] - price * scaled.costs.burden[rows]
        value[~scaled.allowed[rows]] = np.inf
        keys[rows] = value.argmin(axis=1)
    return keys


def _loads(scaled: Scaled, keys: NDArray[np.intp]) -> Array:
    taken = scaled.costs.burden[np.arange(len(keys)), keys]
    return scaled.costs.initial + np.bincount(keys, taken, minlength=len(scaled.costs.initial))


def _move(scaled: Scaled, price: Array, keys: NDArray[np.intp], excess: Array) -> bool:
    """Move tasks, in `keys`, from agents with positive `excess` to agents with negative; return whether any moved.

    Moves are tried in increasing order of reduced cost per unit of burden. One is made only if it lowers the sum of
    squares of both agents' distances from their targets.
    """
    cost, burden = scaled.costs.cost, scaled.costs.burden
    # Agents close to their target are left out: the cheapest moves would all be theirs, and would achieve nothing.
    sinks = np.flatnonzero(excess < min(0.0, FAR * excess.min()))
    tasks = np.flatnonzero(excess[keys] > max(0.0, FAR * excess.max()))
    tasks = tasks[burden[tasks, keys[tasks]] > 0.0]
    if not len(sinks) or not len(tasks):
        return False
    own, pairs = keys[tasks], np.ix_(tasks, sinks)
    freed = burden[tasks, own]
    paid = cost[tasks, own] - price[own] * freed
    value = np.where(scaled.allowed[pairs], cost[pairs] - price[sinks] * burden[pairs], np.inf)
    rate = ((value - paid[:, np.newaxis]) / freed[:, np.newaxis]).ravel()
    few = np.argpartition(rate, MOST_PAIRS)[:MOST_PAIRS] if len(rate) > MOST_PAIRS else np.arange(len(rate))
    few = few[np.argsort(rate[few], kind="stable")]
    few = few[np.isfinite(rate[few])]
    left, moved = excess.tolist(), False
    rows, columns = few // len(sinks), few % len(sinks)
    gained = burden[tasks[rows], sinks[columns]]
    listed = (tasks[rows], own[rows], freed[rows], sinks[columns], gained)
    for task, source, weight, sink, added in zip(*(part.tolist() for part in listed), strict=True):
        over, under = left[source] - weight, left[sink] + added
        if keys[task] == source and over**2 + under**2 < left[source] ** 2 + left[sink] ** 2:
            keys[task], left[source], left[sink], moved = sink, over, under, True
    return moved
