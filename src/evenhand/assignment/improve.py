"""Heuristics for the incumbent: annealing around the relaxation's optimum, then exchanges that meet in the middle.

Annealing finds assignments that are nearly as cheap as the bound, and exchanges among a few agents improve the last of
them. Once exchanges find nothing more, annealing starts anew, with more steps.
"""

from __future__ import annotations

import itertools
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.core import Core, core_below, core_of
from evenhand.assignment.exchange import exchange
from evenhand.assignment.kernels.annealing import Choices, anneal
from evenhand.assignment.kernels.unfairness_penalty import Rule
from evenhand.assignment.penalty_from_relaxation import balancing_rule, rule_of
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation, with_capacity
from evenhand.assignment.repair import Repair, priced
from evenhand.random_draws import generator_state

CHOICES = (20, 10, 30)
"""Number of pairs per agent, those of least reduced cost, that annealing may use besides the first choices. Successive
runs take these numbers in turn."""

STEPS = 60
"""Steps of the first annealing run, per pair that it may use."""

LEG = 500_000
"""Upper limit on the steps between two checks of the clock."""

LONGEST = 64
"""Upper limit on the step multiplier of one annealing run."""

RESTARTS = 8
"""Number of the longest annealing runs, each with other random numbers, of which the best is improved by exchanges. The
results of equal runs differ by as much as a run twice as long gains on average."""

FIRM_ROWS, FIRM_MEAN = 8.0, 1.1
"""Penalty weight per unit of violation, as a multiple of the relaxation's dual price: of rows, and of a power mean. It
is large for rows, because each of them depends mainly on the loads of a few agents."""

HOT, COLD = 0.2, 0.02
"""First and last temperature of annealing, relative to the largest reduced cost that it tries."""

WORK_OF_STEP, WORK_OF_EXCHANGE = 5, 1_000_000
"""Approximate work of one annealing step and of one exchange, in pairs that a node of the tree could process
instead."""

SPARE = 1.0
"""Penalty at the boundary of the cone, in last temperatures. The margin that it makes keeps most assignments fair."""

WIDER, WIDEST = 1.5, 8.0
"""Growth factor of penalty and candidate window after a run that found nothing fair, and its limit."""

LEAST_WINDOW = 0.1
"""Lower limit on the largest reduced cost that annealing tries, relative to the bound per task. It is needed where many
costs are equal, and the least reduced costs therefore zero."""

FRUITLESS, FRUITLESS_MEAN = 12, 2
"""Number of successive exchanges without success, after the longest annealing, before the next annealing: with rows,
and with a power mean. Rows leave a narrow target that exchanges hit better; a power mean leaves a round one."""


class Incumbent(Protocol):
    """The part of a search that improvers need: its incumbent, shape (m,), and the tests of other assignments."""

    best: NDArray[np.intp] | None

    def offer(self, assignment: NDArray[np.intp]) -> bool:
        """Make an assignment the incumbent if it is fair and better; return whether it was."""

    def fair(self, assignment: NDArray[np.intp]) -> bool:
        """Return whether an assignment is fair."""

    def scaled_loads(self, assignment: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the loads of an assignment, (n,), in the unit of the relaxation."""


class Improver:
    """Improves the incumbent of a search, or finds the first one.

    Parameters
    ----------
    search
        Holds the incumbent, and judges the assignments offered to it.
    relaxation
        The search's relaxation, solved.
    clock
        Ends an annealing run early when it expires.
    seed
        Seed of all random numbers.
    """

    def __init__(self, search: Incumbent, relaxation: Relaxation, clock: Clock, seed: int) -> None:
        self._search = search
        self._relaxation = relaxation
        self._clock = clock
        self._random = np.random.default_rng([seed, 1])
        self._state = generator_state(self._random)
        self._by_rows = relaxation.pool.fairness.power_form(len(relaxation.loads)) is None
        self._wider = 1.0
        self._effort = 1
        self._rounds = self._restarts = 0
        self._fruitless = self._exchanges = 0
        self._current: NDArray[np.intp] | None = None
        self._repair: Repair | None = None

    def round(self) -> None:
        """Round: offer the relaxation's optimum with each split task given to the agent with the larger share."""
        self._search.offer(self._relaxation.rounded().astype(np.intp))

    def repair(self, clock: Clock, times: int = 1) -> None:
        """Offer a fair assignment near the relaxation's vertex, whether that is optimal or not; see `repair.py`.

        Further `times` look for cheaper ones.
        """
        relaxation = self._relaxation
        if self._repair is None:
            vertex, fairness = relaxation.vertex, relaxation.pool.fairness
            near = priced(relaxation.scaled, fairness, vertex.price, vertex.key.astype(np.intp), clock)
            self._repair = Repair(relaxation.scaled, fairness, *near, self._random)
        self._repair.run(times, clock)
        if self._repair.best is not None and self._search.offer(self._repair.best) and self._rounds:
            self._current, self._fruitless = self._repair.best, 0

    def improve(self) -> int:
        """Try one exchange; or, once exchanges find nothing more, anneal anew, with more steps than before.

        Returns
        -------
        int
            Approximate work done, in pairs of agent and task that nodes of the tree could process in the same time.
        """
        if self._current is None or self._exhausted():
            return WORK_OF_STEP * self.anneal()
        self.exchange()
        return WORK_OF_EXCHANGE

    def _exhausted(self) -> bool:
        """Return whether another annealing run is worth more than another exchange."""
        if self._effort == LONGEST and 0 < self._restarts < RESTARTS:
            return True
        if self._search.best is None:
            return self._exchanges >= len(self._relaxation.loads) // 3 + 3
        hopeless = FRUITLESS if self._by_rows else FRUITLESS_MEAN
        return self._fruitless >= max(2, hopeless * self._effort // LONGEST)

    def anneal(self) -> int:
        """Anneal from the relaxation's optimum, and offer the result.

        Until a fair assignment is found, each run has a larger penalty and may use more pairs than the last one; and
        each run takes more steps.

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
        if self._search.best is None and self._rounds % 2:
            rule = balancing_rule(relaxation, 2.0 * HOT * window) or rule
        assignment = core.complete(self._annealed(core, rule, choices, window, steps))
        self._offer(assignment)
        if not self._restarts or self._cheaper(assignment):
            fair = self._search.best is None or self._search.fair(assignment)
            self._current = assignment if fair else self._search.best
        self._restarts += 1
        self._rounds += 1
        self._fruitless = self._exchanges = 0
        self._effort = min((4 if self._search.best is None else 2) * self._effort, LONGEST)
        return steps

    def _annealed(self, core: Core, rule: Rule, choices: Choices, window: float, steps: int) -> NDArray[np.int64]:
        """Return the cheapest fair assignment of the core's tasks that annealing meets; its last one if none is fair.

        The run is cut into legs, between which the clock is checked; temperatures fall geometrically across them.
        """
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
        """Try the exchanges among a few random agents, starting from the result of the last annealing or exchange.

        If that is unfair, the agent whose load should fall first is among them.
        """
        assert self._current is not None
        fair = self._search.fair(self._current)
        rule = rule_of(self._relaxation, FIRM_ROWS * self._wider, FIRM_MEAN * self._wider)
        first = int(self._random.integers(len(rule.share))) if fair else self._most_loaded(self._current)
        found = exchange(self._current, self._relaxation, rule, self._random, first)
        self._fruitless += 1
        self._exchanges += 1
        self._restarts = 0
        if found is not None:
            self._current, self._fruitless = found, 0
            self._offer(found)

    def _cheaper(self, assignment: NDArray[np.intp]) -> bool:
        """Return whether `assignment` is fair and the present one is not, or is dearer."""
        assert self._current is not None
        if not self._search.fair(assignment):
            return False
        return not self._search.fair(self._current) or self._paid(assignment) < self._paid(self._current)

    def _paid(self, assignment: NDArray[np.intp]) -> float:
        """Return the scaled cost of `assignment`."""
        return float(self._relaxation.scaled.costs.cost[np.arange(len(assignment)), assignment].sum())

    def _most_loaded(self, assignment: NDArray[np.intp]) -> int:
        """Return the agent for whom less load makes unfair loads fairer soonest: the least coefficient of their cut."""
        return int(np.argmin(self._relaxation.pool.fairness.cut(self._search.scaled_loads(assignment))))

    def _core(self) -> tuple[Core, float]:
        """Return the core of the pairs that annealing may use, and the reduced cost up to which it may use all."""
        relaxation = self._relaxation
        reduced = relaxation.reduced_costs()
        self._clock.check()
        rest = reduced[(reduced > 0.0) & (reduced < np.inf)]
        if not rest.size:
            return core_below(relaxation, np.inf), 1.0
        many = int(CHOICES[self._rounds % len(CHOICES)] * self._wider * reduced.shape[1])
        largest = float(np.partition(rest, min(len(rest), many) - 1)[min(len(rest), many) - 1])
        window = max(largest, LEAST_WINDOW * abs(relaxation.bound) / len(reduced))
        self._clock.check()
        return core_of(relaxation, (reduced <= window) | _own_choices(reduced, relaxation.vertex.key, many)), window

    def _offer(self, assignment: NDArray[np.intp]) -> None:
        """Offer `assignment` to the search; if it is unfair, separate it, so that later penalties know the new cuts."""
        search, relaxation = self._search, self._relaxation
        if search.offer(assignment) or search.fair(assignment):
            return
        relaxation.pool.separate(search.scaled_loads(assignment))
        relaxation.vertex = with_capacity(relaxation.vertex, relaxation.pool.capacity)


def _own_choices(reduced: NDArray[np.float64], key: NDArray[np.int64], many: int) -> NDArray[np.bool_]:
    """Return for each agent the cheapest pairs by which it could gain a task, and those by which it could lose one.

    The result, shape (m, n), has a quarter of an equal part of `many` of either kind for each agent. An agent far from
    all others, with no pair of small reduced cost, needs them: without them its load could not change.
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
    """Return the positions of the `count` smallest finite values, or of all finite ones if there are fewer."""
    finite = np.flatnonzero(np.isfinite(values))
    return finite if len(finite) <= count else finite[np.argpartition(values[finite], count)[:count]]


def _choices(open_pairs: NDArray[np.bool_]) -> Choices:
    task, agent = np.nonzero(open_pairs)
    start = np.concatenate([[0], np.cumsum(open_pairs.sum(axis=1))])
    return Choices(start.astype(np.int64), agent.astype(np.int64), task.astype(np.int64))
