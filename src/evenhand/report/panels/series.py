"""Distinguish series by colour and also by dash or shape, never by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evenhand.report import palette

OURS, PUBLISHED = "ours", "published"
_LETTER, _SYMBOL = 7, 44
"""Width of a letter in a legend, and of a symbol with the space around it, pixels."""


def legend(alt: Any, names: Sequence[str], **more: Any) -> Any:
    """Return a legend above the chart, with as many columns as fit."""
    need = _SYMBOL + _LETTER * max((len(name) for name in names), default=0)
    columns = {"expr": f"max(1, floor(containerSize()[0] / {need}))"}
    return alt.Legend(title=None, orient="top", labelLimit=260, columns=columns, symbolOpacity=1, **more)


def colour(alt: Any, names: Sequence[str]) -> Any:
    """Return the colours of series; a single series has no legend."""
    shown = _strokes(alt, names) if len(names) > 1 else None
    scale = alt.Scale(domain=list(names), range=palette.colours(len(names)))
    return alt.Color("series:N", sort=None, scale=scale, legend=shown)


def dash(alt: Any, names: Sequence[str]) -> Any:
    """Return the dashes of series, which share the legend of the colours."""
    shown = _strokes(alt, names) if len(names) > 1 else None
    scale = alt.Scale(domain=list(names), range=palette.dashes(len(names)))
    return alt.StrokeDash("series:N", sort=None, scale=scale, legend=shown)


def source(alt: Any, *, compared: bool, coloured: bool = True) -> Any:
    """Return the shapes of our and of published values; `coloured` if they also differ in colour."""
    names = [OURS, PUBLISHED]
    hollow = {} if coloured else {"symbolFillColor": "transparent"}
    shown = legend(alt, names, symbolSize=90, symbolStrokeWidth=1.8, **hollow) if compared else None
    scale = alt.Scale(domain=names, range=["circle", "diamond"])
    return alt.Shape("source:N", sort=None, scale=scale, legend=shown)


def _strokes(alt: Any, names: Sequence[str]) -> Any:
    return legend(alt, names, symbolType="stroke", symbolSize=320, symbolStrokeWidth=2.5)


def source_colour(alt: Any) -> Any:
    """Return the colours of our and of published values, for charts in which colours do not distinguish series."""
    names = [OURS, PUBLISHED]
    shown = legend(alt, names, symbolSize=90, symbolStrokeWidth=1.8)
    scale = alt.Scale(domain=names, range=palette.colours(2))
    return alt.Color("source:N", sort=None, scale=scale, legend=shown)
