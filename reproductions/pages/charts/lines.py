"""Figures that are curves over one setting: prices, thresholds, profiles, and any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.report.panels.columns import columns, first_of, label, needed, number
from evenhand.report.panels.curves import Look, Point, curve_panels
from evenhand.report.panels.points import PANELS, VALUES, generic_look, long_points, ordered, wide_measures

if TYPE_CHECKING:
    from evenhand.report.panels.drawing import Panel, Rows, Words

SERIES = ("series", "method", "scenario", "p")


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


def _melted(rows: Rows, x: str, measure: str, series: str | None) -> list[Point]:
    published = first_of(rows, (f"{measure}_published", f"published_{measure}")) or ""
    named_rows = [{**row, "_panel": label(measure)} for row in rows]
    return ordered(named_rows, x, measure, (f"{measure}_low", f"{measure}_high"), published, "_panel", series)
