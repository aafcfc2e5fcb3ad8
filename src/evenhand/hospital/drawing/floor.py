"""The floor seen from above: rooms, stations, items where they lie, agents where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evenhand.hospital.drawing import palette, tokens
from evenhand.hospital.drawing.canvas import SMALLEST, Canvas
from evenhand.hospital.drawing.floor_layout import Box, plan_floor
from evenhand.hospital.scenario import ANYWHERE

if TYPE_CHECKING:
    from evenhand.hospital.drawing.facts import Facts, Snapshot

_LABEL, _TABLE, _STAND = 0.16, 0.37, 0.47
"""Shares of a station's height: its name, the furniture, and the agents in front of it."""
_DENSE = 10.0
"""Radius of tokens, in pixels, below which there is no room for the name of an item in hand."""


class _Label(NamedTuple):
    text: str
    in_use: bool
    width: float


class FloorPainter:
    """Draw the floor of one scenario into one area.

    Parameters
    ----------
    facts
        Facts of the scenario.
    area
        The area to draw into.
    unit
        Pixels per unit of the layout's lengths.
    """

    def __init__(self, facts: Facts, area: Box, unit: float) -> None:
        self._facts, self._area, self._unit = facts, area, unit
        self._plan = plan_floor(facts.scenario, area, unit)
        low = min(box.h for box in self._plan.stations)
        self._radius = min(max(0.105 * low, 7.0 * unit), 21.0 * unit)
        self._font = min(max(0.085 * low, 9.0 * unit), 15.0 * unit)
        places = [station.name for station in facts.scenario.stations]
        self._beds = {places.index(patient.at): k for k, patient in reversed(list(enumerate(facts.scenario.patients)))}
        self._posts = {int(place) for place in facts.arrays.step_place} - set(self._beds)
        starts = [item.at for item in facts.scenario.items if item.at != ANYWHERE]
        kept = {name for at in starts for name in ((at,) if isinstance(at, str) else at)}
        self._carts = {k for k, name in enumerate(places) if name in kept} - set(self._beds)

    def still(self, canvas: Canvas) -> None:
        """Draw what never changes."""
        unit = self._unit
        for name, box in self._plan.rooms.items():
            canvas.panel(box, palette.ROOM, edge=palette.WALL, radius=14 * unit, line=1.5)
            _tiles(canvas, box, 36 * unit)
            if len(self._plan.rooms) > 1:
                canvas.words(
                    box.x + 14 * unit,
                    box.y + 15 * unit,
                    name,
                    13 * unit,
                    palette.SOFT,
                    bold=True,
                    width=box.w - 28 * unit,
                )
        for k, station in enumerate(self._facts.scenario.stations):
            box = self._plan.stations[k]
            x, y = box.x + box.w / 2, box.y + _LABEL * box.h * 0.55
            canvas.words(x, y, station.name, self._font, palette.SOFT, anchor="mm", width=box.w)
            self._furniture(canvas, k)

    def moving(
        self,
        canvas: Canvas,
        state: Snapshot,
        earlier: Sequence[Snapshot],
        *,
        goal: Snapshot | None = None,
        moment: float = 0,
    ) -> None:
        """Draw items and agents; with a `goal`, agents are on the way there, `moment` (0 to 1) into the step."""
        for k in range(len(self._plan.stations)):
            self._items(canvas, state, k)
            if k in self._beds:
                self._vital(canvas, state, k)
        here = self.places(state, earlier)
        then = here if goal is None else self.places(goal, [*earlier, state])
        share = moment * moment * (3 - 2 * moment)
        spots = [
            tuple(a + (b - a) * share for a, b in zip(one, other, strict=True))
            for one, other in zip(here, then, strict=True)
        ]
        worked = self._facts.worked(earlier, state) if goal is None else np.zeros((3, len(spots)), dtype=np.int64)
        for i in np.flatnonzero(np.asarray(state.travel) > 0).tolist():
            self._way(canvas, state, i, spots[i])
        for i, (x, y, radius) in enumerate(spots):
            if worked[1, i]:
                tokens.glow(canvas, x, y, radius, useful=bool(worked[0, i]))
        for i, (x, y, radius) in enumerate(spots):
            self._agent(canvas, state, i, (x, y), radius)
        for i, (x, y, radius) in enumerate(spots):
            if worked[0, i]:
                size = max(radius * 0.95, 10 * self._unit)
                canvas.words(x + radius * 0.8, y - radius * 1.2, f"+{worked[0, i]}", size, palette.DONE, bold=True)

    def places(self, state: Snapshot, earlier: Sequence[Snapshot]) -> list[tuple[float, float, float]]:
        """Return x, y and radius of each agent."""
        station, travel = np.asarray(state.station), np.asarray(state.travel)
        spots: list[tuple[float, float, float]] = [(0.0, 0.0, self._radius)] * len(station)
        for k, box in enumerate(self._plan.stations):
            here = np.flatnonzero((station == k) & (travel == 0))
            for i, spot in zip(here, self._stands(box, len(here)), strict=True):
                spots[i] = spot
        for i in np.flatnonzero(travel > 0):
            origin = self._facts.origin(earlier, state, int(i))
            start = self._area.centre if origin is None else self._door(origin)
            end = self._door(int(station[i]))
            share = self._facts.travelled(earlier, state, int(i))
            # Two that travel together are drawn side by side.
            beside = (int(i) % 5 - 2) * 0.5 * self._radius
            x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
            spots[i] = (x + beside, y + beside * 0.6, self._radius)
        return spots

    def _door(self, station: int) -> tuple[float, float]:
        box = self._plan.stations[station]
        return box.x + box.w / 2, box.y + box.h * (_LABEL + _TABLE + _STAND * 0.45)

    def _stands(self, box: Box, count: int) -> list[tuple[float, float, float]]:
        """Return places for `count` agents in front of the furniture, in the number of rows that keeps them largest."""
        if not count:
            return []
        area = Box(box.x, box.y + (_LABEL + _TABLE) * box.h, box.w, _STAND * box.h)

        def radius(rows: int) -> float:
            columns = -(-count // rows)
            return min(self._radius, area.w / columns / 2.6, area.h / rows / 3.5)

        rows = max(range(1, count + 1), key=radius)
        size, columns = radius(rows), -(-count // rows)
        step_x, step_y = min(area.w / columns, 4.0 * size), min(area.h / rows, 3.9 * size)
        middle, top = area.x + area.w / 2, area.y + max(1.5 * size, (area.h - step_y * rows) * 0.3 + 1.35 * size)
        spots = []
        for k in range(count):
            row, column = divmod(k, columns)
            width = min(columns, count - row * columns)
            spots.append((middle + (column - (width - 1) / 2) * step_x, top + row * step_y, size))
        return spots

    def _table(self, station: int) -> Box:
        box = self._plan.stations[station]
        w = min(box.w * 0.94, box.h * 1.25)
        return Box(box.x + (box.w - w) / 2, box.y + _LABEL * box.h, w, _TABLE * box.h)

    def _furniture(self, canvas: Canvas, station: int) -> None:
        box, unit = self._table(station), self._unit
        canvas.panel(Box(box.x, box.y + 3 * unit, box.w, box.h), palette.SHADE, radius=9 * unit)
        if station in self._beds:
            canvas.panel(box, palette.SHEET, edge=palette.EDGE, radius=9 * unit, line=1.5)
            pillow = Box(box.x + 0.035 * box.w, box.y + 0.2 * box.h, 0.15 * box.w, 0.6 * box.h)
            canvas.panel(pillow, palette.PAPER, edge=palette.WALL, radius=5 * unit)
            blanket = Box(box.x + 0.25 * box.w, box.y + 0.06 * box.h, 0.725 * box.w, 0.88 * box.h)
            canvas.panel(blanket, palette.BLANKET, radius=7 * unit)
            head = min(0.25 * box.h, 0.085 * box.w)
            canvas.disc(pillow.x + pillow.w * 0.62, pillow.centre[1], head, palette.FAINT)
        elif station in self._carts:
            canvas.panel(box, palette.WOOD, edge=palette.EDGE, radius=6 * unit, line=1.5)
            canvas.line(
                [(box.x + 8 * unit, box.bottom - 4 * unit), (box.right - 8 * unit, box.bottom - 4 * unit)],
                palette.EDGE,
                1.2,
            )
        else:
            edge = palette.EDGE if station in self._posts else palette.WALL
            canvas.panel(box, palette.GROUND, edge=edge, radius=6 * unit, line=1.2)

    def _items(self, canvas: Canvas, state: Snapshot, station: int) -> None:
        """Draw the items on the furniture, in rows; the last label counts those that do not fit."""
        things = [(kind, True) for kind in self._facts.in_use(state, station)]
        lying = Counter(self._facts.lying(state, station))
        things += [(kind if number == 1 else f"{kind} x{number}", False) for kind, number in lying.items()]
        if not things:
            return
        table = self._table(station)
        bed = station in self._beds
        area = table.inset(
            0.27 * table.w if bed else 0.05 * table.w,
            0.08 * table.h,
            0.045 * table.w,
            0.25 * table.h if bed else 0.14 * table.h,
        )
        for share in (0.92, 0.8, 0.7):
            size = max(min(self._font * share, area.h / 1.5), SMALLEST)
            rows = _rows(things, area, size)
            if sum(map(len, rows)) == len(things) and rows[-1][-1].text == things[-1][0]:
                break
        high, gap = 1.4 * size, 0.3 * size
        y = area.y + (area.h - len(rows) * high - (len(rows) - 1) * gap) / 2
        for row in rows:
            x = area.x + (area.w - sum(label.width for label in row) - gap * (len(row) - 1)) / 2
            for label in row:
                tokens.pill(canvas, Box(x, y, label.width, high), label.text, size, in_use=label.in_use)
                x += label.width + gap
            y += high + gap

    def _vital(self, canvas: Canvas, state: Snapshot, station: int) -> None:
        """Draw the patient's progress along the foot of the blanket."""
        table, unit = self._table(station), self._unit
        share = self._facts.patient_progress(state, self._beds[station])
        high = max(4.0 * unit, 0.085 * table.h)
        box = Box(table.x + 0.29 * table.w, table.bottom - 0.06 * table.h - 1.9 * high, 0.645 * table.w, high)
        tokens.bar(canvas, box, share, palette.DONE, palette.PAPER)

    def _way(self, canvas: Canvas, state: Snapshot, agent: int, spot: tuple[float, ...]) -> None:
        """Draw the rest of the way of a travelling agent."""
        end = self._door(int(np.asarray(state.station)[agent]))
        colour = palette.mix(self._facts.colour(agent), palette.PAPER, 0.45)
        canvas.dashes((spot[0], spot[1]), end, colour, 1.4 * self._unit)
        canvas.disc(*end, 3 * self._unit, colour)

    def _agent(self, canvas: Canvas, state: Snapshot, agent: int, spot: tuple[float, float], radius: float) -> None:
        (x, y), unit = spot, self._unit
        tokens.agent(canvas, x, y, radius, agent, self._facts.marks[agent], self._facts.colour(agent))
        left = int(np.asarray(state.travel)[agent])
        if left:
            tokens.badge(canvas, x + radius * 0.85, y - radius * 0.85, max(0.5 * radius, 6.5), str(left))
        below = y + radius * 1.32
        capacity = int(self._facts.arrays.capacity[agent])
        if capacity:
            high = max(0.22 * radius, 3.0 * unit)
            share = float(np.asarray(state.energy)[agent]) / capacity
            tokens.energy(canvas, Box(x - radius, below, 2 * radius, high), share)
            below += high + 0.15 * radius
        held = self._facts.held(state, agent)
        if held is not None:
            size = max(min(0.62 * radius, self._font * 0.92), 8.0)
            # In a dense crowd a label has no room for a name: it only shows that the hand is not empty.
            held = held if radius > _DENSE else ""
            width = tokens.pill_width(held, size, 3.4 * radius)
            tokens.pill(canvas, Box(x - width / 2, below, width, size * 1.45), held, size)


def _rows(things: Sequence[tuple[str, bool]], area: Box, size: float) -> list[list[_Label]]:
    """Break the labels of `things` (text, whether in use) into rows; what does not fit is counted in the last."""
    gap = 0.3 * size
    most = max(1, int((area.h + gap) / (1.4 * size + gap)))
    rows: list[list[_Label]] = [[]]
    for text, in_use in things:
        label = _Label(text, in_use, tokens.pill_width(text, size, area.w))
        if rows[-1] and _width(rows[-1], gap) + gap + label.width > area.w:
            if len(rows) == most:
                return _with_rest(rows, len(things), area.w, size)
            rows.append([])
        rows[-1].append(label)
    return rows


def _with_rest(rows: list[list[_Label]], count: int, width: float, size: float) -> list[list[_Label]]:
    while True:
        more = f"+{count - sum(map(len, rows))}"
        rest = _Label(more, False, tokens.pill_width(more, size, width))
        if len(rows[-1]) == 1:
            only = rows[-1][0]
            rows[-1] = [only._replace(width=min(only.width, width - 0.3 * size - rest.width)), rest]
            return rows
        if _width(rows[-1], 0.3 * size) + 0.3 * size + rest.width <= width:
            rows[-1].append(rest)
            return rows
        rows[-1].pop()


def _width(row: Sequence[_Label], gap: float) -> float:
    return sum(label.width for label in row) + gap * (len(row) - 1)


def _tiles(canvas: Canvas, room: Box, pitch: float) -> None:
    """Draw the joints of the floor's tiles, faintly, so that they do not compete with what is on the floor."""
    for k in range(1, int(room.w / pitch) + 1):
        x = room.x + k * pitch - pitch / 2
        canvas.line([(x, room.y + 2), (x, room.bottom - 3)], palette.JOINT)
    for k in range(1, int(room.h / pitch) + 1):
        y = room.y + k * pitch - pitch / 2
        canvas.line([(room.x + 2, y), (room.right - 3, y)], palette.JOINT)
