"""Other models of fairness in CVXPY: against the measures, optima known in closed form, and enumeration."""

from __future__ import annotations

import doctest
import itertools
import math

import cvxpy as cp
import numpy as np
import pytest
from cvxpy_problems import model_of
from problems import integer_problems

from evenhand.errors import InputError
from evenhand.fairness import measures
from evenhand.modeling import welfare

VALUES = np.array([3.0, 1.0, 4.0, 1.5])
MEAN = 2.375

AT_VALUES = [
    (lambda x: welfare.largest(x), 4.0),
    (lambda x: welfare.value_range(x), 3.0),
    (lambda x: welfare.mean_deviation(x), measures.relative_mean_deviation(VALUES) * MEAN),
    (lambda x: welfare.mean_difference(x), measures.gini(VALUES) * MEAN),
    (lambda x: welfare.standard_deviation(x), measures.coefficient_of_variation(VALUES) * MEAN),
    (lambda x: welfare.power_mean(x, 1), MEAN),
    (lambda x: welfare.power_mean(x, 3), ((27 + 1 + 64 + 3.375) / 4) ** (1 / 3)),
    (lambda x: welfare.power_mean(x, math.inf), 4.0),
    (lambda x: welfare.least(x), 1.0),
    (lambda x: welfare.alpha_fair(x, 0), 9.5),
    (lambda x: welfare.alpha_fair(x, 0.5), measures.alpha_fair_welfare(VALUES, 0.5)),
    (lambda x: welfare.alpha_fair(x, 1), measures.alpha_fair_welfare(VALUES, 1.0)),
    (lambda x: welfare.alpha_fair(x, 3), measures.alpha_fair_welfare(VALUES, 3.0)),
    (lambda x: welfare.equal_equivalent(x, 0), MEAN),
    (lambda x: welfare.equal_equivalent(x, 2), 4 / (1 / 3 + 1 + 1 / 4 + 1 / 1.5)),
    (lambda x: welfare.equal_equivalent(x, 1), 18 ** (1 / 4)),
    (lambda x: welfare.equal_equivalent(x, math.inf), 1.0),
    (lambda x: welfare.nash(x), measures.nash_welfare(VALUES)),
    (lambda x: welfare.ordered_welfare(x), measures.generalised_gini_welfare(VALUES)),
    (lambda x: welfare.ordered_welfare(x, [1, 0.5, 0.5, 0]), 1 + 0.75 + 1.5),
]


@pytest.mark.parametrize(("function", "expected"), AT_VALUES)
def test_expressions_have_the_value_of_their_formula(function, expected):
    x = cp.Variable(4, value=VALUES)
    assert function(x).value == pytest.approx(float(expected))


CONVEX = [
    welfare.largest,
    welfare.value_range,
    welfare.mean_deviation,
    welfare.mean_difference,
    welfare.standard_deviation,
    lambda x: welfare.power_mean(x, 3),
]
CONCAVE = [
    welfare.least,
    welfare.nash,
    welfare.ordered_welfare,
    *(lambda x, alpha=alpha: welfare.alpha_fair(x, alpha) for alpha in (0.5, 1, 2)),
    *(lambda x, alpha=alpha: welfare.equal_equivalent(x, alpha) for alpha in (0.5, 1, 5)),
]


def test_expressions_are_convex_or_concave_by_cvxpys_rules():
    x = cp.Variable(3)
    assert all(function(x).is_convex() for function in CONVEX)
    assert all(function(x).is_concave() for function in CONCAVE)


COSTS = np.array([1.0, 2.0, 5.0])


@pytest.mark.parametrize("alpha", [0.5, 1, 2, 4])
@pytest.mark.parametrize("welfare_of", [welfare.alpha_fair, welfare.equal_equivalent])
def test_alpha_fair_shares_of_a_budget(welfare_of, alpha):
    u = cp.Variable(3)
    cp.Problem(cp.Maximize(welfare_of(u, alpha)), [u @ COSTS == 12]).solve(solver="CLARABEL")
    # Equal marginal welfare for money: u^-alpha / cost is the same for all.
    shape = COSTS ** (-1 / alpha)
    # Welfare is flat around its largest value: utilities are known to half as many digits.
    assert u.value == pytest.approx(12 * shape / (shape @ COSTS), rel=1e-3)


def test_nash_spends_the_same_on_everybody():
    u = cp.Variable(3)
    cp.Problem(cp.Maximize(welfare.nash(u)), [u @ COSTS == 12]).solve(solver="CLARABEL")
    assert u.value == pytest.approx(4 / COSTS, rel=1e-4)


def test_kalai_smorodinsky_gives_equal_parts_of_what_each_could_have():
    u = cp.Variable(2, nonneg=True)
    problem = welfare.kalai_smorodinsky([u @ [1, 3] <= 12, u[1] <= 3], u, solver="CLARABEL")
    # Alone they could have 12 and 3; 12 b + 9 b = 12.
    assert problem.solve(solver="CLARABEL") == pytest.approx(4 / 7, rel=1e-6)
    assert u.value == pytest.approx([48 / 7, 12 / 7], rel=1e-5)


def test_kalai_smorodinsky_starts_from_the_disagreement():
    u = cp.Variable(2)
    problem = welfare.kalai_smorodinsky([cp.sum(u) <= 10], u, disagreement=[2, 4], solver="CLARABEL")
    # Alone they could have 6 and 8: gains of 4 each, of which 4 in all are there.
    assert problem.solve(solver="CLARABEL") == pytest.approx(1 / 2, rel=1e-6)
    assert u.value == pytest.approx([4, 6], rel=1e-5)


LINEAR = {
    "largest": (welfare.largest, lambda x: x.max(axis=1)),
    "range": (welfare.value_range, lambda x: np.ptp(x, axis=1)),
    "mean_deviation": (welfare.mean_deviation, lambda x: np.abs(x - x.mean(axis=1, keepdims=True)).mean(axis=1)),
    "mean_difference": (
        welfare.mean_difference,
        lambda x: np.abs(x[:, :, np.newaxis] - x[:, np.newaxis]).sum(axis=(1, 2)) / (2 * x.shape[1] ** 2),
    ),
}
ROOTS = {
    "standard_deviation": (welfare.standard_deviation, lambda x: x.std(axis=1)),
    "power_mean": (lambda x: welfare.power_mean(x, 3), lambda x: (x**3).mean(axis=1) ** (1 / 3)),
}
UTILITIES = {
    "least": (welfare.least, lambda x: x.min(axis=1)),
    "ordered": (welfare.ordered_welfare, lambda x: measures.generalised_gini_welfare(x)),
    "nash": (welfare.nash, lambda x: measures.nash_welfare(x)),
    "equal_equivalent": (
        lambda x: welfare.equal_equivalent(x, 2),
        lambda x: x.shape[1] / (1 / np.maximum(x, 1e-300)).sum(axis=1),
    ),
}


def enumerated(problem):
    """Return the costs and the loads of all 0/1 vectors that the model allows."""
    model = problem.model
    points = np.array(list(itertools.product((0.0, 1.0), repeat=len(model.costs))))
    points = points[(points @ model.matrix.T.toarray() >= model.row_lower - 1e-9).all(axis=1)]
    return points @ model.costs + model.offset, points @ problem.loads.T


@pytest.mark.parametrize("name", [*LINEAR, *ROOTS])
def test_measures_of_loads_in_integer_models(name):
    expression, formula = {**LINEAR, **ROOTS}[name]
    solver = "HIGHS" if name in LINEAR else "SCIP"
    for problem in integer_problems(2, 5, seed=6):
        costs, loads = enumerated(problem)
        _, cost, rows, x = model_of(problem)
        both = cp.Problem(cp.Minimize(cost + 3 * expression(x)), rows).solve(solver=solver)
        assert both == pytest.approx((costs + 3 * formula(loads)).min(), rel=1e-6)
        limit = np.quantile(formula(loads), 0.2)  # seldom at a load vector's own value
        bounded = cp.Problem(cp.Minimize(cost), [*rows, expression(x) <= limit]).solve(solver=solver)
        assert bounded == pytest.approx(costs[formula(loads) <= limit + 1e-9].min(), rel=1e-6)


@pytest.mark.parametrize("name", UTILITIES)
def test_welfare_of_utilities_in_integer_models(name):
    expression, formula = UTILITIES[name]
    for problem in integer_problems(2, 5, seed=7):
        costs, utilities = enumerated(problem)
        _, cost, rows, u = model_of(problem)
        solver = "HIGHS" if name in ("least", "ordered") else "SCIP"
        both = cp.Problem(cp.Maximize(5 * expression(u) - cost), rows).solve(solver=solver)
        assert both == pytest.approx((5 * formula(utilities) - costs).max(), rel=1e-6, abs=1e-6)


def test_bad_input_names_what_is_wrong():
    x = cp.Variable(3)
    with pytest.raises(InputError, match=r"alpha is -1; it must be a number from 0"):
        welfare.alpha_fair(x, -1)
    with pytest.raises(InputError, match=r"p is 0\.5; it must be a number from 1"):
        welfare.power_mean(x, 0.5)
    with pytest.raises(InputError, match=r"must not increase"):
        welfare.ordered_welfare(x, [1, 2, 3])
    with pytest.raises(InputError, match=r"weights has shape \(2,\)"):
        welfare.ordered_welfare(x, [1, 1])
    with pytest.raises(InputError, match="utilities is convex; utilities must be affine"):
        welfare.least(cp.abs(x))
    with pytest.raises(InputError, match=r"utilities\[0\] has no best.*unbounded"):
        welfare.kalai_smorodinsky([x >= 0], x, solver="CLARABEL")


def test_examples_run():
    result = doctest.testmod(welfare)
    assert result.attempted > 0
    assert result.failed == 0
