"""Route sheets: when each driver is where, and what is still on board."""

from __future__ import annotations

from pathlib import Path

from evenhand.applications.routes import RoutePlan, timetable
from evenhand.tables import write_rows

HEADER = ("vehicle", "position", "stop", "arrival", "begin", "leave", "load")
"""Columns of the file."""


def write_sheets(path: Path, answer: RoutePlan) -> None:
    """Write a row for each visit of each vehicle, from depot to depot; times are clock times if units are hours."""
    problem, hours = answer.problem, answer.scales[1] == 3600.0
    rows: list[tuple[object, ...]] = []
    for index, route in enumerate(answer.routes or ()):
        for position, visit in enumerate(timetable(problem, index, route)):
            times = (visit.arrival, visit.begin, visit.leave)
            shown = [clock(time) if hours else f"{time / answer.scales[1]:g}" for time in times]
            rows.append((problem.vehicles[index].name, position, problem.names[visit.node], *shown, visit.load))
    write_rows(path, [HEADER, *rows])


def clock(seconds: int) -> str:
    """Return a time as hours and minutes, ``25:10`` on the next day; seconds are cut off."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
