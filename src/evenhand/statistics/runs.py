"""Statistics of scores of several runs, shape (R, K): R runs (seeds) of each of K tasks (scenarios, thresholds).

The definitions of the interquartile mean, the stratified bootstrap, the performance profiles and the probability of
improvement are those of rliable (Agarwal et al., Deep reinforcement learning at the edge of the statistical precipice,
NeurIPS 2021).
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.statistics.estimate import CONFIDENCE, RESAMPLES, Estimate, percentile_limits

Statistic = Callable[..., Any]

BLOCK = 1_000_000
"""Largest number of resampled scores that are held in memory at a time."""


def interquartile_mean(scores: ArrayLike, axis: tuple[int, ...] | None = None) -> Any:
    """Return the mean of the middle half of `scores`: a quarter of them, rounded down, is trimmed at each end.

    It is taken over all of them, or over the last axes, which `axis` names as NumPy does.

    Examples
    --------
    >>> interquartile_mean([0.0, 1.0, 2.0, 3.0, 100.0])
    2.0
    """
    table = np.asarray(scores, dtype=np.float64)
    kept = () if axis is None else table.shape[: -len(axis)]
    ordered = np.sort(table.reshape(*kept, -1), axis=-1)
    size = ordered.shape[-1]
    means = ordered[..., size // 4 : size - size // 4].mean(axis=-1)
    return means if kept else float(means)


def stratified_bootstrap(
    scores: ArrayLike,
    statistic: Statistic = interquartile_mean,
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Return a statistic of `scores` with its percentile bootstrap interval; runs are resampled within each task.

    Parameters
    ----------
    scores
        Shape (R, K), or (R,) for one task.
    statistic
        Function from an array of shape (R, K) to a number. If it has a parameter ``axis``, as NumPy's statistics do, it
        is called for many resamples at a time, with shape (B, R, K) and axis (1, 2).
    confidence, resamples, seed
        Confidence level of the interval, number of resamples, and their seed.
    """
    table, rng = _table(scores), np.random.default_rng(seed)
    at_once = "axis" in inspect.signature(statistic).parameters
    block = max(1, BLOCK // max(1, table.size))
    found: list[Any] = []
    for first in range(0, resamples, block):
        rows = rng.integers(0, table.shape[0], size=(min(block, resamples - first), *table.shape))
        drawn = np.take_along_axis(table[None], rows, axis=1)
        found.extend(statistic(drawn, axis=(1, 2)) if at_once else map(statistic, drawn))
    return Estimate(float(statistic(table)), *percentile_limits(np.array(found), confidence))


def interquartile_estimate(
    strata: Sequence[ArrayLike], *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return the interquartile mean of all scores with its percentile bootstrap interval, resampled within each task.

    This is :func:`stratified_bootstrap` for tasks with different numbers of runs. If no task has two runs, there is no
    interval.

    Parameters
    ----------
    strata
        Scores of each task, shape (R_k,) for task k.
    confidence, resamples, seed
        Confidence level of the interval, number of resamples, and their seed.

    Examples
    --------
    >>> print(interquartile_estimate([[0.0, 1.0], [5.0]]))
    2.000 [1.667, 2.333]
    """
    tables = [np.asarray(scores, dtype=np.float64) for scores in strata if len(np.asarray(scores))]
    if not tables:
        return Estimate(math.nan, math.nan, math.nan)
    value = float(interquartile_mean(np.concatenate(tables)))
    if max(len(scores) for scores in tables) < 2:
        return Estimate(value, math.nan, math.nan)
    rng = np.random.default_rng(seed)
    drawn = np.concatenate([rng.choice(scores, size=(resamples, len(scores))) for scores in tables], axis=1)
    return Estimate(value, *percentile_limits(interquartile_mean(drawn, axis=(1,)), confidence))


def probability_of_improvement(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Return the probability that a random run of `ours` beats one of `theirs`, averaged over tasks; ties count half.

    Parameters
    ----------
    ours, theirs
        Scores, shapes (R, K) and (R', K): the same tasks in the same order.

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
    ours: ArrayLike, theirs: ArrayLike, *, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> Estimate:
    """Return :func:`probability_of_improvement` with a stratified bootstrap interval that resamples both sides."""
    mine, yours = _table(ours), _table(theirs)
    rng = np.random.default_rng(seed)
    drawn = [probability_of_improvement(_redrawn(mine, rng), _redrawn(yours, rng)) for _ in range(resamples)]
    return Estimate(probability_of_improvement(mine, yours), *percentile_limits(np.array(drawn), confidence))


def performance_profile(scores: ArrayLike, thresholds: ArrayLike) -> NDArray[np.float64]:
    """Return the fraction of all `scores`, shape (R, K), above each of the `thresholds`, shape (T,); shape (T,).

    Examples
    --------
    >>> performance_profile([[0.2, 0.9], [0.6, 0.8]], [0.5, 0.8]).tolist()
    [0.75, 0.25]
    """
    levels = np.asarray(thresholds, dtype=np.float64)
    return np.asarray((_table(scores)[..., None] > levels).mean(axis=(0, 1)), dtype=np.float64)


def _table(scores: ArrayLike) -> NDArray[np.float64]:
    table = np.asarray(scores, dtype=np.float64)
    return table[:, None] if table.ndim == 1 else table


def _redrawn(table: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Resample the runs of each task with replacement, independently of the other tasks."""
    rows = rng.integers(0, table.shape[0], size=table.shape)
    return np.take_along_axis(table, rows, axis=0)
