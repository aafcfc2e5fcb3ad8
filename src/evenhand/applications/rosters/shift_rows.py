"""The table of shifts: which work there is on which date, at which hours, for how many people with which skill."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, replace
from os import PathLike

from evenhand.applications.office_rows import OfficeRow, OfficeTable
from evenhand.applications.rosters.roster_parts import Cover, Shift
from evenhand.applications.rosters.roster_roles import ANY, OFF, SHIFTS, TIMES
from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.spans import split_hours

DAY = 1440
"""Minutes in a day."""
NIGHT_FROM, NIGHT_UNTIL, NIGHT_MINUTES = 23 * 60, 30 * 60, 120
"""A shift with more than two hours between 23:00 and 06:00 is a night, as in the German Working Time Act, section 2."""
LATE_AFTER = 20 * 60
"""A shift that is no night and ends after 20:00 is late, minutes after midnight."""
UNDER_COST, OVER_COST = 100.0, 1.0
"""Cost of each person too few and too many where the table says none, as in the public benchmark."""
LONGEST_HORIZON = 366
"""Upper limit on the days from the first date to the last."""


@dataclass(frozen=True, slots=True)
class Place:
    """Work on a date: what a row of the table asks for.

    Attributes
    ----------
    row
        The row, for messages.
    date
        Date on which it starts.
    start, end
        Minutes after midnight of that date; the end is above 1440 if the shift ends on the next day.
    pause
        Minutes of it that are not work.
    kind, skill
        Kind as it is written, and skill that is needed; empty if there is none.
    """

    row: OfficeRow
    date: datetime.date
    start: int
    end: int
    pause: float
    kind: str
    skill: str

    @property
    def key(self) -> tuple[str, int, int, float, str]:
        """What two places must share to be the same shift."""
        return (self.kind.casefold(), self.start, self.end, self.pause, self.skill.casefold())


@dataclass(frozen=True, slots=True)
class OfficeShifts:
    """What a table of shifts says.

    Attributes
    ----------
    source
        Name of the file.
    first_date, days
        First date, and number of days up to the last.
    shifts
        The shifts, without what may not follow what.
    skills
        By name of a shift, the skill that it needs; "" for none.
    kinds
        By kind in lower case, the names of its shifts.
    cover
        Needs; a shift that the table does not have on a day may not be worked on that day.
    notes
        Sentences on how the table was read.
    """

    source: str
    first_date: datetime.date
    days: int
    shifts: tuple[Shift, ...]
    skills: dict[str, str]
    kinds: dict[str, tuple[str, ...]]
    cover: tuple[Cover, ...]
    notes: tuple[str, ...]


def read_shifts(path: str | PathLike[str]) -> OfficeShifts:
    """Return what a table of shifts says.

    Its columns are in :data:`~evenhand.applications.rosters.roster_roles.SHIFTS`. Needed are start, end, and the
    date (or dates in the starts). Without least and preferred, each row is one place, and rows of the same shift
    add up.

    Raises
    ------
    InputError
        If a row cannot be read; one line names file, row and column, and what would be right.
    """
    watched = ("date", "kind", "skill", "break", "least", "preferred", "most")
    table = OfficeTable(path, "shifts", SHIFTS, ("start", "end"), watched, joined=(TIMES, split_hours))
    counted = not ("least" in table or "preferred" in table)
    for header, _ in table.numbers_unread() if counted else ():
        raise InputError(
            f"{path}: no column is understood as the number of people that are needed, but {shown(header)} holds "
            "numbers; call it needed if it is that, or take it away"
        )
    places = [_place(row) for row in table.rows]
    first, last = min(place.date for place in places), max(place.date for place in places)
    days = (last - first).days + 1
    if days > LONGEST_HORIZON:
        late = next(place for place in places if place.date == last)
        raise late.row.fault("date", f"is {days - 1} days after the first date, {first}; a roster has at most 366 days")
    unique = {place.key: place for place in sorted(places, key=lambda place: (place.start, place.end))}
    names = _names(list(unique.values()))
    shifts = tuple(
        Shift(
            names[key],
            place.end - place.start - place.pause,
            place.start,
            kinds=frozenset(kinds_of_hours(place.start, place.end)),
            pause=place.pause,
        )
        for key, place in unique.items()
    )
    kinds: dict[str, list[str]] = {}
    for key, place in unique.items():
        kinds.setdefault(place.kind.casefold(), []).append(names[key])
    return OfficeShifts(
        str(path),
        first,
        days,
        shifts,
        {names[key]: place.skill for key, place in unique.items()},
        {kind: tuple(listed) for kind, listed in kinds.items()},
        _cover(places, names, first, days, counted=counted),
        tuple(table.notes()),
    )


def kinds_of_hours(start: float, end: float) -> list[str]:
    """Return the kinds that a shift's hours make it: ``night``, ``late``, or none.

    Parameters
    ----------
    start, end
        Minutes after midnight of the day on which it starts.

    Examples
    --------
    >>> kinds_of_hours(22 * 60, 30 * 60), kinds_of_hours(14 * 60, 22 * 60), kinds_of_hours(6 * 60, 14 * 60)
    (['night'], ['late'], [])
    """
    if minutes_at_night(start, end) > NIGHT_MINUTES:
        return ["night"]
    return ["late"] if end > LATE_AFTER else []


def minutes_at_night(start: float, end: float) -> float:
    """Return the minutes of a shift between 23:00 and 06:00, of whichever days."""
    return sum(
        max(0.0, min(end, NIGHT_UNTIL + shift) - max(start, NIGHT_FROM + shift)) for shift in (-DAY, 0, DAY, 2 * DAY)
    )


def clock_text(minutes: float) -> str:
    """Return minutes after midnight as a clock time: 1500 is ``01:00``."""
    whole = int(minutes) % DAY
    return f"{whole // 60:02}:{whole % 60:02}"


def _place(row: OfficeRow) -> Place:
    table = row.table
    start_date, start = row.moment("start", hours=True)
    date = row.date("date") if "date" in table and (row.text("date") or start_date is None) else start_date
    if date is None:
        raise row.fault("start", "has no date; add a column with dates, or write 2026-03-02 06:00")
    if start_date is not None and start_date != date:
        raise row.fault("start", f"is on another date than {date} in the column {shown(table.header('date'))}")
    end_date, end = row.moment("end", hours=True)
    if start >= DAY:
        raise row.fault("start", "is on the day after the date; give the date on which the shift starts")
    if end_date is not None:
        end += DAY * (end_date - date).days
        if end <= start:
            raise row.fault("end", f"is before the start, {shown(row.text('start'))} on {date}")
    elif end <= start:
        end += DAY
    if end - start > DAY:
        raise row.fault("end", f"makes the shift {(end - start) / 60:g} hours long; a shift has at most 24")
    if not (start.is_integer() and end.is_integer()):
        raise row.fault("start", "has seconds; give whole minutes")
    kind = row.text("kind").casefold()
    if kind and kind in OFF | ANY:
        means = "a day off" if kind in OFF else "any shift"
        raise row.fault("kind", f"means {means} in wishes; give the shift another name, or leave the row out")
    pause = row.pause("break")
    if pause >= end - start:
        raise row.fault("break", f"is as long as the shift, {(end - start) / 60:g} hours")
    return Place(row, date, int(start), int(end), pause, _plain(row.text("kind")), _plain(row.text("skill")))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _names(places: list[Place]) -> dict[tuple[str, int, int, float, str], str]:
    """Return a name for each kind of work: its kind alone where that is unique, else with hours, skill, and pause."""
    spelled = {place.kind.casefold(): place.kind for place in reversed(places)}

    def named(place: Place, parts: int) -> str:
        hours = f"{clock_text(place.start)}–{clock_text(place.end)}"
        kind = spelled[place.kind.casefold()]
        name = f"{kind} {hours}".strip() if not kind or parts & 1 else kind
        name += f" ({place.skill})" if parts & 2 and place.skill else ""
        return name + (f", break {place.pause:g} min" if parts & 4 else "")

    found = {}
    for place in places:
        alike = [other for other in places if other.key[0] == place.key[0] and other is not place]
        hours = any((other.start, other.end) != (place.start, place.end) for other in alike)
        skill = any(other.key[4] != place.key[4] for other in alike)
        pause = any(other.key[:3] == place.key[:3] and other.key[4] == place.key[4] for other in alike)
        found[place.key] = named(place, hours + 2 * skill + 4 * pause)
    return found


def _cover(
    places: Iterable[Place],
    names: dict[tuple[str, int, int, float, str], str],
    first: datetime.date,
    days: int,
    *,
    counted: bool,
) -> tuple[Cover, ...]:
    """Return a need for each day and shift; `counted` says whether each row is one place, so that rows add up."""
    found: dict[tuple[int, str], tuple[Cover, Place]] = {}
    for place in places:
        at = ((place.date - first).days, names[place.key])
        cover = _need(place.row, *at, counted=counted)
        if at in found:
            before, there = found[at]
            if not counted:
                raise InputError(
                    f"{place.row.table.source}, line {place.row.line}: {shown(at[1])} on {place.date} has a row "
                    f"already, line {there.row.line}; give it one with all people that it needs"
                )
            cover = replace(cover, preferred=cover.preferred + before.preferred)
        found[at] = (cover, place)
    closed = (
        Cover(day, name, 0, most=0)
        for day in range(days)
        for name in dict.fromkeys(names.values())
        if (day, name) not in found
    )
    listed = [*(cover for cover, _ in found.values()), *closed]
    return tuple(sorted(listed, key=lambda cover: cover.day))


def _need(row: OfficeRow, day: int, name: str, *, counted: bool) -> Cover:
    under = row.number("cost of too few", UNDER_COST)
    over = row.number("cost of too many", OVER_COST)
    most = row.whole("most", 0) if row.text("most") else None
    if counted:
        return Cover(day, name, 1, under, over, 0, most)
    if not row.text("least") and not row.text("preferred"):
        raise InputError(
            f"{row.table.source}, line {row.line}: neither the least nor the preferred number of people; give one"
        )
    least = row.whole("least", 0)
    preferred = row.whole("preferred", least)
    if preferred < least:
        raise row.fault("preferred", f"people are fewer than the least, {least}")
    if most is not None and most < preferred:
        raise row.fault("most", f"people are fewer than the preferred, {preferred}")
    return Cover(day, name, preferred, under, over, least, most)
