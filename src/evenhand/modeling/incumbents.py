"""Fair solutions found beside the search, by models under which every solution is fair.

Rounds of cuts end with one fair solution, the optimum, and may have none until then: each integral answer before it is
unfair by a little. So now and then the model is solved with :mod:`inner rows <.inner_rows>` in the place of the cone,
for a part of the time: as a whole, then (where it finds none) with as little load in excess as possible, and later in
the neighbourhood of what is known, with the integer variables fixed in which the best solution agrees with another
solver's answer. Whatever is found is judged by the rule itself. Bounds are none of its business.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evenhand.modeling.inner_rows import STEP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.modeling.forms import Polyhedron
    from evenhand.modeling.windows import WindowMaster, WindowRounds

    Array = NDArray[np.float64]

FIRST = 0.25
"""Seconds that the search has for itself at first; more where the relaxation took longer."""

PART = 0.1
"""Part of the time limit that the first look may take."""

UNLIMITED = 2.0
"""Seconds that it may take where there is no limit."""

SHARE = 4.0
"""How many times as long as all looks so far the search has for itself, once a fair solution is known."""

ALIKE = 0.3
"""Part of the integer variables that must agree for a neighbourhood to be worth a solve."""

FINER = 0.5
"""By what the steps of the inner rows shrink once they have given all they can."""

FINEST = 0.02
"""The least step: what is lost goes with its square, and is no matter any more."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What to solve in the place of the model: the inner rows and what else is different.

    Attributes
    ----------
    rows
        Over the loads and auxiliary variables of their own.
    fixed
        Which of the integer variables stay at their values in `start`, shape (q,); None for none.
    start
        Values of all columns to begin with; None for none.
    elastic
        Whether loads may exceed fair ones, and the excess is all that costs.
    gap, time_limit
        As for a solve.
    """

    rows: Polyhedron
    fixed: NDArray[np.bool_] | None
    start: Array | None
    elastic: bool
    gap: float
    time_limit: float


class Incumbents:
    """Looks for fair solutions of one solve in rounds, and keeps the time they take in proportion."""

    def __init__(self, rounds: WindowRounds, master: WindowMaster, time_limit: float) -> None:
        self._rounds, self._master = rounds, master
        self._budget = UNLIMITED if np.isinf(time_limit) else PART * time_limit
        self._spent, self._looks = 0.0, 0
        self._since = time.perf_counter()
        self._first = FIRST
        self._step, self._done, self._needless = STEP, False, False
        self._relaxed = np.empty(0)

    def begin(self, loads: Array, seconds: float) -> None:
        """Start the clock of a search whose relaxation has `loads` and took so many seconds."""
        self._since = time.perf_counter()
        self._first = max(FIRST, seconds)
        self._relaxed = loads
        self._needless = self._inner() is None

    def widen(self) -> None:
        """Take note of a model with more in it than the last one."""
        self._step, self._done = STEP, False

    def until_look(self) -> float:
        """Return the seconds until the next look is due, infinite where none is."""
        if self._done or self._needless or (self._master.judges and self._rounds.best is not None):
            return np.inf
        if self._looks == 0:
            alone = self._first
        else:
            alone = self._spent if self._rounds.best is None else max(SHARE * self._spent, self._first)
        return alone - (time.perf_counter() - self._since)

    def look(self, answer: Array | None) -> None:
        """Look for a fair solution; `answer` are the values of the search's last one, fair or not."""
        start = time.perf_counter()
        budget = min(self._budget, 0.5 * self._rounds.left())
        self._looks += 1
        try:
            if self._rounds.best is None:
                self._anywhere(budget)
            else:
                self._nearby(budget, answer)
        finally:
            self._since = time.perf_counter()
            self._spent += self._since - start
            self._budget = max(self._budget, self._spent / 2.0)
            self._rounds.tell("incumbents")

    def _anywhere(self, budget: float) -> None:
        rows = self._inner()
        assert rows is not None
        started = time.perf_counter()
        status = self._solve(rows, 0.5 * budget)
        if self._rounds.best is not None or status == "infeasible":
            self._refine(status)
            return
        left = budget - (time.perf_counter() - started)
        self._solve(rows, left, elastic=True)

    def _nearby(self, budget: float, answer: Array | None) -> None:
        rows = self._inner()
        assert rows is not None
        assert self._rounds.best is not None
        best = self._rounds.best[2]
        own = self._master.integers(best)
        if answer is not None:
            same = np.abs(self._master.integers(answer) - own) < 0.5
            if ALIKE * len(same) <= np.count_nonzero(same) < len(same):
                started = time.perf_counter()
                self._solve(rows, 0.5 * budget, fixed=same, start=best)
                budget -= time.perf_counter() - started
        status = self._solve(rows, budget, start=best)
        self._refine(status)

    def _refine(self, status: str) -> None:
        if status in ("optimal", "infeasible"):
            self._step *= FINER
            self._done = self._step < FINEST

    def _inner(self) -> Polyhedron | None:
        wanted = [self._relaxed]
        if self._rounds.best is not None:
            wanted.append(self._rounds.best[1])
        return self._rounds.separator.inner(np.array(wanted), self._step)

    def _solve(
        self,
        rows: Polyhedron,
        time_limit: float,
        *,
        fixed: NDArray[np.bool_] | None = None,
        start: Array | None = None,
        elastic: bool = False,
    ) -> str:
        """Solve a probe and offer all it finds; again, where lazy rows of the model are in the way."""
        deadline = time.perf_counter() + time_limit
        while True:
            left = deadline - time.perf_counter()
            if left <= 0.0:
                return "time_limit"
            status, found = self._master.probe(Probe(rows, fixed, start, elastic, self._rounds.gap, left))
            lazy = [self._rounds.offer(values) for values in found[::-1]]
            if status == "interrupted":
                raise KeyboardInterrupt
            if not any(lazy) or status == "infeasible":
                return status
