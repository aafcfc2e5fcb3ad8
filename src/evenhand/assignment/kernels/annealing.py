"""Simulated annealing over whole assignments: tasks move, change places, or go round among three agents.

The merit is the cost plus the penalty of the loads, so that the walk may pass through unfair assignments on its way to
cheap fair ones. Only pairs of a small reduced cost are tried, and only two or three agents' loads change in a step:
a step takes tens of nanoseconds.

References
----------
Kirkpatrick, Gelatt, Vecchi, Optimization by Simulated Annealing, Science 220, 1983.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evenhand.assignment.kernels.arrays import copy_into
from evenhand.assignment.kernels.compiled import entry, inner
from evenhand.assignment.kernels.rule import Change, Standing, apply_change, is_fair, penalty_after, stand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.kernels.rule import Rule
    from evenhand.assignment.kernels.state import Costs

REFRESH = 4096
"""Steps between two temperatures; sums are then made anew, so that rounding does not add up."""


class Choices(NamedTuple):
    """Pairs worth trying: those of task j are agent[start[j]:start[j + 1]]; task[q] is the task of pair q."""

    start: NDArray[np.int64]  # (m + 1,)
    agent: NDArray[np.int64]  # (pairs,)
    task: NDArray[np.int64]  # (pairs,)


class Holdings(NamedTuple):
    """Which tasks each agent holds, for drawing one at random."""

    task: NDArray[np.int64]  # (n, m), the first held[i] of row i
    held: NDArray[np.int64]  # (n,)
    place: NDArray[np.int64]  # (m,) of each task in its agent's row


@inner
def draw(state: NDArray[np.uint64], below: int) -> int:
    """Return a whole number in [0, below), below at most 2^32, and advance the generator (Marsaglia's xorshift)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    # numba reads int() of an unsigned number as unsigned; mixed with signed ones it would turn into a float.
    return np.int64(((x >> np.uint64(32)) * np.uint64(below)) >> np.uint64(32))  # type: ignore[return-value]


@inner
def draw_unit(state: NDArray[np.uint64]) -> float:
    """Return a number in (0, 1)."""
    return (draw(state, 1 << 31) + 0.5) / (1 << 31)


@inner
def take(holdings: Holdings, task: int, agent: int) -> None:
    """Give `agent` a task that nobody holds."""
    count = holdings.held[agent]
    holdings.task[agent, count] = task
    holdings.place[task] = count
    holdings.held[agent] = count + 1


@inner
def drop(holdings: Holdings, task: int, agent: int) -> None:
    """Take a task from the agent that holds it."""
    place = holdings.place[task]
    last = holdings.task[agent, holdings.held[agent] - 1]
    holdings.task[agent, place] = last
    holdings.place[last] = place
    holdings.held[agent] -= 1


@inner
def other_agent(choices: Choices, task: int, agent: int, state: NDArray[np.uint64]) -> int:
    """Return a random agent for `task` among its choices, -1 where the draw is `agent` itself."""
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
    """Anneal from `agent_of`, which changes; write the cheapest fair assignment met into `best_of`.

    Temperatures fall from `hot` to `cold`, in units of cost. `state` is the seed, not 0, and changes. Returns the cost
    found; inf where nothing fair was met.
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
    fall = (cold / hot) ** (1.0 / max(1, steps // REFRESH))
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
            penalty = stand(rule, standing)  # what is recorded must be fair without the rounding of many changes
            if not is_fair(rule, standing):
                continue
            best = cost
            copy_into(best_of, agent_of, m)
    return best
