"""Find the cheapest roster that is legal and as fair as asked."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.columns.column_search import ColumnSearch
from evenhand.applications.rosters.columns.tallies import TooManyTalliesError
from evenhand.applications.rosters.counts import counts_of
from evenhand.applications.rosters.exact_search import solve_exactly
from evenhand.applications.rosters.fair_counts import FairCounts, fair_counts
from evenhand.applications.rosters.impossible import MOST_SECONDS, refuse_impossible
from evenhand.applications.rosters.model_search import Clock, Found, Report
from evenhand.applications.rosters.neighbourhoods.even_roster import even_roster
from evenhand.applications.rosters.neighbourhoods.first_roster import better_roster, first_roster
from evenhand.applications.rosters.neighbourhoods.part_models import improve_by_parts
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.roster_result import Roster
from evenhand.applications.rosters.windows.search_windows import rows_are_costly, search_long
from evenhand.applications.time_limits import base_limit
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.relative import relative_gap
from evenhand.modeling.rounds import Progress
from evenhand.number_checks import check_gap, check_seed, check_time_limit

FEW_TRIES = 4
"""Upper limit on the neighbourhoods of a small problem before it is solved as one model."""

SMALL_PATIENCE, EXACT_SHARE = 0.2, 0.8
"""Fractions of the time of a small problem for a first fair roster, and for one model of all before columns."""

SMALL = 420
"""Upper limit on people times days up to which the whole problem is one model."""

CLOSED = 1e-6
"""Relative gap up to which the cheapest roster without fairness counts as proven, whatever gap is asked for."""


def solve(
    problem: RosterProblem,
    fairness: Mapping[str, Fairness] | None = None,
    *,
    time_limit: float | None = None,
    gap: float = 1e-6,
    seed: int = 0,
    price: bool = True,
    progress: Callable[[Progress], None] | None = None,
) -> Roster:
    """Find the cheapest roster that obeys all rules and shares counts as fairly as asked.

    Several counts can be bounded at once, each by a member of its own. People are compared in proportion to their
    contracts (``granted``: to their number of requests), and what they carry from earlier rosters is added. Where a
    ratio cap (``MaxOverMean``, ``LeastOverMean``) of a whole count is not a whole number, the next one is allowed, so
    that rounding alone forbids nothing; the result names those it concerns.

    Over-cover often costs little, so that fairness may be met by extra work for those with less: raise ``over_cost``,
    or set ``most``, if that is not wanted.

    Parameters
    ----------
    problem
        Days, shifts, people, cover and requests.
    fairness
        By name of a count in :data:`.counts.COUNTS`, a member of :mod:`evenhand.fairness` without entitlements; None or
        empty for no fairness.
    time_limit
        Seconds after which the best roster so far is returned; None for no limit.
    gap
        Relative gap that must be proven.
    seed
        Same seed, same search.
    price
        Whether to solve without fairness first, for ``price``; this takes a part of the time.
    progress
        Function that is called with progress reports.

    Returns
    -------
    Roster
        The best roster found, checked by :func:`.check_roster`, with its bound.

    Raises
    ------
    InputError
        If an argument cannot be used, or the problem contradicts itself; the message names person and day.
    MissingExtraError
        If HiGHS is missing.

    Examples
    --------
    >>> from evenhand import CVAtMost
    >>> from evenhand.applications import rosters
    >>> day, night = rosters.Shift("D", 480), rosters.Shift("N", 600, kinds=frozenset({"night"}))
    >>> team = [rosters.Person(name, {"D": 7, "N": 7}, 0, 2400, longest_run=5) for name in "ABC"]
    >>> cover = [rosters.Cover(d, s, 1, under_cost=100, over_cost=1) for d in range(7) for s in "DN"]
    >>> problem = rosters.RosterProblem(7, (day, night), tuple(team), tuple(cover))
    >>> answer = rosters.solve(problem, {"nights": CVAtMost(0.1)})
    >>> answer.status, answer.cost, sorted(answer.counts["nights"].tolist())
    ('optimal', 200.0, [2.0, 2.0, 2.0])
    """
    start = time.perf_counter()
    if not isinstance(problem, RosterProblem):
        raise InputError(f"problem is {type(problem).__name__}; give a RosterProblem, as read_shift_benchmark returns")
    check_gap(gap)
    check_seed(seed)
    check_time_limit(time_limit)
    clock = Clock.of(time_limit)
    fair = fair_counts(problem, fairness)
    refuse_impossible(problem, MOST_SECONDS if time_limit is None else min(MOST_SECONDS, 0.2 * time_limit))
    base: Found | None = None
    if price or not fair:
        part = Clock(min(clock.deadline, Clock.of(base_limit(time_limit, alone=not fair)).deadline))
        report = _reporter("without fairness" if fair else "cheapest", start, progress)
        base = _proven(_search(problem, fair_counts(problem, None), part, gap, seed, report), gap)
        clock.interrupted |= part.interrupted
    found = base if not fair and base is not None else _fair(problem, fair, base, clock, gap, seed, start, progress)
    return _result(problem, fair, base if price else None, found, clock, start, gap)


def _fair(
    problem: RosterProblem,
    fair: FairCounts,
    base: Found | None,
    clock: Clock,
    gap: float,
    seed: int,
    start: float,
    progress: Callable[[Progress], None] | None,
) -> Found:
    if base is not None and base.status == "infeasible":
        return base
    if base is not None and base.plan is not None and fair.accept(base.plan) and base.status == "optimal":
        return base
    found = _proven(_search(problem, fair, clock, gap, seed, _reporter("fair", start, progress), base=base), gap)
    bounds = [one.bound for one in (base, found) if one is not None and one.bound is not None]
    return Found(found.status, found.plan, found.cost, max(bounds, default=None))


def _proven(found: Found, gap: float) -> Found:
    """Return what was found with a bound of at least 0, as no cost is negative, and say if that proves it."""
    if found.cost is None:
        return found
    bound = min(max(found.bound or 0.0, 0.0), found.cost)
    return Found("optimal" if relative_gap(found.cost, bound) <= gap else found.status, found.plan, found.cost, bound)


def _search(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    gap: float,
    seed: int,
    report: Report | None,
    base: Found | None = None,
) -> Found:
    """Draw up a roster, then generate columns; a small problem that this leaves open is solved as one model."""
    if rows_are_costly(problem):
        return search_long(problem, fair, clock, seed=seed, gap=gap, base=base, report=report)
    small = len(problem.people) * problem.days <= SMALL
    tries = FEW_TRIES if small else math.inf
    start = base.plan if base is not None and base.plan is not None and fair.accept(base.plan) else None
    if start is None:
        near = None if base is None else base.plan
        patience = clock.part(SMALL_PATIENCE) if small else clock
        start = first_roster(problem, fair, patience, seed=seed, near=near, report=report)
        clock.interrupted |= patience.interrupted
        near = near if start is None else start
        start = even_roster(problem, fair, clock, gap=gap, seed=seed, near=near, small=small, report=report)
    if small and fair and clock.left:
        part = clock.part(EXACT_SHARE)
        exact = solve_exactly(problem, fair, part, gap=gap, seed=seed, start=start, report=report)
        clock.interrupted |= part.interrupted
        if exact.status in ("optimal", "infeasible"):
            return exact
        start = start if exact.plan is None else exact.plan
    begun = Found("time_limit", start, None if start is None else check_roster(problem, start).cost)
    if not clock.left or begun.cost == 0.0:
        return begun
    limits: dict[str, Any] = {"gap": gap, "seed": seed, "most_tries": tries, "start": start, "report": report}
    try:
        first = ColumnSearch(problem, fair, clock, **limits).run()
    except TooManyTalliesError:
        if not small:
            return search_long(problem, fair, clock, seed=seed, gap=gap, base=base, report=report)
        return improve_by_parts(problem, fair, clock, gap=gap, seed=seed, start=start, report=report)
    if first.status in ("optimal", "infeasible") or not clock.left:
        return first
    begin = start if first.plan is None else first.plan
    if begin is not None and not small:
        begin = better_roster(problem, fair, clock, seed=seed, near=begin, report=report)
        return Found("time_limit", begin, check_roster(problem, begin).cost, first.bound)
    exact = solve_exactly(problem, fair, clock, gap=gap, seed=seed, start=begin, report=report)
    bounds = [one.bound for one in (first, exact) if one.bound is not None]
    best = min((first, exact), key=lambda one: math.inf if one.cost is None else one.cost)
    return Found(exact.status, best.plan, best.cost, max(bounds, default=None))


def _reporter(phase: str, start: float, progress: Callable[[Progress], None] | None) -> Report | None:
    if progress is None:
        return None

    def report(cost: float | None, bound: float | None) -> None:
        # Where fairness is asked, a roster without it is no answer that Ctrl-C would keep.
        kept = phase != "without fairness"
        doing = phase if kept or cost is None else f"{phase}, found {cost:,.6g}"
        progress(Progress(doing, 0, 0, cost if kept else None, bound, time.perf_counter() - start))

    return report


def _result(
    problem: RosterProblem, fair: FairCounts, base: Found | None, found: Found, clock: Clock, start: float, gap: float
) -> Roster:
    plan = found.plan
    checked = None if plan is None else check_roster(problem, plan)
    if checked is not None and (checked.violations or (plan is not None and not fair.accept(plan))):
        raise AssertionError(f"the search returned a roster that violates {checked.violations[:1] or 'fairness'}")
    cost = None if checked is None else checked.cost
    bound = found.bound if found.bound is None or cost is None else min(found.bound, cost)
    status = found.status if found.status in ("optimal", "infeasible") else "time_limit"
    costs = [one for one in (None if base is None else base.cost, cost) if one is not None]
    least = min(costs, default=None) if base is not None else None  # a fair roster is one without fairness, too
    proven = least is not None and base is not None and relative_gap(least, base.bound or 0.0) <= CLOSED
    if cost is not None and bound is not None and cost - bound <= max(gap * abs(cost), 1e-6):
        status = "optimal"
    return Roster(
        status=status,
        plan=plan,
        cost=cost,
        bound=bound,
        base_found=least,
        base_cost=least if proven else None if base is None else base.bound,
        fairness=dict(fair.members),
        counts={} if plan is None else counts_of(problem, plan),
        problem=problem,
        priced=() if checked is None else checked.priced,
        rounded={} if plan is None else fair.rounded(plan),
        seconds=time.perf_counter() - start,
        interrupted=clock.interrupted,
    )
