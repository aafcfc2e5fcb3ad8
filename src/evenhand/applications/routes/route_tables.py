"""Read routing problems from the tables of an office: stops, vehicles, and the ways between them."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evenhand.applications.office_rows import OfficeRow, OfficeTable
from evenhand.applications.routes.route_cells import (
    DAY,
    LENGTHS,
    TIMES,
    check_load_units,
    load,
    measure,
    must_drive,
    span,
    whole_seconds,
)
from evenhand.applications.routes.route_roles import DEPOT_WORDS, LOAD_UNITS, STOPS, VEHICLES
from evenhand.applications.routes.route_ways import coordinates, ways_and_times
from evenhand.applications.routes.routing_problem import UNLIMITED, RoutingProblem, Vehicle
from evenhand.applications.routes.user_units import OFFICE
from evenhand.errors import InputError, choices
from evenhand.tables.header_words import words_of

CARRIED = {"distance": LENGTHS, "duration": TIMES, "stops": {"": 1.0}, "load": {"": OFFICE.load}}
"""Units of what a driver carries from before, by the burden that is shared."""


@dataclass(frozen=True, slots=True)
class OfficeRoutes:
    """What tables of stops and vehicles say.

    Attributes
    ----------
    problem
        The problem, in metres, seconds and thousandths of a load.
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
    timed = ("from", "to", "window")
    watched = (*timed, "capacity", "depot", "must drive", "carried", "most hours", "most km")
    table = OfficeTable(stops, "stops", STOPS, ("stop",), (*timed, "demand", "service"), LOAD_UNITS)
    fleet = OfficeTable(vehicles, "vehicles", VEHICLES, ("driver",), watched, LOAD_UNITS)
    for one in (table, fleet):
        if "window" in one and ("from" in one or "to" in one):
            raise InputError(f"{one.source}: both {one.header('window')!r} and columns of begin or end; leave one out")
    check_load_units(table.header("demand"), fleet.header("capacity"), LOAD_UNITS, fleet.source)
    names = _names(table)
    notes = [*table.notes(), *fleet.notes()]
    depots = _depots(fleet, names, notes)
    order = [*depots, *(name for name in names if name not in depots)]
    rows = [table.rows[names[name]] for name in order]
    at = coordinates(table, rows)
    ways, times = ways_and_times(
        order, at, "longitude" in table and "latitude" in table, distances, durations, speed, notes
    )
    if at is not None and "longitude" in table and "latitude" in table:
        at = at * [math.cos(math.radians(float(at[:, 1].mean()))), 1.0]  # as wide as high on a map
    drivers = [_vehicle(row, depots, burden) for row in fleet.rows]
    _check_drivers(fleet, drivers)
    day = [span(row) for row in rows]
    demand, service = [load(row, "demand") for row in rows], [whole_seconds(row) for row in rows]
    for row, window, *given in list(zip(rows, day, demand, service, strict=True))[: len(depots)]:
        if window != (0, UNLIMITED):
            raise InputError(f"{row.where('from')}: a depot has no window; write shifts in {fleet.source}")
        for role, value in zip(("demand", "service"), given, strict=True):
            if value:
                raise row.fault(role, f"is the {role} of a depot, which has none; leave the cell empty")
    if "capacity" in fleet and "demand" not in table:
        notes.append(f"{table.source}: no column is understood as the demand, so that no capacity counts")
    overnight = [name for name, (_, end) in zip(order, day, strict=True) if DAY < end < UNLIMITED]
    if overnight:
        more = f" and {len(overnight) - 1} more" if len(overnight) > 1 else ""
        notes.append(f"{table.source}: the window of {overnight[0]!r}{more} ends on the next day")
    problem = RoutingProblem(
        names=tuple(order),
        coordinates=at,
        distances=ways,
        durations=times,
        depots=tuple(range(len(depots))),
        demand=np.array(demand, dtype=np.int64)[:, np.newaxis],
        service=np.array(service, dtype=np.int64),
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
        if idle := [name for name in _named_depot(names) if name not in found]:
            raise InputError(f"{fleet.source}: {idle[0]!r} is no vehicle's depot; take its row out of the stops")
        return list(found)
    named = _named_depot(names)
    if len(named) != 1:
        raise InputError(
            f"{fleet.source}: no column says where a vehicle starts, and {len(named) or 'no'} rows of the stops are "
            "named depot; add a column depot, or name one row depot"
        )
    notes.append(f"{fleet.source}: all vehicles start and end at {named[0]!r}")
    return named


def _named_depot(names: dict[str, int]) -> list[str]:
    """Return the rows that are called depot, perhaps with a number, in some language."""
    words = {name: [word for word in words_of(name) if not word.isdecimal()] for name in names}
    return [name for name, said in words.items() if " ".join(said) in DEPOT_WORDS]


def _vehicle(row: OfficeRow, depots: Sequence[str], burden: str) -> Vehicle:
    earliest, latest = span(row)
    hours = measure(row, "most hours", TIMES, math.inf, finite=False)
    metres = measure(row, "most km", LENGTHS, math.inf, finite=False)
    return Vehicle(
        row.needed("driver", "Ada"),
        depots.index(row.text("depot")) if row.text("depot") else 0,
        (load(row, "capacity") if row.text("capacity") else UNLIMITED,),
        earliest=earliest,
        latest=latest,
        most_duration=UNLIMITED if math.isinf(hours) else round(hours),
        most_distance=UNLIMITED if math.isinf(metres) else round(metres),
        must_drive=must_drive(row),
        carried=measure(row, "carried", CARRIED.get(burden, {"": 1.0}), 0.0),
        entitlement=row.number("share", 1.0, kinds=("number", "percent")),
    )


def _check_drivers(fleet: OfficeTable, drivers: Sequence[Vehicle]) -> None:
    seen: dict[str, int] = {}
    for row, driver in zip(fleet.rows, drivers, strict=True):
        if driver.name in seen:
            raise row.fault("driver", f"has a row already, line {seen[driver.name]}; give each driver one")
        if driver.entitlement <= 0.0:
            raise row.fault("share", "must be above 0; leave out who does not share")
        seen[driver.name] = row.line
