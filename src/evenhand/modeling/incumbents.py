"""Fair solutions found beside the search, by models under which every solution is fair.

Rounds of cuts end with one fair solution, the optimum, and may have none until then: each integral answer before it is
unfair by a little. So now and then the model is solved with :mod:`inner rows <.inner_rows>` in the place of the cone,
for a part of the time. Where no fair solution is known yet, an unfair answer is repaired, too: loads may lie outside a
box of fair ones, that alone costs something, and a few agents at a time share out their work anew. Once one is known,
the search goes on near it: with the integer variables fixed in which it agrees with another answer, and again among a
few agents. Whatever is found is judged by the rule itself. Bounds are none of its business.
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

SHORT = 0.05
"""Seconds that work among a few agents may take to be shared out; more where the relaxation took longer."""

FEW = 2.0
"""Of how many agents work is shared out at least."""

MORE = 0.125
"""How many agents are added after a solve that came to its end; one less after one that did not."""

GAIN = 1e-3
"""Relative gain of a look for which the next one follows sooner."""

SOONER = 0.5
"""How many times as long as the last look the search has for itself then, and while no fair solution is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What to solve in the place of the model: the inner rows and what else is different.

    Attributes
    ----------
    rows
        Over the loads and auxiliary variables of their own.
    fixed
        Which of the integer variables stay at their values in `start`, shape (q,), while all others are free; None for
        what the search has fixed at present.
    start
        Values of all columns to begin with; None for none.
    elastic
        Whether loads may lie above or below fair ones, and only that costs something.
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
        self._nearest: Array | None = None
        self._last, self._gains = 0.0, True
        self._few, self._short = FEW + 1.0, SHORT
        self._rng = np.random.default_rng(0)

    def begin(self, loads: Array, seconds: float) -> None:
        """Start the clock of a search whose relaxation has `loads` and took so many seconds."""
        self._since = time.perf_counter()
        self._first = max(FIRST, seconds)
        self._relaxed = loads
        self._short = max(SHORT, seconds / 2.0)
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
            alone = SOONER * self._last if self._gains else max(SHARE * self._spent, self._first)
        return alone - (time.perf_counter() - self._since)

    def look(self, answer: Array | None) -> None:
        """Look for a fair solution; `answer` are the values of the search's last one, fair or not."""
        start = time.perf_counter()
        budget = min(self._budget, 0.5 * self._rounds.left())
        self._looks += 1
        before = self._rounds.best
        try:
            if self._rounds.best is None:
                self._anywhere(budget, answer)
            else:
                self._nearby(budget, answer)
        finally:
            self._since = time.perf_counter()
            self._last = self._since - start
            self._spent += self._last
            best = self._rounds.best
            self._gains = best is None or before is None or abs(best[0] - before[0]) > GAIN * abs(best[0])
            self._budget = max(self._budget, self._spent)
            self._rounds.tell("incumbents")

    def _anywhere(self, budget: float, answer: Array | None) -> None:
        """Repair the answer for a quarter of the time, solve the model under inner rows for a half, and repair on."""
        rows = self._inner()
        assert rows is not None
        if self._nearest is None:
            self._nearest = answer
        end, status = time.perf_counter() + budget, "time_limit"
        self._repair(end - 0.75 * budget)
        if self._rounds.best is None:
            status = self._solve(rows, end - 0.25 * budget - time.perf_counter())
            self._repair(end)
        if self._rounds.best is not None or status == "infeasible":
            self._refine(status)

    def _repair(self, deadline: float) -> None:
        """Bring the nearest solution nearer to a box of fair loads, a few agents at a time."""
        box = self._box()
        n = box.loads.shape[1]
        if self._nearest is None:
            status = self._solve(box, (deadline - time.perf_counter()) / 2.0, elastic=True)
            if status == "infeasible":  # within the window
                free = self._master.apart(np.arange(n))
                self._solve(box, deadline - time.perf_counter(), fixed=free, elastic=True)
        while self._rounds.best is None and self._nearest is not None and time.perf_counter() < deadline:
            self._share_out(box, self._nearest, deadline, elastic=True)

    def _share_out(self, rows: Polyhedron, values: Array, deadline: float, *, elastic: bool = False) -> None:
        """Share out the work of a few agents anew; of more of them where that is soon done."""
        agents = self._agents(values)
        limit = min(self._short, deadline - time.perf_counter())
        status = self._solve(rows, limit, fixed=self._master.apart(agents), start=values, elastic=elastic)
        more = -1.0 if status == "time_limit" else MORE
        self._few = min(max(self._few + more, FEW), rows.loads.shape[1])

    def _agents(self, values: Array) -> NDArray[np.int64]:
        """Draw a few agents, one of them the likelier, the farther its load is from an equal one."""
        with self._master.showing(values):
            far = self._rounds.separator.deviations(self._master.loads())
        first = self._rng.choice(len(far), p=far / far.sum())
        others = self._rng.permutation(np.delete(np.arange(len(far)), first))
        return np.append(others[: int(self._few) - 1], first)

    def _nearby(self, budget: float, answer: Array | None) -> None:
        """Search between the best solution and the answer, then among a few agents, then the whole model."""
        rows = self._inner()
        assert rows is not None
        assert self._rounds.best is not None
        end = time.perf_counter() + budget
        best = self._rounds.best[2]
        if answer is not None:
            same = np.abs(self._master.integers(answer) - self._master.integers(best)) < 0.5
            if ALIKE * len(same) <= np.count_nonzero(same) < len(same):
                self._solve(rows, budget / 4.0, fixed=same, start=best)
        between = end - (end - time.perf_counter()) / 3.0
        while time.perf_counter() < between and not self._rounds.closed:
            self._share_out(rows, self._rounds.best[2], between)
        self._refine(self._solve(rows, end - time.perf_counter(), start=self._rounds.best[2]))

    def _refine(self, status: str) -> None:
        if status in ("optimal", "infeasible"):
            self._step *= FINER
            self._done = self._step < FINEST

    def _box(self) -> Polyhedron:
        """Return rows that are few, and hold more or less fair loads."""
        rows = self._rounds.separator.inner(self._relaxed[None], None)
        assert rows is not None
        return rows

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
            if elastic and found:
                self._nearest = found[-1]
            if status == "interrupted":
                raise KeyboardInterrupt
            if not any(lazy) or status == "infeasible":
                return status
