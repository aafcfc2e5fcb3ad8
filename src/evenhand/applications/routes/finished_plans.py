"""Read finished plans of other programs, to make them fair: VRPLIB solutions, VROOM's JSON, and lists of stops."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.errors import InputError, choices

_ROUTE = re.compile(r"\s*route\s*#?\s*(\d+)\s*:(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FinishedPlan:
    """A plan of another program.

    Attributes
    ----------
    problem
        The problem, with only as many of its alike vehicles as the plan has routes where it names no vehicles.
    routes
        The routes, one for each vehicle.
    """

    problem: RoutingProblem
    routes: Routes


def read_finished_plan(path: str | Path, problem: RoutingProblem) -> FinishedPlan:
    """Read a finished plan.

    Three formats are read: a VRPLIB solution (``Route #1: 3 7 2``, stops counted from 1 as they follow the depots);
    VROOM's JSON (``routes``, each with ``vehicle`` and ``steps``, whose jobs have the stop's name as ``description`` or
    its position among the stops, from 1, as ``id``); and JSON with ``routes``, a list of lists of stops' names for the
    vehicles in their order, or a mapping from names of vehicles, as this program writes and OR-Tools' users can.

    Raises
    ------
    InputError
        If the file cannot be read, or a stop or a vehicle is unknown; the message names it.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
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
            if not word.isdigit() or not 1 <= int(word) <= len(stops):
                raise InputError(f"{path}, line {number}: {word!r} is no stop from 1 to {len(stops)}")
            route.append(stops[int(word) - 1])
        routes.append(tuple(route))
    if not routes:
        raise InputError(f"{path}: has no line such as 'Route #1: 3 7 2', and is no JSON")
    return routes


def _from_json(text: str, path: Path, problem: RoutingProblem) -> tuple[list[tuple[int, ...]], list[int] | None]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise InputError(f"{path}: is no JSON that can be read: {error}") from None
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
        jobs = [step for step in route["steps"] if step.get("type") not in ("start", "end", "break")]
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
    if not isinstance(number, int) or not 1 <= number <= len(stops):
        raise InputError(f"{path}: a step has the id {number!r}, which is no stop from 1 to {len(stops)}")
    return stops[number - 1]


def _stops(route: Any, path: Path, problem: RoutingProblem) -> tuple[int, ...]:
    if not isinstance(route, list):
        raise InputError(f"{path}: a route is {type(route).__name__}; give a list of the names of its stops")
    return tuple(_position(str(name), problem.names, f"{path}: stop") for name in route)


def _position(name: str, known: Sequence[str], what: str) -> int:
    if name not in known:
        raise InputError(f"{what} {name!r} is unknown; {choices(name, known, quoted=False)}")
    return list(known).index(name)


def _placed(
    problem: RoutingProblem, routes: Sequence[tuple[int, ...]], owners: Sequence[int] | None, path: Path
) -> FinishedPlan:
    """Return the plan with a route for each vehicle; without owners, vehicles must be alike, and only as many count."""
    if owners is not None:
        full: list[tuple[int, ...]] = [()] * len(problem.vehicles)
        for owner, route in zip(owners, routes, strict=True):
            full[owner] = route
        return FinishedPlan(problem, tuple(full))
    driven = tuple(route for route in routes if route)
    if not problem.alike or len(driven) > len(problem.vehicles):
        raise InputError(
            f"{path}: has {len(driven)} routes for {len(problem.vehicles)} vehicles and does not say whose they are; "
            "write 'routes' as a mapping from vehicles to lists of stops"
        )
    return FinishedPlan(replace(problem, vehicles=problem.vehicles[: len(driven)]), driven)
