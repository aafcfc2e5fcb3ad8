"""Estimates with confidence intervals: means, and success rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95
"""Default confidence level of intervals."""

RESAMPLES = 2000
"""Default number of bootstrap resamples."""


@dataclass(frozen=True)
class Estimate:
    """A number and its confidence interval: all NaN without measurements, a NaN interval after a single one.

    Attributes
    ----------
    value
        The estimate.
    low, high
        Limits of the confidence interval.
    """

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float | None]:
        """Return JSON values: ``mean``, ``low`` and ``high``, null for NaN."""
        return {"mean": _or_null(self.value), "low": _or_null(self.low), "high": _or_null(self.high)}

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "not measured"
        if math.isnan(self.low):
            return f"{self.value:.3f} [measured once]"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def mean_estimate(
    values: ArrayLike, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return the mean of `values`, shape (N,), with its percentile bootstrap interval.

    A resample is drawn as the multiplicities of the distinct values, which is equivalent, and faster because indices
    and numbers of steps have few distinct values.

    Examples
    --------
    >>> print(mean_estimate([0.0, 1.0, 1.0, 1.0] * 25))
    0.750 [0.660, 0.840]
    """
    distinct, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    total = int(counts.sum())
    if total == 0:
        return Estimate(math.nan, math.nan, math.nan)
    mean = float(distinct @ counts) / total
    if total == 1:
        return Estimate(mean, math.nan, math.nan)
    drawn = np.random.default_rng(seed).multinomial(total, counts / total, size=resamples)
    return Estimate(mean, *percentile_limits(drawn @ distinct / total, confidence))


def share_estimate(successes: ArrayLike, *, confidence: float = CONFIDENCE) -> Estimate:
    r"""Return the fraction of true values among `successes`, shape (N,), with Wilson's score interval.

    With k of N true and :math:`z` the normal quantile, the limits are
    :math:`\bigl(k + z^2/2 \mp z \sqrt{k (N - k)/N + z^2/4}\bigr) / (N + z^2)`
    (Wilson, Probable inference, JASA 1927). They stay in [0, 1], and at fractions of 0 and 1 the interval has a
    positive width.

    Examples
    --------
    >>> print(share_estimate([True] * 10))
    1.000 [0.722, 1.000]
    """
    flags = np.asarray(successes, dtype=bool)
    total, true = flags.size, int(flags.sum())
    if total == 0:
        return Estimate(math.nan, math.nan, math.nan)
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    centre = true + z * z / 2.0
    half = z * math.sqrt(true * (total - true) / total + z * z / 4.0)
    low, high = (centre - half) / (total + z * z), (centre + half) / (total + z * z)
    return Estimate(true / total, low if true else 0.0, high if true < total else 1.0)


def percentile_limits(drawn: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    """Return the limits of a percentile bootstrap interval, given the statistic of each resample."""
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return float(low), float(high)


def _or_null(value: float) -> float | None:
    return value if math.isfinite(value) else None
