"""A figure on a page: its panels, its caption, and the numbers behind it, to read and to take along."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from evenhand.report.formats import NARROW_SPACE, count, plain
from evenhand.report.panels.columns import columns, is_numeric, label, word
from evenhand.report.panels.drawing import Panel, Rows
from evenhand.report.template import Exact, Table

MOST_ROWS = 400
"""More rows than this, and the page lists the first ones only; the file to take along has them all."""
_DIGITS = 5


class Data(NamedTuple):
    """The rows behind a figure.

    Attributes
    ----------
    name
        Of the figure, and of the file that is saved.
    number
        How many rows there are, in words.
    csv
        All of them, as :func:`encoded_csv` returns them.
    fewer
        What the table leaves out, in words; empty where it has all.
    table
        The first of them.
    """

    name: str
    number: str
    csv: str
    fewer: str
    table: Table


class Figure(NamedTuple):
    """What the macro ``panels`` of the templates lays out.

    Attributes
    ----------
    name
        Identifier, and the beginning of the names of files that are saved from it.
    title
        What it shows.
    panels
        At least one.
    caption
        Text.
    data
        The rows behind it; None where there are none.
    """

    name: str
    title: str
    panels: Sequence[Panel]
    caption: str
    data: Data | None


def data(name: str, title: str, rows: Rows) -> Data | None:
    """Return the rows behind the figure `name` for its page; None where there are none."""
    if not rows:
        return None
    held = columns(rows)
    texts = [column for column in held if not is_numeric(rows, column)]
    # Names first, and numbers after them, each in the order of the document.
    ordered = [*texts, *(column for column in held if column not in texts)]
    cells = [[_cell(row, column) for column in ordered] for row in rows[:MOST_ROWS]]
    listed = Table(f"Data: {title}", [label(column) for column in ordered], cells, text_columns=len(texts))
    number = count(len(rows), "row")
    fewer = f"Listed are the first {MOST_ROWS} of {number}; the file has them all." if len(rows) > MOST_ROWS else ""
    return Data(name, number, encoded_csv(rows), fewer, listed)


def encoded_csv(rows: Rows) -> str:
    """Return the rows as a CSV file, in base64 for an address that holds it."""
    return base64.b64encode(csv_text(rows).encode("utf-8")).decode("ascii")


def csv_text(rows: Rows) -> str:
    """Return rows as CSV: numbers that read back bit for bit, nothing for what is missing."""
    held = columns(rows)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(held)
    writer.writerows([["" if row.get(name) is None else row[name] for name in held] for row in rows])
    return stream.getvalue()


def _cell(row: Mapping[str, Any], column: str) -> str | Exact:
    value = row.get(column)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return word(value)
    if isinstance(value, int) or float(value).is_integer():
        return Exact(value, f"{int(value):,}".replace(",", NARROW_SPACE).replace("-", "−"))
    return Exact(value, plain(value, _DIGITS))
