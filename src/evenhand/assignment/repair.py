"""From an unfair assignment to a fair one by the cheapest steps: the measure itself is asked, not its cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.kernels.state import Costs
    from evenhand.assignment.progress import Clock
    from evenhand.fairness import Fairness

CANDIDATES = 400
"""Moves whose effect is evaluated exactly at each step; the rest is judged by the slope of the measure alone."""


def repair(
    costs: Costs,
    allowed: NDArray[np.bool_],
    fairness: Fairness,
    assignment: NDArray[np.intp],
    steps: int,
    clock: Clock,
) -> NDArray[np.intp] | None:
    """Move and exchange tasks, the least cost for each unit of unfairness first, until the loads are fair.

    Parameters
    ----------
    costs, allowed
        The kernels' arrays, (m, n).
    fairness
        What is asked.
    assignment
        Agent of each task, shape (m,).
    steps
        Most steps to take.
    clock
        Ends the attempt when it expires.

    Returns
    -------
    numpy.ndarray or None
        A fair assignment, or None where the steps ran out or no step helps.
    """
    assignment = assignment.copy()
    everyone = np.arange(len(assignment))
    n = allowed.shape[1]
    loads = costs.initial + np.bincount(assignment, costs.burden[everyone, assignment], minlength=n)
    for _ in range(steps):
        if fairness.contains(loads):
            return assignment
        step = _best_step(costs, allowed, fairness, assignment, loads)
        if step is None or clock.expired:
            return None
        for task, agent in step:
            loads[assignment[task]] -= costs.burden[task, assignment[task]]
            loads[agent] += costs.burden[task, agent]
            assignment[task] = agent
        loads = np.maximum(loads, 0.0)
    return None


def _best_step(
    costs: Costs,
    allowed: NDArray[np.bool_],
    fairness: Fairness,
    assignment: NDArray[np.intp],
    loads: NDArray[np.float64],
) -> list[tuple[int, int]] | None:
    slope = -fairness.cut(loads)
    steps, extra, changes = _promising_shifts(costs, allowed, assignment, slope)
    best = _least_price(fairness, loads, extra, changes)
    swaps, swap_extra, swap_changes = _promising_swaps(costs, allowed, assignment, slope)
    best_swap = _least_price(fairness, loads, swap_extra, swap_changes)
    if best_swap is None:
        return steps[best[0]] if best is not None else None
    if best is not None and best[1] <= best_swap[1]:
        return steps[best[0]]
    return swaps[best_swap[0]]


def _least_price(
    fairness: Fairness, loads: NDArray[np.float64], extra: NDArray[np.float64], changes: NDArray[np.float64]
) -> tuple[int, float] | None:
    """Return the step with the least cost per unit of unfairness removed, and that price; None where none helps."""
    if not len(extra):
        return None
    n = loads.shape[0]
    after = np.maximum(loads + changes, 0.0)
    rate = fairness.bound(n) / n
    removed = (fairness.value(loads) - rate * loads.sum()) - (fairness.value(after) - rate * after.sum(axis=-1))
    helps = removed > 1e-12 * loads.sum()
    if not helps.any():
        return None
    # A step that also saves money is best of all; among those, the one that removes most.
    price = np.where(extra > 0.0, extra / np.where(helps, removed, 1.0), extra - removed)
    price[~helps] = np.inf
    best = int(np.argmin(price))
    return best, float(price[best])


def _promising_shifts(
    costs: Costs, allowed: NDArray[np.bool_], assignment: NDArray[np.intp], slope: NDArray[np.float64]
) -> tuple[list[list[tuple[int, int]]], NDArray[np.float64], NDArray[np.float64]]:
    everyone = np.arange(len(assignment))
    taken = costs.burden[everyone, assignment]
    gain = (slope[assignment] * taken)[:, None] - slope * costs.burden
    with np.errstate(invalid="ignore"):
        extra = costs.cost - costs.cost[everyone, assignment][:, None]
        price = np.where(allowed & (gain > 0.0), np.maximum(extra, 0.0) / np.where(gain > 0.0, gain, 1.0), np.inf)
    chosen = _least(price, CANDIDATES)
    tasks, agents = np.unravel_index(chosen, price.shape)
    changes = np.zeros((len(tasks), slope.shape[0]))
    rows = np.arange(len(tasks))
    changes[rows, assignment[tasks]] -= taken[tasks]
    changes[rows, agents] += costs.burden[tasks, agents]
    steps = [[(int(task), int(agent))] for task, agent in zip(tasks, agents, strict=True)]
    return steps, extra[tasks, agents], changes


def _promising_swaps(
    costs: Costs, allowed: NDArray[np.bool_], assignment: NDArray[np.intp], slope: NDArray[np.float64]
) -> tuple[list[list[tuple[int, int]]], NDArray[np.float64], NDArray[np.float64]]:
    """Exchange tasks between the most and the least loaded agents, as the slope of the measure tells them."""
    n = slope.shape[0]
    empty: tuple[list[list[tuple[int, int]]], NDArray[np.float64], NDArray[np.float64]]
    empty = ([], np.zeros(0), np.zeros((0, n)))
    order = np.argsort(slope, kind="stable")
    giving, taking = order[-3:], order[: max(1, n // 2)]
    ones = np.flatnonzero(np.isin(assignment, giving))
    twos = np.flatnonzero(np.isin(assignment, np.setdiff1d(taking, giving)))
    if not len(ones) or not len(twos):
        return empty
    one, two = (grid.ravel() for grid in np.meshgrid(ones[:300], twos[:2000], indexing="ij"))
    a, b = assignment[one], assignment[two]
    possible = allowed[one, b] & allowed[two, a]
    one, two, a, b = one[possible], two[possible], a[possible], b[possible]
    change_a = costs.burden[two, a] - costs.burden[one, a]
    change_b = costs.burden[one, b] - costs.burden[two, b]
    gain = -(slope[a] * change_a + slope[b] * change_b)
    extra = costs.cost[one, b] + costs.cost[two, a] - costs.cost[one, a] - costs.cost[two, b]
    price = np.where(gain > 0.0, np.maximum(extra, 0.0) / np.where(gain > 0.0, gain, 1.0), np.inf)
    chosen = _least(price, CANDIDATES)
    changes = np.zeros((len(chosen), n))
    rows = np.arange(len(chosen))
    changes[rows, a[chosen]] += change_a[chosen]
    changes[rows, b[chosen]] += change_b[chosen]
    steps = [[(int(one[k]), int(b[k])), (int(two[k]), int(a[k]))] for k in chosen]
    return steps, extra[chosen], changes


def _least(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return the flat positions of the `count` least finite values."""
    flat = values.ravel()
    count = min(count, int(np.count_nonzero(np.isfinite(flat))))
    if count == 0:
        return np.zeros(0, dtype=np.intp)
    return np.argpartition(flat, count - 1)[:count]
