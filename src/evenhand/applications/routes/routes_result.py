"""The result of the routes' `solve`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evenhand.applications.routes.check_routes import timetable
from evenhand.applications.routes.route_costs import BURDENS, RouteCosts
from evenhand.applications.routes.routing_problem import Routes, RoutingProblem
from evenhand.applications.routes.same_hands import stops_that_move
from evenhand.applications.routes.user_units import UserUnits
from evenhand.arrays import Array
from evenhand.fairness import CVAtMost, Fairness
from evenhand.fairness.dispersion import Dispersion, dispersion
from evenhand.fairness.fair_result import FairResult


@dataclass(frozen=True, slots=True, repr=False)
class RoutePlan(FairResult):
    """Routes of several vehicles, with their distance and what is shared.

    Attributes
    ----------
    status
        ``feasible`` (fair routes were found; nothing proves that none are shorter) or ``unknown`` (none were found in
        time).
    routes
        For each vehicle, its stops in order; () for one that stays. None if no routes were found.
    loads
        Burden of each vehicle, what it carried before included, shape (m,); None if there are none.
    burden
        What is shared: ``distance``, ``duration``, ``stops`` or ``load``.
    bound
        Proven lower bound on the distance; None where there is none.
    base_cost
        Distance of the plan without fairness, by PyVRP or as it was given; None if there is none.
    base_routes
        The routes of that plan.
    fairness
        The member asked for; None for no fairness.
    problem
        The problem.
    units
        Units of the problem in those of the user.
    seconds
        Wall-clock time of the call.
    interrupted
        Whether Ctrl-C ended the search.
    """

    status: str
    routes: Routes | None
    loads: Array | None
    burden: str
    bound: float | None
    base_cost: float | None
    base_routes: Routes | None
    fairness: Fairness | None
    problem: RoutingProblem
    units: UserUnits = UserUnits()  # noqa: RUF009 - frozen
    seconds: float = field(default=0.0)
    interrupted: bool = False

    def __repr__(self) -> str:
        if self.routes is None or self.cost is None:
            return f"RoutePlan({self.status}, no routes, {self.seconds:.3g} s)"
        used = sum(map(bool, self.routes))
        return (
            f"RoutePlan({used} routes, distance {self.cost:.6g}, {self.burden} cv {self.cv:.3f}, {self.seconds:.3g} s)"
        )

    @property
    def cost(self) -> float | None:
        """Distance of all routes."""
        return None if self.routes is None else RouteCosts(self.problem).total(self.routes) / self.units.distance

    @property
    def dispersion(self) -> Dispersion | None:
        """All measures of dispersion of the loads, over what drivers are entitled to; None without two loads."""
        if self.loads is None or len(self.loads) < 2:
            return None
        return dispersion(self.loads, self.fairness or CVAtMost(0.0, entitlements=self.problem.entitlements))

    @property
    def stops_moved(self) -> int | None:
        """Number of stops that another vehicle visits than in the plan without fairness; None without both plans."""
        if self.routes is None or self.base_routes is None:
            return None
        return stops_that_move(self.base_routes, self.routes)

    def burdens(self) -> dict[str, list[float]]:
        """Return each kind of burden of each vehicle, in the user's units."""
        found = {}
        for kind in BURDENS:
            costs, unit = RouteCosts(self.problem, kind), self.units.of(kind)
            found[kind] = [costs.burden(vehicle, route) / unit for vehicle, route in enumerate(self.routes or ())]
        return found

    def named_routes(self, routes: Routes | None = None) -> list[list[str]]:
        """Return the routes of a plan, this one by default, by the names of their stops."""
        plan = self.routes if routes is None else routes
        return [[self.problem.names[node] for node in route] for route in plan or ()]

    def to_dict(self) -> dict[str, Any]:
        """Return the routes as JSON values, stops by name."""
        return {
            "status": self.status,
            **self._shared_fields(),
            "burden": self.burden,
            "loads": None if self.loads is None else self.loads.tolist(),
            "vehicles": [vehicle.name for vehicle in self.problem.vehicles],
            "routes": None if self.routes is None else self.named_routes(),
            "base_routes": None if self.base_routes is None else self.named_routes(self.base_routes),
            "stops_moved": self.stops_moved,
            "burdens": None if self.routes is None else self.burdens(),
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row for each stop: vehicle, position, name, arrival, begin of service, leaving, and load on board.

        The depot is the last row of a route.
        """
        rows = []
        for index, route in enumerate(self.routes or ()):
            for position, visit in enumerate(timetable(self.problem, index, route)[1:], start=1):
                rows.append(
                    {
                        "vehicle": self.problem.vehicles[index].name,
                        "position": position,
                        "stop": self.problem.names[visit.node],
                        "arrival": visit.arrival / self.units.duration,
                        "begin": visit.begin / self.units.duration,
                        "leave": visit.leave / self.units.duration,
                        "load": visit.load / self.units.load,
                    }
                )
        return rows
