"""From the optimum of the relaxation to whole tasks: moves, swaps and chains among tasks that are nearly indifferent.

The cost of a plan above the bound is the sum of the reduced costs in use plus v . x, for prices v and loads x. Under a
curved rule, loads may be off their targets by a task or two at almost no cost, and gentle weights do. Under a limit on
the largest load, each agent at the limit has to come close to it from below, and only firm weights and chains of moves
bring it there.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.candidates.dual import CandidateDual
from evenhand.assignment.kernels.candidate_moves import Aim, exchange, sweep
from evenhand.assignment.kernels.candidates import Pairs
from evenhand.assignment.progress_clock import Clock
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

logger = logging.getLogger(__name__)

CHOICES, LEAST_CHOICES, NEAR = 400, 20_000, 8.0
"""Number of tasks per agent, and in all, that may move when an optimum is rounded: the most indifferent ones; and all
whose reduced costs differ by at most this number of temperatures, because the optimum shares these."""

LADDER = ((1e-3, False), (1e-2, False), (1e-1, False), (1.0, False), (1e1, True), (1e2, True), (1e3, True))
"""Weights of the squared distances of the loads from their targets, in units of a typical cost per squared burden, and
whether chains of moves follow single ones. They rise: large distances are closed by cheap moves, and the last small
ones at almost any price."""

ONE_SIDED = 1e2
"""Weight from which on, under a limit on the largest load, targets are that limit, and to stay below it costs only what
the optimum says."""

SWEEPS, EXCHANGES, LISTED = 20, 10, 100
"""Upper limits on the sweeps and on the rounds of exchanges for one aim, and on the tasks that each agent exchanges."""

FEW = 0.02
"""Sweeps and exchanges end when they change fewer than this part of as many tasks as there are agents."""

TRIALS, FIRST_STEP, FIRMER = 12, 1e-9, 1.3
"""Upper limit on the targets for one weight, the first step of the targets towards equal loads, and the factor by which
a step is larger than what the last plan lacked."""

WORTHWHILE = 0.5
"""Part of the gap asked for that a step towards equal loads may cost, unless the weight is the last one."""


def rounded(
    core: Pairs,
    fixed: NDArray[np.float64],
    dual: CandidateDual,
    fairness: Fairness,
    allowed: float,
    random: np.random.Generator,
    clock: Clock,
) -> NDArray[np.int32] | None:
    """Return the slot of each task of the core in a fair plan, the cheapest that was found; None if there is none.

    Parameters
    ----------
    core, fixed
        The core's pairs, and the loads of all other tasks, shape (n,).
    dual
        The optimum of its relaxation.
    fairness
        The member that the loads must satisfy.
    allowed
        Cost above the bound at which to stop.
    random, clock
        Source of random orders, and time limit.
    """
    rounding, slot = _rounding_of(core, fixed, dual, random)
    best, least = None, np.inf
    # If no weight is fair at a price within the gap asked for, any price will do.
    for weight, exchanges, allowed in (*((*rung, allowed) for rung in LADDER), *((*rung, np.inf) for rung in LADDER)):
        if clock.expired or (best is not None and allowed == np.inf):
            break
        before = _fairly(rounding, dual, fairness, weight * rounding.unit, allowed, clock, exchanges=exchanges)
        if before is None:
            continue
        excess = rounding.excess + float(dual.price @ rounding.load)
        logger.debug("weight %g: %.3g above the bound", weight, excess)
        if excess < least:
            best, least = rounding.slot.copy(), excess
        if excess < allowed:
            break
        rounding.slot, rounding.load = before
    if best is None:
        return None
    rounding.slot = best
    return rounding.in_core(slot)


def _fairly(
    rounding: Rounding,
    dual: CandidateDual,
    fairness: Fairness,
    firmness: float,
    allowed: float,
    clock: Clock,
    *,
    exchanges: bool,
) -> tuple[NDArray[np.int32], NDArray[np.float64]] | None:
    """Move the targets towards equal loads until the loads are fair; return slots and loads of the first approach.

    Returns None, and leaves the rounding at the first approach, if they are not fair, or fairness would be too dear.
    """
    n, limit = len(rounding.load), fairness.bound(len(rounding.load))
    loads = np.maximum(dual.loads, 0.0)
    equal = float(loads.sum()) * shares_of(n, fairness.entitlements)
    below, slope, rate = firmness, np.zeros(n), 0.0
    if dual.cone.order == 1.0 and firmness >= ONE_SIDED * rounding.unit:
        # What an agent carries less than the largest share it may have costs its multiplier, and nothing else.
        loads, below, slope, rate = limit * equal, 0.0, dual.w, limit * dual.cone.norm(dual.w)[0]
    # Equal loads are inside the cone by this much; each step towards them takes loads so much further inside.
    inside = max(1.0 - float(fairness.value(equal)) / (limit * float(equal.mean())), 1e-12)
    worth = abs(float(dual.price @ (equal - np.maximum(dual.loads, 0.0))))
    last = firmness >= LADDER[-1][0] * rounding.unit
    step, before = FIRST_STEP, None
    for _ in range(TRIALS):
        aim = Aim((1.0 - step) * loads + step * equal, slope, firmness, below, rate)
        rounding.approach(aim, clock, exchanges=exchanges)
        before = before or (rounding.slot.copy(), rounding.load.copy())
        if fairness.contains(rounding.load):
            return before
        lack = float(fairness.value(rounding.load)) / (limit * float(rounding.load.mean())) - 1.0
        step = min(1.0, step + FIRMER * max(lack, 1e-12) / inside)
        if clock.expired or (not last and worth * step > WORTHWHILE * allowed):
            break
    assert before is not None
    rounding.slot, rounding.load = before
    return None


@dataclass
class Rounding:
    """Whole tasks whose loads approach given ones.

    Attributes
    ----------
    tasks
        Positions in the core of the tasks that may move.
    moves
        Their candidates that are nearly the least, with reduced costs.
    place
        Position of each of these candidates among all of its task, shape (pairs,).
    slot
        Candidate in use for each of the tasks, as a position in `moves`.
    load
        Loads of the plan, shape (n,).
    unit
        Typical cost over the square of a typical burden.
    random
        Source of the orders in which tasks and agents take turns.
    """

    tasks: NDArray[np.int64]
    moves: Pairs
    place: NDArray[np.int64]
    slot: NDArray[np.int32]
    load: NDArray[np.float64]
    unit: float
    random: np.random.Generator

    def approach(self, aim: Aim, clock: Clock, *, exchanges: bool) -> None:
        """Bring the loads close to their targets, by sweeps of single moves and, if asked for, by chains of two."""
        enough = FEW * len(self.load)
        for _ in range(SWEEPS):
            order = self.random.permutation(len(self.slot))
            if sweep(self.moves, self.slot, self.load, aim, order) < enough or clock.expired:
                break
        for _ in range(EXCHANGES if exchanges else 0):
            order = np.argsort(-np.abs(self.load - aim.target), kind="stable")
            if clock.expired or exchange(self.moves, self.slot, self.load, aim, order, LISTED) < enough:
                break

    @property
    def excess(self) -> float:
        """Sum of the reduced costs of the pairs in use."""
        return math.fsum(self.moves.costs[self.moves.starts[:-1] + self.slot].tolist())

    def in_core(self, slot: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the `slot` of all tasks of the core, with those of the moved tasks in place of its own."""
        whole = slot.copy()
        whole[self.tasks] = self.place[self.moves.starts[:-1] + self.slot]
        return whole


def _rounding_of(
    core: Pairs,
    fixed: NDArray[np.float64],
    dual: CandidateDual,
    random: np.random.Generator,
) -> tuple[Rounding, NDArray[np.int32]]:
    """Return the rounding of an optimum, and the slot of each task of the core that it begins with.

    Parameters
    ----------
    core
        The core's pairs.
    fixed
        Loads of the other tasks, initial ones included, shape (n,).
    dual
        The optimum.
    random
        Source of random orders.
    """
    n, price = len(fixed), dual.price
    starts = core.starts[:-1]
    reduced = core.costs - price[core.agents] * core.burdens
    least = np.minimum.reduceat(reduced, starts)
    task = np.repeat(np.arange(len(starts)), np.diff(core.starts))
    reduced -= least[task]
    at_key = np.flatnonzero(reduced == 0.0)
    key = at_key[np.unique(task[at_key], return_index=True)[1]]
    slot = (key - starts).astype(np.int32)
    load = fixed + np.bincount(core.agents[key], core.burdens[key], minlength=n)
    rivals = reduced.copy()
    rivals[key] = np.inf
    margin = np.minimum.reduceat(rivals, starts)
    del rivals
    count = max(CHOICES * n, LEAST_CHOICES)
    if len(margin) <= count:
        tasks, window = np.flatnonzero(margin < np.inf), np.inf
    else:
        window = max(float(np.partition(margin, count)[count]), NEAR * dual.temperature)
        tasks = np.flatnonzero(margin < window)
    # Candidates beyond the window of the least indifferent task would be too dear for what they offer.
    chosen = np.zeros(len(starts), np.bool_)
    chosen[tasks] = True
    kept = np.flatnonzero(chosen[task] & (reduced <= window))
    owner = task[kept]
    counts = np.bincount(np.searchsorted(tasks, owner), minlength=len(tasks))
    begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    place = kept - starts[owner]
    moves = Pairs(
        begins,
        core.agents[kept],
        reduced[kept].astype(np.float64),
        core.burdens[kept].astype(np.float64),
    )
    own = np.zeros(len(tasks), np.int32)
    mine = np.flatnonzero(place == slot[owner])
    own[np.searchsorted(tasks, owner[mine])] = mine - begins[np.searchsorted(tasks, owner[mine])]
    burden = float(moves.burdens.mean()) if len(kept) else 1.0
    unit = dual.typical / (burden or 1.0) ** 2
    return Rounding(tasks, moves, place, own, load, unit, random), slot
