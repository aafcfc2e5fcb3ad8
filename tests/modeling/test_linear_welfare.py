"""Other models of fairness in linear models: against enumeration, and against CVXPY on continuous ones."""

from __future__ import annotations

import doctest
import itertools
import math
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from cvxpy_problems import model_of, optimum
from problems import INFEASIBLE, convex_problems, enumerated_optimum, integer_problems

from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
)
from evenhand.modeling import linear_welfare, welfare
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.linear_welfare import bound, bound_least, maximise_least, minimise, padded, with_fairness
from evenhand.modeling.solve_model import solve_fair_milp

EXPRESSIONS = {
    "largest": welfare.largest,
    "range": welfare.value_range,
    "mean_deviation": welfare.mean_deviation,
    "mean_difference": welfare.mean_difference,
}


def measured(name, loads):
    """Return a measure of loads (m, n), written out."""
    deviations = np.abs(loads - loads.mean(axis=1, keepdims=True))
    pairs = np.abs(loads[:, :, np.newaxis] - loads[:, np.newaxis])
    return {
        "largest": loads.max(axis=1),
        "range": loads.max(axis=1) - loads.min(axis=1),
        "mean_deviation": deviations.mean(axis=1),
        "mean_difference": pairs.sum(axis=(1, 2)) / (2 * loads.shape[1] ** 2),
    }[name]


def solved(model, problem):
    """Return the objective of a linear model made of a problem's, and its loads."""
    loads = padded((problem.loads, problem.constants), model)
    answer = solve_fair_milp(model, loads, None, gap=1e-9)
    return (INFEASIBLE, None) if answer.status == "infeasible" else (answer.objective, answer.loads)


def enumerated(problem):
    """Return the costs and the loads of all 0/1 vectors that the model allows."""
    model = problem.model
    points = np.array(list(itertools.product((0.0, 1.0), repeat=len(model.costs))))
    points = points[(points @ model.matrix.T.toarray() >= model.row_lower - 1e-9).all(axis=1)]
    return points @ model.costs + model.offset, points @ problem.loads.T + problem.constants


@pytest.fixture(scope="module")
def integers():
    rng = np.random.default_rng(0)
    return [
        replace(problem, constants=rng.integers(0, 3, len(problem.loads)).astype(float))
        for problem in integer_problems(2, 6, seed=8)
    ]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_measures_against_enumeration(name, integers):
    for problem in integers:
        costs, loads = enumerated(problem)
        values, asked = measured(name, loads), (problem.loads, problem.constants)
        least, _ = solved(minimise(problem.model, asked, name), problem)
        assert least == pytest.approx(values.min(), abs=1e-6)
        both, _ = solved(minimise(problem.model, asked, name, weight=3.0), problem)
        assert both == pytest.approx((costs + 3 * values).min())
        limit = float(np.quantile(values, 0.2))
        cheapest, chosen = solved(bound(problem.model, asked, name, limit), problem)
        assert cheapest == pytest.approx(costs[values <= limit + 1e-9].min())
        assert measured(name, chosen[np.newaxis])[0] <= limit + 1e-6


def test_entitlements_compare_relative_loads(integers):
    for problem in integers:
        entitlements = tuple(float(place + 1) for place in range(len(problem.loads)))
        costs, loads = enumerated(problem)
        relative = loads / (np.array(entitlements) / np.mean(entitlements))
        both, _ = solved(
            minimise(problem.model, (problem.loads, problem.constants), "range", weight=2, entitlements=entitlements),
            problem,
        )
        assert both == pytest.approx((costs + 2 * measured("range", relative)).min())


def test_least_utility_against_enumeration(integers):
    for problem in integers:
        costs, utilities = enumerated(problem)
        asked, least = (problem.loads, problem.constants), utilities.min(axis=1)
        assert solved(maximise_least(problem.model, asked), problem)[0] == pytest.approx(-least.max())
        both, _ = solved(maximise_least(problem.model, asked, weight=4.0), problem)
        assert both == pytest.approx((costs - 4 * least).min())
        limit = float(np.quantile(least, 0.7))
        assert solved(bound_least(problem.model, asked, limit), problem)[0] == pytest.approx(
            costs[least >= limit].min()
        )


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_continuous_measures_against_cvxpy(name):
    for problem in convex_problems(2, 12, seed=9):
        asked = (problem.loads, problem.constants)
        _, cost, rows, x = model_of(problem)
        reference = cp.Problem(cp.Minimize(cost + 2 * EXPRESSIONS[name](x)), [*rows, x >= 0])
        reference.solve(solver="CLARABEL")
        expected = INFEASIBLE if reference.status == "infeasible" else reference.value
        assert solved(minimise(problem.model, asked, name, weight=2.0), problem)[0] == pytest.approx(expected, rel=1e-6)


LINEAR = [
    MaxOverMean(1.3),
    RangeAtMost(0.5),
    GiniAtMost(0.1),
    HooverAtMost(0.1),
    LeastOverMean(0.8),
    TopShareAtMost(1, 0.6),
    EpsilonFairness(0.8, math.inf),
    EpsilonFairness(1.0, 3),
]


@pytest.mark.parametrize("fairness", LINEAR, ids=repr)
def test_linear_members_as_rows(fairness, integers):
    for problem in integers:
        asked = replace(problem, fairness=fairness)
        model = with_fairness(problem.model, (problem.loads, problem.constants), fairness)
        assert solved(model, problem)[0] == pytest.approx(enumerated_optimum(asked))
    for problem in convex_problems(2, 8, seed=10):
        asked = replace(problem, fairness=replace(fairness, entitlements=problem.fairness.entitlements))
        model = with_fairness(problem.model, (problem.loads, problem.constants), asked.fairness)
        assert solved(model, problem)[0] == pytest.approx(optimum(asked)[0], rel=1e-6, abs=1e-6)


def test_loads_that_could_be_negative_are_kept_from_it():
    # Nothing keeps x0 - 2 x1 above 0 but that it is a load; a load of -2 and one of 1 would cost less.
    model = LinearModel([0.0, -1.0], [[1.0, 1.0]], upper=[1.0, 1.0])
    loads = np.array([[1.0, -2.0], [0.0, 1.0]])
    one = bound(model, loads, "largest", 5.0)
    assert solve_fair_milp(one, padded(loads, one), None).objective == pytest.approx(-0.5)


def test_bad_input_names_what_is_wrong():
    model, loads = LinearModel([1.0, 1.0], [[1.0, 1.0]], 1.0), np.eye(2)
    with pytest.raises(InputError, match=r"measure is 'spread'; known are largest, range"):
        minimise(model, loads, "spread")
    with pytest.raises(InputError, match="limit is -1; it must be a finite number"):
        bound(model, loads, "range", -1)
    with pytest.raises(InputError, match="weight is 0; it must be a finite number above 0"):
        minimise(model, loads, "range", weight=0)
    with pytest.raises(InputError, match="not linear; use solve_fair_milp"):
        with_fairness(model, loads, CVAtMost(0.1))
    with pytest.raises(InputError, match="loads has shape"):
        bound(model, np.eye(3), "range", 1)
    with pytest.raises(InputError, match=r"loads\[0\] is at most -1"):
        bound(model, (-np.eye(2), [-1, 0]), "range", 1)
    with pytest.raises(InputError, match="loads has 3 columns, but model has 2 variables only"):
        padded(np.eye(3), model)


def test_examples_run():
    result = doctest.testmod(linear_welfare)
    assert result.attempted > 0
    assert result.failed == 0
