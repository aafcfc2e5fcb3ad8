"""What a roster must achieve: days, shifts, people, cover and requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from evenhand.applications.rosters.problem_checks import check_problem
from evenhand.applications.rosters.roster_parts import Cover, Person, Request, Shift

DAYS_OF_WEEK = 7
SATURDAY = 5
"""Position of Saturday in a week that begins on Monday."""


@dataclass(frozen=True, slots=True, eq=False)
class RosterProblem:
    """Days, shifts and people, with what must hold and what else costs; at most one shift per person and day.

    Attributes
    ----------
    days
        Number of days.
    shifts, people
        The shifts and the people, in the order of the results.
    cover
        Needs, at most one for each day and shift. A shift without any may be worked at no cost.
    requests
        Wishes of people.
    first_date
        Date of day 0; None for a Monday without a date.
    prices
        By name of a rule in :data:`RULES`, cost of each unit of violation; all other rules are hard.
    source
        Where the problem comes from, for messages.

    Raises
    ------
    InputError
        If a name is unknown or given twice, a day is outside, or a number cannot be used; the message says which.
    """

    days: int
    shifts: tuple[Shift, ...]
    people: tuple[Person, ...]
    cover: tuple[Cover, ...] = ()
    requests: tuple[Request, ...] = ()
    first_date: date | None = None
    prices: Mapping[str, float] = field(default_factory=dict)
    source: str = "memory"

    def __post_init__(self) -> None:
        said = (self.days, self.shifts, self.people, self.cover, self.requests)
        check_problem(self.source, *said, self.prices, self.day_in_words)

    def __repr__(self) -> str:
        return f"RosterProblem({len(self.people)} people, {self.days} days, {len(self.shifts)} shifts, {self.source})"

    @property
    def wishes(self) -> tuple[Request, ...]:
        """The requests that are people's own wishes, which ``granted`` counts."""
        return tuple(request for request in self.requests if request.counted)

    def weekday(self, day: int) -> int:
        """Return the day of the week, 0 for Monday."""
        return (day + (0 if self.first_date is None else self.first_date.weekday())) % DAYS_OF_WEEK

    def weekends(self) -> tuple[tuple[int, ...], ...]:
        """Return the days of each weekend, Saturday and Sunday as far as they are within the problem."""
        found: dict[int, list[int]] = {}
        for day in range(self.days):
            if self.weekday(day) >= SATURDAY:
                found.setdefault(day - self.weekday(day), []).append(day)
        return tuple(tuple(days) for days in found.values())

    def date_of(self, day: int) -> date | None:
        """Return the date of a day; None if the first day has none."""
        return None if self.first_date is None else self.first_date + timedelta(days=day)

    def day_in_words(self, day: int) -> str:
        """Return a day for messages: its date, or ``day 3`` and the name of its weekday."""
        names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
        if self.first_date is None:
            return f"day {day} ({names[self.weekday(day)]})"
        return f"{self.date_of(day)} ({names[self.weekday(day)]})"
