"""A figure on a page: its panels, its caption, and the numbers behind it as a table and a CSV file."""

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
"""Upper limit on the rows listed on the page; the CSV file has them all."""
_DIGITS = 5
"""Significant digits of numbers in the table under a figure; the CSV file has all."""


class Data(NamedTuple):
    """The rows behind a figure.

    Attributes
    ----------
    name
        Name of the figure and of the CSV file.
    number
        Number of rows, in words.
    csv
        All rows, as :func:`encoded_csv` returns them.
    fewer
        A sentence on the rows that the table leaves out; empty if it has all.
    table
        The first rows.
    """

    name: str
    number: str
    csv: str
    fewer: str
    table: Table


class Figure(NamedTuple):
    """A figure, for the macro ``panels`` of the templates.

    Attributes
    ----------
    name
        Identifier, and prefix of the names of files that are saved from it.
    title
        What it shows.
    panels
        Its panels, at least one.
    caption
        Its caption.
    data
        The rows behind it; None if there are none.
    """

    name: str
    title: str
    panels: Sequence[Panel]
    caption: str
    data: Data | None


def data(name: str, title: str, rows: Rows) -> Data | None:
    """Return the rows behind a figure for its page; None if there are none."""
    if not rows:
        return None
    held = columns(rows)
    texts = [column for column in held if not is_numeric(rows, column)]
    # Columns of text first, then columns of numbers, each in their original order.
    ordered = [*texts, *(column for column in held if column not in texts)]
    cells = [[_cell(row, column) for column in ordered] for row in rows[:MOST_ROWS]]
    listed = Table(f"Data: {title}", [label(column) for column in ordered], cells, text_columns=len(texts))
    number = count(len(rows), "row")
    fewer = f"Listed are the first {MOST_ROWS} of {number}; the file has them all." if len(rows) > MOST_ROWS else ""
    return Data(name, number, encoded_csv(rows), fewer, listed)


def encoded_csv(rows: Rows) -> str:
    """Return the rows as a CSV file in base64, for a data URL."""
    return base64.b64encode(csv_text(rows).encode("utf-8")).decode("ascii")


def csv_text(rows: Rows) -> str:
    """Return rows as CSV, with all digits of numbers and empty cells for missing values."""
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
