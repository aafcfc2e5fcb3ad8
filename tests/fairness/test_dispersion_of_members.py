"""One meaning of cv, jain, gini, hoover, range and the largest over the mean: what the member of that name bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

import evenhand
from evenhand.fairness.dispersion import dispersion
from evenhand.fairness.selection import among

LOADS, SHARES = np.array([2.0, 1.0, 6.0]), (2.0, 1.0, 3.0)


def test_loads_at_their_entitlements_are_equal() -> None:
    """Ann is entitled to twice what Bo is."""
    found = dispersion([2.0, 1.0], evenhand.CVAtMost(0.1, entitlements=(2, 1)))
    assert (found.cv, found.jain, found.gini, found.hoover, found.range, found.max_over_mean) == (0, 1, 0, 0, 0, 1)


def test_weighted_measures_by_hand() -> None:
    """Relative loads 1, 1, 2 with shares 1/3, 1/6, 1/2: mean 3/2, so that 1 and 1 are 2/3 of it and 2 is 4/3."""
    found = dispersion(LOADS, evenhand.JainAtLeast(0.5, entitlements=SHARES))
    assert found.cv == pytest.approx(math.sqrt(0.5 * (1 / 3) ** 2 + 0.5 * (1 / 3) ** 2))
    assert found.jain == pytest.approx(81 / (6 * (4 / 2 + 1 / 1 + 36 / 3)))  # (sum x)^2 / (E sum x^2 / e)
    assert found.gini == pytest.approx(0.5 * 2 * 0.5 * 0.5 * (2 / 3))
    assert found.hoover == pytest.approx(0.5 * (0.5 / 3 + 0.5 / 3))
    assert found.range == pytest.approx(2 / 3)
    assert found.max_over_mean == pytest.approx(4 / 3)


def test_without_entitlements_they_are_the_textbook_measures() -> None:
    found = dispersion(LOADS)
    assert found.cv == pytest.approx(LOADS.std() / LOADS.mean())
    assert found.jain == pytest.approx(LOADS.sum() ** 2 / (3 * (LOADS**2).sum()))
    assert found.max_over_mean == pytest.approx(2.0)


def test_among_the_selected_only_they_count() -> None:
    found = dispersion([5.0, 0.0, 5.0, 0.0], among(evenhand.JainAtLeast(0.9), 2, 4))
    assert (found.cv, found.jain) == (0.0, 1.0)


def test_every_result_says_the_same_of_entitled_loads() -> None:
    """Answer, JSON, frontier, explanation and verdict: the frontier's CV falls as the level rises."""
    rng = np.random.default_rng(1)
    costs, hours = rng.uniform(1, 9, (3, 30)), rng.uniform(1, 3, (3, 30))
    costs[1] *= 0.3  # the cheapest is entitled to least
    fairness = evenhand.EpsilonFairness(0.97, p=2, entitlements=SHARES)
    answer = evenhand.assign(costs, fairness, burdens=hours)
    by_hand = _weighted_cv(answer.loads)
    assert answer.cv == answer.to_dict()["cv"] == pytest.approx(by_hand)
    assert answer.to_dict()["jain"] == pytest.approx(1 / (1 + by_hand**2))
    assert answer.cv <= answer.cv_bound
    line = evenhand.price_of_fairness(costs, 2, [0.0, 0.5, 0.9, 0.99], burdens=hours, entitlements=SHARES)
    assert [point.cv for point in line] == pytest.approx([_weighted_cv(np.array(point.loads)) for point in line])
    assert line.points[0].cv > line.points[-1].cv
    assert line.to_dict()["entitlements"] == list(SHARES)
    explained = evenhand.explain(costs, answer, burdens=hours)
    shares = answer.loads / answer.loads.sum() / (np.array(SHARES) / 6)
    assert [share.of_mean for share in explained.shares] == pytest.approx(shares.tolist())
    assert explained.binding, "fairness costs something here"
    assert all(share.of_mean > 1 for share in explained.shares if share.agent in explained.binding)


def _weighted_cv(loads: np.ndarray) -> float:
    entitlements = np.array(SHARES)
    return math.sqrt(6 * (loads**2 / entitlements).sum() / loads.sum() ** 2 - 1)  # CV_e^2 = 1 / J_e - 1


@pytest.mark.parametrize("p", [2, 3, 10, math.inf])
def test_the_guarantee_holds_for_entitled_loads(p: float) -> None:
    """No random fair loads exceed what `cv_bound` guarantees; without entitlements the sharp bound stays."""
    rng = np.random.default_rng(3)
    for _ in range(200):
        n = int(rng.integers(2, 6))
        shares = tuple(rng.choice([0.5, 1.0, 3.0], n))
        loads = rng.exponential(1.0, n) ** 3
        loosest = evenhand.EpsilonFairness(0.0, p=p, entitlements=shares)
        member = loosest.with_parameter(float(loosest.level(loads)))
        guaranteed = evenhand.fairness.bounds.guaranteed_cv(member, n)
        assert dispersion(loads, member).cv <= guaranteed * (1 + 1e-9)
