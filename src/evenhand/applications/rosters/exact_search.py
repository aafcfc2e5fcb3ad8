"""Prove the cheapest roster of a small problem with HiGHS."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.compact_model import CompactModel, add_fairness, build_compact
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highs_run import run

Report = Callable[[float | None, float | None], None]
"""Function that is called with the best cost and the bound so far."""

INTEGRAL = 1e-6
"""Distance from a whole number within which a bound is rounded up to it, where all costs are whole."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best plan of one search with its cost, and a proven lower bound; None for what is not known."""

    status: str
    plan: Plan | None = None
    cost: float | None = None
    bound: float | None = None


@dataclass(slots=True)
class Clock:
    """The time that is left, and whether Ctrl-C was pressed."""

    deadline: float
    interrupted: bool = False

    @classmethod
    def of(cls, time_limit: float | None) -> Clock:
        """Return a clock that starts now."""
        return cls(np.inf if time_limit is None else time.perf_counter() + time_limit)

    @property
    def left(self) -> float:
        """Seconds left, at least 0; 0 after Ctrl-C."""
        return 0.0 if self.interrupted else max(0.0, self.deadline - time.perf_counter())

    def part(self, share: float) -> Clock:
        """Return a clock for a part of what is left."""
        return Clock(time.perf_counter() + share * self.left, self.interrupted)


def solve_model(
    model: CompactModel,
    *,
    time_limit: float,
    gap: float,
    seed: int,
    start: Plan | None = None,
    cutoff: float | None = None,
    report: Report | None = None,
) -> Found:
    """Solve one model; the bound is one for this model alone."""
    highspy_model = highs_of(model.linear())
    highspy_model.setOptionValue("mip_rel_gap", gap)
    highspy_model.setOptionValue("random_seed", seed)
    if cutoff is not None:
        highspy_model.setOptionValue("objective_bound", cutoff)
    if start is not None:
        columns, values = model.values_of(start)
        highspy_model.setSolution(len(columns), np.array(columns, dtype=np.int32), np.array(values))
    if report is not None:
        highspy_model.cbMipImprovingSolution.subscribe(
            lambda event: report(event.data_out.objective_function_value, event.data_out.mip_dual_bound)
        )
    status = run(highspy_model, time_limit)
    if status == "infeasible":
        return Found("infeasible")
    info = highspy_model.getInfo()
    bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else None
    if info.primal_solution_status != 2:
        return Found(status, bound=bound)
    plan = model.plan_of(np.asarray(highspy_model.getSolution().col_value))
    return Found(status, plan, check_roster(model.problem, plan).cost, bound)


def solve_exactly(
    problem: RosterProblem, fair: FairCounts, clock: Clock, *, gap: float, seed: int, report: Report | None = None
) -> Found:
    """Return the cheapest roster that is fair, and a bound.

    Where rows depend on the sum of loads, models with tangents (whose plans are fair) and one with secants (whose bound
    holds) take turns.
    """
    if not fair.curved:
        return _solve_with(problem, fair, fair.rows(fair.widest_sums()), clock, gap, seed, report=report)
    return _TangentsAndSecants(problem, fair, clock, gap, seed, report).search()


def _solve_with(
    problem: RosterProblem,
    fair: FairCounts,
    rows: Mapping[str, object],
    clock: Clock,
    gap: float,
    seed: int,
    *,
    start: Plan | None = None,
    report: Report | None = None,
) -> Found:
    model = build_compact(problem)
    add_fairness(model, rows, fair.loads)  # type: ignore[arg-type]
    found = solve_model(model, time_limit=clock.left, gap=gap, seed=seed, start=start, report=report)
    clock.interrupted |= found.status == "interrupted"
    return found


class _TangentsAndSecants:
    """Search for the cheapest fair plan where the power of a sum is replaced by lines."""

    def __init__(
        self, problem: RosterProblem, fair: FairCounts, clock: Clock, gap: float, seed: int, report: Report | None
    ) -> None:
        self.problem, self.fair, self.clock, self.gap, self.seed, self.report = problem, fair, clock, gap, seed, report
        self.plan: Plan | None = None
        self.cost: float | None = None
        self.bound: float | None = None

    def search(self) -> Found:
        """Return the best plan found, and the bound of the model with secants."""
        sums = self.fair.widest_sums()
        outer = self._solve(sums, share=0.3)
        if outer.status == "infeasible":
            return outer
        for _ in range(8):
            if self.is_closed() or not self.clock.left:
                break
            at = self.plan if self.plan is not None else outer.plan
            if at is not None:
                self._solve(self.fair.sums(at), share=0.5, start=self.plan, bounds=False)
            if self.is_closed() or not self.clock.left:
                break
            tighter = self._possible_sums(sums)
            if tighter == sums and outer.status == "optimal" and self.plan is not None:
                break
            sums = tighter
            outer = self._solve(sums, share=0.7)
            if outer.status == "infeasible":
                break  # nothing cheaper than the plan
        closed = self.is_closed() or (self.plan is not None and outer.status == "infeasible")
        if closed and outer.status == "infeasible":
            self.bound = self.cost
        return Found("optimal" if closed else "time_limit", self.plan, self.cost, self.bound)

    def is_closed(self) -> bool:
        """Return whether plan and bound are within the gap."""
        if self.cost is None or self.bound is None:
            return False
        return self.cost - self.bound <= max(self.gap * abs(self.cost), 1e-6)

    def _solve(
        self, sums: Mapping[str, tuple[float, float]], *, share: float, start: Plan | None = None, bounds: bool = True
    ) -> Found:
        part = self.clock.part(share)
        model = build_compact(self.problem)
        add_fairness(model, self.fair.rows(sums), self.fair.loads)
        if bounds and self.cost is not None:
            self._limit_sums(model, sums)
        found = solve_model(model, time_limit=part.left, gap=self.gap, seed=self.seed, start=start)
        self.clock.interrupted |= found.status == "interrupted"
        if found.plan is not None and found.cost is not None and self.fair.accept(found.plan):
            better = self.cost is None or found.cost < self.cost - 1e-9
            self.plan, self.cost = (found.plan, found.cost) if better else (self.plan, self.cost)
        if bounds and found.bound is not None and (self.bound is None or found.bound > self.bound):
            self.bound = found.bound if self.cost is None else min(found.bound, self.cost)
        if self.report is not None:
            self.report(self.cost, self.bound)
        return found

    def _limit_sums(self, model: CompactModel, sums: Mapping[str, tuple[float, float]]) -> None:
        from evenhand.applications.rosters.compact_model import count_expressions
        from evenhand.applications.rosters.linear_builder import Expression

        for count in self.fair.curved:
            loads = self.fair.loads[count]
            total = Expression.sum(count_expressions(model, loads))
            carried = float(loads.carried.sum())
            model.builder.row(total, sums[count][0] - carried - 1e-6, sums[count][1] - carried + 1e-6)

    def _possible_sums(self, sums: Mapping[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        """Return the sums that the relaxation allows to plans that are no dearer than the best."""
        if self.cost is None:
            return dict(sums)
        from evenhand.applications.rosters.sum_range import range_of_sum

        found = dict(sums)
        for count in self.fair.curved:
            model = build_compact(self.problem)
            add_fairness(model, self.fair.rows(found), self.fair.loads)
            found[count] = range_of_sum(model, self.fair.loads[count], self.cost, sums[count], self.clock.left)
        return found
