"""Give each task of a core to one agent, so that the loads of the whole table are fair."""

from __future__ import annotations

import contextlib

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.certificate import prices_of
from evenhand.assignment.optimum_of_core import Optimum
from evenhand.assignment.passes import lagrangian_value
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock, OutOfTimeError
from evenhand.assignment.rounding_of_core import round_optimum
from evenhand.fairness import Fairness


class CoreRounding:
    """Rounds the optimum of a core again and again, as `LargeSolver` does, and keeps the cheapest fair plan.

    Parameters
    ----------
    core
        The tasks whose agents are open; the others' loads are its initial loads.
    optimum, fairness
        The core's optimum, and the member that its loads must satisfy.
    rest
        Cost of the other tasks.
    gap, clock
        Relative gap at which to stop, and time limit.
    """

    def __init__(
        self, core: Problem, optimum: Optimum, fairness: Fairness, rest: float, gap: float, clock: Clock
    ) -> None:
        self._core = core
        self._optimum = optimum
        self._fairness = fairness
        self._rest = rest
        self._gap = gap
        self._clock = clock
        price, _ = prices_of(fairness, optimum.multipliers, optimum.points)
        self._bound = rest + lagrangian_value(core, price)
        self._best: NDArray[np.int64] | None = None
        self._least = np.inf

    def run(self, seed: int) -> NDArray[np.int64] | None:
        """Return the agent of each task of the core, shape (k,); None if no plan found is fair."""
        # Where the rule binds nobody, the optimum is fair as it is.
        self._offer(self._optimum.agents)
        if self._done():
            return self._best
        with contextlib.suppress(OutOfTimeError):
            round_optimum(self._optimum, self._fairness, self._clock, self._offer, self._done, seed)
        return self._best

    def _done(self) -> bool:
        """Whether the gap is closed, or time is up."""
        cost = None if self._best is None else self._least
        self._clock.report("rounding", cost, self._bound, 0)
        return self._clock.expired or (cost is not None and cost - self._bound <= self._gap * abs(cost))

    def _offer(self, agents: NDArray[np.int64]) -> tuple[bool, bool]:
        """Keep a plan if it is fair and the cheapest so far; return whether it is fair, and whether it was kept."""
        if not self._fairness.contains(self._core.loads_of(agents)):
            return False, False
        cost = self._rest + self._core.cost_of(agents)
        cheaper = cost < self._least
        if cheaper:
            self._best, self._least = agents, cost
        return True, cheaper
