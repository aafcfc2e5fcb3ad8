"""Tests of whether two methods differ: a paired permutation test, and Holm's correction for several tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT = 16
"""Number of pairs up to which a permutation test enumerates all exchanges."""


def paired_permutation_test(ours: ArrayLike, theirs: ArrayLike, *, resamples: int = 100_000, seed: int = 0) -> float:
    """Return the two-sided p-value of the hypothesis that the mean of the paired differences is 0.

    Under it, both scores of a pair are exchangeable. For up to 16 pairs all exchanges are enumerated. For more, there
    are `resamples` random ones, and the observed one, so that p is never 0. With R pairs the smallest p is 2 / 2^R:
    five seeds cannot give less than 0.0625.

    Parameters
    ----------
    ours, theirs
        Scores, shape (R,), in the same order (the same seed, or the same task).
    resamples, seed
        Number of random exchanges, and their seed.

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
    """Return p-values adjusted for multiple tests, shape (K,).

    The j-th smallest of K p-values is multiplied by K - j + 1, then raised to at least the adjusted values before it,
    and limited to 1.

    References
    ----------
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.

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


def _as_far(sums: NDArray[np.float64], differences: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which sums are at least as far from 0 as the observed one, up to the rounding of sums."""
    rounding = 1e-12 * np.abs(differences).sum()
    return np.asarray(np.abs(sums) >= abs(differences.sum()) - rounding, dtype=np.bool_)
