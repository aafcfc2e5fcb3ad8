"""Simulated annealing over plans: total distance plus a price on the violation of the fairness cone.

A step draws a stop and one of its nearest stops, and joins them: by relocating a segment, swapping two segments, or
exchanging the tails of their two routes. The walk may pass through unfair plans on its way to short fair ones; the
price of unfairness follows the walk while the temperature falls. Capacities, longest distances and times are never
violated.

References
----------
Kirkpatrick, Gelatt, Vecchi, Optimization by Simulated Annealing, Science 220, 1983.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.kernels.exchange import Exchange, duration_after, exchange, fits, sum_after
from evenhand.applications.routes.kernels.keeping import Found, keep, restore, save, tidy_all
from evenhand.applications.routes.kernels.route_plan import Clock, Ground, Plan
from evenhand.applications.routes.kernels.tidying import tidy_between, try_reversal, try_shift
from evenhand.applications.routes.kernels.unfairness import Rule, refresh_sums, sums_after, violation_after
from evenhand.numba_decorators import entry, inner
from evenhand.random_draws import draw, draw_unit

BLOCK = 1024
"""Steps at each temperature; sums are computed afresh between them."""

FIRST_OF_ROUTE = 32
"""One draw in so many joins a stop with the depot of a random route, the only way to reach an empty one."""

LEAST_PRICE, MOST_PRICE = 0.05, 20.0
"""Range of the price of unfairness. Its upper end is reached only at the end of a schedule: a walk that sees nothing
but fairness while it is hot sticks at the first local minimum."""

HOPELESS = 16.0
"""An increase of so many temperatures is rejected without a draw: its chance is one in nine million."""


class Heat(NamedTuple):
    """A schedule: the temperature falls geometrically; the price of unfairness follows the walk.

    The price rises by a small factor after each block that ends unfair, and falls by it after each that ends fair, so
    that the walk stays at the border of the cone, where the cheapest fair plans are, whatever the member and the scale.
    """

    hot: float
    cold: float
    growth: float  # of the price after a block
    steps: int
    tidy_below: float  # temperature below which all routes are in locally shortest orders
    pooled_within: float  # routes of plans at most this many times as long as the best are pooled


@inner
def choose(ground: Ground, plan: Plan, r: int, i: int, s: int, j: int, state: NDArray[np.uint64]) -> Exchange:
    """Return a random exchange that joins the stop at (r, i) with the node at (s, j), which may be a depot."""
    kind = draw(state, 4)
    left = plan.held[r] - i + 1
    if kind == 0:
        count = min(1 + draw(state, 3), left)
        return relocation(ground, plan, r, i, count, s, j)
    if kind == 1:
        count = min(1 + draw(state, 2), left)
        other = min(1 + draw(state, 2), plan.held[s] - j)
        return Exchange(r, i, count, s, j + 1, other, False)
    if kind == 2 or j == 0:
        return Exchange(r, i, left, s, j + 1, plan.held[s] - j, False)
    return Exchange(r, i + 1, left - 1, s, 1, j, True)


@inner
def relocation(ground: Ground, plan: Plan, r: int, i: int, count: int, s: int, j: int) -> Exchange:
    """Return the shortest insertion of a segment before or after the node at (s, j), in either direction."""
    first, last = plan.node[r, i], plan.node[r, i + count - 1]
    here, after = plan.node[s, j], plan.node[s, j + 1]
    gap = ground.distance[here, after]
    forwards = ground.distance[here, first] + ground.distance[last, after] - gap
    backwards = ground.distance[here, last] + ground.distance[first, after] - gap
    at, best, turned = j + 1, min(forwards, backwards), backwards < forwards
    if j > 0:
        before = plan.node[s, j - 1]
        gap = ground.distance[before, here]
        forwards = ground.distance[before, first] + ground.distance[last, here] - gap
        backwards = ground.distance[before, last] + ground.distance[first, here] - gap
        if min(forwards, backwards) < best:
            at, turned = j, backwards < forwards
    return Exchange(r, i, count, s, at, 0, turned)


@inner
def step_between(
    ground: Ground,
    clock: Clock,
    rule: Rule,
    plan: Plan,
    move: Exchange,
    temperature: float,
    price: float,
    violation: float,
    scratch: NDArray[np.int64],
    state: NDArray[np.uint64],
    untidy: bool,
) -> float:
    """Make an exchange if the Metropolis rule accepts it, and return the violation after the step.

    Unless `untidy`, the orders of both routes are improved first: the rule must accept what is left then, too.
    """
    r, i, out, s, j, into, back = move
    if out == 0 and into == 0:
        return violation
    before = plan.total[r] + plan.total[s]
    far, sym = ground.distance, ground.symmetric
    far_r = sum_after(far, plan.along, plan, r, i, out, s, j, into, back, sym)
    far_s = sum_after(far, plan.along, plan, s, j, into, r, i, out, back, sym)
    longer = far_r + far_s - before
    if longer - price * violation > HOPELESS * temperature:  # even if the move made the plan fair
        return violation
    if far_r > ground.longest[r] or far_s > ground.longest[s]:
        return violation
    if not (fits(ground, plan, r, i, out, s, j, into) and fits(ground, plan, s, j, into, r, i, out)):
        return violation
    room = -temperature * math.log(draw_unit(state))
    if longer - price * violation > room:
        return violation
    load_r, load_s = far_r, far_s
    if clock.timed:
        load_r = duration_after(ground, clock, plan, r, i, out, s, j, into, back)
        if load_r < 0.0:
            return violation
        load_s = duration_after(ground, clock, plan, s, j, into, r, i, out, back)
        if load_s < 0.0:
            return violation
    if not clock.burdensome:
        load_r, load_s = far_r, far_s
        if not ground.same:
            load_r = sum_after(ground.burden, plan.borne, plan, r, i, out, s, j, into, back, sym)
            load_s = sum_after(ground.burden, plan.borne, plan, s, j, into, r, i, out, back, sym)
    after = violation_after(rule, plan.load, r, load_r, s, load_s)
    if longer + price * (after - violation) > room:
        return violation
    if untidy:
        rule.sums[0], rule.sums[1] = sums_after(rule, plan.load, r, load_r, s, load_s)
        exchange(ground, clock, plan, move, scratch)
        return after
    save(plan, r, scratch, 2)
    save(plan, s, scratch, 3)
    held_r, held_s, was_r, was_s = plan.held[r], plan.held[s], plan.load[r], plan.load[s]
    exchange(ground, clock, plan, move, scratch)
    tidy_between(ground, clock, plan, r, i - 1, i + into - 1, scratch)
    tidy_between(ground, clock, plan, s, j - 1, j + out - 1, scratch)
    load_r, load_s = plan.load[r], plan.load[s]
    plan.load[r], plan.load[s] = was_r, was_s
    longer = plan.total[r] + plan.total[s] - before
    after = violation_after(rule, plan.load, r, load_r, s, load_s)
    if longer + price * (after - violation) > room:
        restore(ground, clock, plan, r, held_r, scratch, 2)
        restore(ground, clock, plan, s, held_s, scratch, 3)
        return violation
    rule.sums[0], rule.sums[1] = sums_after(rule, plan.load, r, load_r, s, load_s)
    plan.load[r], plan.load[s] = load_r, load_s
    return after


@inner
def step_within(
    ground: Ground,
    clock: Clock,
    plan: Plan,
    r: int,
    i: int,
    j: int,
    scratch: NDArray[np.int64],
    state: NDArray[np.uint64],
) -> bool:
    """Reverse the stops between two positions of one route, or move stops from the one to the other, if shorter."""
    if draw(state, 2) == 0:
        first, last = min(i, j) + 1, max(i, j)
        return first < last and try_reversal(ground, clock, plan, r, first, last)
    count = min(1 + draw(state, 3), plan.held[r] - i + 1)
    if i - 1 <= j <= i + count - 1:
        return False
    return try_shift(ground, clock, plan, r, i, count, j, scratch)


@inner
def total_of(plan: Plan) -> float:
    """Return the distance of all routes."""
    total = 0.0
    for r in range(plan.total.shape[0]):
        total += plan.total[r]
    return total


@inner
def fresh_violation(rule: Rule, plan: Plan) -> float:
    """Compute the sums of the rule afresh, and return the violation of the plan."""
    refresh_sums(rule, plan.load)
    return violation_after(rule, plan.load, 0, plan.load[0], 1, plan.load[1])


@entry
def anneal(
    ground: Ground,
    clock: Clock,
    rule: Rule,
    plan: Plan,
    found: Found,
    heat: Heat,
    price: NDArray[np.float64],
    begin: int,
    end: int,
    best: float,
    scratch: NDArray[np.int64],
    state: NDArray[np.uint64],
) -> float:
    """Anneal steps `begin` to `end` of a schedule from `plan`, which changes, and return the distance of the best plan.

    A schedule is run in parts so that Python can look at the clock and Ctrl-C in between.
    `price`, shape (1,), is that of unfairness, and changes. `best` is the distance of the
    plan in `found`, infinite if there is none; only fair plans, each route in a locally shortest order, are kept there.
    """
    temperature, violation = heat.hot, fresh_violation(rule, plan)
    total = total_of(plan)
    vehicles = plan.held.shape[0]
    for step in range(begin, end):
        if step % BLOCK == 0 or step == begin:
            part = step / heat.steps
            temperature = heat.hot * (heat.cold / heat.hot) ** part
            raised = price[0] * heat.growth if violation > 0.0 else price[0] / heat.growth
            price[0] = min(max(raised, LEAST_PRICE), MOST_PRICE**part)
            if temperature <= heat.tidy_below or (best < math.inf and total < heat.pooled_within * best):
                tidy_all(ground, clock, plan, found, scratch)
            total = total_of(plan)
            violation = fresh_violation(rule, plan)
        untidy = temperature > heat.tidy_below
        a = ground.stops[draw(state, ground.stops.shape[0])]
        r, i = plan.route_of[a], plan.place[a]
        if draw(state, FIRST_OF_ROUTE) == 0:
            s, j = draw(state, vehicles), 0
        else:
            b = ground.near[a, draw(state, ground.near.shape[1])]
            s, j = plan.route_of[b], plan.place[b]
        if s != r:
            move = choose(ground, plan, r, i, s, j, state)
            before = plan.total[r] + plan.total[s]
            violation = step_between(
                ground, clock, rule, plan, move, temperature, price[0], violation, scratch, state, untidy
            )
            changed = plan.total[r] + plan.total[s] - before
        elif not untidy:
            continue
        else:
            before = plan.total[r]
            if step_within(ground, clock, plan, r, i, j, scratch, state):
                violation = fresh_violation(rule, plan)
            changed = plan.total[r] - before
        total += changed
        if violation <= 0.0 and total < best - 1e-6:
            tidy_all(ground, clock, plan, found, scratch)
            violation = fresh_violation(rule, plan)
            total = total_of(plan)
            if violation <= 0.0 and total < best - 1e-6:
                best = total
                keep(found, plan)
    return best
