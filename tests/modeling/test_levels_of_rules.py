"""What a solution tells of each of its rules: of the loads it is asked of, and of those selected alone."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evenhand.applications import generalised_assignment
from evenhand.errors import InputError
from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    JainAtLeast,
    MaxOverMean,
)
from evenhand.modeling import LinearModel, among, audit, fairest, solve_fair_milp

DEPOTS, OPENED, DEMAND = 4, 2, 9
PRICES = np.array([1.0, 2.0, 4.0, 7.0])


@pytest.fixture
def depots():
    """Return a model of whole loads of four depots, of which two are opened, and its loads."""
    eye, none = np.eye(DEPOTS), np.zeros((1, DEPOTS))
    rows = np.vstack([
        np.hstack([np.ones((1, DEPOTS)), none]),
        np.hstack([none, np.ones((1, DEPOTS))]),
        np.hstack([DEMAND * eye, -eye]),
    ])  # fmt: skip
    rows[:2] = rows[[1, 0]]  # demand, then how many are open
    lower = np.array([DEMAND, OPENED, *[0.0] * DEPOTS])
    upper = np.array([DEMAND, OPENED, *[np.inf] * DEPOTS])
    model = LinearModel(
        np.concatenate([np.zeros(DEPOTS), PRICES]),
        rows,
        lower,
        upper,
        upper=[1] * DEPOTS + [DEMAND] * DEPOTS,
        integer=True,
    )
    return model, np.hstack([np.zeros((DEPOTS, DEPOTS)), eye])


def every_plan():
    """Return the loads of all plans: whole, of two depots."""
    for pair in itertools.combinations(range(DEPOTS), OPENED):
        for first in range(DEMAND + 1):
            loads = np.zeros(DEPOTS)
            loads[list(pair)] = first, DEMAND - first
            yield loads, loads[list(pair)]


@pytest.mark.parametrize(
    "member",
    [
        JainAtLeast(0.95),
        CVAtMost(0.4),
        EpsilonFairness(0.7),
        EpsilonFairness(0.6, p=np.inf),
        GiniAtMost(0.1),
        MaxOverMean(1.2),
    ],
    ids=repr,
)
@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_levels_are_those_of_the_opened(depots, member, solver) -> None:
    answer = solve_fair_milp(*depots, among(member, OPENED, DEPOTS), solver=solver)
    best = min(PRICES @ loads for loads, own in every_plan() if member.contains(own))
    assert answer.objective == pytest.approx(best)
    opened = answer.loads[answer.loads > 0.5]
    assert len(opened) == OPENED
    assert answer.level == pytest.approx(float(member.level(opened)), abs=1e-6)
    assert answer.cv == pytest.approx(opened.std() / opened.mean(), abs=1e-6)
    assert answer.rules[0].carriers == tuple(np.flatnonzero(answer.loads > 0.5))
    assert answer.to_dict()["rules"][0]["carriers"] == list(answer.rules[0].carriers)


@pytest.mark.parametrize("member", [JainAtLeast(0.5), GiniAtMost(0.3), MaxOverMean(1.5)], ids=repr)
def test_the_fairest_is_told_of_the_opened(depots, member) -> None:
    levels = [float(member.level(own)) for _, own in every_plan()]
    loosest, strictest = member.parameter_range(OPENED)
    found = fairest(*depots, among(member, OPENED, DEPOTS), solver="scip", resolution=1e-3)
    assert found.status == "optimal"
    assert found.reached == pytest.approx(max(levels) if strictest > loosest else min(levels), abs=1e-5)


def test_equality_of_the_opened_is_no_equality_of_all() -> None:
    model = LinearModel([1.0, 2.0, 4.0], [[1.0, 1.0, 1.0]], 12, 12, upper=[12, 12, 0])
    answer = solve_fair_milp(model, np.eye(3), among(JainAtLeast(1.0), 2, 3))
    assert answer.loads == pytest.approx([6.0, 6.0, 0.0], abs=1e-3)


def test_cvxpy_takes_it(depots) -> None:
    cp = pytest.importorskip("cvxpy")
    from evenhand.modeling.cvxpy import evaluate, fair

    for member in (JainAtLeast(1.0), EpsilonFairness(1.0, p=np.inf), GiniAtMost(0.1)):
        hours = cp.Variable(3, nonneg=True)
        asked = among(member, 2, 3)
        problem = cp.Problem(cp.Minimize(hours @ [1, 2, 4]), [cp.sum(hours) == 12, hours[2] == 0, *fair(hours, asked)])
        problem.solve(solver="CLARABEL")
        least = 6.0 if member.parameter == member.parameter_range(2)[1] else 12.0 * (0.5 - 0.1)
        assert hours.value == pytest.approx([12.0 - least, least, 0.0], abs=1e-2)
        assert evaluate(hours, asked).carriers == (0, 1)


def test_audits_are_of_the_opened() -> None:
    report = audit([4, 0, 5, 0, 3], among(JainAtLeast(0.9), 3, 5))
    assert report.satisfied
    assert report.carriers == (0, 2, 4)
    assert report.level == report.jain == pytest.approx(12**2 / (3 * 50))
    assert report.max_over_mean == pytest.approx(5 / 4)
    assert not audit([9, 0, 2, 0, 1], among(JainAtLeast(0.9), 3, 5)).satisfied


def test_proportion_and_selection_exclude_each_other() -> None:
    with pytest.raises(InputError, match="among 2 of 3 is of equal agents; leave relative=True out"):
        generalised_assignment.solve(
            np.ones((3, 2)), np.ones((3, 2)), [1, 1, 1], among(JainAtLeast(0.9), 2, 3), relative=True
        )


def _by_highs():
    highspy = pytest.importorskip("highspy")
    from evenhand.modeling.highspy import fair

    highs = highspy.Highs()
    highs.silent()
    columns = [highs.addVariable(lb=0, obj=price) for price in (1, 2, 4, 3, 1)]
    highs.addConstr(columns[0] + columns[1] + columns[2] == 12)
    highs.addConstr(columns[3] + columns[4] == 10)
    return columns, lambda loads, member: fair(highs, loads, member)


def _by_scip():
    scip = pytest.importorskip("pyscipopt")
    from evenhand.modeling.pyscipopt import fair

    model = scip.Model()
    model.hideOutput()
    columns = [model.addVar(lb=0, obj=price) for price in (1, 2, 4, 3, 1)]
    model.addCons(columns[0] + columns[1] + columns[2] == 12)
    model.addCons(columns[3] + columns[4] == 10)
    return columns, lambda loads, member: fair(model, loads, member)


@pytest.mark.parametrize("build", [_by_highs, _by_scip])
def test_several_rules_are_told_apart(build) -> None:
    columns, fair = build()
    first, second = fair(columns[:3], JainAtLeast(0.9)), fair(columns[3:], GiniAtMost(0.2))
    answer = first.solve(others=[second], gap=1e-6)
    assert [type(rule.fairness) for rule in answer.rules] == [JainAtLeast, GiniAtMost]
    days, nights = answer.loads[:3], answer.loads[3:]
    assert [rule.loads.tolist() for rule in answer.rules] == [days.tolist(), nights.tolist()]
    assert answer.rules[0].level == pytest.approx(days.sum() ** 2 / (3 * (days**2).sum()))
    assert answer.rules[0].level == pytest.approx(0.9, abs=1e-5), "it binds"
    assert nights == pytest.approx([3.0, 7.0], abs=1e-5), "half of |7 - 3| over 10"
    assert answer.rules[1].level == pytest.approx(0.2, abs=1e-6)
    assert (answer.level, answer.cv, answer.jain) == (None, None, None), "no number is of both"
    assert f"cv {answer.rules[0].cv:.3f}, {answer.rules[1].cv:.3f}" in repr(answer)


def test_without_a_rule_there_is_no_level() -> None:
    model = LinearModel([1.0, 2.0], [[1.0, 1.0]], 10, 10)
    answer = solve_fair_milp(model, np.eye(2), None)
    assert (answer.rules, answer.level, answer.cv) == ((), None, 1.0)
