"""Prove the cheapest fair roster of a small problem: one model, or a search over the sums of curved counts.

If all bounds on power means are on squares, as for the CV, one model is exact; see :mod:`.square_model`. Otherwise, a
bound on a power mean is not linear in the sum S of the loads, which may vary with the roster. Within a range of sums,
the secant gives a relaxation, whose bound holds, and the tangent at one sum gives rosters that are fair. The search
divides ranges until both agree; at a single sum they are the same.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping

from evenhand.applications.rosters.check_roster import check_roster
from evenhand.applications.rosters.compact_model import CompactModel, add_fairness, build_compact, count_expressions
from evenhand.applications.rosters.counts import Plan
from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.linear_builder import Expression
from evenhand.applications.rosters.model_search import Clock, Found, Report, solve_model
from evenhand.applications.rosters.roster_problem import RosterProblem
from evenhand.applications.rosters.square_model import square_model
from evenhand.applications.rosters.sum_range import range_of_sum

Sums = Mapping[str, tuple[float, float]]
"""By count, the least and the largest sum of the loads."""

ROUNDING = 1e-6
"""Distance between costs, or sums, that counts as none."""


def solve_exactly(
    problem: RosterProblem,
    fair: FairCounts,
    clock: Clock,
    *,
    gap: float,
    seed: int,
    start: Plan | None = None,
    report: Report | None = None,
) -> Found:
    """Return the cheapest roster that is fair, and a bound; `start` is a plan to begin from, if it is fair."""
    known = start if start is not None and fair.accept(start) else None
    try:
        stated = square_model(problem, fair, clock, known)
    except KeyboardInterrupt:
        clock.interrupted = True
        return Found("time_limit", known, None if known is None else check_roster(problem, known).cost)
    if stated is None:
        return _SumSearch(problem, fair, clock, gap, seed, report).search(start)
    model, linear = stated
    found = solve_model(model, time_limit=clock.left, gap=gap, seed=seed, start=start, report=report, linear=linear)
    clock.interrupted |= found.status == "interrupted"
    if found.plan is not None and not fair.accept(found.plan):  # rounding misled the solver
        return _SumSearch(problem, fair, clock, gap, seed, report).search(start)
    return found


class _SumSearch:
    """Best-first search over ranges of the sums of curved counts; without any, the root is the whole search."""

    def __init__(
        self, problem: RosterProblem, fair: FairCounts, clock: Clock, gap: float, seed: int, report: Report | None
    ) -> None:
        self._problem, self._fair, self._clock, self._gap, self._seed = problem, fair, clock, gap, seed
        self._report = report
        self._plan: Plan | None = None
        self._cost: float | None = None
        self._limits: Sums = fair.widest_sums()
        self._tried: set[tuple[float, ...]] = set()

    def search(self, start: Plan | None) -> Found:
        """Return the best plan, and the least bound of the ranges that are left."""
        if start is not None and self._fair.accept(start):
            self._take(Found("", start, check_roster(self._problem, start).cost))
        order, done = itertools.count(), [float("inf")]
        ranges: list[tuple[float, int, Sums]] = [(-float("inf"), next(order), self._limits)]
        try:
            self._search(ranges, order, done)
        except KeyboardInterrupt:  # between two runs of HiGHS
            self._clock.interrupted = True
        if not ranges and self._cost is None:
            return Found("infeasible")
        least = min([*done, *(one[0] for one in ranges)])
        if self._cost is not None:
            least = min(least, self._cost)
        known = None if least == -float("inf") else least
        return Found("optimal" if self._is_closed(least) else "time_limit", self._plan, self._cost, known)

    def _search(self, ranges: list[tuple[float, int, Sums]], order: Iterator[int], done: list[float]) -> None:
        """Solve and divide the range with the least bound until all are done; bounds of those done are added."""
        while ranges and self._clock.left:
            bound, number, sums = ranges[0]
            if self._is_closed(bound):
                break
            within = self._within_limits(sums)
            found = Found("infeasible") if within is None else self._solve(within, secant=True)
            if found.status == "infeasible":
                heapq.heappop(ranges)
                continue
            bound = max(bound, -float("inf") if found.bound is None else found.bound)
            if found.status != "optimal" or found.plan is None or within is None:
                heapq.heapreplace(ranges, (bound, number, sums))  # out of time
                break
            heapq.heappop(ranges)
            if self._fair.accept(found.plan):  # nothing in this range is cheaper
                done.append(bound)
                continue
            self._try_tangents(found.plan)
            for part in self._divided(within, found.plan):
                heapq.heappush(ranges, (bound, next(order), part))
            self._tell(ranges)

    def _is_closed(self, bound: float) -> bool:
        return self._cost is not None and self._cost - bound <= max(self._gap * abs(self._cost), ROUNDING)

    def _take(self, found: Found) -> None:
        if found.cost is not None and (self._cost is None or found.cost < self._cost - ROUNDING):
            self._plan, self._cost = found.plan, found.cost

    def _tell(self, ranges: list[tuple[float, int, Sums]]) -> None:
        if self._report is not None:
            self._report(self._cost, min((one[0] for one in ranges), default=None))

    def _within_limits(self, sums: Sums) -> Sums | None:
        """Return the range, cut to the sums that are possible at all below the best cost; None if nothing is left."""
        cut = {
            count: (max(low, self._limits[count][0]), min(high, self._limits[count][1]))
            for count, (low, high) in sums.items()
        }
        return None if any(low > high + ROUNDING for low, high in cut.values()) else cut

    def _solve(self, sums: Sums, *, secant: bool, share: float = 1.0) -> Found:
        model = build_compact(self._problem)
        add_fairness(model, self._fair.rows(sums), self._fair.loads)
        if secant:
            self._limit_sums(model, sums)
        part = self._clock.part(share)
        report = self._report if secant and not self._fair.curved else None
        found = solve_model(
            model, time_limit=part.left, gap=self._gap, seed=self._seed, start=self._plan, report=report
        )
        self._clock.interrupted |= found.status == "interrupted"
        if found.plan is not None and self._fair.accept(found.plan):
            self._take(found)
        return found

    def _try_tangents(self, plan: Plan) -> None:
        """Look for a fair plan whose sums are near those of a plan that is not fair, and limit sums by its cost."""
        sums = self._fair.sums(plan)
        key = tuple(sums[count][0] for count in self._fair.curved)
        if key in self._tried or not self._fair.curved:
            return
        self._tried.add(key)
        before = self._cost
        self._solve(sums, secant=False, share=0.5)
        if self._cost is not None and self._cost != before:
            for count in self._fair.curved:
                model = build_compact(self._problem)
                add_fairness(model, self._fair.rows(self._limits), self._fair.loads)
                loads, known = self._fair.loads[count], self._limits[count]
                limited = range_of_sum(model, loads, self._cost, known, 0.1 * self._clock.left)
                self._limits = {**self._limits, count: limited}

    def _divided(self, sums: Sums, plan: Plan) -> list[Sums]:
        """Return the range in two parts, at the plan's sum of an unfair count, or of the widest range."""
        values = self._fair.values(plan)
        widths = {
            count: (self._fair.unfair(count, values[count]) != (), (sums[count][1] - sums[count][0]))
            for count in self._fair.curved
            if sums[count][1] - sums[count][0] > ROUNDING
        }
        if not widths:
            return []
        count = max(widths, key=lambda one: widths[one])
        (low, high), unit, at = sums[count], self._fair.loads[count].unit, float(values[count].sum())
        at = min(max(at, low), high - unit)
        return [{**sums, count: (low, at)}, {**sums, count: (at + unit, high)}]

    def _limit_sums(self, model: CompactModel, sums: Sums) -> None:
        for count in self._fair.curved:
            loads = self._fair.loads[count]
            total = Expression(constant=float(loads.carried.sum())).add(Expression.sum(count_expressions(model, loads)))
            model.builder.row(total, sums[count][0] - ROUNDING, sums[count][1] + ROUNDING)
