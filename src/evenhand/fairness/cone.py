r"""The base class of the members: a measure of dispersion and a bound define a cone of fair loads, levels and cuts.

Let :math:`s_i` be the share agent i is entitled to (1/n if all are equal) and :math:`u_i = x_i / (n s_i)` its *relative
load*, so that :math:`\sum_i s_i u_i` is the mean load and equally loaded agents have equal :math:`u_i`. A member is a
convex, homogeneous measure :math:`\Phi` of u and a bound :math:`\beta`. A new one is one file like `gini.py` and a line
in `registry.py`: its name, its option, its measure, its bound and, if it has them, its linear rows and its guarantee
about the CV.
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import array_api_compat.numpy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.errors import InputError
from evenhand.fairness.interval import Interval, enclosed, rounded_up
from evenhand.fairness.linear_rows import Rows
from evenhand.fairness.member_words import Words
from evenhand.fairness.power_mean import power_mean_slope
from evenhand.fairness.protocol import RELATIVE_TOLERANCE
from evenhand.fairness.shares import (
    Entitlements,
    GivenEntitlements,
    NamedEntitlements,
    checked_entitlements,
    exact_shares_of,
    shares_of,
)
from evenhand.number_checks import as_number

NUMPY = SimpleNamespace(**vars(array_api_compat.numpy))
"""NumPy's array-API namespace, with the reductions of ufuncs: the search calls them in loops, and their wrappers take
as long again."""
NUMPY.max, NUMPY.min, NUMPY.sum = np.maximum.reduce, np.minimum.reduce, np.add.reduce


if TYPE_CHECKING:
    # For type checkers only: whoever makes a member gives a list, an array or a mapping, and finds a tuple in it. To
    # Python, for whom there is no such name as InitVar here, `entitlements` is a field like any other.
    from dataclasses import InitVar  # noqa: TC004

    class _Entitled:
        @property
        def entitlements(self) -> Entitlements: ...

else:
    _Entitled = object


@dataclass(frozen=True, repr=False)
class Cone(ABC, _Entitled):
    """Base class of the members; :class:`evenhand.fairness.Fairness` documents the public methods.

    Attributes
    ----------
    entitlements
        Share each agent is entitled to, length n, in any positive unit, or a dictionary of shares by name if loads have
        names, too; None if all are equal.
    """

    entitlements: InitVar[GivenEntitlements] = field(default=None, kw_only=True)

    name: ClassVar[str]
    parameter_name: ClassVar[str]
    """The field that holds the parameter."""
    allowed: ClassVar[tuple[float, float]]
    """Limits of the parameter, both included; the upper one may be infinite."""
    equality: ClassVar[float]
    """The parameter that asks for equal relative loads, whatever their number; see :meth:`_equality`."""
    words: ClassVar[Words] = Words("X", "", "{name} {value}", "the measure “{name}” of the loads keeps to {value}")

    def __post_init__(self, *_: Any) -> None:
        object.__setattr__(self, "entitlements", checked_entitlements(self.entitlements))
        checked = checked_parameter(self.parameter_name, getattr(self, self.parameter_name), *self.allowed)
        object.__setattr__(self, self.parameter_name, checked)

    def __repr__(self) -> str:
        shown = [f"{self.parameter:.12g}", *self._repr_extras()]
        if self.entitlements is not None:
            shown.append(f"entitlements of {len(self.entitlements)} agents")
        return f"{type(self).__name__}({', '.join(shown)})"

    # ---- what a member defines --------------------------------------------------------------------

    @abstractmethod
    def measure(self, xp: Any, u: Any, shares: Any, mean: Any) -> Any:
        """Return the measure of relative loads `u` (..., n), whose mean is `mean` (...).

        One formula serves NumPy, JAX and PyTorch, whose array-API namespace is `xp`, and NumPy arrays of fractions, in
        which proofs compute. The largest entry of `u` is 1, so that no power overflows.
        """

    @abstractmethod
    def _slope(self, u: NDArray[np.float64], shares: NDArray[Any]) -> NDArray[Any]:
        """Return n times a subgradient with respect to the loads, at nonzero relative loads `u` (n,)."""

    @abstractmethod
    def _bound(self, parameter: Any, least: Any) -> Any:
        """Return the bound for `parameter` if the smallest share is `least`."""

    @abstractmethod
    def _parameter_at(self, ratio: Any, least: float) -> Any:
        """Return the parameter with the bound `ratio`, which may be an array of any library."""

    @abstractmethod
    def _vacuous_parameter(self, least: Any) -> Any:
        """Return the parameter that all loads meet if the smallest share is `least`, exactly if that is a fraction."""

    # What a member may define in addition.

    def _equality(self, n: int) -> float:
        """Return the parameter that only equal relative loads of `n` agents meet."""
        del n
        return self.equality

    def rows(self, n: int) -> Rows | None:
        """Return linear rows that exactly the fair loads of `n` agents meet; None if there are none, or too many."""
        del n
        return None

    def guaranteed_cv(self, n: int) -> float | None:
        """Return an upper bound on the CV of fair loads; see :func:`evenhand.fairness.bounds.guaranteed_cv`."""
        del n
        return None

    def among(self, selected: int, candidates: int) -> Self:
        """Return the member for all `candidates` that is equivalent to this one for the `selected` among them.

        Raises
        ------
        InputError
            If there is no such member of the same kind; see :mod:`evenhand.fairness.selection`.
        """
        del selected, candidates
        raise InputError(
            f"{self} among the selected is not one of its own kind; "
            "use (epsilon, p), CV, Jain, Gini, the largest over the mean or the top share"
        )

    def linear_bound(self, n: int) -> tuple[tuple[float, float], tuple[float, float]] | None:
        """Return (a, b), (c, d) such that loads meet a parameter q if ``(a + b q) measure <= (c + d q) mean``.

        None if the bound is no such function of the parameter.
        """
        del n
        return None

    @classmethod
    def from_option(cls, value: Any, entitlements: Any = None) -> Self:
        """Return the member for the `value` of an option or of a key in a file.

        Raises
        ------
        InputError
            If the value cannot be used.
        """
        return cls(**{cls.parameter_name: value}, entitlements=entitlements)

    def as_option(self, parameter: str) -> str:
        """Return the value of the option that asks for `parameter`; the inverse of :meth:`from_option`."""
        return parameter

    def _kept_deviation(self, u: NDArray[np.float64], shares: NDArray[np.float64], mean: float, limit: float) -> float:
        """Return the factor by which the deviation from the mean must shrink for the measure to be `limit`.

        The default serves deviation measures, which are proportional to it. Other measures override this.
        """
        return float(limit / self.measure(NUMPY, u, shares, mean))

    # What a verifier needs; the defaults serve every measure that is computed by rational arithmetic.

    def enclosed_bound(self, least: Fraction) -> Interval:
        r"""Return an interval that contains :math:`\beta` if the smallest share is `least`."""
        return enclosed(self._bound(Fraction(self.parameter), least))

    def enclosed_slope(self, u: NDArray[Any], shares: NDArray[Any], rounded: NDArray[np.float64]) -> list[Interval]:
        """Return intervals that contain n times a subgradient at the exact `u`, which in floats are `rounded`."""
        del u
        return [enclosed(slope) for slope in self._slope(rounded, shares)]

    def decide(self, u: NDArray[Any], shares: NDArray[Any], mean: Fraction, slack: Fraction) -> bool | None:
        """Return whether the measure of `u` is at most `slack` times its bound, None if intervals cannot decide it."""
        measure = self._enclosed_measure(u, shares, mean)
        limit = self.enclosed_bound(min(shares)) * (slack * mean)
        if measure.high <= limit.low:
            return True
        return False if measure.low > limit.high else None

    def _enclosed_measure(self, u: NDArray[Any], shares: NDArray[Any], mean: Fraction) -> Interval:
        return enclosed(self.measure(NUMPY, u, shares, mean))

    def _repr_extras(self) -> list[str]:
        return []

    # ---- what follows from it ---------------------------------------------------------------------

    @property
    def parameter(self) -> float:
        """The bound as the user states it: epsilon, a CV, an index."""
        return float(getattr(self, self.parameter_name))

    def asks_equality(self, n: int) -> bool:
        """Return whether only equal relative loads of `n` agents are fair."""
        return self.parameter == self._equality(n)

    def bound(self, n: int) -> float:
        r"""Return :math:`\beta` for `n` agents: the largest value that the measure over the mean may have."""
        return float(self._bound(self.parameter, self._least_share(n)))

    def parameter_range(self, n: int) -> tuple[float, float]:
        """Return the parameter that all loads of `n` agents meet, and the one that only equal loads meet."""
        return self._vacuous_parameter(self._least_share(n)), self._equality(n)

    def with_parameter(self, parameter: float) -> Self:
        """Return the same member with another parameter."""
        changes: dict[str, Any] = {self.parameter_name: parameter}
        return dataclasses.replace(self, **changes)

    def in_words(self, parameter: str | None = None) -> str:
        """Return the constraint in a few words; for another `parameter`, if that is given."""
        value = f"{self.parameter:.12g}" if parameter is None else parameter
        return self.words.brief.format(name=self.name, value=value, **vars(self))

    def to_dict(self) -> dict[str, Any]:
        """Return name, parameter and what else identifies the member, as JSON values."""
        entitlements: Any = None if self.entitlements is None else list(self.entitlements)
        if isinstance(self.entitlements, NamedEntitlements):
            entitlements = dict(zip(self.entitlements.names, self.entitlements, strict=True))
        return {"name": self.name, self.parameter_name: self.parameter, "entitlements": entitlements}

    def value(self, loads: ArrayLike) -> Any:
        r"""Return :math:`\Phi` of `loads`, shape (..., n), in the unit of the loads; shape (...)."""
        u, shares, top = self.relative(loads)
        return top * self.measure(NUMPY, u, shares, u @ shares)

    def subgradient(self, loads: ArrayLike) -> NDArray[np.float64]:
        r"""Return a subgradient of :math:`\Phi` at `loads`, shape (n,)."""
        u, shares, _ = self.relative(loads)
        slope: NDArray[np.float64] = self._slope(_nonzero(u), shares) / u.shape[-1]
        return slope

    def contains(self, loads: ArrayLike, tolerance: float = RELATIVE_TOLERANCE) -> Any:
        """Return whether `loads`, shape (..., n), are fair enough; booleans of shape (...).

        Loads are fair if the measure is at most (1 + `tolerance`) times its bound, or if the relative loads differ by
        at most `tolerance` times their mean. If the parameter asks for equality, only the latter counts.
        """
        u, shares, _ = self.relative(loads)
        mean = u @ shares
        n = u.shape[-1]
        if self.asks_equality(n):
            return _spread(u) <= tolerance * mean
        bound = self.bound(n)
        fair = self.measure(NUMPY, u, shares, mean) <= (bound * (1.0 + tolerance)) * mean
        # A bound above the tolerance accepts nearly equal loads by itself.
        return fair | (_spread(u) <= tolerance * mean) if bound < tolerance else fair

    def level(self, loads: ArrayLike) -> Any:
        """Return the strictest parameter that `loads`, shape (..., n), still meet; shape (...).

        It is the parameter of equality if and only if `loads`, zero loads included, are accepted as equal.
        """
        u, shares, _ = self.relative(loads)
        mean = u @ shares
        positive = np.where(mean > 0.0, mean, 1.0)
        vacuous, equality = self.parameter_range(u.shape[-1])
        almost = math.nextafter(equality, vacuous)
        low, high = min(vacuous, almost), max(vacuous, almost)
        ratio = np.where(mean > 0.0, self.measure(NUMPY, u, shares, mean) / positive, 1.0)
        reached = np.clip(self._parameter_at(ratio, self._least_share(u.shape[-1])), low, high)
        return np.where(_spread(u) <= RELATIVE_TOLERANCE * mean, equality, reached)[()]

    def cut(self, point: ArrayLike) -> NDArray[np.float64]:
        r"""Return a, shape (n,): ``a @ x >= 0`` for every fair x, below 0 at `point` (n,) if it is unfair.

        It is :math:`a = \beta/n - g` for a subgradient g at `point`, which may be any vector of non-negative loads. It
        is valid because a convex, homogeneous measure has :math:`\Phi(x) \ge g \cdot x` for all x. If the parameter
        asks for equality, it is the cut which says that the largest relative load must not exceed the mean.
        """
        u, shares, _ = self.relative(point)
        n = u.shape[-1]
        if self.asks_equality(n):
            bound, slope = 1.0, power_mean_slope(u, shares, math.inf)
        else:
            bound, slope = self.bound(n), self._slope(_nonzero(u), shares)
        cut: NDArray[np.float64] = (bound - slope) / n
        return cut

    def supporting_point(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return the point where the line from unfair `loads` (n,) to equal loads of the same sum enters the cone.

        The cut at that point supports the cone. Fair loads are returned unchanged. If the parameter asks for equality,
        all loads are, because then the cut at the loads themselves supports the cone.
        """
        x = np.array(loads, dtype=np.float64)
        u, shares, _ = self.relative(x)
        n = x.shape[-1]
        mean: Any = u @ shares
        limit = self.bound(n) * mean
        if limit < RELATIVE_TOLERANCE * mean or self.asks_equality(n):
            return x
        if self.measure(NUMPY, u, shares, mean) <= limit:
            return x
        kept = min(self._kept_deviation(u, shares, mean, limit), 1.0)
        top = float(x.max())
        fair = shares * float((x / top).sum())
        return top * np.maximum(fair + kept * (x / top - fair), 0.0)

    def cut_points(self, loads: ArrayLike) -> NDArray[np.float64]:
        """Return points, shape (k, n), for cuts that separate unfair `loads` (n,); the cut at the first does so alone.

        A cut of a deviation measure supports the cone at whatever point it is made, so the default is `loads` itself.
        """
        if self.asks_equality(np.shape(loads)[-1]):
            return self._unit_points(loads, 1.0)
        return np.array(loads, dtype=np.float64)[np.newaxis]

    def power_form(self, n: int) -> tuple[float, float] | None:
        """Return the order and the limit of an equivalent bound on a power mean, or None; see the protocol."""
        del n
        return None

    def exact_cut(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return fractions that are proven upper bounds on the coefficients of the cut at `point`, within about 1e-40.

        Every float (a parameter, an entitlement, a load, a point) stands for its exact binary value. Rational values
        are computed as fractions, irrational ones as intervals; see `interval.py`. Because loads are not negative, a
        cut with larger coefficients is valid, too. If a measure has several subgradients at the point, this takes the
        one that :meth:`cut` takes in floats: the cut is valid for any of them, and here its coefficients are exact.
        """
        n = len(point)
        shares = _objects(exact_shares_of(n, self.entitlements))
        u = _exact_relative(point, shares)
        # The scaled floats of `cut`, so that both break ties alike.
        rounded = self.relative(np.array([float(load) for load in point]))[0]
        rounded, u = (rounded, u) if rounded.any() else (np.ones(n), _objects([Fraction(1)] * n))
        if self.asks_equality(n):
            bound, slopes = enclosed(1), [enclosed(slope) for slope in power_mean_slope(rounded, shares, math.inf)]
        else:
            bound, slopes = self.enclosed_bound(min(shares)), self.enclosed_slope(u, shares, rounded)
        return tuple(rounded_up((bound - slope) * Fraction(1, n)) for slope in slopes)

    def exact_contains(self, loads: Sequence[Fraction], tolerance: Fraction) -> bool | None:
        """Decide :meth:`contains` by exact arithmetic; None if the margin is too small for the intervals."""
        shares = _objects(exact_shares_of(len(loads), self.entitlements))
        u = _exact_relative(loads, shares)
        mean = Fraction(u @ shares)
        if max(u) - min(u) <= tolerance * mean:
            return True
        if self.asks_equality(len(loads)):
            return False
        return self.decide(u, shares, mean, 1 + Fraction(tolerance))

    def index(self, xp: Any, u: Any, shares: Any) -> Any:
        """Return how fair relative loads `u` (..., n) are, from 0 (the least fair) to 1 (equal), for any library.

        The index is affine in the level, so that a bound on the expected index is a bound on the expected CV, Gini
        index, ... It is not clipped to its range, because that would remove its gradient.
        """
        vacuous, equality = self.parameter_range(u.shape[-1])
        mean = u @ shares
        level = self._parameter_at(self.measure(xp, u, shares, mean) / mean, self._least_share(u.shape[-1]))
        return (vacuous - level) / (vacuous - equality)

    def index_at(self, parameter: Any, n: int) -> Any:
        """Return the index of loads of `n` agents with the level `parameter`, which may be an array."""
        vacuous, equality = self.parameter_range(n)
        return (vacuous - parameter) / (vacuous - equality)

    # ---- help -------------------------------------------------------------------------------------

    def _unit_points(self, loads: ArrayLike, bound: float) -> NDArray[np.float64]:
        """Return a unit vector for each agent with a relative load above `bound` times the mean, largest load first."""
        u, shares, _ = self.relative(loads)
        excess = u - bound * (u @ shares)
        order = np.argsort(-excess, kind="stable")
        violated = order[: max(1, int(np.count_nonzero(excess > 0.0)))]
        return np.eye(u.shape[-1])[violated]

    def relative(self, loads: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64], Any]:
        """Return the relative loads with a largest entry of 1, the shares, and the scale, shape (...)."""
        x = np.asarray(loads, dtype=np.float64)
        if x.ndim == 0:
            raise InputError(f"loads are the single number {x}; a vector with one load per agent is needed")
        shares = shares_of(x.shape[-1], self.entitlements)
        top = np.maximum.reduce(x, axis=-1, keepdims=True)
        u = x / np.where(top > 0.0, top, 1.0)
        if self.entitlements is None:
            return u, shares, top[..., 0]
        # Scaled before the division and again after it: a small share may make a load overflow.
        u = u / (x.shape[-1] * shares)
        largest = np.maximum.reduce(u, axis=-1, keepdims=True)
        with np.errstate(over="ignore"):  # the scale of loads near the largest float; u does not need it
            scale = (top * largest)[..., 0]
        return u / np.where(largest > 0.0, largest, 1.0), shares, scale

    def _least_share(self, n: int) -> float:
        shares = shares_of(n, self.entitlements)
        return 1.0 / n if self.entitlements is None else float(shares.min())


@dataclass(frozen=True, repr=False)
class MeasureAtMost(Cone):
    """Base of the members whose parameter is the bound itself: the measure is at most the parameter times the mean."""

    def _bound(self, parameter: Any, least: Any) -> Any:
        return min(parameter, self._vacuous_parameter(least))

    def _parameter_at(self, ratio: Any, least: float) -> Any:
        return ratio

    def linear_bound(self, n: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the factors of measure <= q * mean; see the base class."""
        return (1.0, 0.0), (0.0, 1.0)


def _spread(u: NDArray[Any]) -> Any:
    return np.maximum.reduce(u, axis=-1) - np.minimum.reduce(u, axis=-1)


def _exact_relative(loads: Sequence[Fraction], shares: NDArray[Any]) -> NDArray[Any]:
    """Return exact relative loads scaled to a largest entry of 1 (or all zero), shape (n,)."""
    u: NDArray[Any] = _objects([Fraction(load) for load in loads]) / shares
    top = max(u)
    return u / top if top > 0 else u


def _objects(numbers: Sequence[Fraction]) -> NDArray[Any]:
    array = np.empty(len(numbers), dtype=object)
    array[:] = numbers
    return array


def _nonzero(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `u`, or equal loads if all are zero: a subgradient at equal loads is one at zero, too."""
    return u if u.any() else np.ones_like(u)


def checked_parameter(name: str, value: Any, low: float, high: float = math.inf) -> float:
    """Return a parameter as a float.

    Raises
    ------
    InputError
        If it is not a finite number in [low, high].
    """
    number = as_number(value)
    if not (math.isfinite(number) and low <= number <= high):
        allowed = f"in [{low:g}, {high:g}]" if math.isfinite(high) else f"at least {low:g}"
        raise InputError(f"{name} is {value!r}; it must be a finite number {allowed}")
    return number
