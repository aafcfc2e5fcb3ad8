"""Draw shapes and words in logical pixels, at twice the size, and reduce the picture, so that edges are smooth."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import MissingExtraError
from evenhand.hospital.drawing.floor_layout import Box
from evenhand.hospital.drawing.palette import INK
from evenhand.hospital.drawing.short_names import plain

_FINE = 2
SMALLEST = 8.0
"""Smallest height of words, in pixels."""


def pillow() -> Any:
    """Return Pillow's modules `Image`, `ImageDraw` and `ImageFont`.

    Raises
    ------
    MissingExtraError
        If Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise MissingExtraError("pillow", "learn") from error
    return Image, ImageDraw, ImageFont


@functools.lru_cache(maxsize=64)
def _font(size: int) -> Any:
    return pillow()[2].load_default(size)


class Canvas:
    """A picture that is being drawn.

    Parameters
    ----------
    width, height
        Size in pixels.
    background
        Colour of the background, ``#rrggbb``.
    """

    def __init__(self, width: int, height: int, background: str) -> None:
        image, draw, _ = pillow()
        self._image = image.new("RGB", (width * _FINE, height * _FINE), background)
        self._draw = draw.Draw(self._image)

    def copy(self) -> Canvas:
        """Return a canvas with the same picture, to draw on."""
        twin = object.__new__(Canvas)
        twin._image = self._image.copy()
        twin._draw = pillow()[1].Draw(twin._image)
        return twin

    def pixels(self) -> NDArray[np.uint8]:
        """Return the picture, shape (height, width, 3)."""
        return np.asarray(self._image.reduce(_FINE)).copy()

    def panel(
        self, box: Box, fill: str | None, *, edge: str | None = None, radius: float = 0.0, line: float = 1.0
    ) -> None:
        """Draw a rounded rectangle."""
        if box.w <= 0 or box.h <= 0:
            return
        corners = _fine(box.x, box.y, box.x + box.w, box.y + box.h)
        radius = min(radius, box.w / 2, box.h / 2) * _FINE
        self._draw.rounded_rectangle(corners, radius, fill, edge, max(1, round(line * _FINE)) if edge else 0)

    def disc(
        self, x: float, y: float, radius: float, fill: str | None, *, edge: str | None = None, line: float = 1
    ) -> None:
        """Draw a circle around (x, y)."""
        corners = _fine(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(corners, fill, edge, max(1, round(line * _FINE)) if edge else 0)

    def polygon(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        """Draw a filled polygon."""
        self._draw.polygon([(x * _FINE, y * _FINE) for x, y in points], fill)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float = 1.0) -> None:
        """Draw a line through `points`."""
        self._draw.line(
            [(x * _FINE, y * _FINE) for x, y in points], colour, max(1, round(width * _FINE)), joint="curve"
        )

    def dashes(self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float = 1.0) -> None:
        """Draw a dashed line."""
        length = math.dist(start, end)
        on, off = 5 * width, 3.5 * width
        for k in range(int(length / (on + off)) + 1):
            begin, stop = k * (on + off), min(k * (on + off) + on, length)
            if begin < stop:
                self.line([_between(start, end, at / length) for at in (begin, stop)], colour, width)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        colour: str = INK,
        *,
        anchor: str = "lm",
        bold: bool = False,
        width: float | None = None,
    ) -> float:
        """Write `text` at (x, y), cut to `width` with an ellipsis, and return the width it takes.

        Parameters
        ----------
        x, y
            Position of the anchor, in pixels.
        text
            One line.
        size
            Height of the font in pixels.
        colour
            Colour of the letters.
        anchor
            Pillow's two letters: l, m or r, and m for the middle of the line or s for its base.
        bold
            Whether letters are thickened.
        width
            Largest width, in pixels; None for no limit.
        """
        size = max(size, SMALLEST)
        text = fit(text, size, width)
        font = _font(round(size * _FINE))
        # The font has no bold face: a second print beside the first thickens the stems.
        for shift in (0.0, max(1.0, size * _FINE / 26)) if bold else (0.0,):
            self._draw.text((x * _FINE + shift, y * _FINE), text, colour, font, anchor)
        return float(font.getlength(text) / _FINE)


def measure(text: str, size: float) -> float:
    """Return the width of `text` in pixels."""
    return float(_font(round(max(size, SMALLEST) * _FINE)).getlength(plain(text)) / _FINE)


def fit(text: str, size: float, width: float | None) -> str:
    """Return `text` in letters of the font, cut with an ellipsis to `width` pixels."""
    text = plain(text)
    if width is None or measure(text, size) <= width:
        return text
    while text and measure(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""


def _fine(*values: float) -> list[float]:
    return [value * _FINE for value in values]


def _between(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
