"""A fair assignment within seconds, for time limits that leave no time for annealing or the tree.

First, prices are adjusted until the loads are nearly fair with each task at its agent of least reduced cost. The price
of an agent with too high a load falls, which makes tasks dearer there; steps grow while they keep their sign and shrink
when it changes (Rprop). Then tasks move, or are swapped, as long as that lowers the costs plus a penalty on loads away
from targets inside the cone; the penalty grows until the loads are fair. If there are many tasks with small burdens,
both phases take a few passes over the table.

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
from evenhand.assignment.kernels.towards_targets import approach
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Scaled
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

PASSES, LAST_PASSES = 80, 12
"""Upper limits on the passes that adjust prices, over a sample and then over all tasks."""

LEAST_WEIGHT, HEAVIER, WEIGHTS, PASSES_PER_WEIGHT = 0.1, 1.2, 120, 6
"""First weight of the penalty on squared distances of loads above their targets, relative to a typical cost of burden
over the mean load; its factor from one weight to the next; the number of weights; and upper limit on the passes with
each."""

BELOW = 0.1
"""Weight of the distances of loads below their targets, relative to that of loads above."""

OUTWEIGHING, LARGER = 30, 1.02
"""Number of weights after which the penalty outweighs the costs; the factor on the sum of the targets with each weight
from then on."""

AGAIN, FEWEST_BACK, MOST_BACK, FRUITLESS = 24, 2, 16, 3
"""Number of times that the weights fall again, once loads are fair, limits on how many weights they fall back, and
number of successive times without a cheaper assignment after which the cheapest is taken up again."""

PARTNERS, MOST_SWAPS = 100, 4_000_000
"""Upper limits on the tasks that each is tried to be swapped with, and on the swaps tried in a pass."""

MANY_CHANGES, MOST_LEFT_OUT = 500_000, 5
"""Where a pass tries k times as many changes, one weight of k is used and others are left out, with fewer passes; and
upper limit on k."""

BLOCK_WORK = 10_000_000
"""Number of changes tried between two checks of the clock."""

INSIDE = 0.3
"""Position of the prices' target loads between the boundary of the cone (0) and the fair ray (1)."""

START_INSIDE, DEEPER = 0.1, 0.02
"""Position of the moves' first target loads, and by how much it increases with each weight."""

FIRST_STEP, GROWTH, SHRINKAGE = 0.02, 1.3, 0.5
"""First step of a price, relative to the cost of a unit of burden; and the factors on a step whose sign stays or
changes."""

FEW_AGENTS = 100
"""Number of agents up to which prices are adjusted: with more, each has few tasks, and prices alone make none fair."""

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
    if len(price) > FEW_AGENTS:
        return price, assignment
    if tasks <= SAMPLE:
        return _descend(scaled, fairness, price, assignment, FIRST_STEP, PASSES, clock)
    # A sample of the tasks finds nearly the same prices in a fraction of the time.
    few = np.random.default_rng(0).permutation(tasks)[:SAMPLE]
    price, _ = _descend(_part_of(scaled, few), fairness, price, assignment[few], FIRST_STEP, PASSES, clock)
    return _descend(scaled, fairness, price, _cheapest(scaled, price), FIRST_STEP / 4.0, LAST_PASSES, clock)


class Repair:
    """Moves and swaps tasks until the loads are fair, and again, with other partners, to find cheaper assignments.

    A penalty on loads away from their targets, inside the cone, grows until the loads are fair. Once it outweighs the
    costs, the targets grow, too: where a task alone is more than an agent may carry, the others have to carry more.
    Then the penalty falls back, tasks return to cheaper agents, and it grows anew (strategic oscillation).

    Parameters
    ----------
    scaled
        Costs and burdens as the kernels have them, shape (m, n).
    fairness
        The fairness member to satisfy.
    price, assignment
        Prices of a unit of load on each agent, shape (n,), and agent of each task, shape (m,), to begin with.
    random
        Draws which tasks are tried to be swapped with which, and how far the penalty falls back.

    References
    ----------
    Glover, Heuristics for integer programming using surrogate constraints, Decision Sciences 8, 1977.
    """

    def __init__(
        self,
        scaled: Scaled,
        fairness: Fairness,
        price: Array,
        assignment: NDArray[np.intp],
        random: np.random.Generator,
    ) -> None:
        self.best: NDArray[np.intp] | None = None
        self.last = assignment
        self._scaled, self._fairness, self._price, self._random = scaled, fairness, price, random
        self._least, self._number, self._fruitless = np.inf, 0, 0
        loads = _loads(scaled, assignment)
        self._weight = LEAST_WEIGHT * (_unit_cost(scaled) or 1.0) / max(float(loads.mean()), np.finfo(float).tiny)

    def run(self, times: int, clock: Clock) -> None:
        """Make the loads fair so many `times`, each from a lighter penalty than the last ended with."""
        for _ in range(times):
            if not self._climb(clock):
                return
            self._keep()
            self._number = max(0, self._number - int(self._random.integers(FEWEST_BACK, MOST_BACK)))

    def _keep(self) -> None:
        """Keep the last assignment if it is the cheapest; after some that are not, return to the cheapest."""
        paid = float(self._scaled.costs.cost[np.arange(len(self.last)), self.last].sum())
        if paid < self._least:
            self.best, self._least, self._fruitless = self.last, paid, 0
        elif self.best is not None:
            self._fruitless += 1
            if self._fruitless > FRUITLESS:
                self.last, self._fruitless = self.best, 0

    def _climb(self, clock: Clock) -> bool:
        """Increase the penalty until the loads are fair; return whether they are, before the clock expires."""
        keys, loads = self.last.astype(np.int64), _loads(self._scaled, self.last)
        tasks, n = self._scaled.costs.cost.shape
        partners = min(PARTNERS, tasks - 1, MOST_SWAPS // tasks)
        beyond = int(self._random.integers(1, tasks - partners + 1))
        stride = int(np.clip(tasks * (n + partners) // MANY_CHANGES, 1, MOST_LEFT_OUT))
        fair, total = self.best is None and bool(self._fairness.contains(loads)), float(loads.sum())
        while not (fair or self._number >= WEIGHTS or clock.expired):
            larger = LARGER ** max(0, self._number - OUTWEIGHING)
            if larger == 1.0:
                total = float(loads.sum())
            for _ in range(max(2, PASSES_PER_WEIGHT // stride)):
                target = target_of(self._fairness, loads, START_INSIDE + DEEPER * self._number)
                if larger > 1.0:
                    target = target * max(1.0, larger * total / loads.sum())
                changes = self._pass(keys, loads, target, beyond, partners, clock)
                loads = _loads(self._scaled, keys)
                fair = bool(self._fairness.contains(loads))
                if fair or not changes:
                    break
            self._number += stride
        self.last = keys.astype(np.intp)
        return fair

    def _pass(
        self, keys: NDArray[np.int64], loads: Array, target: Array, beyond: int, partners: int, clock: Clock
    ) -> int:
        """Go once through all tasks, or until the clock expires, and return the number of changes made to `keys`."""
        costs, above = self._scaled.costs, self._weight * HEAVIER**self._number
        tasks, n = costs.cost.shape
        block, changes = max(1, BLOCK_WORK // (n + partners)), 0
        for first in range(0, tasks, block):
            if clock.expired:
                break
            parts = (above, BELOW * above, beyond, partners, first, min(first + block, tasks))
            changes += approach(costs, self._price, keys, loads, target, *parts)
        return changes


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
