"""Routes that the search has met: the stops of each, with the vehicle that drove them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evenhand.applications.routes.kernels.keeping import Found
from evenhand.applications.routes.routing_problem import RoutingProblem

MOST_ROUTES = 8000
"""Routes of a set partition; more take its relaxation longer than its plans are worth."""


@dataclass
class RoutePool:
    """Routes by kind of vehicle and set of stops: the last order met of each set, the newest last.

    Parameters
    ----------
    problem
        Its vehicles: those that agree in everything but their names are of one kind.
    entitlements
        Those of the member, which distinguish vehicles, too; None if all are equal.
    """

    problem: RoutingProblem
    entitlements: Sequence[float] | None = None
    routes: dict[tuple[int, frozenset[int]], tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kinds: dict[object, int] = {}
        vehicles = self.problem.vehicles
        entitled = self.entitlements or (1.0,) * len(vehicles)
        self.kind_of = tuple(
            kinds.setdefault((vehicle.kind, vehicle.must_drive, vehicle.carried, share), len(kinds))
            for vehicle, share in zip(vehicles, entitled, strict=True)
        )
        self.first_of_kind = tuple(self.kind_of.index(k) for k in range(len(kinds)))
        self.count_of_kind = tuple(self.kind_of.count(k) for k in range(len(kinds)))

    def add(self, vehicle: int, route: Sequence[int]) -> None:
        """Add one route that `vehicle` can drive; an empty one is ignored."""
        if len(route):
            key = self.kind_of[vehicle], frozenset(route)
            self.routes.pop(key, None)
            self.routes[key] = tuple(route)

    def add_plan(self, routes: Iterable[Sequence[int]]) -> None:
        """Add the routes of a plan, one for each vehicle."""
        for vehicle, route in enumerate(routes):
            self.add(vehicle, route)

    def add_found(self, found: Found) -> None:
        """Add all routes that a search has written, and empty its store."""
        size, written = len(found.pool), int(found.written[0])
        if written <= size:
            numbers = found.pool[:written]
        else:  # written round: the oldest route is cut off, and its end is skipped
            at = written % size
            numbers = [*found.pool[at:].tolist(), *found.pool[:at].tolist()]  # type: ignore[assignment]
            numbers = numbers[next(k for k, number in enumerate(numbers) if number < 0) + 1 :]
        route: list[int] = []
        for number in numbers.tolist() if hasattr(numbers, "tolist") else numbers:
            if number < 0:
                self.add(-1 - number, route)
                route = []
            else:
                route.append(number)
        found.written[0] = 0

    def newest(self) -> list[tuple[int, tuple[int, ...]]]:
        """Return kind and route of the newest :data:`MOST_ROUTES` routes."""
        return [(key[0], route) for key, route in list(self.routes.items())[-MOST_ROUTES:]]
