"""The price of fairness along a range of levels."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

import evenhand
from evenhand.assignment import frontier
from evenhand.assignment.generated_instances import generate_plane
from evenhand.errors import InputError

EPSILONS = [0.0, 0.5, 0.8, 0.9, 0.95, 0.99]


@pytest.mark.parametrize("p", [2, 5, float("inf")])
def test_warm_started_points_agree_with_single_solves(p: float) -> None:
    """A neighbour's cuts, assignment and bound change the way, never the answer."""
    table = generate_plane(4, 60, seed=2).costs
    points = evenhand.price_of_fairness(table, p, EPSILONS, gap=1e-9)
    for point in points:
        alone = evenhand.assign(table, evenhand.EpsilonFairness(point.parameter, p=p), gap=1e-9)
        assert point.status == "optimal"
        assert point.cost == pytest.approx(alone.cost, rel=2e-9)


def test_fairness_never_gets_cheaper_and_the_price_is_relative_to_none() -> None:
    table = generate_plane(5, 80, seed=0).costs
    result = evenhand.price_of_fairness(table, 2, reversed(EPSILONS), gap=1e-9)
    costs = [point.cost for point in result]
    assert [point.parameter for point in result] == EPSILONS
    assert all(later >= earlier * (1 - 2e-9) for earlier, later in pairwise(costs))
    assert result.base_cost == pytest.approx(table.values.min(axis=0).sum())
    assert [point.price for point in result] == pytest.approx([cost / result.base_cost - 1 for cost in costs])


def test_any_member_has_a_frontier() -> None:
    table = generate_plane(4, 40, seed=1).costs
    result = frontier(table, [evenhand.GiniAtMost(gini) for gini in (0.5, 0.2, 0.05)])
    assert (result.measure, result.p) == ("gini", None)
    assert all(evenhand.GiniAtMost(point.parameter).contains(point.loads) for point in result)


def test_infeasible_levels_are_points_without_a_cost() -> None:
    result = evenhand.price_of_fairness([[9.0, 1.0], [9.0, 1.0]], 2, [0.0, 1.0])
    assert [point.status for point in result] == ["optimal", "infeasible"]
    assert result.points[1].cost is None
    assert result.points[1].loads == ()


def test_members_must_be_one_family_from_loose_to_strict() -> None:
    costs = np.ones((2, 3))
    with pytest.raises(InputError, match="at another parameter"):
        frontier(costs, [evenhand.GiniAtMost(0.5), evenhand.HooverAtMost(0.2)])
    with pytest.raises(InputError, match="loose to strict"):
        frontier(costs, [evenhand.GiniAtMost(0.2), evenhand.GiniAtMost(0.5)])
    with pytest.raises(InputError, match="no level given"):
        frontier(costs, [])


@pytest.mark.parametrize("epsilons", [0.5, "0.5", [0.5, "half"]])
def test_epsilons_are_several_numbers(epsilons: object) -> None:
    with pytest.raises(InputError, match="epsilon"):
        evenhand.price_of_fairness(np.ones((2, 3)), 2, epsilons)


def test_a_frontier_holds_members_only() -> None:
    with pytest.raises(InputError, match="fairness is 1"):
        frontier(np.ones((2, 3)), [1, 2])


def test_where_the_cheapest_costs_nothing_there_is_no_price() -> None:
    """A cost of 1 over a base of 0 is no share; the JSON must hold."""
    result = evenhand.price_of_fairness([[0.0, 0.0], [1.0, 1.0]], 2, [0.0, 0.9], burdens=np.ones((2, 2)))
    assert [(point.cost, point.price) for point in result] == [(0.0, 0.0), (1.0, None)]
    json.dumps(result.to_dict(), allow_nan=False)
