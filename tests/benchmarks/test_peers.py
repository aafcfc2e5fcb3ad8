"""The peer of the benchmark must be right, or its times mean nothing."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.cases import ANCHORS, Plan, Source, known_costs
from benchmarks.peers import default, gradient, highs, supporting
from tests.assignment.enumeration import Tiny, enumerate_all

from evenhand.fairness import EpsilonFairness, GiniAtMost

pytest.importorskip("highspy")


@pytest.mark.parametrize(
    "fairness", [EpsilonFairness(0.9, p=3), EpsilonFairness(0.8, p=np.inf), GiniAtMost(0.05)], ids=repr
)
@pytest.mark.parametrize("separate", [gradient, supporting, default])
def test_highs_finds_the_optimum_of_enumeration(fairness: object, separate: object) -> None:
    costs = np.round(np.random.default_rng(4).uniform(1, 20, (3, 8)), 2)
    result = highs(costs, fairness, gap=1e-9, cap=20.0, separate=separate)
    assert result.status == "optimal"
    assert result.cost == pytest.approx(enumerate_all(Tiny(costs, fairness)).cost, rel=1e-9)
    assert result.bound <= result.cost * (1 + 1e-9)


def test_highs_sees_that_nothing_is_fair() -> None:
    assert highs(np.tile([1.0, 2.0, 4.0], (2, 1)), EpsilonFairness(0.999), gap=1e-6, cap=20.0).status == "infeasible"


def test_known_optima_are_read() -> None:
    optima = known_costs(ANCHORS, "optimum")
    assert len(optima) == 24
    assert optima[1, np.inf, 0.99] == 6470.9211


def test_a_plan_survives_the_way_to_the_measured_process() -> None:
    plan = Plan((Source(1, None, 3, 7, 2),), (2.0, np.inf), (0.5,), 1e-4, 60.0)
    assert Plan.from_dict(plan.to_dict()) == plan
    assert plan.sources[0].table().values.shape == (3, 7)
