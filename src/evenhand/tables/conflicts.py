"""Read which tasks exclude each other: pairs that one agent cannot both do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.tables import header_roles
from evenhand.tables.cost_table import shown
from evenhand.tables.header_words import seems_header
from evenhand.tables.small_rows import small_rows

_WANTED = {"first task": header_roles.FIRST, "other task": header_roles.OTHER}


def read_conflicts(
    file: Path, tasks: Sequence[str], gone: Collection[str] = ()
) -> tuple[list[tuple[int, int]], tuple[str, ...]]:
    """Return the pairs of tasks that exclude each other, from a file with two names in a row, as positions.

    Under a header with the words of :mod:`evenhand.tables.header_roles` there may be more columns: the two that hold
    tasks count, and the others are left out with a note.

    Parameters
    ----------
    file
        A text file or workbook.
    tasks
        Names of the tasks in the costs, length m.
    gone
        Names of tasks that are left out of the costs; rows with one of them are skipped.

    Returns
    -------
    list of (int, int)
        Each pair once, the smaller position first, ascending.
    tuple of str
        Sentences on lines and columns that are not used.

    Raises
    ------
    InputError
        If a row is not two different tasks of the costs; the message names the file, the line and the value.
    """
    place = {name: position for position, name in enumerate(tasks)}
    found = small_rows(file, {*place, *gone})
    rows, notes = found.texts(), list(found.notes)
    if rows and not any(cell in place or cell in gone for cell in rows[0][1]) and seems_header(rows[0][1], _WANTED):
        rows, said = _below_header(rows, {*place, *gone}, file)
        notes += said
    pairs = set()
    for line, cells in rows:
        where = f"{file}, line {line}"
        if len(cells) != 2:
            count = f"{len(cells)} cell{'s' if len(cells) > 1 else ''}"
            raise InputError(f"{where}: {count}; it must have two tasks that exclude each other")
        if any(cell in gone and cell not in place for cell in cells):
            continue
        for cell in cells:
            if cell not in place:
                raise InputError(f"{where}: no task of the costs is called {shown(cell)}")
        pairs.add(_pair(place[cells[0]], place[cells[1]], cells[0], where))
    return sorted(pairs), tuple(notes)


def conflicts_of(conflicts: Any, tasks: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs of tasks that exclude each other, given in Python by names or positions, as positions.

    Raises
    ------
    InputError
        If an entry is not two different tasks; the message names it.
    """
    if isinstance(conflicts, str) or not isinstance(conflicts, Iterable):
        raise InputError(f"conflicts are {shown(conflicts)}; give pairs of tasks, by name or position")
    place = {name: position for position, name in enumerate(tasks)}
    pairs = set()
    for entry in conflicts:
        both = [] if isinstance(entry, str) or not isinstance(entry, Iterable) else list(entry)
        if len(both) != 2:
            raise InputError(f"conflicts: {shown(entry)} is not a pair of tasks")
        positions = []
        for key in both:
            position = place.get(key) if isinstance(key, str) else key
            whole = isinstance(position, int | np.integer) and not isinstance(position, bool)
            if not whole or not 0 <= int(position) < len(tasks):  # type: ignore[arg-type]
                raise InputError(f"conflicts: there is no task {key!r}; give names, or positions from 0")
            positions.append(int(position))  # type: ignore[arg-type]
        pairs.add(_pair(positions[0], positions[1], tasks[positions[0]], "conflicts"))
    return sorted(pairs)


def _below_header(
    rows: Sequence[tuple[int, list[str]]], known: Collection[str], file: Path
) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Return the two columns of tasks below a header, and sentences on the others."""
    (line, header), *below = rows
    if max(map(len, (cells for _, cells in rows))) <= 2:
        return below, []
    named = [k for k in range(len(header)) if any(k < len(cells) and cells[k] in known for _, cells in below)]
    if len(named) != 2:
        raise InputError(
            f"{file}, line {line}: {len(named)} of the columns {', '.join(map(shown, header))} have tasks of the "
            "costs; it must be two, of tasks that exclude each other"
        )
    unused = [header[k] for k in range(len(header)) if k not in named and header[k]]
    notes = [f"column{'s' if len(unused) > 1 else ''} not used: {', '.join(unused)}"] if unused else []
    return [(at, [cells[k] for k in named if k < len(cells)]) for at, cells in below], notes


def _pair(first: int, second: int, name: str, where: str) -> tuple[int, int]:
    if first == second:
        raise InputError(f"{where}: task {shown(name)} cannot exclude itself; give two different tasks")
    return (first, second) if first < second else (second, first)
