"""The kinds of figures that a document can name, each from the rows of a long table to a chart."""

from __future__ import annotations

from types import MappingProxyType

from evenhand.report.panels.drawing import Panel, Words
from evenhand.report.panels.intervals import intervals
from reproductions.pages.charts.boxes import largest, times
from reproductions.pages.charts.geometry import geometry
from reproductions.pages.charts.guess import guessed
from reproductions.pages.charts.kind import Drawing
from reproductions.pages.charts.lines import lines, price, profiles, thresholds, trace
from reproductions.pages.charts.variation import cv

__all__ = ["CHARTS", "Drawing", "Panel", "Words", "drawing"]

CHARTS = MappingProxyType(
    {
        function.__name__: Drawing(function)
        for function in (cv, price, times, geometry, largest, lines, intervals, thresholds, profiles, trace)
    }
)
"""Name to drawing; called with rows, a drawing returns an Altair chart."""

_ANY = Drawing(guessed)


def drawing(name: str) -> Drawing:
    """Return the drawing of that name; for a name that is not known, one that looks at the columns."""
    return CHARTS.get(name, _ANY)
