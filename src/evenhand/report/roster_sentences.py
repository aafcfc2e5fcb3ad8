"""Words about rosters that pictures and pages share."""

from __future__ import annotations

from evenhand.applications.rosters import RosterProblem

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
"""Short names of the days."""
SATURDAY = 5


def title_of(problem: RosterProblem) -> str:
    """Return the title of a roster: its dates, or the number of its days."""
    first, last = problem.date_of(0), problem.date_of(problem.days - 1)
    if first is None or last is None:
        return f"Roster of {problem.days} days"
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%B}"
    start += f" {first.year}" if first.year != last.year else ""
    return f"Roster, {start} to {last.day} {last:%B} {last.year}"


def day_number(problem: RosterProblem, day: int) -> str:
    """Return the day of the month, or the number of the day from 0, as in messages, if the days have no dates."""
    date = problem.date_of(day)
    return str(day) if date is None else str(date.day)
