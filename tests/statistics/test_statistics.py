"""Statistics against hand computation and SciPy, on fixed data."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from scipy import stats

from evenhand.statistics import (
    Estimate,
    comparison,
    estimate,
    holm,
    improvement_estimate,
    interquartile_estimate,
    interquartile_mean,
    mean_estimate,
    paired_permutation_test,
    performance_profile,
    probability_of_improvement,
    runs,
    share_estimate,
    stratified_bootstrap,
)

RNG = np.random.default_rng(11)
SCORES = RNG.normal(0.8, 0.2, size=(7, 3)).round(2)
OTHERS = RNG.normal(0.7, 0.2, size=(5, 3)).round(2)


@pytest.mark.parametrize("module", [comparison, estimate, runs])
def test_examples_run(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8, 21, 100])
def test_interquartile_mean_is_the_trimmed_mean(size):
    """Rliable's definition: SciPy's mean trimmed by a quarter at each end, over all runs and tasks."""
    scores = np.random.default_rng(size).normal(size=size)
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25))


@pytest.mark.parametrize("block", [1, 50, 10**6])
@pytest.mark.parametrize(
    ("statistic", "one_by_one"),
    [
        (interquartile_mean, lambda drawn: stats.trim_mean(drawn, 0.25, axis=None)),
        (np.mean, lambda drawn: drawn.mean()),
    ],
)
def test_resamples_together_are_those_drawn_one_by_one(monkeypatch, statistic, one_by_one, block):
    """Whatever the size of the blocks; a statistic without ``axis`` gets one resample at a time."""
    monkeypatch.setattr(runs, "BLOCK", block)
    together = stratified_bootstrap(SCORES, statistic, seed=5, resamples=300)
    alone = stratified_bootstrap(SCORES, lambda drawn: float(one_by_one(drawn)), seed=5, resamples=300)
    rng = np.random.default_rng(5)
    drawn = [one_by_one(np.take_along_axis(SCORES, rng.integers(0, 7, (7, 3)), axis=0)) for _ in range(300)]
    limits = np.quantile(drawn, [0.025, 0.975]).tolist()
    for found in (together, alone):
        assert [found.value, found.low, found.high] == pytest.approx([one_by_one(SCORES), *limits])


def test_interquartile_mean_takes_tables():
    assert interquartile_mean(SCORES) == pytest.approx(stats.trim_mean(SCORES, 0.25, axis=None))


@pytest.mark.parametrize(("true", "total"), [(0, 10), (3, 10), (10, 10), (995, 1000)])
def test_wilson_is_scipys(true, total):
    limits = stats.binomtest(true, total).proportion_ci(method="wilson")
    ours = share_estimate(np.arange(total) < true)
    assert ours.value == true / total
    assert (ours.low, ours.high) == pytest.approx((limits.low, limits.high), abs=1e-12)


def test_bootstrap_of_a_mean_is_scipys():
    """Percentile intervals of the same data; both are random, to a twentieth of the interval's width."""
    values = RNG.gamma(2.0, size=300).round(1)
    ours = mean_estimate(values, resamples=20_000)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    width = theirs.high - theirs.low
    assert ours.value == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=width / 20)


def test_the_interval_covers_as_often_as_it_says():
    """Of 400 samples of 60 from a known distribution, some 95 in 100 intervals hold the mean."""
    rng = np.random.default_rng(0)
    samples = (mean_estimate(rng.integers(0, 7, size=60), resamples=500, seed=k) for k in range(400))
    assert np.mean([each.low <= 3.0 <= each.high for each in samples]) == pytest.approx(0.95, abs=0.03)


def test_nothing_measured_is_not_a_number():
    """No values, no mean; one value, no interval; in JSON null."""
    assert math.isnan(mean_estimate([]).value)
    assert math.isnan(share_estimate([]).value)
    once = mean_estimate([3.0])
    assert once.value == 3.0
    assert once.to_dict() == {"mean": 3.0, "low": None, "high": None}
    assert [str(once), str(mean_estimate([]))] == ["3.000 [measured once]", "not measured"]


def test_equal_values_have_no_spread():
    assert mean_estimate([2.0] * 9) == Estimate(2.0, 2.0, 2.0)


def test_stratified_bootstrap_redraws_runs_within_tasks():
    """The statistic sees tables in which each column holds that task's own scores only."""
    table = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])
    seen = []
    stratified_bootstrap(table, lambda drawn: seen.append(drawn.copy()) or 0.0, resamples=200)
    assert all(set(drawn[:, k]) <= set(table[:, k]) for drawn in seen for k in range(3))
    assert any((drawn[0] == [1.0, 20.0, 100.0]).all() for drawn in seen)


def test_stratified_bootstrap_of_a_mean_has_the_normal_interval():
    """Of the mean of column means: the columns' variances add up, each by itself."""
    scores = np.random.default_rng(2).normal([0.0, 5.0], [1.0, 0.2], size=(60, 2))
    ours = stratified_bootstrap(scores, np.mean, resamples=8000)
    half = 1.96 * math.sqrt((scores.var(axis=0) / 60).sum()) / 2.0
    assert (ours.low, ours.high) == pytest.approx((scores.mean() - half, scores.mean() + half), abs=half / 10)


def test_tasks_of_unequal_runs_are_redrawn_each_by_itself():
    """A task with one run keeps it: with 5, two of 0 and 1 are drawn; the mean lies in thirds."""
    found = interquartile_estimate([[0.0, 1.0], [5.0], []])
    assert found == Estimate(2.0, 5.0 / 3.0, 7.0 / 3.0)


def test_one_run_of_each_task_has_no_interval():
    """Nothing can be redrawn: no interval, rather than one of no width."""
    once = interquartile_estimate([[1.0], [3.0]])
    assert (once.value, math.isnan(once.low), math.isnan(once.high)) == (2.0, True, True)
    assert math.isnan(interquartile_estimate([]).value)


def test_probability_of_improvement_is_mann_whitneys():
    """Rliable's definition: U over the number of pairs, averaged over tasks."""
    shares = [stats.mannwhitneyu(SCORES[:, k], OTHERS[:, k], alternative="greater").statistic / 35 for k in range(3)]
    assert probability_of_improvement(SCORES, OTHERS) == pytest.approx(np.mean(shares))
    assert probability_of_improvement(SCORES, SCORES) == pytest.approx(0.5)
    interval = improvement_estimate(SCORES, OTHERS, resamples=500)
    assert interval.low < interval.value < interval.high


def test_performance_profile_by_hand():
    """Shares of all scores strictly above: at 0.5 one of four is not, at 0.5 itself an equal score is not."""
    assert performance_profile([[0.5, 0.9], [0.7, 0.6]], [0.4, 0.5, 0.65, 1.0]).tolist() == [1.0, 0.75, 0.5, 0.0]


@pytest.mark.parametrize("pairs", [4, 9])
def test_exact_permutation_test_is_scipys(pairs):
    ours, theirs = SCORES.ravel()[:pairs], OTHERS.ravel()[:pairs]
    reference = stats.permutation_test(
        (ours, theirs), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=np.inf
    )
    assert paired_permutation_test(ours, theirs) == pytest.approx(reference.pvalue)


def test_permutation_test_with_many_pairs_is_close_to_a_t_test():
    """Forty normal differences: the random exchanges give nearly the t-test's p, and never 0."""
    differences = np.random.default_rng(5).normal(0.3, 1.0, size=40)
    p = paired_permutation_test(differences, np.zeros(40), resamples=20_000)
    assert p == pytest.approx(stats.ttest_1samp(differences, 0.0).pvalue, abs=0.01)
    assert paired_permutation_test(np.ones(40), np.zeros(40), resamples=1000) == pytest.approx(1 / 1001)


def test_five_seeds_cannot_be_significant():
    assert paired_permutation_test(np.ones(5), np.zeros(5)) == 0.0625


def test_holm_by_hand():
    """Sorted .005, .01, .03, .04 times 4, 3, 2, 1: .02, .03, .06, .04 -> .06."""
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9, 0.8]), [1.0, 1.0])
