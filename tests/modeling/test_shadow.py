"""The shadow price of a parameter is the slope of the optimal objective, by solving at both sides."""

from __future__ import annotations

import numpy as np
import pytest
from tests.modeling.continuous import draw

from evenhand.fairness import EpsilonFairness
from evenhand.modeling import LinearModel, solve_fair_milp


@pytest.mark.parametrize("draws", [7, pytest.param(20, marks=pytest.mark.slow)])
def test_it_lies_between_the_slopes_to_both_sides(draws: int) -> None:
    compared = 0
    for seed in range(draws):
        model, loads, members = draw(seed)
        for member in members:
            answer = solve_fair_milp(model, loads, member)
            step = 1e-4 * abs(np.subtract(*member.parameter_range(len(loads))))
            below, above = (
                solve_fair_milp(model, loads, member.with_parameter(member.parameter + change)).objective
                for change in (-step, step)
            )
            if answer.objective is None or below is None or above is None:
                continue
            if not answer.loads.any():
                assert answer.shadow_price is None
                continue
            compared += 1
            slopes = sorted([(answer.objective - below) / step, (above - answer.objective) / step])
            slack = 0.01 * max(1.0, *np.abs(slopes))
            assert slopes[0] - slack <= answer.shadow_price <= slopes[1] + slack, member
    assert compared > 4 * draws


def test_it_is_that_of_a_hand_computed_case() -> None:
    """Ten hours for two people at 1 and 2: with p = inf the first does at most 10 / (1 + epsilon) of them."""
    model = LinearModel([1.0, 2.0], [[1.0, 1.0]], 10, 10)
    answer = solve_fair_milp(model, np.eye(2), EpsilonFairness(0.25, np.inf))
    assert answer.objective == pytest.approx(20 - 10 / 1.25)
    assert answer.shadow_price == pytest.approx(10 / 1.25**2, rel=1e-5)


def test_integers_have_none() -> None:
    model = LinearModel([1.0, 2.0], [[1.0, 1.0]], 10, 10, integer=True)
    assert solve_fair_milp(model, np.eye(2), EpsilonFairness(0.25)).shadow_price is None
