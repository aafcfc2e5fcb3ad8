"""Statistics of runs and episodes: small pure functions on NumPy arrays.

Scores of several runs have the shape (R, K): R runs (seeds) of each of K tasks (scenarios, thresholds). The
definitions of the interquartile mean, the stratified bootstrap, the performance profiles and the probability of
improvement are those of rliable (Agarwal et al., Deep reinforcement learning at the edge of the statistical precipice,
NeurIPS 2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Statistic = Callable[[NDArray[np.float64]], Any]

CONFIDENCE = 0.95
RESAMPLES = 2000
EXACT = 16
"""Up to so many pairs a permutation test goes through all assignments of signs."""


@dataclass(frozen=True)
class Estimate:
    """A number and its interval; all NaN where nothing was measured, the interval alone where it was measured once.

    Attributes
    ----------
    value
        The estimate.
    low, high
        Limits of its confidence interval.
    """

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float | None]:
        """Return JSON values: ``mean``, ``low`` and ``high``, null for what was not measured."""
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

    A resample is drawn as the multiplicities of the distinct values, which is the same and quicker: indices and
    numbers of steps have few of them.

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
    return Estimate(mean, *_limits(drawn @ distinct / total, confidence))


def share_estimate(successes: ArrayLike, *, confidence: float = CONFIDENCE) -> Estimate:
    r"""Return the share of true among `successes`, shape (N,), with Wilson's score interval.

    With k of N true and :math:`z` the normal quantile, the limits are
    :math:`\bigl(k + z^2/2 \mp z \sqrt{k (N - k)/N + z^2/4}\bigr) / (N + z^2)`
    (Wilson, Probable inference, JASA 1927). They stay in [0, 1] and do not collapse at 0 and 1.

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


def interquartile_mean(scores: ArrayLike) -> float:
    """Return the mean of the middle half of all `scores`: a quarter of them, rounded down, is cut off at each end.

    Examples
    --------
    >>> interquartile_mean([0.0, 1.0, 2.0, 3.0, 100.0])
    2.0
    """
    ordered = np.sort(np.asarray(scores, dtype=np.float64), axis=None)
    cut = ordered.size // 4
    return float(ordered[cut : ordered.size - cut].mean())


def stratified_bootstrap(
    scores: ArrayLike,
    statistic: Statistic = interquartile_mean,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return a statistic of `scores` with its percentile bootstrap interval, runs being redrawn within each task.

    Parameters
    ----------
    scores
        Shape (R, K), or (R,) for one task.
    statistic
        A function of an array (R, K) to a number.
    confidence, resamples, seed
        Of the interval.
    """
    table = _table(scores)
    drawn = [statistic(_redrawn(table, rng)) for rng in _generators(seed, resamples)]
    return Estimate(float(statistic(table)), *_limits(np.array(drawn), confidence))


def probability_of_improvement(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Return the probability that a run of `ours` beats one of `theirs`, draws counting half, averaged over tasks.

    Parameters
    ----------
    ours, theirs
        Shapes (R, K) and (R', K): the same tasks in the same order.

    Examples
    --------
    >>> probability_of_improvement([1.0, 2.0], [1.0, 0.0])
    0.875
    """
    mine, yours = _table(ours), _table(theirs)
    above = (mine[:, None] > yours).mean(axis=(0, 1))
    equal = (mine[:, None] == yours).mean(axis=(0, 1))
    return float((above + equal / 2.0).mean())


def improvement_estimate(
    ours: ArrayLike,
    theirs: ArrayLike,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return :func:`probability_of_improvement` with a stratified bootstrap interval, both sides being redrawn."""
    mine, yours = _table(ours), _table(theirs)
    drawn = [
        probability_of_improvement(_redrawn(mine, rng), _redrawn(yours, rng)) for rng in _generators(seed, resamples)
    ]
    return Estimate(probability_of_improvement(mine, yours), *_limits(np.array(drawn), confidence))


def performance_profile(scores: ArrayLike, thresholds: ArrayLike) -> NDArray[np.float64]:
    """Return the share of all `scores`, shape (R, K), above each of the `thresholds`, shape (T,); shape (T,).

    Examples
    --------
    >>> performance_profile([[0.2, 0.9], [0.6, 0.8]], [0.5, 0.8]).tolist()
    [0.75, 0.25]
    """
    levels = np.asarray(thresholds, dtype=np.float64)
    return (_table(scores)[..., None] > levels).mean(axis=(0, 1), dtype=np.float64)


def paired_permutation_test(ours: ArrayLike, theirs: ArrayLike, *, resamples: int = 100_000, seed: int = 0) -> float:
    """Return the two-sided p-value of "the mean of the paired differences is 0", by exchanging within pairs.

    Up to 16 pairs all exchanges are counted; beyond, `resamples` random ones and the observed one, so that p is never
    0. With R pairs the smallest p is 2 / 2^R: five seeds cannot give less than 0.0625.

    Parameters
    ----------
    ours, theirs
        Shape (R,), in the same order (the same seed, the same task).

    Examples
    --------
    >>> paired_permutation_test([1.0, 2.0, 3.0], [0.0, 0.0, 0.0])
    0.25
    """
    differences = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    pairs = differences.size
    if pairs <= EXACT:
        signs = 1.0 - 2.0 * (np.arange(2**pairs)[:, None] >> np.arange(pairs) & 1)
        return float(_as_far(signs @ differences, differences).mean())
    rng = np.random.default_rng(seed)
    draws = (differences @ (1.0 - 2.0 * rng.integers(0, 2, pairs)) for _ in range(resamples))
    extreme = _as_far(np.fromiter(draws, np.float64, resamples), differences).sum()
    return float((extreme + 1) / (resamples + 1))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p-values adjusted for making all these tests, shape (K,) (Holm, Scandinavian J. of Statistics 1979).

    The j-th smallest of K is multiplied by K - j + 1, and is no smaller than those before it, nor above 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    raw = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    stepped = np.maximum.accumulate(raw[order] * np.arange(raw.size, 0, -1))
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _or_null(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _limits(drawn: NDArray[np.float64], confidence: float) -> tuple[float, float]:
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return float(low), float(high)


def _table(scores: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(scores, dtype=np.float64)
    return table[:, None] if table.ndim == 1 else table


def _redrawn(table: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Redraw the runs of each task, independently of the other tasks."""
    rows = rng.integers(0, table.shape[0], size=table.shape)
    return np.take_along_axis(table, rows, axis=0)


def _generators(seed: int, number: int) -> Any:
    rng = np.random.default_rng(seed)
    return (rng for _ in range(number))


def _as_far(sums: NDArray[np.float64], differences: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which sums are as far from 0 as the observed one; equal sums in another order of addition count."""
    rounding = 1e-12 * np.abs(differences).sum()
    return np.abs(sums) >= abs(differences.sum()) - rounding
