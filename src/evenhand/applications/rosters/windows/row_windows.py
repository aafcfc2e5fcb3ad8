"""The cheapest days of one person's row within a window, when the days before and after it stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.cheapest_row import fill_days, trace_back
from evenhand.applications.rosters.columns.row_programme import row_arrays
from evenhand.applications.rosters.columns.row_space import Workspace
from evenhand.applications.rosters.columns.tallies import Outside, Tallies, TallySteps, end_costs, tally_up
from evenhand.applications.rosters.counts import KINDS, shifts_counted
from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.windows.window_phases import join_costs, phase_after
from evenhand.arrays import Array

SUNDAY = 6

LimitCosts = Callable[[Tallies, Outside], Array]
"""Function that returns the cost of each tally of a window, shape (T,), with what the row has outside."""


class Window(NamedTuple):
    """Days from `first` up to, but without, `stop`."""

    first: int
    stop: int

    @property
    def days(self) -> int:
        """Number of days."""
        return self.stop - self.first


class WindowTallies:
    """The tallies of windows, which people with the same kinds of shifts share."""

    def __init__(self) -> None:
        self._known: dict[tuple[TallySteps, int, int], tuple[Tallies, NDArray[np.int64], NDArray[np.int64]]] = {}

    def of(self, steps: TallySteps, days: int, weekends: int) -> tuple[Tallies, NDArray[np.int64], NDArray[np.int64]]:
        """Return tallies as :func:`tally_up` does for windows of some days, with up to so many weekends counted."""
        key = steps, days, weekends
        if key not in self._known:
            most = (np.inf,) * (1 + len(steps.names))
            self._known[key] = tally_up(steps, most, weekends, days)
        return self._known[key]


def window_cuts(problem: RosterProblem) -> list[int]:
    """Return the days at which windows may begin or end: all that are not a Sunday, and the end."""
    return [day for day in range(problem.days) if day == 0 or problem.weekday(day) != SUNDAY] + [problem.days]


class RowWindows:
    """The rows that one person may have within windows; a limit on a shift leaves it the days that gain most.

    Parameters
    ----------
    problem, person
        The problem, and one of its people.
    counted
        Counts of shifts, ``nights`` or ``late``, that tallies tell apart.
    tallies
        Tallies that people share.
    workspace
        Memory that people share.
    """

    def __init__(
        self,
        problem: RosterProblem,
        person: Person,
        counted: tuple[str, ...],
        tallies: WindowTallies,
        workspace: Workspace,
    ) -> None:
        self._problem, self._person, self._known, self._workspace = problem, person, tallies, workspace
        self._arrays = row_arrays(problem, person, frozenset(), counted)
        self._group_of = np.full(len(problem.shifts) + 1, -1, dtype=np.int64)  # a day off is the last
        for group, members in enumerate(self._arrays.groups):
            self._group_of[members] = group
        self._minutes = np.array([float(shift.minutes) for shift in problem.shifts])
        self._kinds = {
            name: np.array([shift.name in shifts_counted(problem, name) for shift in problem.shifts])
            for name in counted
            if name in KINDS
        }
        soft = "most_shifts" in problem.prices
        self._limits = np.array([person.most_shifts.get(shift.name, 0) for shift in problem.shifts])
        self._above = problem.prices["most_shifts"] if soft else np.inf
        self._weekends = list(problem.weekends())
        self._joins = np.empty(self._arrays.phases)

    @property
    def groups(self) -> tuple[NDArray[np.int64], ...]:
        """Positions of the shifts of each group."""
        return self._arrays.groups

    def outside(self, row: NDArray[np.int64], window: Window) -> Outside:
        """Return what a row has before and after a window."""
        kept = np.concatenate([row[: window.first], row[window.stop :]])
        worked = kept[kept >= 0]
        weekends = sum(
            any(row[day] >= 0 for day in days)
            for days in self._weekends
            if days[-1] < window.first or days[0] >= window.stop
        )
        counts = {name: float(kinds[worked].sum()) for name, kinds in self._kinds.items()}
        return Outside(float(self._minutes[worked].sum()), float(weekends), counts)

    def cheapest(
        self,
        row: NDArray[np.int64],
        window: Window,
        work: Array,
        off: Array,
        *,
        limits: LimitCosts | None = None,
        extra: LimitCosts | None = None,
        ahead: bool = True,
        shares: Array | None = None,
    ) -> NDArray[np.int64] | None:
        """Return the cheapest days within a window, shape (d,), as a part of a legal row; None if there are none.

        Parameters
        ----------
        row
            The row, shape (D,); its days within the window do not matter.
        window
            Days to be planned; it does not part a weekend.
        work, off
            Cost of each shift and of a day off on each of these days, shapes (d, S) and (d,).
        limits
            Function for the limits on the whole row, instead of the person's own.
        extra
            Function for further costs, such as those of fairness.
        ahead
            Whether the days after the window are known; otherwise any end will do.
        shares
            Limits on each shift up to the window's end, shape (S,), instead of those on the whole row.
        """
        outside = self.outside(row, window)
        beyond = np.bincount(
            np.concatenate([row[: window.first], row[window.stop :]]) + 1, minlength=len(self._problem.shifts) + 1
        )[1:]
        left = (self._limits if shares is None else shares) - beyond
        work = np.array(work)
        work[:, left <= 0] += self._above if shares is None else np.inf
        while True:
            found = self._cheapest(row, window, work, off, outside, limits, extra, ahead=ahead)
            if found is None or np.isfinite(self._above):
                return found
            times = np.bincount(found + 1, minlength=len(left) + 1)[1:]
            above = np.flatnonzero(times > left).tolist()
            if not above:
                return found
            for shift in above:  # from now on only on as many of its days as it may have, those that gain most
                days = np.flatnonzero(found == shift)
                kept = days[np.argsort(work[days, shift], kind="stable")[: int(left[shift])]]
                work[np.setdiff1d(np.arange(len(work)), kept), shift] = np.inf

    def _cheapest(
        self,
        row: NDArray[np.int64],
        window: Window,
        work: Array,
        off: Array,
        outside: Outside,
        limits: LimitCosts | None,
        extra: LimitCosts | None,
        *,
        ahead: bool,
    ) -> NDArray[np.int64] | None:
        arrays, size = self._arrays, window.days
        inside = sum(window.first <= days[0] < window.stop for days in self._weekends)
        weekends = inside if self._counts_weekends(outside, inside, limits is not None or extra is not None) else 0
        tallies, after_work, after_weekend = self._known.of(arrays.steps, size, weekends)
        rules = arrays.rules._replace(
            open_run=arrays.rules.open_run + window.first if arrays.rules.open_run >= 0 else -1,
            weekend_of=arrays.rules.weekend_of[window.first : window.stop],
            after_work=after_work,
            after_weekend=after_weekend if weekends else after_work,
        )
        best, least = self._cheapest_of_groups(work)
        first = phase_after(arrays.rules, self._group_of[row[: window.first]], arrays.first_phase)
        table, came_from = self._workspace.tables(size, arrays.phases, len(tallies.cost))
        fill_days(rules, least, np.ascontiguousarray(off), first, table, came_from)
        cost = end_costs(self._problem, self._person, tallies, outside) if limits is None else limits(tallies, outside)
        ends = table[size % 2] + cost
        if extra is not None:
            ends = ends + extra(tallies, outside)
        if ahead and window.stop < self._problem.days:
            join_costs(arrays.rules, self._group_of[row[window.stop :]], window.stop, self._joins)
            ends = ends + self._joins[:, np.newaxis]
        at = int(np.argmin(ends))
        phase, tally = divmod(at, ends.shape[1])
        if not np.isfinite(ends[phase, tally]):
            return None
        groups = np.empty(size, dtype=np.int64)
        trace_back(came_from, len(arrays.groups), phase, tally, groups)
        shifts = np.full(size, -1, dtype=np.int64)
        at_work = np.flatnonzero(groups >= 0)
        shifts[at_work] = best[at_work, groups[at_work]]
        return shifts

    def _counts_weekends(self, outside: Outside, inside: int, asked: bool) -> bool:
        return asked or outside.weekends + inside > self._person.most_weekends

    def _cheapest_of_groups(self, work: Array) -> tuple[NDArray[np.int64], Array]:
        """Return the cheapest shift of each group on each day, and its cost, shape (d, G) each."""
        days = np.arange(len(work))
        best = np.empty((len(work), len(self._arrays.groups)), dtype=np.int64)
        for group, members in enumerate(self._arrays.groups):
            best[:, group] = members[np.argmin(work[:, members], axis=1)]
        return best, np.ascontiguousarray(work[days[:, np.newaxis], best])
