"""Read small files about tasks: a number for each task, and groups of tasks that stay together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.csv_text import Reading
from evenhand.tables.named import read_values
from evenhand.tables.small_rows import small_rows

LARGEST = 1 << 24
"""Size in bytes from which on a file is taken for a table, not for a list of tasks."""


def lists_tasks(file: Path, tasks: Collection[str]) -> bool:
    """Return whether a file is a list of tasks with a number each, rather than a table: two columns, tasks in front."""
    if file.suffix.lower() in (".npy", ".parquet") or not file.is_file() or file.stat().st_size > LARGEST:
        return False
    try:
        rows = small_rows(file, tasks).rows
    except InputError:
        return False  # whoever reads it as a table says what is wrong
    return bool(rows) and all(len(cells) == 2 for _, cells in rows) and any(cells[0] in tasks for _, cells in rows)


def read_task_values(
    file: Path, what: str, tasks: Sequence[str], reading: Reading | None = None, gone: Collection[str] = ()
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

    Raises
    ------
    InputError
        If a row is not a task of the costs and a number, or a task is listed twice; the message names file and line.
    """
    rows, notes = read_values(file, what, reading, tasks)
    known, values = set(tasks), dict[str, float]()
    for line, name, value in rows:
        if name in gone and name not in known:
            continue
        if name not in known:
            raise InputError(f"{file}, line {line}: no task of the costs is called {shown(name)}")
        if name in values:
            raise InputError(f"{file}, line {line}: task {shown(name)} is listed twice; give it one {what}")
        values[name] = value
    return values, notes


def read_groups(file: Path, tasks: Sequence[str], gone: Collection[str] = ()) -> list[list[str]]:
    """Return the groups of tasks in a file.

    With a header ``task,group`` a row is a task and its group; otherwise a row is a group, with a task in each cell.

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
        If a name is no task of the costs; the message names file and line.
    """
    rows = small_rows(file, tasks).texts()
    known = set(tasks)
    groups: dict[object, list[str]] = {}
    header = [cell.lower() for cell in rows[0][1]] if rows else []
    labelled = sorted(header) == ["group", "task"] and not known.intersection(rows[0][1])
    place = header.index("task") if labelled else 0
    for line, cells in rows[labelled:]:
        if labelled and len(cells) != 2:
            raise InputError(f"{file}, line {line}: {len(cells)} cells; it must have a task and its group")
        for name in [cells[place]] if labelled else cells:
            if name in known:
                groups.setdefault(cells[1 - place] if labelled else line, []).append(name)
            elif name not in gone:
                raise InputError(f"{file}, line {line}: no task of the costs is called {shown(name)}")
    return list(groups.values())
