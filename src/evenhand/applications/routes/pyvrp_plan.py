"""Plans by PyVRP, the search on whose routes fairness is built."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.must_drive import with_all_driving
from evenhand.applications.routes.routing_problem import UNLIMITED, Routes, RoutingProblem
from evenhand.errors import MissingExtraError

SAMPLED = 25
"""Number of iterations between two looks at candidate plans."""


def pyvrp() -> Any:
    """Return the library.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import pyvrp as library
    except ImportError as error:
        raise MissingExtraError("PyVRP", "routes") from error
    return library


class Planner:
    """PyVRP's model of a problem.

    Parameters
    ----------
    problem
        The problem.
    times
        Duration of each way that overtime is counted in, shape (k, k); None for the problem's own.
    overtime
        Shift after which overtime begins, and its cost for each unit; None for no overtime.

    Attributes
    ----------
    interrupted
        Whether Ctrl-C ended a search.
    """

    def __init__(
        self,
        problem: RoutingProblem,
        times: NDArray[np.int64] | None = None,
        overtime: tuple[int, int] | None = None,
    ) -> None:
        self._problem = problem
        self._stops, self._depots = problem.stops, problem.depots
        self._client = {node: position for position, node in enumerate(self._stops)}
        # Whoever must drive gets a route first, because PyVRP does not know who must.
        self._vehicles_of = [
            sorted(members, key=lambda index: not problem.vehicles[index].must_drive) for members in problem.kinds()
        ]
        self._data = self._model(times, overtime)
        self.interrupted = False

    def _model(self, times: NDArray[np.int64] | None, overtime: tuple[int, int] | None) -> Any:
        library, problem = pyvrp(), self._problem
        at = problem.coordinates if problem.coordinates is not None else np.zeros((len(problem.names), 2))
        locations = [library.Location(float(x), float(y)) for x, y in at]
        windows, service = problem.windows.tolist(), problem.service.tolist()
        clients = [
            library.Client(
                *(node, problem.demand[node].tolist()),
                service_duration=0 if times is not None else service[node],
                tw_early=windows[node][0],
                tw_late=windows[node][1],
            )
            for node in self._stops
        ]
        depots = [library.Depot(node, tw_early=windows[node][0], tw_late=windows[node][1]) for node in self._depots]
        position = {node: index for index, node in enumerate(self._depots)}
        types = []
        for members in self._vehicles_of:
            vehicle = problem.vehicles[members[0]]
            limits = {"tw_early": vehicle.earliest, "tw_late": vehicle.latest, "max_distance": vehicle.most_distance}
            if overtime is None:
                limits["shift_duration"] = vehicle.most_duration
            else:
                shift = min(overtime[0], vehicle.most_duration)
                beyond = UNLIMITED if vehicle.most_duration == UNLIMITED else vehicle.most_duration - shift
                limits |= {"shift_duration": shift, "unit_overtime_cost": overtime[1], "max_overtime": beyond}
            depot = {"start_depot": position[vehicle.depot], "end_depot": position[vehicle.depot]}
            types.append(library.VehicleType(len(members), list(vehicle.capacity), **depot, **limits))
        durations = problem.durations if times is None else times
        return library.ProblemData(locations, clients, depots, types, [problem.distances], [durations])

    def plan(
        self,
        time_limit: float,
        seed: int,
        start: Routes | None = None,
        seen: Callable[[Routes], None] | None = None,
    ) -> Routes | None:
        """Return PyVRP's best feasible plan in which all drive who must; None if it finds none.

        Ctrl-C ends the search, and :attr:`interrupted` says so.

        Parameters
        ----------
        time_limit
            Seconds.
        seed
            Same seed, same search as long as the time is the same.
        start
            Plan to begin with; it need not be feasible.
        seen
            Called with some of the feasible plans on the way.
        """
        library = pyvrp()
        deadline = time.perf_counter() + time_limit
        planner = self

        class Watch(library.IteratedLocalSearchCallbacks):  # type: ignore[misc,name-defined]
            count = 0
            best: Any = None

            def on_iteration(self, current: Any, candidate: Any, best: Any, cost_evaluator: Any) -> None:
                self.count, self.best = self.count + 1, best
                if seen is not None and self.count % SAMPLED == 0 and candidate.is_feasible():
                    seen(planner._routes(candidate))

        from pyvrp.stop import MaxRuntime

        watch = Watch()
        try:
            best = library.solve(
                self._data,
                MaxRuntime(max(0.05, deadline - time.perf_counter())),
                seed=seed,
                collect_stats=False,
                display=False,
                params=library.SolveParams(ils=library.IteratedLocalSearchParams(callbacks=watch)),
                initial_solution=None if start is None else self._solution(start),
            ).best
        except KeyboardInterrupt:
            self.interrupted, best = True, watch.best
        if best is None or not best.is_feasible():
            return None
        return with_all_driving(self._problem, self._routes(best))

    def _solution(self, routes: Routes) -> Any:
        library = pyvrp()
        made = [
            library.Route(self._data, [self._client[node] for node in routes[vehicle]], kind)
            for kind, members in enumerate(self._vehicles_of)
            for vehicle in members
            if routes[vehicle]
        ]
        return library.Solution(self._data, made)

    def _routes(self, solution: Any) -> Routes:
        routes: list[tuple[int, ...]] = [()] * len(self._problem.vehicles)
        free = [list(members) for members in self._vehicles_of]
        for route in solution.routes():
            stops = [self._stops[activity.idx] for activity in route.schedule() if activity.is_client()]
            routes[free[route.vehicle_type()].pop(0)] = tuple(stops)
        return tuple(routes)
