"""Outer approximation in rounds, for solvers that accept no cuts during their search.

In the first phase, the relaxation without integrality is solved and separated until its loads are fair (Kelley's
method). These rounds are cheap, and make nearly all cuts. In the second phase, integer programs are solved; each
integral solution that is unfair costs a cut and another solve (Duran and Grossmann's outer approximation). The bound
of every solve holds for the model, because cuts remove nothing fair.

References
----------
Kelley, The cutting-plane method for solving convex programs, Journal of the SIAM 8, 1960.
Duran, Grossmann, An outer-approximation algorithm for a class of mixed-integer nonlinear programs, Mathematical
Programming 36, 1986.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.modeling.joint import Joint
from evenhand.modeling.master import Master
from evenhand.modeling.outer_approximation import COARSE
from evenhand.modeling.recession import UNBOUNDED, cut_directions
from evenhand.modeling.solution import FairSolution

PATIENCE = 8
"""Number of rounds within which the objective of the relaxation must move by :data:`LEAST_MOVE`, or cutting ends."""

LEAST_MOVE = 1e-3
"""Least move of the relaxation's objective within :data:`PATIENCE` rounds, relative to its size."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A progress report: phase, rounds and cuts so far, best objective and bound (None if unknown), seconds."""

    phase: str
    rounds: int
    cuts: int
    objective: float | None
    bound: float | None
    seconds: float


class Rounds:
    """One solve in rounds, with its incumbent and bound.

    Parameters
    ----------
    master
        The model without its fairness constraints, to which cuts are added.
    separator
        Separates loads from the fairness cones.
    gap
        Relative gap that must be proven.
    time_limit
        Seconds; None for no limit.
    progress
        Function that is called with :class:`Progress` after every round.

    Attributes
    ----------
    rounds
        Number of solves so far.
    paused
        Whether the last integer solve was stopped before its end, to be continued.
    best
        The incumbent: objective, loads and values; None if there is none.
    bound
        Proven bound on the objective, in the model's own sense; None before the first.
    """

    def __init__(
        self,
        master: Master,
        separator: Joint,
        *,
        gap: float,
        time_limit: float | None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.master, self.separator, self.gap = master, separator, gap
        self._start = time.perf_counter()
        self._deadline = np.inf if time_limit is None else self._start + time_limit
        self._progress = progress
        self._sign = -1.0 if master.maximises else 1.0
        self._interrupted = False
        self._trail: list[float] = []
        self.rounds = 0
        self.paused = False
        self.best: tuple[float, Array, Array] | None = None
        self.bound: float | None = None

    # ---- the phases -------------------------------------------------------------------------------

    def run(self) -> FairSolution:
        """Solve until the gap is proven or the time is up; after Ctrl-C, return the incumbent."""
        try:
            status = self.converge()
            if status == "optimal" and self.master.has_integers:
                status = self.search()
        except KeyboardInterrupt:
            status, self._interrupted = "time_limit", True
        return self._answer(status)

    def converge(self) -> str:
        """First phase: cut the relaxation until its loads are fair or cuts no longer move it; return the status."""
        bounded = False
        while True:
            status = self.solve(relaxed=True)
            if status in UNBOUNDED:
                # The first cuts may leave directions open that the cone itself closes: cut those off, and solve again.
                status = "unbounded_relaxation" if bounded else self.bound_directions()
                bounded = status == "bounded"
                if bounded:
                    continue
            if status != "optimal":
                return status
            self.raise_bound(self.master.objective())
            self._trail.append(self.master.objective())
            if not self.cut_off(integral=False):
                if not self.master.has_integers:
                    self.keep()
                return status

    def search(self) -> str:
        """Second phase: solve with integrality until a solution is fair; return the status."""
        status = self.settle()
        return "optimal" if status == "infeasible" and self.best is not None else status

    def settle(self, ceiling: float | None = None) -> str:
        """Solve with integrality until a solution is fair or the gap is closed; return the status.

        If `ceiling` is given, the present model contains only the solutions better than that (a window): no bound may
        then be raised above it.
        """
        while True:
            status = self.solve(relaxed=False)
            if status == "infeasible":
                # Cuts and branching have excluded everything: nothing is better than the incumbent or the window.
                self._raise_to(None if self.best is None else self.best[0], ceiling)
                return status
            self._raise_to(self.master.bound(), ceiling)
            if status == "optimal":
                if self.accept():
                    return status
            else:
                self.keep_if_allowed()
                if not self.paused:
                    return status
            self.try_found()
            self.look()
            if self.closed:
                return "optimal"

    def look(self) -> None:
        """Run heuristics between two integer solves; here, none."""

    def accept(self) -> bool:
        """Keep the integral solution found if it is allowed; otherwise cut it off. Return whether it was kept."""
        if self.cut_off(integral=True):
            return False
        self.keep()
        return True

    def bound_directions(self) -> str:
        """Cut off the unfair directions of an unbounded relaxation.

        Returns ``bounded`` if no improving direction is left; ``unbounded`` or ``infeasible`` if that is proven for the
        model itself; ``unbounded_relaxation`` if nothing is proven.
        """
        improves = cut_directions(self.master, self.separator, self.left())
        self.tell("directions")
        if improves is None:
            return "time_limit" if self.left() <= 0.0 else "unbounded_relaxation"
        return self._beyond_bounds() if improves else "bounded"

    def _beyond_bounds(self) -> str:
        """Return the status of a model with a fair improving direction: it is unbounded if it has any fair solution.

        That is also true with integers: the data are rational, so that some multiple of an extreme direction is
        integral. With lazy rows nothing is proven, because they may close the direction.
        """
        with self.master.idle():
            probe = Rounds(self.master, self.separator, gap=1.0, time_limit=self.left())
            status = probe.run().status
        self.rounds += probe.rounds
        if probe._interrupted:
            raise KeyboardInterrupt
        if status == "infeasible":
            return status
        if probe.best is None:
            return status if status == "time_limit" else "unbounded_relaxation"
        return "unbounded_relaxation" if self.master.is_lazy else "unbounded"

    # ---- the steps --------------------------------------------------------------------------------

    def solve(self, *, relaxed: bool) -> str:
        """Solve once within the time that is left; return the status, and note whether the solve was only paused."""
        self.paused = False
        left = self.left()
        if left <= 0.0:
            return "time_limit"
        self.rounds += 1
        limit = left if relaxed else min(self.slice(), left)
        began = time.perf_counter()
        status = self.master.solve(relaxed=relaxed, gap=self.gap, time_limit=limit)
        # A solve that ends well before its time limit was stopped by another limit of the solver, and is not resumed.
        self.paused = status == "time_limit" and limit < left and time.perf_counter() - began > 0.9 * limit
        if status == "interrupted":
            if not relaxed:
                self.keep_if_allowed()
            raise KeyboardInterrupt
        self.tell("relaxation" if relaxed else "integers")
        return status

    def left(self) -> float:
        """Return the seconds that are left."""
        return self._deadline - time.perf_counter()

    def slice(self) -> float:
        """Return the seconds after which the next integer solve pauses for :meth:`look`; here it never does."""
        return np.inf

    def cut_off(self, *, integral: bool) -> bool:
        """Separate the solution found: add violated rows, lazy ones and cuts; return whether the model has changed."""
        own = (integral or not self._stalls()) and self.master.separate(
            integral=integral or not self.master.has_integers
        )
        loads = self.master.loads()
        fractional = self.master.has_integers and not integral
        if self.separator.satisfied(loads, COARSE if fractional else 0.0):
            return own
        rows = self.separator.cuts(loads, self.master.auxiliaries())
        if len(rows):
            self.master.add(rows)
            return True
        # The cuts are in the model already, but the solver's tolerance admits the point: exclude it by itself.
        return own or (integral and self.master.rule_out())

    def _stalls(self) -> bool:
        """Return whether the relaxation's objective has stagnated, so that further rows are better left to the tree.

        Without integers there is no tree, and the rows are added to the end.
        """
        if not self.master.has_integers or len(self._trail) <= PATIENCE:
            return False
        moved = abs(self._trail[-1] - self._trail[-1 - PATIENCE])
        return moved <= LEAST_MOVE * max(abs(self._trail[-1]), 1e-9)

    def keep(self) -> None:
        """Make the solution found the incumbent if it is the best so far."""
        objective = self.master.objective()
        if self.best is None or self._sign * objective < self._sign * self.best[0]:
            self.best = objective, self.master.loads(), self.master.values()

    def keep_if_allowed(self) -> None:
        """Keep the solution of an interrupted solve, if it has one and that is fair."""
        found = np.isfinite(self.master.objective()) and not self.master.separate(integral=True)
        if found and self.separator.satisfied(self.master.loads()):
            self.keep()

    def try_found(self) -> None:
        """Offer the integral solutions that the last solve found before its optimum: one of them may be fair."""
        for values in self.master.found():
            self.offer(values)

    def offer(self, values: Array) -> bool:
        """Keep a solution if it is allowed and the best so far; return whether it violates lazy rows."""
        with self.master.showing(values):
            better = self.best is None or self._sign * self.master.objective() < self._sign * self.best[0]
            if not better or not self.separator.satisfied(self.master.loads()):
                return False
            if self.master.separate(integral=True):
                return True
            self.keep()
            return False

    def _raise_to(self, bound: float | None, ceiling: float | None) -> None:
        """Raise the bound to `bound`, proven for the solutions better than `ceiling`, but not beyond `ceiling`.

        `bound` is None if there are no such solutions, and `ceiling` is None if the model contains all solutions.
        """
        ends = [self._sign * end for end in (bound, ceiling) if end is not None]
        if ends and np.isfinite(min(ends)):
            self.raise_bound(self._sign * min(ends))

    def raise_bound(self, bound: float) -> None:
        """Raise the proven bound to `bound`, if that is tighter."""
        if self.bound is None or self._sign * bound > self._sign * self.bound:
            self.bound = bound

    @property
    def closed(self) -> bool:
        """Whether the incumbent is within the gap of the bound."""
        if self.best is None or self.bound is None:
            return False
        return self._sign * (self.best[0] - self.bound) <= self.gap * abs(self.best[0])

    def tell(self, phase: str) -> None:
        """Call the user's progress function, if there is one, with the incumbent and the bound so far."""
        if self._progress is not None:
            best = None if self.best is None else self.best[0]
            seconds = time.perf_counter() - self._start
            self._progress(Progress(phase, self.rounds, self.separator.made, best, self.bound, seconds))

    def _answer(self, status: str) -> FairSolution:
        details: dict[str, Any] = {
            "cuts": self.separator.made,
            "rounds": self.rounds,
            "seconds": time.perf_counter() - self._start,
            "interrupted": self._interrupted,
        }
        if self.best is None:
            return FairSolution(status, None, None if status == "infeasible" else self.bound, None, **details)
        objective, loads, values = self.best
        # Rounding may put a bound on the wrong side of an objective that it equals.
        bound = None if self.bound is None else self._sign * min(self._sign * self.bound, self._sign * objective)
        status = "optimal" if status == "infeasible" else status
        return FairSolution(status, objective, bound, loads, values, self.separator.rules(loads), **details)
