"""Agents and items as tokens."""

from __future__ import annotations

import math

from evenhand.hospital.drawing import palette
from evenhand.hospital.drawing.canvas import SMALLEST, Canvas, fit, measure
from evenhand.hospital.drawing.floor_layout import Box

_CORNERS = {1: (4, math.pi / 4), 2: (4, 0.0), 3: (6, 0.0)}
"""Number of corners and rotation of the shapes after the circle: square, diamond, hexagon."""


def agent(canvas: Canvas, x: float, y: float, radius: float, index: int, mark: str, colour: str) -> None:
    """Draw agent number `index` at (x, y): six agents of a shape have six colours, and every six have another shape."""
    _shape(canvas, x, y, radius + max(1.0, radius / 14), index, palette.INK)
    _shape(canvas, x, y, radius, index, palette.PAPER)
    _shape(canvas, x, y, radius * 0.86, index, colour)
    size = radius * (1.0 if len(mark) < 3 else 0.76)
    canvas.words(x, y, mark, size, palette.on(colour), anchor="mm", bold=True)


def glow(canvas: Canvas, x: float, y: float, radius: float, *, useful: bool) -> None:
    """Draw the halo of an agent that has just worked; it is green if the protocol made progress by it."""
    colour = palette.mix(palette.DONE, palette.PAPER, 0.7) if useful else palette.GRID
    canvas.disc(x, y, radius * 1.5, colour)


def badge(canvas: Canvas, x: float, y: float, radius: float, number: str) -> None:
    """Draw a number beside a token: the steps until the agent arrives."""
    canvas.disc(x, y, radius, palette.PAPER, edge=palette.SOFT, line=1.0)
    canvas.words(x, y, number, radius * 1.35, palette.INK, anchor="mm")


def bar(canvas: Canvas, box: Box, share: float, colour: str, ground: str = palette.GRID) -> None:
    """Draw a bar that is full at a share of 1."""
    canvas.panel(box, ground, radius=box.h / 2)
    width = box.w * min(max(share, 0.0), 1.0)
    if width > 0:
        canvas.panel(Box(box.x, box.y, max(width, box.h), box.h), colour, radius=box.h / 2)


def energy(canvas: Canvas, box: Box, share: float) -> None:
    """Draw a bar of energy, in orange if little is left."""
    bar(canvas, box, share, palette.ENERGY if share > 1 / 3 else palette.TIRED)


def pill_width(text: str, size: float, most: float) -> float:
    """Return the width of an item's label, at most `most`."""
    return min(measure(text, size) + 1.1 * max(size, SMALLEST), most)


def pill(canvas: Canvas, box: Box, text: str, size: float, *, in_use: bool = False) -> None:
    """Draw an item as a label; one in use is green and ticked off."""
    edge = palette.DONE if in_use else palette.SOFT
    ground = palette.mix(palette.DONE, palette.PAPER, 0.85) if in_use else palette.PAPER
    canvas.panel(box, ground, edge=edge, radius=box.h * 0.3, line=1.2)
    x, y = box.centre
    canvas.words(x, y, fit(text, size, box.w - 0.5 * size), size, palette.INK, anchor="mm")


def tick(canvas: Canvas, x: float, y: float, size: float, colour: str) -> None:
    """Draw a check mark of height `size` around (x, y)."""
    points = [(x - 0.5 * size, y), (x - 0.12 * size, y + 0.38 * size), (x + 0.55 * size, y - 0.42 * size)]
    canvas.line(points, colour, max(1.5, size / 5))


def _shape(canvas: Canvas, x: float, y: float, radius: float, index: int, colour: str) -> None:
    turn = index // len(palette.AGENTS) % 4
    if turn == 0:
        canvas.disc(x, y, radius, colour)
    elif turn == 1:
        half = radius * 0.92
        canvas.panel(Box(x - half, y - half, 2 * half, 2 * half), colour, radius=radius * 0.28)
    else:
        corners, start = _CORNERS[turn]
        reach = radius * (1.22 if corners == 4 else 1.1)
        angles = [start + 2 * math.pi * k / corners for k in range(corners)]
        canvas.polygon([(x + reach * math.cos(angle), y + reach * math.sin(angle)) for angle in angles], colour)
