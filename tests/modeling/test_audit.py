"""The report on solved loads, against numbers worked out by hand."""

from __future__ import annotations

import json
import math

import pytest

from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast, MaxOverMean
from evenhand.modeling.audit import audit


def test_measures_are_those_of_the_textbook():
    report = audit([1, 3], MaxOverMean(1.2))
    # Mean 2, standard deviation 1, one pair of distance 2: Gini 2 * 2 / (2 * 2 * 4).
    assert (report.cv, report.jain, report.gini, report.max_over_mean) == pytest.approx((0.5, 0.8, 0.25, 1.5))
    assert (report.level, report.violation) == pytest.approx((1.5, 0.25))
    assert not report.satisfied


def test_room_is_a_negative_violation():
    report = audit([1, 3], MaxOverMean(2.0))
    assert report.violation == pytest.approx(-0.25)
    assert report.satisfied


def test_tolerance_decides_what_is_broken():
    loads = [1.0, 3.0 * (1 + 1e-5)]
    assert not audit(loads, MaxOverMean(1.5)).satisfied
    assert audit(loads, MaxOverMean(1.5), tolerance=1e-4).satisfied


def test_violation_of_a_norm_is_the_factor_of_its_definition():
    loads, member = [1.0, 2.0, 6.0], EpsilonFairness(0.8, 3)
    norm = (1 + 8 + 216) ** (1 / 3)
    phi = 1 + 0.8 * (3 ** (2 / 3) - 1)
    assert audit(loads, member).violation == pytest.approx(phi * norm / 9 - 1)


def test_equality_is_judged_by_the_range():
    report = audit([2.0, 2.0 + 2e-5], CVAtMost(0.0))
    assert report.violation == pytest.approx(1e-5, rel=1e-3)
    assert not report.satisfied
    assert audit([2.0, 2.0 + 1e-7], CVAtMost(0.0)).satisfied


def test_entitlements_weigh_every_measure():
    report = audit([2, 1], GiniAtMost(0.1, entitlements=(2, 1)))
    assert (report.cv, report.jain, report.gini, report.max_over_mean) == pytest.approx((0, 1, 0, 1))
    assert report.satisfied


def test_negative_loads_are_told_apart_from_rounding():
    assert audit([-1e-9, 2, 2], MaxOverMean(2)).satisfied
    report = audit([-1, 2, 2], MaxOverMean(2))
    assert report.negative == pytest.approx(0.5)
    assert not report.satisfied


def test_nobody_carries_anything():
    report = audit([0, 0], JainAtLeast(0.9))
    assert (report.satisfied, report.violation, report.level) == (True, 0.0, 1.0)


def test_report_is_json():
    data = json.loads(json.dumps(audit([1, 3], EpsilonFairness(0.5, math.inf)).to_dict()))
    assert data["fairness"]["p"] == "inf"
    assert data["loads"] == [1, 3]


@pytest.mark.parametrize(
    ("loads", "message"),
    [
        ([1.0, math.nan], r"loads\[1\] is nan"),
        ([[1.0, 2.0]], r"loads has shape \(1, 2\)"),
        ([1.0], "fairness needs at least two"),
        (["a", 1], "one number per agent"),
    ],
)
def test_bad_loads_are_named(loads, message):
    with pytest.raises(InputError, match=message):
        audit(loads, CVAtMost(0.1))


def test_a_bad_member_is_named():
    with pytest.raises(InputError, match="give a member"):
        audit([1, 2], "cv")
