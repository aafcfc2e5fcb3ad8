"""Outer approximation of a fairness cone by linear cuts: the separation that all solvers share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError, choices
from evenhand.fairness import Fairness
from evenhand.modeling.cut_families import FAMILIES, CutFamily, Disaggregated, Supporting
from evenhand.modeling.forms import asks_all_or_nothing
from evenhand.number_checks import check_gap, check_time_limit

TOLERANCE = 1e-9
"""Relative excess of the measure over its bound up to which loads count as fair."""

COARSE = 1e-6
"""The same at fractional points, where more precise cuts would be of no use: only integral points are judged."""

HIDDEN = 2e-9
"""Largest violation of a row with largest coefficient 1 that a solver may overlook: slightly more than its
tolerance."""

PARALLEL = 0.9999
"""Cosine of the angle between two new cuts above which only the deeper one is kept."""

SMALLEST_MEAN = 1e-6
"""Smallest mean load for which cuts are scaled up. Solvers enforce rows to an absolute tolerance, so that cuts on small
loads need larger coefficients."""


@dataclass(slots=True)
class Separator:
    """Separation for one fairness cone: its first rows, and cuts that separate given loads from it.

    Rows mean ``row @ (loads, auxiliaries) >= 0``.

    Parameters
    ----------
    fairness
        A member of :mod:`evenhand.fairness`, or any object that follows its protocol.
    n
        Number of loads.
    family
        ``supporting`` (default), ``gradient`` or ``disaggregated``; see :mod:`evenhand.modeling.cut_families`.
    tolerance
        Relative excess of the measure over its bound that is tolerated.

    Raises
    ------
    InputError
        If the family is unknown or has no cuts for the member.
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
            raise InputError(f"cuts is {self.family!r}; {choices(self.family, FAMILIES, quoted=False)}")
        family = FAMILIES[self.family]
        if family is Disaggregated and asks_all_or_nothing(self.fairness, self.n):
            family = Supporting  # every load is fair, or the rows are exact: there are no power cones
        self._cuts = family(self.fairness, self.n)

    @property
    def auxiliaries(self) -> int:
        """Number of auxiliary variables k >= 0 that the rows need."""
        return self._cuts.auxiliaries

    def equalities(self) -> Array:
        """Return rows that must equal 0, shape (e, n + auxiliaries)."""
        return self._cuts.equalities()

    def initial(self) -> Array:
        """Return the first rows, shape (r, n + auxiliaries)."""
        return self._fresh(_normalised(self._cuts.initial()))

    def forget(self) -> None:
        """Allow rows to be returned again that were returned before, because a model may have lost them since."""
        self._seen.clear()

    def satisfied(self, loads: Array, tolerance: float = 0.0) -> bool:
        """Return whether `loads`, shape (n,), are fair within the larger tolerance; negative loads count as 0."""
        return bool(self.fairness.contains(np.maximum(loads, 0.0), max(tolerance, self.tolerance)))

    def hidden(self, loads: Array) -> bool:
        """Return whether `loads`, shape (n,), are so close to the cone that a solver overlooks every violated row."""
        x = np.maximum(loads, 0.0)
        if self.satisfied(x):
            return True
        return bool((_normalised(Supporting(self.fairness, self.n).cuts(x)) @ x >= -HIDDEN).all())

    def cuts(self, loads: Array, auxiliaries: Array | None = None, *, again: bool = False) -> Array:
        """Return cuts that separate `loads`, shape (n,), deepest first, shape (r, n + auxiliaries); none if fair.

        Left out are rows that the point does not violate, rows nearly parallel to a deeper one, and rows that were
        returned before. With `again`, the latter are returned too, for trees, which discard rows. If another family has
        no new row, a supporting cut is tried. If that was returned before as well, only the solver's tolerance keeps
        the point outside the cone, and there is no row.
        """
        x = np.maximum(loads, 0.0)
        width = self.n + self.auxiliaries
        if self.satisfied(x):
            return np.empty((0, width))
        rows = _normalised(self._cuts.cuts(x))
        # If the caller has no values of the auxiliary variables, depths are unknown, and all tangents are kept.
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
        """Return the rows that were not returned before, with `again` all of them; count them as made."""
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
    """Return the rows scaled to a largest coefficient of 1."""
    normalised: Array = rows / np.abs(rows).max(axis=1, keepdims=True)
    return normalised


def _spread_out(rows: Array) -> Array:
    """Return the rows, in order, without those nearly parallel to an earlier one; norms are 1."""
    kept: list[Array] = []
    for row in rows / np.linalg.norm(rows, axis=1, keepdims=True):
        if all(float(row @ other) < PARALLEL for other in kept):
            kept.append(row)
    return np.array(kept).reshape(len(kept), rows.shape[1])


def left_of(time_limit: float | None, start: float) -> float | None:
    """Return the seconds left of a time limit since `start`, at least 0.01; None if there is no limit."""
    return None if time_limit is None else max(time_limit - (time.perf_counter() - start), 0.01)


def check_limits(gap: float, time_limit: float | None) -> None:
    """Check a relative gap and a time limit.

    Raises
    ------
    InputError
        If one cannot be used; the message names it.
    """
    check_gap(gap)
    check_time_limit(time_limit)
