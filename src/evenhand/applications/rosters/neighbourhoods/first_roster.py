"""A first roster within seconds, by rows of a few people at a time: other searches begin from it."""

from __future__ import annotations

import math
import time

import numpy as np

from evenhand.applications.rosters.columns.tallies import TooManyTalliesError
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.model_search import Clock, Report
from evenhand.applications.rosters.neighbourhoods.draft import Draft
from evenhand.applications.rosters.neighbourhoods.ruin_and_recreate import anneal, draw_up
from evenhand.applications.rosters.roster_problem import RosterProblem

SHARE, MOST_SECONDS = 0.1, 20.0
"""Fraction of the time limit for the first roster, and upper limit on its seconds."""

SECONDS_PER_CELL = 0.01
"""Upper limit on its seconds for each person and day: small problems need none."""

PATIENCE = 0.5
"""Fraction of the time limit for it where none was found yet."""

LAST = 0.99
"""Progress of the annealing at which it goes on until a roster is found."""

HOT, WARM = 8.0, 4.0
"""First temperature of a first roster, and where a good one is improved."""


def first_roster(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    *,
    seed: int,
    near: Plan | None = None,
    report: Report | None = None,
) -> Plan | None:
    """Return a legal and fair roster, or None if none was found in time.

    It begins with `near`, a legal roster that need not be fair, if there is one. Ctrl-C ends it, with the best roster
    so far, and is noted in the clock.
    """
    seconds = min(SHARE * clock.left, MOST_SECONDS, SECONDS_PER_CELL * len(problem.people) * problem.days)
    patience = max(PATIENCE * clock.left, seconds) if math.isfinite(clock.left) else seconds
    return _annealed(problem, fair, clock, seconds, patience, seed=seed, near=near, hot=HOT, report=report)


def better_roster(
    problem: RosterProblem, fair: FairCounts, clock: Clock, *, seed: int, near: Plan, report: Report | None = None
) -> Plan:
    """Return the cheapest roster that annealing finds in all of the time that is left, `near` if none is cheaper."""
    found = _annealed(problem, fair, clock, clock.left, clock.left, seed=seed, near=near, hot=WARM, report=report)
    return near if found is None else found


def _annealed(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    seconds: float,
    patience: float,
    *,
    seed: int,
    near: Plan | None,
    hot: float,
    report: Report | None,
) -> Plan | None:
    """Anneal for some seconds, or up to `patience` seconds until a roster is found."""
    begun, rng = time.perf_counter(), np.random.default_rng([seed, 11])

    least = [math.inf]

    def told(cost: float) -> None:
        least[0] = cost
        if report is not None:
            report(cost, None)

    best: list[Plan] = []

    def progress_made() -> float:
        elapsed = time.perf_counter() - begun
        if clock.left <= 0.0 or least[0] <= 1e-9 or (best and elapsed >= seconds) or elapsed >= patience:
            return 1.0  # no cost is negative
        return min(elapsed / max(seconds, 1e-9), LAST)  # without a roster, the end is extended

    try:
        draft = Draft(problem, fair)
        if near is not None:
            draft.load(near)
        if near is not None or draw_up(draft, rng, lambda: clock.left <= 0.0):
            anneal(draft, rng, progress_made, hot=hot, improved=told, kept=best)
    except TooManyTalliesError:
        return None
    except KeyboardInterrupt:
        clock.interrupted = True
    return best[-1] if best else None
