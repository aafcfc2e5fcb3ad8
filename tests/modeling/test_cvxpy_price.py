"""The shadow price of a member's parameter, against differences of optima by cutting planes."""

from __future__ import annotations

import math
from dataclasses import replace

import cvxpy as cp
import pytest
from cvxpy_problems import model_of
from problems import INFEASIBLE, convex_problems, cutting_plane_optimum

from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, HooverAtMost, JainAtLeast, MaxOverMean, RangeAtMost
from evenhand.modeling.cvxpy import fair, shadow_price

STEP = 1e-4
MEMBERS = [
    *(EpsilonFairness(0.8, p) for p in (2, 3, 10, math.inf)),
    CVAtMost(0.3),
    JainAtLeast(0.9),
    GiniAtMost(0.15),
    HooverAtMost(0.15),
    MaxOverMean(1.4),
    RangeAtMost(0.8),
]


def differences(problem):
    """Return the derivative of the optimum from the left and from the right, or None where one is infeasible."""
    optima = [
        cutting_plane_optimum(
            replace(problem, fairness=problem.fairness.with_parameter(problem.fairness.parameter + step))
        )
        for step in (-STEP, 0.0, STEP)
    ]
    if INFEASIBLE in optima:
        return None
    return (optima[1] - optima[0]) / STEP, (optima[2] - optima[1]) / STEP


def priced(problem, *, maximise, with_parameter):
    _, cost, rows, loads = model_of(problem)
    member, parameter = problem.fairness, None
    if with_parameter:
        parameter = cp.Parameter(nonneg=True, value=member.parameter)
        member = member.with_parameter(member.parameter_range(len(problem.loads))[1])  # ignored
    cone = fair(loads, member, parameter=parameter)
    objective = cp.Maximize(-cost) if maximise else cp.Minimize(cost)
    model = cp.Problem(objective, [*rows, *cone])
    model.solve(solver="CLARABEL")
    return shadow_price(model, cone) * (-1.0 if maximise else 1.0)


CASES = [(member, False) for member in MEMBERS]
CASES += [(member, True) for member in MEMBERS if not isinstance(member, JainAtLeast)]


@pytest.mark.parametrize("draws", [8, pytest.param(25, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("fairness", "with_parameter"), CASES, ids=repr)
def test_price_is_the_slope_of_the_optimum(fairness, with_parameter, draws):
    binding = 0
    for place, problem in enumerate(convex_problems(2, draws, seed=4)):
        asked = replace(problem, fairness=replace(fairness, entitlements=problem.fairness.entitlements))
        slopes = differences(asked)
        if slopes is None or abs(slopes[0] - slopes[1]) > 1e-2 * abs(slopes[0]) + 1e-3:
            continue  # infeasible, or at a kink, where the price is any number between both slopes
        price = priced(asked, maximise=place % 2 == 1, with_parameter=with_parameter)
        assert price == pytest.approx(sum(slopes) / 2, rel=2e-3, abs=2e-3)
        binding += abs(price) > 1e-2
    assert binding >= draws // 6


def test_price_by_hand():
    x = cp.Variable(2, nonneg=True)
    # The cheap agent carries ratio * 2 of the 4 hours: the cost is 2 ratio + 3 (4 - 2 ratio).
    cone = fair(x, MaxOverMean(1.5))
    problem = cp.Problem(cp.Minimize(x[0] + 3 * x[1]), [cp.sum(x) == 4, *cone])
    problem.solve(solver="CLARABEL")
    assert shadow_price(problem, cone) == pytest.approx(-4, rel=1e-6)


def test_what_asks_nothing_costs_nothing_and_equality_has_no_price():
    x = cp.Variable(2, nonneg=True)
    for epsilon in (0.0, 1.0):
        cone = fair(x, EpsilonFairness(epsilon, 2))
        problem = cp.Problem(cp.Minimize(x[0]), [cp.sum(x) == 4, *cone])
        problem.solve(solver="CLARABEL")
        if epsilon == 0.0:
            assert shadow_price(problem, cone) == 0.0
        else:
            with pytest.raises(InputError, match="asks for equality"):
                shadow_price(problem, cone)


def test_what_has_no_price_is_named():
    x, count = cp.Variable(2, nonneg=True), cp.Variable(integer=True)
    cone = fair(x, MaxOverMean(1.5))
    problem = cp.Problem(cp.Minimize(x[0]), [cp.sum(x) == 4 + count, count >= 1, *cone])
    with pytest.raises(InputError, match="has the status None; solve it"):
        shadow_price(problem, cone)
    problem.solve(solver="HIGHS")
    with pytest.raises(InputError, match="integer models have none"):
        shadow_price(problem, cone)
    with pytest.raises(InputError, match="not all in the problem"):
        shadow_price(problem, fair(x, MaxOverMean(1.5)))
    with pytest.raises(InputError, match="the very list"):
        shadow_price(problem, list(cone))
