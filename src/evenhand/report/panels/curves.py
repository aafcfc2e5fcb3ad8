"""Draw curves with intervals, together with published values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evenhand.report import page_libraries, palette
from evenhand.report.panels import scales, series
from evenhand.report.panels.drawing import Panel, described

MOST_WHISKERS = 14
"""Upper limit on the places along the axis up to which intervals are drawn as whiskers instead of bands."""

_HEIGHT, _LOW_HEIGHT = 320, 240
"""Height of a panel in pixels, and its height if there are more than `_MANY`."""
_MANY = 2
"""Upper limit on the panels that have the full height."""
_LEAST = 0.1
"""Least length of a vertical axis as a fraction of its upper end, so that small differences do not look large."""
_APART = 5.0
"""Distance between the whiskers of neighbouring series at one place, pixels."""


@dataclass(frozen=True)
class Point:
    """A point on a curve.

    Attributes
    ----------
    panel, series
        Names of its panel and its series; empty if there is only one.
    x, y
        Its position; `y` is None if there is only a published value.
    low, high
        Limits of the interval of `y`.
    published
        Published value at `x`.
    """

    panel: str
    series: str
    x: float
    y: float | None
    low: float | None = None
    high: float | None = None
    published: float | None = None

    @property
    def reach(self) -> list[float]:
        """All its numbers on the vertical axis."""
        return [value for value in (self.y, self.low, self.high, self.published) if value is not None]


@dataclass(frozen=True)
class Look:
    """The appearance of curves.

    Attributes
    ----------
    x_title
        Title of the horizontal axis, with its unit.
    y_title
        Title of the vertical axis, with its unit; default the panel's name.
    y_titles
        Titles of the vertical axis for single panels.
    log_x, log_y
        Whether the axes are logarithmic.
    stepped
        Whether curves are step functions, such as shares of runs.
    joined
        Whether our values are joined by a line.
    asked
        For some panels, the points (x, y) of a line that shows what was asked for.
    """

    x_title: str
    y_title: str = ""
    y_titles: Mapping[str, str] | None = None
    log_x: bool = False
    log_y: bool = False
    stepped: bool = False
    joined: bool = True
    asked: Mapping[str, Sequence[tuple[float, float]]] | None = None

    def title(self, panel: str) -> str:
        """Return the title of a panel's vertical axis."""
        return (self.y_titles or {}).get(panel, "") or self.y_title or panel


def curve_panels(points: Sequence[Point], look: Look, *, single: Sequence[Point] = ()) -> list[Panel]:
    """Draw curves in one or several panels.

    Parameters
    ----------
    points
        The points; a line is interrupted at a point without a value.
    look
        The appearance.
    single
        Results of single runs, drawn as small dots.
    """
    names = list(dict.fromkeys(point.series for point in points))
    groups = {panel: [p for p in points if p.panel == panel] for panel in dict.fromkeys(p.panel for p in points)}
    across = scales.domain([point.x for point in points], log=look.log_x)
    asked = look.asked or {}
    reaches = [
        [y for point in (*group, *(p for p in single if p.panel == panel)) for y in point.reach]
        + [y for _, y in asked.get(panel, ())]
        for panel, group in groups.items()
    ]
    ups = scales.domains(reaches, log=look.log_y, least=_LEAST)
    height = _LOW_HEIGHT if len(groups) > _MANY else _HEIGHT
    panels = []
    for (panel, group), up in zip(groups.items(), ups, strict=True):
        layers = _Layers(names, group, look, across, up, [p for p in single if p.panel == panel])
        chart = page_libraries.altair().layer(*_asked(asked.get(panel, ())), *layers.all())
        title = panel if len(groups) > 1 else ""
        panels.append(described(chart, title, _said(group, names, look), height=height))
    return panels


def points_chart(
    points: Sequence[Mapping[str, Any]], x: Any, y: Any, *, filled: bool, shift: float = 0.0, **encodings: Any
) -> Any:
    """Draw point marks: filled for our values or hollow for published ones, shifted to the right by some pixels."""
    alt = page_libraries.altair()
    base = alt.Chart(alt.InlineData(values=list(points)))
    size, width = (60, 0.0) if filled else (95, 2.0)
    mark = base.mark_point(filled=filled, size=size, strokeWidth=width, opacity=1, xOffset=shift)
    return mark.encode(x=x, y=y, **encodings)


class _Layers:
    """The layers of one panel."""

    def __init__(
        self,
        names: Sequence[str],
        group: Sequence[Point],
        look: Look,
        across: Sequence[float],
        up: Sequence[float],
        single: Sequence[Point] = (),
    ) -> None:
        self.alt = page_libraries.altair()
        self.look, self.names, self.group, self.single = look, names, group, single
        whole = all(point.x.is_integer() for point in group)
        self.x = scales.quantitative(self.alt, self.alt.X, "x", look.x_title, across, log=look.log_x, whole=whole)
        # No axis title if the panel's title is the same.
        title = "" if look.title(group[0].panel) == group[0].panel else look.title(group[0].panel)
        self.y = scales.quantitative(self.alt, self.alt.Y, "y", title, up, log=look.log_y)
        self.whiskers = len({point.x for point in group}) <= MOST_WHISKERS and not look.stepped
        self.published = [_row(p, p.published, series.PUBLISHED) for p in group if p.published is not None]
        several = len(names) > 1
        self.colour = series.colour(self.alt, names)
        if not several and self.published:
            self.colour = series.source_colour(self.alt)
        elif not several:
            self.colour = self.alt.value(palette.COLOURS[0])

    def all(self) -> list[Any]:
        """Return the layers, from the bottom to the top."""
        drawn = [layer for name in self.names for layer in self._intervals(name)]
        drawn += [layer for name in self.names for layer in self._lines(name)]
        drawn += [layer for name in self.names for layer in self._single(name)]
        shape = series.source(self.alt, compared=bool(self.published), coloured=len(self.names) == 1)
        marks = {"color": self.colour, "tooltip": self._tooltip(), "shape": shape}
        for name in self.names:
            ours = [_row(point, point.y, series.OURS) for point in self._of(name) if point.y is not None]
            theirs = [row for row in self.published if row["series"] == name]
            if ours and (self.whiskers or not self.look.joined):
                drawn.append(points_chart(ours, self.x, self.y, filled=True, shift=self._shift(name), **marks))
            if theirs:
                drawn.append(points_chart(theirs, self.x, self.y, filled=False, shift=self._shift(name), **marks))
        return drawn

    def _of(self, name: str) -> list[Point]:
        return [point for point in self.group if point.series == name]

    def _shift(self, name: str) -> float:
        """Return the horizontal shift of a series in pixels, which keeps whiskers of several series apart."""
        if not self.whiskers or not any(point.low is not None for point in self.group):
            return 0.0
        here = [each for each in self.names if self._of(each)]
        return _APART * (here.index(name) - (len(here) - 1) / 2) if name in here else 0.0

    def _lines(self, name: str) -> list[Any]:
        rows = [_row(point, point.y, series.OURS) for point in self._of(name)]
        if not self.look.joined or not any(row["y"] is not None for row in rows):
            return []
        shape = "step-after" if self.look.stepped else "linear"
        base = self.alt.Chart(self.alt.InlineData(values=rows))
        lines = base.mark_line(strokeWidth=2, interpolate=shape, clip=True, xOffset=self._shift(name))
        dash = series.dash(self.alt, self.names)
        tooltip = {} if self.whiskers else {"tooltip": self._tooltip()}
        return [lines.encode(x=self.x, y=self.y, color=self.colour, strokeDash=dash, **tooltip)]

    def _single(self, name: str) -> list[Any]:
        rows = [_row(point, point.y, series.OURS) for point in self.single if point.series == name]
        if not rows:
            return []
        base = self.alt.Chart(self.alt.InlineData(values=rows))
        dots = base.mark_point(filled=True, size=18, strokeWidth=0.0, opacity=0.55, xOffset=self._shift(name))
        return [dots.encode(x=self.x, y=self.y, color=self.colour)]

    def _intervals(self, name: str) -> list[Any]:
        measured = [point for point in self._of(name) if point.low is not None and point.high is not None]
        if not measured:
            return []
        rows = [_row(point, point.y, series.OURS) for point in measured]
        base = self.alt.Chart(self.alt.InlineData(values=rows))
        low = scales.same(self.y, "low")
        if self.whiskers:
            rules = base.mark_rule(strokeWidth=2, opacity=0.75, clip=True, xOffset=self._shift(name))
            return [rules.encode(x=self.x, y=low, y2="high", color=self.colour)]
        shape = "step-after" if self.look.stepped else "linear"
        bands = base.mark_area(opacity=0.2, interpolate=shape, clip=True, aria=False)
        return [bands.encode(x=self.x, y=low, y2="high", color=self.colour)]

    def _tooltip(self) -> list[Any]:
        alt, title = self.alt, self.look.title(self.group[0].panel)
        named = [alt.Tooltip("series:N", title="series")] if len(self.names) > 1 else []
        return [
            *named,
            alt.Tooltip("source:N", title="whose"),
            alt.Tooltip("x:Q", title=self.look.x_title, format=",.4~f"),
            alt.Tooltip("y:Q", title=title, format=",.4~f"),
            alt.Tooltip("interval:N", title="interval"),
        ]


def _row(point: Point, y: float | None, source: str) -> dict[str, Any]:
    ours = source == series.OURS
    shown = "" if not ours or point.low is None or point.high is None else f"{point.low:.4g} to {point.high:.4g}"
    low, high = (point.low, point.high) if ours else (None, None)
    return {"x": point.x, "y": y, "low": low, "high": high, "series": point.series, "source": source, "interval": shown}


def _asked(places: Sequence[tuple[float, float]]) -> list[Any]:
    if not places:
        return []
    alt = page_libraries.altair()
    base = alt.Chart(alt.InlineData(values=[{"x": x, "y": y, "word": "asked for"} for x, y in places]))
    line = base.mark_line(style="bound", strokeDash=[2, 3], strokeWidth=1.5, interpolate="step-after", clip=True)
    if len(places) == 2 and places[0][1] != places[1][1]:
        line = base.mark_line(style="bound", strokeDash=[2, 3], strokeWidth=1.5, clip=True)
    return [line.encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))]


def _said(group: Sequence[Point], names: Sequence[str], look: Look) -> str:
    title = look.title(group[0].panel)
    among = f", for {', '.join(names)}" if len(names) > 1 else ""
    beside = ", beside published values" if any(point.published is not None for point in group) else ""
    return f"Curves: {title} against {look.x_title}{among}{beside}."
