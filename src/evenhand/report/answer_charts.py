"""Charts of answers and frontiers: loads, the price of fairness, dispersion and its bounds, and the map.

Each function returns an Altair chart, which a notebook displays and :func:`save_chart` writes as PNG or SVG.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.fairness import Frontier
from evenhand.report import formats, page_libraries, palette
from evenhand.report.chart_rows import LoadRow, asks_something, load_rows, measured, price_rows, series_name
from evenhand.report.dispersion_chart import dispersion_chart
from evenhand.report.map import map_chart
from evenhand.report.units import Units, headed
from evenhand.visible import visible_texts

if TYPE_CHECKING:
    from evenhand.assignment.assignment_result import Assignment

__all__ = ["dispersion_chart", "loads_chart", "map_chart", "price_chart", "save_chart"]

MOST_BARS = 40
"""Upper limit on the agents drawn; of more, those with the largest and the smallest loads are drawn."""

_ROW_HEIGHT, _NARROW_ROW_HEIGHT = 34, 22
"""Height of a bar with the space below it in pixels, and its height if there are more than `_MANY_BARS`."""
_MANY_BARS = 14
"""Upper limit on the bars that have the full height."""
# On narrow screens, names are shortened to leave room for the bars.
_LABEL_LIMIT = {"expr": "containerSize()[0] < 520 ? 116 : 240"}
"""Width at which the name of an agent is cut, pixels, less in a narrow window (Vega expression)."""
_PAPER_WIDTH = 720
"""Width in pixels of a chart in a file, which has no window to fill."""


def loads_chart(answer: Assignment) -> Any:
    """Draw each agent's load as a bar, with its fair share (tick) and the range that the rule allows it (band).

    Parameters
    ----------
    answer
        An answer with an assignment.

    Returns
    -------
    altair.LayerChart
        The chart, with the agent that exceeds its fair share most at the top. Of more than 40 agents, only the first
        and the last 20 are drawn.

    Raises
    ------
    MissingExtraError
        If Altair is not installed.
    """
    return chart_of_loads(load_rows(answer), Units())


def chart_of_loads(rows: Sequence[LoadRow], units: Units) -> Any:
    """Draw the rows of :func:`~evenhand.report.chart_rows.load_rows`; see :func:`loads_chart`.

    The part that was carried before is shaded, and a ring marks the load in the cheapest plan, where these are known.
    """
    alt = page_libraries.altair()
    shown = rows if len(rows) <= MOST_BARS else [*rows[: MOST_BARS // 2], *rows[-MOST_BARS // 2 :]]
    banded = asks_something(rows)
    reach = _reach(shown, banded)
    base = alt.Chart(alt.InlineData(values=[_bar(row, reach, units) for row in shown]))
    agent = alt.Y("agent:N", sort=None, title=None, axis=alt.Axis(labelFontSize=13, labelLimit=_LABEL_LIMIT))
    scale = alt.Scale(domain=[0, reach], nice=False)
    load = alt.X("load:Q", scale=scale, title=headed("load", units.load), axis=alt.Axis(tickCount=5, labelFlush=True))
    tooltip = [
        alt.Tooltip("agent:N", title="agent"),
        alt.Tooltip("load:Q", title="load", format=",.4~f"),
        alt.Tooltip("share:Q", title="fair share", format=",.4~f"),
        alt.Tooltip("allowed:N", title="allowed"),
        alt.Tooltip("tasks:Q", title="tasks"),
    ]
    carries, compared = any(row.carried > 0.0 for row in shown), any(row.cheapest is not None for row in shown)
    if carries:
        tooltip.append(alt.Tooltip("carried:Q", title="from before", format=",.4~f"))
    if compared:
        tooltip.append(alt.Tooltip("cheapest:Q", title="in the cheapest plan", format=",.4~f"))
    band = base.mark_rect(style="band", clip=True, aria=False).encode(
        y=agent, x=alt.X("low:Q", scale=scale), x2="band_end"
    )
    bars = base.mark_bar(style="load", height={"band": 0.46}, cornerRadiusEnd=3).encode(
        y=agent, x=load, tooltip=tooltip
    )
    ticks = base.mark_tick(style="share", thickness=2, aria=False, height={"band": 1}).encode(
        y=agent, x=alt.X("share:Q", scale=scale)
    )
    # The notes are in a separate column to the right, where they cannot overlap a bar on a narrow screen.
    notes = base.mark_text(align="left", dx=10, style="note").encode(
        y=agent, x=alt.value("width"), text=alt.Text("note:N")
    )
    before = base.mark_bar(style="carried", height={"band": 0.46}, aria=False).encode(
        y=agent, x=alt.X("carried:Q", scale=scale)
    )
    rings = base.mark_point(style="cheapest", size=46, filled=False, strokeWidth=1.6, clip=True, aria=False).encode(
        y=agent, x=alt.X("cheapest:Q", scale=scale)
    )
    present = ((band, banded), (bars, True), (before, carries), (ticks, True), (rings, compared), (notes, True))
    layers = [layer for layer, drawn in present if drawn]
    row_height = _ROW_HEIGHT if len(shown) <= _MANY_BARS else _NARROW_ROW_HEIGHT
    chart = alt.layer(*layers).properties(width="container", height=row_height * len(shown))
    return palette.finished(
        chart, f"Bars: load of each of {formats.count(len(shown), 'agent')} against its fair share."
    )


def _reach(rows: Sequence[LoadRow], banded: bool) -> float:
    """Return the end of the axis, which includes all loads, and the bands unless they extend much further."""
    longest = max((max(row.load, row.share, row.cheapest or 0.0) for row in rows), default=0.0)
    edge = max((row.high for row in rows), default=0.0) if banded else 0.0
    furthest = max(longest, min(edge, 1.25 * longest))
    return 1.04 * furthest if furthest > 0 else 1.0


def _bar(row: LoadRow, reach: float, units: Units) -> dict[str, Any]:
    allowed = f"{formats.quantity(row.low)} to {units.loads(row.high)}"
    return {
        "agent": row.agent,
        "load": row.load,
        "share": row.share,
        "low": row.low,
        "band_end": min(row.high, reach),
        "allowed": allowed,
        "tasks": row.tasks,
        "carried": row.carried,
        "cheapest": row.cheapest,
        "note": formats.signed_percent(row.excess),
    }


def price_chart(frontiers: Sequence[Frontier]) -> Any:
    """Draw the extra cost of each level of fairness over the cheapest assignment, with a curve for each order p.

    Parameters
    ----------
    frontiers
        Frontiers of the same measure, at least one.

    Returns
    -------
    altair.LayerChart
        The chart, with stricter levels further right. A whisker extends down to the proven bound; a cross at the upper
        edge marks a level that is proven impossible.

    Raises
    ------
    InputError
        If there is no frontier, or if they belong to different measures.
    MissingExtraError
        If Altair is not installed.
    """
    alt = page_libraries.altair()
    measures = sorted({frontier.measure for frontier in frontiers})
    if len(measures) != 1:
        raise InputError(f"frontiers of {measures or 'no measure'}: a price chart takes one measure at a time")
    rows = [row for row in price_rows(frontiers) if row["cost"] is not None or row["status"] == "infeasible"]
    relative = all(row["price"] is not None for row in rows if row["cost"] is not None)
    cost, extra = ("profit", "lost profit") if frontiers[0].maximise else ("cost", "extra cost")
    value, title = ("price", extra) if relative else ("cost", cost)
    base = alt.Chart(alt.InlineData(values=rows))
    x = _level_axis(alt, frontiers)
    y_axis = alt.Axis(tickCount=5, format="~%") if relative else alt.Axis(tickCount=5, format="~s")
    y = alt.Y(value, type="quantitative", title=title, scale=alt.Scale(zero=relative), axis=y_axis)
    names = [series_name(frontier) for frontier in frontiers]
    colour, dash, shape = _series(alt, names)
    tooltip = _price_tooltip(alt, cost, extra)
    solved = base.transform_filter("datum.cost !== null")
    lines = solved.mark_line(strokeWidth=2, interpolate="monotone").encode(x=x, y=y, color=colour, strokeDash=dash)
    points = solved.mark_point(filled=True, size=70, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape, tooltip=tooltip
    )
    whiskers = solved.mark_rule(strokeWidth=1.5).encode(
        x=x, y=y, y2="price_bound" if relative else "bound", color=colour
    )
    refused = base.transform_filter("datum.cost === null").mark_text(text="✕", fontSize=14, dy=2, baseline="top")
    crosses = refused.encode(x=x, y=alt.value(0), color=colour, tooltip=tooltip)
    chart = alt.layer(lines, whiskers, points, crosses).properties(width="container", height=320)
    return palette.finished(chart, f"Curves: {title} against the level of fairness, for {', '.join(names)}.")


def _level_axis(alt: Any, frontiers: Sequence[Frontier]) -> Any:
    levels = [point.parameter for frontier in frontiers for point in frontier.points]
    first, last = frontiers[0].points[0].parameter, frontiers[0].points[-1].parameter
    title = (
        "fairness level ε asked for" if frontiers[0].measure == "epsilon" else f"{measured(frontiers[0])}, asked for"
    )
    margin = 0.03 * (max(levels) - min(levels) or 1.0)
    scale = alt.Scale(domain=[min(levels) - margin, max(levels) + margin], nice=False, reverse=last < first)
    return alt.X("level:Q", title=title, scale=scale, axis=alt.Axis(tickCount=6, grid=False))


def _series(alt: Any, names: list[str]) -> tuple[Any, Any, Any]:
    legend = alt.Legend(title=None, orient="top", symbolSize=90, symbolStrokeWidth=0, columns=5)
    field: dict[str, Any] = {"shorthand": "series", "type": "nominal", "sort": None, "legend": legend}
    number = len(names)
    return (
        alt.Color(scale=alt.Scale(domain=names, range=palette.colours(number)), **field),
        alt.StrokeDash(scale=alt.Scale(domain=names, range=palette.dashes(number)), **field),
        alt.Shape(scale=alt.Scale(domain=names, range=palette.shapes(number)), **field),
    )


def _price_tooltip(alt: Any, cost: str, extra: str) -> list[Any]:
    return [
        alt.Tooltip("series:N", title="order"),
        alt.Tooltip("level:Q", title="level asked"),
        alt.Tooltip("status:N", title="status"),
        alt.Tooltip("cost:Q", title=cost, format=",.4~f"),
        alt.Tooltip("bound:Q", title="proven bound", format=",.4~f"),
        alt.Tooltip("price:Q", title=extra, format=".3~%"),
        alt.Tooltip("cv:Q", title="CV reached", format=".4~f"),
    ]


def save_chart(chart: Any, path: str | Path) -> Path:
    """Write a chart as a picture for documents.

    Parameters
    ----------
    chart
        A chart of this module.
    path
        The file to write; its name ends in ``.png`` (at twice the screen resolution) or ``.svg``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If the name has another ending.
    MissingExtraError
        If vl-convert is not installed.
    """
    target = Path(path)
    if target.suffix.lower() not in {".png", ".svg"}:
        raise InputError(f"{target.name}: a picture's name ends in .png or .svg")
    spec = visible_texts(chart.to_dict())
    if spec.get("width") == "container":
        spec["width"] = _PAPER_WIDTH
        aspect = spec.get("usermeta", {}).get("aspect")
        spec["height"] = spec["height"] if aspect is None else math.ceil(_PAPER_WIDTH * aspect)
    target.write_bytes(page_libraries.picture(spec, target.suffix.lower()))
    return target
