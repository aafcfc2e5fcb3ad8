"""A good fair assignment where the search finds none soon: local search around the relaxation's optimum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.core import core_below
from evenhand.assignment.kernels.local import iterate
from evenhand.assignment.relaxation import with_capacity
from evenhand.assignment.repair import repair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.progress import Clock
    from evenhand.assignment.relaxation import Relaxation
    from evenhand.assignment.search import Search

ROUNDS = 400
KICKS = 20
MOST_SWAP_TASKS = 3000
"""Exchanges are tried among this many tasks, those whose second choice is nearest: pairs grow with the square."""

WINDOW = 0.2
"""Relative reduced cost above which a pair is never tried."""


def polish(search: Search, relaxation: Relaxation, clock: Clock, seed: int) -> None:
    """Offer `search` what local search finds, starting from its incumbent or from the rounded relaxation.

    Each round descends under the rows known so far; where the result is not fair, it is cut off and the round repeated
    with a higher penalty. Rounds without a gain end it.
    """
    scaled = relaxation.scaled
    window = WINDOW * max(abs(relaxation.bound), 1e-3 * float(scaled.costs.cost[scaled.allowed].sum()))
    core = core_below(relaxation, relaxation.bound + window)
    if not core.tasks.size:
        return
    reduced = np.where(scaled.allowed, relaxation.reduced_costs(), np.inf)
    open_pairs = scaled.allowed & (reduced < window)
    regret = np.partition(reduced[core.tasks], 1, axis=1)[:, 1]
    swap_tasks = core.tasks[np.argsort(regret, kind="stable")[:MOST_SWAP_TASKS]]
    start = search.best if search.best is not None else _fair_start(search, relaxation, clock)
    assignment = start.astype(np.int64)
    penalty = _first_penalty(relaxation)
    without_gain, reached = 0, False
    for round_ in range(ROUNDS):
        clock.tell("local search", None if search.best is None else search.cost, search.bound, search.nodes)
        kicks = KICKS if reached else 0
        state = np.array([seed + round_ + 1], np.uint64)
        arguments = (penalty, core.tasks.astype(np.int64), swap_tasks.astype(np.int64), kicks, state)
        iterate(scaled.costs, open_pairs, relaxation.pool.rows, assignment, *arguments)
        if search.offer(assignment.astype(np.intp)):
            without_gain, reached = 0, True
        elif not search.fair(assignment):
            added = relaxation.pool.separate(search.scaled_loads(assignment))
            penalty *= 1.02 if added else 2.0
            relaxation.vertex = with_capacity(relaxation.vertex, relaxation.pool.capacity)
        else:
            without_gain, reached = without_gain + 1, True
        if search.closed or clock.expired or without_gain >= 4:
            return


def _fair_start(search: Search, relaxation: Relaxation, clock: Clock) -> NDArray[np.intp]:
    """Return the rounded relaxation, repaired and offered where that succeeds."""
    scaled, rounded = relaxation.scaled, _rounded(relaxation)
    steps = 40 * relaxation.loads.shape[0]
    repaired = repair(scaled.costs, scaled.allowed, relaxation.pool.fairness, rounded, steps, clock)
    if repaired is None:
        return rounded
    search.offer(repaired)
    return repaired


def _rounded(relaxation: Relaxation) -> NDArray[np.intp]:
    """Return the relaxation's assignment, each shared task given to the agent with the larger share."""
    vertex = relaxation.vertex
    rounded = vertex.key.astype(np.intp)
    for tie in range(int(vertex.size[0])):
        if vertex.share[tie] > 0.5:
            rounded[vertex.tie_task[tie]] = vertex.tie_agent[tie]
    return rounded


def _first_penalty(relaxation: Relaxation) -> float:
    """Return what a unit of violation should cost: well above what the relaxation pays for it."""
    costs, allowed = relaxation.scaled.costs, relaxation.scaled.allowed
    typical = float(costs.cost[allowed].mean()) / relaxation.scaled.unit
    return 2.0 * float(np.abs(relaxation.vertex.price).max()) + 0.5 * typical
