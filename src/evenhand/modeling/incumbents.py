"""A search for incumbents between the rounds, in models under which every solution is fair.

Rounds of cuts approach the cone from outside: every integral solution before the optimum is slightly unfair, so that
there may be no incumbent until the end. Therefore a fraction of the time goes to models with :mod:`inner rows
<.inner_rows>` in the place of the cone. Until a fair solution is known, unfair ones are also repaired: the objective
becomes the distance of the loads from a box of fair ones, and a few agents at a time redistribute their work. Once an
incumbent is known, its neighbourhood is searched: with those integer variables fixed in which it agrees with another
solution (as in RINS), and again among a few agents (large neighbourhood search). Every solution found is judged by the
fairness constraint itself. Bounds come from the rounds alone.

References
----------
Danna, Rothberg, Le Pape, Exploring relaxation induced neighborhoods to improve MIP solutions, Mathematical Programming
102, 2005.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.modeling.forms import Polyhedron
from evenhand.modeling.inner_rows import STEP
from evenhand.modeling.rounds import Rounds
from evenhand.modeling.window_master import Probe, WindowMaster

FIRST = 0.25
"""Least number of seconds of the main search before the first look for incumbents; the relaxation's time if longer."""

PART = 0.1
"""Time of the first look, as a fraction of the time limit."""

UNLIMITED = 2.0
"""Seconds of the first look if there is no time limit."""

SHARE = 4.0
"""Time of the main search before the next look, as a multiple of the time of all looks so far, once an incumbent is
known and looks improve it little."""

ALIKE = 0.3
"""Least fraction of integer variables in which two solutions must agree for the neighbourhood to be worth a solve."""

FINER = 0.5
"""Factor on the step of the inner rows after their optimum was found."""

FINEST = 0.02
"""Least step of the inner rows. Their error is proportional to the square of the step, and is then negligible."""

SHORT = 0.05
"""Seconds for one redistribution of work among a few agents; half the relaxation's time if that is longer."""

FEW = 2.0
"""Least number of agents who redistribute their work."""

MORE = 0.125
"""Increase of that number after a redistribution that was solved in time; after one that was not, it falls by 1."""

GAIN = 1e-3
"""Relative improvement of the incumbent in one look after which the next look comes sooner."""

SOONER = 0.5
"""Time of the main search before that look, and while no fair solution is known, as a multiple of the last look's."""


class Incumbents:
    """Looks for fair solutions during one solve in rounds, for a limited share of its time.

    Parameters
    ----------
    rounds
        The rounds, which judge every solution and hold the incumbent.
    master
        The model, which solves probes.
    time_limit
        Seconds of the whole solve; infinite for no limit.
    """

    def __init__(self, rounds: Rounds, master: WindowMaster, time_limit: float) -> None:
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
        """Start with the loads of the relaxation's optimum, shape (n,), and the seconds that it took."""
        self._since = time.perf_counter()
        self._first = max(FIRST, seconds)
        self._relaxed = loads
        self._short = max(SHORT, seconds / 2.0)
        self._needless = self._inner() is None

    def widen(self) -> None:
        """Reset the step of the inner rows, because the window has become wider."""
        self._step, self._done = STEP, False

    def until_look(self) -> float:
        """Return the seconds until the next look is due; infinite if none is."""
        if self._done or self._needless or (self._master.judges and self._rounds.best is not None):
            return np.inf
        if self._looks == 0:
            alone = self._first
        elif self._master.judges:
            # A tree that judges fairness begins anew after each pause: its time must grow with that of the looks.
            alone = max(self._spent, self._first)
        else:
            alone = SOONER * self._last if self._gains else max(SHARE * self._spent, self._first)
        return alone - (time.perf_counter() - self._since)

    def look(self, answer: Array | None) -> None:
        """Look for a fair solution; `answer` holds the values of the rounds' last solution, fair or not."""
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
        """Look for a first incumbent: by repairs for a quarter of the time, inner rows for half of it, then repairs."""
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
        """Move the nearest solution towards a box of fair loads, redistributing work among a few agents at a time."""
        box = self._box()
        n = box.loads.shape[1]
        if self._nearest is None:
            status = self._solve(box, (deadline - time.perf_counter()) / 2.0, elastic=True)
            if status == "infeasible":  # the window's fixings are, so free all variables
                free = self._master.apart(np.arange(n))
                self._solve(box, deadline - time.perf_counter(), fixed=free, elastic=True)
        while self._rounds.best is None and self._nearest is not None and time.perf_counter() < deadline:
            self._share_out(box, self._nearest, deadline, elastic=True)

    def _share_out(self, rows: Polyhedron, values: Array, deadline: float, *, elastic: bool = False) -> None:
        """Redistribute work among a few agents, with other variables fixed; adapt their number to the time it takes."""
        agents = self._agents(values)
        limit = min(self._short, deadline - time.perf_counter())
        status = self._solve(rows, limit, fixed=self._master.apart(agents), start=values, elastic=elastic)
        more = -1.0 if status == "time_limit" else MORE
        self._few = min(max(self._few + more, FEW), rows.loads.shape[1])

    def _agents(self, values: Array) -> NDArray[np.int64]:
        """Draw a few agents: one with a probability proportional to its load's deviation, the others uniformly."""
        with self._master.showing(values):
            far = self._rounds.separator.deviations(self._master.loads())
        first = self._rng.choice(len(far), p=far / far.sum())
        others = self._rng.permutation(np.delete(np.arange(len(far)), first))
        return np.append(others[: int(self._few) - 1], first)

    def _nearby(self, budget: float, answer: Array | None) -> None:
        """Improve the incumbent: between it and the last solution, then among a few agents, then in the whole model."""
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
        """Shorten the step of the inner rows if they were solved to their end; stop looking once it is negligible."""
        if status in ("optimal", "infeasible"):
            self._step *= FINER
            self._done = self._step < FINEST

    def _box(self) -> Polyhedron:
        """Return the rows of a box of nearly fair loads, which are few."""
        rows = self._rounds.separator.inner(self._relaxed[None], None)
        assert rows is not None
        return rows

    def _inner(self) -> Polyhedron | None:
        """Return inner rows that leave room near the loads of relaxation and incumbent; None if none are needed."""
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
        """Solve a probe, and offer all its solutions to the rounds; solve again while they violate lazy rows."""
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
