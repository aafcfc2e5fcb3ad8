"""The shortest fair plan that pooled routes can form: a set partition with one fairness row, solved by HiGHS.

References
----------
Rochat and Taillard, Probabilistic diversification and intensification in local search for vehicle routing, Journal of
Heuristics 1, 1995 (the set partition of routes that a search has met).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.fair_rows import fair_rows
from evenhand.applications.routes.kernels.unfairness import Rule
from evenhand.applications.routes.route_costs import RouteCosts
from evenhand.applications.routes.route_pool import RoutePool
from evenhand.applications.routes.routing_problem import Routes
from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highs_run import run
from evenhand.modeling.library_imports import require, sparse
from evenhand.modeling.linear import LinearModel

Array = NDArray[np.float64]


def best_partition(
    pool: RoutePool, costs: RouteCosts, rule: Rule, best: Routes, time_limit: float, seed: int = 0
) -> Routes | None:
    """Return a shorter fair plan of pooled routes than `best`, which is fair, or None if none was found.

    Parameters
    ----------
    pool
        Routes, those of `best` among them.
    costs
        Distances and burdens of routes.
    rule
        The member.
    best
        A fair plan: the rows are made around it, and the solver starts from it.
    time_limit
        Seconds.
    seed
        Of the solver.
    """
    columns = columns_of(pool, best)
    vehicles = [pool.first_of_kind[kind] for kind, _ in columns]
    lengths = np.array([costs.distance(vehicle, route) for vehicle, (_, route) in zip(vehicles, columns, strict=True)])
    burdens = np.array([costs.burden(vehicle, route) for vehicle, (_, route) in zip(vehicles, columns, strict=True)])
    u = (rule.carried[vehicles] + burdens) * rule.stretch[vehicles]
    known = (rule.carried + np.array([costs.burden(v, route) for v, route in enumerate(best)])) * rule.stretch
    rows = fair_rows(rule, u, rule.share[vehicles], known)
    if rows is None:
        return None
    chosen = _solve(pool, columns, lengths, rows.allowed, rows.rows, best, time_limit, seed)
    if chosen is None:
        return None
    found = _as_plan(pool, [columns[c] for c in chosen])
    if sum(costs.distance(v, route) for v, route in enumerate(found)) >= costs.total(best):
        return None
    return found


def columns_of(pool: RoutePool, best: Routes) -> list[tuple[int, tuple[int, ...]]]:
    """Return kind and route of each column: the newest routes, those of `best`, and staying for who may stay."""
    for vehicle, route in enumerate(best):
        pool.add(vehicle, route)
    staying = [
        (kind, ()) for kind, first in enumerate(pool.first_of_kind) if not pool.problem.vehicles[first].must_drive
    ]
    return pool.newest() + staying


def _solve(
    pool: RoutePool,
    columns: list[tuple[int, tuple[int, ...]]],
    lengths: Array,
    allowed: NDArray[np.bool_],
    fairness: list[tuple[Array, float, float]],
    best: Routes,
    time_limit: float,
    seed: int,
) -> list[int] | None:
    """Return the columns of the best plan, each as often as it is driven; None if there is none."""
    row_of = {stop: row for row, stop in enumerate(pool.problem.stops)}
    stops, kinds = len(row_of), len(pool.count_of_kind)
    ends = np.cumsum([0, *(len(route) + 1 for _, route in columns)])
    rows = np.array([row for kind, route in columns for row in (*(row_of[s] for s in route), stops + kind)])
    partition = sparse().csc_array((np.ones(len(rows)), rows, ends), shape=(stops + kinds, len(columns)))
    sides = np.array([*(1.0,) * stops, *map(float, pool.count_of_kind)])
    upper = np.array([1.0 if route else float(pool.count_of_kind[kind]) for kind, route in columns])
    model = LinearModel(
        lengths,
        sparse().vstack([partition, *(sparse().csr_array(row[np.newaxis]) for row, _, _ in fairness)]),
        np.concatenate([sides, [low for _, low, _ in fairness]]),
        np.concatenate([sides, [high for _, _, high in fairness]]),
        upper=upper * allowed,
        integer=True,
    )
    highs = highs_of(model)
    highs.setOptionValue("random_seed", seed)
    highs.setOptionValue("presolve", "off")  # it takes far longer than the time limit where routes have many stops
    place = {(kind, frozenset(route)): c for c, (kind, route) in enumerate(columns)}
    values = np.zeros(len(columns))
    for vehicle, route in enumerate(best):
        values[place[pool.kind_of[vehicle], frozenset(route)]] += 1.0
    start = require("highspy").HighsSolution()
    start.col_value = values.tolist()
    highs.setSolution(start)
    run(highs, time_limit)
    if highs.getInfo().primal_solution_status != 2:
        return None
    counts = np.rint(np.array(highs.getSolution().col_value)).astype(int)
    return np.repeat(np.arange(len(columns)), counts).tolist()


def _as_plan(pool: RoutePool, chosen: list[tuple[int, tuple[int, ...]]]) -> Routes:
    """Return a route for each vehicle, in the order of the vehicles of each kind."""
    waiting: dict[int, list[tuple[int, ...]]] = {}
    for kind, route in chosen:
        waiting.setdefault(kind, []).append(route)
    return tuple(waiting[kind].pop() for kind in pool.kind_of)
