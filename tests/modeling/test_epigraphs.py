"""Epigraphs of the measures, against the measures themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import linprog

from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
)
from evenhand.modeling.epigraphs import (
    LinearEpigraph,
    epigraph_of,
    limit_over_mean,
    limit_slope,
    parameter_at_limit,
)

E4 = (1.0, 2.5, 0.5, 3.0)
LINEAR = [MaxOverMean(1), GiniAtMost(0), HooverAtMost(0), RangeAtMost(0), EpsilonFairness(0, math.inf)]
LINEAR += [LeastOverMean(0), TopShareAtMost(1, 1.0), TopShareAtMost(3, 1.0)]
NORMS = [EpsilonFairness(0.4, 3), EpsilonFairness(0.4, 10), CVAtMost(0.3), JainAtLeast(0.8)]


def renewed(fairness, entitlements):
    return type(fairness)(**{**fairness.__dict__, "entitlements": entitlements})


def least_limit(epigraph, loads):
    """Return the least limit that the rows allow for given loads, by a linear program."""
    width = epigraph.auxiliaries.shape[1]
    rows = -np.hstack([epigraph.limit[:, np.newaxis], epigraph.auxiliaries.toarray()])
    bounds = [(None, None)] + [(0, None)] * width
    return linprog(np.eye(1, width + 1)[0], A_ub=rows, b_ub=epigraph.loads @ loads, bounds=bounds).fun


@pytest.mark.parametrize("entitlements", [None, E4], ids=["equal", "entitled"])
@pytest.mark.parametrize("fairness", LINEAR, ids=repr)
def test_rows_hold_the_measure(fairness, entitlements):
    member, rng = renewed(fairness, entitlements), np.random.default_rng(1)
    epigraph = epigraph_of(member, 4)
    assert isinstance(epigraph, LinearEpigraph)
    for _ in range(10):
        loads = rng.uniform(0, 5, 4) * (rng.random(4) < 0.8)
        assert least_limit(epigraph, loads) == pytest.approx(float(member.value(loads)), abs=1e-9)


@pytest.mark.parametrize("entitlements", [None, E4], ids=["equal", "entitled"])
@pytest.mark.parametrize("fairness", NORMS, ids=repr)
def test_norms_are_the_measure(fairness, entitlements):
    member, rng = renewed(fairness, entitlements), np.random.default_rng(2)
    epigraph = epigraph_of(member, 4)
    for _ in range(10):
        loads = rng.uniform(0, 5, 4)
        assert np.linalg.norm(epigraph.matrix @ loads, epigraph.order) == pytest.approx(float(member.value(loads)))


def test_order_two_is_told_by_the_standard_deviation_or_by_the_mean_square():
    loads, member = np.array([1.0, 3.0, 5.0]), EpsilonFairness(0.7, 2)
    deviation, power_mean = epigraph_of(member, 3), epigraph_of(member, 3, deviation=False)
    assert np.linalg.norm(deviation.matrix @ loads) == pytest.approx(math.sqrt(8 / 3))
    assert np.linalg.norm(power_mean.matrix @ loads) == pytest.approx(math.sqrt(35 / 3))
    assert limit_over_mean(member, 3) == pytest.approx(math.sqrt(member.bound(3) ** 2 - 1))


def test_small_deviations_do_not_drown_in_the_mean_square():
    assert limit_over_mean(CVAtMost(1e-9), 5) == 1e-9


def test_slopes_of_the_limits_by_hand():
    assert limit_slope(CVAtMost(0.3), 4) == pytest.approx(1)
    # sqrt(1/J - 1) falls by 1 / (2 J^2 sqrt(1/J - 1)).
    assert limit_slope(JainAtLeast(0.8), 4) == pytest.approx(-1 / (2 * 0.64 * 0.5), rel=1e-6)
    # 1 / (w (1 - e) + e) falls by (1 - w) times its square, here with w = 1/4.
    assert limit_slope(EpsilonFairness(0.5, math.inf), 4) == pytest.approx(-0.75 / 0.625**2, rel=1e-6)


@pytest.mark.parametrize("fairness", [*NORMS, EpsilonFairness(0.4, 2), GiniAtMost(0.2), MaxOverMean(1.3)], ids=repr)
def test_the_way_back_from_a_limit(fairness):
    assert parameter_at_limit(fairness, 4, limit_over_mean(fairness, 4)) == pytest.approx(fairness.parameter, abs=1e-9)
