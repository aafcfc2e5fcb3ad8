"""Read routing problems from the tables of an office: stops, vehicles, and the ways between them."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.office_rows import OfficeRow, OfficeTable
from evenhand.applications.routes.route_roles import DEPOT_WORDS, NO, STOPS, VEHICLES, YES
from evenhand.applications.routes.routing_problem import UNLIMITED, RoutingProblem, Vehicle
from evenhand.arrays import Array
from evenhand.errors import InputError, choices
from evenhand.tables import read_table

METRES, SECONDS = 1_000.0, 3_600.0
"""Units of the problem in a kilometre and in an hour."""

SPEED = 40.0
"""Kilometres an hour on straight lines where neither a speed nor durations are given."""

EARTH = 6_371_000.0
"""Mean radius of the earth in metres."""

FARTHEST = 2_000_000.0
"""Upper limit on metres between two stops: beyond it, a coordinate has lost its decimal point."""


@dataclass(frozen=True, slots=True)
class OfficeRoutes:
    """What tables of stops and vehicles say.

    Attributes
    ----------
    problem
        The problem, in metres and seconds.
    notes
        Sentences on how the tables were read.
    """

    problem: RoutingProblem
    notes: tuple[str, ...]


def read_route_tables(
    stops: str | os.PathLike[str],
    vehicles: str | os.PathLike[str],
    *,
    burden: str = "duration",
    distances: str | os.PathLike[str] | None = None,
    durations: str | os.PathLike[str] | None = None,
    speed: float | None = None,
) -> OfficeRoutes:
    """Return what tables of stops and vehicles say.

    Parameters
    ----------
    stops
        A row for each stop and each depot: name; x and y in kilometres, or latitude and longitude; demand (0 where it
        is missing), minutes of service (0), and a window from and to (any time).
    vehicles
        A row for each vehicle: driver; the name of the depot's row; capacity (any), shift from and to (any), must drive
        (no), what the driver carries from before, a share that loads are in proportion to, most hours and most
        kilometres.
    burden
        What is shared, which says the unit of what is carried: hours, kilometres, stops or load.
    distances, durations
        Tables of kilometres and of minutes from each row's stop to each column's; straight lines between coordinates if
        there are no distances, and the speed if there are no durations.
    speed
        Kilometres an hour.

    Raises
    ------
    InputError
        If a cell cannot be used; the message names file, line and column.
    """
    table = OfficeTable(stops, "stops", STOPS, ("stop",), ("from", "to", "demand", "service"))
    fleet = OfficeTable(vehicles, "vehicles", VEHICLES, ("driver",), ("from", "to", "capacity", "depot"))
    names = _names(table)
    notes = [*table.notes(), *fleet.notes()]
    depots = _depots(fleet, names, notes)
    order = [*depots, *(name for name in names if name not in depots)]
    rows = [table.rows[names[name]] for name in order]
    at = _coordinates(table, rows)
    ways, times = _ways(order, at, "longitude" in table and "latitude" in table, distances, durations, speed, notes)
    drivers = [_vehicle(row, depots, burden) for row in fleet.rows]
    _check_drivers(fleet, drivers)
    day = [_span(row) for row in rows]
    for depot in range(len(depots)):
        if day[depot] != (0, UNLIMITED):
            raise InputError(f"{rows[depot].where('from')}: a depot has no window; write shifts in {fleet.source}")
    problem = RoutingProblem(
        names=tuple(order),
        coordinates=at,
        distances=ways,
        durations=times,
        depots=tuple(range(len(depots))),
        demand=np.array([[0 if row.text("stop") in depots else row.whole("demand", 0)] for row in rows]),
        service=np.array([round(60 * row.pause("service")) for row in rows], dtype=np.int64),
        windows=np.array(day, dtype=np.int64),
        vehicles=tuple(drivers),
    )
    if not problem.stops:
        raise InputError(f"{table.source}: there are no stops beside the depot; add a row for each")
    return OfficeRoutes(problem, tuple(notes))


def _names(table: OfficeTable) -> dict[str, int]:
    """Return the position of each row by the name of its stop."""
    found: dict[str, int] = {}
    for index, row in enumerate(table.rows):
        name = row.needed("stop", "Bakery")
        if name in found:
            raise row.fault("stop", f"has a row already, line {table.rows[found[name]].line}; give each stop one")
        found[name] = index
    return found


def _depots(fleet: OfficeTable, names: dict[str, int], notes: list[str]) -> list[str]:
    """Return the names of the depots' rows, in the order of the vehicles."""
    if "depot" in fleet:
        found: dict[str, None] = {}
        for row in fleet.rows:
            depot = row.needed("depot", "the name of a row of the stops")
            if depot not in names:
                raise row.fault("depot", f"is no row of the stops; {choices(depot, names, quoted=False)}")
            found[depot] = None
        return list(found)
    named = [name for name in names if name.strip().casefold() in DEPOT_WORDS]
    if len(named) != 1:
        raise InputError(
            f"{fleet.source}: no column says where a vehicle starts, and {len(named)} rows of the stops are named "
            "depot; add a column depot, or name one row depot"
        )
    notes.append(f"{fleet.source}: all vehicles start and end at {named[0]!r}")
    return named


def _coordinates(table: OfficeTable, rows: Sequence[OfficeRow]) -> Array | None:
    """Return x and y, or longitude and latitude, shape (k, 2); None if the table has neither."""
    for first, second in (("longitude", "latitude"), ("x", "y")):
        if first in table and second in table:
            found = np.empty((len(rows), 2))
            for row, values in zip(rows, found, strict=True):
                for column, role in enumerate((first, second)):
                    row.needed(role, "52.52")
                    values[column] = table.numbers(role)[row.text(role)]
                if first == "longitude" and not (abs(values[0]) <= 180.0 and abs(values[1]) <= 90.0):
                    raise row.fault("latitude", "is beyond 90 degrees, or the longitude beyond 180")
            return found
    return None


def _ways(
    order: Sequence[str],
    at: Array | None,
    degrees: bool,
    distances: str | os.PathLike[str] | None,
    durations: str | os.PathLike[str] | None,
    speed: float | None,
    notes: list[str],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return metres and seconds from each to each, shape (k, k)."""
    if speed is not None and not (math.isfinite(speed) and speed > 0):
        raise InputError(f"speed is {speed!r}; it must be a positive number of kilometres an hour")
    pace = SECONDS / METRES / (SPEED if speed is None else speed)  # seconds a metre
    said = (
        f"at {SPEED:g} km/h; say another with --speed, or give --durations" if speed is None else f"at {speed:g} km/h"
    )
    times = None if durations is None else _matrix(order, durations, 60.0)
    if distances is not None:
        ways = _matrix(order, distances, METRES)
    elif at is not None:
        ways = _on_earth(at) if degrees else _in_plane(order, at)
        notes.append("ways are straight lines between the coordinates; give real ones with --distances")
    elif times is not None:
        ways = times / pace
        notes.append(f"distances are those of the durations {said}")
    else:
        raise InputError(
            "the stops have neither x and y nor latitude and longitude; add them, or give --distances FILE, a table of "
            "kilometres from stop to stop"
        )
    if times is None:
        times = ways * pace
        notes.append(f"ways are driven {said}")
    return np.rint(ways).astype(np.int64), np.rint(times).astype(np.int64)


def _matrix(order: Sequence[str], path: str | os.PathLike[str], unit: float) -> Array:
    table = read_table(path)
    rows, columns = list(table.agents), list(table.tasks)
    for name in order:
        for kind, known in (("row", rows), ("column", columns)):
            if name not in known:
                raise InputError(f"{path}: has no {kind} for the stop {name!r}; {choices(name, known, quoted=False)}")
    picked = table.values[np.ix_([rows.index(name) for name in order], [columns.index(name) for name in order])]
    picked = np.array(picked, dtype=np.float64)
    np.fill_diagonal(picked, 0.0)
    wrong = ~(np.isfinite(picked) & (picked >= 0.0))
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise InputError(f"{path}: the way from {order[i]!r} to {order[j]!r} must be a number of at least 0")
    return picked * unit


def _in_plane(order: Sequence[str], at: Array) -> Array:
    found = np.hypot(*(at[:, np.newaxis] - at).transpose(2, 0, 1)) * METRES
    far = found > FARTHEST
    if far.any():
        i, j = (int(k) for k in np.argwhere(far)[0])
        raise InputError(
            f"{order[i]!r} and {order[j]!r} are {found[i, j] / METRES:,.0f} km apart; x and y must be in kilometres"
        )
    return np.asarray(found)


def _on_earth(at: Array) -> Array:
    """Return metres on great circles between longitudes and latitudes in degrees, by the haversine formula."""
    longitude, latitude = np.radians(at).T
    half = np.sin((latitude[:, np.newaxis] - latitude) / 2) ** 2
    half += np.cos(latitude)[:, np.newaxis] * np.cos(latitude) * np.sin((longitude[:, np.newaxis] - longitude) / 2) ** 2
    return np.asarray(2 * EARTH * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def _vehicle(row: OfficeRow, depots: Sequence[str], burden: str) -> Vehicle:
    name = row.needed("driver", "Ada")
    earliest, latest = _span(row)
    depot = depots.index(row.text("depot")) if row.text("depot") else 0
    unit = {"distance": METRES, "duration": SECONDS}.get(burden, 1.0)
    drives = row.text("must drive").casefold()
    if drives not in YES | NO:
        raise row.fault("must drive", "must be yes or no")
    capacity = row.whole("capacity", -1, least=0) if row.text("capacity") else UNLIMITED
    hours, km = row.number("most hours", math.inf, finite=False), row.number("most km", math.inf, finite=False)
    return Vehicle(
        name,
        depot,
        (capacity,),
        earliest=earliest,
        latest=latest,
        most_duration=UNLIMITED if math.isinf(hours) else round(hours * SECONDS),
        most_distance=UNLIMITED if math.isinf(km) else round(km * METRES),
        must_drive=drives in YES,
        carried=row.number("carried", 0.0) * unit,
        entitlement=row.number("share", 1.0),
    )


def _span(row: OfficeRow) -> tuple[int, int]:
    """Return a window or shift in seconds after midnight; one that ends before it begins ends on the next day."""
    start = round(60 * row.moment("from")[1]) if row.text("from") else 0
    if not row.text("to"):
        return start, UNLIMITED
    end = round(60 * row.moment("to")[1])
    if end == start:
        raise row.fault("to", "is the time at which it begins, too; write a later time")
    return start, end if end > start else end + 24 * 3600


def _check_drivers(fleet: OfficeTable, drivers: Sequence[Vehicle]) -> None:
    seen: dict[str, int] = {}
    for row, driver in zip(fleet.rows, drivers, strict=True):
        if driver.name in seen:
            raise row.fault("driver", f"has a row already, line {seen[driver.name]}; give each driver one")
        if driver.entitlement <= 0.0:
            raise row.fault("share", "must be above 0; leave out who does not share")
        seen[driver.name] = row.line
