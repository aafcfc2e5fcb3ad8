"""Choose a figure from the columns of the rows, so that a new section needs no code of its own for drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.report.panels.columns import columns, distinct, first_of, is_numeric, label, numbers
from evenhand.report.panels.curves import curve_panels
from evenhand.report.panels.intervals import intervals
from evenhand.report.panels.points import PANELS, VALUES, generic_look, long_points, wide_measures
from reproductions.pages.charts.lines import measured_points

if TYPE_CHECKING:
    from evenhand.report.panels.drawing import Panel, Rows, Words

ACROSS = ("x", "epsilon", "tau", "threshold", "episode", "episodes", "steps", "time", "n", "agents", "tasks")
"""Columns that an axis is likely to be."""
_LIMITS = {"low", "high", "published", "seeds", "instances", "number", "seed"}
_MOST = 8


def guessed(rows: Rows, words: Words) -> list[Panel]:
    """Draw what the columns suggest: curves over the first setting of numbers, points with intervals without one.

    The values are ``y``, ``mean``, ... or columns with ``_low`` and ``_high`` of their own, else the last column of
    numbers; texts of few kinds make series and panels.

    Raises
    ------
    InputError
        If the rows hold no numbers.
    """
    measures = wide_measures(rows)
    value = first_of(rows, VALUES)
    numeric = [name for name in columns(rows) if is_numeric(rows, name) and not _is_limit(name)]
    if value is None and not measures:
        if not numeric:
            raise InputError("no column holds numbers; there is nothing to draw")
        value = numeric[-1]
    x = _across(rows, [name for name in numeric if name != value and name not in measures])
    texts = [
        name
        for name in columns(rows)
        if name not in (x, value) and not is_numeric(rows, name) and 1 < len(distinct(rows, name)) <= _MOST
    ]
    panel = first_of(rows, PANELS)
    series = next((name for name in texts if name != panel), None)
    panel = panel or next((name for name in texts if name != series), None)
    if x is None:
        return intervals([{**row, "measure": row.get(panel) if panel else None} for row in rows], words)
    if value is None:
        points = measured_points(rows, x, "lines", series=series)
    else:
        points = long_points(rows, x, value, panel=panel, series=series)
    return curve_panels(points, generic_look(points, words.x or label(x), words.y, value or "y"))


def _across(rows: Rows, candidates: list[str]) -> str | None:
    known = [name for name in ACROSS if name in candidates]
    return next((name for name in (*known, *candidates) if len(set(numbers(rows, name))) > 1), None)


def _is_limit(name: str) -> bool:
    return name in _LIMITS or name.endswith(("_low", "_high")) or "published" in name
