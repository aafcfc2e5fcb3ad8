"""Improve a roster by models of a part of it: the rows of some people, or all rows within some days.

All else stays and enters as constants, so that HiGHS solves each part to the end. The size of the parts follows the
time that they take.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.compact_model import add_fairness, build_compact
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.exact_search import solve_exactly
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.model_search import Clock, Found, Report, solve_model
from evenhand.applications.rosters.roster_problem import RosterProblem

PART_LIMIT = 4.0
"""Seconds for one part; what takes longer is made smaller."""

WHOLE_SHARE = 0.5
"""Fraction of the time for a model of the whole problem, which gives the bound and the first plan."""

EASY = 0.4
"""Fraction of the limit below which the next part of this kind is larger."""


@dataclass(slots=True)
class _Size:
    """The size of one kind of part, which adapts to the time that it takes."""

    now: float
    least: int
    most: int

    def adapt(self, *, finished: bool, quick: bool) -> None:
        if finished and quick:
            self.now = min(self.most, self.now + 0.5)
        elif not finished:
            self.now = max(self.least, self.now - 1.0)


def improve_by_parts(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    *,
    gap: float,
    seed: int,
    start: Plan | None = None,
    report: Report | None = None,
) -> Found:
    """Solve the whole problem as one model for a part of the time, then improve its plan by models of parts."""
    part = clock.part(WHOLE_SHARE)
    found = solve_exactly(problem, fair, part, gap=gap, seed=seed, start=start, report=report)
    clock.interrupted |= part.interrupted
    if found.plan is None or found.status == "optimal" or not clock.left:
        return found
    parts = PartModels(problem, fair, found.plan, np.random.default_rng([seed, 17]))
    parts.run(clock, improved=None if report is None else lambda cost: report(cost, found.bound))
    return Found(found.status, parts.plan, parts.cost, found.bound)


class PartModels:
    """Solves one part after the other.

    Parameters
    ----------
    problem
        The problem.
    fair
        The fairness asked for.
    plan
        A legal and fair roster.
    rng
        Random numbers.
    """

    def __init__(self, problem: RosterProblem, fair: FairCounts, plan: Plan, rng: np.random.Generator) -> None:
        self.problem, self.fair, self.plan, self._rng = problem, fair, plan, rng
        self.cost = check_roster(problem, plan).cost
        people, days = len(problem.people), problem.days
        self._people = _Size(min(5, people), 2, people)
        self._window = _Size(min(4, days), 2, days)

    def run(self, clock: Clock, *, improved: Callable[[float], None] | None = None) -> None:
        """Solve parts until the clock ends; `plan` and `cost` are the best."""
        try:
            while clock.left > 0.0:
                before = self.cost
                self._one_part(clock)
                if improved is not None and self.cost < before:
                    improved(self.cost)
        except KeyboardInterrupt:  # between two runs of HiGHS
            clock.interrupted = True

    def _one_part(self, clock: Clock) -> None:
        some_people = self._rng.random() < 0.6 or self._window.most <= 2
        size = self._people if some_people else self._window
        free = self._some_people(int(size.now)) if some_people else self._some_days(int(size.now))
        model = build_compact(self.problem, plan=self.plan, free=free)
        if self.fair:
            add_fairness(model, self.fair.rows(self.fair.sums(self.plan)), self.fair.loads)
        limit = min(PART_LIMIT, clock.left)
        part = Clock.of(limit)
        found = solve_model(model, time_limit=limit, gap=1e-6, seed=int(self._rng.integers(1 << 30)), start=self.plan)
        if found.status == "interrupted":
            clock.interrupted = True
        size.adapt(finished=found.status == "optimal", quick=part.left > (1.0 - EASY) * limit)
        if found.plan is None or found.cost is None or found.cost > self.cost + 1e-9:
            return
        if self.fair.accept(found.plan):
            self.plan, self.cost = found.plan, found.cost

    def _some_people(self, count: int) -> Callable[[int, int], bool]:
        chosen = set(self._rng.choice(len(self.problem.people), count, replace=False).tolist())
        return lambda person, _: person in chosen

    def _some_days(self, count: int) -> Callable[[int, int], bool]:
        first = int(self._rng.integers(0, max(1, self.problem.days - count + 1)))
        return lambda _, day: first <= day < first + count
