"""Parse a table in long form: a row for each pair of agent and task, with its cost and perhaps more columns."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.candidate_table import CandidateTable, LargeCandidatesError
from evenhand.tables.cost_table import CostTable, shown
from evenhand.tables.csv_text import Reading
from evenhand.tables.numbers import CellError, read_numbers, without_unit
from evenhand.tables.split_rows import AnyRows, one_line_name

_COLUMNS = {
    "agent": ("agent", "agents", "agent name", "agent_name"),
    "task": ("task", "tasks", "task name", "task_name"),
    "cost": ("cost", "costs"),
    "burden": ("burden", "burdens", "hours"),
    "agent_x": ("agent_x", "agent x"),
    "agent_y": ("agent_y", "agent y"),
    "task_x": ("task_x", "task x"),
    "task_y": ("task_y", "task y"),
}
_MEANING = {word: column for column, words in _COLUMNS.items() for word in words}
_NEEDED = ("agent", "task", "cost")


def is_long(header: Sequence[object]) -> bool:
    """Return whether a header names columns of agents, tasks and costs, which no table in matrix form has."""
    # No such name ends with a digit, as those of a million tasks do.
    return set(_NEEDED) <= {_meaning(cell) for cell in header if not str(cell)[-1:].isdigit()}


def _meaning(cell: object) -> str | None:
    """Return the column that a cell of the header names, perhaps with a unit: ``Cost (EUR)``; None for another."""
    return _MEANING.get(without_unit(str(cell)).lower())


def parse_pairs(rows: AnyRows, reading: Reading) -> CostTable:
    """Return the table in `rows`, one pair per row in any order; pairs without a row are forbidden.

    Columns are identified by their header: ``agent``, ``task``, ``cost``, and optionally ``burden`` (or ``hours``),
    ``agent_x``, ``agent_y``, ``task_x`` and ``task_y``. Agents and tasks are numbered as they appear in the file.

    Raises
    ------
    InputError
        For the first error in the file; the message names line, column and value.
    """
    source = rows.source
    ordered = iter(rows)
    place = places(next(ordered), reading, source)
    numeric = [column for column in place if column not in ("agent", "task")]
    agents: dict[str, int] = {}
    tasks: dict[str, int] = {}
    first: dict[tuple[int, int], int] = {}
    ignored: set[str] = set()
    cells = []
    for line, row in ordered:
        texts = [one_line_name(cell) if isinstance(cell, str) else cell for cell in row]
        if len(texts) <= max(place.values()):
            raise InputError(f"{source}, line {line}: {len(texts)} cells; it must have {_wanted(place)}")
        agent, task = (str(texts[place[column]]) for column in ("agent", "task"))
        if agent in reading.ignore_rows or task in reading.ignore_rows:
            ignored |= {agent, task} & set(reading.ignore_rows)
            continue
        for kind, name in (("agent", agent), ("task", task)):
            if not name:
                raise InputError(f"{source}, line {line}: the {kind} has no name; every {kind} needs one")
        pair = agents.setdefault(agent, len(agents)), tasks.setdefault(task, len(tasks))
        if first.setdefault(pair, line) != line:
            raise InputError(
                f"{source}, line {line}: agent {shown(agent)} and task {shown(task)} are in line {first[pair]} "
                "already; give each pair one cost"
            )
        cells.append([texts[place[column]] for column in numeric])
    if not cells:
        raise InputError(f"{source}: only a header; it needs one row for each agent and task")
    lines = list(first.values())
    try:
        read = read_numbers(cells, decimal=reading.decimal, apart=True)
    except CellError as error:
        column = place[numeric[error.column]] + 1
        value = shown(cells[error.row][error.column])
        raise InputError(f"{source}, line {lines[error.row]}, column {column}: {value} {error.reason}") from None
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    found = np.array(list(first))
    column_of = dict(zip(numeric, read.values.T, strict=True))
    shape = len(agents), len(tasks)
    listed = _listed(column_of, found, lines, agents, tasks, source)
    if not listed.is_small:
        raise LargeCandidatesError(listed)
    missing = shape[0] * shape[1] - len(found)
    notes = reading.left_out("row", reading.ignore_rows, ignored, source)
    notes += [f"one row for each of {len(found)} pairs of {shape[0]} agents and {shape[1]} tasks"]
    if missing:
        pairs = "pair is not in the file and counts" if missing == 1 else "pairs are not in the file and count"
        notes.append(f"{missing} {pairs} as forbidden")
    return CostTable(
        _spread(column_of["cost"], found, shape),
        tuple(agents),
        tuple(tasks),
        _points(column_of, "agent", found[:, 0], list(agents), source),
        _points(column_of, "task", found[:, 1], list(tasks), source),
        source,
        burdens=_spread(column_of["burden"], found, shape) if "burden" in column_of else None,
        notes=(*rows.notes, *notes, *read.notes),
    )


def places(header: tuple[int, Sequence[object]], reading: Reading, source: str) -> dict[str, int]:
    """Return the position of each known column."""
    line, cells = header
    place: dict[str, int] = {}
    for position, cell in enumerate(cells):
        name = str(cell).strip()
        if not name or name in reading.ignore_columns:
            continue
        column = _meaning(name)
        if column is None:
            raise InputError(
                f"{source}, line {line}, column {position + 1}: {shown(name)} is not a column of a table of pairs "
                f"({', '.join(_COLUMNS)}); rename it to one of these, or add --ignore-column {shlex.quote(name)}"
            )
        if column in place:
            raise InputError(f"{source}, line {line}: two columns are called {column}; give one")
        place[column] = position
    missing = next((column for column in _NEEDED if column not in place), None)
    if missing is not None:
        raise InputError(
            f"{source}, line {line}: no column is called {missing}; a table of pairs needs agent,task,cost"
        )
    for kind in ("agent", "task"):
        if (f"{kind}_x" in place) != (f"{kind}_y" in place):
            raise InputError(f"{source}, line {line}: {kind}_x and {kind}_y go together; one of them is missing")
    return place


def _listed(
    column_of: dict[str, NDArray[np.float64]],
    found: NDArray[np.intp],
    lines: list[int],
    agents: dict[str, int],
    tasks: dict[str, int],
    source: str,
) -> CandidateTable:
    """Return the pairs in compressed rows, with costs and burdens, but without coordinates."""
    order = np.argsort(found[:, 1], kind="stable")
    return CandidateTable(
        np.concatenate([[0], np.cumsum(np.bincount(found[:, 1], minlength=len(tasks)))]),
        found[order, 0].astype(np.int32),
        column_of["cost"][order],
        column_of["burden"][order] if "burden" in column_of else None,
        tuple(agents),
        tuple(tasks),
        source,
        rows=np.array(lines)[order],
        first_row=("line", 0),
    )


def _wanted(place: dict[str, int]) -> str:
    return ", ".join(sorted(place, key=lambda column: place[column]))


def _spread(values: NDArray[np.float64], found: NDArray[np.intp], shape: tuple[int, int]) -> NDArray[np.float64]:
    table = np.full(shape, np.inf)
    table[found[:, 0], found[:, 1]] = values
    return table


def _points(
    column_of: dict[str, NDArray[np.float64]], kind: str, owner: NDArray[np.intp], names: list[str], source: str
) -> NDArray[np.float64] | None:
    """Return the coordinates (n, 2) of agents or tasks, which all rows of an agent or task must repeat."""
    if f"{kind}_x" not in column_of:
        return None
    rows = np.column_stack([column_of[f"{kind}_x"], column_of[f"{kind}_y"]])
    points = np.empty((len(names), 2))
    points[owner] = rows
    wrong = np.flatnonzero((points[owner] != rows).any(axis=1) | ~np.isfinite(rows).all(axis=1))
    if len(wrong):
        name = shown(names[owner[wrong[0]]])
        raise InputError(f"{source}: {kind} {name} has no coordinates, or different ones in different rows")
    return points
