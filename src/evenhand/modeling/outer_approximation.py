"""Outer approximation of a cone of fair loads by linear cuts, whatever solver the cuts go to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evenhand.errors import InputError
from evenhand.modeling.cut_families import FAMILIES, CutFamily, Disaggregated, Supporting
from evenhand.modeling.forms import asks_all_or_nothing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]

TOLERANCE = 1e-9
"""Loads are fair enough where their measure exceeds its bound by at most this part of it."""

COARSE = 1e-6
"""What is let pass at fractional points, where more cuts would be of no use: only integral ones are judged."""

HIDDEN = 2e-9
"""Violation of a row, per its largest coefficient, that solvers do not see: a little more than 1e-9."""

PARALLEL = 0.9999
"""Of two new cuts whose normals have a larger cosine, only the deeper is kept."""

SMALLEST_MEAN = 1e-6
"""Cuts are scaled to loads with a mean below 1, down to this: solvers keep rows to an absolute tolerance."""


@dataclass(slots=True)
class Separator:
    """The cuts of one cone: what to begin with, and what cuts off given loads.

    Rows are ``row @ (loads, auxiliaries) >= 0``.

    Parameters
    ----------
    fairness
        A member of :mod:`evenhand.fairness`, or anything that meets its protocol.
    n
        Number of loads.
    family
        ``supporting`` (default), ``gradient`` or ``disaggregated``; see :mod:`evenhand.modeling.cut_families`.
    tolerance
        Relative excess of the measure over its bound that is let pass.

    Raises
    ------
    InputError
        Where the family is unknown or does not serve the member.
    """

    fairness: Fairness
    n: int
    family: str = "supporting"
    tolerance: float = TOLERANCE
    made: int = field(default=0, init=False)
    _cuts: CutFamily = field(init=False, repr=False)
    _seen: set[bytes] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise InputError(f"cuts is {self.family!r}; known are {', '.join(FAMILIES)}")
        family = FAMILIES[self.family]
        if family is Disaggregated and asks_all_or_nothing(self.fairness, self.n):
            family = Supporting  # no loads are cut off, or rows say it all: there is nothing to split
        self._cuts = family(self.fairness, self.n)

    @property
    def auxiliaries(self) -> int:
        """Number of auxiliary variables k >= 0 that the rows need."""
        return self._cuts.auxiliaries

    def equalities(self) -> Array:
        """Return rows that must equal 0, shape (e, n + auxiliaries)."""
        return self._cuts.equalities()

    def initial(self) -> Array:
        """Return rows to begin with, shape (r, n + auxiliaries)."""
        return self._fresh(_normalised(self._cuts.initial()))

    def forget(self) -> None:
        """Let rows be made again that were made before: a model may have lost them since."""
        self._seen.clear()

    def satisfied(self, loads: Array, tolerance: float = 0.0) -> bool:
        """Tell whether `loads` (n,) are fair to within the larger tolerance; negative ones count as 0."""
        return bool(self.fairness.contains(np.maximum(loads, 0.0), max(tolerance, self.tolerance)))

    def hidden(self, loads: Array) -> bool:
        """Tell whether `loads` (n,) are so near the cone that no row shows a solver that they are not within it."""
        x = np.maximum(loads, 0.0)
        if self.satisfied(x):
            return True
        return bool((_normalised(Supporting(self.fairness, self.n).cuts(x)) @ x >= -HIDDEN).all())

    def cuts(self, loads: Array, auxiliaries: Array | None = None, *, again: bool = False) -> Array:
        """Return rows that cut off `loads` (n,), deepest first, shape (r, n + auxiliaries); none if they are fair.

        Rows made before (but where `again`: a tree forgets rows, and asks again), rows that the point meets, and rows
        nearly parallel to a deeper one are left out. Where another family has none left, a supporting cut is tried.
        Where that was made before, too, the solver's tolerance stands between the point and the cone.
        """
        x = np.maximum(loads, 0.0)
        width = self.n + self.auxiliaries
        if self.satisfied(x):
            return np.empty((0, width))
        rows = _normalised(self._cuts.cuts(x))
        # Without values of its own for them, the parts are asked at the loads' best ones: all tangents are kept.
        point = x if auxiliaries is None or not self.auxiliaries else np.concatenate([x, auxiliaries])
        if len(point) == width:
            depth = rows @ point / float(x.max())
            rows = _spread_out(rows[np.argsort(depth, kind="stable")][: np.count_nonzero(depth < 0.0)])
        scale = 1.0 / np.clip(x.mean(), SMALLEST_MEAN, 1.0)
        fresh = self._fresh(rows * scale, again=again)
        if len(fresh) or self.family == "supporting":
            return fresh
        supporting = _normalised(Supporting(self.fairness, self.n).cuts(x))
        padded = np.hstack([supporting, np.zeros((len(supporting), self.auxiliaries))]) * scale
        return self._fresh(padded, again=again)

    def _fresh(self, rows: Array, *, again: bool = False) -> Array:
        """Return the rows that were not made before; all of them where `again`."""
        if again:
            self.made += len(rows)
            return rows
        new = []
        for row in rows:
            key = np.round(row / np.abs(row).max(), 11).tobytes()
            if key not in self._seen:
                self._seen.add(key)
                new.append(row)
        self.made += len(new)
        return np.array(new).reshape(len(new), self.n + self.auxiliaries)


def _normalised(rows: Array) -> Array:
    """Return rows with a largest coefficient of 1."""
    normalised: Array = rows / np.abs(rows).max(axis=1, keepdims=True)
    return normalised


def _spread_out(rows: Array) -> Array:
    """Return the rows, in order, that are not nearly parallel to one before."""
    kept: list[Array] = []
    for row in rows / np.linalg.norm(rows, axis=1, keepdims=True):
        if all(float(row @ other) < PARALLEL for other in kept):
            kept.append(row)
    return np.array(kept).reshape(len(kept), rows.shape[1])


def left_of(time_limit: float | None, start: float) -> float | None:
    """Return what is left of a time limit since `start`, and a hundredth of a second at least; None for none."""
    return None if time_limit is None else max(time_limit - (time.perf_counter() - start), 0.01)


def check_limits(gap: float, time_limit: float | None) -> None:
    """Check a relative gap and a time limit.

    Raises
    ------
    InputError
        Naming the one that cannot be used.
    """
    if not 0.0 <= gap < np.inf:
        raise InputError(f"gap is {gap!r}; it must be a finite number of at least 0")
    if time_limit is not None and not time_limit > 0.0:
        raise InputError(f"time_limit is {time_limit!r}; it must be a positive number of seconds, or None")
