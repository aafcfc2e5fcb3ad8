"""Convert the rows of a long table to points of curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evenhand.report.panels.columns import columns, distinct, label, named, number, word
from evenhand.report.panels.curves import Look, Point
from evenhand.report.panels.drawing import Rows
from evenhand.report.panels.scales import spans_decades

VALUES = ("y", "mean", "value", "iqm", "median")
"""Names that the column of values in a long table may have."""
PANELS = ("facet", "panel", "measure")
"""Names that the column of panels in a long table may have."""
_FACTOR = 1000.0
"""Ratio of the largest to the least value in every panel above which the vertical axis is logarithmic."""


def long_points(rows: Rows, x: str, y: str, *, panel: str | None = None, series: str | None = None) -> list[Point]:
    """Return the points of a long table, without rows that have no number in column `x` or nothing to draw."""
    limits = ("low", "high") if f"{y}_low" not in columns(rows) else (f"{y}_low", f"{y}_high")
    return ordered(rows, x, y, limits, "published", panel, series)


def wide_measures(rows: Rows) -> list[str]:
    """Return the columns that are accompanied by columns of interval limits."""
    held = columns(rows)
    return [name for name in held if f"{name}_low" in held and f"{name}_high" in held]


def generic_look(points: Sequence[Point], x_title: str, y_title: str, y: str) -> Look:
    """Return an appearance that suits the values; axes are logarithmic if they span several orders of magnitude."""
    panels = {point.panel for point in points}
    heights = [[value for point in points if point.panel == panel for value in point.reach] for panel in panels]
    steep = all(min(group) > 0 and max(group) > _FACTOR * min(group) for group in heights)
    title = y_title or ("" if len(panels) > 1 and y in VALUES else label(y))
    return Look(x_title, title, log_x=spans_decades([point.x for point in points]), log_y=steep)


def ordered(
    rows: Rows, x: str, y: str, limits: tuple[str, str], published: str, panel: str | None, series: str | None
) -> list[Point]:
    """Return the points by panel, series and `x`; panels and series are in the order of :func:`distinct`."""
    ranks = {name: distinct(rows, name) for name in (panel, series) if name is not None}

    def rank(row: Mapping[str, Any], name: str | None) -> int:
        return 0 if name is None or row.get(name) is None else ranks[name].index(row[name])

    kept = [row for row in rows if number(row.get(x)) is not None]
    kept.sort(key=lambda row: (rank(row, panel), rank(row, series), float(row[x])))
    points = [
        Point(
            _name(row, panel),
            _name(row, series),
            float(row[x]),
            number(row.get(y)),
            number(row.get(limits[0])),
            number(row.get(limits[1])),
            number(row.get(published)),
        )
        for row in kept
    ]
    return [point for point in points if point.reach]


def _name(row: Mapping[str, Any], column: str | None) -> str:
    if column is None:
        return ""
    if column in (*PANELS, "_panel", "series", "method", "scenario"):
        value = row.get(column)
        return label(value) if isinstance(value, str) else word(value)
    return named(column, row.get(column))
