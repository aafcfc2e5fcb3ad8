"""Solve the fair multiple travelling salesmen problem."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.applications.salesmen.detours import Detours
from evenhand.applications.salesmen.engine import solve_formulation
from evenhand.applications.salesmen.formulation import formulate, formulate_total, tours_of
from evenhand.applications.salesmen.shortest import shortest_tour
from evenhand.applications.salesmen.subtours import Subtours
from evenhand.applications.salesmen.tours_result import Tours
from evenhand.applications.time_limits import base_limit
from evenhand.applications.towns import Towns
from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import require_agents
from evenhand.modeling import Fairest, FairSolution, fairest
from evenhand.modeling.outer_approximation import TOLERANCE, left_of
from evenhand.number_checks import check_gap, check_time_limit, checked_whole

MOST_SALESMEN = 100
"""Upper limit on the number of salesmen; larger models are beyond exact methods."""


def solve(
    towns: Towns,
    salesmen: int,
    fairness: Fairness | None,
    *,
    gap: float = 1e-6,
    time_limit: float | None = None,
    least_load: float | None = None,
    all_used: bool = False,
    detours: bool = True,
    price: bool = True,
    solver: str = "scip",
) -> Tours:
    """Find tours of fair lengths with the least total length.

    All salesmen start and end at the depot, and each other node is visited once. A salesman may stay at home unless
    `all_used` or `least_load` forbids it; at low levels of fairness that is cheapest. A tour may be longer than
    necessary if that makes lengths fair, unless `detours` is False. Each tour is compared with the shortest one through
    its nodes, and ``waste`` is the difference.

    Parameters
    ----------
    towns
        Nodes, distances and depot: from :func:`evenhand.applications.tsplib.read_tsplib`, from
        :func:`evenhand.applications.towns.generate_towns`, or your own.
    salesmen
        Number of salesmen, at least 2.
    fairness
        A member of :mod:`evenhand.fairness`; None for no fairness. The study's bound Delta on the normalised Gini index
        is ``GiniAtMost(Delta * (n - 1) / n)``.
    gap
        Relative gap that must be proven. If distances are integers, so are totals, and solvers close any gap below 1.
    time_limit
        Seconds after which the best tours so far are returned; None for no limit.
    least_load
        Least length of each tour.
    all_used
        Whether each salesman must visit some node.
    detours
        Whether tours may be longer than the shortest ones through their nodes, as in the study. Without detours the
        search takes longer, and the total is never smaller.
    price
        Whether to find the shortest total without fairness too, for ``price``; this takes a small part of the time.
    solver
        ``scip``, ``highs`` or ``gurobi``.

    Returns
    -------
    Tours
        The tours, with their lengths and bound.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    MissingExtraError
        If the solver's library is missing.

    Examples
    --------
    >>> from evenhand import MaxOverMean
    >>> from evenhand.applications import salesmen
    >>> towns = salesmen.generate_towns(8, seed=2)
    >>> salesmen.solve(towns, 2, None).lengths.tolist()
    [243.0, 0.0]
    >>> fair = salesmen.solve(towns, 2, MaxOverMean(1.1))
    >>> fair.cost, round(fair.price, 3), bool(fair.wasteful)  # one tour makes a detour for the sake of fairness
    (278.0, 0.144, True)
    """
    start = time.perf_counter()
    check(towns, salesmen, fairness, gap=gap, time_limit=time_limit, least_load=least_load)
    least = 0.0 if least_load is None else float(least_load)
    free = fairness is None and not least
    base: FairSolution | None = None
    if price or free:
        model = formulate_total(towns, salesmen, all_used=all_used)
        base = found = solve_formulation(
            model, None, solver=solver, gap=gap, time_limit=base_limit(time_limit, alone=free)
        )
    if not free:
        alike = fairness is None or fairness.entitlements is None
        model = formulate(towns, salesmen, least_load=least, all_used=all_used, alike=alike)
        left = left_of(time_limit, start)
        lazy = None if detours else Detours(model, towns)
        found = solve_formulation(model, fairness, solver=solver, gap=gap, time_limit=left, lazy=lazy)
    plan = None if found.values is None else tours_of(model, found.values, salesmen)
    checked = None if plan is None else _checked(towns, plan, fairness, least, time_limit)
    return Tours(
        status=found.status,
        tours=None if checked is None else checked.tours,
        lengths=None if checked is None else checked.lengths,
        bound=found.bound,
        waste=None if checked is None else checked.waste,
        waste_proven=checked is not None and checked.proven,
        base_cost=_shortest(base),
        fairness=fairness,
        towns=towns,
        cuts=found.cuts,
        seconds=time.perf_counter() - start,
        interrupted=found.interrupted,
    )


def _shortest(base: FairSolution | None) -> float | None:
    """Return the least total without fairness: the one found if it is proven optimal, otherwise the bound."""
    if base is None:
        return None
    return base.objective if base.status == "optimal" else base.bound


@dataclass(frozen=True, slots=True)
class _Checked:
    """Tours with their waste, after a comparison with the shortest ones through the same nodes."""

    tours: tuple[tuple[int, ...], ...]
    lengths: Array
    waste: Array
    proven: bool


def _checked(
    towns: Towns, tours: tuple[tuple[int, ...], ...], fairness: Fairness | None, least: float, time_limit: float | None
) -> _Checked:
    """Compare each tour with the shortest one through its nodes, and replace it if the lengths then stay fair.

    Tours with the largest possible savings come first. If salesmen are alike, tours are sorted by length.
    """
    limit = base_limit(time_limit, alone=False)  # as much for each check of a tour
    shortest = [shortest_tour(towns, tour, time_limit=limit) for tour in tours]
    plan, lengths = list(tours), np.array([towns.length(tour) for tour in tours])
    possible = np.array([towns.length(tour) for tour, _ in shortest])
    for salesman in np.argsort(possible - lengths, kind="stable"):
        shorter = lengths.copy()
        shorter[salesman] = possible[salesman]
        fair = fairness is None or bool(fairness.contains(shorter, TOLERANCE))
        if possible[salesman] < lengths[salesman] and possible[salesman] >= least and fair:
            plan[salesman], lengths = shortest[salesman][0], shorter
    alike = fairness is None or fairness.entitlements is None
    order = np.argsort(-lengths, kind="stable") if alike else np.arange(len(plan))
    return _Checked(
        tuple(plan[salesman] for salesman in order),
        lengths[order],
        np.maximum(lengths - possible, 0.0)[order],
        all(proven for _, proven in shortest),
    )


def check(
    towns: Any,
    salesmen: Any,
    fairness: Any,
    *,
    gap: float = 0.0,
    time_limit: float | None = None,
    least_load: float | None = None,
) -> None:
    """Check the user's arguments; raise `InputError` for the first that cannot be used."""
    if not isinstance(towns, Towns):
        raise InputError(f"towns is {type(towns).__name__}; give Towns, as read_tsplib and generate_towns return them")
    checked_whole("salesmen", salesmen, 2, MOST_SALESMEN)
    if fairness is not None and not isinstance(fairness, Fairness):
        raise InputError(f"fairness is {fairness!r}; give a member such as EpsilonFairness(0.9, p=2), or None")
    require_agents(salesmen, None if fairness is None else fairness.entitlements)
    check_gap(gap)
    check_time_limit(time_limit)
    if least_load is not None and not (math.isfinite(least_load) and least_load >= 0.0):
        raise InputError(f"least_load is {least_load!r}; it must be a finite number of at least 0")


RESOLUTION = 1e-3
"""Default width of the bracket, relative to the parameter's range. It is coarse, because probes are harder the closer
they are to the strictest parameter."""


def fairest_tours(
    towns: Towns,
    salesmen: int,
    fairness: Fairness,
    *,
    least_load: float | None = None,
    all_used: bool = False,
    detours: bool = True,
    solver: str = "scip",
    resolution: float = RESOLUTION,
    time_limit: float | None = None,
    progress: Callable[[Fairest], None] | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that some tours meet, however long they are.

    With `detours`, tours may be longer than necessary, and nearly any fairness is possible. Without them, the result
    depends on how the towns can be divided.

    Parameters
    ----------
    towns, salesmen, least_load, all_used, detours, solver
        As for :func:`evenhand.applications.salesmen.solve`.
    fairness
        A member; its own parameter does not matter.
    resolution
        Width of the bracket at which bisection stops, relative to the parameter's range.
    time_limit
        Seconds after which the bracket so far is returned; None for no limit.
    progress
        Function that is called with the bracket so far before each probe.

    Returns
    -------
    Fairest
        The parameters reached and refuted; ``loads`` are the lengths of the tours.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.

    Examples
    --------
    >>> from evenhand import MaxOverMean
    >>> from evenhand.applications import salesmen
    >>> towns = salesmen.generate_towns(7, seed=2)
    >>> best = salesmen.fairest_tours(towns, 2, MaxOverMean(1.0), detours=False, solver="highs")
    >>> best.status, round(best.reached, 3), best.loads.round().tolist()
    ('optimal', 1.037, [130.0, 140.0])
    """
    check(towns, salesmen, fairness, time_limit=time_limit, least_load=least_load)
    least = 0.0 if least_load is None else float(least_load)
    alike = fairness.entitlements is None
    model = formulate(towns, salesmen, least_load=least, all_used=all_used, alike=alike)
    lazy = Subtours(model.layout) if detours else Detours(model, towns)
    how: dict[str, Any] = {"resolution": resolution, "time_limit": time_limit, "progress": progress}
    return fairest(model.model, model.loads, fairness, solver=solver, lazy=lazy, **how)
