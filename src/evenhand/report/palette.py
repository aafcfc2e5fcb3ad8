"""Colours, shapes and the light and dark theme of charts.

The colours are those of Okabe and Ito (2008), which colour-blind readers can distinguish, without black and yellow,
which have too little contrast on a dark and on a light page. Colour is never the only difference: agents also differ by
shape and label, curves by dash.
"""

from __future__ import annotations

from typing import Any

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9")
# The numbers of colours and shapes, six and seven, are coprime, so 42 agents have different pairs.
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [12, 4], [4, 5])

NUMBERS = {
    "decimal": ".",
    "thousands": "\u202f",
    "grouping": [3],
    "currency": ["", ""],
    "percent": "\u202f%",
    "minus": "\u2212",
}
"""Number format of axes and tooltips, the same as in :mod:`evenhand.report.formats`."""

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_LIGHT = {
    "paper": "#ffffff",
    "ink": "#1d2126",
    "soft": "#59626d",
    "grid": "#ebe8e1",
    "band": "#dfe7ec",
    "bar": "#0072B2",
}
_DARK = {
    "paper": "#1b1e23",
    "ink": "#eceae5",
    "soft": "#a9b0ba",
    "grid": "#2b3037",
    "band": "#333f49",
    "bar": "#4aa3dc",
}


def colours(number: int) -> list[str]:
    """Return `number` colours, repeating after six."""
    return [COLOURS[k % len(COLOURS)] for k in range(number)]


def shapes(number: int) -> list[str]:
    """Return `number` shapes, repeating after seven."""
    return [SHAPES[k % len(SHAPES)] for k in range(number)]


def dashes(number: int) -> list[list[int]]:
    """Return `number` dash patterns, repeating after six."""
    return [DASHES[k % len(DASHES)] for k in range(number)]


def light_theme() -> dict[str, Any]:
    """Return the Vega-Lite configuration for light pages, print and saved pictures."""
    return _theme(_LIGHT)


def dark_theme() -> dict[str, Any]:
    """Return the Vega-Lite configuration for dark pages."""
    return _theme(_DARK)


def _theme(tone: dict[str, str]) -> dict[str, Any]:
    quiet = {"labelColor": tone["soft"], "titleColor": tone["soft"], "labelFontSize": 12, "titleFontSize": 12}
    return {
        "background": tone["paper"],
        "font": _FONT,
        "view": {"stroke": None},
        "axis": {
            **quiet,
            "titleFontWeight": "normal",
            "titlePadding": 10,
            "labelPadding": 6,
            "domain": False,
            "ticks": False,
            "gridColor": tone["grid"],
        },
        "legend": {**quiet, "titleFontWeight": "normal", "labelLimit": 220, "symbolStrokeColor": tone["ink"]},
        "text": {"color": tone["ink"], "fontSize": 12},
        # Marks without the colour of an agent or a curve use named styles, which the dark theme changes.
        "style": {
            "band": {"color": tone["band"]},
            "load": {"color": tone["bar"]},
            "share": {"color": tone["ink"]},
            "carried": {"color": tone["ink"], "opacity": 0.35},
            "cheapest": {"stroke": tone["ink"]},
            "note": {"color": tone["soft"], "fontSize": 12},
            "site": {"stroke": tone["paper"], "strokeWidth": 2},
            "halo": {"stroke": tone["paper"], "strokeWidth": 4, "strokeJoin": "round", "color": tone["paper"]},
            "label": {"color": tone["ink"], "fontWeight": 600, "fontSize": 13},
            "halo-label": {"fontWeight": 600, "fontSize": 13},
            "bound": {"color": tone["ink"]},
            "possible": {"color": tone["band"]},
            "reached": {"color": "#D55E00"},
        },
    }


def finished(chart: Any, description: str) -> Any:
    """Return a chart with a description, for those who hear it, in the light theme."""
    return chart.properties(description=description).configure(**light_theme())
