"""A file as it was dropped on the page, and the part of it around a cell with a problem."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from evenhand.errors import InputError, RemediedError
from evenhand.tables import Reading
from evenhand.tables.cost_table import shown
from evenhand.tables.split_rows import read_rows

PLAIN = Reading(lenient=True)
"""How a file is read of which the user says nothing."""

MOST_REMEDIES = 12
"""Upper limit on the buttons that offer a remedy."""

_EXCERPT_ROWS, _EXCERPT_COLUMNS = 5, 6
"""Size of the part of a file that is shown around a cell with a problem."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was dropped: its name as the user knows it, its bytes, and what the user says about it."""

    name: str
    body: bytes = field(repr=False)
    reading: Reading = PLAIN

    @contextmanager
    def file(self) -> Iterator[Path]:
        """Put the bytes into a temporary file of the same ending, and name the file of the user in messages."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"table{Path(self.name).suffix[:10]}")
            path.write_bytes(self.body)
            try:
                yield path
            except InputError as error:
                said = str(error).replace(str(path), self.name)
                raise RemediedError(said, *getattr(error, "remedies", ())) from None

    def head(self) -> tuple[int, list[list[str]]]:
        """Return the number of columns of a text, and its first rows; (0, []) for what is no text."""
        try:
            cells = [list(row) for _, row in islice(read_rows(self.body, self.name), 3)]
        except InputError:
            return 0, []
        return max(map(len, cells), default=0), [[str(cell) for cell in row] for row in cells]


def remedies(error: InputError) -> list[dict[str, Any]]:
    """Return what the user may say so that a file can be read: `words` of a button, and fields of `reading`."""
    given: list[dict[str, Any]] = [*getattr(error, "remedies", ())]
    if "--decimal . or --decimal ," in str(error):
        given = [{"decimal": ","}, {"decimal": "."}]
    return [in_words(one) for one in given[:MOST_REMEDIES]]


def without_options(error: InputError, offered: Sequence[Any]) -> str:
    """Return the message of an error without options of the command line, where buttons are offered instead."""
    said = str(error)
    return (
        re.sub(r"; (--|give the decimal separator|choose one with).*", "", said, flags=re.DOTALL) if offered else said
    )


def in_words(remedy: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the user may say with the `words` of its button."""
    return {"words": _words(remedy), "reading": remedy}


def _words(remedy: Mapping[str, Any]) -> str:
    (said, value), *_ = remedy.items()
    if said in ("ignore_rows", "ignore_columns"):
        kind = said.removeprefix("ignore_")
        return f"Leave out the {kind if len(value) > 1 else kind.removesuffix('s')} {', '.join(map(shown, value))}"
    if said == "decimal":
        return "It has decimal commas: 7,5" if value == "," else "It has decimal points: 7.5"
    if said == "tasks_as":
        return "Each row is a task" if value == "rows" else "Each row is an agent"
    return f"Take the sheet {shown(value)}"


def read_so(reading: Reading, said: Mapping[str, Any]) -> Reading:
    """Return how a file is to be read, with what the user says besides.

    Raises
    ------
    InputError
        If that is nothing that can be said.
    """
    kept = {name: value for name, value in said.items() if value is not None}
    for name in ("ignore_rows", "ignore_columns"):
        if name in kept:
            kept[name] = (*getattr(reading, name), *map(str, kept[name]))
    if not kept.keys() <= {"ignore_rows", "ignore_columns", "decimal", "sheet", "tasks_as"}:
        raise InputError(f"{shown(', '.join(kept))} cannot be said about a file")
    return replace(reading, **kept)


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
