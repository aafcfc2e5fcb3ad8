"""A file as it was dropped on the page, and the part of it around a cell with a problem."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.split_rows import read_rows

_EXCERPT_ROWS, _EXCERPT_COLUMNS = 5, 6
"""Size of the part of a file that is shown around a cell with a problem."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was dropped: its name as the user knows it, and its bytes."""

    name: str
    body: bytes = field(repr=False)

    @contextmanager
    def file(self) -> Iterator[Path]:
        """Put the bytes into a temporary file of the same ending, and name the file of the user in messages."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"table{Path(self.name).suffix[:10]}")
            path.write_bytes(self.body)
            try:
                yield path
            except InputError as error:
                raise InputError(str(error).replace(str(path), self.name)) from None

    def head(self) -> tuple[int, list[list[str]]]:
        """Return the number of columns of a text, and its first rows; (0, []) for what is no text."""
        try:
            cells = [list(row) for _, row in islice(read_rows(self.body, self.name), 3)]
        except InputError:
            return 0, []
        return max(map(len, cells), default=0), [[str(cell) for cell in row] for row in cells]


def excerpt(dropped: Dropped, said: str) -> dict[str, Any] | None:
    """Return the rows of a text around the line that a message names, with the position of the cell; or None.

    Of the line, the cell is the column that the message names, or else the first one whose text the message quotes.
    """
    found = re.search(r"\bline ([0-9]+)(?:, column ([0-9]+))?", said)
    _, head = dropped.head()
    if found is None or not head:
        return None
    line, column = int(found[1]), int(found[2]) - 1 if found[2] else None
    near: list[tuple[int, list[str]]] = []
    try:
        for number, cells in read_rows(dropped.body, dropped.name):
            if number > line + _EXCERPT_ROWS // 2:
                break
            if not near or number >= line - _EXCERPT_ROWS // 2:
                near.append((number, [str(cell) for cell in cells]))
    except InputError:
        pass  # the rows before the one that cannot be read are shown all the same
    if not near:
        return None
    header = near[0]
    shown_rows = [row for row in near if abs(row[0] - line) <= _EXCERPT_ROWS // 2 and row is not header]
    wrong = next((cells for number, cells in near if number == line), None)
    if wrong is None:
        return None
    if column is None:
        column = next((k for k, cell in enumerate(wrong) if cell and (repr(cell) in said or shown(cell) in said)), None)
    start = 0 if not column else max(0, min(column - _EXCERPT_COLUMNS // 2, len(wrong) - _EXCERPT_COLUMNS))
    columns = list(range(start, min(start + _EXCERPT_COLUMNS, max(len(wrong), len(header[1])))))
    return {
        "line": line,
        "column": None if column is None else column - start,
        "rows": [
            {"line": number, "cells": [cells[k][:60] if k < len(cells) else "" for k in columns]}
            for number, cells in (header, *shown_rows)
        ],
    }
