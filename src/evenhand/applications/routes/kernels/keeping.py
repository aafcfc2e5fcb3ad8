"""What a walk keeps: its best plan, routes for the set partition, and two routes that a rejected step brings back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.kernels.route_plan import Clock, Ground, Plan, settle_route
from evenhand.applications.routes.kernels.tidying import tidy
from evenhand.numba_decorators import inner


class Found(NamedTuple):
    """The best plan met, and routes of good plans, for the set partition."""

    node: NDArray[np.int64]  # (m, width)
    held: NDArray[np.int64]  # (m,)
    pool: NDArray[
        np.int32
    ]  # (size,) stops of routes one after the other, each ended by -1 - vehicle; written round and round
    written: NDArray[np.int64]  # (1,) numbers written so far


@inner
def save(plan: Plan, r: int, scratch: NDArray[np.int64], row: int) -> None:
    """Copy the nodes of a route to a row of `scratch`."""
    for k in range(1, plan.held[r] + 2):
        scratch[row, k] = plan.node[r, k]


@inner
def restore(ground: Ground, clock: Clock, plan: Plan, r: int, held: int, scratch: NDArray[np.int64], row: int) -> None:
    """Bring back a route that was saved."""
    plan.held[r] = held
    for k in range(1, held + 2):
        plan.node[r, k] = scratch[row, k]
    settle_route(ground, clock, plan, r)


@inner
def tidy_all(ground: Ground, clock: Clock, plan: Plan, found: Found, scratch: NDArray[np.int64]) -> None:
    """Improve the order of every route that has changed, and write it to the pool."""
    for r in range(plan.held.shape[0]):
        if plan.untidy[r]:
            tidy(ground, clock, plan, r, scratch)
            if plan.held[r] > 0:
                write(found, plan, r)


@inner
def write(found: Found, plan: Plan, r: int) -> None:
    """Append a route to the pool, over the oldest ones if it is full."""
    size = found.pool.shape[0]
    at = found.written[0]
    for k in range(1, plan.held[r] + 1):
        found.pool[at % size] = plan.node[r, k]
        at += 1
    found.pool[at % size] = -1 - r
    found.written[0] = at + 1


@inner
def keep(found: Found, plan: Plan) -> None:
    """Copy the plan to the best one found."""
    for r in range(plan.held.shape[0]):
        found.held[r] = plan.held[r]
        for k in range(plan.held[r] + 2):
            found.node[r, k] = plan.node[r, k]
