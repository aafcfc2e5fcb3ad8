"""A limit on the tasks that change hands, as a price of each change: the bound stays a sum of minima.

Let d[i, j] = 1 if task j changes hands with agent i. For every price lambda >= 0, an assignment a that is fair and
changes at most K tasks costs

    c(a) >= c(a) + lambda (d(a) - K) >= min over fair a' of (c + lambda d)(a')  -  lambda K.

The right-hand side is the ordinary problem with costs c + lambda d, and concave in lambda. Each of its solutions a' is
a line c(a') + lambda (d(a') - K) above it. Two of them, one with more changes than K and one with fewer, cross at the
next price to try (Dinkelbach's way), until a line is touched where it was expected: no price proves more. What is then
left between the bound and the cheapest assignment within the limit is closed by a search of that price's problem, which
judges candidates by their true costs and changes (`limited_search.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import NEW, Assignment, Certificate, Changes
from evenhand.assignment.certificate import certificate_of
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector
from evenhand.assignment.exact import Surcharge, lagrangian_bound, round_down
from evenhand.assignment.large_tables import is_large
from evenhand.assignment.limited_search import LimitedSearch
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Relaxation
from evenhand.assignment.solve_assignment import Warmth, search_from, solve, start_of
from evenhand.fairness import Fairness
from evenhand.fairness.relative import relative_gap

FIRST_PRICE, DEARER, PRICES = 0.5, 4.0, 16
"""First price of a change, in costs of an average task; factor between prices until one is high enough; and upper limit
on the prices."""

HALVINGS = 12
"""Upper limit on the prices between the last two, in large tables."""

FREE = 0.3
"""Part of the time limit that the problem without the limit on changes may take."""

RAISES = 4
"""Number of prices without an assignment within the limit, after which the fewest changes are counted."""

ALMOST = 1e-6
"""Amount by which a bound on a number of changes may be short of a whole number by rounding."""

LEAST_PRICE = 2.0**-36
"""Least price that the search has, in costs of an average task: it tells twins apart that had different agents."""

INNER_GAP = 0.3
"""Relative gap of the solves for a price, as a part of the one asked for."""

FINEST_GAP = 1e-7
"""Least gap of these solves: what is left is the last search's."""

TOUCHED = 1e-9
"""Relative distance from its expected line within which a solve has touched it."""

EXACTLY = 100_000
"""Number of pairs up to which the certified bound is summed in exact arithmetic."""


@dataclass(frozen=True)
class Limit:
    """The rule that at most `most` tasks change hands; `before` is the agent who had each, shape (m,)."""

    before: NDArray[np.intp]
    most: int

    def count(self, assignment: NDArray[np.integer[Any]]) -> int:
        """Return the number of tasks that change hands."""
        return int(Changes(self.before).changed_by(assignment).sum())

    def pairs(self, n: int) -> NDArray[np.bool_]:
        """Return the pairs of agent and task that are changes, shape (n, m)."""
        return np.asarray((self.before != NEW) & (self.before != np.arange(n)[:, np.newaxis]))

    def priced(self, problem: Problem, price: float) -> Problem:
        """Return the problem with `price` more for every pair that is a change."""
        return replace(problem, costs=problem.costs + price * self.pairs(len(problem.agents)))

    def counting(self, problem: Problem) -> Problem:
        """Return the problem whose costs are the changes alone."""
        return replace(
            problem, costs=np.where(np.isfinite(problem.costs), self.pairs(len(problem.agents)).astype(float), np.inf)
        )


@dataclass(frozen=True)
class Line:
    """A fair assignment, as a line over prices: its cost, and its number of changes beyond the limit."""

    cost: float
    beyond: int

    def at(self, price: float) -> float:
        """Return its cost with this price, less what the free changes cost."""
        return self.cost + price * self.beyond

    def crossing(self, other: Line) -> float:
        """Return the price at which two lines with different slopes cross."""
        return (other.cost - self.cost) / (self.beyond - other.beyond)


@dataclass
class LimitedSolver:
    """Solver of one problem with a limit on changes.

    Attributes
    ----------
    best, cost
        The cheapest fair assignment within the limit that is known, shape (m,), and its cost, unscaled.
    bound, certificate, certified, price
        The best proven bound, the certificate at the price that proves most, what this proves alone, and that price.
    dear, cheap
        Lines of two fair assignments: the one with more changes than allowed, the other with at most so many.
    low, high
        The highest price that left too many changes, and the lowest that left few enough.
    interrupted, searched
        Whether Ctrl-C was pressed, and whether the last search has closed the gap.
    too_few
        A number of changes, at least the limit, that is proven to be too few; None if there is none.
    fewest
        A fair assignment with few changes, shape (m,), if it was looked for and found.
    """

    problem: Problem
    fairness: Fairness
    limit: Limit
    gap: float
    clock: Clock
    options: dict[str, Any]
    warmth: Warmth
    best: NDArray[np.intp] | None = None
    cost: float = np.inf
    bound: float = -np.inf
    certificate: Certificate | None = None
    certified: float = -np.inf
    price: float = 0.0
    low: float = 0.0
    high: float = np.inf
    dear: Line | None = None
    cheap: Line | None = None
    interrupted: bool = False
    searched: bool = False
    too_few: int | None = None
    fewest: NDArray[np.intp] | None = None

    @property
    def closed(self) -> bool:
        """Whether the gap is closed."""
        return self.best is not None and (self.searched or self.cost - self.bound <= self.gap * abs(self.cost))

    @property
    def typical(self) -> float:
        """Average cost of a task, or 1 if that is 0."""
        return self.problem.size / len(self.problem.tasks) or 1.0

    @property
    def stopped(self) -> bool:
        """Whether time is up, or Ctrl-C was pressed."""
        return self.interrupted or self.clock.expired

    def run(self, free: Assignment) -> None:
        """Raise the price until the changes are few enough, then approach the best one; `free` is at a price of 0."""
        for kept in self.warmth.assignments:
            if self.fairness.contains(self.problem.loads_of(kept)):
                self.offer(kept)
        self._take(free, 0.0)
        if self.cheap is not None and self.dear is None:
            return  # no price is needed; the search goes on without
        price = FIRST_PRICE * self.typical
        for raised in range(PRICES):
            if self.cheap is None and raised >= RAISES:
                self._count()
            if self.closed or self.stopped or self.too_few is not None or (self.cheap is None and raised >= RAISES):
                return
            if self.dear is not None and self.cheap is not None:
                price = self.dear.crossing(self.cheap)
                if not price > 0.0:
                    return
            expected = np.inf if self.cheap is None else self.cheap.at(price)
            answer = self._solve(price)
            reached = self._take(answer, price)
            if reached is None:
                return
            if reached >= expected - max(TOUCHED, INNER_GAP * self.gap) * abs(expected):
                break
            price *= DEARER
        if is_large(self.problem):
            self._approach()

    def _approach(self) -> None:
        """Halve the interval of prices between too many changes and few enough, for a plan that uses them all.

        In a large table changes are nearly continuous in the price, and the last of them is worth less than the gap.
        """
        for _ in range(HALVINGS):
            if self.closed or self.stopped or not self.low < self.high < np.inf:
                return
            price = 0.5 * (self.low + self.high)
            if self._take(self._solve(price), price) is None:
                return

    def _count(self) -> None:
        """Find the fewest changes of a fair assignment: the same problem, whose costs are the changes alone."""
        found, _ = solve(self.limit.counting(self.problem), self.fairness, gap=0.0, clock=self.clock, **self.options)
        self.interrupted |= found.interrupted
        if found.assignment is not None:
            self.fewest = found.assignment
            self.cheap = line = self.offer(found.assignment)
            self.cheap = line if line.beyond <= 0 else None
        least = math.ceil(self.problem.in_user_sign(found.bound) - ALMOST) if np.isfinite(found.bound) else 0
        if least > self.limit.most:
            self.too_few = least - 1
            self.certificate = self._refutation(found)

    def _refutation(self, found: Assignment) -> Certificate | None:
        """Return the certificate that nothing within the limit is fair, if that of the fewest changes proves it."""
        if found.certificate is None or found.cost is None or found.certified_gap is None:
            return None
        certificate = replace(found.certificate, kind="infeasible", change_price=1.0)
        depth = _certified_bound(self.problem, self.fairness, certificate, self.limit, costs=False)
        if depth is None:
            fewest = self.problem.in_user_sign(found.cost)
            depth = _lowered((1.0 - found.certified_gap) * fewest, float(self.limit.most))
        return certificate if depth > 0.0 else None

    def _solve(self, price: float) -> Assignment:
        inner = max(INNER_GAP * self.gap, FINEST_GAP)
        answer, self.warmth = solve(
            self.limit.priced(self.problem, price),
            self.fairness,
            gap=inner,
            clock=self.clock,
            warmth=self.warmth,
            **self.options,
        )
        self.warmth.bound = -np.inf  # it is that of another price
        self.warmth.start = start_of(self.fairness, answer.certificate)
        return answer

    def _take(self, answer: Assignment, price: float) -> float | None:
        """Learn from an answer at a price: a bound, and a line; return what the line is at the price."""
        self.interrupted |= answer.interrupted
        lower = _lowered(self.problem.in_user_sign(answer.bound), price * self.limit.most)
        if lower > self.bound and np.isfinite(lower):
            self.bound, self.price = lower, price
        if answer.assignment is None or answer.cost is None or answer.certified_gap is None:
            return None
        cost = self.problem.in_user_sign(answer.cost)
        self._keep(answer.certificate, cost - answer.certified_gap * abs(cost), price)
        line = self.offer(answer.assignment)
        if line.beyond > 0:
            self.low = max(self.low, price)
        else:
            self.high = min(self.high, price)
        if line.beyond > 0 and (self.dear is None or line.at(price) < self.dear.at(price)):
            self.dear = line
        if line.beyond <= 0 and (self.cheap is None or line.at(price) < self.cheap.at(price)):
            self.cheap = line
        return line.at(price)

    def offer(self, assignment: NDArray[np.intp]) -> Line:
        """Make a fair assignment the incumbent if it is within the limit and cheaper; return its line."""
        line = Line(self.problem.cost_of(assignment), self.limit.count(assignment) - self.limit.most)
        if line.beyond <= 0 and line.cost < self.cost:
            self.best, self.cost = assignment, line.cost
        return line

    def _keep(self, certificate: Certificate | None, certified: float, price: float) -> None:
        """Keep a certificate for costs with a `price`, and what it proves of them, if it proves more than the last."""
        if certificate is None or certificate.kind != "bound":
            return
        certificate = replace(certificate, change_price=price)
        exact = _certified_bound(self.problem, self.fairness, certificate, self.limit)
        certified = _lowered(certified, price * self.limit.most) if exact is None else exact
        if certified > self.certified:
            self.certificate, self.certified = certificate, certified

    def search(self) -> None:
        """Close the rest of the gap by a search at the best price."""
        price = max(self.price, LEAST_PRICE * self.typical)
        priced = self.limit.priced(self.problem, price).in_doubles()
        incumbents = [] if self.best is None else [self.best]

        def make(relaxation: Relaxation, **rest: Any) -> LimitedSearch:
            return LimitedSearch(self.problem, self.limit.count, self.limit.most, price, priced, relaxation, **rest)

        warmth = replace(self.warmth, assignments=incumbents, bound=-np.inf)
        found, self.interrupted = search_from(
            priced, self.fairness, make, warmth, gap=self.gap, clock=self.clock, **self.options
        )
        if found is None:
            return
        if found.best is None and found.closed:
            self.too_few, self.certificate = self.limit.most, None
            return
        if found.best is not None:
            self.offer(found.best)
            self.searched = found.closed
        self.bound = max(self.bound, found.true_bound)
        certificate, certified = certificate_of(priced, found.relaxation, self.clock)
        self._keep(certificate, certified, price)


def _lowered(bound: float, by: float) -> float:
    """Return a bound that is lower `by` the free changes, rounded down."""
    return bound - by - 1e-12 * (abs(bound) + by)


def _certified_bound(
    problem: Problem, fairness: Fairness, certificate: Certificate, limit: Limit, *, costs: bool = True
) -> float | None:
    """Return what a certificate proves, in exact arithmetic; None if the table is too large for that."""
    if problem.costs.size > EXACTLY:
        return None
    surcharge = Surcharge(Fraction(certificate.change_price), limit.before, limit.most)
    tables = (problem.costs if costs else None, problem.burdens, problem.initial_loads, problem.allowed)
    try:
        dual = dual_vector(fairness, certificate, len(problem.agents))
        return round_down(lagrangian_bound(*tables, dual, surcharge))
    except (DualVectorError, OverflowError):
        return -np.inf


def solve_limited(
    problem: Problem,
    fairness: Fairness,
    limit: Limit,
    *,
    gap: float,
    clock: Clock,
    warmth: Warmth,
    in_full: Callable[..., Assignment],
    **options: Any,
) -> Assignment:
    """Solve a problem with a limit on changes; `in_full` solves the same without, and `options` are for both.

    Returns
    -------
    Assignment
        With `changes`. If no assignment within the limit is fair, they say how many changes are needed.
    """
    free = in_full(problem, fairness, gap=gap, clock=clock.part(FREE), warmth=warmth, **options)
    changes = Changes(limit.before, limit.most)
    within = free.assignment is not None and limit.count(free.assignment) <= limit.most
    if free.status == "infeasible" or free.interrupted or (within and free.status == "optimal"):
        return _kept(replace(free, changes=changes.counted(free.assignment)), within)
    solver = LimitedSolver(problem, fairness, limit, gap, clock, options, replace(warmth, bound=-np.inf))
    solver.run(free)
    if not (solver.closed or solver.stopped or solver.too_few is not None or is_large(problem)):
        solver.search()
    if solver.best is None and solver.too_few is not None:
        return _infeasible(solver, free)
    return _answer(solver, free)


def _kept(free: Assignment, within: bool) -> Assignment:
    """Return an answer without the limit, less its assignment if that changes too much."""
    if within or free.assignment is None:
        return free
    assert free.changes is not None
    changes = replace(free.changes, changed=None)
    return replace(free, assignment=None, loads=None, cost=None, certified_gap=None, changes=changes)


def _infeasible(solver: LimitedSolver, free: Assignment) -> Assignment:
    limit, problem = solver.limit, solver.problem
    reached = None if solver.fewest is None else limit.count(solver.fewest)
    changes = Changes(limit.before, limit.most, None, solver.too_few, reached, solver.fewest)
    nothing: dict[str, Any] = {"assignment": None, "loads": None, "cost": None, "certified_gap": None}
    nothing |= {"bound": problem.in_user_sign(np.inf), "certificate": solver.certificate, "changes": changes}
    return replace(free, status="infeasible", interrupted=solver.interrupted, **nothing)


def _answer(solver: LimitedSolver, free: Assignment) -> Assignment:
    problem, best = solver.problem, solver.best
    lower = min(solver.bound, solver.cost)
    return replace(
        free,
        status="optimal" if solver.closed else "time_limit",
        assignment=best,
        loads=None if best is None else problem.loads_of(best),
        cost=None if best is None else problem.in_user_sign(solver.cost),
        bound=problem.in_user_sign(lower),
        certified_gap=None if best is None else relative_gap(solver.cost, solver.certified),
        certificate=solver.certificate,
        interrupted=solver.interrupted,
        changes=Changes(solver.limit.before, solver.limit.most).counted(best),
    )
