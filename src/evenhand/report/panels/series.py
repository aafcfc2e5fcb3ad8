"""How series are told apart: by colour and by dash or shape, never by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evenhand.report import palette

OURS, PUBLISHED = "ours", "published"
_LETTER, _SYMBOL = 7, 44


def legend(alt: Any, names: Sequence[str], **more: Any) -> Any:
    """Return a legend above the picture, in as many columns as its width has room for."""
    need = _SYMBOL + _LETTER * max((len(name) for name in names), default=0)
    columns = {"expr": f"max(1, floor(containerSize()[0] / {need}))"}
    return alt.Legend(title=None, orient="top", labelLimit=260, columns=columns, symbolOpacity=1, **more)


def colour(alt: Any, names: Sequence[str]) -> Any:
    """Return the colours of series; a single one needs no legend."""
    shown = _strokes(alt, names) if len(names) > 1 else None
    scale = alt.Scale(domain=list(names), range=palette.colours(len(names)))
    return alt.Color("series:N", sort=None, scale=scale, legend=shown)


def dash(alt: Any, names: Sequence[str]) -> Any:
    """Return the dashes of series, in the legend of their colours."""
    shown = _strokes(alt, names) if len(names) > 1 else None
    scale = alt.Scale(domain=list(names), range=palette.dashes(len(names)))
    return alt.StrokeDash("series:N", sort=None, scale=scale, legend=shown)


def source(alt: Any, *, compared: bool, coloured: bool = True) -> Any:
    """Return the shapes of our values and of published ones; `coloured` where they differ in colour too."""
    names = [OURS, PUBLISHED]
    hollow = {} if coloured else {"symbolFillColor": "transparent"}
    shown = legend(alt, names, symbolSize=90, symbolStrokeWidth=1.8, **hollow) if compared else None
    scale = alt.Scale(domain=names, range=["circle", "diamond"])
    return alt.Shape("source:N", sort=None, scale=scale, legend=shown)


def _strokes(alt: Any, names: Sequence[str]) -> Any:
    return legend(alt, names, symbolType="stroke", symbolSize=320, symbolStrokeWidth=2.5)


def source_colour(alt: Any) -> Any:
    """Return the colours of our values and of published ones, where no series needs the colours."""
    names = [OURS, PUBLISHED]
    shown = legend(alt, names, symbolSize=90, symbolStrokeWidth=1.8)
    scale = alt.Scale(domain=names, range=palette.colours(2))
    return alt.Color("source:N", sort=None, scale=scale, legend=shown)
