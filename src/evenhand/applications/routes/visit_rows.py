"""The visits of routes as an office reads them: names, times of the clock, and what is still on board."""

from __future__ import annotations

from collections.abc import Sequence

from evenhand.applications.routes.check_routes import timetable
from evenhand.applications.routes.routes_result import RoutePlan


def visit_rows(answer: RoutePlan, vehicle: int, route: Sequence[int]) -> list[tuple[object, ...]]:
    """Return position, stop, arrival, begin of service, leaving and load of each visit, from depot to depot.

    Numbers are in the user's units; () for a route without stops.
    """
    problem, units = answer.problem, answer.units
    return [
        (
            position,
            problem.names[visit.node],
            *(units.time(moment) for moment in (visit.arrival, visit.begin, visit.leave)),
            f"{visit.load / units.load:.10g}",
        )
        for position, visit in enumerate(timetable(problem, vehicle, route))
    ]
