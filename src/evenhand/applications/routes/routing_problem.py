"""A routing problem: depots, stops, the ways between them, and vehicles with their drivers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError

UNLIMITED = int(np.iinfo(np.int64).max)
"""A limit that says nothing."""

Routes = tuple[tuple[int, ...], ...]
"""The stops of each vehicle, in the order of the visits and without depots; empty for a vehicle that stays."""


@dataclass(frozen=True)
class Vehicle:
    """A vehicle and its driver, who starts and ends at one depot.

    Attributes
    ----------
    name
        Name of the driver or the vehicle.
    depot
        Node where the route starts and ends.
    capacity
        Largest load of each kind, length `dims`.
    earliest, latest
        Begin and end of the shift, in the unit of the durations.
    most_duration, most_distance
        Longest route, from depot to depot.
    must_drive
        Whether the vehicle must visit at least one stop.
    carried
        Burden carried on earlier days, in the unit of the burden.
    entitlement
        Share of the burden that the driver is entitled to, in any unit that is the same for all.
    """

    name: str
    depot: int
    capacity: tuple[int, ...] = ()
    earliest: int = 0
    latest: int = UNLIMITED
    most_duration: int = UNLIMITED
    most_distance: int = UNLIMITED
    must_drive: bool = False
    carried: float = 0.0
    entitlement: float = 1.0

    @property
    def kind(self) -> tuple[object, ...]:
        """What its routes must respect: vehicles of one kind can exchange theirs."""
        limits = (self.earliest, self.latest, self.most_duration, self.most_distance)
        return (self.depot, tuple(self.capacity), *limits)


@dataclass(frozen=True, eq=False)
class RoutingProblem:
    """Nodes are depots and stops, k together.

    Attributes
    ----------
    names
        Name of each node.
    coordinates
        Shape (k, 2); None if unknown.
    distances, durations
        Ways from node to node, shape (k, k), whole numbers.
    depots
        Nodes that are depots.
    demand
        Load of each kind at each node, shape (k, dims); 0 at depots.
    service
        Duration of each visit, shape (k,); 0 at depots.
    windows
        Earliest and latest begin of service, shape (k, 2).
    vehicles
        At least one.
    """

    names: tuple[str, ...]
    coordinates: NDArray[np.float64] | None
    distances: NDArray[np.int64]
    durations: NDArray[np.int64]
    depots: tuple[int, ...]
    demand: NDArray[np.int64]
    service: NDArray[np.int64]
    windows: NDArray[np.int64]
    vehicles: tuple[Vehicle, ...]

    def __post_init__(self) -> None:
        k = len(self.names)
        for what, array, shape in (
            ("distances", self.distances, (k, k)),
            ("durations", self.durations, (k, k)),
            ("demand", self.demand, (k, self.demand.shape[-1])),
            ("service", self.service, (k,)),
            ("windows", self.windows, (k, 2)),
        ):
            if array.shape != shape:
                raise InputError(f"{what} have the shape {array.shape}; for {k} nodes it must be {shape}")
            if array.size and array.min() < 0:
                raise InputError(f"{what} have {array.min()}; all must be at least 0")
        if not self.vehicles:
            raise InputError("there are no vehicles; at least one is needed")

    @property
    def alike(self) -> bool:
        """Whether vehicles differ in their names alone."""
        return len({replace(vehicle, name="") for vehicle in self.vehicles}) == 1

    @property
    def entitlements(self) -> tuple[float, ...] | None:
        """What each vehicle's driver is entitled to; None if it is the same for all."""
        found = tuple(vehicle.entitlement for vehicle in self.vehicles)
        return found if len(set(found)) > 1 else None

    def kinds(self) -> list[list[int]]:
        """Return the positions of the vehicles of each kind."""
        found: dict[tuple[object, ...], list[int]] = {}
        for index, vehicle in enumerate(self.vehicles):
            found.setdefault(vehicle.kind, []).append(index)
        return list(found.values())

    @property
    def stops(self) -> tuple[int, ...]:
        """Nodes that are no depots."""
        depots = set(self.depots)
        return tuple(node for node in range(len(self.names)) if node not in depots)
