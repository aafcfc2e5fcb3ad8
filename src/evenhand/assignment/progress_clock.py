"""Progress reports, and the clock that limits a solve."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

from evenhand.fairness.relative import relative_gap
from evenhand.number_checks import check_time_limit


@dataclass(frozen=True, slots=True)
class Progress:
    """A progress report: the incumbent's cost and the bound at one moment.

    Attributes
    ----------
    phase
        Name of the present phase.
    seconds
        Seconds since the call began.
    cost
        Cost of the incumbent, the best assignment so far; None if there is none.
    bound
        Bound proven so far (an upper bound on profits); None before the first one.
    gap
        (cost - bound) / abs(cost); None if either is missing.
    nodes
        Number of search nodes so far.
    detail
        What the phase is at, in words; empty if there is nothing to say.
    """

    phase: str
    seconds: float
    cost: float | None
    bound: float | None
    gap: float | None
    nodes: int
    detail: str = ""


Detail = Callable[[], str]
"""Says what a phase is at; called only for reports that are made."""


LAST, GRACE = 0.05, 1.0
"""Fraction of the time limit, plus seconds, for a last attempt if nothing fair has been found by the limit."""

LATEST = 1.5
"""Seconds, plus twice that fraction, beyond the limit of the whole call after which no last attempt goes on: there may
be several, one after the other."""


class OutOfTimeError(Exception):
    """The time limit has passed in the middle of a step, which is given up; what was known before it is kept."""


class Clock:
    """The time since the call began, its limit, and the user's progress function.

    Parameters
    ----------
    time_limit
        Seconds; None for no limit.
    listener
        Function that is called with :class:`Progress`; None for no reports.
    every
        Least number of seconds between two reports.
    maximise
        Whether reports are of profits, which are costs with the opposite sign.

    Raises
    ------
    InputError
        If the limit is not a number of seconds above 0, or None.
    """

    def __init__(
        self,
        time_limit: float | None,
        listener: Callable[[Progress], None] | None,
        every: float = 0.1,
        *,
        maximise: bool = False,
    ) -> None:
        check_time_limit(time_limit)
        self.maximise = maximise
        self._begun = time.perf_counter()
        self._limit = float("inf") if time_limit is None else time_limit
        self._end = (1.0 + 2.0 * LAST) * self._limit + LATEST
        self._listener = listener
        self._every = every
        self._last = float("-inf")

    @property
    def seconds(self) -> float:
        """Seconds since the call began."""
        return time.perf_counter() - self._begun

    @property
    def expired(self) -> bool:
        """Whether the limit has passed."""
        return self.seconds >= self._limit

    def check(self) -> None:
        """Raise `OutOfTimeError` if the limit has passed: between two parts of a step whose half is of no use.

        Like Ctrl-C it ends the solve, which answers with what it knows by then. No part should last a second, at any
        size: compiled loops return after an amount of work, and whole-table operations of NumPy stand between checks.
        """
        if self.expired:
            raise OutOfTimeError

    def affords(self, seconds: float) -> bool:
        """Return whether so many seconds are left, for work that cannot be given up on its way."""
        return self.seconds + seconds < self._limit

    def excuse(self, seconds: float) -> None:
        """Extend the limit by `seconds`, for work that does not count."""
        self._limit += seconds
        self._end += seconds

    def stop(self) -> None:
        """Let the limit pass now."""
        self._limit = float("-inf")

    def part(self, share: float) -> Clock:
        """Return a copy of the clock that expires when this `share` of the limit has passed."""
        other = copy.copy(self)
        other._limit = share * self._limit
        return other

    def earlier(self, seconds: float) -> Clock:
        """Return a copy of the clock that expires so many seconds earlier."""
        other = copy.copy(self)
        other._limit = self._limit - seconds
        return other

    def within(self, share: float, more: float = 0.0) -> Clock:
        """Return a copy of the clock that expires a `share` of the limit plus `more` seconds from now."""
        other = copy.copy(self)
        other._limit = self.seconds + share * self._limit + more
        return other

    def grace(self) -> Clock:
        """Return a clock for a last attempt beyond the limit, or beyond that of a part of the call."""
        other = self.within(LAST, GRACE)
        other._limit = min(other._limit, self._end)
        return other

    def report(self, phase: str, cost: float | None, bound: float | None, nodes: int, detail: Detail = str) -> None:
        """Call the user's function with a report, unless the last one is less than `every` seconds old."""
        if self._listener is None or self.seconds - self._last < self._every:
            return
        self._last = self.seconds
        gap = None if cost is None or bound is None else relative_gap(cost, bound)
        if self.maximise:
            cost, bound = (None if value is None else 0.0 - value for value in (cost, bound))
        self._listener(Progress(phase, self.seconds, cost, bound, gap, nodes, detail()))


UNLIMITED = Clock(None, None)
"""A clock that never expires."""
