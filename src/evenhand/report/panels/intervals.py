"""Draw points with intervals, one row per method, to show which methods differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.report import page_libraries
from evenhand.report.panels import scales, series
from evenhand.report.panels.columns import distinct, first_of, label, needed, number, word
from evenhand.report.panels.drawing import Panel, Rows, Words, described
from evenhand.report.panels.points import PANELS, VALUES, wide_measures

METHODS = ("method", "series", "name", "agent", "scenario", "team", "p")
"""Columns of a long table that may name the rows of the chart; the first of them that is there does."""
_ROW, _FRAME = 34, 20
"""Height of a row, and of what surrounds all rows, pixels."""
_LABEL_LIMIT = {"expr": "containerSize()[0] < 520 ? 120 : 240"}
"""Width at which the name of a row is cut, pixels, less in a narrow window (Vega expression)."""


@dataclass(frozen=True)
class _Mark:
    panel: str
    method: str
    value: float | None
    low: float | None
    high: float | None
    published: float | None
    runs: tuple[float, ...] = ()

    @property
    def reach(self) -> list[float]:
        return [x for x in (self.value, self.low, self.high, self.published, *self.runs) if x is not None]


def intervals(rows: Rows, words: Words) -> list[Panel]:
    """Draw a panel for each measure, with a point and an interval for each method.

    Parameters
    ----------
    rows
        Rows with the columns ``measure``, ``method``, ``mean``, ``low``, ``high`` and perhaps ``published``; or with
        columns for each measure, such as ``jain``, ``jain_low``, ``jain_high`` and ``jain_published``. A column
        ``runs`` with lists of numbers is drawn as small dots.
    words
        Titles of the axes.
    """
    by = needed(rows, METHODS, "intervals")
    names = [word(value) for value in distinct(rows, by)]
    marks = _marks(rows, by)
    groups = {panel: [mark for mark in marks if mark.panel == panel] for panel in dict.fromkeys(m.panel for m in marks)}
    ends = [scales.domain([x for mark in group for x in mark.reach]) for group in groups.values()]
    return [
        _panel(group, names, panel if len(groups) > 1 else "", words.x or panel or label("value"), end)
        for (panel, group), end in zip(groups.items(), ends, strict=True)
    ]


def _marks(rows: Rows, by: str) -> list[_Mark]:
    measures = wide_measures(rows)
    if measures:
        found = [_wide(row, by, measure) for measure in measures for row in rows]
    else:
        panel, value = first_of(rows, PANELS), needed(rows, (*VALUES, "published"), "intervals")
        found = [_mark(row, by, _measure(row, panel), (value, "low", "high", "published")) for row in rows]
    return [mark for mark in found if mark.reach]


def _wide(row: Mapping[str, Any], by: str, measure: str) -> _Mark:
    published = f"{measure}_published" if f"{measure}_published" in row else f"published_{measure}"
    return _mark(row, by, label(measure), (measure, f"{measure}_low", f"{measure}_high", published))


def _measure(row: Mapping[str, Any], panel: str | None) -> str:
    return label(str(row[panel])) if panel and row.get(panel) is not None else ""


def _mark(row: Mapping[str, Any], by: str, panel: str, names: tuple[str, str, str, str]) -> _Mark:
    value, low, high, published = (number(row.get(name)) for name in names)
    return _Mark(panel, word(row.get(by)), value, low, high, published, tuple(row.get("runs") or ()))


def _panel(marks: Sequence[_Mark], names: Sequence[str], title: str, axis: str, ends: list[float]) -> Panel:
    alt = page_libraries.altair()
    shown = [name for name in names if any(mark.method == name for mark in marks)]
    ours = [_row(mark, mark.value, series.OURS) for mark in marks if mark.value is not None]
    published = [_row(mark, mark.published, series.PUBLISHED) for mark in marks if mark.published is not None]
    x = scales.quantitative(alt, alt.X, "value", axis, ends, grid=True)
    y_axis = alt.Axis(labelFontSize=13, labelLimit=_LABEL_LIMIT)
    y = alt.Y("method:N", sort=shown, title=None, axis=y_axis)
    colour = series.source_colour(alt) if published else alt.value("#0072B2")
    shape = series.source(alt, compared=bool(published))
    tooltip = [
        alt.Tooltip("method:N", title="method"),
        alt.Tooltip("source:N", title="whose"),
        alt.Tooltip("value:Q", title=axis, format=",.4~f"),
        alt.Tooltip("interval:N", title="interval"),
    ]
    base = alt.Chart(alt.InlineData(values=[row for row in ours if row["low"] is not None]))
    low = scales.same(x, "low")
    rules = base.mark_rule(strokeWidth=3, opacity=0.6).encode(x=low, x2="high", y=y, color=colour)
    mark = {"x": x, "y": y, "color": colour, "shape": shape, "tooltip": tooltip}
    dots = alt.Chart(alt.InlineData(values=ours)).mark_point(filled=True, size=80, opacity=1).encode(**mark)
    theirs = alt.Chart(alt.InlineData(values=published)).mark_point(filled=False, size=110, strokeWidth=2, opacity=1)
    runs = [{"method": mark.method, "value": run} for mark in marks for run in mark.runs]
    small = alt.Chart(alt.InlineData(values=runs)).mark_point(filled=True, size=18, strokeWidth=0.0, opacity=0.55)
    layers: list[Any] = [
        rules,
        *([small.encode(x=x, y=y)] if runs else []),
        dots,
        *([theirs.encode(**mark)] if published else []),
    ]
    beside = ", beside published values" if published else ""
    said = f"Points with intervals: {axis} for {', '.join(shown)}{beside}."
    return described(alt.layer(*layers), title, said, height=_ROW * len(shown) + _FRAME)


def _row(mark: _Mark, value: float | None, source: str) -> dict[str, Any]:
    ours = source == series.OURS and mark.low is not None and mark.high is not None
    return {
        "method": mark.method,
        "value": value,
        "low": mark.low if ours else None,
        "high": mark.high if ours else None,
        "source": source,
        "interval": f"{mark.low:.4g} to {mark.high:.4g}" if ours else "",
    }
