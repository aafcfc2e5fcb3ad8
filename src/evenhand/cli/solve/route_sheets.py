"""Route sheets: when each driver is where, and what is still on board."""

from __future__ import annotations

from pathlib import Path

from evenhand.applications.routes import RoutePlan, timetable
from evenhand.tables import write_rows

HEADER = ("vehicle", "position", "stop", "arrival", "begin", "leave", "load")
"""Columns of the file."""


def write_sheets(path: Path, answer: RoutePlan) -> None:
    """Write a row for each visit of each vehicle, from depot to depot, in the user's units."""
    problem, units = answer.problem, answer.units
    rows: list[tuple[object, ...]] = []
    for index, route in enumerate(answer.routes or ()):
        for position, visit in enumerate(timetable(problem, index, route)):
            times = [units.time(moment) for moment in (visit.arrival, visit.begin, visit.leave)]
            name, load = problem.vehicles[index].name, f"{visit.load / units.load:.10g}"
            rows.append((name, position, problem.names[visit.node], *times, load))
    write_rows(path, [HEADER, *rows])
