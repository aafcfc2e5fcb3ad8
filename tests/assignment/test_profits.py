"""Negative costs and profits: any sign may be paid or earned, and gap and price are relative to the value's size."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all
from tests.assignment.tiny_problems import awkward_member

import evenhand
from evenhand.errors import InputError
from evenhand.fairness.relative import relative_gap, relative_price

HOURS = np.ones((2, 4))


def signed_table(rng: np.random.Generator, n: int, m: int) -> np.ndarray:
    """Return costs of both signs: with ties, with cancellation, of mixed magnitudes, or all negative."""
    kind = rng.integers(5)
    if kind == 0:
        return rng.integers(-5, 6, (n, m)).astype(float)
    if kind == 1:
        return np.round(rng.uniform(-100, 100, (n, m)), 4)
    if kind == 2:
        return -rng.integers(0, 30, (n, m)).astype(float)
    if kind == 3:
        return rng.choice([-1.0, 1.0], (n, m)) * 10.0 ** rng.uniform(-6, 6, (n, m))
    return 1e6 * rng.choice([-1.0, 1.0], m) + rng.integers(-3, 4, (n, m))  # sums cancel, differences stay


@pytest.mark.parametrize("seed", range(60))
def test_costs_of_any_sign_agree_with_enumeration(seed: int) -> None:
    """The cheapest fair assignment, its gap, and a verdict that recounts both; negated, the same as profits."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 4))
    m = int(rng.integers(1, 8 if n == 2 else 7))
    costs, burdens = signed_table(rng, n, m), rng.integers(1, 9, (n, m)).astype(float)
    if rng.random() < 0.3:
        forbidden = rng.random((n, m)) < 0.2
        forbidden[rng.integers(n, size=m), np.arange(m)] = False
        costs[forbidden] = np.inf
    fairness = awkward_member(rng, n)
    known = enumerate_all(Tiny(costs, fairness, burdens=burdens))
    answer = evenhand.assign(costs, fairness, burdens=burdens, gap=0.0)
    size = np.abs(costs[np.isfinite(costs)]).max() * m
    if known.assignment is None:
        assert (answer.status, answer.bound) == ("infeasible", np.inf)
        return
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(known.cost, abs=1e-11 * size)
    assert answer.bound <= known.cost + 1e-12 * size
    assert answer.base_cost == pytest.approx(np.where(np.isfinite(costs), costs, np.inf).min(axis=0).sum(), abs=1e-9)
    verdict = evenhand.verify(costs, json.loads(json.dumps(answer.to_dict(), allow_nan=False)), burdens=burdens)
    assert verdict.verified, verdict.reasons
    profits = evenhand.assign(-costs, fairness, burdens=burdens, gap=0.0, maximise=True)
    assert (profits.cost, profits.bound) == (0.0 - answer.cost, 0.0 - answer.bound)
    assert (profits.gap, profits.price) == (answer.gap, answer.price)
    verdict = evenhand.verify(-costs, json.loads(json.dumps(profits.to_dict(), allow_nan=False)), burdens=burdens)
    assert verdict.verified, verdict.reasons
    assert verdict.cost == profits.cost


def test_profits_by_hand() -> None:
    """Two hours each: the best is to give up 3 of the 30 that the first team alone would bring."""
    profits = [[9, 8, 7, 6], [6, 7, 5, 1]]
    answer = evenhand.assign(profits, evenhand.MaxOverMean(1), burdens=HOURS, maximise=True)
    assert (answer.cost, answer.bound, answer.base_cost) == (27.0, 27.0, 30.0)
    assert (answer.gap, answer.price) == (0.0, 0.1)
    assert answer.loads.tolist() == [2.0, 2.0]
    line = evenhand.price_of_fairness(profits, 2, [0.0, 1.0], burdens=HOURS, maximise=True)
    assert [(point.cost, point.price) for point in line] == [(30.0, 0.0), (27.0, 0.1)]
    assert (line.base_cost, line.maximise) == (30.0, True)


def test_a_false_profit_is_not_verified() -> None:
    profits = [[9, 8, 7, 6], [6, 7, 5, 1]]
    told = evenhand.assign(profits, evenhand.MaxOverMean(1), burdens=HOURS, maximise=True).to_dict()
    assert evenhand.verify(profits, told, burdens=HOURS).verified
    for changes in ({"cost": 28.0}, {"bound": 26.0}, {"maximise": False}, {"price": 0.2}, {"base_cost": 29.0}):
        assert not evenhand.verify(profits, {**told, **changes}, burdens=HOURS).verified, changes


def test_profits_are_explained_as_profits() -> None:
    profits = [[9.0, 8.0, 7.0, 6.0], [6.0, 7.0, 5.0, 1.0]]
    answer = evenhand.assign(profits, evenhand.MaxOverMean(1), burdens=HOURS, maximise=True)
    explanation = evenhand.explain(profits, answer, burdens=HOURS)
    assert explanation.cost == 27.0
    assert explanation.move("task-1", "agent-2").cost_change == -3.0
    assert "profit -3" in explanation.summary()


@pytest.mark.parametrize("forbids", [np.inf, -np.inf])
def test_infinity_of_either_sign_forbids_a_profit(forbids: float) -> None:
    answer = evenhand.assign([[forbids, 5.0], [1.0, 9.0]], evenhand.EpsilonFairness(0), maximise=True)
    assert answer.assignment.tolist() == [1, 1]


def test_what_is_shared_must_not_be_negative() -> None:
    costs = [[1.0, -2.0], [1.0, 1.0]]
    with pytest.raises(InputError, match=r"task-2.*agent-1.*-2.*also what is shared; give burdens"):
        evenhand.assign(costs, evenhand.CVAtMost(0.5))
    with pytest.raises(InputError, match="-inf"):
        evenhand.assign([[1.0, -np.inf], [1.0, 1.0]], evenhand.CVAtMost(0.5), burdens=np.ones((2, 2)))


def test_gap_and_price_are_relative_to_the_size_and_defined_at_zero() -> None:
    """By hand: 2 of -100 are 2 %, and at a value of 0 the gap is none or all."""
    assert relative_gap(-98.0, -100.0) == pytest.approx(2 / 98)
    assert relative_gap(98.0, 100.0, maximise=True) == pytest.approx(2 / 98)
    assert (relative_gap(0.0, 0.0), relative_gap(0.0, -5.0), relative_gap(3.0, 4.0)) == (0.0, 1.0, 0.0)
    assert relative_gap(1e-320, -1e300) < np.inf
    assert relative_price(-98.0, -100.0) == pytest.approx(0.02)
    assert (relative_price(0.0, 0.0), relative_price(1.0, 0.0)) == (0.0, None)


def test_an_answer_that_costs_nothing_net_has_a_gap() -> None:
    """A cost of 5 and a bonus of 5: 0 in all, proven by their whole numbers."""
    answer = evenhand.assign([[5.0, -5.0], [9.0, 9.0]], evenhand.EpsilonFairness(0), burdens=np.ones((2, 2)))
    assert (answer.cost, answer.gap, answer.price) == (0.0, 0.0, 0.0)
