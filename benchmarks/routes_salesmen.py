"""Three salesmen without detours, searched and proven: ``python -m benchmarks.routes_salesmen --data FOLDER``.

FOLDER holds burma14, gr17 and gr21 as the fair multiple-TSP paper uses them (arXiv 2404.08157). The proof tries every
division of the towns among three salesmen, one of whom may stay idle; the shortest tour through each set of towns comes
from Held and Karp's dynamic programme. The rows are those of `docs/reference/routes-speed.md`.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from evenhand.applications.routes import RoutingProblem, Vehicle, fair_search
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import UNLIMITED
from evenhand.applications.towns import Towns
from evenhand.applications.tsplib import read_tsplib
from evenhand.fairness import EpsilonFairness

NAMES, SALESMEN = ("burma14", "gr17", "gr21"), 3
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)
SECONDS = 1.5


@njit(cache=True)
def shortest_of_every_set(way: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the length of the shortest tour from node 0 through each set of the others, by its bits."""
    count = len(way) - 1
    path = np.full((1 << count, count), np.float32(np.inf), np.float32)
    tour = np.zeros(1 << count)
    for town in range(count):
        path[1 << town, town] = way[0, town + 1]
    for chosen in range(1, 1 << count):
        tour[chosen] = np.inf
        for last in range(count):
            length = path[chosen, last]
            tour[chosen] = min(tour[chosen], length + way[last + 1, 0])
            for following in range(count):
                wider = chosen | 1 << following
                if wider != chosen:
                    path[wider, following] = min(path[wider, following], length + way[last + 1, following + 1])
    return tour


@njit(cache=True)
def cheapest_of_all(tour: NDArray[np.float64], factor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each fairness factor the least total of three tours through all towns that are fair."""
    everything = len(tour) - 1
    best = np.full(len(factor), np.inf)
    for first in range(1, everything + 1, 2):  # the first salesman visits the first town
        rest = everything ^ first
        second = rest
        while True:
            x, y, z = tour[first], tour[second], tour[rest ^ second]
            total, length = x + y + z, math.sqrt(x * x + y * y + z * z)
            for k in range(len(factor)):
                if total < best[k] and factor[k] * length <= total * (1.0 + 1e-9):
                    best[k] = total
            if second == 0:
                break
            second = (second - 1) & rest
    return best


def problem_of(towns: Towns) -> RoutingProblem:
    """Return the towns as a routing problem without limits."""
    k = len(towns.names)
    way = np.rint(towns.distances).astype(np.int64)
    windows = np.tile(np.array([0, UNLIMITED], dtype=np.int64), (k, 1))
    vehicles = tuple(Vehicle(f"{v + 1}", towns.depot, (k,)) for v in range(SALESMEN))
    demand = (np.arange(k) != towns.depot).astype(np.int64)[:, np.newaxis]
    zeros = np.zeros(k, dtype=np.int64)
    return RoutingProblem(tuple(towns.names), None, way, way, (towns.depot,), demand, zeros, windows, vehicles)


def searched(problem: RoutingProblem, level: float) -> float:
    """Return the total that the search finds, which begins with every third town to each salesman."""
    stops = problem.stops
    start = tuple(stops[k::SALESMEN] for k in range(SALESMEN))
    found = fair_search.fair_routes(problem, EpsilonFairness(level), start=start, time_limit=SECONDS).best
    return math.inf if found is None else RouteCosts(problem).total(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the files of TSPLIB")
    folder = parser.parse_args().data
    fair_search.now = time.process_time
    factor = np.array([1.0 + level * (math.sqrt(SALESMEN) - 1.0) for level in LEVELS])
    for name in NAMES:
        mean = name == "burma14"
        towns = read_tsplib(
            folder / f"{name}.tsp", distances="euclidean" if mean else "file", depot="mean" if mean else 1
        )
        order = [towns.depot, *(town for town in range(len(towns.names)) if town != towns.depot)]
        proven = cheapest_of_all(shortest_of_every_set(towns.distances[np.ix_(order, order)].astype(float)), factor)
        found = [searched(problem_of(towns), level) for level in LEVELS]
        print(
            name, "proven", *(f"{total:g}" for total in proven), "found", *(f"{total:g}" for total in found), flush=True
        )


if __name__ == "__main__":
    main()
