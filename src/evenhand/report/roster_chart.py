"""Draw a roster for the wall: people by days, each day's cover below, and each person's counts at the side.

The picture is laid out in pixels, because a roster on paper needs the same cell for each day; see :class:`Sheet`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evenhand.applications.rosters import Roster, RosterProblem
from evenhand.errors import InputError
from evenhand.report.formats import plain, quantity
from evenhand.report.roster_cells import ShiftStyle, shift_styles
from evenhand.report.roster_counts import ShownCount, shown_counts
from evenhand.report.roster_sections import marked_wishes
from evenhand.report.roster_sentences import SATURDAY, WEEKDAYS, day_number, title_of
from evenhand.report.sheet import Sheet
from evenhand.visible import shown_names

ROW, NAMES, LINE = 27, 136, 20
"""Height of a person's row, width of the column of names, and height of a line of text, pixels."""
COUNT, GAP, TOP = 98, 14, 108
"""Width of a count with its band, space before the counts, and space above the first row, pixels."""
_INK, _SOFT, _PALE = "#1d2126", "#59626d", "#c9ccd1"
_WEEKEND, _STRIPE, _BAND, _BAR, _BAD = "#eceff3", "#f7f7f5", "#cfe0ec", "#0072B2", "#b3261e"


def roster_chart(answer: Roster) -> Any:
    """Draw a roster as a sheet for the wall.

    Returns
    -------
    altair.LayerChart
        The picture; its size follows from the numbers of people and days.

    Raises
    ------
    InputError
        If the answer has no roster.
    MissingExtraError
        If Altair is not installed.
    """
    if answer.plan is None:
        raise InputError(f"the answer is {answer.status}; there is nothing to draw")
    problem = answer.problem
    cell = 32 if problem.days <= 16 else 25 if problem.days <= 35 else 20
    counts = shown_counts(answer)
    right = NAMES + cell * problem.days
    bottom = TOP + ROW * len(problem.people)
    sheet = Sheet(right + GAP + COUNT * len(counts) + 6, bottom + LINE * (len(problem.shifts) + 3) + 12)
    styles = shift_styles(problem)
    _ground(sheet, problem, cell, right, bottom)
    _heads(sheet, problem, cell)
    names = shown_names([person.name for person in problem.people], 18)
    for index, name in enumerate(names):
        sheet.text(6, TOP + ROW * (index + 0.5), name, size=13, weight=500)
    _cells(sheet, answer, styles, cell)
    for position, count in enumerate(counts):
        _count(sheet, count, right + GAP + COUNT * position)
    _cover(sheet, answer, styles, cell, bottom + 14)
    _legend(
        sheet, answer, bottom + 14 + LINE * (len(problem.shifts) + 1) + 12, bounded=any(one.bounded for one in counts)
    )
    sheet.text(6, 20, title_of(problem), size=21, weight=600)
    sheet.text(6, 46, _subtitle(answer), size=13, colour=_SOFT)
    description = f"Roster of {len(names)} people on {problem.days} days, with their counts at the side."
    return sheet.chart(description)


def _subtitle(answer: Roster) -> str:
    parts = [f"Cost {quantity(answer.cost)}"]
    if answer.price is not None and answer.base_cost is not None:
        least = "" if answer.base_found == answer.base_cost else "at least "
        parts.append(f"{least}{quantity(answer.base_cost)} without fairness")
    for count in answer.fairness:
        parts.append(f"{count}: CV {plain(answer.measured(count).cv, 2)}")
    return "  ·  ".join(parts)


def _ground(sheet: Sheet, problem: RosterProblem, cell: int, right: float, bottom: float) -> None:
    """Shade every second row and the weekends, and draw a line before each Monday."""
    for index in range(0, len(problem.people), 2):
        sheet.box(0, TOP + ROW * index, sheet.width, TOP + ROW * (index + 1), _STRIPE)
    foot = bottom + 14 + LINE * len(problem.shifts)
    for day in range(problem.days):
        x = NAMES + cell * day
        if problem.weekday(day) >= SATURDAY:
            sheet.box(x, TOP - 40, x + cell, foot, _WEEKEND)
        if problem.weekday(day) == 0 and day:
            sheet.line(x, TOP - 40, x, foot, _PALE)
    sheet.line(0, bottom, sheet.width, bottom, _PALE)
    sheet.line(0, TOP, sheet.width, TOP, _PALE)


def _heads(sheet: Sheet, problem: RosterProblem, cell: int) -> None:
    for day in range(problem.days):
        x, date = NAMES + cell * (day + 0.5), problem.date_of(day)
        weight = 600 if problem.weekday(day) >= SATURDAY else 400
        sheet.text(x, TOP - 28, WEEKDAYS[problem.weekday(day)], size=11.5, colour=_SOFT, align="center")
        sheet.text(x, TOP - 12, day_number(problem, day), size=13, weight=weight, align="center")
        if date is not None and date.day == 1 and day:
            sheet.text(x - cell / 2 + 3, TOP - 46, f"{date:%B}", size=11.5, colour=_SOFT)


def _cells(sheet: Sheet, answer: Roster, styles: Mapping[str, ShiftStyle], cell: int) -> None:
    assert answer.plan is not None
    problem = answer.problem
    granted = marked_wishes(answer)
    for index, (person, row) in enumerate(zip(problem.people, answer.plan, strict=True)):
        top = TOP + ROW * index
        for day, shift in enumerate(row):
            left = NAMES + cell * day
            if shift is not None:
                style = styles[shift]
                sheet.box(left + 2, top + 3, left + cell - 2, top + ROW - 3, style.fill, radius=4)
                sheet.text(
                    left + cell / 2, top + ROW / 2, style.code, size=12.5, weight=600, align="center", colour=style.ink
                )
            elif day in person.days_off:
                sheet.line(left + 0.3 * cell, top + ROW / 2, left + 0.7 * cell, top + ROW / 2, "#8b939c", width=2)
            if (person.name, day) in granted:
                kept = granted[person.name, day]
                sheet.dot(left + cell - 5, top + 5.5, _BAR if kept else _BAD, filled=kept)


def _count(sheet: Sheet, count: ShownCount, left: float) -> None:
    """Draw a column of numbers, and behind each a bar over its band."""
    start, room = left + 47, COUNT - 47 - 14
    scale = room / count.reach
    sheet.text(left + 47, TOP - 12, count.title, size=12, weight=600, align="center")
    for index, (value, carried) in enumerate(zip(count.values, count.carried, strict=True)):
        top, middle = TOP + ROW * index, TOP + ROW * (index + 0.5)
        row = count.rows.get(index)
        sheet.text(left + 40, middle, plain(value, 5), size=12.5, align="right", colour=_SOFT if row is None else _INK)
        if row is None:
            continue
        if count.bounded:
            low, high = min(row.low, count.reach), min(row.high, count.reach)
            sheet.box(start + scale * low, top + 4, start + scale * high, top + ROW - 4, _BAND)
        sheet.box(start, middle - 4, start + scale * row.load, middle + 4, _BAR, radius=1.5)
        if carried:
            sheet.box(start, middle - 4, start + scale * carried, middle + 4, "#063d5e", radius=1.5)
        sheet.line(start + scale * row.share, top + 5, start + scale * row.share, top + ROW - 5, _INK, width=1.5)


def _cover(sheet: Sheet, answer: Roster, styles: Mapping[str, ShiftStyle], cell: int, top: float) -> None:
    """Write how many people work each shift of each day, in red beside the preferred number where they are fewer."""
    assert answer.plan is not None
    problem = answer.problem
    needs = {(need.day, need.shift): need for need in problem.cover}
    names = shown_names([shift.name for shift in problem.shifts], 16)
    for position, (shift, name) in enumerate(zip(problem.shifts, names, strict=True)):
        style, middle = styles[shift.name], top + LINE * (position + 0.5)
        sheet.box(6, middle - 8, 30, middle + 8, style.fill, radius=4)
        sheet.text(18, middle, style.code, size=11.5, weight=600, align="center", colour=style.ink)
        sheet.text(38, middle, name, size=12, colour=_SOFT)
        for day in range(problem.days):
            there = sum(row[day] == shift.name for row in answer.plan)
            need = needs.get((day, shift.name))
            missed = need is not None and there < need.preferred
            if not there and not missed:
                continue
            text = f"{there}/{need.preferred}" if missed and need is not None else str(there)
            sheet.text(
                NAMES + cell * (day + 0.5),
                middle,
                text,
                size=12,
                align="center",
                weight=700 if missed else 400,
                colour=_BAD if missed else _SOFT,
            )
        if style.hours:
            hours = f"{name}  {style.hours}"
            sheet.text(NAMES + cell * problem.days + GAP, middle, hours, size=12, colour=_SOFT)


def _legend(sheet: Sheet, answer: Roster, top: float, *, bounded: bool) -> None:
    x = 6.0
    if any(person.days_off for person in answer.problem.people):
        sheet.line(x, top, x + 14, top, "#8b939c", width=2)
        x = sheet.label(x + 20, top, "absent")
    if answer.problem.wishes:
        sheet.dot(x + 5, top, _BAR, filled=True)
        x = sheet.label(x + 14, top, "wish granted")
        sheet.dot(x + 5, top, _BAD, filled=False)
        x = sheet.label(x + 14, top, "wish not granted")
    sheet.text(x, top, "2/3", weight=700, colour=_BAD)
    x = sheet.label(x + 24, top, "2 people where 3 are preferred")
    sheet.line(x + 4, top - 7, x + 4, top + 7, _INK, width=1.5)
    x = sheet.label(x + 12, top, "fair share")
    if bounded:
        sheet.box(x, top - 7, x + 18, top + 7, _BAND)
        x = sheet.label(x + 25, top, "what the rule allows")
    if any(person.carried for person in answer.problem.people):
        sheet.box(x, top - 4, x + 18, top + 4, "#063d5e", radius=1.5)
        sheet.label(x + 25, top, "carried over")
