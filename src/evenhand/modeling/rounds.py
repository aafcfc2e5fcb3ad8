"""Outer approximation in rounds, for solvers that take no cuts while they search.

First the relaxation without integrality is solved and cut until its loads are fair: cheap rounds, in which nearly
all cuts are made. Then integrality is asked for; each integral answer that is not fair costs a cut and one more solve.
The bound of every solve holds for the model, since cuts remove nothing fair.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.modeling.outer_approximation import COARSE
from evenhand.modeling.recession import UNBOUNDED, cut_directions
from evenhand.modeling.solution import FairSolution

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evenhand.modeling.joint import Joint
    from evenhand.modeling.master import Master

    Array = NDArray[np.float64]


PATIENCE = 8
"""Rounds after which the relaxation must have moved."""

LEAST_MOVE = 1e-3
"""By how much, relative to its objective."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solve stands: phase, rounds and cuts so far, best objective and bound (None while unknown), seconds."""

    phase: str
    rounds: int
    cuts: int
    objective: float | None
    bound: float | None
    seconds: float


class Rounds:
    """The state of one solve in rounds."""

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
        """Solve to the gap asked for; Ctrl-C keeps the best so far."""
        try:
            status = self.converge()
            if status == "optimal" and self.master.has_integers:
                status = self.search()
        except KeyboardInterrupt:
            status, self._interrupted = "time_limit", True
        return self._answer(status)

    def converge(self) -> str:
        """Cut the relaxation until its loads are fair or cuts no longer move it."""
        bounded = False
        while True:
            status = self.solve(relaxed=True)
            if status in UNBOUNDED:
                # Without integrality and with the cuts so far: what they leave unbounded the model itself may bound.
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
        """Solve with integrality until an answer is fair; return the status."""
        status = self.settle()
        return "optimal" if status == "infeasible" and self.best is not None else status

    def settle(self, ceiling: float | None = None) -> str:
        """Solve with integrality until an answer is fair or the gap is closed; return the status.

        What is solved may hold all solutions better than `ceiling` alone: its bounds go no further then.
        """
        while True:
            status = self.solve(relaxed=False)
            if status == "infeasible":
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
        """Do what may be done between two integer solves; here nothing."""

    def accept(self) -> bool:
        """Keep the integral solution found if it is allowed, or cut it off; return whether it was kept."""
        if self.cut_off(integral=True):
            return False
        self.keep()
        return True

    def bound_directions(self) -> str:
        """Cut off the unfair directions of an unbounded relaxation.

        Return ``bounded`` where no improving one is left, ``unbounded`` or ``infeasible`` where that is proven of the
        model itself, and ``unbounded_relaxation`` where nothing is.
        """
        improves = cut_directions(self.master, self.separator, self.left())
        self.tell("directions")
        if improves is None:
            return "time_limit" if self.left() <= 0.0 else "unbounded_relaxation"
        return self._beyond_bounds() if improves else "bounded"

    def _beyond_bounds(self) -> str:
        """Name a model with a fair improving direction: it is unbounded if it has any fair solution.

        That holds for integers, too: data are rational numbers, so some multiple of a vertex among the directions is
        integral. Only of lazy rows nothing is known along a direction.
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
        """Solve once, with what is left of the time."""
        self.paused = False
        left = self.left()
        if left <= 0.0:
            return "time_limit"
        self.rounds += 1
        limit = left if relaxed else min(self.slice(), left)
        began = time.perf_counter()
        status = self.master.solve(relaxed=relaxed, gap=self.gap, time_limit=limit)
        # Other limits of the solver end a solve, too, but before its time.
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
        """Return the seconds after which the next integer solve is paused, for :meth:`look`; here never."""
        return np.inf

    def cut_off(self, *, integral: bool) -> bool:
        """Add rows against the solution found; return whether the model has changed."""
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
        # The cuts are there already, and the solver's tolerance lets the point through.
        return own or (integral and self.master.rule_out())

    def _stalls(self) -> bool:
        """Tell whether the relaxation has all but stopped moving: further rows are better left to the tree.

        (Where nothing is integral there is none, and they are made to the end.)
        """
        if not self.master.has_integers or len(self._trail) <= PATIENCE:
            return False
        moved = abs(self._trail[-1] - self._trail[-1 - PATIENCE])
        return moved <= LEAST_MOVE * max(abs(self._trail[-1]), 1e-9)

    def keep(self) -> None:
        """Keep the solution found if it is the best so far."""
        objective = self.master.objective()
        if self.best is None or self._sign * objective < self._sign * self.best[0]:
            self.best = objective, self.master.loads(), self.master.values()

    def keep_if_allowed(self) -> None:
        """Keep what an interrupted solve found, if it has found something and that is fair."""
        found = np.isfinite(self.master.objective()) and not self.master.separate(integral=True)
        if found and self.separator.satisfied(self.master.loads()):
            self.keep()

    def try_found(self) -> None:
        """Keep the best fair one of the integral solutions that the last solve met on its way."""
        for values in self.master.found():
            self.offer(values)

    def offer(self, values: Array) -> bool:
        """Keep a solution if it is allowed and the best so far; return whether lazy rows stand in its way."""
        with self.master.showing(values):
            better = self.best is None or self._sign * self.master.objective() < self._sign * self.best[0]
            if not better or not self.separator.satisfied(self.master.loads()):
                return False
            if self.master.separate(integral=True):
                return True
            self.keep()
            return False

    def _raise_to(self, bound: float | None, ceiling: float | None) -> None:
        """Note a proven bound of what holds all solutions better than `ceiling` (None: all); None for none at all."""
        ends = [self._sign * end for end in (bound, ceiling) if end is not None]
        if ends and np.isfinite(min(ends)):
            self.raise_bound(self._sign * min(ends))

    def raise_bound(self, bound: float) -> None:
        """Note a proven bound."""
        if self.bound is None or self._sign * bound > self._sign * self.bound:
            self.bound = bound

    @property
    def closed(self) -> bool:
        """Whether the best solution is within the gap of the bound."""
        if self.best is None or self.bound is None:
            return False
        return self._sign * (self.best[0] - self.bound) <= self.gap * abs(self.best[0])

    def tell(self, phase: str) -> None:
        """Report where the solve stands."""
        if self._progress is not None:
            best = None if self.best is None else self.best[0]
            seconds = time.perf_counter() - self._start
            self._progress(Progress(phase, self.rounds, self.separator.made, best, self.bound, seconds))

    def _answer(self, status: str) -> FairSolution:
        told: dict[str, Any] = {
            "cuts": self.separator.made,
            "rounds": self.rounds,
            "seconds": time.perf_counter() - self._start,
            "interrupted": self._interrupted,
        }
        if self.best is None:
            return FairSolution(status, None, None if status == "infeasible" else self.bound, None, **told)
        objective, loads, values = self.best
        # A bound within rounding of the objective may end up on its other side.
        bound = None if self.bound is None else self._sign * min(self._sign * self.bound, self._sign * objective)
        status = "optimal" if status == "infeasible" else status
        return FairSolution(status, objective, bound, loads, values, self.separator.rules(loads), **told)
