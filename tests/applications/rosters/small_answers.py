"""A roster of two people that tests write out, decided by hand."""

from __future__ import annotations

import datetime

from evenhand.applications.rosters import Cover, Person, Request, Roster, RosterProblem, Shift
from evenhand.applications.rosters.counts import counts_of

SHIFTS = (
    Shift("Early; A, B", 450, 360, pause=30.0),
    Shift("Night", 480, 1320, frozenset({"Early; A, B"}), frozenset({"night"})),
)
PLAN = (("Night", "Night", None), ("Early; A, B", None, "Early; A, B"))


def small_answer(
    first: datetime.date | None = datetime.date(2026, 3, 27),
    names: tuple[str, str] = ("Zoë", "Ben"),
    plan: tuple[tuple[str | None, ...], ...] = PLAN,
    shifts: tuple[Shift, ...] = SHIFTS,
) -> Roster:
    """Return a roster from Friday 27 to Sunday 29 March 2026, when the clock is put forward in Berlin."""
    people = tuple(Person(name, {shift.name: 3 for shift in shifts}, 0, 2880, 3) for name in names)
    cover = (Cover(0, shifts[0].name, 1, 5.0), Cover(1, shifts[0].name, 1, 5.0))
    wishes = (Request(names[0], 0, None, False, 2.0), Request(names[1], 1, None, False, 3.0))
    problem = RosterProblem(3, shifts, people, cover, wishes, first, source="ward")
    return Roster("optimal", plan, 7.0, 7.0, None, {}, counts_of(problem, plan), problem)
