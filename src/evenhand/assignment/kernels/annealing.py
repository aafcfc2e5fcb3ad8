"""Simulated annealing over integral assignments.

A step moves one task from agent to agent, swaps two tasks, or moves one task from a first agent to a second and another
from the second to a third. The merit to be minimised is the cost plus the penalty of the loads (see
`unfairness_penalty.py`), so that the walk may pass through unfair assignments on its way to cheap fair ones. Steps use
only pairs with a small reduced cost, and change the loads of two or three agents, which takes tens of nanoseconds.

References
----------
Kirkpatrick, Gelatt, Vecchi, Optimization by Simulated Annealing, Science 220, 1983.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.array_loops import copy_into
from evenhand.assignment.kernels.shared_arrays import Costs
from evenhand.assignment.kernels.unfairness_penalty import (
    Change,
    Rule,
    Standing,
    apply_change,
    is_fair,
    penalty_after,
    stand,
)
from evenhand.numba_decorators import entry, inner
from evenhand.random_draws import draw, draw_unit

REFRESH = 4096
"""Steps at each temperature. Between temperatures activities and sums are computed afresh, to stop rounding errors from
accumulating."""


class Choices(NamedTuple):
    """Pairs that steps may use: those of task j are agent[start[j]:start[j + 1]]; task[q] is the task of pair q."""

    start: NDArray[np.int64]  # (m + 1,)
    agent: NDArray[np.int64]  # (pairs,)
    task: NDArray[np.int64]  # (pairs,)


class Holdings(NamedTuple):
    """The tasks of each agent as a list, from which one can be drawn at random in constant time."""

    task: NDArray[np.int64]  # (n, m) the first held[i] entries of row i are the tasks of agent i
    held: NDArray[np.int64]  # (n,) number of tasks of each agent
    place: NDArray[np.int64]  # (m,) position of each task in its agent's row


@inner
def take(holdings: Holdings, task: int, agent: int) -> None:
    """Add a task that no agent holds to the list of `agent`."""
    count = holdings.held[agent]
    holdings.task[agent, count] = task
    holdings.place[task] = count
    holdings.held[agent] = count + 1


@inner
def drop(holdings: Holdings, task: int, agent: int) -> None:
    """Remove a task from the list of `agent`, who holds it; the last task of the list takes its place."""
    place = holdings.place[task]
    last = holdings.task[agent, holdings.held[agent] - 1]
    holdings.task[agent, place] = last
    holdings.place[last] = place
    holdings.held[agent] -= 1


@inner
def other_agent(choices: Choices, task: int, agent: int, state: NDArray[np.uint64]) -> int:
    """Return a random agent for `task` among its choices, -1 if the draw is `agent` itself."""
    begin = choices.start[task]
    found = choices.agent[begin + draw(state, choices.start[task + 1] - begin)]
    return -1 if found == agent else found


@entry
def anneal(
    costs: Costs,
    rule: Rule,
    choices: Choices,
    agent_of: NDArray[np.int64],
    best_of: NDArray[np.int64],
    hot: float,
    cold: float,
    steps: int,
    state: NDArray[np.uint64],
) -> float:
    """Anneal from `agent_of`, which changes; write the cheapest fair assignment met to `best_of`, and return its cost.

    Parameters are the agent of each task, shape (m,), the first and the last temperature, in units of cost, the number
    of steps, and the state of the random generator, shape (1,), not 0, which advances. Returns inf if no fair
    assignment was met.
    """
    m, n = costs.cost.shape
    holdings = Holdings(np.empty((n, m), np.int64), np.zeros(n, np.int64), np.empty(m, np.int64))
    standing = Standing(costs.initial.copy(), np.empty(rule.matrix.shape[0]), np.zeros(2))
    cost = 0.0
    for task in range(m):
        take(holdings, task, agent_of[task])
        standing.load[agent_of[task]] += costs.burden[task, agent_of[task]]
        cost += costs.cost[task, agent_of[task]]
    penalty = stand(rule, standing)
    best = np.inf
    if is_fair(rule, standing):
        best = cost
        copy_into(best_of, agent_of, m)
    temperature = hot
    fall = (cold / hot) ** (1.0 / max(1, steps // REFRESH))  # geometric cooling
    pairs = choices.agent.shape[0]
    for step in range(steps):
        if step % REFRESH == REFRESH - 1:
            temperature *= fall
            penalty = stand(rule, standing)
        pair = draw(state, pairs)
        one, second = choices.task[pair], choices.agent[pair]
        first = agent_of[one]
        if first == second:
            continue
        saved = costs.cost[one, first] - costs.cost[one, second]
        by_first, by_second, third, by_third = -costs.burden[one, first], costs.burden[one, second], -1, 0.0
        two, target = -1, -1
        # One step in four moves a single task. The others also move a task of the second agent on, a swap if it goes to
        # the first agent: where rows are tight, a single move would nearly always break one.
        if draw(state, 4) > 0:
            if holdings.held[second] == 0:
                continue
            two = holdings.task[second, draw(state, holdings.held[second])]
            target = other_agent(choices, two, second, state)
            if target < 0:
                continue
            saved += costs.cost[two, second] - costs.cost[two, target]
            by_second -= costs.burden[two, second]
            if target == first:
                by_first += costs.burden[two, target]
            else:
                third, by_third = target, costs.burden[two, target]
        # Metropolis' rule accepts a rise d of the merit with probability exp(-d / T), that is, if d <= -T log(u) with u
        # uniform. Drawing u first rejects most steps here already, on their cost alone: no penalty is below 0.
        allowed = -temperature * np.log(draw_unit(state))
        if saved + penalty + allowed < 0.0:
            continue
        change = Change(first, by_first, second, by_second, third, by_third)
        after = penalty_after(rule, standing, change)
        if after - penalty - saved > allowed:
            continue
        apply_change(rule, standing, change)
        penalty, cost = after, cost - saved
        drop(holdings, one, first)
        if two >= 0:
            drop(holdings, two, second)
            take(holdings, two, target)
            agent_of[two] = target
        take(holdings, one, second)
        agent_of[one] = second
        if cost < best and is_fair(rule, standing):
            penalty = stand(rule, standing)  # recorded only if fair without the rounding errors of many updates
            if not is_fair(rule, standing):
                continue
            best = cost
            copy_into(best_of, agent_of, m)
    return best
