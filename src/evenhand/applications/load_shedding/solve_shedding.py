"""Solve load shedding with fairly shared shed power."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evenhand.applications.load_shedding.model import model_of
from evenhand.applications.load_shedding.network import PowerNetwork
from evenhand.applications.load_shedding.shedding_result import LoadShedding
from evenhand.applications.proportion import in_proportion
from evenhand.applications.time_limits import base_limit
from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.modeling import Fairest, fairest, solve_fair_milp
from evenhand.modeling.outer_approximation import check_limits, left_of

NOTHING = 1e-9
"""Fraction of the total demand up to which shed power counts as zero: about the accuracy of solvers."""


def solve(
    network: PowerNetwork,
    fairness: Fairness | None,
    *,
    outages: Iterable[int] = (),
    weights: ArrayLike | None = None,
    fractions: bool = False,
    approximation: str = "series",
    must_run: bool = False,
    gap: float = 1e-6,
    time_limit: float | None = None,
) -> LoadShedding:
    """Shed as little power as possible, with fair shares of the loads.

    Parameters
    ----------
    network
        The network, for example from :func:`~evenhand.applications.load_shedding.read_case`.
    fairness
        A member of :mod:`evenhand.fairness`; None for no fairness.
    outages
        Numbers of the branches that are out, in the order of the file, counted from 1.
    weights
        Cost of a MW shed at each load, shape (n,), in the order of the buses with demand; 1 by default. Weights do not
        change fairness, which is of MW or fractions.
    fractions
        Whether fairness is of the fraction of its demand that each load sheds.
    approximation
        ``series`` or ``reactance``; see the package.
    must_run
        Whether plants must produce at least their Pmin, and shunts draw their Gs. Islands then easily become
        infeasible. Otherwise both may go down to 0.
    gap, time_limit
        As for :func:`~evenhand.modeling.solve_fair_milp`; the time limit is for both solves, without fairness and with.

    Returns
    -------
    LoadShedding
        The shed powers, with their cost and the state of the network.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.

    Examples
    --------
    Two loads of 60 MW on lines of 40 and 60 MW: the first must shed 20 MW. For fairness, the second sheds some too.

    >>> from evenhand import JainAtLeast
    >>> from evenhand.applications.load_shedding import parse_case
    >>> network = parse_case('''
    ... mpc.baseMVA = 100;
    ... mpc.bus = [1 3  0 0 0 0 1 1 0 1 1 1.1 0.9
    ...            2 1 60 0 0 0 1 1 0 1 1 1.1 0.9
    ...            3 1 60 0 0 0 1 1 0 1 1 1.1 0.9];
    ... mpc.gen = [1 0 0 0 0 1 100 1 200 0];
    ... mpc.branch = [1 2 0 0.1 0 40 0 0 0 0 1
    ...               1 3 0 0.1 0 60 0 0 0 0 1];''')
    >>> solve(network, None).shed.tolist()
    [20.0, 0.0]
    >>> answer = solve(network, JainAtLeast(0.9))
    >>> answer.shed.round(6).tolist(), round(answer.price, 6)
    ([20.0, 10.0], 0.5)
    """
    check_limits(gap, time_limit)
    start = time.perf_counter()
    model, loads = model_of(network, outages=outages, weights=weights, approximation=approximation, must_run=must_run)
    at = np.flatnonzero(network.demand > 0.0)
    demand = network.demand[at]
    member = in_proportion(fairness, demand, "fractions=True") if fractions and fairness is not None else fairness
    cheapest = answer = solve_fair_milp(
        model, loads, None, gap=gap, time_limit=base_limit(time_limit, alone=member is None)
    )
    if member is not None:
        answer = solve_fair_milp(model, loads, member, gap=gap, time_limit=left_of(time_limit, start))
    about: dict[str, Any] = {"buses": network.buses[at], "demand": demand, "fairness": member}
    about |= {"seconds": time.perf_counter() - start, "interrupted": answer.interrupted}
    cost = model.costs[-len(at) :]
    if cheapest.loads is not None:
        least = _settled(cheapest.loads, demand)
        about |= {"least_shed": float(least.sum()), "base_cost": float(cost @ least)}
    if answer.loads is None or answer.values is None:
        return LoadShedding(answer.status, **about)
    shed = _settled(answer.loads, demand)
    _, generation, _ = np.split(answer.values, np.cumsum([len(network.buses), len(network.generator_bus)]))
    flow, _ = np.split(answer.values[-len(network.branch_from) - len(at) :], [len(network.branch_from)])
    return LoadShedding(
        answer.status,
        shed=shed,
        total_shed=float(shed.sum()),
        cost=float(cost @ shed),
        bound=None if answer.bound is None else min(answer.bound, float(cost @ shed)),
        generation=generation,
        flow=flow,
        shadow_price=answer.shadow_price,
        **about,
    )


def _settled(shed: Array, demand: Array) -> Array:
    """Return the shed powers within their limits; all zero if their sum is within a solver's tolerance of zero."""
    within = np.clip(shed, 0.0, demand)
    return within if within.sum() > NOTHING * demand.sum() else np.zeros_like(within)


def fairest_shedding(
    network: PowerNetwork,
    fairness: Fairness,
    *,
    outages: Iterable[int] = (),
    fractions: bool = False,
    approximation: str = "series",
    must_run: bool = False,
    time_limit: float | None = None,
    progress: Callable[[Fairest], None] | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that any load shedding meets; arguments are those of :func:`solve`."""
    model, loads = model_of(network, outages=outages, approximation=approximation, must_run=must_run)
    demand = network.demand[network.demand > 0.0]
    member = in_proportion(fairness, demand, "fractions=True") if fractions else fairness
    return fairest(model, loads, member, time_limit=time_limit, progress=progress)
