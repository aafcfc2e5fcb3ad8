"""What a long solve tells its caller on the way."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evenhand.fairness.relative import relative_gap

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a solve has come.

    Attributes
    ----------
    phase
        What is being done, in words.
    seconds
        Since the call began.
    cost
        Of the best assignment so far; None where there is none.
    lower_bound
        Proven so far (an upper bound on profits); None before the first bound.
    gap
        (cost - lower_bound) / abs(cost); None where either is missing.
    nodes
        Nodes of the search so far.
    """

    phase: str
    seconds: float
    cost: float | None
    lower_bound: float | None
    gap: float | None
    nodes: int


class Clock:
    """Time since the call began, its limit, and the caller's ear.

    Parameters
    ----------
    time_limit
        Seconds; None for none.
    listener
        Called with :class:`Progress`.
    every
        Seconds between two calls, at least.
    maximise
        Whether the listener hears profits: costs with the other sign.
    """

    def __init__(
        self,
        time_limit: float | None,
        listener: Callable[[Progress], None] | None,
        every: float = 0.1,
        *,
        maximise: bool = False,
    ) -> None:
        self.maximise = maximise
        self._begun = time.perf_counter()
        self._limit = float("inf") if time_limit is None else time_limit
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

    def excuse(self, seconds: float) -> None:
        """Let the limit be so much later: what took this long does not count."""
        self._limit += seconds

    def part(self, share: float) -> Clock:
        """Return a clock that expires when this `share` of the limit has passed, and is this one otherwise."""
        other = copy.copy(self)
        other._limit = share * self._limit
        return other

    def within(self, share: float, more: float = 0.0) -> Clock:
        """Return a clock that expires a `share` of the limit and `more` seconds from now, and is this one otherwise."""
        other = copy.copy(self)
        other._limit = self.seconds + share * self._limit + more
        return other

    def tell(self, phase: str, cost: float | None, lower_bound: float | None, nodes: int) -> None:
        """Report to the listener, unless it heard from us a moment ago."""
        if self._listener is None or self.seconds - self._last < self._every:
            return
        self._last = self.seconds
        gap = None if cost is None or lower_bound is None else relative_gap(cost, lower_bound)
        if self.maximise:
            cost, lower_bound = (None if value is None else 0.0 - value for value in (cost, lower_bound))
        self._listener(Progress(phase, self.seconds, cost, lower_bound, gap, nodes))
