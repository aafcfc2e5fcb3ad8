"""Pictures of an episode: what happens on the floor, who does the work, and how evenly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.drawing import palette
from evenhand.hospital.drawing.canvas import Canvas
from evenhand.hospital.drawing.facts import Facts, Snapshot
from evenhand.hospital.drawing.floor import FloorPainter
from evenhand.hospital.drawing.floor_layout import Box
from evenhand.hospital.drawing.gif import encode
from evenhand.hospital.drawing.panel import evenness, header, team, team_height
from evenhand.hospital.drawing.protocols import protocols
from evenhand.hospital.drawing.state_in_words import text
from evenhand.hospital.scenario import Scenario

__all__ = ["Painter", "animate", "draw", "frames", "text"]

SMALL, LARGE = (1280, 720), (1600, 900)
"""Width and height of pictures of a team at one bedside, and of a ward."""
LEAST = (640, 360)
"""Smallest width and height, in pixels, at which the words of a picture can be read."""
MOST_FRAMES = 240
"""Largest number of pictures in an animation: a longer episode has fewer pictures between its steps."""


def draw(
    scenario: Scenario,
    state: Snapshot,
    *,
    history: Sequence[Snapshot] | None = None,
    size: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Draw a state from above, with the team, the protocols and Jain's index beside the floor.

    Parameters
    ----------
    scenario
        The scenario that the state belongs to.
    state
        A state of :mod:`evenhand.hospital.rules`, or anything with its fields.
    history
        Earlier states of the episode, oldest first. From them come the curve of Jain's index and the stations that
        travelling agents left; without them the picture shows the present state alone.
    size
        Width and height in pixels, at least 640 by 360; by default 1280 x 720, and 1600 x 900 for a ward.

    Returns
    -------
    ndarray of uint8
        Shape (height, width, 3). The same arguments give the same picture, bit for bit.

    Raises
    ------
    InputError
        If the size is too small to read.
    MissingExtraError
        If Pillow is not installed.
    """
    return Painter(scenario, size).draw(state, history)


def frames(
    scenario: Scenario, states: Sequence[Snapshot], *, size: tuple[int, int] | None = None, between: int = 0
) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    """Draw an episode, one picture after another.

    Parameters
    ----------
    scenario, size
        As in :func:`draw`.
    states
        The episode's states, from its start.
    between
        Number of pictures between two states, in which agents walk.

    Yields
    ------
    picture
        As :func:`draw` returns it.
    whole
        True for a state, False for a picture between two.
    """
    yield from _frames(Painter(scenario, size), states, between)


def _frames(painter: Painter, states: Sequence[Snapshot], between: int) -> Iterator[tuple[NDArray[np.uint8], bool]]:
    for k, state in enumerate(states):
        if k:
            for part in range(between):
                moment = (part + 1) / (between + 1)
                yield painter.draw(states[k - 1], states[: k - 1], goal=state, moment=moment), False
        yield painter.draw(state, states[:k]), True


def animate(
    scenario: Scenario,
    states: Sequence[Snapshot],
    *,
    absent: Sequence[int] = (),
    size: tuple[int, int] | None = None,
    pace: float = 0.5,
    rest: float = 2.0,
) -> bytes:
    """Draw an episode as an animated GIF in which agents walk from place to place.

    Parameters
    ----------
    scenario
        As in :func:`draw`.
    states
        The episode's states, from its start; at least one.
    absent
        Numbers of the agents that do not take part; they are grey, and fairness is among the others.
    size
        Width and height in pixels; three quarters of those of :func:`draw` by default.
    pace
        Seconds that a step takes.
    rest
        Seconds that the last picture stays in addition.

    Returns
    -------
    bytes
        The file's content. Long episodes have fewer pictures between the steps.

    Raises
    ------
    MissingExtraError
        If Pillow is not installed.
    """
    between = max(0, min(4, MOST_FRAMES // len(states) - 1))
    if size is None:
        width, height = Painter(scenario).size
        size = (width * 3 // 4, height * 3 // 4)
    painter = Painter(scenario, size, absent)
    samples = [painter.draw(states[k], states[:k]) for k in sorted({0, len(states) // 2, len(states) - 1})]
    walk = 60
    stay = max(round(1000 * pace) - between * walk, walk)
    milliseconds = [stay, *([walk] * between + [stay]) * (len(states) - 1)]
    milliseconds[-1] += round(1000 * rest)
    pictures = (picture for picture, _ in _frames(painter, states, between))
    return encode(pictures, milliseconds, samples)


class Painter:
    """Draw states of one scenario; the parts that never change are drawn once.

    Parameters
    ----------
    scenario, size
        As in :func:`draw`.
    absent
        As in :func:`animate`.
    """

    def __init__(self, scenario: Scenario, size: tuple[int, int] | None = None, absent: Sequence[int] = ()) -> None:
        crowded = len(scenario.agents) > 12 or len({station.room for station in scenario.stations}) > 3
        self.size = size or (LARGE if crowded else SMALL)
        width, height = self.size
        if width < LEAST[0] or height < LEAST[1]:
            raise InputError(
                f"a picture of {width} x {height} pixels cannot be read; use at least {LEAST[0]} x {LEAST[1]}"
            )
        self._facts = Facts.of(scenario, absent)
        self._unit = unit = min(width / SMALL[0], height / SMALL[1])
        margin = 20 * unit
        side = min(440 * unit, 0.36 * width)
        self._header = Box(margin, 10 * unit, width - 2 * margin, 54 * unit)
        top = self._header.bottom + 10 * unit
        self._side = Box(width - margin - side, top, side, height - top - 14 * unit)
        area = Box(margin, top, width - 3 * margin - side, height - top - margin)
        self._floor = FloorPainter(self._facts, area, unit)
        self._ground = Canvas(width, height, palette.GROUND)
        self._cards = self._arrange()
        for card in self._cards:
            pad = 12 * unit
            around = card.inset(-pad, -pad, -pad, -pad)
            self._ground.panel(around, palette.PAPER, edge=palette.WALL, radius=14 * unit)
        self._floor.still(self._ground)

    def draw(
        self,
        state: Snapshot,
        history: Sequence[Snapshot] | None = None,
        *,
        goal: Snapshot | None = None,
        moment: float = 0.0,
    ) -> NDArray[np.uint8]:
        """Draw `state`. With a later state as `goal`, agents have gone the share `moment` of the way to it."""
        canvas, unit, earlier = self._ground.copy(), self._unit, list(history or ())
        header(canvas, self._facts, state, self._header, unit)
        jain, people, steps = self._cards
        evenness(canvas, self._facts, state, earlier, jain, unit)
        team(canvas, self._facts, state, people, unit)
        protocols(canvas, self._facts, state, steps, unit)
        self._floor.moving(canvas, state, earlier, goal=goal, moment=moment)
        return canvas.pixels()

    def _arrange(self) -> tuple[Box, Box, Box]:
        """Return the three cards beside the floor, one below the other."""
        unit, side = self._unit, self._side
        inner = side.inset(12 * unit, 12 * unit, 12 * unit, 18 * unit)
        gap = 34 * unit
        first = Box(inner.x, inner.y, inner.w, 84 * unit)
        left = inner.bottom - first.bottom - 2 * gap
        high = team_height(self._facts, unit, 0.56 * left)
        second = Box(inner.x, first.bottom + gap, inner.w, high)
        third = Box(inner.x, second.bottom + gap, inner.w, left - high)
        return first, second, third
