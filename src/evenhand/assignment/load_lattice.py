"""Loads that are multiples of a step with a known total: the fairest of them, and the limits that follow for each load.

Where the burden of a task does not depend on the agent, loads sum to a known total, and are the initial loads plus
whole steps. Which such *load vector* is the fairest can be computed without any search, for measures that are symmetric
or a sum over agents. If it is unfair, so is every assignment. With a limit on one agent's load, the same computation
tells which loads of that agent no fair assignment has.

References
----------
Federgruen, Groenevelt, The greedy procedure for resource allocation problems, Operations Research 34, 1986.
Murota, Discrete convex analysis, SIAM, 2003 (exchanges of one step lead to the optimum).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.groups import step_of
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import UNLIMITED, Clock
from evenhand.assignment.table_blocks import blocks_of
from evenhand.fairness import EpsilonFairness, Fairness, HooverAtMost, LeastOverMean, MaxOverMean
from evenhand.fairness.protocol import RELATIVE_TOLERANCE
from evenhand.fairness.shares import shares_of

SURELY = RELATIVE_TOLERANCE + 1e-12
"""Tolerance beyond which load vectors are unfair, whatever the rounding of their loads."""

FARTHEST = 64
"""Steps away from the fairest load beyond which an agent's load is not limited: such a limit would exclude little."""

LEAST_STEP = 1e-100
"""Lower limit on a step; its inverse is one on all loads together. Beyond them, quotients of loads would overflow."""

MOST_COSTS, FEW_COSTS = 200, 10
"""Upper limits on the costs that are tried one after the other, without and with a list of load vectors for each."""

MOST_LIMITED = 100
"""Upper limit on the kinds of agents for which limits on loads are computed."""

MOST_VECTORS = 50_000
"""Upper limit on the load vectors that are listed."""

HALVINGS = 60
"""Halvings of the level up to which agents are filled."""

Units = NDArray[np.int64]
"""Whole steps of each agent beyond its initial load, shape (n,)."""


@dataclass(frozen=True, slots=True)
class LoadLattice:
    """All load vectors that are the initial loads plus whole steps, and sum to the total.

    Attributes
    ----------
    initial
        Initial loads, shape (n,).
    step
        The step of which all burdens are multiples.
    units
        Number of steps in all burdens together.
    low, high
        Steps that each agent gets at least, from tasks that nobody else may do, and at most, shape (n,).
    """

    initial: NDArray[np.float64]
    step: float
    units: int
    low: Units
    high: Units

    @classmethod
    def of(cls, problem: Problem, clock: Clock = UNLIMITED) -> LoadLattice | None:
        """Return the load vectors of `problem`; None if burdens depend on agents or have no step of a useful size.

        Raises
        ------
        OutOfTimeError
            If the `clock` expires between two blocks of the table.
        """
        burden = np.empty(len(problem.tasks))
        for at in blocks_of(problem.burdens):
            clock.check()
            allowed, some = problem.allowed[:, at], problem.burdens[:, at]
            burden[at] = np.where(allowed, some, -1.0).max(axis=0)
            if ((some != burden[at]) & allowed).any():
                return None
        step = step_of(burden)
        return None if step == 0.0 else cls._of_units(problem, step, int(np.rint(burden / step).sum()), clock)

    @classmethod
    def at_no_cost(cls, problem: Problem, clock: Clock = UNLIMITED) -> LoadLattice | None:
        """Return load vectors whose new load is 0, to be moved to any cost by `at_cost`; None if there is no step.

        It is for problems whose costs are the burdens, and may depend on the agent: the cost is the sum of new loads.

        Raises
        ------
        OutOfTimeError
            If the `clock` expires between two blocks of the table.
        """
        for at in blocks_of(problem.burdens):
            clock.check()
            if ((problem.burdens[:, at] != problem.costs[:, at]) & problem.allowed[:, at]).any():
                return None
        clock.check()
        step = step_of(problem.burdens[problem.allowed])
        return None if step == 0.0 else cls._of_units(problem, step, 0, clock)

    @classmethod
    def _of_units(cls, problem: Problem, step: float, units: int, clock: Clock) -> LoadLattice | None:
        if not (step > LEAST_STEP and float(problem.initial_loads.sum() + problem.burdens.sum()) < 1.0 / LEAST_STEP):
            return None
        low, high = np.zeros((2, len(problem.agents)), np.int64)
        for at in blocks_of(problem.burdens):
            clock.check()
            allowed = problem.allowed[:, at]
            each = np.where(allowed, np.rint(problem.burdens[:, at] / step), 0.0).astype(np.int64)
            low += (each * (allowed & (allowed.sum(axis=0) == 1))).sum(axis=1)
            high += each.sum(axis=1)
        return cls(problem.initial_loads, step, units, low, high)

    def at_cost(self, cost: float, fairness: Fairness) -> LoadLattice | None:
        """Return the load vectors of the least cost, not below `cost`, at which some may be fair; None if none are.

        The number of costs that are tried is limited. All costs below the returned one are proven to be impossible.
        """
        units = int(np.ceil(cost / self.step * (1.0 - 1e-12) - 1e-9))
        first = max(units, int(self.low.sum()))
        for total in range(first, int(self.high.sum()) + 1):
            vectors = replace(self, units=total)
            most = MOST_COSTS if total == 0 or vectors._rate(fairness) is not None else FEW_COSTS
            if total == first + most or not vectors.hopeless(fairness):
                return vectors
        return None

    def hopeless(self, fairness: Fairness) -> bool:
        """Return whether it is known that no load vector is fair; loads of zero are."""
        if self.units == 0 and not self.initial.any():
            return False
        rate = self._rate(fairness)
        if rate is None:
            return self.limits(fairness) is None
        return not self._fair(self.loads(self._exchanged(self._start(fairness), self.low, self.high, rate)), fairness)

    def loads(self, units: Units) -> NDArray[np.float64]:
        """Return the loads, shape (n,)."""
        return self.initial + self.step * units

    def limits(self, fairness: Fairness) -> tuple[Units, Units] | None:
        """Return limits in steps on each agent's load that all fair assignments keep; None if none is fair."""
        rate = self._rate(fairness)
        fairest = self._start(fairness)
        if rate is not None:
            fairest = self._exchanged(fairest, self.low, self.high, rate)
            if not self._fair(self.loads(fairest), fairness):
                return None
        low, high = self.low.copy(), self.high.copy()
        known: dict[tuple[float, ...], int] = {}
        kinds = self.kinds(fairness)
        if kinds.max() >= MOST_LIMITED:
            return low, high
        for agent in range(len(low)):
            for side, end in ((1, high), (-1, low)):
                alike = (kinds[agent], fairest[agent], side)
                if alike not in known:
                    known[alike] = self._farthest(fairest, agent, side, fairness, rate)
                end[agent] = known[alike]
        if rate is not None:
            return low, high
        vectors = self._listed(low, high, fairness)
        if vectors is None:
            return low, high
        if not len(vectors):
            return None
        alike = kinds[:, None] == kinds
        least = np.where(alike, vectors.min(axis=0), high.max()).min(axis=1)
        return least, np.where(alike, vectors.max(axis=0), 0).max(axis=1)

    def fair_units(self, fairness: Fairness) -> Units | None:
        """Return the steps of the fairest load vector, or of any that is fair; None if none is known to be."""
        if self.units == 0 and not self.initial.any():
            return self.low
        rate = self._rate(fairness)
        if rate is not None:
            fairest = self._exchanged(self._start(fairness), self.low, self.high, rate)
            return fairest if self._fair(self.loads(fairest), fairness) else None
        limits = self.limits(fairness)
        vectors = None if limits is None else self._listed(*limits, fairness)
        return None if vectors is None else vectors[0]

    def _listed(self, low: Units, high: Units, fairness: Fairness) -> Units | None:
        """Return all fair load vectors within limits, shape (k, n), up to the order of agents of one kind.

        Agents are decided one after the other. A partial vector is given up if it is unfair even if all agents that
        follow get equal relative loads, which are the fairest of their sum. None if there are too many.
        """
        shares, kinds = self._shares(fairness), self.kinds(fairness)
        order = np.argsort(kinds, kind="stable")
        partial = np.zeros((1, len(low)), np.int64)
        left = order
        for agent in order:
            left = left[1:]
            values = np.arange(low[agent], high[agent] + 1)
            if len(partial) * len(values) > MOST_VECTORS:
                return None
            partial = np.repeat(partial, len(values), axis=0)
            partial[:, agent] = np.tile(values, len(partial) // len(values))
            rest = self.units - partial.sum(axis=1)
            possible = (low[left].sum() <= rest) & (rest <= high[left].sum())
            before = order[len(order) - len(left) - 2] if len(left) < len(order) - 1 else agent
            if kinds[before] == kinds[agent]:
                possible &= partial[:, before] <= partial[:, agent]
            partial, rest = partial[possible], rest[possible]
            loads = self.initial + self.step * partial
            over = self.initial[left].sum() + self.step * rest
            loads[:, left] = np.maximum(0.0, over)[:, None] * (shares[left] / max(shares[left].sum(), shares.min()))
            partial = partial[fairness.contains(loads, SURELY)]
        return partial

    def kinds(self, fairness: Fairness) -> NDArray[np.int64]:
        """Return numbers, shape (n,), equal for agents who may exchange their loads."""
        own = np.column_stack([self._shares(fairness), self.initial, self.low, self.high])
        return np.asarray(np.unique(own, axis=0, return_inverse=True)[1].reshape(-1), np.int64)

    def _farthest(self, fairest: Units, agent: int, side: int, fairness: Fairness, rate: Rate | None) -> int:
        """Return the last number of steps of `agent`, up (side 1) or down (-1), with which some load vector is fair."""
        end = int((self.high if side > 0 else self.low)[agent])
        reached, step = int(fairest[agent]), 1
        beyond = end + side  # the first number known to be too far
        if rate is None and not self._possible(fairest, agent, reached, fairness, rate):
            return end
        while (beyond - reached) * side > 1:
            middle = reached + side * min(step, (beyond - reached) * side // 2)
            if not self._possible(fairest, agent, middle, fairness, rate):
                beyond = middle
                continue
            reached, step = middle, 2 * step
            if abs(reached - int(fairest[agent])) > FARTHEST:
                return end
        return reached

    def _possible(self, fairest: Units, agent: int, value: int, fairness: Fairness, rate: Rate | None) -> bool:
        """Return whether a load vector is fair in which `agent` has that number of steps.

        Where the fairest is not known, the others may have any loads of the same sum: equal ones are the fairest.
        """
        if rate is None:
            loads = self._shares(fairness).copy()
            loads[agent] = 0.0
            own = float(self.initial[agent] + self.step * value)
            loads *= max(0.0, float(self.initial.sum() + self.step * self.units) - own) / loads.sum()
            loads[agent] = own
            return self._fair(loads, fairness)
        low, high, start = self.low.copy(), self.high.copy(), fairest.copy()
        low[agent] = high[agent] = start[agent] = value
        if not low.sum() <= self.units <= high.sum():
            return False
        return self._fair(self.loads(self._exchanged(start, low, high, rate)), fairness)

    def fairest(self, fairness: Fairness) -> NDArray[np.float64] | None:
        """Return the fairest load vector, shape (n,), whatever the parameter of `fairness`; None if it is not known."""
        rate = self._rate(fairness)
        if rate is None:
            return None
        return self.loads(self._exchanged(self._start(fairness), self.low, self.high, rate))

    def _fair(self, loads: NDArray[np.float64], fairness: Fairness) -> bool:
        return bool(fairness.contains(loads, SURELY))

    def _shares(self, fairness: Fairness) -> NDArray[np.float64]:
        return shares_of(len(self.low), fairness.entitlements)

    def _start(self, fairness: Fairness) -> Units:
        """Return load vectors near equal relative loads: everybody is filled up to the same level, rounded."""
        shares = self._shares(fairness)

        def filled(level: float) -> Units:
            wanted = np.rint((level * shares - self.initial) / self.step)
            return np.clip(wanted, self.low, self.high).astype(np.int64)

        low, high = 0.0, float(((self.initial + self.step * (self.high + 1)) / shares).max())
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if filled(middle).sum() <= self.units else (low, middle)
        return filled(low)

    def _exchanged(self, units: Units, low: Units, high: Units, rate: Rate) -> Units:
        """Return the load vector within limits with the least sum of the functions whose slopes are `rate`.

        Convex functions of one agent's load each are least where no exchange of one step between two agents lowers
        them, and one step more or less is best taken where it costs least.
        """
        units = units.copy()
        missing = self.units - int(units.sum())
        while True:
            gain = np.where(units < high, rate(units), np.inf)
            loss = np.where(units > low, rate(units - 1), -np.inf)
            taker, giver = int(gain.argmin()), int(loss.argmax())
            if missing > 0:
                units[taker] += 1
                missing -= 1
            elif missing < 0:
                units[giver] -= 1
                missing += 1
            elif gain[taker] < loss[giver] and taker != giver:
                units[taker] += 1
                units[giver] -= 1
            else:
                return units

    def _rate(self, fairness: Fairness) -> Rate | None:
        """Return the slopes of convex functions, one for each agent's load, whose sum is least where loads are fairest.

        Only the order of the slopes matters: logarithms and other increasing functions of them do as well.

        With equal entitlements measures are symmetric and convex. Then whoever has less gets the next step, since that
        leaves loads that no others of the same sum majorise (they are a mean of the others' permutations). The same
        holds for the least relative load. For the largest, whoever has least after the step gets it.
        """
        shares = self._shares(fairness)
        n = len(shares)
        mean = float(self.initial.sum() + self.step * self.units) / n
        first, width = self.initial / (n * shares * mean), self.step / (n * shares * mean)  # relative to the mean

        def relative(units: Units) -> NDArray[np.float64]:
            return np.asarray(first + width * units)

        def power(units: Units) -> NDArray[np.float64]:
            """Return the logarithms of the slopes share * ((u + width)^order - u^order): powers would overflow."""
            load = np.maximum(relative(units), 0.0)  # one step below the least that is possible does not count
            with np.errstate(divide="ignore", under="ignore"):
                part = np.log(-np.expm1(-order * np.log1p(width / load)))
            return np.asarray(np.log(shares) + order * np.log(load + width) + part)

        if (shares == shares[0]).all() or isinstance(fairness, LeastOverMean):
            return relative
        if (form := fairness.power_form(n)) is not None:
            order = form[0]
            return power
        only_equal = fairness.parameter == fairness.parameter_range(n)[1]
        if isinstance(fairness, HooverAtMost) and not only_equal:
            return lambda units: shares * np.clip(2.0 * (relative(units) - 1.0) + width, -width, width)
        if only_equal or isinstance(fairness, EpsilonFairness | MaxOverMean):
            return lambda units: relative(units + 1)
        return None


Rate = Callable[[Units], NDArray[np.float64]]
"""Slopes of convex functions of each agent's load, shape (n,): by how much they rise with one step more."""
