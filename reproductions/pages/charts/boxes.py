"""Times as boxes, and single values as a strip: how many small numbers are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.report import page_libraries
from evenhand.report.panels import scales, series
from evenhand.report.panels.columns import distinct, first_of, label, named, needed, number, numbers, word
from evenhand.report.panels.drawing import described

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evenhand.report.panels.drawing import Panel, Rows, Words

QUARTILES = ("min", "q1", "median", "q3", "max")
_HEIGHT = 260
_STRIP = 44


def times(rows: Rows, words: Words) -> list[Panel]:
    """Draw boxes of seconds on a logarithmic axis for each level, a panel for each order.

    Columns: ``p, epsilon`` and either ``seconds`` (a row for each instance) or ``min, q1, median, q3, max``;
    ``published`` or ``published_median``.
    """
    needed(rows, ("median", "seconds"), "times")
    across = needed(rows, ("epsilon", "level", "x"), "times")
    boxes = _boxes(rows, across)
    smallest = min((value for box in boxes for value in _heights(box) if value > 0), default=1e-3)
    reach = [max(value, smallest) for box in boxes for value in _heights(box)]
    up = scales.domain(reach, log=True)
    orders = distinct(rows, "p") or [None]
    groups = [(order, [box for box in boxes if box["p"] == order]) for order in orders]
    return [
        _boxes_panel(group, named("p", order) if len(orders) > 1 else "", words, up, smallest)
        for order, group in groups
        if group
    ]


def _boxes(rows: Rows, across: str) -> list[dict[str, Any]]:
    """Return a box for each order and level, its quartiles computed where the rows have times only."""
    boxes = []
    for order in distinct(rows, "p") or [None]:
        for at in distinct(rows, across):
            group = [row for row in rows if row.get("p") == order and row.get(across) == at]
            five = _five(group)
            published = first_of(group, ("published", "published_median"))
            if five or published:
                theirs = float(np.median(numbers(group, published))) if published else None
                boxes.append({"p": order, "at": word(at), **dict.fromkeys(QUARTILES), **five, "published": theirs})
    return boxes


def _five(group: Rows) -> dict[str, float]:
    for row in group:
        if all(number(row.get(name)) is not None for name in QUARTILES):
            return {name: float(row[name]) for name in QUARTILES}
    seconds = numbers(group, "seconds")
    if not seconds:
        return {}
    return dict(zip(QUARTILES, map(float, np.quantile(seconds, [0.0, 0.25, 0.5, 0.75, 1.0])), strict=True))


def _heights(box: Mapping[str, Any]) -> list[float]:
    return [box[name] for name in (*QUARTILES, "published") if box[name] is not None]


def _boxes_panel(boxes: Sequence[dict[str, Any]], title: str, words: Words, up: list[float], smallest: float) -> Panel:
    alt = page_libraries.altair()
    # 0 cannot be drawn on a logarithmic axis: times below the clock's resolution are drawn at the smallest time.
    drawn = [
        {k: max(v, smallest) if isinstance(v, float) else v for k, v in box.items()}
        for box in boxes
        if box["median"] is not None
    ]
    base = alt.Chart(alt.InlineData(values=drawn))
    levels = [box["at"] for box in boxes]
    x_axis = alt.Axis(labelAngle=0, grid=False, labelOverlap=True)
    x = alt.X("at", type="nominal", sort=levels, title=words.x or label("epsilon"), axis=x_axis)
    y = scales.quantitative(alt, alt.Y, "median", words.y or "seconds (logarithmic)", up, log=True)

    tooltip = [alt.Tooltip("at", type="nominal", title=label("epsilon"))]
    tooltip += [alt.Tooltip(name, type="quantitative", title=label(name), format=".4~g") for name in QUARTILES]
    blue = "#0072B2"
    layers = [
        base.mark_rule(strokeWidth=1.5, color=blue).encode(x=x, y=scales.same(y, "min"), y2="q1"),
        base.mark_rule(strokeWidth=1.5, color=blue).encode(x=x, y=scales.same(y, "q3"), y2="max"),
        base.mark_bar(width={"band": 0.55}, color=blue, opacity=0.45, cornerRadius=2).encode(
            x=x, y=scales.same(y, "q1"), y2="q3", tooltip=tooltip
        ),
        base.mark_tick(style="share", thickness=2.5, width={"band": 0.55}).encode(x=x, y=y),
    ]
    theirs = [
        {"at": box["at"], "median": box["published"], "source": series.PUBLISHED}
        for box in boxes
        if box["published"] is not None
    ]
    if theirs:
        seen = [alt.Tooltip("median", type="quantitative", title="published median", format=".4~g")]
        point = alt.Chart(alt.InlineData(values=theirs)).mark_point(filled=False, size=95, strokeWidth=2, opacity=1)
        scale = alt.Scale(domain=[series.PUBLISHED], range=["diamond"])
        legend = series.legend(alt, ["published median"], labelExpr="'published median'", symbolSize=90)
        shape = alt.Shape("source", type="nominal", scale=scale, legend=legend)
        layers.append(point.encode(x=x, y=y, shape=shape, color=alt.value("#D55E00"), tooltip=seen))
    beside = ", beside published medians" if theirs else ""
    said = f"Boxes: quartiles of seconds at each fairness level, whiskers from least to most{beside}."
    return described(alt.layer(*layers), title, said, height=_HEIGHT)


def largest(rows: Rows, words: Words) -> list[Panel]:
    """Draw the largest attainable level of each instance as a tick, a strip for each order: ``p, epsilon``."""
    alt = page_libraries.altair()
    value = needed(rows, ("largest", "epsilon", "value"), "largest")
    strips = [word(order) for order in distinct(rows, "p")] or [""]
    marks = [
        {"strip": word(row["p"]) if row.get("p") is not None else "", "value": row[value]}
        for row in rows
        if number(row.get(value)) is not None
    ]
    ends = scales.domain([mark["value"] for mark in marks])
    # No level is above 1, but a tick at 1 needs its half.
    ends = [ends[0], min(ends[1], 1.0 + 0.02 * (1.0 - ends[0]))]
    x = scales.quantitative(alt, alt.X, "value", words.x or label("largest"), ends, grid=True)
    y = alt.Y("strip", type="nominal", sort=strips, title=words.y or label("p"), axis=alt.Axis(labelFontSize=13))
    tooltip = [
        alt.Tooltip("strip", type="nominal", title=label("p")),
        alt.Tooltip("value", type="quantitative", title=label("largest"), format=".6~f"),
    ]
    base = alt.Chart(alt.InlineData(values=marks))
    ticks = base.mark_tick(style="load", thickness=1.6, height={"band": 0.62}, opacity=0.55)
    middles = [
        {"strip": strip, "value": float(np.median([mark["value"] for mark in marks if mark["strip"] == strip]))}
        for strip in strips
        if any(mark["strip"] == strip for mark in marks)
    ]
    median = alt.Chart(alt.InlineData(values=middles)).mark_point(
        style="reached", filled=True, shape="diamond", size=110, opacity=1
    )
    layers = alt.layer(
        ticks.encode(x=x, y=y, tooltip=tooltip),
        median.encode(x=x, y=y, tooltip=[alt.Tooltip("value", type="quantitative", title="median", format=".6~f")]),
    )
    said = f"Ticks: {label('largest')} of each instance, for the orders {', '.join(strips)}; diamonds: medians."
    return [described(layers, "", said, height=_STRIP * len(strips) + 10)]
