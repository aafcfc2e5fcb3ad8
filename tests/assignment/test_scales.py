"""Costs of very different size: what nobody wants must not blur what everybody pays."""

from __future__ import annotations

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all

import evenhand


def test_a_forbidding_cost_leaves_the_rest_exact() -> None:
    """Agent 1 on task 1 costs 1e14; among the others, the cheapest fair assignment costs 19 (by enumeration)."""
    costs = np.array([[1e14, 5.0, 7.0, 9.0], [1.0, 2.0, 8.0, 9.0]])
    burdens = np.array([[3.0, 3.0, 8.0, 4.0], [3.0, 8.0, 3.0, 4.0]])
    answer = evenhand.assign(costs, evenhand.CVAtMost(0.3), burdens=burdens, gap=0.0)
    assert (answer.status, answer.cost) == ("optimal", 19.0)


@pytest.mark.parametrize("dear", [1e8, 1e12, 1e15, 1e100, 1e250])
@pytest.mark.parametrize("seed", range(4))
def test_one_dear_pair_acts_as_a_forbidden_one(dear: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    costs, burdens = random.uniform(1.0, 20.0, (3, 9)), random.uniform(1.0, 9.0, (3, 9))
    pair = random.integers(3), random.integers(9)
    priced, forbidden = costs.copy(), costs.copy()
    priced[pair], forbidden[pair] = dear, np.inf
    fairness = evenhand.EpsilonFairness(0.9, p=2)
    answer = evenhand.assign(priced, fairness, burdens=burdens, gap=1e-9)
    known = evenhand.assign(forbidden, fairness, burdens=burdens, gap=1e-9)
    assert answer.cost == pytest.approx(known.cost, rel=2e-9)
    assert evenhand.verify(priced, answer, burdens=burdens).verified


@pytest.mark.parametrize("seed", range(30))
def test_mixed_magnitudes_agree_with_enumeration(seed: int) -> None:
    """Costs from 1e-8 to 1e8 in one table."""
    random = np.random.default_rng(seed)
    costs = 10.0 ** random.uniform(-8.0, 8.0, (3, 6))
    burdens = random.uniform(1.0, 2.0, (3, 6))
    fairness = evenhand.JainAtLeast(0.9)
    known = enumerate_all(Tiny(costs, fairness, burdens=burdens))
    answer = evenhand.assign(costs, fairness, burdens=burdens, gap=0.0)
    verdict = evenhand.verify(costs, answer, burdens=burdens)
    assert answer.cost == pytest.approx(known.cost, rel=1e-11)
    assert verdict.verified, verdict.reasons


def test_the_whole_range_of_floats() -> None:
    """Each agent does what costs it 1e-300, not 1e300."""
    costs = [[1e300, 1e-300], [1e-300, 1e300]]
    answer = evenhand.assign(costs, evenhand.CVAtMost(0.5))
    assert (answer.status, answer.cost) == ("optimal", 2e-300)
    assert evenhand.verify(costs, answer).verified


def test_the_certificate_never_proves_less_than_no_multipliers_do() -> None:
    """Costs are not negative, so each task at its cheapest agent is a bound."""
    random = np.random.default_rng(0)
    costs = 10.0 ** random.uniform(-6.0, 6.0, (3, 8))
    answer = evenhand.assign(costs, evenhand.CVAtMost(0.5), burdens=np.ones((3, 8)))
    assert evenhand.verify(costs, answer, burdens=np.ones((3, 8))).bound >= costs.min(axis=0).sum() * (1 - 1e-12)
