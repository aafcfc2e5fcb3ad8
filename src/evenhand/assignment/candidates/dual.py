"""The smoothed dual of tasks that list their candidates, maximised as that of a full table is."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import Pairs, soft_dual_of_candidates
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.smooth_dual import BARRIER, COOLING, HOTTEST, Cone, SmoothDual

PARTS, CURVATURE_CELLS = 32, 1 << 23
"""Upper limit on the parts that are summed apart, and on the cells of their curvatures, (parts, n, n), in sum. Neither
depends on the number of processors, nor do the sums."""

TIES = 8.0
"""Number of tasks per agent that are shared among several candidates at the last temperature. With fewer, the smoothed
dual bends in too few places to follow its maximum; with more, its maximum is farther from that of the dual itself."""

COLDEST, WARMEST = 1e-4, 5e-2
"""Limits on the last temperature, relative to a typical cost: the bound is lower than the relaxation's by about its
fourth power."""

BARRIER_LOSS = 1e-8
"""Largest part of the total cost that the barrier may take from the bound in the end, where the rule binds nobody."""

LIFTED = 0.03
"""Least part of their mean that variables start with: from the barrier of a colder dual, few steps lead back."""


class CandidateDual(SmoothDual):
    """The smoothed dual of some tasks with fixed loads besides, and the point reached, in the units of the table.

    Parameters
    ----------
    pairs
        The tasks' pairs.
    initial_loads
        Loads that do not depend on the tasks, shape (n,).
    cone
        The cone of the rule.
    typical, rate
        Typical cost of a task, and typical cost per burden.
    tasks
        Number of tasks, those with fixed loads included.
    start
        The variables of the cone and the temperature to start from; None if nothing is known.

    Attributes
    ----------
    typical
        Typical cost of a task; the others are those of :class:`~evenhand.assignment.smooth_dual.SmoothDual`.
    evaluations
        Number of evaluations of the dual so far.
    """

    def __init__(
        self,
        pairs: Pairs,
        initial_loads: NDArray[np.float64],
        cone: Cone,
        typical: float,
        rate: float,
        tasks: int,
        start: tuple[NDArray[np.float64], float] | None,
    ) -> None:
        self._pairs, self._initial = pairs, initial_loads
        self.cone = cone
        self._tasks, self._agents = len(pairs.starts) - 1, len(initial_loads)
        self._typical = self.typical = typical
        self.barrier = BARRIER
        self.coldest = typical * min(max(TIES * self._agents / tasks, COLDEST), WARMEST)
        self.temperature = max(self.coldest, HOTTEST * typical if start is None else start[1])
        self.w = np.full(self._agents, 0.1 * rate)
        if start is not None:
            self.w = np.maximum(start[0], max(LIFTED * float(start[0].mean()), 1e-9 * rate))
        self.price = cone.price(self.w)
        self.loads = np.zeros(self._agents)
        self._longest = int(np.diff(pairs.starts).max(initial=1))
        self.evaluations = 0

    def finish(self, clock: Clock) -> bool:
        """Maximise, then lower the barrier; return whether the end was reached."""
        done = self.maximise(clock)
        while done and self.barrier * (self.temperature / self._typical) ** 2 > BARRIER_LOSS and not clock.expired:
            self.barrier *= COOLING
            self._newton(None, clock)
        return done

    def stay(self) -> None:
        """Share the tasks at the prices of the start, without a step."""
        self.loads = self._at(self.price, 0)[1]

    def _soft_value(self, price: NDArray[np.float64]) -> float:
        return self._at(price, 0)[0]

    def _value(self, price: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        return self._at(price, self._agents)

    def _at(self, price: NDArray[np.float64], bent: int) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the soft dual value, the shared loads, and a curvature of `bent` agents: all of them, or none."""
        n = self._agents
        parts = max(2, min(PARTS, CURVATURE_CELLS // n**2))
        loads, curvature = np.zeros((parts, n)), np.zeros((parts, bent, bent))
        self.evaluations += 1

        def one(part: int, first: int, stop: int) -> float:
            rest = (price, self.temperature, first, stop, loads[part], curvature[part], np.empty(self._longest))
            return soft_dual_of_candidates(self._pairs, *rest)

        value = sum(_in_ranges(one, self._tasks, parts)) - float(price @ self._initial)
        return value, self._initial + loads.sum(axis=0), curvature.sum(axis=0)


def _in_ranges(work: Callable[[int, int, int], float], count: int, parts: int) -> list[float]:
    """Call `work` with the number, start and end of each of `parts` ranges of `count` tasks; return the results."""
    edges = np.linspace(0, count, parts + 1).astype(int).tolist()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, range(parts), edges[:-1], edges[1:]))
