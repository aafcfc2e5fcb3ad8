"""Cheaper fair assignments: annealing around the relaxation's optimum, then exchanges that meet in the middle."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from evenhand.assignment.core import core_below, core_of
from evenhand.assignment.exchange import exchange
from evenhand.assignment.kernels.annealing import Choices, anneal
from evenhand.assignment.relaxation import with_capacity
from evenhand.assignment.repair import priced, repaired
from evenhand.assignment.rule import rule_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.assignment.core import Core
    from evenhand.assignment.kernels.rule import Rule
    from evenhand.assignment.progress import Clock
    from evenhand.assignment.relaxation import Relaxation
    from evenhand.assignment.search import Search

CHOICES = (20, 10, 30)
"""Pairs an agent that annealing tries besides the first choices, those of least reduced cost; by turns."""

STEPS = 60
"""Steps of annealing for each of these pairs, in the first round."""

LEG = 500_000
"""Steps between two looks at the clock, at most."""

LONGEST = 64
"""Times as many steps an annealing has at most."""

FIRM_ROWS, FIRM_MEAN = 8.0, 1.1
"""What is missing costs so many times the relaxation's price: much for rows, each of which is a few agents' alone."""

HOT, COLD = 0.2, 0.02
"""Temperatures relative to the largest reduced cost tried."""

WORK_OF_STEP, WORK_OF_EXCHANGE = 5, 1_000_000
"""Pairs that a node looks at in the time of a step, and of an exchange, about."""

SPARE = 1.0
"""What keeps annealing on the fair side, in last temperatures."""

WIDER, WIDEST = 1.5, 8.0
"""How much firmer and wider each annealing is than the last while nothing fair is found, and than the first at most."""

LEAST_WINDOW = 0.1
"""Largest reduced cost tried, at least, in bounds per task: where many costs are equal, the least tell little."""

FRUITLESS, FRUITLESS_MEAN = 12, 2
"""Exchanges in a row that find nothing, after the longest annealing, before the next one: many where rows make narrow
targets, few where a power mean makes a round one, which annealing hits as well."""


class Improver:
    """Improves the incumbent of a search, or finds the first.

    Parameters
    ----------
    search
        Holds the incumbent, and judges what is offered.
    relaxation
        Its solved relaxation.
    clock
        Ends an annealing early when it expires.
    seed
        Of all draws.
    """

    def __init__(self, search: Search, relaxation: Relaxation, clock: Clock, seed: int) -> None:
        self._search = search
        self._relaxation = relaxation
        self._clock = clock
        self._random = np.random.default_rng([seed, 1])
        self._state = self._random.integers(1, 2**63, 1, dtype=np.uint64)
        self._by_rows = relaxation.pool.fairness.power_form(len(relaxation.loads)) is None
        self._wider = 1.0
        self._effort = 1
        self._rounds = 0
        self._fruitless = self._exchanges = 0
        self._current: NDArray[np.intp] | None = None
        self._prices: tuple[NDArray[np.float64], NDArray[np.intp]] | None = None

    def round(self) -> None:
        """Offer the relaxation's optimum, each shared task given to the agent with the larger share."""
        vertex = self._relaxation.vertex
        rounded = vertex.key.astype(np.intp)
        larger = np.flatnonzero(vertex.share[: int(vertex.size[0])] > 0.5)
        rounded[vertex.tie_task[larger]] = vertex.tie_agent[larger]
        self._search.offer(rounded)

    def repair(self, clock: Clock) -> None:
        """Offer a fair assignment near the relaxation's, however far that has come; see `repair.py`."""
        relaxation = self._relaxation
        vertex, fairness = relaxation.vertex, relaxation.pool.fairness
        prices = self._prices
        if prices is None:
            prices = priced(relaxation.scaled, fairness, vertex.price, vertex.key.astype(np.intp), clock)
        self._prices = repaired(relaxation.scaled, fairness, *prices, clock)
        self._search.offer(self._prices[1])

    def improve(self) -> int:
        """Try exchanges; once they find nothing more, anneal anew, with more and more steps.

        Returns
        -------
        int
            The work done, in pairs of agent and task that a node of the search would look at in the same time, about.
        """
        if self._current is None or self._exhausted():
            return WORK_OF_STEP * self.anneal()
        self.exchange()
        return WORK_OF_EXCHANGE

    def _exhausted(self) -> bool:
        """Tell whether another annealing is worth more than another exchange."""
        if self._search.best is None:
            return self._exchanges >= len(self._relaxation.loads) // 3 + 3
        hopeless = FRUITLESS if self._by_rows else FRUITLESS_MEAN
        return self._fruitless >= max(2, hopeless * self._effort // LONGEST)

    def anneal(self) -> int:
        """Anneal from the relaxation's optimum; while nothing fair is found, each time firmer and looking wider.

        Returns
        -------
        int
            The number of steps.
        """
        relaxation = self._relaxation
        if self._rounds and self._search.best is None:
            self._wider = min(WIDER * self._wider, WIDEST)
        core, window = self._core()
        if not core.tasks.size:
            self._offer(core.complete(core.vertex.key))
            return 0
        choices = _choices(core.open_pairs)
        steps = STEPS * self._effort * len(choices.agent)
        rule = rule_of(relaxation, FIRM_ROWS * self._wider, FIRM_MEAN * self._wider, SPARE * COLD * window)
        assignment = core.complete(self._annealed(core, rule, choices, window, steps))
        self._offer(assignment)
        self._current = assignment
        self._rounds += 1
        self._fruitless = self._exchanges = 0
        self._effort = min((4 if self._search.best is None else 2) * self._effort, LONGEST)
        return steps

    def _annealed(self, core: Core, rule: Rule, choices: Choices, window: float, steps: int) -> NDArray[np.int64]:
        """Return the cheapest fair assignment of the core's tasks that annealing meets, or the last one."""
        agent_of = core.vertex.key.copy()
        best_of, best = agent_of.copy(), np.inf
        legs = 1 + steps // LEG
        temperatures = HOT * window * (COLD / HOT) ** (np.arange(legs + 1) / legs)
        for hot, cold in itertools.pairwise(temperatures):
            met = agent_of.copy()
            cost = anneal(core.costs, rule, choices, agent_of, met, hot, cold, steps // legs, self._state)
            if cost < best:
                best_of, best = met, cost
            if self._clock.expired:
                break
        return best_of if best < np.inf else agent_of

    def exchange(self) -> None:
        """Try the exchanges among a few agents, drawn at random, from where the last annealing or exchange ended."""
        assert self._current is not None
        fair = self._search.fair(self._current)
        rule = rule_of(self._relaxation, FIRM_ROWS * self._wider, FIRM_MEAN * self._wider)
        first = int(self._random.integers(len(rule.share))) if fair else self._most_loaded(self._current)
        found = exchange(self._current, self._relaxation, rule, self._random, first)
        self._fruitless += 1
        self._exchanges += 1
        if found is not None:
            self._current, self._fruitless = found, 0
            self._offer(found)

    def _most_loaded(self, assignment: NDArray[np.intp]) -> int:
        """Return the agent whose load, made smaller, makes unfair loads fairer soonest."""
        return int(np.argmin(self._relaxation.pool.fairness.cut(self._search.scaled_loads(assignment))))

    def _core(self) -> tuple[Core, float]:
        """Return the core of the pairs that annealing tries, and the largest reduced cost that is tried everywhere."""
        relaxation = self._relaxation
        reduced = relaxation.reduced_costs()
        rest = np.sort(reduced[(reduced > 0.0) & (reduced < np.inf)], kind="stable")
        if not rest.size:
            return core_below(relaxation, np.inf), 1.0
        many = int(CHOICES[self._rounds % len(CHOICES)] * self._wider * reduced.shape[1])
        window = max(float(rest[min(len(rest), many) - 1]), LEAST_WINDOW * abs(relaxation.bound) / len(reduced))
        return core_of(relaxation, (reduced <= window) | _own_choices(reduced, relaxation.vertex.key, many)), window

    def _offer(self, assignment: NDArray[np.intp]) -> None:
        """Offer `assignment`; where it is not fair, cut it off."""
        search, relaxation = self._search, self._relaxation
        if search.offer(assignment) or search.fair(assignment):
            return
        relaxation.pool.separate(search.scaled_loads(assignment))
        relaxation.vertex = with_capacity(relaxation.vertex, relaxation.pool.capacity)


def _own_choices(reduced: NDArray[np.float64], key: NDArray[np.int64], many: int) -> NDArray[np.bool_]:
    """Return the cheapest pairs, shape (m, n), by which each agent could gain a task, and by which it could lose one.

    As many for each agent as `many` are for all on average, or fewer: an agent apart from all others needs them.
    """
    m, n = reduced.shape
    few = max(1, many // (4 * n))
    chosen = np.zeros((m, n), dtype=bool)
    gains = reduced.copy()
    gains[np.arange(m), key] = np.inf
    for agent in range(n):
        tasks = _least(gains[:, agent], few)
        chosen[tasks, agent] = True
        held = np.flatnonzero(key == agent)
        place = _least(gains[held].ravel(), few)
        chosen[held[place // n], place % n] = True
    return chosen


def _least(values: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Return the positions of the `count` least finite values, or of all that are finite."""
    finite = np.flatnonzero(np.isfinite(values))
    return finite if len(finite) <= count else finite[np.argpartition(values[finite], count)[:count]]


def _choices(open_pairs: NDArray[np.bool_]) -> Choices:
    task, agent = np.nonzero(open_pairs)
    start = np.concatenate([[0], np.cumsum(open_pairs.sum(axis=1))])
    return Choices(start.astype(np.int64), agent.astype(np.int64), task.astype(np.int64))
