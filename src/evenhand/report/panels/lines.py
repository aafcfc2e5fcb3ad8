"""Figures that are curves over one setting: prices, thresholds, profiles, and any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.report.panels.columns import columns, distinct, first_of, label, named, needed, number, word
from evenhand.report.panels.curves import Look, Point, curve_panels
from evenhand.report.panels.scales import spans_decades

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evenhand.report.panels.drawing import Panel, Rows, Words

VALUES = ("y", "mean", "value", "iqm", "median")
"""What the column of a long table's values may be called."""
SERIES = ("series", "method", "scenario", "p")
PANELS = ("facet", "panel", "measure")
_FACTOR = 1000.0


def lines(rows: Rows, words: Words) -> list[Panel]:
    """Draw curves of ``y`` (or ``mean``) over ``x``, with ``low``, ``high``, ``series``, ``facet``, ``published``."""
    x = needed(rows, ("x",), "lines")
    y = needed(rows, (*VALUES, "published"), "lines")
    points = long_points(rows, x, y, panel=first_of(rows, PANELS), series=first_of(rows, SERIES))
    return curve_panels(points, generic_look(points, words.x or label(x), words.y, y))


def price(rows: Rows, words: Words) -> list[Panel]:
    """Draw the price of fairness over the level, a curve for each order: ``p, epsilon, price, low, high``."""
    needed(rows, ("price", "published"), "price")
    x = needed(rows, ("epsilon", "level"), "price")
    points = long_points(rows, x, "price", panel=first_of(rows, PANELS), series=first_of(rows, ("p", "series")))
    return curve_panels(points, Look(words.x or label("epsilon"), words.y or label("price")))


def thresholds(rows: Rows, words: Words) -> list[Panel]:
    """Draw measures over the threshold that was asked for, one panel each, and what was asked beside Jain's index.

    Columns: ``tau``, then either ``measure``, ``mean``, ``low``, ``high``, ``published``, or for each measure columns
    such as ``jain``, ``jain_low``, ``jain_high``, ``jain_published``.
    """
    x = needed(rows, ("tau", "threshold", "x"), "thresholds")
    points = measured_points(rows, x, "thresholds")
    taus = [point.x for point in points]
    ends = [(min(taus), min(taus)), (max(taus), max(taus))]
    indices = {label("jain"), "jain", "index"}
    asked = {point.panel: ends for point in points if point.panel in indices and ends[0] != ends[1]}
    return curve_panels(points, Look(words.x or label("tau"), words.y, asked=asked))


def profiles(rows: Rows, words: Words) -> list[Panel]:
    """Draw performance profiles with their bands: ``method, score, share, low, high``, a panel for each ``measure``."""
    x = needed(rows, ("score", "threshold", "tau", "x"), "profiles")
    y = needed(rows, ("share", *VALUES), "profiles")
    points = long_points(rows, x, y, panel=first_of(rows, PANELS), series=first_of(rows, SERIES))
    title = "score" if x in ("x", "threshold", "tau") else label(x)
    return curve_panels(points, Look(words.x or title, words.y or label("share"), stepped=True))


def trace(rows: Rows, words: Words) -> list[Panel]:
    """Draw Jain's index and the multiplier over episodes, with the threshold in force.

    Columns: ``episode``, any of ``index`` (or ``jain``), ``multiplier``, ``success``, and ``threshold``.
    """
    x = needed(rows, ("episode", "episodes", "steps", "step", "x"), "trace")
    kept = [row for row in rows if number(row.get(x)) is not None]
    measures = [name for name in ("index", "jain", "success", "multiplier") if first_of(kept, [name])]
    needed(kept, measures or ("index", "multiplier"), "trace")
    by = first_of(kept, SERIES)
    points = [point for name in measures for point in _melted(kept, x, name, by)]
    at = first_of(kept, ("threshold", "tau"))
    steps = sorted({(float(row[x]), row[at]) for row in kept if number(row.get(at))}) if at else []
    asked = {label(name): steps for name in measures if name in ("index", "jain") and steps}
    return curve_panels(points, Look(words.x or label(x), words.y, asked=asked))


def long_points(rows: Rows, x: str, y: str, *, panel: str | None = None, series: str | None = None) -> list[Point]:
    """Return the points of a long table; rows without a number at `x`, or with nothing to draw there, are left out."""
    limits = ("low", "high") if f"{y}_low" not in columns(rows) else (f"{y}_low", f"{y}_high")
    return _ordered(rows, x, y, limits, "published", panel, series)


def measured_points(rows: Rows, x: str, figure: str, *, series: str | None = None) -> list[Point]:
    """Return the points of a table with one panel for each measure, whether measures are rows or columns.

    Raises
    ------
    InputError
        If no column holds an estimate.
    """
    by = series or first_of(rows, SERIES)
    panel = first_of(rows, PANELS)
    value = first_of(rows, VALUES)
    if value is not None and value not in wide_measures(rows):
        return long_points(rows, x, value, panel=panel, series=by)
    measures = wide_measures(rows)
    if not measures:
        raise InputError(f"the figure {figure!r} needs a column of values, such as 'mean'; it has {columns(rows)}")
    return [point for measure in measures for point in _melted(rows, x, measure, by)]


def wide_measures(rows: Rows) -> list[str]:
    """Return the columns that have interval columns of their own."""
    held = columns(rows)
    return [name for name in held if f"{name}_low" in held and f"{name}_high" in held]


def generic_look(points: Sequence[Point], x_title: str, y_title: str, y: str) -> Look:
    """Return the look of curves of which nothing is known but their numbers."""
    panels = {point.panel for point in points}
    heights = [[value for point in points if point.panel == panel for value in point.reach] for panel in panels]
    steep = all(min(group) > 0 and max(group) > _FACTOR * min(group) for group in heights)
    title = y_title or ("" if len(panels) > 1 and y in VALUES else label(y))
    return Look(x_title, title, log_x=spans_decades([point.x for point in points]), log_y=steep)


def _melted(rows: Rows, x: str, measure: str, series: str | None) -> list[Point]:
    published = first_of(rows, (f"{measure}_published", f"published_{measure}")) or ""
    named_rows = [{**row, "_panel": label(measure)} for row in rows]
    return _ordered(named_rows, x, measure, (f"{measure}_low", f"{measure}_high"), published, "_panel", series)


def _ordered(
    rows: Rows, x: str, y: str, limits: tuple[str, str], published: str, panel: str | None, series: str | None
) -> list[Point]:
    """Return points, panel by panel and series by series, in the order that names of numbers ask for."""
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
