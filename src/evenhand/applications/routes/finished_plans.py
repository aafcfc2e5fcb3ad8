"""Read finished plans of other programs, to make them fair: VRPLIB solutions, VROOM's JSON, and lists of stops."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.errors import InputError, choices
from evenhand.tables.documents import parse_json
from evenhand.tables.files import read_text

_ROUTE = re.compile(r"\s*route\s*#?\s*(\d+)\s*:(.*)", re.IGNORECASE)


def read_finished_plan(path: str | Path, problem: RoutingProblem) -> Routes:
    """Read a finished plan: one route for each vehicle, () for one that stays.

    Three formats are read: a VRPLIB solution (``Route #1: 3 7 2``, stops counted from 1 as they follow the depots);
    VROOM's JSON (``routes``, each with ``vehicle`` and ``steps``, whose jobs have the stop's name as ``description`` or
    its position among the stops, from 1, as ``id``); and JSON with ``routes``, a list of lists of stops' names for the
    vehicles in their order, or a mapping from names of vehicles, as this program writes and OR-Tools' users can; a
    depot at the begin or the end of such a list is left out. Routes without the names of their vehicles must be as many
    as the vehicles, or the vehicles alike; the last ones then stay.

    Raises
    ------
    InputError
        If the file cannot be read, or a stop or a vehicle is unknown; the message names it.
    """
    path, text = Path(path), read_text(path)
    if text.lstrip()[:1] in ("{", "["):
        routes, owners = _from_json(text, path, problem)
    else:
        routes, owners = _from_solution(text, path, problem), None
    return _placed(problem, routes, owners, path)


def _from_solution(text: str, path: Path, problem: RoutingProblem) -> list[tuple[int, ...]]:
    stops, routes = problem.stops, []
    for number, line in enumerate(text.splitlines(), start=1):
        found = _ROUTE.fullmatch(line)
        if found is None:
            continue
        route = []
        for word in found[2].split():
            if not word.isascii() or not word.isdecimal() or not 1 <= int(word) <= len(stops):
                raise InputError(f"{path}, line {number}: {word!r} is no stop from 1 to {len(stops)}")
            route.append(stops[int(word) - 1])
        routes.append(tuple(route))
    if not routes:
        raise InputError(f"{path}: has no line such as 'Route #1: 3 7 2', and is no JSON")
    return routes


def _from_json(text: str, path: Path, problem: RoutingProblem) -> tuple[list[tuple[int, ...]], list[int] | None]:
    data = parse_json(text, str(path), python=True)
    given = data.get("routes") if isinstance(data, dict) else data
    names = [vehicle.name for vehicle in problem.vehicles]
    if isinstance(given, dict):
        owners = [_position(str(name), names, f"{path}: vehicle") for name in given]
        return [_stops(route, path, problem) for route in given.values()], owners
    if not isinstance(given, list):
        raise InputError(f"{path}: has no list 'routes'; give one list of stops for each vehicle")
    if given and all(isinstance(route, dict) and "steps" in route for route in given):
        return _from_vroom(given, path, problem, names)
    routes = [_stops(route, path, problem) for route in given]
    return routes, list(range(len(routes))) if len(routes) == len(names) else None


def _from_vroom(
    given: Sequence[dict[str, Any]], path: Path, problem: RoutingProblem, names: Sequence[str]
) -> tuple[list[tuple[int, ...]], list[int] | None]:
    routes, owners = [], []
    for route in given:
        steps = route["steps"]
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            raise InputError(f"{path}: the steps of a route must be a list of objects, as VROOM writes them")
        jobs = [step for step in steps if step.get("type", "job") not in ("start", "end", "break")]
        if odd := [step["type"] for step in jobs if step.get("type", "job") != "job"]:
            raise InputError(f"{path}: a step has the type {odd[0]!r}, which routes here cannot have")
        routes.append(tuple(_job(step, path, problem) for step in jobs))
        label = route.get("description", route.get("vehicle"))
        if isinstance(label, str) and label in names:
            owners.append(names.index(label))
        elif isinstance(label, int) and 1 <= label <= len(names):
            owners.append(label - 1)
    return routes, owners if len(set(owners)) == len(routes) else None


def _job(step: dict[str, Any], path: Path, problem: RoutingProblem) -> int:
    name, stops = step.get("description"), problem.stops
    if isinstance(name, str) and name in problem.names:
        return problem.names.index(name)
    number = step.get("id", step.get("job"))
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= len(stops):
        raise InputError(f"{path}: a step has the id {number!r}, which is no stop from 1 to {len(stops)}")
    return stops[number - 1]


def _stops(route: Any, path: Path, problem: RoutingProblem) -> tuple[int, ...]:
    if not isinstance(route, list):
        raise InputError(f"{path}: a route is {type(route).__name__}; give a list of the names of its stops")
    nodes = [_position(str(name), problem.names, f"{path}: stop") for name in route]
    home = problem.depots
    first = 1 if nodes and nodes[0] in home else 0
    return tuple(nodes[first : -1 if len(nodes) > first and nodes[-1] in home else None])


def _position(name: str, known: Sequence[str], what: str) -> int:
    if name not in known:
        raise InputError(f"{what} {name!r} is unknown; {choices(name, known, quoted=False)}")
    return list(known).index(name)


def _placed(
    problem: RoutingProblem, routes: Sequence[tuple[int, ...]], owners: Sequence[int] | None, path: Path
) -> Routes:
    """Return a route for each vehicle; without owners, as many as vehicles, or the vehicles must be alike."""
    vehicles = len(problem.vehicles)
    if owners is None:
        if len(routes) != vehicles:
            routes = [route for route in routes if route]
        if len(routes) > vehicles or (len(routes) < vehicles and not problem.alike):
            raise InputError(
                f"{path}: has {len(routes)} routes for {vehicles} vehicles and does not say whose they are; write "
                "'routes' as a mapping from vehicles to lists of stops"
            )
        owners = range(len(routes))
    full: list[tuple[int, ...]] = [()] * vehicles
    for owner, route in zip(owners, routes, strict=True):
        full[owner] = route
    return tuple(full)
