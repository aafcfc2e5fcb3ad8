"""Shorter orders of the stops of one route: 2-opt and moves of up to three stops, accepted only if shorter.

A longer order would be a cheap way to even out burdens: nobody should drive in circles for that.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.routes.kernels.route_plan import Clock, Ground, Plan, duration_of, settle_route
from evenhand.numba_decorators import inner

SHORTER = 1e-9
"""Distance by which an order must be shorter, so that rounding never makes two orders alternate."""


@inner
def reverse(plan: Plan, r: int, i: int, j: int) -> None:
    """Reverse positions `i` to `j` of a route."""
    while i < j:
        plan.node[r, i], plan.node[r, j] = plan.node[r, j], plan.node[r, i]
        i += 1
        j -= 1


@inner
def gain_of_reversal(ground: Ground, plan: Plan, r: int, i: int, j: int) -> float:
    """Return by how much a route is shorter with positions `i` to `j` reversed."""
    before, first, last, after = plan.node[r, i - 1], plan.node[r, i], plan.node[r, j], plan.node[r, j + 1]
    gain = ground.distance[before, first] + ground.distance[last, after]
    gain -= ground.distance[before, last] + ground.distance[first, after]
    if not ground.symmetric:
        for k in range(i, j):
            here, there = plan.node[r, k], plan.node[r, k + 1]
            gain += ground.distance[here, there] - ground.distance[there, here]
    return float(gain)


@inner
def accept_or(ground: Ground, clock: Clock, plan: Plan, r: int) -> bool:
    """Settle a route whose order has changed; return False, and settle nothing, if its times cannot be met."""
    if clock.timed and duration_of(ground, clock, plan, r) < 0.0:
        return False
    settle_route(ground, clock, plan, r)
    return True


@inner
def try_reversal(ground: Ground, clock: Clock, plan: Plan, r: int, i: int, j: int) -> bool:
    """Reverse positions `i` to `j` if the route is shorter then and its times can be met."""
    if gain_of_reversal(ground, plan, r, i, j) <= SHORTER:
        return False
    reverse(plan, r, i, j)
    if accept_or(ground, clock, plan, r):
        return True
    reverse(plan, r, i, j)
    return False


@inner
def rotate(plan: Plan, r: int, i: int, count: int, to: int, scratch: NDArray[np.int64]) -> None:
    """Move `count` stops from position `i` so that they start at position `to`."""
    for k in range(count):
        scratch[0, k] = plan.node[r, i + k]
    if to > i:
        for k in range(i, to):
            plan.node[r, k] = plan.node[r, k + count]
    else:
        for k in range(i - 1, to - 1, -1):
            plan.node[r, k + count] = plan.node[r, k]
    for k in range(count):
        plan.node[r, to + k] = scratch[0, k]


@inner
def try_shift(
    ground: Ground, clock: Clock, plan: Plan, r: int, i: int, count: int, gap: int, scratch: NDArray[np.int64]
) -> bool:
    """Move `count` stops from position `i` between positions `gap` and `gap` + 1, which they do not touch, if shorter.

    The segment is reversed if that is shorter still.
    """
    distance = ground.distance
    before, first = plan.node[r, i - 1], plan.node[r, i]
    last, after = plan.node[r, i + count - 1], plan.node[r, i + count]
    left, right = plan.node[r, gap], plan.node[r, gap + 1]
    gain = distance[before, first] + distance[last, after] - distance[before, after] + distance[left, right]
    forwards = distance[left, first] + distance[last, right]
    backwards = distance[left, last] + distance[first, right]
    if not ground.symmetric:
        for k in range(i, i + count - 1):
            here, there = plan.node[r, k], plan.node[r, k + 1]
            backwards += distance[there, here] - distance[here, there]
    if gain - min(forwards, backwards) <= SHORTER:
        return False
    to = gap + 1 if gap < i else gap + 1 - count
    rotate(plan, r, i, count, to, scratch)
    if backwards < forwards:
        reverse(plan, r, to, to + count - 1)
    if accept_or(ground, clock, plan, r):
        return True
    if backwards < forwards:
        reverse(plan, r, to, to + count - 1)
    rotate(plan, r, to, count, i, scratch)
    return False


@inner
def tidy(ground: Ground, clock: Clock, plan: Plan, r: int, scratch: NDArray[np.int64]) -> None:
    """Improve the order of a route until no reversal and no shift of up to three stops makes it shorter."""
    better = plan.untidy[r]
    while better:
        better = False
        held = plan.held[r]
        for i in range(1, held):
            for j in range(i + 1, held + 1):
                better |= try_reversal(ground, clock, plan, r, i, j)
        for i in range(1, held + 1):
            for count in range(1, min(3, held - i + 1) + 1):
                for gap in range(held + 1):
                    if gap < i - 1 or gap > i + count - 1:
                        better |= try_shift(ground, clock, plan, r, i, count, gap, scratch)
    plan.untidy[r] = False


@inner
def tidy_between(
    ground: Ground, clock: Clock, plan: Plan, r: int, first: int, second: int, scratch: NDArray[np.int64]
) -> None:
    """Improve the order of a tidy route into which the legs from positions `first` and `second` have come.

    Only changes of these legs can make it shorter; after one of them, all are tried.
    """
    better = tidy_at(ground, clock, plan, r, first, scratch)
    if not better and second != first:
        better = tidy_at(ground, clock, plan, r, second, scratch)
    if better:
        tidy(ground, clock, plan, r, scratch)


@inner
def tidy_at(ground: Ground, clock: Clock, plan: Plan, r: int, leg: int, scratch: NDArray[np.int64]) -> bool:
    """Try all reversals and shifts that change the leg from position `leg` to the next; return whether one was made."""
    held = plan.held[r]
    for j in range(leg + 2, held + 1):
        if try_reversal(ground, clock, plan, r, leg + 1, j):
            return True
    for i in range(1, leg):
        if try_reversal(ground, clock, plan, r, i, leg):
            return True
    for count in range(1, min(3, held) + 1):
        for i in range(1, held - count + 2):
            apart = leg < i - 1 or leg > i + count - 1
            if apart and try_shift(ground, clock, plan, r, i, count, leg, scratch):
                return True
        for i in (leg + 1, leg - count + 1):
            if 1 <= i <= held - count + 1:
                for gap in range(held + 1):
                    apart = gap < i - 1 or gap > i + count - 1
                    if apart and try_shift(ground, clock, plan, r, i, count, gap, scratch):
                        return True
    return False
