"""What a section of a reproduction shows; the template ``reproduction.html`` lays it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.report.formats import count
from evenhand.report.panels.columns import word
from evenhand.report.panels.figure import Figure, data
from evenhand.report.template import Table
from reproductions.pages.charts import Words, drawing
from reproductions.pages.claims import all_claims

if TYPE_CHECKING:
    from collections.abc import Mapping


def laid_out(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section of a document as its template reads it: question, figure, tables, claims, notes, failures."""
    failed = part.get("failed") or []
    return {
        "key": part["key"],
        "title": part["title"],
        "question": part.get("question"),
        "tables": [_table(each) for each in part.get("tables") or []],
        "claims": all_claims([part]),
        "notes": part.get("notes") or [],
        "failed": failed,
        "failures": count(len(failed), "trial"),
        "command": part.get("command"),
        **_figure(part),
    }


def _figure(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figure, or the data alone where none is asked for or the rows do not fit it."""
    rows, asked = part.get("rows") or [], part.get("figure") or {}
    name, title = part["key"], asked.get("title") or part["title"]
    alone = {"figure": None, "data": data(name, part["title"], rows), "complaint": ""}
    if not rows or not asked.get("chart"):
        return alone
    try:
        panels = drawing(asked["chart"]).panels(rows, Words(asked.get("x") or "", asked.get("y") or ""))
    except InputError as error:
        return {**alone, "data": data(name, title, rows), "complaint": f"Not drawn: {error}."}
    return {"figure": Figure(name, title, panels, asked.get("caption") or "", data(name, title, rows))}


def _table(each: Mapping[str, Any]) -> Table:
    cells = [[word(cell) for cell in row] for row in each.get("rows") or []]
    names = [str(name) for name in each["columns"]]
    texts = next((k for k in range(len(names)) if _are_numbers(each, k)), len(names))
    return Table(each.get("title") or "Table", names, cells, text_columns=max(1, texts))


def _are_numbers(each: Mapping[str, Any], k: int) -> bool:
    """Return whether a column looks like numbers, with or without intervals and units."""
    held = [str(row[k]).strip() for row in each.get("rows") or []]
    return bool(held) and all(not text or text[0].isdigit() or text[0] in "-−–+." for text in held)
