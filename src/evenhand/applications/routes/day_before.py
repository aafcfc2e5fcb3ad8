"""Let routes begin with what drivers carried on earlier days: the JSON of one day is read for the next."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from typing import Any

from evenhand.applications.routes.routing_problem import RoutingProblem
from evenhand.applications.routes.user_units import UserUnits
from evenhand.errors import InputError
from evenhand.number_checks import is_number
from evenhand.tables.cost_table import shown
from evenhand.tables.documents import read_json


def with_day_before(
    problem: RoutingProblem, path: str | os.PathLike[str], burden: str, units: UserUnits
) -> tuple[RoutingProblem, tuple[str, ...]]:
    """Return the problem whose drivers carry what they had at the end of another answer, and notes on who changed.

    Parameters
    ----------
    problem
        The problem of the day; its drivers carry nothing yet.
    path
        The JSON of an answer of the days before, what was carried then included; over several days, that of the last.
    burden
        What is shared, which must be the same.
    units
        Units of the problem in those of the file.

    Raises
    ------
    InputError
        If the file is no such answer, or shares something else, or drivers carry something already.
    """
    data = read_json(path)
    loads = _loads(data, f"{path}")
    if data.get("burden") != burden:
        other = shown(str(data.get("burden")))
        raise InputError(f"{path}: shares the {other}, and --burden is {burden}; take the same")
    if busy := [vehicle.name for vehicle in problem.vehicles if vehicle.carried]:
        raise InputError(f"{shown(busy[0])} carries something already; leave out the column carried, or {path}")
    names = [vehicle.name for vehicle in problem.vehicles]
    notes = [f"{path}: {shown(name)} is not there and begins with 0" for name in names if name not in loads]
    notes += [f"{path}: {shown(name)} is not among the vehicles of today" for name in loads if name not in names]
    unit = units.of(burden)
    vehicles = [replace(vehicle, carried=loads.get(vehicle.name, 0.0) * unit) for vehicle in problem.vehicles]
    return replace(problem, vehicles=tuple(vehicles)), tuple(notes)


def _loads(data: Any, source: str) -> dict[str, float]:
    """Return what each driver of an answer carried at its end, in the file's units."""
    if not isinstance(data, dict) or not isinstance(data.get("vehicles"), list):
        raise InputError(f"{source}: is no answer of solve routes; give the file that its --json wrote")
    days = data.get("days")
    daily = days.get("loads") if isinstance(days, dict) else None
    loads: Any = daily[-1] if isinstance(daily, list) and daily else data.get("loads")
    fits = isinstance(loads, list) and len(loads) == len(data["vehicles"])
    if not fits or not all(is_number(load) and 0.0 <= load < math.inf for load in loads):
        raise InputError(f"{source}: has no load for each of its vehicles; nothing can be carried on")
    return dict(zip(map(str, data["vehicles"]), map(float, loads), strict=True))
