"""Tiny routing problems, and their optima by trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations, product

import numpy as np

from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.routing_problem import UNLIMITED, Routes, RoutingProblem, Vehicle
from evenhand.fairness import Fairness


def scattered(stops: int, vehicles: int, seed: int, *, capacity: int = 100, depots: int = 1) -> RoutingProblem:
    """Return stops at random places around random depots; vehicle v starts at depot v modulo the depots."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 100, size=(depots + stops, 2)).astype(float)
    ways = np.rint(np.hypot(*(places[:, np.newaxis] - places).transpose(2, 0, 1))).astype(np.int64)
    k = depots + stops
    demand = rng.integers(1, 20, size=(k, 1))
    demand[:depots] = 0
    windows = np.zeros((k, 2), dtype=np.int64)
    windows[:, 1] = UNLIMITED
    return RoutingProblem(
        tuple(f"n{node}" for node in range(k)),
        places,
        ways,
        ways.copy(),
        tuple(range(depots)),
        demand,
        np.where(np.arange(k) < depots, 0, 5).astype(np.int64),
        windows,
        tuple(Vehicle(f"v{v}", v % depots, (capacity,), must_drive=True) for v in range(vehicles)),
    )


def with_windows(problem: RoutingProblem, seed: int, latest: int = 600) -> RoutingProblem:
    """Return the problem with a window for each stop and a shift for each vehicle."""
    rng = np.random.default_rng(seed)
    windows = problem.windows.copy()
    for stop in problem.stops:
        opens = int(rng.integers(0, latest // 2))
        windows[stop] = opens, opens + latest // 2
    return replace(
        problem, windows=windows, vehicles=tuple(replace(vehicle, latest=latest) for vehicle in problem.vehicles)
    )


def in_time(problem: RoutingProblem, vehicle: int, route: tuple[int, ...]) -> bool:
    """Return whether a vehicle that leaves as early as it can is late nowhere."""
    driver = problem.vehicles[vehicle]
    now, here = driver.earliest, driver.depot
    for stop in route:
        now = max(now + int(problem.durations[here, stop]), int(problem.windows[stop, 0]))
        if now > problem.windows[stop, 1]:
            return False
        now, here = now + int(problem.service[stop]), stop
    return now + int(problem.durations[here, driver.depot]) <= driver.latest


def may_drive(problem: RoutingProblem, vehicle: int, route: tuple[int, ...]) -> bool:
    """Return whether capacity, times and the longest distance allow a route."""
    driver = problem.vehicles[vehicle]
    if driver.must_drive and not route:
        return False
    if (problem.demand[list(route)].sum(axis=0) > np.array(driver.capacity)).any():
        return False
    return RouteCosts(problem).distance(vehicle, route) <= driver.most_distance and in_time(problem, vehicle, route)


def all_partitions(problem: RoutingProblem) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield every way to give each stop to a vehicle."""
    vehicles = range(len(problem.vehicles))
    for choice in product(vehicles, repeat=len(problem.stops)):
        yield tuple(
            tuple(stop for stop, v in zip(problem.stops, choice, strict=True) if v == vehicle) for vehicle in vehicles
        )


def cheapest_fair(problem: RoutingProblem, member: Fairness | None, burden: str) -> tuple[float, Routes | None]:
    """Return the shortest fair plan among those whose routes are in the shortest order of their stops."""
    costs = RouteCosts(problem, burden)
    known: dict[tuple[int, tuple[int, ...]], tuple[int, ...] | None] = {}

    def shortest(vehicle: int, stops: tuple[int, ...]) -> tuple[int, ...] | None:
        if (vehicle, stops) not in known:
            orders = [order for order in permutations(stops) if may_drive(problem, vehicle, order)]
            known[vehicle, stops] = min(orders, key=lambda order: costs.distance(vehicle, order), default=None)
        return known[vehicle, stops]

    best: tuple[float, Routes | None] = (np.inf, None)
    for parts in all_partitions(problem):
        routes = [shortest(vehicle, stops) for vehicle, stops in enumerate(parts)]
        plan = tuple(route for route in routes if route is not None)
        if len(plan) < len(routes) or costs.total(plan) >= best[0]:
            continue
        if member is None or member.contains(costs.loads(plan)):
            best = costs.total(plan), plan
    return best
