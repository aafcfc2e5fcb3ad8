"""Anneal a roster by taking out the rows of a few people and putting in the best ones, one after the other.

Each row that is put in is optimal for what the others leave, by the dynamic programme. The order of the people, and
noise on the prices, lead to different rosters; worse ones are kept with a probability that falls with time (Schrimpf et
al., Record breaking optimization results using the ruin and recreate principle, J. Comput. Phys. 159, 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.neighbourhoods.draft import Draft
from evenhand.applications.rosters.neighbourhoods.drafted_rows import DraftedRows

HOT, COLD = 25.0, 0.25
"""First and last temperature, in the unit of costs, scaled by the largest cost of under-cover over 100."""

MOST_PEOPLE = 3
"""Upper limit on the people whose rows are taken out together."""

NOISE = 3.0
"""Largest noise on a price, as a multiple of the temperature."""

RELATED = 0.5
"""Share of ruins that begin with somebody who can work where cover is short."""

RAISE, LOWER = 1.06, 0.98
"""Factors of the penalty for unfairness after an iteration that ends unfair, and fair."""


def draw_up(draft: Draft, rng: np.random.Generator, is_over: Callable[[], bool] = lambda: False) -> bool:
    """Put in the best row of one person after the other, in random order; return whether all have one."""
    for person in rng.permutation(len(draft.rows)).tolist():
        row = None if is_over() else draft.best_row(person)
        if row is None:
            return False
        draft.put(person, row)
    return True


def anneal(
    draft: Draft,
    rng: np.random.Generator,
    progress_made: Callable[[], float],
    *,
    hot: float = HOT,
    improved: Callable[[float], None] | None = None,
    kept: list[Plan] | None = None,
) -> list[Plan]:
    """Anneal until `progress_made` returns 1, and return the legal and fair rosters found, each cheaper than the last.

    Parameters
    ----------
    draft
        A roster with the rows of all people; it is changed.
    rng
        Random numbers.
    progress_made
        Function that returns the fraction of the time that is used.
    hot
        First temperature, as :data:`HOT`.
    improved
        Function that is called with each better cost.
    kept
        List to which the rosters are added as they are found, so that it has them if the search is interrupted.
    """
    best, least = [] if kept is None else kept, math.inf
    scale = cost_scale(draft)
    draft.penalty = scale if draft.unfair else 0.0
    missed = draft.missed
    cost = draft.cost
    least = _keep(draft, cost, missed, least, best)
    while (done := progress_made()) < 1.0:
        temperature = scale * hot * (COLD / hot) ** done
        chosen = _chosen(draft, rng)
        before = cost + draft.penalty * missed
        out = [(person, draft.take(person)) for person in chosen]
        if not _recreate(draft, chosen, rng, NOISE * temperature):
            _restore(draft, out)
            continue
        cost_now, missed_now = draft.cost, draft.missed
        worse = cost_now + draft.penalty * missed_now - before
        if worse > 0.0 and rng.random() >= math.exp(-worse / temperature):
            _restore(draft, out)
            continue
        cost, missed = cost_now, missed_now
        if draft.unfair:
            draft.penalty = min(max(draft.penalty * (RAISE if missed > 0.0 else LOWER), 0.1 * scale), 1e4 * scale)
        before_it, least = least, _keep(draft, cost, missed, least, best)
        if least < before_it and improved is not None:
            improved(least)
    return best


def _keep(draft: Draft, cost: float, missed: float, least: float, best: list[Plan]) -> float:
    """Keep the roster if it is legal, fair and cheaper than the `least` cost; return the least cost then."""
    if missed > 0.0 or cost >= least - 1e-9 or not draft.covers:
        return least
    plan = draft.plan()
    if not draft.fair.accept(plan):
        return least
    best.append(plan)
    return cost


def cost_scale(draft: DraftedRows) -> float:
    """Return the unit of temperatures: a hundredth of the largest cost of cover or of a wish."""
    dearest = max((max(need.under_cost, need.over_cost) for need in draft.problem.cover), default=0.0)
    weights = [request.weight for request in draft.problem.requests if not request.must]
    return max(dearest, max(weights, default=0.0), 1e-6) / 100.0


def _chosen(draft: Draft, rng: np.random.Generator) -> list[int]:
    """Return the people whose rows are taken out, in the order in which they get new ones."""
    people = len(draft.rows)
    count = min(people, int(rng.integers(2, MOST_PEOPLE + 1)))
    chosen = rng.choice(people, count, replace=False).tolist()
    if rng.random() < RELATED:
        short = np.argwhere(draft.marginal() < 0.0)
        if len(short):
            day, shift = short[rng.integers(len(short))]
            able = np.isfinite(draft.costs.work[:, day, shift]) & (draft.rows[:, day] != shift)
            candidates = np.flatnonzero(able)
            if len(candidates):
                first = int(rng.choice(candidates))
                chosen = [first, *(person for person in chosen if person != first)][:count]
    return [int(person) for person in chosen]


def _recreate(draft: Draft, chosen: list[int], rng: np.random.Generator, most_noise: float) -> bool:
    """Put in new rows, all but the last with noise; return False if somebody has none."""
    for person in chosen:
        noise: float | np.ndarray[tuple[int, ...], np.dtype[np.float64]] = 0.0
        if person != chosen[-1]:
            noise = rng.random(draft.there.shape) * (most_noise * rng.random() ** 2)
        row = draft.best_row(person, noise)
        if row is None:
            return False
        draft.put(person, row)
    return True


def _restore(draft: Draft, kept: list[tuple[int, NDArray[np.int64]]]) -> None:
    for person, row in kept:
        draft.take(person)
        draft.put(person, row)
