"""Route sheets: when each driver is where, and what is still on board."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evenhand.applications.routes import Rotation, RoutePlan
from evenhand.applications.routes.visit_rows import visit_rows
from evenhand.tables import write_rows

HEADER = ("vehicle", "position", "stop", "arrival", "begin", "leave", "load")
"""Columns of the file."""


def write_sheets(path: Path, answer: RoutePlan, rotation: Rotation | None = None) -> None:
    """Write a row for each visit of each vehicle, from depot to depot, in the user's units.

    With a rotation, the first column is the day, from 1, and each driver has the route of that day.
    """
    rows = _rows(answer, answer.routes or ())
    if rotation is None:
        write_rows(path, [HEADER, *rows])
        return
    days = [[(answer.routes or ())[route] for route in day] for day in rotation.route_of.tolist()]
    dated = [(day, *row) for day, routes in enumerate(days, start=1) for row in _rows(answer, routes)]
    write_rows(path, [("day", *HEADER), *dated])


def _rows(answer: RoutePlan, routes: Sequence[Sequence[int]]) -> list[tuple[object, ...]]:
    names = [vehicle.name for vehicle in answer.problem.vehicles]
    return [(names[k], *row) for k, route in enumerate(routes) for row in visit_rows(answer, k, route)]
