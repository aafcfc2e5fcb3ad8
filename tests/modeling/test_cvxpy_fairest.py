"""The fairest that a CVXPY model allows, against bisection with linear programs and cuts, and by hand."""

from __future__ import annotations

import math

import cvxpy as cp
import numpy as np
import pytest
from cvxpy_problems import model_of
from problems import INFEASIBLE, FairProblem, convex_problems, cutting_plane_optimum

from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast, MaxOverMean
from evenhand.modeling.cvxpy_fairest import fairest

MEMBERS = [*(EpsilonFairness(0.5, p) for p in (2, 3, 5, 10, math.inf)), GiniAtMost(0.5)]


def bisected(problem, fairness, halvings=26):
    """Return the strictest parameter by bisection; None where the model itself is infeasible."""
    n = len(problem.loads)
    loosest, strictest = fairness.parameter_range(n)

    def feasible(parameter):
        member = fairness.with_parameter(parameter)
        asked = FairProblem(problem.model, problem.loads, problem.constants, member)
        return cutting_plane_optimum(asked) != INFEASIBLE

    if not feasible(loosest):
        return None
    if feasible(strictest):
        return strictest
    low, high = loosest, strictest
    for _ in range(halvings):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if feasible(middle) else (low, middle)
    return low


def with_entitlements(fairness, entitlements):
    fields = fairness.to_dict() | {"entitlements": entitlements}
    fields.pop("name")
    fields["p"] = getattr(fairness, "p", None)
    return type(fairness)(**{name: value for name, value in fields.items() if value is not None})


@pytest.mark.parametrize("draws", [6, pytest.param(12, marks=pytest.mark.slow)])
@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_one_solve_finds_what_bisection_finds(fairness, draws):
    # Loose levels leave most problems a fairest that is neither equality nor nothing.
    for problem in convex_problems(2, draws, seed=5):
        member = with_entitlements(fairness, problem.fairness.entitlements)
        _, _, rows, loads = model_of(problem)
        answer = fairest(cp.Problem(cp.Minimize(0), rows), loads, member)
        expected = bisected(problem, member)
        if expected is None:
            assert answer.status == "infeasible"
            continue
        assert answer.reached == pytest.approx(expected, abs=2e-6)
        assert member.with_parameter(answer.reached).contains(np.maximum(answer.loads, 0.0), 1e-9)


@pytest.mark.parametrize(("size", "unit"), [(1, 1), (1e9, 1), (1e-6, 1), (1, 1e9), (1, 1e-9)])
def test_loads_are_loads_of_the_model_at_its_own_scale(size, unit):
    x = cp.Variable(2, nonneg=True)
    # 4 of 10 is the most the second can carry: 6 and 4 parts, 1.2 times the mean.
    problem = cp.Problem(cp.Minimize(0), [cp.sum(x) == 10 * size, x[1] <= 4 * size])
    answer = fairest(problem, x * unit, MaxOverMean(1.0))
    assert answer.reached == pytest.approx(1.2, abs=1e-7)
    assert answer.loads == pytest.approx([6 * size * unit, 4 * size * unit], rel=1e-6)
    assert answer.refuted < answer.reached


def test_equality_is_told_as_such():
    x = cp.Variable(3, nonneg=True)
    answer = fairest(cp.Problem(cp.Minimize(0), [cp.sum(x) == 9]), x, EpsilonFairness(0.3, 3))
    assert (answer.reached, answer.refuted) == (1.0, None)
    assert answer.loads == pytest.approx([3, 3, 3], rel=1e-7)


def test_a_fairest_that_is_only_approached_is_a_direction():
    x = cp.Variable(2)
    # x1 = x0 + 1: ever fairer as both grow, equal nowhere.
    problem = cp.Problem(cp.Minimize(0), [x[1] == x[0] + 1, x[0] >= 1])
    answer = fairest(problem, x, CVAtMost(0.5))
    assert answer.status == "optimal"
    assert answer.reached == pytest.approx(0.0, abs=1e-6)
    assert answer.loads.mean() == pytest.approx(1.0)


def test_zero_loads_meet_everything():
    x = cp.Variable(2, nonneg=True)
    answer = fairest(cp.Problem(cp.Minimize(0), [x[0] == 2 * x[1]]), x, JainAtLeast(0.1))
    assert answer.reached == 1.0
    assert answer.loads.tolist() == [0.0, 0.0]


def test_a_model_without_solutions_is_not_blamed_on_fairness():
    x = cp.Variable(2, nonneg=True)
    problem = cp.Problem(cp.Minimize(0), [cp.sum(x) >= 2, cp.sum(x) <= 1])
    assert fairest(problem, x, CVAtMost(0.5)).status == "infeasible"


def test_a_model_without_solutions_but_with_directions_is_infeasible():
    x = cp.Variable(2, nonneg=True)
    z = cp.Variable()
    problem = cp.Problem(cp.Minimize(0), [z >= 1, z <= 0, x[0] >= 1, x[1] >= 2])
    assert fairest(problem, x, CVAtMost(0.5)).status == "infeasible"


def test_second_order_cones_are_made_homogeneous():
    x = cp.Variable(2)
    # On the disc around (4, 2) of radius 1 the ray through the origin nearest to equality touches the circle:
    # the angle of the centre is atan(1/2), and the touching ray is asin(1 / sqrt(20)) above it.
    slope = math.tan(math.atan2(2, 4) + math.asin(1 / math.sqrt(20)))
    answer = fairest(cp.Problem(cp.Minimize(0), [cp.norm(x - np.array([4, 2])) <= 1]), x, CVAtMost(0.5))
    assert answer.reached == pytest.approx((1 - slope) / (1 + slope), abs=1e-6)


def test_exponential_cones_are_made_homogeneous():
    x = cp.Variable(2)
    # exp(t) / t is least at t = 1: loads 1 and e.
    answer = fairest(cp.Problem(cp.Minimize(0), [cp.exp(x[0]) <= x[1]]), x, CVAtMost(0.5))
    assert answer.reached == pytest.approx((math.e - 1) / (math.e + 1), abs=1e-6)
    # The measure is flat around its least, so that its loads are known to half as many digits.
    assert answer.loads == pytest.approx([1, math.e], rel=1e-3)


def test_semidefinite_cones_are_made_homogeneous():
    x, matrix = cp.Variable(2), cp.Variable((2, 2), symmetric=True)
    # x0 x1 >= 4 and x1 <= 1: loads 4 and 1.
    rows = [cp.diag(matrix) == x, matrix[0, 1] == 2, matrix >> 0, x[1] <= 1]
    answer = fairest(cp.Problem(cp.Minimize(0), rows), x, CVAtMost(0.5))
    assert answer.reached == pytest.approx(3 / 5, abs=1e-6)
    assert answer.loads == pytest.approx([4, 1], rel=1e-5)


def test_bad_input_names_what_is_wrong():
    y = cp.Variable(2)
    with pytest.raises(InputError, match=r"constraint \[1\] that is not convex"):
        fairest(cp.Problem(cp.Minimize(0), [y >= 1, cp.norm(y) >= 2]), y, CVAtMost(0.5))
    with pytest.raises(InputError, match=r"give a cp\.Problem"):
        fairest([y >= 1], y, CVAtMost(0.5))
