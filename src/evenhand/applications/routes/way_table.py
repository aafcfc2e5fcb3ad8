"""Read an office's table of ways: a row and a column for each stop, with kilometres or minutes."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError, choices
from evenhand.tables.clock import parse_duration
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import CellError, read_numbers
from evenhand.tables.small_rows import small_rows

_PLAIN = re.compile(r"\d[\d.,' \u00a0\u202f]*")
_METRES = {"km": 1000.0, "m": 1.0}


def read_way_table(path: str | os.PathLike[str], order: Sequence[str], *, times: bool) -> Array:
    """Return the metres, or seconds, from each stop to each, shape (k, k), with 0 on the diagonal.

    Parameters
    ----------
    path
        A text or workbook whose header has the names of stops after its first cell, and whose rows begin with one. Rows
        and columns of other names are left out. Times are minutes unless a cell says otherwise (``1:30``, ``0.5 h``);
        ways are kilometres, or metres if the first cell of the header is ``m``.
    order
        Names of the stops.
    times
        Whether the table has times.

    Raises
    ------
    InputError
        If a stop is missing or stands there twice, or a cell is no number of at least 0; the message names the cell.
    """
    rows = small_rows(Path(path)).texts()
    if not rows:
        raise InputError(f"{path}: the file is empty; it needs a row and a column for each stop")
    (line, header), *below = rows
    columns = _places(header[1:], order, f"{path}, line {line}", "column")
    lines = _places([cells[0] if cells else "" for _, cells in below], order, str(path), "row")
    texts = [[_cell(below[row][1], column) for column in columns] for row in lines]
    for k in range(len(order)):
        texts[k][k] = "0"
    where = [f"{path}, line {below[row][0]}" for row in lines]
    try:
        if times:
            return _seconds(texts)
        return _numbers(texts) * _METRES.get(header[0].strip().casefold(), _METRES["km"])
    except CellError as error:
        at, to, text = where[error.row], order[error.column], texts[error.row][error.column]
        raise InputError(f"{at}, column {shown(to)}: {shown(text) if text else 'the cell'} {error.reason}") from None
    except InputError as error:
        reason = str(error).partition("; give the decimal separator")[0]
        raise InputError(f"{path}: {reason}; write it without the mark") from None


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column + 1].strip() if column + 1 < len(cells) else ""


def _places(names: Sequence[str], order: Sequence[str], where: str, kind: str) -> list[int]:
    """Return the position of each stop among the names of rows or columns."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in found and name in order:
            raise InputError(f"{where}: the stop {shown(name)} has two {kind}s; give it one")
        found.setdefault(name, place)
    for name in order:
        if name not in found:
            known = choices(name, names, quoted=False)
            raise InputError(f"{where}: no {kind} is for the stop {shown(name)}; each stop needs one; {known}")
    return [found[name] for name in order]


def _seconds(texts: Sequence[Sequence[str]]) -> Array:
    known: dict[str, float] = {}
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            if text not in known:
                try:
                    known[text] = 60.0 * float(parse_duration(text, "min"))
                except ValueError as error:
                    raise CellError(row, column, str(error) if text else "is empty; write minutes") from None
    return np.array([[known[text] for text in line] for line in texts])


def _numbers(texts: Sequence[Sequence[str]]) -> Array:
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            if not _PLAIN.fullmatch(text):
                raise CellError(row, column, "is no number of at least 0; write kilometres" if text else "is empty")
    return read_numbers(texts).values
