"""Search for the cheapest roster by column generation: a bound, a dive to a plan, then new rows for a few at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.columns.dive import dive
from evenhand.applications.rosters.columns.generation import Generated, generate
from evenhand.applications.rosters.columns.master import Column, Master, Relaxed
from evenhand.applications.rosters.columns.objective_step import objective_step
from evenhand.applications.rosters.columns.roster_rows import RosterRows
from evenhand.applications.rosters.columns.row_costs import named, unnamed
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.model_search import Clock, Found, Report
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.arrays import Array

FIRST_FEW, MOST_AT_ONCE = 6, 40
"""Number of people whose rows are planned again at once: at first, and at most."""

KNOWN_ROWS = 30
"""Number of known rows of each person that a neighbourhood begins with."""

MOST_COLUMNS = 2_500
"""Upper limit on the columns among which whole ones are chosen."""

SECONDS = 4.0
"""Upper limit on the seconds of one choice of whole columns."""

PENALTY, RAISE = 0.5, 2.0
"""Cost of one unit of load beyond fairness, as a multiple of the largest cost of cover, and its growth factor while
plans stay unfair: a penalty that is firm from the start leaves a search where it first became fair."""

ROOT_SHARE = 0.5
"""Fraction of the time limit after which the root is left as it is: its bound holds, and plans are improved without."""

LEAST_ROUNDS = 12
"""Number of rounds of columns for which there must be time, or the root is not begun."""

FAR = 0.05
"""Relative gap of a root that is out of time beyond which it is of no use for a dive."""

PATIENCE = 5
"""Number of neighbourhoods after which penalty and tangents are renewed."""

NEARLY = 1e-6
"""Relative difference below which two objectives count as equal."""


class ColumnSearch:
    """A search that improves a plan and its bound until they meet or time is up.

    Parameters
    ----------
    problem, fair
        The problem, and the fairness asked for.
    clock
        Ends the search.
    gap
        Relative gap at which it may stop.
    seed
        Seed of all random choices.
    most_tries
        Upper limit on the neighbourhoods that are searched.
    start
        A legal and fair plan to begin with, if one is known.
    report
        Called with cost and bound.
    """

    def __init__(
        self,
        problem: RosterProblem,
        fair: FairCounts,
        clock: Clock,
        *,
        gap: float,
        seed: int,
        most_tries: float = math.inf,
        start: Plan | None = None,
        report: Report | None = None,
    ) -> None:
        self._problem, self._fair, self._clock, self._gap, self._report = problem, fair, clock, gap, report
        self._most_tries, self._start = most_tries, start
        self._random = np.random.default_rng([seed, 29])
        self._rows = RosterRows(problem)
        self._step = objective_step(problem)
        self._pool: dict[int, list[Column]] = {person: [] for person in range(len(problem.people))}
        self._prices: Array | None = None
        self._current: list[Column] = []
        self._value = math.inf
        self.plan: Plan | None = None
        self.cost, self.bound = math.inf, 0.0  # no cost is negative

    def run(self) -> Found:
        """Search, and return the best plan with its bound."""
        self._root_clock = self._clock.part(ROOT_SHARE)
        try:
            self._search()
        except KeyboardInterrupt:
            self._clock.interrupted = True
        status = "infeasible" if self.bound == math.inf else "optimal" if self._closed() else "time_limit"
        found = self.plan is not None
        return Found(status, self.plan, self.cost if found else None, None if math.isinf(self.bound) else self.bound)

    def _closed(self) -> bool:
        return self.plan is not None and self.cost - self.bound <= max(self._gap, NEARLY) * max(abs(self.cost), 1.0)

    def _stopped(self) -> bool:
        return not self._clock.left or self._closed()

    def _search(self) -> None:
        self._penalty = PENALTY * (
            1.0 + max((max(need.under_cost, need.over_cost) for need in self._problem.cover), default=0.0)
        )
        self._share(self._fair.widest_sums())
        root = self._solve_root()
        if root is None or self._stopped():
            return
        size, tries = float(FIRST_FEW), 0
        if not self._current:
            return
        while not self._stopped() and tries < self._most_tries:
            size = self._improve(size)
            tries += 1
            if self._fair and tries % PATIENCE == 0:
                self._share_again()

    def _share(self, sums: Mapping[str, tuple[float, float]]) -> None:
        if self._fair:
            self._rows.share(self._fair.loads, self._fair.rows(sums), self._penalty)

    def _share_again(self) -> None:
        """Raise the penalty if the current plan is not fair, and take tangents at its sums."""
        plan = self._plan_of(self._current)
        if not self._fair.accept(plan):
            self._penalty *= RAISE
        self._share(self._fair.sums(plan))
        self._value = self._value_of(self._current)

    def _plan_of(self, columns: list[Column]) -> Plan:
        return tuple(named(self._problem, column.shifts) for column in columns)

    def _sums_of(self, master: Master, weights: Array) -> dict[str, tuple[float, float]]:
        """Return the sum of each fair count's loads in a solution of the master, twice, for tangents."""
        total = np.zeros(len(master.lower))
        # A master that was stopped has columns that it was not solved with: these come last.
        for column, weight in zip(master.columns, weights.tolist(), strict=False):
            total[column.at] += weight * column.values
        found = {}
        for loads in self._rows.loads:
            carried = float(self._fair.loads[loads.counted].carried.sum())
            found[loads.counted] = (float(total[loads.row_of[loads.row_of >= 0]].sum()) + carried,) * 2
        return found

    def _solve_root(self) -> Relaxed | None:
        everyone = np.arange(len(self._problem.people))
        master = Master(everyone, self._rows.common)
        nothing, begun = np.zeros(len(master.lower)), time.perf_counter()
        for person in everyone.tolist():
            if not self._root_clock.left:
                return None
            first = self._rows.cheapest(person, nothing)
            if first is None:
                self.bound = math.inf  # nobody can be left out
                return None
            master.add([self._rows.column(person, first.shifts)])
        if self._start is not None:
            known = [self._rows.column(person, unnamed(self._problem, row)) for person, row in enumerate(self._start)]
            master.add(known)
            self._offer(known)
        if LEAST_ROUNDS * (time.perf_counter() - begun) > self._root_clock.left:
            return None

        def done(now: Relaxed, bound: float) -> bool:
            self._raise_bound(bound)
            return not self._root_clock.left

        found = generate(self._rows, master, {}, done)
        self._raise_bound(found.bound)
        self._keep(master)
        if found.relaxed is None:
            return None
        self._prices = found.relaxed.prices
        if self._fair.curved:
            self._share(self._sums_of(master, found.relaxed.weights))
            known = master.columns
            master = Master(everyone, self._rows.common)
            master.add(known)
            found = generate(self._rows, master, {}, lambda _, __: not self._root_clock.left)
        if found.relaxed is None:
            return None
        far = found.relaxed.objective - found.bound > FAR * abs(found.relaxed.objective)
        if far and not found.converged:
            return None  # the root takes too long: without its prices, a dive leads nowhere good
        chosen = dive(self._rows, master, {}, found.relaxed, lambda _: not self._clock.left, self._random)
        if chosen is not None:
            self._offer([master.columns[chosen[person]] for person in everyone.tolist()])
        self._keep(master)
        return found.relaxed

    def _raise_bound(self, bound: float) -> None:
        """Take a bound on the whole problem, rounded up to what costs can be."""
        if self._step and math.isfinite(bound):
            bound = self._step * math.ceil(bound / self._step - NEARLY * max(1.0, abs(bound) / self._step))
        if bound > self.bound:
            self.bound = min(bound, self.cost)
            if self._report is not None:
                self._report(None if self.plan is None else self.cost, self.bound)

    def _keep(self, master: Master) -> None:
        for column in master.columns:
            self._pool[column.person].append(column)

    def _offer(self, columns: list[Column]) -> None:
        """Take the plan of these columns, one for each person, if it is better than the current one."""
        plan = self._plan_of(columns)
        checked = check_roster(self._problem, plan)
        if not checked.violations and checked.cost < self.cost and self._fair.accept(plan):
            self.plan, self.cost = plan, checked.cost
            if self._report is not None:
                self._report(self.cost, self.bound)
        value = self._value_of(columns)
        if value < self._value:
            self._current, self._value = columns, value

    def _value_of(self, columns: list[Column]) -> float:
        """Return the master's objective with these columns whole: cost, and penalties for what they violate."""
        master = Master(np.array([column.person for column in columns]), self._rows.common)
        master.add(columns)
        relaxed = master.solve()
        return math.inf if relaxed is None else relaxed.objective

    def _improve(self, size: float) -> float:
        """Plan some people again, and return with how many to go on."""
        people = self._some_people(min(int(size), len(self._problem.people)))
        inside = set(people.tolist())
        others = np.zeros(len(self._rows.common.lower))
        spent = 0.0
        for column in self._current:
            if column.person not in inside:
                others[column.at] += column.values
                spent += column.cost
        master = Master(people, self._rows.common, others)
        master.add([column for column in self._current if column.person in inside])
        for person in people.tolist():
            master.add(self._best_known(person))
        goal = self._value - spent - max(self._step, NEARLY * max(1.0, abs(self._value)))

        def hopeless(now: Relaxed, bound: float) -> bool:
            return bound > goal + NEARLY or not self._clock.left

        found = generate(self._rows, master, {}, hopeless)
        if found.relaxed is None or found.bound > goal + NEARLY or not self._clock.left:
            return min(size + 0.5, MOST_AT_ONCE)
        chosen = self._choose(master, found, goal)
        self._keep(master)
        if chosen is None:
            return max(size - 0.25, 2.0)
        new = {person: master.columns[k] for person, k in chosen.items()}
        self._offer([new.get(column.person, column) for column in self._current])
        return size

    def _choose(self, master: Master, found: Generated, goal: float) -> Mapping[int, int] | None:
        """Return a choice of columns with an objective of at most `goal`, by a dive, or among the known columns."""
        assert found.relaxed is not None
        relaxed = found.relaxed
        chosen = dive(
            self._rows, master, {}, relaxed, lambda now: now > goal + NEARLY or not self._clock.left, self._random
        )
        if chosen is not None or not self._clock.left:
            return chosen
        reduced = np.array([master.reduced_cost(column, relaxed) for column in master.columns])
        near = np.flatnonzero(reduced <= goal - found.bound + NEARLY)
        kept = near[np.argsort(reduced[near])[:MOST_COLUMNS]]
        return master.whole_choice(kept.tolist(), goal + NEARLY, min(SECONDS, self._clock.left))

    def _best_known(self, person: int) -> list[Column]:
        """Return the known rows of a person that are cheapest at the root's prices."""
        known = self._pool[person]
        if len(known) > 4 * KNOWN_ROWS or self._prices is None:
            known = self._pool[person] = list({column.key: column for column in known}.values())
        if self._prices is None:
            return known[-KNOWN_ROWS:]
        prices = self._prices
        values = [column.cost - float(prices[column.at] @ column.values) for column in known]
        return [known[k] for k in np.argsort(values)[:KNOWN_ROWS]]

    def _some_people(self, count: int) -> NDArray[np.intp]:
        """Return the positions of people to plan again: any, or some who work when one of them does."""
        n = len(self._problem.people)
        if self._random.random() < 0.5:
            return np.sort(self._random.choice(n, count, replace=False))
        first = int(self._random.integers(n))
        own = self._current[first].shifts
        alike = np.array([np.count_nonzero((column.shifts >= 0) == (own >= 0)) for column in self._current])
        keys = alike + self._random.uniform(0, 0.3 * self._problem.days, n)
        keys[first] = math.inf
        return np.sort(np.argsort(-keys)[:count])
