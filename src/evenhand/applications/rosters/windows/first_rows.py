"""A first roster of many days: each person's row is planned from window to window, with a share of the limits in each.

A window is planned a week further than it is kept, so that what is kept can go on; where it cannot, the windows before
are planned again together with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.tallies import Outside, Tallies, TooManyTalliesError, end_costs
from evenhand.applications.rosters.neighbourhoods.drafted_rows import OFF
from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.windows.row_windows import LimitCosts, Window, window_cuts
from evenhand.applications.rosters.windows.window_draft import WindowDraft
from evenhand.arrays import Array

KEPT, AHEAD = 21, 7
"""Days of a window that are kept, and days after them that are planned, too."""

BESIDE = 0.5
"""Length beside a share of the minutes that costs nothing, in the longest shifts."""

DEAR = 1e4
"""Cost of each shift, or weekend, beyond a share of a limit: it is not forbidden."""


def draw_up_in_windows(draft: WindowDraft, rng: np.random.Generator, is_over: Callable[[], bool]) -> bool:
    """Put in a row of one person after the other, in random order; return whether all have one."""
    for person in rng.permutation(len(draft.rows)).tolist():
        row = None if is_over() else _first_row(draft, person)
        if row is None:
            return False
        draft.put(person, row)
    return True


def _first_row(draft: WindowDraft, person: int) -> NDArray[np.int64] | None:
    problem = draft.problem
    starts = _starts(problem)
    row = np.full(problem.days, OFF, dtype=np.int64)
    at = 0
    for number in range(len(starts)):
        following = starts[number + 1] if number + 1 < len(starts) else problem.days
        stop = _cut_from(problem, following + AHEAD) if following < problem.days else problem.days
        for again in range(number, -1, -1):  # windows before are planned again where this one cannot be
            at = starts[again]
            found = _days(draft, person, row, Window(at, stop))
            if found is not None:
                break
        else:
            return None
        row[at:following] = found[: following - at]
        row[following:] = OFF
    return row


def _starts(problem: RosterProblem) -> list[int]:
    found, at = [], 0
    while at < problem.days:
        found.append(at)
        at = _cut_from(problem, at + KEPT)
    return found


def _cut_from(problem: RosterProblem, day: int) -> int:
    """Return the first day from `day` at which a window may end."""
    return next((cut for cut in window_cuts(problem) if cut >= day), problem.days)


def _days(draft: WindowDraft, person: int, row: NDArray[np.int64], window: Window) -> NDArray[np.int64] | None:
    problem, inside = draft.problem, slice(window.first, window.stop)
    planned = row.copy()
    planned[inside.start :] = OFF
    part = _parts(problem, problem.people[person], window.stop)
    limits, shares = _limits(problem, problem.people[person], part)
    work = draft.costs.work[person, inside] + draft.marginal(window.first, window.stop)
    off = draft.costs.off[person, inside]
    try:
        return draft.spaces[person].cheapest(
            planned, window, work, off, limits=limits, ahead=False, shares=shares if part < 1.0 else None
        )
    except TooManyTalliesError:
        return None


def _parts(problem: RosterProblem, person: Person, stop: int) -> float:
    """Return the fraction of the days on which the person is there that come before `stop`."""
    if stop >= problem.days:
        return 1.0
    there = np.ones(problem.days)
    there[list(person.days_off)] = 0.0
    return float(there[:stop].sum() / max(there.sum(), 1.0))


def _limits(problem: RosterProblem, person: Person, part: float) -> tuple[LimitCosts, Array]:
    """Return what tallies cost by a part of the limits, and that part of the limits on each shift, shape (S,)."""
    each = np.array([person.most_shifts.get(shift.name, 0) for shift in problem.shifts], dtype=np.float64)
    shares = np.where(each > 0, np.minimum(each, np.floor(part * each) + 1.0), 0.0)
    longest = max((shift.minutes for shift in problem.shifts), default=0.0) or 1.0
    if part >= 1.0:
        return lambda tallies, outside: end_costs(problem, person, tallies, outside), shares

    def limits(tallies: Tallies, outside: Outside) -> Array:
        minutes = tallies.minutes + outside.minutes
        low, high = part * person.least_minutes, part * min(person.most_minutes, problem.days * longest)
        beyond = np.maximum(low - minutes, minutes - high) / longest - BESIDE
        weekends = tallies.weekends + outside.weekends - np.floor(part * person.most_weekends + 0.999)
        cost: Array = DEAR * (np.maximum(beyond, 0.0) + np.maximum(weekends, 0.0))
        over = (minutes > person.most_minutes + 1e-9) if "most_minutes" not in problem.prices else False
        return np.where(over, np.inf, cost)

    return limits, shares
