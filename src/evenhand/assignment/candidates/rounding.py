"""From the optimum of a core's relaxation to whole tasks, where each task lists its candidates."""

from __future__ import annotations

import contextlib
import logging

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.candidates.dual import CandidateDual
from evenhand.assignment.cone_rounding import ConeRounding
from evenhand.assignment.indifferent import Indifferent
from evenhand.assignment.kernels.candidates import Pairs
from evenhand.assignment.optimum_of_core import CHOICES
from evenhand.assignment.progress_clock import Clock, OutOfTimeError

logger = logging.getLogger(__name__)


def rounded(
    core: Pairs, fixed: NDArray[np.float64], dual: CandidateDual, allowed: float, seed: int, clock: Clock
) -> NDArray[np.int32] | None:
    """Return the slot of each task of the core in a fair plan, the cheapest that was found; None if there is none.

    Parameters
    ----------
    core, fixed
        The core's pairs, and the loads of all other tasks, initial ones included, shape (n,).
    dual
        The optimum of its relaxation.
    allowed
        Cost above the bound at which to stop.
    seed, clock
        Seed of random orders, and time limit.
    """
    found, place, slot = indifferent(core, fixed, dual)
    rounding = ConeRounding(found, dual.cone, clock)
    best: list[NDArray[np.int32]] = []

    def offer(chosen: NDArray[np.int32]) -> bool:
        best[:] = [chosen]
        return True

    with contextlib.suppress(OutOfTimeError):
        rounding.search(offer, lambda: rounding.least <= allowed, seed)
    logger.debug("%d tasks may move: %.3g above the bound", len(found.tasks), rounding.least)
    if not best:
        return None
    slot[found.tasks] = place[found.moves.starts[:-1] + best[0]]
    return slot


def indifferent(
    core: Pairs, fixed: NDArray[np.float64], dual: CandidateDual
) -> tuple[Indifferent, NDArray[np.int64], NDArray[np.int32]]:
    """Return the most indifferent tasks of an optimum, in the units of the table.

    The second value is the position of each of their pairs among all of its task, shape (pairs,), and the third is the
    slot of each task of the core at its candidate of least reduced cost. Arguments as of :func:`rounded`.
    """
    n, price, starts = len(fixed), dual.price, core.starts[:-1]
    reduced = core.costs - price[core.agents] * core.burdens
    task = np.repeat(np.arange(len(starts)), np.diff(core.starts))
    reduced -= np.minimum.reduceat(reduced, starts)[task]
    at_key = np.flatnonzero(reduced == 0.0)
    key = at_key[np.unique(task[at_key], return_index=True)[1]]
    load = fixed + np.bincount(core.agents[key], core.burdens[key], minlength=n)
    last = min(len(reduced), len(starts) + CHOICES * n) - 1
    near = reduced <= np.partition(reduced, last)[last]
    near &= np.bincount(task[near], minlength=len(starts))[task] > 1
    kept = np.flatnonzero(near)
    tasks, owner = np.unique(task[kept], return_inverse=True)
    begins = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(tasks)))]).astype(np.int64)
    pairs = core.agents[kept], reduced[kept].astype(np.float64), core.burdens[kept].astype(np.float64)
    place = kept - starts[task[kept]]
    own = np.flatnonzero(np.isin(kept, key[tasks], assume_unique=True)) - begins[:-1]
    burden = float(core.burdens[key].mean()) if len(key) else 1.0
    found = Indifferent(
        tasks=tasks,
        moves=Pairs(begins, *pairs),
        slot=own.astype(np.int32),
        load=load,
        price=price,
        w=dual.w,
        loads=np.maximum(dual.loads, 0.0),
        cost=dual.typical,
        burden=burden,
    )
    return found, place, (key - starts).astype(np.int32)
