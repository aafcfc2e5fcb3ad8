"""The rows that one person may work, of which the cheapest is found at any prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.columns.cheapest_row import fill_days, trace_back
from evenhand.applications.rosters.columns.row_programme import row_programme
from evenhand.applications.rosters.columns.tallies import Tallies, TooManyTalliesError
from evenhand.applications.rosters.roster_parts import Person
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array

MOST_STATES = 30_000_000
"""Upper limit on the states of the dynamic programme on all days: each takes 4 bytes."""


@dataclass(frozen=True, slots=True)
class PricedRow:
    """A row and its cost at the given prices.

    Attributes
    ----------
    value
        Its cost.
    shifts
        Position of the shift of each day, shape (D,); -1 is a day off.
    """

    value: float
    shifts: NDArray[np.int64]


class Workspace:
    """Memory for the tables of the dynamic programme, which the spaces of all people use in turn."""

    def __init__(self) -> None:
        self._costs = np.empty(0)
        self._links = np.empty(0, dtype=np.int32)

    def tables(self, days: int, phases: int, tallies: int) -> tuple[Array, NDArray[np.int32]]:
        """Return tables of least costs, shape (2, P, T), and of links, shape (D, P, T), with any contents."""
        size = phases * tallies
        if len(self._costs) < 2 * size:
            self._costs = np.empty(2 * size)
        if len(self._links) < days * size:
            self._links = np.empty(days * size, dtype=np.int32)
        costs = self._costs[: 2 * size].reshape(2, phases, tallies)
        return costs, self._links[: days * size].reshape(days, phases, tallies)


class RowSpace:
    """All legal rows of a person.

    Limits on single shifts are left out until a cheapest row exceeds one, because each multiplies the tallies.

    Parameters
    ----------
    problem
        The problem.
    person
        One of its people.
    counted
        Counts of shifts, ``nights`` or ``late``, on which the cost of a tally may depend.
    workspace
        Memory that is shared with other spaces; None for its own.

    Raises
    ------
    TooManyTalliesError
        If counts have too many combinations.
    """

    def __init__(
        self, problem: RosterProblem, person: Person, counted: tuple[str, ...] = (), workspace: Workspace | None = None
    ) -> None:
        self._problem, self._person, self._counted = problem, person, counted
        self._workspace = Workspace() if workspace is None else workspace
        soft = "most_shifts" in problem.prices
        self._limited = frozenset(self._limits() if soft else [])
        self._arrange()

    def _limits(self) -> dict[str, int]:
        """Return the limits on single shifts that a row could exceed."""
        every = {shift.name: self._person.most_shifts.get(shift.name, 0) for shift in self._problem.shifts}
        return {name: most for name, most in every.items() if most < self._problem.days}

    def _arrange(self) -> None:
        self._programme = programme = row_programme(self._problem, self._person, self._limited, self._counted)
        if self._problem.days * programme.phases * len(programme.tallies.cost) > MOST_STATES:
            raise TooManyTalliesError

    @property
    def work(self) -> int:
        """Upper limit on the elementary steps that one cheapest row takes."""
        programme = self._programme
        return self._problem.days * programme.phases * len(programme.tallies.cost) * len(programme.groups)

    @property
    def tallies(self) -> Tallies:
        """The tallies, which change when a limit is added."""
        return self._programme.tallies

    def cheapest(self, work: Array, off: Array, final: Callable[[Tallies], Array] | None = None) -> PricedRow | None:
        """Return the cheapest legal row; None if there is none.

        Parameters
        ----------
        work
            Cost of each shift on each day, shape (D, S); infinite where it is forbidden.
        off
            Cost of each day off, shape (D,).
        final
            Function that returns a further cost of each tally, shape (T,); None for no such cost.
        """
        while (found := self._cheapest(work, off, final)) is not None:
            above = self._exceeded(found.shifts)
            if above is None:
                return found
            self._limited |= {above}
            self._arrange()
        return None

    def _exceeded(self, shifts: NDArray[np.int64]) -> str | None:
        """Return the name of a shift that a row has too often, and that the programme does not count yet."""
        worked = np.bincount(shifts[shifts >= 0], minlength=len(self._problem.shifts))
        for shift, times in zip(self._problem.shifts, worked.tolist(), strict=True):
            if shift.name not in self._limited and times > self._person.most_shifts.get(shift.name, 0):
                return shift.name
        return None

    def _cheapest(self, work: Array, off: Array, final: Callable[[Tallies], Array] | None) -> PricedRow | None:
        programme, days = self._programme, np.arange(self._problem.days)
        best = np.empty((len(days), len(programme.groups)), dtype=np.int64)
        for group, members in enumerate(programme.groups):
            best[:, group] = members[np.argmin(work[:, members], axis=1)]
        least = np.ascontiguousarray(work[days[:, np.newaxis], best])
        table, came_from = self._workspace.tables(len(days), programme.phases, len(programme.tallies.cost))
        fill_days(programme.rules, least, off, programme.first_phase, table, came_from)
        ends = table[len(days) % 2] + programme.tallies.cost
        if final is not None:
            ends = ends + final(programme.tallies)
        phase, tally = (int(k) for k in np.unravel_index(int(np.argmin(ends)), ends.shape))
        value = float(ends[phase, tally])
        if not np.isfinite(value):
            return None
        groups = np.empty(len(days), dtype=np.int64)
        trace_back(came_from, len(programme.groups), phase, tally, groups)
        shifts = np.full(len(days), -1, dtype=np.int64)
        at_work = np.flatnonzero(groups >= 0)
        shifts[at_work] = best[at_work, groups[at_work]]
        return PricedRow(value, shifts)
