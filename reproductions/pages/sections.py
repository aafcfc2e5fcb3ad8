"""A section of a reproduction: question, figure, tables, claims, notes, what failed, and how to make it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.report.formats import count
from evenhand.report.html import bullets, escaped, paragraph, section, table
from evenhand.report.panels.columns import word
from evenhand.report.panels.figures import data, figure
from reproductions.pages import claims
from reproductions.pages.charts import Words, drawing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def section_html(part: Mapping[str, Any]) -> str:
    """Return a section of a document, as HTML."""
    name = f"section-{part['key']}"
    body = (
        paragraph(part["question"], "finding") if part.get("question") else "",
        _figure(part),
        *(_table(each) for each in part.get("tables") or []),
        claims.own(part.get("claims") or []),
        _notes(part.get("notes") or []),
        failed(part.get("failed") or []),
        command(part.get("command")),
    )
    return section(name, part["title"], *body)


def failed(lines: Sequence[str]) -> str:
    """Return the trials that failed, each with the last line of its trace."""
    if not lines:
        return ""
    listed = "".join(f"<li><code>{escaped(line)}</code></li>" for line in lines)
    return f'<h3>{escaped(count(len(lines), "trial"))} failed</h3><ul class="failed">{listed}</ul>'


def command(line: Any) -> str:
    """Return the command that makes something again."""
    return f"<h3>Make it again</h3><pre><code>{escaped(line)}</code></pre>" if line else ""


def _figure(part: Mapping[str, Any]) -> str:
    """Return the figure, or the data alone where none is asked for or the rows do not fit it."""
    rows, asked = part.get("rows") or [], part.get("figure")
    if not rows:
        return ""
    name, title = part["key"], part["title"]
    if not asked or not asked.get("chart"):
        return f'<div class="card">{data(name, title, rows)}</div>'
    title = asked.get("title") or title
    try:
        panels = drawing(asked["chart"]).panels(rows, Words(asked.get("x") or "", asked.get("y") or ""))
    except InputError as error:
        return f'<div class="card">{paragraph(f"Not drawn: {error}.", "finding")}{data(name, title, rows)}</div>'
    return figure(name, title, panels, asked.get("caption") or "", rows)


def _table(each: Mapping[str, Any]) -> str:
    cells = [[escaped(word(cell)) for cell in row] for row in each.get("rows") or []]
    title = each.get("title") or "Table"
    texts = next((k for k in range(len(each["columns"])) if _are_numbers(each, k)), len(each["columns"]))
    body = table(title, [str(name) for name in each["columns"]], cells, text_columns=max(1, texts))
    return f"<h3>{escaped(title)}</h3>{body}"


def _are_numbers(each: Mapping[str, Any], k: int) -> bool:
    """Tell whether a column looks like numbers, with or without intervals and units."""
    held = [str(row[k]).strip() for row in each.get("rows") or []]
    return bool(held) and all(not text or text[0].isdigit() or text[0] in "-−–+." for text in held)


def _notes(notes: Sequence[str]) -> str:
    return f"<h3>Notes</h3>{bullets(notes)}" if notes else ""
