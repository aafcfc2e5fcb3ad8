"""What rosters are made of: shifts, people, cover and requests, and the rules that may have a price."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

RULES: dict[str, str] = {
    "sequence": "shift on the day after one that it may not follow",
    "most_shifts": "shift above a person's limit for that shift",
    "least_minutes": "minute below a person's least",
    "most_minutes": "minute above a person's most",
    "longest_run": "day beyond a person's longest run of work",
    "shortest_run": "day that a run of work is too short",
    "shortest_rest": "day off that a rest between two runs is too short",
    "most_weekends": "weekend worked above a person's limit",
    "days_off": "shift on a day on which a person is absent",
    "least_cover": "person below the least of a shift",
    "most_cover": "person above the most of a shift",
}
"""Rules that may have a price, with the unit of violation that the price is for. Without a price a rule is hard."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A kind of work that takes most of a day.

    Attributes
    ----------
    name
        Name, unique in the problem.
    minutes
        Length in minutes of work.
    start
        Start in minutes after midnight; None if it is not known.
    cannot_precede
        Names of the shifts that the same person may not work on the next day.
    kinds
        Kinds that are counted, such as ``night`` and ``late``.
    pause
        Minutes between start and end that are not work.
    """

    name: str
    minutes: float
    start: int | None = None
    cannot_precede: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    pause: float = 0.0

    @property
    def end(self) -> float | None:
        """End in minutes after the midnight before the start, above 1440 on the next day; None without a start."""
        return None if self.start is None else self.start + self.minutes + self.pause


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody who works shifts, with the rules for their roster.

    Attributes
    ----------
    name
        Name, unique in the problem.
    most_shifts
        By name of a shift, how often the person may work it; a shift that is missing may not be worked.
    least_minutes, most_minutes
        Bounds on the minutes of work within the days of the problem.
    longest_run
        Largest number of working days in a row.
    shortest_run
        Smallest number of working days in a row. A run that touches the first or last day may be shorter, because it
        may continue outside; `last_days` says how a first run began.
    shortest_rest
        Smallest number of days off between two runs of work; the edges count as in `shortest_run`.
    most_weekends
        Largest number of weekends with work on Saturday or Sunday.
    days_off
        Days, from 0, on which the person is absent.
    contract
        Entitlement that counts are compared by, such as contract hours; None for `most_minutes`.
    carried
        By name of a count, what the person carries from earlier rosters.
    last_days
        Shifts of the days just before the first, oldest first; None for a day off. () if nothing is known.
    """

    name: str
    most_shifts: Mapping[str, int]
    least_minutes: float
    most_minutes: float
    longest_run: int
    shortest_run: int = 1
    shortest_rest: int = 1
    most_weekends: int = 1_000
    days_off: frozenset[int] = frozenset()
    contract: float | None = None
    carried: Mapping[str, float] = field(default_factory=dict)
    last_days: tuple[str | None, ...] = ()

    @property
    def entitlement(self) -> float:
        """The entitlement: `contract`, or `most_minutes` if there is none."""
        return float(self.most_minutes if self.contract is None else self.contract)

    def may_work(self, shift: str) -> bool:
        """Return whether the person may work the shift at all."""
        return self.most_shifts.get(shift, 0) > 0


@dataclass(frozen=True, slots=True)
class Cover:
    """How many people one shift of one day needs.

    Attributes
    ----------
    day
        Day, from 0.
    shift
        Name of the shift.
    preferred
        Number of people that costs nothing.
    under_cost, over_cost
        Cost of each person below and above `preferred`.
    least, most
        Hard bounds on the number of people; None for no upper bound.
    """

    day: int
    shift: str
    preferred: int
    under_cost: float = 0.0
    over_cost: float = 0.0
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A person's wish to work a shift on a day, or not to.

    Attributes
    ----------
    person
        Name of the person.
    day
        Day, from 0.
    shift
        Name of the shift; None for any shift.
    wanted
        Whether the person wants to work it; False if they want not to.
    weight
        Cost if it is not granted; infinite if it must be.
    counted
        Whether it is a person's own wish, which ``granted`` counts; False for what only has a price, such as keeping
        to an earlier plan.
    """

    person: str
    day: int
    shift: str | None
    wanted: bool
    weight: float = 1.0
    counted: bool = True

    @property
    def must(self) -> bool:
        """Whether the request is a hard rule."""
        return math.isinf(self.weight)

    def is_granted_by(self, worked: str | None) -> bool:
        """Return whether a day with this shift, None for a day off, grants the request."""
        matches = worked is not None if self.shift is None else worked == self.shift
        return matches is self.wanted
