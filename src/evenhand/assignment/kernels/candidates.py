"""Passes over tables that list the candidates of each task, a few of many agents, in compressed rows.

A pass prices every pair of task and candidate, c - v[i] b, and finds the key of each task, its candidate of least
reduced cost. Work and memory grow with the number of pairs, not with agents x tasks.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.smoothing import NEGLIGIBLE
from evenhand.assignment.kernels.sums import add
from evenhand.numba_decorators import entry


class Pairs(NamedTuple):
    """The pairs of m tasks in compressed rows.

    Attributes
    ----------
    starts
        Position of each task's first pair, shape (m + 1,); the last entry is the number of pairs k.
    agents
        Agent of each pair, shape (k,).
    costs, burdens
        Cost and burden of each pair, shape (k,), in single or double precision; all arithmetic is in double precision.
    """

    starts: NDArray[np.int64]
    agents: NDArray[np.int32]
    costs: NDArray[np.floating[Any]]
    burdens: NDArray[np.floating[Any]]


@entry
def least_of_candidates(
    pairs: Pairs, price: NDArray[np.float64], first: int, stop: int, sums: NDArray[np.float64]
) -> None:
    """Add up the least reduced costs of the tasks from `first` to `stop` in `sums`, shape (3,).

    The sum is compensated: rounded sum, what rounding took from it, and the sum of the sizes of its terms, in which a
    term counts with its cost and its price apart: their difference is rounded relative to them.
    """
    total, lost, sizes = 0.0, 0.0, 0.0
    for j in range(first, stop):
        best, size = np.inf, 0.0
        for k in range(pairs.starts[j], pairs.starts[j + 1]):
            worth = price[pairs.agents[k]] * pairs.burdens[k]
            reduced = pairs.costs[k] - worth
            if reduced < best:
                best = reduced
            size = max(size, abs(worth))
        total, missing = add(total, best)
        lost += missing
        sizes += abs(best) + size
    sums[0], sums[1], sums[2] = total, lost, sizes


@entry
def screen_candidates(
    pairs: Pairs,
    price: NDArray[np.float64],
    radius: NDArray[np.float64],
    first: int,
    stop: int,
    slot: NDArray[np.int32],
    near: NDArray[np.bool_],
    fixed: NDArray[np.float64],
) -> None:
    """Find the keys of the tasks from `first` to `stop`, and which of them may have another key nearby.

    The key is written to `slot` as a position among the task's candidates. A task is near a change if its key is
    another at some prices inside the box ``price`` +- ``radius``, shape (n,). The loads of the others are added up in
    ``fixed``, shape (2, n): rounded sums, and what rounding took from them.
    """
    for j in range(first, stop):
        begin, end = pairs.starts[j], pairs.starts[j + 1]
        best, key = np.inf, begin
        for k in range(begin, end):
            reduced = pairs.costs[k] - price[pairs.agents[k]] * pairs.burdens[k]
            if reduced < best:
                best, key = reduced, k
        edge = best + radius[pairs.agents[key]] * pairs.burdens[key]
        close = False
        for k in range(begin, end):
            i = pairs.agents[k]
            if k != key and pairs.costs[k] - (price[i] + radius[i]) * pairs.burdens[k] <= edge:
                close = True
                break
        slot[j], near[j] = key - begin, close
        if not close:
            i = pairs.agents[key]
            fixed[0, i], missing = add(fixed[0, i], pairs.burdens[key])
            fixed[1, i] += missing


@entry
def soft_dual_of_candidates(
    pairs: Pairs,
    price: NDArray[np.float64],
    temperature: float,
    first: int,
    stop: int,
    load: NDArray[np.float64],
    curvature: NDArray[np.float64],
    part: NDArray[np.float64],
) -> float:
    """Return the soft dual value of the tasks from `first` to `stop`.

    As :func:`~evenhand.assignment.kernels.smoothing.soft_dual`: the shared loads are added to `load`, (n,), and minus
    the second derivative of the soft value by the prices to `curvature`, (n, n), unless that is empty. `part` is space
    for the shares of one task, as long as its longest list of candidates.
    """
    soft = 0.0
    bent = curvature.shape[0] > 0
    for j in range(first, stop):
        begin, end = pairs.starts[j], pairs.starts[j + 1]
        least = np.inf
        for k in range(begin, end):
            reduced = pairs.costs[k] - price[pairs.agents[k]] * pairs.burdens[k]
            part[k - begin] = reduced
            least = min(least, reduced)
        count, total = 0, 0.0
        for k in range(begin, end):
            apart = part[k - begin] - least
            part[k - begin] = 0.0
            if apart < NEGLIGIBLE * temperature:
                part[k - begin] = math.exp(-apart / temperature)
                total += part[k - begin]
                count += 1
        soft += least - temperature * math.log(total)
        for k in range(begin, end):
            if part[k - begin] > 0.0:
                part[k - begin] *= pairs.burdens[k] / total
                load[pairs.agents[k]] += part[k - begin]
        if count == 1 or not bent:
            continue
        for k in range(begin, end):
            share = part[k - begin] / temperature
            if share > 0.0:
                i = pairs.agents[k]
                curvature[i, i] += share * pairs.burdens[k]
                for other in range(begin, end):
                    curvature[i, pairs.agents[other]] -= share * part[other - begin]
    return soft


@entry
def count_near(
    cost: NDArray[np.float64],
    burden: NDArray[np.float64],
    price: NDArray[np.float64],
    window: float,
    first: int,
    stop: int,
    counts: NDArray[np.int64],
) -> None:
    """Write how many reduced costs of each task from `first` to `stop` are at most `window` above its least one.

    Costs and burdens have shape (k, n), `counts` (k,).
    """
    for j in range(first, stop):
        least = np.inf
        for i in range(cost.shape[1]):
            least = min(least, cost[j, i] - price[i] * burden[j, i])
        counts[j] = 0
        for i in range(cost.shape[1]):
            counts[j] += cost[j, i] - price[i] * burden[j, i] <= least + window


@entry
def list_near(
    cost: NDArray[np.float64],
    burden: NDArray[np.float64],
    price: NDArray[np.float64],
    window: float,
    first: int,
    stop: int,
    into: Pairs,
) -> None:
    """Write the pairs that :func:`count_near` counts, in the order of agents; the starts of `into` are given."""
    for j in range(first, stop):
        least = np.inf
        for i in range(cost.shape[1]):
            least = min(least, cost[j, i] - price[i] * burden[j, i])
        place = into.starts[j]
        for i in range(cost.shape[1]):
            if cost[j, i] - price[i] * burden[j, i] <= least + window:
                into.agents[place], into.costs[place], into.burdens[place] = i, cost[j, i], burden[j, i]
                place += 1


@entry
def gather(pairs: Pairs, tasks: NDArray[np.int64], into: Pairs) -> None:
    """Copy the pairs of some `tasks`, by position, to `into`, whose `starts` are given."""
    for t in range(tasks.shape[0]):
        place = into.starts[t]
        for k in range(pairs.starts[tasks[t]], pairs.starts[tasks[t] + 1]):
            into.agents[place] = pairs.agents[k]
            into.costs[place] = pairs.costs[k]
            into.burdens[place] = pairs.burdens[k]
            place += 1


@entry
def settle_candidates(
    pairs: Pairs, slot: NDArray[np.int32], load: NDArray[np.float64], cost: NDArray[np.float64]
) -> None:
    """Add up the plan that gives each task to the candidate at its `slot`.

    Loads are added to `load`, shape (2, n), and costs to `cost`, shape (2,): rounded sums, and what rounding took.
    """
    for j in range(slot.shape[0]):
        k = pairs.starts[j] + slot[j]
        i = pairs.agents[k]
        load[0, i], missing = add(load[0, i], pairs.burdens[k])
        load[1, i] += missing
        cost[0], missing = add(cost[0], pairs.costs[k])
        cost[1] += missing


@entry
def survey_candidates(
    pairs: Pairs, costs: NDArray[np.float64], burdens: NDArray[np.float64], load: NDArray[np.float64]
) -> None:
    """Add up what is known of a table without prices.

    Least costs, their sizes and the largest costs of the tasks are added to `costs`, shape (2, 3); the burdens of all
    pairs of each agent to `burdens`, and those of the cheapest pairs to `load`, shapes (2, n): rounded sums, and what
    rounding took from them.
    """
    for j in range(pairs.starts.shape[0] - 1):
        least, most, key = np.inf, -np.inf, -1
        for k in range(pairs.starts[j], pairs.starts[j + 1]):
            i = pairs.agents[k]
            burdens[0, i], missing = add(burdens[0, i], pairs.burdens[k])
            burdens[1, i] += missing
            most = max(most, pairs.costs[k])
            if pairs.costs[k] < least:
                least, key = pairs.costs[k], k
        i = pairs.agents[key]
        load[0, i], missing = add(load[0, i], pairs.burdens[key])
        load[1, i] += missing
        costs[0, 0], missing = add(costs[0, 0], least)
        costs[1, 0] += missing
        costs[0, 1], missing = add(costs[0, 1], abs(least))
        costs[1, 1] += missing
        costs[0, 2], missing = add(costs[0, 2], most)
        costs[1, 2] += missing


WRONG_COST, NEGATIVE_COST, WRONG_BURDEN, TWICE = 1, 2, 3, 4
"""Kinds of mistakes that `first_mistake` returns."""


@entry
def first_mistake(pairs: Pairs, shared: bool, agents: int) -> tuple[int, int]:
    """Return the position of the first pair that cannot be used, and what is wrong with it; (-1, 0) if there is none.

    Costs must not be NaN or -inf, and +inf forbids a pair. If they are `shared`, they must not be negative; otherwise
    burdens must be finite and not negative. A pair must not be listed twice.
    """
    last = np.full(agents, -1, np.int64)
    for j in range(pairs.starts.shape[0] - 1):
        for k in range(pairs.starts[j], pairs.starts[j + 1]):
            cost, burden, i = pairs.costs[k], pairs.burdens[k], pairs.agents[k]
            if last[i] == j:
                return k, TWICE
            last[i] = j
            if math.isnan(cost) or cost == -np.inf:
                return k, WRONG_COST
            if cost == np.inf:
                continue
            if shared and cost < 0.0:
                return k, NEGATIVE_COST
            if not shared and not (0.0 <= burden < np.inf):
                return k, WRONG_BURDEN
    return -1, 0
