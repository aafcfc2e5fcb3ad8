"""Read routing problems from files of VRPLIB, in PyVRP's dialect, and of Solomon; nothing is left out silently."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.routing_problem import UNLIMITED, RoutingProblem, Vehicle
from evenhand.applications.routes.vrplib_text import COSTS, VrplibText, take_apart
from evenhand.applications.tsplib_distances import RULES, straight
from evenhand.applications.tsplib_text import FORMATS, places
from evenhand.arrays import Array
from evenhand.errors import InputError, choices
from evenhand.number_checks import checked_whole
from evenhand.tables.cost_table import shown
from evenhand.tables.files import read_text

ROUNDINGS: dict[str, Callable[[Array], Array]] = {
    "nearest": np.round,
    "tenths": lambda values: np.trunc(10 * values),
    "thousandths": lambda values: np.round(1_000 * values),
}
"""How numbers become whole: to the nearest, cut off after one decimal (as DIMACS scores), or to three decimals."""

SCALES = {"nearest": 1, "tenths": 10, "thousandths": 1000}
"""Units of the problem for one unit of the file."""

TYPES = (
    "CVRP",
    "VRP",
    "CVRPTW",
    "VRPTW",
    "MDVRP",
    "MDVRPTW",
    "HFVRP",
    "HFVRPTW",
    "DCVRP",
    "DVRP",
    "TSP",
    "ATSP",
    "ACVRP",
)
"""Values of TYPE whose routes are closed, deliver everything, and have no other rules."""

MOST = 20_000
"""Upper limit on depots and stops."""


def read_routes(
    path: str | os.PathLike[str], *, rounding: str = "nearest", vehicles: int | None = None
) -> RoutingProblem:
    """Read a VRPLIB file, or one in Solomon's format.

    Parameters
    ----------
    path
        The file: capacities, windows, service times, several depots, unlike vehicles, longest durations and distances,
        in the dialect of PyVRP, whose durations are the distances.
    rounding
        ``nearest`` (as the benchmarks without windows are scored), ``tenths`` or ``thousandths``; all numbers of the
        problem are then tenths or thousandths.
    vehicles
        Number of vehicles, if all are alike; None for the file's, or one for each stop where it says none.

    Raises
    ------
    InputError
        If the file cannot be read, or has a rule that routes here would not respect; the message names the line.
    """
    if rounding not in ROUNDINGS:
        raise InputError(f"rounding is {rounding!r}; {choices(rounding, ROUNDINGS, quoted=False)}")
    if vehicles is not None:
        checked_whole("vehicles", vehicles, 1, MOST)
    return _Reader(take_apart(read_text(path), str(path)), rounding).problem(vehicles)


def costs_not_used(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Return the names of a file's prices, which do not count: routes are as short as possible."""
    parts = take_apart(read_text(path), str(path))
    return tuple(name for name in COSTS if name in parts.keys or name in parts.sections)


class _Reader:
    """The numbers of one file; arrays have a row for each node in the order of the depots and then of the file."""

    def __init__(self, parts: VrplibText, rounding: str) -> None:
        self.parts, self.rounding = parts, rounding
        kind, line = parts.keys.get("TYPE", ("CVRP", 0))
        if kind.split(" ")[0].upper() not in TYPES:
            raise parts.fault(line, f"TYPE {shown(kind)} is not supported; use one of {', '.join(TYPES)}")
        self.count = parts.whole(*parts.key("DIMENSION", "it is the number of depots and stops"), "DIMENSION", 2, MOST)
        self.ids = self._ids()
        self.depots = self._depots()
        stops = [node for node in self.ids if node not in self.depots]
        if not stops:
            raise InputError(f"{parts.source}: all nodes are depots; there are no stops")
        self.order = {node: place for place, node in enumerate([*self.depots, *stops])}

    def problem(self, vehicles: int | None) -> RoutingProblem:
        """Return the problem."""
        depots = len(self.depots)
        points = self._points()
        ways = self._ways(points)
        demand = self._exact("DEMAND", self._nodes("DEMAND", None) if "DEMAND" in self.parts.sections else None)
        service = self._service()
        windows = self._windows()
        drivers = self._vehicles(vehicles, demand.shape[1], windows)
        windows[:depots] = 0, UNLIMITED  # the vehicles of a depot have its window as their shift
        for values, name in ((demand.sum(axis=1), "DEMAND"), (service, "SERVICE_TIME")):
            if values[:depots].any():
                raise InputError(f"{self.parts.source}: {name} of a depot must be 0")
        return RoutingProblem(
            names=tuple(self.order),
            coordinates=points,
            distances=ways,
            durations=ways,
            depots=tuple(range(depots)),
            demand=demand,
            service=service,
            windows=windows,
            vehicles=drivers,
        )

    def _ids(self) -> list[str]:
        """Return the numbers of the nodes as the file counts them, from 1 where it lists no nodes."""
        for name in ("NODE_COORD", "DEMAND", "TIME_WINDOW"):
            if name in self.parts.sections:
                rows = self.parts.sections[name][1]
                found = list(dict.fromkeys(words[0] for _, words in rows))
                if len(found) != len(rows) or len(rows) != self.count:
                    raise self.parts.fault(
                        self.parts.sections[name][0],
                        f"{name}_SECTION has {len(found)} nodes in {len(rows)} lines; DIMENSION is {self.count}",
                    )
                return found
        return [str(node) for node in range(1, self.count + 1)]

    def _depots(self) -> list[str]:
        parts = self.parts
        words = [
            (word, line) for line, row in parts.rows("DEPOT", "it lists the nodes where routes start") for word in row
        ]
        found = [(word, line) for word, line in words if word != "-1"]
        for word, line in found:
            if word not in self.ids:
                raise parts.fault(line, f"depot {shown(word)} is none of the nodes {self.ids[0]} to {self.ids[-1]}")
        if not found or len(dict(found)) != len(found):
            raise parts.fault(parts.sections["DEPOT"][0], "DEPOT_SECTION must list at least one node, each once")
        return [word for word, _ in found]

    def _rows(self, name: str, known: Sequence[str], what: str, columns: int | None, least: float) -> Array:
        """Return the numbers of a section, shape (len(known), columns), one row for each of `known`."""
        parts = self.parts
        found: dict[str, list[float]] = {}
        for line, (key, *words) in parts.sections[name][1]:
            if key == "-1" and not words:
                continue
            if key not in known:
                raise parts.fault(line, f"{shown(key)} is no {what}; they are {known[0]} to {known[-1]}")
            if key in found:
                raise parts.fault(line, f"{what} {key} stands here a second time")
            columns = len(words) if columns is None else columns
            if len(words) != columns or not words:
                raise parts.fault(line, f"{len(words)} numbers after the {what} {key}; there must be {columns or 1}")
            found[key] = [parts.number(word, line, f"{name} of {what} {key}", least) for word in words]
        if missing := [key for key in known if key not in found]:
            raise parts.fault(parts.sections[name][0], f"{name}_SECTION has no line for the {what} {missing[0]}")
        return np.array([found[key] for key in known])

    def _nodes(self, name: str, columns: int | None, least: float = 0.0) -> Array:
        return self._rows(name, list(self.order), "node", columns, least)

    def _whole(self, values: Array) -> NDArray[np.int64]:
        return ROUNDINGS[self.rounding](values).astype(np.int64)

    def _exact(self, name: str, values: Array | None) -> NDArray[np.int64]:
        """Return loads in the unit of the problem, which must not lose decimals; zeros if there are none."""
        if values is None:
            return np.zeros((self.count, 1), dtype=np.int64)
        scaled = np.round(values * SCALES[self.rounding])
        if (abs(scaled / SCALES[self.rounding] - values) > 1e-9).any():
            raise InputError(f"{self.parts.source}: {name} has decimals, which --rounding thousandths keeps")
        return scaled.astype(np.int64)

    def _points(self) -> Array | None:
        if "NODE_COORD" not in self.parts.sections:
            return None
        return self._nodes("NODE_COORD", 2, least=-1e9)

    def _ways(self, points: Array | None) -> NDArray[np.int64]:
        parts = self.parts
        kind, line = parts.key("EDGE_WEIGHT_TYPE", f"it is one of {', '.join(RULES)} or EXPLICIT")
        if kind == "EXPLICIT":
            found = self._matrix()
        elif kind not in RULES:
            raise parts.fault(
                line, f"EDGE_WEIGHT_TYPE {shown(kind)} is not known; {choices(kind, RULES, quoted=False)}"
            )
        elif points is None:
            raise InputError(f"{parts.source}: no NODE_COORD_SECTION; {kind} needs coordinates")
        else:
            found = straight(points) if kind == "EUC_2D" else RULES[kind](points)
        np.fill_diagonal(found, 0.0)
        return self._whole(found)

    def _matrix(self) -> Array:
        parts = self.parts
        order, line = parts.key("EDGE_WEIGHT_FORMAT", f"it is one of {', '.join(FORMATS)}")
        if order not in FORMATS:
            raise parts.fault(line, f"EDGE_WEIGHT_FORMAT {shown(order)} is not known; use one of {', '.join(FORMATS)}")
        given = parts.rows("EDGE_WEIGHT", "EXPLICIT distances stand there")
        words = [(word, line) for line, row in given for word in row]
        rows, columns = places(order, self.count)
        if len(words) != len(rows):
            raise parts.fault(
                parts.sections["EDGE_WEIGHT"][0],
                f"EDGE_WEIGHT_SECTION has {len(words)} numbers; {order} of {self.count} nodes has {len(rows)}",
            )
        values = [parts.number(word, line, "distance") for word, line in words]
        matrix = np.zeros((self.count, self.count))
        matrix[rows, columns] = values
        if order != "FULL_MATRIX":
            matrix[columns, rows] = values
        at = [self.ids.index(node) for node in self.order]
        return matrix[np.ix_(at, at)]

    def _service(self) -> NDArray[np.int64]:
        if "SERVICE_TIME" in self.parts.sections:
            return self._whole(self._nodes("SERVICE_TIME", 1)[:, 0])
        found = np.zeros(self.count)
        if "SERVICE_TIME" in self.parts.keys:
            found[len(self.depots) :] = self.parts.number(*self.parts.keys["SERVICE_TIME"], "SERVICE_TIME")
        return self._whole(found)

    def _windows(self) -> NDArray[np.int64]:
        if "TIME_WINDOW" not in self.parts.sections:
            return np.array([[0, UNLIMITED]] * self.count)
        found = self._nodes("TIME_WINDOW", 2)
        late = np.flatnonzero(found[:, 0] > found[:, 1])
        if late.size:
            node = list(self.order)[int(late[0])]
            raise InputError(f"{self.parts.source}: the TIME_WINDOW of node {node} ends before it begins")
        return self._whole(found)

    def _vehicles(self, asked: int | None, kinds: int, windows: NDArray[np.int64]) -> tuple[Vehicle, ...]:
        parts = self.parts
        count = self.count - len(self.depots)
        if "VEHICLES" in parts.keys:
            count = parts.whole(*parts.keys["VEHICLES"], "VEHICLES", 1, MOST)
        if "DEMAND" in parts.sections and not ("CAPACITY" in parts.keys or "CAPACITY" in parts.sections):
            raise InputError(f"{parts.source}: has a DEMAND_SECTION and no CAPACITY; add the capacity of the vehicles")
        capacity = self._each("CAPACITY", count, kinds)
        distance, duration = (self._each(name, count, 1) for name in ("VEHICLES_MAX_DISTANCE", "VEHICLES_MAX_DURATION"))
        start = np.zeros(count, dtype=np.intp)
        if "VEHICLES_DEPOT" in parts.sections:
            given = self._rows("VEHICLES_DEPOT", [str(k + 1) for k in range(count)], "vehicle", 1, 0.0)
            for vehicle, value in enumerate(given[:, 0]):
                if f"{value:g}" not in self.depots:
                    raise InputError(f"{parts.source}: VEHICLES_DEPOT of vehicle {vehicle + 1} is {value:g}, no depot")
                start[vehicle] = self.depots.index(f"{value:g}")
        found = [
            Vehicle(
                f"vehicle {k + 1}",
                int(start[k]),
                tuple(
                    UNLIMITED if np.isinf(value) else int(self._exact("CAPACITY", np.array([value]))[0])
                    for value in capacity[k]
                ),
                earliest=int(windows[start[k], 0]),
                latest=int(windows[start[k], 1]),
                most_duration=UNLIMITED if np.isinf(duration[k, 0]) else int(self._whole(duration[k])[0]),
                most_distance=UNLIMITED if np.isinf(distance[k, 0]) else int(self._whole(distance[k])[0]),
            )
            for k in range(count)
        ]
        if asked is None:
            return tuple(found)
        if len({vehicle.kind for vehicle in found}) > 1:
            raise InputError(f"{parts.source}: has unlike vehicles, so that their number cannot be asked for")
        return tuple(replace(found[0], name=f"vehicle {k + 1}") for k in range(asked))

    def _each(self, name: str, count: int, columns: int) -> Array:
        """Return a number for each vehicle, shape (count, columns); infinity if the file has none."""
        if name in self.parts.sections:
            return self._rows(name, [str(k + 1) for k in range(count)], "vehicle", columns, 0.0)
        if name in self.parts.keys:
            return np.full((count, columns), self.parts.number(*self.parts.keys[name], name))
        return np.full((count, columns), np.inf)
