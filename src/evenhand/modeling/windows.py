"""Rounds that look first where the optimum must lie: within a window of reduced costs above the relaxation.

Once the relaxation is cut to convergence, moving an integer variable from the bound at which it stands costs at least
its reduced cost. A solution that costs at most ``window`` more than the relaxation moves no variable whose reduced cost
exceeds the window, so those may be fixed without losing it: a small model, whose optimum is the model's where it lies
within the window, and whose failure raises the bound by the window.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from evenhand.modeling.incumbents import Incumbents
from evenhand.modeling.master import Master
from evenhand.modeling.rounds import Rounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.modeling.incumbents import Probe

    Array = NDArray[np.float64]

FIRST = 2.0
"""The first window, in gaps asked for."""

SMALLEST = 1e-4
"""Least first window, relative to the relaxation or to the largest reduced cost: less holds next to nothing."""

WIDER = 4.0
"""How much wider the next window is where one holds no solution."""

FEW = 0.7
"""A window that leaves more than this part of the integer variables free is not worth a solve of its own."""


LEAST = 0.05
"""Seconds that an integer solve is given at least."""


class WindowMaster(Master, Protocol):
    """A model that knows reduced costs and can fix variables where they stand."""

    def reduced_costs(self) -> Array:
        """Return what leaving its bound costs each integer variable at least, shape (q,); 0 where it is between."""

    def fix(self, columns: NDArray[np.bool_]) -> None:
        """Fix these of the integer variables, shape (q,), at the bound where the relaxation has them."""

    def release(self) -> None:
        """Undo every :meth:`fix`."""

    def aim(self, objective: float | None) -> None:
        """Let solves end at the first solution as good as `objective`; None for no such target."""

    judges: bool
    """Whether integer solves take the rule into account, so that one fair solution leads to the next."""

    def start_from(self, values: Array) -> None:
        """Offer a solution to begin with."""

    def probe(self, probe: Probe) -> tuple[str, list[Array]]:
        """Return a status and the solutions found, each the values of all columns, the best last."""

    def integers(self, values: Array) -> Array:
        """Return the integer variables among values of all columns, shape (q,)."""

    def apart(self, agents: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the integer variables of which others' loads alone are made, shape (q,)."""


class WindowRounds(Rounds):
    """Rounds over ever wider windows, the last of which holds every variable."""

    master: WindowMaster

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._incumbents = Incumbents(self, self.master, self.left())

    def search(self) -> str:
        """Solve with integrality until the gap is closed; return the status."""
        self._incumbents.begin(self.master.loads(), time.perf_counter() - self._start)
        base = self.master.objective()
        costs = self.master.reduced_costs()
        # As good as this, a solution is within the gap of the relaxation in parts of itself, whatever their signs.
        self.master.aim(base + self._sign * abs(base) * self.gap / (1.0 + self.gap))
        # An objective near 0 says nothing of what a step costs.
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
        """Solve with only the variables within `window` free; raise the bound by what that proves."""
        self.master.release()
        self.master.fix(costs > window)
        self._incumbents.widen()
        return self.settle(base + self._sign * window)

    def slice(self) -> float:
        """Return the seconds after which the next integer solve is paused: until fair solutions are looked for."""
        return max(self._incumbents.until_look(), LEAST)

    def look(self) -> None:
        """Look for fair solutions where that is due, and let the search begin with the best."""
        if self._incumbents.until_look() <= 0.0 < self.left() and not self.closed:
            self._incumbents.look(self.master.values() if np.isfinite(self.master.objective()) else None)
        if self.best is not None:
            self.master.start_from(self.best[2])

    def _next(self, window: float, base: float) -> float:
        """Return the window that holds whatever improves on the best, or a wider one where there is none."""
        wider = WIDER * window
        if self.best is None:
            return wider
        distance = self._sign * (self.best[0] - base)
        return distance if distance > window else wider
