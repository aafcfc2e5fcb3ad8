"""Read a file of when each task begins and ends: which column holds what is found by the words of its header."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables import header_roles as roles
from evenhand.tables.clock import MINUTES
from evenhand.tables.cost_table import shown
from evenhand.tables.dates import is_weekday, parse_moment
from evenhand.tables.header_words import Columns, refuse_wider, roles_of, seems_header
from evenhand.tables.small_rows import small_rows
from evenhand.tables.spans import Row, is_moment, split_times, with_ends
from evenhand.tables.visit_moments import Entry, unit_of_numbers
from evenhand.tables.visit_times import Units, Visit, check_all_given, visits_of

WANTED = {
    "task": roles.TASK,
    "start": roles.START,
    "end": roles.END,
    "duration": roles.DURATION,
    "pause": roles.PAUSE,
    "date": roles.DATE,
    "end date": roles.END_DATE,
}
"""What a file of times may have in its columns."""

_NEEDED = ("task", "start", ("end", "duration"))
_WATCHED = ("pause", "date", "end date")
_BESIDE = ("task visit job einsatz besuch termin auftrag visite visita bezoek",)
_IN_ONE = {"start": roles.START, "span": roles.SPAN}
_BY_POSITION = ("task", "start", "end", "pause")


def read_times(
    file: str | os.PathLike[str], tasks: Sequence[str], gone: Collection[str] = ()
) -> tuple[list[Visit | None], tuple[str, ...]]:
    r"""Return when each task begins and ends, from a file with a row for each, and notes on how it was read.

    A task whose start and end are empty can be done at any time. A date, or a weekday, in a column of its own is joined
    with the clock times. Plain numbers of pauses without a unit are minutes.

    Parameters
    ----------
    file
        A text file or workbook. Under a header in the words of :mod:`evenhand.tables.header_roles`, columns may be in
        any order. Without a header the columns are task, start, end, and perhaps pause.
    tasks
        Names of the tasks in the costs, length m.
    gone
        Names of tasks that are left out of the costs, whose rows are skipped.

    Returns
    -------
    list of Visit or None
        Length m, in the order of `tasks`.
    tuple of str
        Sentences on columns that are not used, and on units and days that were understood.

    Raises
    ------
    InputError
        If a header or a row cannot be read in exactly one way, or a task has no row or two; the message names the file,
        the line and the value.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from evenhand.tables import read_times
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "visits.csv")
    ...     _ = file.write_text("Einsatz;Beginn;Dauer (min);Region\nAbbot;8:30;45;N\n")
    ...     visits, notes = read_times(file, ["Abbot"])
    >>> visits[0].shown, notes
    (('8:30', '09:15'), ('column not used: Region',))
    """
    file = Path(file)
    found = small_rows(file, {*tasks, *gone})
    if not found.rows:
        raise InputError(f"{file}: the file is empty; it needs a row of task, start and end for each task")
    known, left = set(tasks), set(gone) - set(tasks)
    rows = with_ends(found.texts(), lambda title: seems_header([title], _IN_ONE, _BESIDE), split_times)
    columns = _columns(rows, known | left, file)
    if columns is not None:
        rows = rows[1:]
    place = {role: position for position, role in enumerate(_BY_POSITION)} if columns is None else columns.place
    given: dict[str, Entry] = {}
    for line, cells in rows:
        cell = {role: cells[k] if k < len(cells) else "" for role, k in place.items()}
        task = cell["task"]
        where = f"{file}, line {line}"
        if task in left:
            continue
        if task not in known:
            raise InputError(f"{where}: no task of the costs is called {shown(task)}")
        if task in given:
            raise InputError(f"{where}: task {shown(task)} has a row already; give each task one")
        given[task] = Entry(
            f"{where}: task {shown(task)}",
            cell["start"],
            *(cell.get(role, "") for role in ("end", "pause", "duration", "date", "end date")),
        )
    check_all_given(given, tasks, str(file))
    entries = [given[task] for task in tasks]
    units, said = _units(columns, entries, f"{file}, line {found.rows[0][0]}")
    _check_dated(entries)
    visits = visits_of(entries, str(file), units)
    notes = [] if columns is None else columns.notes()
    if any(is_weekday(entry.date) for entry in entries):
        said.append("weekdays are days of one week, from Monday on")
    return visits, (*found.notes, *notes, *said)


def _columns(rows: Sequence[Row], known: Collection[str], file: Path) -> Columns | None:
    """Return which column holds what, by the header; None if there is no header, and columns count by position."""
    line, first = rows[0]
    where = f"{file}, line {line}"
    named = first[0] in known and not seems_header(first[1:], WANTED, _BESIDE)
    if named or any(map(is_moment, first[1:])):
        wide = next((row for row in rows if len(row[1]) not in (1, 3, 4)), None)
        if wide is None:
            return None
        raise InputError(
            f"{file}, line {wide[0]}: {len(wide[1])} cells; without a header with the words task, start and end there "
            "must be three (task, start, end), or four with a pause"
        )
    tasks = [k for k in range(len(first)) if any(k < len(cells) and cells[k] in known for _, cells in rows[1:])]
    refuse_wider(rows, str(file))
    titles = [first[0] or "task", *first[1:]]
    columns = roles_of(titles, WANTED, where, needed=_NEEDED, watched=_WATCHED, empty=_BESIDE, among={"task": tasks})
    for role in ("pause", "duration"):
        if columns.unit.get(role, "") not in ("", *MINUTES):
            raise InputError(f"{where}: the unit of {shown(first[columns.place[role]])} must be min or h")
    if "end date" in columns and "end" not in columns:
        raise InputError(f"{where}: {shown(first[columns.place['end date']])} needs a column of times of the end")
    return columns


def _units(columns: Columns | None, entries: Sequence[Entry], where: str) -> tuple[Units, list[str]]:
    """Return the units of pauses and durations, and sentences on those that no header names."""
    if columns is None:
        plain = any(_is_plain(entry.pause) for entry in entries)
        return Units(), ["plain numbers of the pause are minutes"] if plain else []
    said = []
    pause, duration = columns.unit.get("pause", ""), columns.unit.get("duration", "")
    if "pause" in columns and not pause and any(_is_plain(entry.pause) for entry in entries):
        said.append(f"plain numbers in {shown(columns.headers[columns.place['pause']])} are minutes")
    lengths = [entry.duration for entry in entries if _is_plain(entry.duration)]
    known = duration
    if lengths and not duration:
        name = shown(columns.headers[columns.place["duration"]])
        known = unit_of_numbers(lengths)
        if not known:
            raise InputError(
                f"{where}: {name} may be in minutes or in hours; write its unit into the header: duration (min), or "
                "duration (h)"
            )
        said.append(f"plain numbers in {name} are minutes")
    return Units(pause or "min", pause, known, duration), said


def _is_plain(cell: str) -> bool:
    return cell[:1].isdigit() and not any(character.isalpha() or character == ":" for character in cell)


def _check_dated(entries: Sequence[Entry]) -> None:
    """Raise an InputError if a column of dates is empty beside one time, and not beside another."""
    dated = any(entry.date for entry in entries)
    for entry in entries:
        if dated and not entry.date and entry.start and _is_clock(entry.start):
            raise InputError(f"{entry.where} has a time, but no date; give every visit a date, or none")


def _is_clock(cell: str) -> bool:
    try:
        return parse_moment(cell, order="day", digits=True)[0] is None
    except ValueError:
        return False
