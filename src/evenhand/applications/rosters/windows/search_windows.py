"""Search rosters of many days in windows: a first roster, then annealing until the clock ends."""

from __future__ import annotations

import math
import time

import numpy as np

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.columns.column_search import ColumnSearch
from evenhand.applications.rosters.columns.row_space import RowSpace
from evenhand.applications.rosters.columns.tallies import TooManyTalliesError
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.model_search import Clock, Found, Report
from evenhand.applications.rosters.neighbourhoods.part_models import improve_by_parts
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.windows.anneal_windows import WindowAnnealing
from evenhand.applications.rosters.windows.first_rows import draw_up_in_windows
from evenhand.applications.rosters.windows.price_bound import price_bound
from evenhand.applications.rosters.windows.window_draft import WindowDraft
from evenhand.fairness.relative import relative_gap

HOT, WARM = 4.0, 1.5
"""First temperature where a roster was only drawn up, and where a good one is improved."""

NOTHING = 1e-9
"""Cost that stands for 0, below which there is none."""

LONG, MANY_LIMITS = 63, 4
"""Number of days, and of limits on shifts of an average person, from which whole rows take too long."""

FIRST_SHARE = 0.3
"""Fraction of the time for the first roster, before columns are generated."""

BOUND_SHARE, MOST_BOUND_SECONDS = 0.15, 60.0
"""Fraction of the time for a bound by prices, and upper limit on its seconds."""

ROUNDS = 60
"""Number of rounds of columns for which there must be time, or columns are not generated."""

LARGE = 5_000
"""Upper limit on people times days for models of parts, where windows cannot be planned."""

UNLIMITED = 120.0
"""Seconds of one annealing where there is no time limit."""

STEPS_PER_SECOND = 5e8
"""Steps of the dynamic programme for whole rows in one second, about."""

LAST = 0.99
"""Progress of the annealing at which it goes on until a roster is found."""


def rows_are_costly(problem: RosterProblem) -> bool:
    """Return whether whole rows take too long to be planned: each limit on a shift multiplies their tallies."""
    return problem.days >= LONG or _has_many_limits(problem)


def _has_many_limits(problem: RosterProblem) -> bool:
    limits = sum(0 < most < problem.days for person in problem.people for most in person.most_shifts.values())
    return limits >= MANY_LIMITS * len(problem.people)


def search_long(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    *,
    seed: int,
    gap: float,
    base: Found | None,
    report: Report | None,
) -> Found:
    """Return the cheapest legal and fair roster found in windows, with a bound by prices, or by columns."""
    columns, bound = _columns_pay(problem, clock), None if base is None else base.bound
    near = plan = None if base is None else base.plan
    if near is None:
        near = plan = search_windows(problem, fair, clock, 0.0, hot=HOT, seed=seed, report=report)
    if base is None and plan is not None and _is_closed(problem, plan, None, gap):
        return Found("optimal", plan, 0.0, 0.0)
    if bound is None and clock.left:  # columns may not come to theirs in time
        bound = price_bound(problem, clock, min(BOUND_SHARE * clock.left, MOST_BOUND_SECONDS), report)
        if math.isinf(bound):
            return Found("infeasible")
    if near is not None:
        share = (FIRST_SHARE if columns else 1.0) * clock.left
        plan = search_windows(problem, fair, clock, min(share, UNLIMITED), hot=HOT, seed=seed, near=near, report=report)
    if plan is None and clock.left and len(problem.people) * problem.days <= LARGE:
        return improve_by_parts(problem, fair, clock, gap=gap, seed=seed, start=None, report=report)
    if plan is not None and clock.left and columns:
        try:
            found = ColumnSearch(problem, fair, clock, gap=gap, seed=seed, start=plan, report=report).run()
        except TooManyTalliesError:
            pass
        else:
            if found.status in ("optimal", "infeasible"):
                return found
            plan, bound = found.plan or plan, max(found.bound or 0.0, bound or 0.0)
    while plan is not None and clock.left and not _is_closed(problem, plan, bound, gap):
        seconds = min(clock.left, UNLIMITED if math.isinf(clock.left) else math.inf)
        plan = search_windows(problem, fair, clock, seconds, hot=WARM, seed=seed, near=plan, report=report)
    return Found("time_limit", plan, None if plan is None else check_roster(problem, plan).cost, bound)


def _is_closed(problem: RosterProblem, plan: Plan, bound: float | None, gap: float) -> bool:
    """Return whether the bound, which is at least 0, proves a plan within the gap."""
    return relative_gap(check_roster(problem, plan).cost, max(bound or 0.0, 0.0)) <= gap


def _columns_pay(problem: RosterProblem, clock: Clock) -> bool:
    """Return whether there is time for some rounds of columns, by the steps that one whole row of each person takes."""
    if _has_many_limits(problem):
        return False
    try:
        steps = sum(RowSpace(problem, person).work for person in problem.people)
    except TooManyTalliesError:
        return False
    return ROUNDS * steps / STEPS_PER_SECOND <= 0.5 * clock.left


def search_windows(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    seconds: float,
    *,
    hot: float,
    seed: int,
    near: Plan | None = None,
    report: Report | None = None,
) -> Plan | None:
    """Return the cheapest legal and fair roster found, None if there is none.

    It begins with `near`, a legal roster that need not be fair, if there is one; without a roster that is fair, too, it
    goes on after its `seconds` until the clock ends. Ctrl-C ends it, with the best roster so far, and is noted in the
    clock.
    """
    rng, annealing = np.random.default_rng([seed, 13]), None
    try:
        draft = WindowDraft(problem, fair)
        if near is not None:
            draft.load(near)
        elif not draw_up_in_windows(draft, rng, lambda: clock.left <= 0.0):
            return None
        begun = time.perf_counter()
        annealing = WindowAnnealing(draft, rng, None if report is None else lambda cost: report(cost, None))

        def progress_made() -> float:
            elapsed, least = time.perf_counter() - begun, math.inf if annealing is None else annealing.least
            if clock.left <= 0.0 or least <= NOTHING or (elapsed >= seconds and math.isfinite(least)):
                return 1.0
            return min(elapsed / max(seconds, 1e-9), LAST)

        annealing.run(progress_made, hot)
    except TooManyTalliesError:
        pass
    except KeyboardInterrupt:
        clock.interrupted = True
    if annealing is not None and annealing.best is not None:
        return draft.plan_of(annealing.best)
    return near if near is not None and fair.accept(near) else None
