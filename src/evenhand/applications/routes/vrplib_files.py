"""Read routing problems from files of VRPLIB and of Solomon, through PyVRP's reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from evenhand.applications.routes.pyvrp_plan import pyvrp
from evenhand.applications.routes.routing_problem import UNLIMITED, RoutingProblem, Vehicle
from evenhand.errors import InputError, choices

ROUNDINGS = {"nearest": "round", "tenths": "dimacs", "thousandths": "exact"}
"""How distances become whole numbers, with PyVRP's names: to the nearest, cut off after one decimal, or to three."""

SCALES = {"nearest": 1, "tenths": 10, "thousandths": 1000}
"""Units of the problem for one unit of the file."""


def read_routes(path: str | Path, *, rounding: str = "nearest", vehicles: int | None = None) -> RoutingProblem:
    """Read a VRPLIB file, or one in Solomon's format.

    Parameters
    ----------
    path
        The file: capacities, windows, service times, several depots, unlike vehicles, longest durations and distances,
        as PyVRP reads them.
    rounding
        ``nearest`` (as the benchmarks without windows are scored), ``tenths`` or ``thousandths``; all numbers of the
        problem are then tenths or thousandths.
    vehicles
        Number of vehicles, if all are alike; None for the file's, or one for each stop where it says none.

    Raises
    ------
    InputError
        If the file cannot be read; the message names it.
    MissingExtraError
        If PyVRP is missing.
    """
    path = Path(path)
    if rounding not in ROUNDINGS:
        raise InputError(f"rounding is {rounding!r}; {choices(rounding, ROUNDINGS, quoted=False)}")
    library = pyvrp()
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    try:
        data = library.read(path, round_func=ROUNDINGS[rounding])
    except Exception as error:  # the reader raises whatever its parser meets
        raise InputError(f"{path}: is no VRPLIB or Solomon file that can be read: {error or type(error)}") from error
    return _problem(data, path, vehicles)


def _problem(data: Any, path: Path, vehicles: int | None) -> RoutingProblem:
    if data.num_profiles != 1 or any(client.pickup and any(client.pickup) for client in data.clients()):
        raise InputError(f"{path}: has pickups or several speeds of vehicles, which routes here cannot have")
    if any(not client.required or client.group is not None for client in data.clients()):
        raise InputError(f"{path}: has stops that may be left out, which routes here cannot have")
    depots, clients = list(data.depots()), list(data.clients())
    at = [depot.location for depot in depots] + [client.location for client in clients]
    if len(set(at)) != len(at):
        raise InputError(f"{path}: has several stops at one location of the file")
    order = np.array(at)
    sizes, first = len(depots), [depot.tw_early for depot in depots]
    windows = [[early, depot.tw_late] for early, depot in zip(first, depots, strict=True)]
    windows += [[client.tw_early, client.tw_late] for client in clients]
    dims = max(data.num_load_dimensions, 1)
    demand = np.zeros((len(at), dims), dtype=np.int64)
    for index, client in enumerate(clients):
        demand[sizes + index, : len(client.delivery)] = list(client.delivery)
    drivers = [_vehicle(kind, dims) for kind in data.vehicle_types() for _ in range(kind.num_available)]
    if vehicles is not None:
        if len(set(drivers)) > 1:
            raise InputError(f"{path}: has unlike vehicles, so that their number cannot be asked for")
        drivers = drivers[:1] * vehicles
    locations = list(data.locations())
    return RoutingProblem(
        names=tuple(str(node + 1) for node in order.tolist()),
        coordinates=np.array([[locations[node].x, locations[node].y] for node in order.tolist()], dtype=np.float64),
        distances=np.asarray(data.distance_matrix(0), dtype=np.int64)[np.ix_(order, order)],
        durations=np.asarray(data.duration_matrix(0), dtype=np.int64)[np.ix_(order, order)],
        depots=tuple(range(sizes)),
        demand=demand,
        service=np.array([0] * sizes + [client.service_duration for client in clients], dtype=np.int64),
        windows=np.array(windows, dtype=np.int64),
        vehicles=tuple(_named(vehicle, index) for index, vehicle in enumerate(drivers)),
    )


def _vehicle(kind: Any, dims: int) -> Vehicle:
    if kind.start_depot != kind.end_depot:
        raise InputError("a vehicle starts and ends at different depots, which routes here cannot have")
    capacity = [*kind.capacity, *([UNLIMITED] * (dims - len(kind.capacity)))]
    return Vehicle(
        "",
        int(kind.start_depot),
        tuple(int(value) for value in capacity),
        earliest=int(kind.tw_early),
        latest=int(kind.tw_late),
        most_duration=int(kind.shift_duration),
        most_distance=int(kind.max_distance),
    )


def _named(vehicle: Vehicle, index: int) -> Vehicle:
    return replace(vehicle, name=f"vehicle {index + 1}")
