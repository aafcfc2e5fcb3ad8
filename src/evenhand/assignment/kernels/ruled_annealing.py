"""Annealing over plans under several rules and limits at once, for tasks of one agent or several.

A task that needs k agents has k *slots*. A step moves one slot to another agent, swaps two, or moves one from a first
agent to a second and another from there to a third. Each rule charges its own penalty (see `unfairness_penalty.py`):
rows of its loads, or a power mean where one is equivalent, so that no cuts are needed there. A step reckons again only
the rules whose loads it changes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.annealing import Choices
from evenhand.assignment.kernels.row_dual import Tables
from evenhand.assignment.kernels.unfairness_penalty import raised
from evenhand.numba_decorators import entry, inner
from evenhand.random_draws import draw, draw_unit

REFRESH = 2048
"""Steps at each temperature; between them sums are computed afresh, so that rounding errors do not accumulate."""

SETTLED = 1e-12
"""Penalty up to which a rule counts as kept."""


class Demands(NamedTuple):
    """Rows  weight[q] . x >= least[q]  of the loads x of each burden, and power means; order 0 if there is no mean.

    The mean requires (sum_i share[i] u[i]^order)^(1/order) <= limit * sum_i share[i] u[i] with u[i] = x[i] stretch[i].
    """

    start: NDArray[np.int64]  # (rules + 1,) rows of each rule
    weight: NDArray[np.float64]  # (rows, n)
    least: NDArray[np.float64]  # (rows,)
    price: NDArray[np.float64]  # (rows,) penalty per unit of violation
    order: NDArray[np.float64]  # (rules,)
    limit: NDArray[np.float64]  # (rules,)
    share: NDArray[np.float64]  # (rules, n)
    stretch: NDArray[np.float64]  # (rules, n)
    toll: NDArray[np.float64]  # (rules,) penalty per unit by which the mean exceeds its limit


class Slots(NamedTuple):
    """Who does what: the slots that may move, the agent of each, and the slots of each agent as a list."""

    task: NDArray[np.int64]  # (slots,)
    agent: NDArray[np.int64]  # (slots,)
    held: NDArray[np.int64]  # (n, slots) the first number[i] entries of row i
    number: NDArray[np.int64]  # (n,) slots of each agent
    place: NDArray[np.int64]  # (slots,) position of each slot in its agent's row


class Sums(NamedTuple):
    """The loads, the activity of each row, and both sums of each power mean."""

    load: NDArray[np.float64]  # (rules, n)
    activity: NDArray[np.float64]  # (rows,)
    powers: NDArray[np.float64]  # (rules,)
    mean: NDArray[np.float64]  # (rules,)
    penalty: NDArray[np.float64]  # (rules,)


@inner
def _power(demands: Demands, r: int, agent: int, load: float) -> float:
    return float(demands.share[r, agent] * raised(max(0.0, load) * demands.stretch[r, agent], demands.order[r]))


@inner
def _mean_penalty(demands: Demands, r: int, powers: float, mean: float) -> float:
    order = demands.order[r]
    reached = np.sqrt(max(0.0, powers)) if order == 2.0 else max(0.0, powers) ** (1.0 / order)
    return float(demands.toll[r] * max(0.0, reached - demands.limit[r] * mean))


@inner
def _stand(demands: Demands, sums: Sums) -> float:
    """Compute everything from the loads, and return the whole penalty."""
    total = 0.0
    for r in range(sums.load.shape[0]):
        penalty = 0.0
        for q in range(demands.start[r], demands.start[r + 1]):
            activity = 0.0
            for i in range(sums.load.shape[1]):
                activity += demands.weight[q, i] * sums.load[r, i]
            sums.activity[q] = activity
            penalty += demands.price[q] * max(0.0, demands.least[q] - activity)
        if demands.order[r] > 0.0:
            powers, mean = 0.0, 0.0
            for i in range(sums.load.shape[1]):
                powers += _power(demands, r, i, sums.load[r, i])
                mean += demands.share[r, i] * demands.stretch[r, i] * sums.load[r, i]
            sums.powers[r], sums.mean[r] = powers, mean
            penalty += _mean_penalty(demands, r, powers, mean)
        sums.penalty[r] = penalty
        total += penalty
    return total


@inner
def _after(
    demands: Demands,
    sums: Sums,
    r: int,
    first: int,
    by_first: float,
    second: int,
    by_second: float,
    third: int,
    by_third: float,
) -> float:
    """Return the penalty of a rule after the loads of up to three agents have changed."""
    penalty = 0.0
    for q in range(demands.start[r], demands.start[r + 1]):
        after = sums.activity[q] + demands.weight[q, first] * by_first + demands.weight[q, second] * by_second
        if third >= 0:
            after += demands.weight[q, third] * by_third
        if after < demands.least[q]:
            penalty += demands.price[q] * (demands.least[q] - after)
    if demands.order[r] > 0.0:
        load = sums.load[r]
        powers = sums.powers[r] + _power(demands, r, first, load[first] + by_first)
        powers += _power(demands, r, second, load[second] + by_second)
        powers -= _power(demands, r, first, load[first]) + _power(demands, r, second, load[second])
        mean = sums.mean[r] + demands.share[r, first] * demands.stretch[r, first] * by_first
        mean += demands.share[r, second] * demands.stretch[r, second] * by_second
        if third >= 0:
            powers += _power(demands, r, third, load[third] + by_third) - _power(demands, r, third, load[third])
            mean += demands.share[r, third] * demands.stretch[r, third] * by_third
        penalty += _mean_penalty(demands, r, powers, mean)
    return penalty


@inner
def _add(demands: Demands, sums: Sums, r: int, agent: int, by: float) -> None:
    if by == 0.0:
        return
    if demands.order[r] > 0.0:
        load = sums.load[r, agent]
        sums.powers[r] += _power(demands, r, agent, load + by) - _power(demands, r, agent, load)
        sums.mean[r] += demands.share[r, agent] * demands.stretch[r, agent] * by
    sums.load[r, agent] += by
    for q in range(demands.start[r], demands.start[r + 1]):
        sums.activity[q] += demands.weight[q, agent] * by


@inner
def _give(slots: Slots, slot: int, agent: int) -> None:
    slots.held[agent, slots.number[agent]] = slot
    slots.place[slot] = slots.number[agent]
    slots.number[agent] += 1
    slots.agent[slot] = agent


@inner
def _withdraw(slots: Slots, slot: int) -> None:
    agent, place = slots.agent[slot], slots.place[slot]
    last = slots.held[agent, slots.number[agent] - 1]
    slots.held[agent, place] = last
    slots.place[last] = place
    slots.number[agent] -= 1


@inner
def _move(
    tables: Tables, demands: Demands, sums: Sums, slots: Slots, has: NDArray[np.bool_], slot: int, to: int
) -> None:
    task, source = slots.task[slot], slots.agent[slot]
    for r in range(sums.load.shape[0]):
        _add(demands, sums, r, source, -tables.burden[r, task, source])
        _add(demands, sums, r, to, tables.burden[r, task, to])
    has[task, source], has[task, to] = False, True
    _withdraw(slots, slot)
    _give(slots, slot, to)


@entry
def anneal_ruled(
    tables: Tables,
    carried: NDArray[np.float64],
    demands: Demands,
    choices: Choices,
    fixed: NDArray[np.bool_],
    has: NDArray[np.bool_],
    best: NDArray[np.bool_],
    least: float,
    enough: float,
    hot: float,
    cold: float,
    steps: int,
    state: NDArray[np.uint64],
) -> float:
    """Anneal the plan `has`, shape (m, n), which changes.

    Parameters
    ----------
    tables
        The problem.
    carried
        Loads carried before, shape (rules, n).
    demands
        The rules and the prices of their violation.
    choices
        Agents that each task may move to.
    fixed
        Pairs that stay, shape (m, n).
    has, best
        Whether an agent does a task: the plan, which changes, and the cheapest that keeps all demands, if one cheaper
        than `least` is found.
    least
        Cost of `best`; inf if it is no plan.
    enough
        Cost at which the search stops.
    hot, cold
        First and last temperature.
    steps
        Number of steps.
    state
        State of the random generator, shape (1,), not 0.

    Returns
    -------
    float
        Cost of `best`.
    """
    m, n = tables.cost.shape
    rules = tables.burden.shape[0]
    total = 0
    for j in range(m):
        for i in range(n):
            if has[j, i] and not fixed[j, i]:
                total += 1
    slots = Slots(
        np.empty(total, np.int64),
        np.empty(total, np.int64),
        np.empty((n, max(total, 1)), np.int64),
        np.zeros(n, np.int64),
        np.empty(total, np.int64),
    )
    sums = Sums(carried.copy(), np.empty(demands.least.shape[0]), np.zeros(rules), np.zeros(rules), np.zeros(rules))
    cost, slot = 0.0, 0
    for j in range(m):
        for i in range(n):
            if has[j, i]:
                cost += tables.cost[j, i]
                for r in range(rules):
                    sums.load[r, i] += tables.burden[r, j, i]
                if not fixed[j, i]:
                    slots.task[slot] = j
                    _give(slots, slot, i)
                    slot += 1
    penalty = _stand(demands, sums)
    if penalty <= SETTLED and cost < least:
        least = cost
        best[:] = has
    if total == 0 or least <= enough:
        return least
    then = np.empty(rules)
    temperature = hot
    fall = (cold / hot) ** (1.0 / max(1, steps // REFRESH))
    for step in range(steps):
        if step % REFRESH == REFRESH - 1:
            temperature *= fall
            penalty = _stand(demands, sums)
        one = draw(state, total)
        task, first = slots.task[one], slots.agent[one]
        begin, end = choices.start[task], choices.start[task + 1]
        if end == begin:
            continue
        second = choices.agent[begin + draw(state, end - begin)]
        if has[task, second]:
            continue
        saved = tables.cost[task, first] - tables.cost[task, second]
        two, other, target = -1, -1, -1
        if draw(state, 4) > 0:
            if slots.number[second] == 0:
                continue
            two = slots.held[second, draw(state, slots.number[second])]
            other = slots.task[two]
            begin, end = choices.start[other], choices.start[other + 1]
            if end == begin:
                continue
            target = choices.agent[begin + draw(state, end - begin)]
            if has[other, target]:
                continue
            saved += tables.cost[other, second] - tables.cost[other, target]
        allowed = -temperature * np.log(draw_unit(state))
        if saved + penalty + allowed < 0.0:
            continue
        after = 0.0
        for r in range(rules):
            by_first, by_second, by_third = -tables.burden[r, task, first], tables.burden[r, task, second], 0.0
            third = -1
            if two >= 0:
                by_second -= tables.burden[r, other, second]
                if target == first:
                    by_first += tables.burden[r, other, target]
                else:
                    third, by_third = target, tables.burden[r, other, target]
            if by_first == 0.0 and by_second == 0.0 and by_third == 0.0:
                then[r] = sums.penalty[r]
            else:
                then[r] = _after(demands, sums, r, first, by_first, second, by_second, third, by_third)
            after += then[r]
            if after - penalty - saved > allowed:
                break
        if after - penalty - saved > allowed:
            continue
        if two >= 0:
            _move(tables, demands, sums, slots, has, two, target)
        _move(tables, demands, sums, slots, has, one, second)
        for r in range(rules):
            sums.penalty[r] = then[r]
        penalty, cost = after, cost - saved
        if penalty <= SETTLED and cost < least - SETTLED * abs(cost):
            penalty = _stand(demands, sums)  # kept without the rounding errors of many updates
            if penalty > SETTLED:
                continue
            least = cost
            best[:] = has
            if least <= enough:
                break
    return least
