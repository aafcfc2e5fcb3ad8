"""Read small files about tasks: a number for each task, and groups of tasks that stay together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables import header_roles
from evenhand.tables.cost_table import shown
from evenhand.tables.csv_text import Reading
from evenhand.tables.files import split_sheet
from evenhand.tables.header_words import Columns, refuse_wider, roles_of, seems_header
from evenhand.tables.named import read_values
from evenhand.tables.small_rows import small_rows

_LABELLED = {"task": header_roles.TASK, "group": header_roles.GROUP}

LARGEST = 1 << 24
"""Size in bytes from which on a file is taken for a table, not for a list of tasks."""


def lists_tasks(file: Path, tasks: Collection[str]) -> bool:
    """Return whether a file is a list of tasks with a number each, rather than a table: two columns, tasks in front."""
    whole = split_sheet(file)[0]
    if whole.suffix.lower() in (".npy", ".parquet") or not whole.is_file() or whole.stat().st_size > LARGEST:
        return False
    try:
        rows = small_rows(file, tasks).rows
    except InputError:
        return False  # whoever reads it as a table says what is wrong
    return bool(rows) and all(len(cells) == 2 for _, cells in rows) and any(cells[0] in tasks for _, cells in rows)


def read_task_values(
    file: Path,
    what: str,
    tasks: Sequence[str],
    reading: Reading | None = None,
    gone: Collection[str] = (),
    most_agents: int | None = None,
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the number of each task that a file with two columns lists, and notes on how it was read.

    Parameters
    ----------
    file
        A text file or workbook of tasks and numbers, with or without a header.
    what
        What the numbers are, such as ``burden``, for messages.
    tasks
        Names of the tasks in the costs.
    reading
        The decimal separator, and names to leave out.
    gone
        Names of tasks that are left out of the costs; rows with one of them are skipped.
    most_agents
        If the numbers are those of the agents that each task needs: how many there are; None for any other number.

    Raises
    ------
    InputError
        If a row is not a task of the costs and a number, a task is listed twice, or its number of agents is none; the
        message names file and line.
    """
    number = header_roles.BURDEN if what == "burden" else header_roles.NEEDS
    rows, notes = read_values(file, what, reading, tasks, (header_roles.TASK, number))
    known, values = set(tasks), dict[str, float]()
    for line, name, value in rows:
        if name in gone and name not in known:
            continue
        if name not in known:
            raise InputError(f"{file}, line {line}: no task of the costs is called {shown(name)}")
        if name in values:
            raise InputError(f"{file}, line {line}: task {shown(name)} is listed twice; give it one {what}")
        if most_agents is not None and value not in range(1, most_agents + 1):
            raise InputError(
                f"{file}, line {line}: task {shown(name)} needs {value:g} agents; give a whole number from 1 to "
                f"{most_agents}, which is how many there are"
            )
        values[name] = value
    return values, notes


def read_groups(
    file: Path, tasks: Sequence[str], gone: Collection[str] = ()
) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return the groups of tasks in a file, and notes on what is not used.

    Below a header with the words task and group, in one of several languages, a row is a task and its group. Otherwise
    a row is a group, with a task in each cell.

    Parameters
    ----------
    file
        A text file or workbook.
    tasks
        Names of the tasks in the costs.
    gone
        Names of tasks that are left out of the costs; they are skipped.

    Raises
    ------
    InputError
        If a name is no task of the costs, a task has two groups, or only one column of the header is understood; the
        message names file and line.
    """
    found = small_rows(file, {*tasks, *gone})
    rows, notes = found.texts(), list(found.notes)
    known = set(tasks)
    if rows and not {*known, *gone}.intersection(rows[0][1]) and seems_header(rows[0][1], _LABELLED):
        refuse_wider(rows, str(file))
        (line, header), *rows = rows
        named = [k for k in range(len(header)) if any(k < len(cells) and cells[k] in known for _, cells in rows)]
        columns = roles_of(header, _LABELLED, f"{file}, line {line}", needed=tuple(_LABELLED), among={"task": named})
        return _by_label(rows, columns, known, gone, file), (*notes, *columns.notes())
    groups = []
    for line, cells in rows:
        twice = next((name for name in cells if cells.count(name) > 1), None)
        if twice is not None:
            raise InputError(
                f"{file}, line {line}: {shown(twice)} stands there twice; if a row is a task and its group, put "
                "task,group above it"
            )
        groups.append([name for name in cells if _is_task(name, known, gone, f"{file}, line {line}")])
    return [group for group in groups if group], tuple(notes)


def _by_label(
    rows: Sequence[tuple[int, list[str]]], columns: Columns, known: Collection[str], gone: Collection[str], file: Path
) -> list[list[str]]:
    """Return the groups in rows of a task and its group."""
    groups: dict[str, list[str]] = {}
    label_of: dict[str, str] = {}
    for line, cells in rows:
        where = f"{file}, line {line}"
        name, label = (cells[columns.place[role]] if columns.place[role] < len(cells) else "" for role in _LABELLED)
        if not name or not label:
            count = len([cell for cell in cells if cell])
            raise InputError(f"{where}: {count} cell{'' if count == 1 else 's'}; it must have a task and its group")
        if not _is_task(name, known, gone, where):
            continue
        if label_of.setdefault(name, label) != label:
            raise InputError(f"{where}: task {shown(name)} is in group {shown(label_of[name])} already; give it one")
        if name not in groups.setdefault(label, []):
            groups[label].append(name)
    return list(groups.values())


def _is_task(name: str, known: Collection[str], gone: Collection[str], where: str) -> bool:
    """Return whether a name is a task of the costs; raise an InputError if it is not one that is left out, either."""
    if name not in known and name not in gone:
        raise InputError(f"{where}: no task of the costs is called {shown(name)}")
    return name in known
