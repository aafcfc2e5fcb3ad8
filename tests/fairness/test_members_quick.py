"""Every member keeps the promises of the protocol on one small example."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    MaxOverMean,
    RangeAtMost,
    from_dict,
)

MEMBERS = [
    EpsilonFairness(0.9),
    EpsilonFairness(0.9, 3),
    EpsilonFairness(0.9, math.inf),
    CVAtMost(0.2),
    JainAtLeast(0.95),
    MaxOverMean(1.2),
    GiniAtMost(0.1),
    HooverAtMost(0.1),
    RangeAtMost(0.2),
]
LOADS = np.array([3.0, 4.0, 5.0, 2.0, 9.0])


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_a_cut_separates_unfair_loads_and_keeps_the_supporting_point(fairness):
    """A cut at unfair loads is violated there; the supporting point is fair and on its own cut."""
    assert not fairness.contains(LOADS)
    assert fairness.cut(LOADS) @ LOADS < 0
    point = fairness.supporting_point(LOADS)
    assert fairness.contains(point)
    assert fairness.cut(point) @ point == pytest.approx(0.0, abs=1e-12)
    assert fairness.cut(fairness.cut_points(LOADS)[0]) @ LOADS < 0


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_a_member_survives_the_round_trip_to_a_dict(fairness):
    """from_dict is the inverse of to_dict."""
    assert from_dict(fairness.to_dict()) == fairness
