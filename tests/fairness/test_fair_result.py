"""The part that all results share: gap, price, level and dispersion, by hand, and in each room's result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import evenhand
from evenhand import CVAtMost, MaxOverMean
from evenhand.applications import generalised_assignment, load_shedding, salesmen
from evenhand.fairness.fair_result import FairResult
from evenhand.fairness.selection import among
from evenhand.modeling import audit

SHARED = {"status", "cost", "base_cost", "price", "bound", "gap", "fairness", "level", "cv", "jain", "seconds"}


@dataclass(frozen=True, slots=True, repr=False)
class Plan(FairResult):
    """A result with nothing of its own."""

    cost: float | None = None
    bound: float | None = None
    base_cost: float | None = None
    loads: np.ndarray | None = None
    fairness: object = None
    maximise: bool = False


@pytest.mark.parametrize(
    ("given", "gap", "price"),
    [
        ({"cost": 110.0, "bound": 99.0, "base_cost": 100.0}, 0.1, 0.1),
        ({"cost": 90.0, "bound": 99.0, "base_cost": 100.0, "maximise": True}, 0.1, 0.1),
        ({"cost": -90.0, "bound": -99.0, "base_cost": -100.0}, 0.1, 0.1),
        ({"cost": 0.0, "bound": 0.0, "base_cost": 0.0}, 0.0, 0.0),
        ({"cost": 2.0, "bound": 1.0, "base_cost": 0.0}, 0.5, None),
        ({"cost": 1.0 - 1e-12, "bound": 1.0, "base_cost": 1.0}, 0.0, 0.0),
        ({"cost": 1.0}, None, None),
        ({"bound": 1.0, "base_cost": 1.0}, None, None),
        ({}, None, None),
    ],
)
def test_gap_and_price_by_hand(given, gap, price) -> None:
    plan = Plan(**given, fairness=CVAtMost(0.5))
    assert plan.gap == (gap if gap is None else pytest.approx(gap))
    assert plan.price == (price if price is None else pytest.approx(price))
    assert Plan(**given).price is None, "nothing was asked for that could have a price"


def test_measures_are_of_loads_over_entitlements() -> None:
    """Loads 2 and 1 of equals: mean 1.5, deviation 0.5. The first is entitled to twice as much: all is equal."""
    plan = Plan(loads=np.array([2.0, 1.0]), fairness=MaxOverMean(1.5))
    assert (plan.cv, plan.jain, plan.gini, plan.max_over_mean) == pytest.approx((1 / 3, 0.9, 1 / 6, 4 / 3))
    assert plan.level == pytest.approx(4 / 3)
    entitled = Plan(loads=np.array([2.0, 1.0]), fairness=MaxOverMean(1.5, entitlements=(2, 1)))
    assert (entitled.cv, entitled.jain, entitled.max_over_mean, entitled.level) == pytest.approx((0, 1, 1, 1))
    free = Plan(loads=np.array([2.0, 1.0]))
    assert (free.cv, free.level) == (pytest.approx(1 / 3), None)
    assert [getattr(Plan(), name) for name in ("dispersion", "cv", "jain", "gini", "level")] == [None] * 5


def results() -> dict[str, FairResult]:
    """One result of each room that has costs."""
    rule = CVAtMost(0.2)
    costs = np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    towns = salesmen.generate_towns(6, seed=2)
    return {
        "assignment": evenhand.assign(costs, rule),
        "generalised": generalised_assignment.solve(costs, np.ones((2, 4)), [4, 4], rule),
        "shedding": load_shedding.solve(load_shedding.generate_network(6, seed=1), rule),
        "salesmen": salesmen.solve(towns, 2, rule),
    }


def test_every_room_says_them_alike() -> None:
    """Four tasks cost 1 or 2 each: the cheapest plan costs 4, and two tasks to each agent cost 2 + 4 = 6."""
    found = results()
    for room, result in found.items():
        told = result.to_dict()
        assert set(told) >= SHARED, room
        assert told["cost"] >= told["bound"] - 1e-9, room
        assert told["cost"] >= told["base_cost"] - 1e-9, room
        if told["base_cost"]:
            assert told["price"] == pytest.approx(told["cost"] / told["base_cost"] - 1, abs=1e-9), room
        assert told["jain"] == pytest.approx(1 / (1 + told["cv"] ** 2)), room
        assert told["level"] == pytest.approx(told["cv"]), room
    costs = [[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]]
    rule = CVAtMost(0.2)
    ones = evenhand.assign(costs, rule, burdens=np.ones((2, 4)))
    for same in (ones, found["generalised"]):
        assert (same.cost, same.base_cost, same.price, same.cv) == pytest.approx((6.0, 4.0, 0.5, 0.0))


def test_a_report_on_selected_agents_measures_those() -> None:
    """Exactly two of three work: loads 3, 1 and 0 have mean 2 and deviation 1 among the two."""
    report = audit([3.0, 1.0, 0.0], among(CVAtMost(0.4), 2, 3))
    assert (report.cv, report.level, report.max_over_mean) == pytest.approx((0.5, 0.5, 1.5))
