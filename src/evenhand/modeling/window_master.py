"""The interface of models in which windows fix variables, and of which modified copies are solved as probes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.modeling.forms import Polyhedron
from evenhand.modeling.master import Master


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A modified model to be solved instead of the original one: with inner rows, and other differences.

    Attributes
    ----------
    rows
        Inner rows over the loads and new auxiliary variables.
    fixed
        Which integer variables are fixed at their values in `start`, shape (q,), while all others are free; None to
        keep those fixed that the window fixes at present.
    start
        Values of all columns as a warm start; None for none.
    elastic
        Whether the loads may violate the rows, with the total violation as the only objective.
    gap, time_limit
        Relative gap, and seconds of the solve.
    """

    rows: Polyhedron
    fixed: NDArray[np.bool_] | None
    start: Array | None
    elastic: bool
    gap: float
    time_limit: float


class WindowMaster(Master, Protocol):
    """A model that has reduced costs, and can fix variables at their bounds."""

    def reduced_costs(self) -> Array:
        """Return the least cost of moving each integer variable off its bound, shape (q,); 0 for one between bounds."""

    def fix(self, columns: NDArray[np.bool_]) -> None:
        """Fix the chosen integer variables, shape (q,), at the bounds where the relaxation has them."""

    def release(self) -> None:
        """Undo every :meth:`fix`."""

    def aim(self, objective: float | None) -> None:
        """Let solves end at the first solution at least as good as `objective`; None for no such target."""

    judges: bool
    """Whether integer solves enforce fairness themselves, so that their own heuristics find fair solutions."""

    def start_from(self, values: Array) -> None:
        """Warm-start the next solves with a solution, the values of all columns."""

    def probe(self, probe: Probe) -> tuple[str, list[Array]]:
        """Solve a :class:`Probe`; return the status and the solutions found, the best last."""

    def integers(self, values: Array) -> Array:
        """Return the values of the integer variables, shape (q,), among those of all columns."""

    def apart(self, agents: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return the integer variables that affect the loads of agents other than these only, shape (q,)."""
