"""Rounds within windows: integer solves in which reduced-cost fixing leaves only few variables free.

Let z be the bound of the relaxation after all rounds of cuts. A solution that moves an integer variable away from the
bound at which the relaxation has it costs at least z plus the reduced cost of that variable. So a solution that costs
at most z + window leaves every variable with a larger reduced cost where it is, and these may be fixed. What remains is
a small model that contains all solutions up to z + window. If its optimum lies within the window, it is the optimum of
the whole model; otherwise z + window is a lower bound, and the next window is wider. The last one contains every
variable.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.modeling.incumbents import Incumbents
from evenhand.modeling.rounds import Rounds
from evenhand.modeling.window_master import WindowMaster

FIRST = 2.0
"""Width of the first window, in multiples of the gap asked for."""

SMALLEST = 1e-4
"""Lower limit on the first window, relative to the relaxation's objective or to the largest reduced cost: a smaller one
would contain hardly any solutions."""

WIDER = 4.0
"""Growth factor of the window if it contains no solution."""

FEW = 0.7
"""Fraction of free integer variables at or above which a window is skipped, and the whole model is solved."""


LEAST = 0.05
"""Lower limit on the seconds of one integer solve."""


class WindowRounds(Rounds):
    """Rounds over wider and wider windows, with a search for incumbents in between."""

    master: WindowMaster

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._incumbents = Incumbents(self, self.master, self.left())

    def search(self) -> str:
        """Second phase: solve window after window until the gap is closed; return the status."""
        self._incumbents.begin(self.master.loads(), time.perf_counter() - self._start)
        base = self.master.objective()
        costs = self.master.reduced_costs()
        # A solution at least this good is within the relative gap of the relaxation, whatever the sign of either.
        self.master.aim(base + self._sign * abs(base) * self.gap / (1.0 + self.gap))
        # If the objective is near 0, its size is no scale for costs: the largest reduced cost is one.
        window = max(FIRST * self.gap * abs(base), SMALLEST * max(abs(base), float(costs.max(initial=0.0))))
        try:
            while np.count_nonzero(costs > window) > (1.0 - FEW) * len(costs):
                status = self._within(window, base, costs)
                if status == "time_limit" or self.closed:
                    return "optimal" if self.closed else status
                window = self._next(window, base)
        finally:
            self.master.release()
        self.master.aim(None)
        return super().search()

    def _within(self, window: float, base: float, costs: Array) -> str:
        """Solve with only those variables free that have a reduced cost within `window`, and raise the bound."""
        self.master.release()
        self.master.fix(costs > window)
        self._incumbents.widen()
        return self.settle(base + self._sign * window)

    def slice(self) -> float:
        """Return the seconds after which the next integer solve pauses, for the search for incumbents."""
        return max(self._incumbents.until_look(), LEAST)

    def look(self) -> None:
        """Look for fair solutions if that is due, and warm-start the search with the incumbent."""
        if self._incumbents.until_look() <= 0.0 < self.left() and not self.closed:
            self._incumbents.look(self.master.values() if np.isfinite(self.master.objective()) else None)
        if self.best is not None:
            self.master.start_from(self.best[2])

    def _next(self, window: float, base: float) -> float:
        """Return the next window: one that contains all solutions better than the incumbent, or just a wider one."""
        wider = WIDER * window
        if self.best is None:
            return wider
        distance = self._sign * (self.best[0] - base)
        return distance if distance > window else wider
