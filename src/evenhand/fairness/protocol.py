"""The interface between solvers and fairness: a convex cone of loads, given by a measure, a bound and cuts."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.fairness.linear_rows import Rows
from evenhand.fairness.member_words import Words

RELATIVE_TOLERANCE = 1e-9
"""Loads are fair if ``value <= bound * mean * (1 + RELATIVE_TOLERANCE)``, or if the relative loads differ by at most
``RELATIVE_TOLERANCE`` times their mean. If the parameter asks for equality (epsilon 1, a CV of 0, ...), only the latter
counts, in the same way for every member."""


@runtime_checkable
class Fairness(Protocol):
    r"""A bound on a convex, positively homogeneous measure of dispersion.

    A member describes the cone

    .. math:: \{x \in R^n_+ : \Phi(x) \le \beta\, \bar x\}, \qquad \bar x = \frac1n \sum_i x_i,

    where :math:`\Phi` is the measure (:meth:`value`) and :math:`\beta` its :meth:`bound`. Because :math:`\Phi` is
    convex and homogeneous, :math:`\Phi(x) \ge g \cdot x` for a subgradient :math:`g` at any point. So
    :math:`(\beta/n\, 1 - g) \cdot x \ge 0` holds for every fair :math:`x`: it is a cut.

    Agents with unequal entitlements :math:`e_i > 0` (half-time staff, larger trucks) are compared by
    :math:`x_i / e_i`.
    """

    @property
    def name(self) -> str:
        """Name of the member, as in files: ``epsilon``, ``cv``, ``jain``, ..."""

    @property
    def parameter(self) -> float:
        """The bound as the user states it: epsilon, a CV, an index."""

    @property
    def words(self) -> Words:
        """The words for the member in options, help and reports."""

    def in_words(self, parameter: str | None = None) -> str:
        """Return the constraint in a few words; for another `parameter`, if that is given."""

    @property
    def entitlements(self) -> tuple[float, ...] | None:
        """Share each agent is entitled to, length n, in any positive unit; None if all are equal."""

    def bound(self, n: int) -> float:
        r"""Return :math:`\beta` for `n` agents."""

    def value(self, loads: ArrayLike) -> Any:
        r"""Return :math:`\Phi` of `loads`, shape (..., n), in the unit of the loads; shape (...)."""

    def subgradient(self, loads: ArrayLike) -> NDArray[np.float64]:
        r"""Return a subgradient of :math:`\Phi` at `loads`, shape (n,)."""

    def contains(self, loads: ArrayLike, tolerance: float = RELATIVE_TOLERANCE) -> Any:
        """Return whether `loads`, shape (..., n), are fair enough; booleans of shape (...)."""

    def level(self, loads: ArrayLike) -> Any:
        """Return the strictest parameter that `loads`, shape (..., n), still meet; shape (...)."""

    def cut(self, point: ArrayLike) -> NDArray[np.float64]:
        """Return a, shape (n,): ``a @ x >= 0`` for every fair x, below 0 at `point` (n,) if it is unfair."""

    def supporting_point(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return the point where the line from unfair `loads` to equal loads of the same sum enters the cone.

        The cut at that point supports the cone. If the parameter asks for equality, the loads themselves are returned:
        the cut at them supports the cone already.
        """

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return points, shape (k, n), for cuts that separate unfair `loads`; the cut at the first does so alone."""

    def with_parameter(self, parameter: float) -> Fairness:
        """Return the same member with another parameter."""

    def parameter_range(self, n: int) -> tuple[float, float]:
        """Return the parameter that all loads of `n` agents meet, and the one that only equal loads meet."""

    def exact_cut(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return rational numbers that are proven upper bounds on the coefficients of the cut at `point`.

        They exceed those coefficients by at most about 1e-40 of their size.
        """

    def exact_contains(self, loads: Sequence[Fraction], tolerance: Fraction) -> bool | None:
        """Decide :meth:`contains` by exact arithmetic; None if the margin is too small to decide."""

    def power_form(self, n: int) -> tuple[float, float] | None:
        r"""Return (p, limit) if loads are fair exactly if their power mean of order p is at most limit times the mean.

        Means are those of the relative loads, weighted by the shares. None if no finite order is equivalent. Loops that
        try millions of small changes use this instead of :meth:`contains`, because they can update sums of powers.
        """

    def rows(self, n: int) -> Rows | None:
        """Return linear rows that exactly the fair loads of `n` agents meet; None if there are none, or too many."""

    def guaranteed_cv(self, n: int) -> float | None:
        """Return an upper bound on the CV of fair loads of `n` agents; None if none is known."""

    def among(self, selected: int, candidates: int) -> Fairness:
        """Return the member for all `candidates` that is equivalent to this one for the `selected` among them.

        The others have no load.
        """

    def to_dict(self) -> dict[str, Any]:
        """Return name, parameter and what else identifies the member, as JSON values."""
