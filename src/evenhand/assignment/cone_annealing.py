"""Anneal plans under a power mean, from the prices that Newton's method has found: for few tasks per agent.

Where an agent has some dozens of tasks, moves and chains of two soon end in a plan that none of them improves, and the
gap is open. Annealing (`kernels/annealing.py`) among the pairs of least reduced cost finds better ones. With 200 agents
the relaxation by cuts, whose prices it otherwise takes, would last longer than all of this.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.indifferent import Indifferent
from evenhand.assignment.kernels.annealing import Choices, anneal
from evenhand.assignment.kernels.shared_arrays import Costs
from evenhand.assignment.kernels.unfairness_penalty import Rule
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.smooth_dual import Cone
from evenhand.random_draws import generator_state

CHOICES = (10, 15, 20, 30)
"""Number of pairs per agent, besides the first choices, that successive runs may use in turn."""

STEPS, LONGER, LONGEST, RUNS = 60, 4, 256, 12
"""Steps of the first run per pair, growth factor of that number after all choices, its largest multiple, and upper
limit on the runs without a cheaper plan."""

HOT, COLD = 0.2, 0.01
"""First and last temperature, relative to the largest reduced cost in use."""

FIRM = 1.1
"""Price of a unit by which the rule is missed, as a multiple of the dual price."""

LEG = 2_000_000
"""Upper limit on the steps between two looks at the clock."""


def anneal_cone(
    narrowed: Callable[[int], Indifferent],
    cone: Cone,
    offer: Callable[[Indifferent, NDArray[np.int64]], tuple[bool, bool]],
    done: Callable[[], bool],
    clock: Clock,
    seed: int,
) -> None:
    """Anneal again and again, ever longer, until nothing becomes cheaper.

    Parameters
    ----------
    narrowed
        Function that returns the tasks that may move, given a number of pairs per agent.
    cone
        The cone of the rule, of finite order.
    offer
        Function that takes the tasks that may move and their agents, shape (t,), and returns whether the whole plan is
        fair, and whether it is cheaper than all before.
    done, clock, seed
        Function that returns whether to stop; ends the search; seed of random numbers.
    """
    state = generator_state([seed, 4])
    longer, fruitless, run = 1, 0, 0
    tables = [narrowed(each) for each in CHOICES]
    while fruitless < RUNS:
        found = tables[run % len(tables)]
        agents = _annealed(found, cone, STEPS * longer * len(found.moves.agents), state, clock)
        fruitless = 0 if agents is not None and offer(found, agents)[1] else fruitless + 1
        if done() or clock.expired:
            return
        run += 1
        longer = min(LONGEST, LONGER ** (1 + run // len(tables)))


def _annealed(
    found: Indifferent, cone: Cone, steps: int, state: NDArray[np.uint64], clock: Clock
) -> NDArray[np.int64] | None:
    """Return the agents of the tasks in the cheapest fair plan of one run, shape (t,); None if it met no fair one."""
    moves, task, n, count = found.moves, found.task, len(found.load), len(found.tasks)
    cost, burden = np.full((count, n), np.inf), np.zeros((count, n))
    # Reduced costs, and what the prices pay: the costs themselves, but for a constant for each task.
    cost[task, moves.agents] = moves.costs + found.price[moves.agents] * moves.burdens
    burden[task, moves.agents] = moves.burdens
    agents = found.agents(found.slot).astype(np.int64)
    rest = found.load - np.bincount(agents, burden[np.arange(count), agents], minlength=n)
    window, mean = float(moves.costs.max(initial=0.0)), float(found.loads.mean())
    if not window > 0.0 or not mean > 0.0:
        return None
    rule = _rule(found, cone, mean, COLD * window)
    choices = Choices(moves.starts, moves.agents.astype(np.int64), task)
    legs = -(-steps // LEG)
    best, least = agents.copy(), np.inf
    heat = [HOT * window * (COLD / HOT) ** (leg / legs) for leg in range(legs + 1)]
    for hot, cold in itertools.pairwise(heat):
        kept = agents.copy()
        reached = anneal(Costs(cost, burden, rest), rule, choices, agents, kept, hot, cold, steps // legs, state)
        if reached < least:
            best, least = kept, reached
        if clock.expired:
            break
    return best if least < np.inf else None


def _rule(found: Indifferent, cone: Cone, mean: float, spare: float) -> Rule:
    """Return the power mean of the cone as a penalty, which is `spare` at the edge of the cone."""
    n, share = len(found.load), np.array(cone.share)
    order = cone.order / (cone.order - 1.0)
    # The rule takes means of loads over their fair part of the mean load; N is n times the mean load as large.
    toll = FIRM * cone.norm(np.maximum(found.w, 1e-300))[0] * n * mean
    none = np.zeros((0, n))
    return Rule(none, none[:, 0], none[:, 0], order, cone.bound, share, 1.0 / (n * share * mean), toll, spare / toll)
