"""A figure on a page: its panels, its caption, and the numbers behind it, to read and to take along."""

from __future__ import annotations

import base64
import csv
import io
from typing import TYPE_CHECKING, Any

from evenhand.report.formats import NARROW_SPACE, count, plain
from evenhand.report.html import embedded_json, escaped, exact, folded, paragraph, table
from evenhand.report.panels.columns import columns, is_numeric, label, word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evenhand.report.panels.drawing import Panel, Rows

MOST_ROWS = 400
"""More rows than this, and the page lists the first ones only; the file to take along has them all."""
_DIGITS = 5


def figure(name: str, title: str, panels: Sequence[Panel], caption: str, rows: Rows) -> str:
    """Return a figure with its title, its panels, its caption and its data.

    Parameters
    ----------
    name
        Identifier, and the beginning of the names of files that are saved from it.
    title
        What it shows.
    panels
        At least one.
    caption
        Text.
    rows
        The data.
    """
    grid = {1: "single", 2: "pair", 4: "pair"}.get(len(panels), "trio")
    drawn = "".join(
        _panel(panel, f"{name}-{k}" if len(panels) > 1 else name) for k, panel in enumerate(panels, start=1)
    )
    note = paragraph(caption) if caption else ""
    return (
        f'<figure class="card" id="figure-{escaped(name)}" aria-labelledby="figure-{escaped(name)}-title">'
        f'<p class="figure-title" id="figure-{escaped(name)}-title">{escaped(title)}</p>'
        f'<div class="{grid}">{drawn}</div><figcaption>{note}{data(name, title, rows)}</figcaption></figure>'
    )


def data(name: str, title: str, rows: Rows) -> str:
    """Return the numbers, folded, with a link that saves them all; nothing where there are none."""
    if not rows:
        return ""
    held = columns(rows)
    texts = [column for column in held if not is_numeric(rows, column)]
    # Names first, and numbers after them, each in the order of the document.
    ordered = [*texts, *(column for column in held if column not in texts)]
    shown = rows[:MOST_ROWS]
    cells = [[_cell(row, column) for column in ordered] for row in shown]
    listed = table(f"Data: {title}", [label(column) for column in ordered], cells, text_columns=len(texts))
    fewer = (
        paragraph(f"Listed are the first {MOST_ROWS} of {count(len(rows), 'row')}; the file has them all.", "aside")
        if len(rows) > MOST_ROWS
        else ""
    )
    return folded(f"The numbers ({count(len(rows), 'row')})", csv_link(name, rows) + fewer + listed)


def csv_link(name: str, rows: Rows) -> str:
    """Return a link that saves the rows as a CSV file, which the page itself holds."""
    encoded = base64.b64encode(csv_text(rows).encode("utf-8")).decode("ascii")
    file = f"evenhand-{name}.csv"
    return (
        f'<p class="aside"><a class="csv" download="{escaped(file)}" '
        f'href="data:text/csv;charset=utf-8;base64,{encoded}">Save as CSV</a></p>'
    )


def csv_text(rows: Rows) -> str:
    """Return rows as CSV: numbers that read back bit for bit, nothing for what is missing."""
    held = columns(rows)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(held)
    writer.writerows([["" if row.get(name) is None else row[name] for name in held] for row in rows])
    return stream.getvalue()


def _panel(panel: Panel, name: str) -> str:
    heading = f'<p class="panel-title">{escaped(panel.title)}</p>' if panel.title else ""
    return (
        f'<div class="panel">{heading}<div class="chart" data-name="{escaped(name)}"></div>'
        f'<script type="application/json">{embedded_json(panel.specification())}</script></div>'
    )


def _cell(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return escaped(word(value))
    if isinstance(value, int) or float(value).is_integer():
        return exact(value, f"{int(value):,}".replace(",", NARROW_SPACE).replace("-", "−"))
    return exact(value, plain(value, _DIGITS))
