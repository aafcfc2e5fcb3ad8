"""Where rooms and stations are drawn: plain geometry, no colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evenhand.hospital.scenario import Scenario, Station

_CARD = 0.92
"""Width over height of a station, its agents included."""
_WIDEST = 250.0
_ROOM = 1.2
_TITLE = 24.0


@dataclass(frozen=True)
class Box:
    """A rectangle: its upper left corner, width and height."""

    x: float
    y: float
    w: float
    h: float

    @property
    def centre(self) -> tuple[float, float]:
        """The middle."""
        return self.x + self.w / 2, self.y + self.h / 2

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    def inset(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Return the box within, each side moved inwards."""
        return Box(self.x + left, self.y + top, self.w - left - right, self.h - top - bottom)


@dataclass(frozen=True)
class Floor:
    """The boxes in which each room (by name) and each station (in the scenario's order) is drawn."""

    rooms: dict[str, Box]
    stations: tuple[Box, ...]


def plan_floor(scenario: Scenario, area: Box, unit: float = 1.0) -> Floor:
    """Lay rooms out in a grid and stations in their room: at their own places, or in rows.

    Parameters
    ----------
    scenario
        The scenario with the stations.
    area
        The area to fill.
    unit
        Pixels per unit of the lengths in this module.

    Returns
    -------
    Floor
        Boxes that do not overlap.
    """
    names = list(dict.fromkeys(station.room for station in scenario.stations))
    gap = 12 * unit
    cells = tile(len(names), area.inset(-gap / 2, -gap / 2, -gap / 2, -gap / 2), _ROOM)
    rooms = {name: cell.inset(gap / 2, gap / 2, gap / 2, gap / 2) for name, cell in zip(names, cells, strict=True)}
    boxes: dict[str, Box] = {}
    for name, room in rooms.items():
        members = [station for station in scenario.stations if station.room == name]
        inner = room.inset(8 * unit, (_TITLE if len(rooms) > 1 else 10) * unit, 8 * unit, 8 * unit)
        for station, box in zip(members, _place(members, inner), strict=True):
            boxes[station.name] = _trim(box, unit)
    return Floor(rooms, tuple(boxes[station.name] for station in scenario.stations))


def tile(count: int, area: Box, aspect: float) -> list[Box]:
    """Cut `area` into rows of equal cells, as large as can be for their `aspect`; a last short row is centred."""

    def size(columns: int) -> float:
        return min(area.w / columns / aspect, area.h / math.ceil(count / columns))

    columns = max(range(1, count + 1), key=size)
    rows = math.ceil(count / columns)
    w, h = area.w / columns, area.h / rows
    boxes = []
    for k in range(count):
        row, column = divmod(k, columns)
        short = columns - min(columns, count - row * columns)
        boxes.append(Box(area.x + (column + short / 2) * w, area.y + row * h, w, h))
    return boxes


def _place(stations: Sequence[Station], area: Box) -> list[Box]:
    """Return a cell for each station: at the places the scenario gives if they leave enough room, otherwise in rows."""
    rows = tile(len(stations), area, _CARD)
    places = [station.at for station in stations if station.at is not None]
    if len(stations) < 2 or len(places) < len(stations):
        return rows
    for cells in (_to_scale(places, area), _in_order(places, area)):
        if cells and min(cells[0].w / _CARD, cells[0].h) >= 0.7 * min(rows[0].w / _CARD, rows[0].h):
            return cells
    return rows


def _in_order(places: Sequence[tuple[float, float]], area: Box) -> list[Box]:
    """Return cells of a grid with a column for each x and a row for each y; none where two coincide."""
    if len(set(places)) < len(places):
        return []
    columns, rows = sorted({x for x, _ in places}), sorted({-y for _, y in places})
    w, h = area.w / len(columns), area.h / len(rows)
    return [Box(area.x + columns.index(x) * w, area.y + rows.index(-y) * h, w, h) for x, y in places]


def _to_scale(places: Sequence[tuple[float, float]], area: Box) -> list[Box]:
    """Return cells around `places`, metres with y upwards, stretched to fill `area`; none where two coincide."""
    xs, ys = ([place[k] for place in places] for k in (0, 1))
    wide, high = (max(max(values) - min(values), 1e-9) for values in (xs, ys))
    # Shares of the span, so that each direction is stretched by itself: the picture is a plan, not a map.
    spots = [((x - min(xs)) / wide, (max(ys) - y) / high) for x, y in places]
    flat_x, flat_y = max(xs) == min(xs), max(ys) == min(ys)
    w, h = area.w, area.h
    for _ in range(60):
        room_x, room_y = (0.0 if flat_x else area.w - w), (0.0 if flat_y else area.h - h)
        corners = [(x * room_x, y * room_y) for x, y in spots]
        if _apart(corners, w, h):
            dx, dy = (area.w - w) / 2 if flat_x else 0.0, (area.h - h) / 2 if flat_y else 0.0
            return [Box(area.x + x + dx, area.y + y + dy, w, h) for x, y in corners]
        w, h = w * 0.95, h * 0.95
    return []


def _apart(corners: Sequence[tuple[float, float]], w: float, h: float) -> bool:
    return all(
        abs(x - other_x) >= w - 1e-6 or abs(y - other_y) >= h - 1e-6
        for k, (x, y) in enumerate(corners)
        for other_x, other_y in corners[:k]
    )


def _trim(cell: Box, unit: float) -> Box:
    """Return a card in the middle of its cell, not too wide and not too tall."""
    w = min(cell.w - 6 * unit, _WIDEST * unit)
    h = min(cell.h - 6 * unit, w / _CARD * 1.1)
    w = min(w, 1.6 * h)
    x, y = cell.centre
    return Box(x - w / 2, y - h / 2, w, h)
