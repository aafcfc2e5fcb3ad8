"""Fair routes: vehicles with capacities, windows and depots, whose distance, hours, stops or load are shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.applications.routes.check_routes import broken_rules, timetable
from evenhand.applications.routes.day_before import with_day_before
from evenhand.applications.routes.finished_plans import read_finished_plan
from evenhand.applications.routes.generated_towns import generate_town
from evenhand.applications.routes.rotation import Rotation, rotate
from evenhand.applications.routes.route_tables import OfficeRoutes, read_route_tables
from evenhand.applications.routes.routes_result import RoutePlan
from evenhand.applications.routes.routing_problem import Routes, RoutingProblem, Vehicle
from evenhand.applications.routes.vrplib_files import read_routes
from evenhand.lazy_names import lazy_names

if TYPE_CHECKING:
    from evenhand.applications.routes.solve_routes import solve

# Imported on first use: its loops are compiled by numba, which takes a while to load.
__getattr__ = lazy_names(__name__, {"solve_routes": "solve"})[0]

__all__ = [
    "OfficeRoutes",
    "Rotation",
    "RoutePlan",
    "Routes",
    "RoutingProblem",
    "Vehicle",
    "broken_rules",
    "generate_town",
    "read_finished_plan",
    "read_route_tables",
    "read_routes",
    "rotate",
    "solve",
    "timetable",
    "with_day_before",
]
