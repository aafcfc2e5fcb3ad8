"""What the solvers know of fairness: a convex cone of loads, told through a measure, a bound and cuts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from evenhand.fairness.rows import Rows
    from evenhand.fairness.words import Words

RELATIVE_TOLERANCE = 1e-9
"""A vector is accepted when ``value <= bound * mean * (1 + RELATIVE_TOLERANCE)``, or when its entries
(over their entitlements) are equal to within ``RELATIVE_TOLERANCE`` times their mean. Where the parameter asks for
equality (epsilon 1, a CV of 0, ...), only the latter counts, in the same way for every member."""


@runtime_checkable
class Fairness(Protocol):
    r"""A bound on a convex, positively homogeneous measure of dispersion.

    A member describes the cone

    .. math:: \{x \in R^n_+ : \Phi(x) \le \beta\, \bar x\}, \qquad \bar x = \frac1n \sum_i x_i,

    where :math:`\Phi` is the measure (:meth:`value`) and :math:`\beta` its :meth:`bound`. Because
    :math:`\Phi` is convex and homogeneous, :math:`\Phi(x) \ge g \cdot x` for every subgradient :math:`g`
    taken anywhere, so that :math:`(\beta/n\, 1 - g) \cdot x \ge 0` holds for every fair :math:`x`: a cut.

    Agents with unequal entitlements :math:`e_i > 0` (half-time staff, bigger trucks) are compared by
    :math:`x_i / e_i`.
    """

    @property
    def name(self) -> str:
        """Name of the member, as in files: ``epsilon``, ``cv``, ``jain``, ..."""

    @property
    def parameter(self) -> float:
        """The bound as its user states it: epsilon, a CV, an index."""

    @property
    def words(self) -> Words:
        """How the member is asked for and spoken of."""

    def in_words(self, parameter: str | None = None) -> str:
        """Return what is asked, in a few words; of another `parameter`, where there is one."""

    @property
    def entitlements(self) -> tuple[float, ...] | None:
        """Share each agent is entitled to, length n, any positive unit; None if all are equal."""

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
        """Return the point between unfair `loads` and the fair ray at which the cone begins.

        A cut made there supports the cone. Where equality is asked for, cuts support it at the loads
        themselves, which are returned.
        """

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return points, shape (k, n), whose cuts together separate unfair `loads`; the first alone does."""

    def with_parameter(self, parameter: float) -> Fairness:
        """Return the same member with another parameter."""

    def parameter_range(self, n: int) -> tuple[float, float]:
        """Return the parameter that asks nothing of `n` agents, and the one that asks for equality."""

    def exact_cut(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return rational numbers proven not below the coefficients of the cut at `point`.

        They exceed those coefficients by about 1e-40 of their size at most.
        """

    def exact_contains(self, loads: Sequence[Fraction], tolerance: Fraction) -> bool | None:
        """Decide membership within a relative `tolerance` by proof; None if the margin is too small."""

    def power_form(self, n: int) -> tuple[float, float] | None:
        r"""Return (p, limit) where x is fair just if the power mean of finite order p is at most limit times the mean.

        Means are those of the relative loads, weighed by the shares. None if no finite order says it. Loops
        that try millions of small changes ask this in place of :meth:`contains`.
        """

    def rows(self, n: int) -> Rows | None:
        """Return linear rows that say the same of `n` loads; None if there are none, or too many."""

    def guaranteed_cv(self, n: int) -> float | None:
        """Return what the member guarantees about the CV of `n` loads; None if unknown."""

    def among(self, selected: int, candidates: int) -> Fairness:
        """Return the member that asks of all `candidates` what this one asks of those selected, who alone carry any."""

    def to_dict(self) -> dict[str, Any]:
        """Return name, parameter and what else identifies the member, as JSON values."""
