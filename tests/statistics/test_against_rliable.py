"""Statistics against what rliable and marl-eval themselves return for the same scores.

Reference values: rliable (its `aggregate_iqm`, `probability_of_improvement`, `create_performance_profile` and
`get_interval_estimates`, 50,000 resamples for intervals, 3,000 for that of the probability) and marl-eval (its
`data_process_pipeline` and `create_matrices_for_rliable`, which scale each task by the least and the greatest score of
all methods, before rliable's mean), both run on the scores below.
"""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.statistics import (
    improvement_estimate,
    interquartile_estimate,
    interquartile_mean,
    performance_profile,
    probability_of_improvement,
    stratified_bootstrap,
)

# Six runs against four, on three tasks of different scales.
OURS = np.array(
    [
        [0.91, 12.0, -3.1],
        [0.84, 15.5, -2.4],
        [0.97, 11.2, -2.9],
        [0.62, 14.1, -4.0],
        [0.88, 13.3, -2.2],
        [0.95, 9.8, -3.6],
    ]
)
THEIRS = np.array([[0.71, 12.0, -3.9], [0.84, 10.1, -3.3], [0.55, 11.9, -5.2], [0.90, 8.7, -2.9]])
# Both intervals are random, and limits jump between the few values that a mean of four runs can have: to a hundredth.
NEAR = 0.01


def scaled(ours, theirs):
    both = np.vstack([ours, theirs])
    low, high = both.min(axis=0), both.max(axis=0)
    return (ours - low) / (high - low), (theirs - low) / (high - low)


def test_the_interquartile_mean_is_rliables():
    ours, theirs = scaled(OURS, THEIRS)
    assert interquartile_mean(OURS) == pytest.approx(2.157)
    assert interquartile_mean(ours) == pytest.approx(0.7222549019607843)
    assert interquartile_mean(theirs) == pytest.approx(0.43489729225023344)


def test_the_interquartile_mean_is_marl_evals():
    """Marl-eval takes as many runs of each method, and divides by the spread plus 1e-6."""
    ours, theirs = scaled(OURS[:4], THEIRS)
    assert interquartile_mean(ours) == pytest.approx(0.733075824930328, abs=2e-6)
    assert interquartile_mean(theirs) == pytest.approx(0.44759545727561884, abs=2e-6)
    assert probability_of_improvement(ours, theirs) == pytest.approx(0.7604166666666666)


def test_the_interval_of_the_interquartile_mean_is_rliables():
    ours, theirs = scaled(OURS, THEIRS)
    for scores, limits in ((ours, (0.56191877, 0.85131723)), (theirs, (0.17623716, 0.60131069))):
        found = stratified_bootstrap(scores, resamples=20_000)
        assert (found.low, found.high) == pytest.approx(limits, abs=NEAR)


def test_the_interval_is_the_same_task_by_task():
    """Rliable takes tasks of as many runs each; for these, tasks one by one give its interval too."""
    ours, _ = scaled(OURS, THEIRS)
    found = interquartile_estimate(list(ours.T), resamples=20_000)
    assert found.value == pytest.approx(0.7222549019607843)
    assert (found.low, found.high) == pytest.approx((0.56191877, 0.85131723), abs=NEAR)


def test_the_probability_of_improvement_is_rliables():
    found = improvement_estimate(OURS, THEIRS, resamples=3000)
    assert found.value == pytest.approx(0.7569444444444445)
    assert (found.low, found.high) == pytest.approx((0.56944444, 0.91666667), abs=2 * NEAR)


def test_the_performance_profile_and_its_band_are_rliables():
    """Shares of 18 scores, and limits that are shares of 18 themselves."""
    ours, _ = scaled(OURS, THEIRS)
    levels = [0.0, 0.25, 0.5, 0.75, 0.9]
    assert performance_profile(ours, levels) == pytest.approx(np.array([18, 16, 13, 9, 5]) / 18)
    low, high = np.array([18, 13, 9, 5, 2]) / 18, np.array([18, 18, 16, 13, 9]) / 18
    for level, limits in zip(levels, zip(low, high, strict=True), strict=True):
        band = stratified_bootstrap(ours, lambda drawn, at=level: performance_profile(drawn, [at])[0], resamples=20_000)
        assert (band.low, band.high) == pytest.approx(limits)
