"""Fairness in CVXPY models: agreement with cutting planes and with enumeration, parameters, and bad input."""

from __future__ import annotations

import doctest
import math
from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest
from cvxpy_problems import model_of, optimum
from problems import (
    INFEASIBLE,
    ORDERS,
    FairProblem,
    convex_problems,
    cutting_plane_optimum,
    enumerated_optimum,
    integer_problems,
)

from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    LeastOverMean,
    MaxOverMean,
    RangeAtMost,
    TopShareAtMost,
)
from evenhand.modeling import cvxpy, cvxpy_fairest
from evenhand.modeling.cvxpy import evaluate, fair

OTHERS = (
    CVAtMost(0.2),
    JainAtLeast(0.95),
    MaxOverMean(1.25),
    GiniAtMost(0.08),
    HooverAtMost(0.1),
    RangeAtMost(0.3),
    LeastOverMean(0.8),
    TopShareAtMost(1, 0.6),
)
ENDS = (
    EpsilonFairness(0.0, 3),
    EpsilonFairness(1.0, 3),
    CVAtMost(0.0),
    GiniAtMost(1.0),
    MaxOverMean(1.0),
    RangeAtMost(0.0),
)


def assert_agree(problem, found, loads, relative=1e-6):
    expected = cutting_plane_optimum(problem)
    if expected == INFEASIBLE:
        assert found == INFEASIBLE
        return
    assert found == pytest.approx(expected, rel=relative, abs=relative)
    if loads.max() > 1e-6:  # else a solver's rounding around zero loads
        assert problem.fairness.contains(np.maximum(loads, 0.0), 1e-6)


@pytest.mark.parametrize("p", ORDERS)
def test_optimum_is_that_of_cutting_planes(p):
    for problem in convex_problems(p, 8):
        assert_agree(problem, *optimum(problem))


@pytest.mark.slow
@pytest.mark.parametrize("p", ORDERS)
def test_optimum_is_that_of_cutting_planes_on_many(p):
    for problem in convex_problems(p, 200):
        assert_agree(problem, *optimum(problem))


@pytest.mark.parametrize("draws", [8, pytest.param(15, marks=pytest.mark.slow)])
@pytest.mark.parametrize("fairness", OTHERS + ENDS, ids=repr)
def test_every_member_is_stated(fairness, draws):
    for problem in convex_problems(2, draws, seed=1):
        member = replace(fairness, entitlements=problem.fairness.entitlements)
        asked = replace(problem, fairness=member)
        assert_agree(asked, *optimum(asked))


@pytest.mark.parametrize("draws", [5, pytest.param(15, marks=pytest.mark.slow)])
@pytest.mark.parametrize("p", ORDERS)
def test_integer_optimum_is_that_of_enumeration(p, draws):
    for problem in integer_problems(p, draws):
        found, _ = optimum(problem, "HIGHS" if math.isinf(p) else "SCIP")
        assert found == pytest.approx(enumerated_optimum(problem), rel=1e-6)


@pytest.mark.parametrize("fairness", [member for member in OTHERS if isinstance(member, (GiniAtMost, RangeAtMost))])
def test_linear_members_keep_an_integer_model_linear(fairness):
    for problem in integer_problems(2, 10, seed=2):
        asked = replace(problem, fairness=replace(fairness, entitlements=problem.fairness.entitlements))
        assert optimum(asked, "HIGHS")[0] == pytest.approx(enumerated_optimum(asked), rel=1e-6)


PARAMETERS = [
    *((EpsilonFairness(0.5, p), (0.3, 0.8, 0.95)) for p in ORDERS),
    (CVAtMost(0.5), (0.1, 0.3)),
    (GiniAtMost(0.5), (0.05, 0.2)),
    (HooverAtMost(0.5), (0.05, 0.2)),
    (MaxOverMean(1.5), (1.1, 1.5)),
    (RangeAtMost(0.5), (0.2, 0.9)),
    (LeastOverMean(0.5), (0.2, 0.9)),
    (TopShareAtMost(1, 0.7), (0.55, 0.8)),
]


@pytest.mark.parametrize(("fairness", "values"), PARAMETERS, ids=lambda entry: repr(entry))
def test_one_compiled_problem_serves_all_parameters(fairness, values):
    problem = next(
        entry
        for entry in convex_problems(2, 30, seed=3)
        if all(cutting_plane_optimum(replace(entry, fairness=fairness.with_parameter(q))) < INFEASIBLE for q in values)
        and entry.fairness.entitlements
    )
    _, cost, rows, loads = model_of(problem)
    member = replace(fairness, entitlements=problem.fairness.entitlements)
    parameter = cp.Parameter(nonneg=True)
    model = cp.Problem(cp.Minimize(cost), [*rows, *fair(loads, member, parameter=parameter)])
    assert model.is_dcp(dpp=True)
    programs = []
    for parameter.value in values:
        model.solve(solver="CLARABEL")
        programs.append(model._cache.param_prog)
        asked = replace(problem, fairness=member.with_parameter(parameter.value))
        assert_agree(asked, INFEASIBLE if model.status == "infeasible" else model.value, loads.value)
    assert all(program is programs[0] for program in programs)


def test_loads_may_hold_parameters_of_their_own():
    x, rates, epsilon = cp.Variable(2, nonneg=True), cp.Parameter(2, nonneg=True), cp.Parameter(nonneg=True)
    loads = cp.multiply(rates, x)
    for member in (EpsilonFairness(0, 2), EpsilonFairness(0, 5), CVAtMost(0), GiniAtMost(0)):
        cone = fair(loads, member, parameter=epsilon)
        assert cp.Problem(cp.Minimize(cp.sum(x)), [cp.sum(loads) >= 1, *cone]).is_dcp(dpp=True)


def test_loads_are_kept_nonnegative_unless_they_are_known_to_be():
    free = cp.Variable(3)
    # Without loads >= 0, (-1, 2, 2) would be within a CV of sqrt(2), and cheaper.
    problem = cp.Problem(cp.Minimize(free[0]), [cp.sum(free) == 3, free <= 2, *fair(free, CVAtMost(10))])
    assert problem.solve(solver="CLARABEL") == pytest.approx(0.0, abs=1e-7)
    assert len(fair(cp.Variable(3, nonneg=True), CVAtMost(10))) == 0
    assert len(fair(cp.Variable(3, bounds=[0, 1]), CVAtMost(10))) == 0


def test_bounds_that_cvxpy_only_seems_to_know_are_not_trusted():
    free = cp.Variable(2)
    # CVXPY 1.9 gives this quotient the bounds 0 and 0, though the loads are anything.
    with np.errstate(invalid="ignore"):
        assert len(fair((np.eye(2) @ free) / 10, CVAtMost(10))) == 1


@pytest.mark.parametrize("unit", [1e6, 1e-6])
@pytest.mark.parametrize("p", [2, 3, math.inf])
def test_the_unit_of_the_loads_does_not_matter(p, unit):
    for problem in convex_problems(p, 10, seed=12):
        scaled = replace(problem, loads=problem.loads * unit, constants=problem.constants * unit)
        found, _ = optimum(scaled)
        assert found == pytest.approx(cutting_plane_optimum(problem), rel=1e-6, abs=1e-6)


def test_asking_for_the_unit_leaves_values_as_they_were():
    x, y = cp.Variable(2, nonneg=True, value=[1.0, 2.0]), cp.Variable()
    fair(cp.hstack([x, y]), CVAtMost(0.1))
    assert x.value.tolist() == [1.0, 2.0]
    assert y.value is None


def test_loads_may_be_a_column_or_a_list_or_a_dictionary():
    x = cp.Variable((2, 1))
    a, b = cp.Variable(nonneg=True), cp.Variable(1, nonneg=True)
    for loads, parts in ((x, [x[0, 0], x[1, 0]]), ([a, 2 * b], [a, 2 * b]), ({"ann": a, "bob": b}, [a, b])):
        problem = cp.Problem(cp.Maximize(parts[0]), [parts[0] + parts[1] == 2, *fair(loads, MaxOverMean(1.25))])
        assert problem.solve(solver="CLARABEL") == pytest.approx(1.25)


def test_evaluate_reads_a_solved_model():
    x = cp.Variable(2, nonneg=True)
    problem = cp.Problem(cp.Minimize(x[0]), [cp.sum(x) == 4, *fair(x, MaxOverMean(1.5))])
    with pytest.raises(InputError, match="solve the problem first"):
        evaluate(x, MaxOverMean(1.5))
    problem.solve(solver="CLARABEL")
    report = evaluate(x, MaxOverMean(1.5))
    assert report.loads == pytest.approx([1, 3], rel=1e-6)
    assert report.satisfied
    # 1 and 3: a standard deviation of 1 and a mean of 2.
    assert evaluate(x, CVAtMost(0.4)).violation == pytest.approx(0.5 / 0.4 - 1, rel=1e-5)
    assert not evaluate(x, CVAtMost(0.4)).satisfied


X = cp.Variable(3)
BAD_LOADS = [
    (cp.square(X), r"loads is convex; loads must be affine"),
    ([X[0], cp.abs(X[1])], r"loads\[1\] is convex"),
    (cp.Variable((2, 2)), r"loads has shape \(2, 2\)"),
    (cp.Variable((1, 3)), r"loads has shape \(1, 3\)"),
    (cp.sum(X), r"loads has shape \(\)"),
    (cp.Variable(1), r"loads are for 1 agent"),
    ([X[0]], r"loads has 1 entries"),
    ([X[0], X], r"loads\[1\] has shape \(3,\); it must be a scalar"),
    ([X[0], "x"], r"loads\[1\] is str"),
    ([X[0], math.nan], r"loads\[1\] holds a number that is not finite"),
    ([X[0], -1.0], r"loads\[1\] is never above 0"),
    (-cp.Variable(2, nonneg=True), r"loads(\[0\])? is (never above|at most)"),
    (cp.Variable(2, bounds=[np.array([0, -2]), np.array([1, -1])]), r"loads\[1\] is at most -1"),
    (np.array([1.0, -3.0]), r"loads\[1\] is at most -3"),
    (cp.Variable(2, complex=True), r"loads is complex"),
    (7, r"loads is int; give a vector"),
]


@pytest.mark.parametrize(("loads", "message"), BAD_LOADS, ids=[message[:24] for _, message in BAD_LOADS])
def test_bad_loads_are_named(loads, message):
    with pytest.raises(InputError, match=message):
        fair(loads, EpsilonFairness(0.9, 2))


def test_bad_members_and_parameters_are_named():
    x = cp.Variable(3, nonneg=True)
    with pytest.raises(InputError, match=r"fairness is 0\.9; give a member"):
        fair(x, 0.9)
    with pytest.raises(InputError, match="entitlements are for 2 agents, but the loads are for 3"):
        fair(x, CVAtMost(0.1, entitlements=(1, 2)))
    with pytest.raises(InputError, match=r"CVAtMost with cv = sqrt\(1/J - 1\)"):
        fair(x, JainAtLeast(0.9), parameter=cp.Parameter(nonneg=True))
    with pytest.raises(InputError, match=r"declare it as cp\.Parameter\(nonneg=True\)"):
        fair(x, CVAtMost(0.9), parameter=cp.Parameter())
    with pytest.raises(InputError, match="it must be a scalar"):
        fair(x, CVAtMost(0.9), parameter=cp.Parameter(2, nonneg=True))
    with pytest.raises(InputError, match=r"parameter is 0\.5; give a cp\.Parameter"):
        fair(x, CVAtMost(0.9), parameter=0.5)


class Unwritten(GiniAtMost):
    """A member that modelling libraries know nothing of but its cuts."""

    def rows(self, n):
        """None, unlike the Gini index itself."""


def test_a_member_without_a_form_is_named_and_pointed_to_cuts():
    with pytest.raises(InputError, match=r"Unwritten\(0\.1\).*outer approximation"):
        fair(cp.Variable(3), Unwritten(0.1))


@pytest.mark.parametrize("module", [cvxpy, cvxpy_fairest])
def test_examples_run(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_shared_problems_are_worth_solving():
    problems = convex_problems(3, 60)
    values = [cutting_plane_optimum(problem) for problem in problems]
    free = [cutting_plane_optimum(FairProblem(p.model, p.loads, p.constants, EpsilonFairness(0))) for p in problems]
    binding = [INFEASIBLE > value > without + 1e-6 for value, without in zip(values, free, strict=True)]
    assert sum(binding) >= 20
    assert 5 <= values.count(INFEASIBLE) <= 25
