"""What a single load may be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, MaxOverMean
from evenhand.report.chart_rows import allowed_band, fair_shares

LOADS = np.array([10.0, 20.0, 30.0, 40.0])


def test_largest_over_mean_is_the_upper_edge() -> None:
    """Mean 25, at most 1.2 times the mean: 30. One may carry 10 while the three others carry 30 each."""
    band = allowed_band(MaxOverMean(1.2), LOADS)
    assert band == pytest.approx(np.tile([10.0, 30.0], (4, 1)), rel=1e-7)


def test_cv_edges_by_hand() -> None:
    """One load off by d, three off by -d/3: the variance is d^2 / 3, so d = CV mean sqrt(3)."""
    d = 0.2 * 25 * math.sqrt(3)
    assert allowed_band(CVAtMost(0.2), LOADS) == pytest.approx(np.tile([25 - d, 25 + d], (4, 1)), rel=1e-7)


def test_gini_edges_by_hand() -> None:
    """One load t, three (T-t)/3: Gini = 3 |t - (T-t)/3| / (n T) = |4t - T| / (4T); t = T (1 +- 4g) / 4."""
    assert allowed_band(GiniAtMost(0.1), LOADS) == pytest.approx(np.tile([15.0, 35.0], (4, 1)), rel=1e-7)


def test_no_rule_allows_everything() -> None:
    assert allowed_band(EpsilonFairness(0, p=3), LOADS) == pytest.approx(np.tile([0.0, 100.0], (4, 1)))


def test_equality_allows_the_mean_only() -> None:
    assert allowed_band(EpsilonFairness(1, p=2), LOADS) == pytest.approx(np.full((4, 2), 25.0), rel=1e-6)


def test_entitlements_move_the_band() -> None:
    """Half-time staff: shares 1, 1, 2, 2 of 100/6; twins have one band, and it holds their share."""
    fairness = MaxOverMean(1.2, entitlements=(1, 1, 2, 2))
    shares, band = fair_shares(fairness, LOADS), allowed_band(fairness, LOADS)
    assert shares == pytest.approx(np.array([1, 1, 2, 2]) * 100 / 6)
    assert (band[0] == band[1]).all()
    assert band[:, 1] == pytest.approx(1.2 * shares, rel=1e-7)


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_extreme_scales(scale: float) -> None:
    assert allowed_band(MaxOverMean(1.2), LOADS * scale) == pytest.approx(
        np.tile([10.0 * scale, 30.0 * scale], (4, 1)), rel=1e-7, abs=0
    )


def test_edges_are_fair_and_beyond_is_not() -> None:
    """Even with one agent at the edge there are fair loads; a per mille further there are none."""
    fairness = EpsilonFairness(0.7, p=5)
    edge = allowed_band(fairness, LOADS)[0, 1]
    assert fairness.contains([edge, *[(100 - edge) / 3] * 3])
    further = edge * 1.001
    assert not fairness.contains([further, *[(100 - further) / 3] * 3])
