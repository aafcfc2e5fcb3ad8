"""The coefficient of variation against the level, below what the level guarantees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evenhand.report import page_libraries
from evenhand.report.panels import scales, series
from evenhand.report.panels.columns import distinct, label, named, needed, number, numbers
from evenhand.report.panels.curves import points_chart
from evenhand.report.panels.drawing import described

if TYPE_CHECKING:
    from evenhand.report.panels.drawing import Panel, Rows, Words

BOUNDS = {"bound_paper": [2, 3], "bound_interpolated": [8, 4], "bound_sharp": [1, 0]}
"""Columns of the three bounds, the weakest first, with the dash of each."""
_HEIGHT = 260


def cv(rows: Rows, words: Words) -> list[Panel]:
    """Draw the CV over the level, a panel for each order, with up to three bounds.

    Columns: ``p, epsilon, cv, low, high, published`` and ``bound_paper, bound_interpolated, bound_sharp``, of which any
    may be missing; rows of bounds alone, without a CV, make the curves smooth.
    """
    needed(rows, ("cv",), "cv")
    needed(rows, ("epsilon",), "cv")
    orders = distinct(rows, "p") or [None]
    held = [name for name in ("cv", "low", "high", "published", *BOUNDS) if numbers(rows, name)]
    # A bound above every possible CV would squeeze everything else against the axis.
    seen = [
        value for name in held if name not in ("bound_paper", "bound_interpolated") for value in numbers(rows, name)
    ]
    up = scales.domain([0.0, *seen])
    panels = []
    for order in orders:
        group = [row for row in rows if row.get("p") == order and number(row.get("epsilon")) is not None]
        title = named("p", order) if len(orders) > 1 else ""
        panels.append(_panel(sorted(group, key=lambda row: float(row["epsilon"])), title, words, up))
    return panels


def _panel(rows: Rows, title: str, words: Words, up: list[float]) -> Panel:
    alt = page_libraries.altair()
    x = scales.quantitative(alt, alt.X, "x", words.x or label("epsilon"), [0.0, 1.0])
    y = scales.quantitative(alt, alt.Y, "y", words.y or label("cv"), up)
    ours = [_row(row, "cv", series.OURS) for row in rows if number(row.get("cv")) is not None]
    theirs = [_row(row, "published", series.PUBLISHED) for row in rows if number(row.get("published")) is not None]
    colour = series.source_colour(alt) if theirs else alt.value("#D55E00")
    shape = series.source(alt, compared=bool(theirs))
    tooltip = [
        alt.Tooltip("x", type="quantitative", title=label("epsilon")),
        alt.Tooltip("y", type="quantitative", title=label("cv"), format=".4~f"),
        alt.Tooltip("interval", type="nominal", title="interval"),
    ]
    mark = {"color": colour, "shape": shape, "tooltip": tooltip}
    layers = [*_bounds(rows, x, y), *_whiskers(ours, x, y, colour), points_chart(ours, x, y, filled=True, **mark)]
    if theirs:
        layers.append(points_chart(theirs, x, y, filled=False, **mark))
    said = "Points: coefficient of variation against the fairness level; curves: what the level guarantees."
    return described(alt.layer(*layers), title, said, height=_HEIGHT)


def _bounds(rows: Rows, x: Any, y: Any) -> list[Any]:
    alt = page_libraries.altair()
    held = [name for name in BOUNDS if numbers(rows, name)]
    if not held:
        return []
    places = [
        {"x": row["epsilon"], "y": row[name], "bound": label(name)}
        for name in held
        for row in rows
        if number(row.get(name)) is not None
    ]
    names = [label(name) for name in held]
    scale = alt.Scale(domain=names, range=[BOUNDS[name] for name in held])
    legend = series.legend(alt, names, symbolSize=260, symbolStrokeWidth=2)
    dash = alt.StrokeDash("bound", type="nominal", sort=None, scale=scale, legend=legend)
    base = alt.Chart(alt.InlineData(values=places))
    lines = base.mark_line(style="bound", strokeWidth=1.75, clip=True).encode(x=x, y=y, strokeDash=dash)
    if "bound_sharp" not in held:
        return [lines]
    # What can happen at a level lies below the sharp bound: shaded.
    sharp = alt.Chart(alt.InlineData(values=[place for place in places if place["bound"] == label("bound_sharp")]))
    return [sharp.mark_area(style="possible", clip=True, aria=False).encode(x=x, y=y), lines]


def _whiskers(ours: list[dict[str, Any]], x: Any, y: Any, colour: Any) -> list[Any]:
    alt = page_libraries.altair()
    measured = [row for row in ours if row["low"] is not None and row["high"] is not None]
    if not measured:
        return []
    low = scales.same(y, "low")
    rules = alt.Chart(alt.InlineData(values=measured)).mark_rule(strokeWidth=2, opacity=0.75, clip=True)
    return [rules.encode(x=x, y=low, y2="high", color=colour)]


def _row(row: Any, column: str, source: str) -> dict[str, Any]:
    low, high = (number(row.get("low")), number(row.get("high"))) if source == series.OURS else (None, None)
    shown = "" if low is None or high is None else f"{low:.4g} to {high:.4g}"
    return {"x": row["epsilon"], "y": row[column], "low": low, "high": high, "source": source, "interval": shown}
