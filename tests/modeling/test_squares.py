"""Rows that bound the CV of integral loads, against enumeration."""

from __future__ import annotations

from itertools import product

import highspy
import numpy as np
import pytest
from tests.modeling import native

from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast
from evenhand.modeling import LinearModel, solve_fair_milp
from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highspy import fair as fair_in_highs
from evenhand.modeling.lattices import lattices_of
from evenhand.modeling.loads import rows_of
from evenhand.modeling.square_search import solve_with_squares
from evenhand.modeling.squares import integral_squares

MEMBERS = [
    CVAtMost(0.3),
    CVAtMost(0.2, entitlements=(1.0, 0.5, 0.75)),
    JainAtLeast(0.9),
    EpsilonFairness(0.8, p=2, entitlements=(3.0, 2.0, 2.0)),
]


def counts(most: int) -> LinearModel:
    """Return a model of three free counts up to `most`, the second and third of which cost more."""
    return LinearModel([1.0, 1.3, 1.7], np.ones((1, 3)), 0.0, np.inf, upper=most, integer=True)


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
@pytest.mark.parametrize(("steps", "constants"), [((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)), ((7.5, 5.0, 2.5), (0.3, 4, 1))])
def test_integral_solutions_of_the_rows_are_the_fair_loads(fairness, steps, constants):
    """Each point of the grid, fixed in the extended model, is feasible if and only if its loads are fair."""
    model, loads = counts(5), (np.diag(steps), np.array(constants))
    squares = integral_squares(model, rows_of(loads, 3), fairness)
    highs = highs_of(squares.model)
    places = np.arange(3, dtype=np.int32)
    found = set()
    for point in product(range(6), repeat=3):
        at = np.array(point, dtype=float)
        highs.changeColsBounds(3, places, at, at)
        highs.run()
        if highs.modelStatusToString(highs.getModelStatus()) == "Optimal":
            found.add(point)
    fair = {p for p in product(range(6), repeat=3) if fairness.contains(loads[0] @ np.array(p) + loads[1])}
    assert found == fair
    assert 0 < len(fair) < 216


@pytest.mark.parametrize("seed", range(6))
def test_the_cheapest_fair_assignment_of_whole_hours_is_that_of_enumeration(seed):
    """Six tasks for three agents of unlike entitlements, who carry work from before."""
    rng = np.random.default_rng(seed)
    costs, hours = rng.integers(1, 20, (3, 6)).astype(float), rng.integers(1, 6, 6).astype(float)
    carried, fairness = rng.uniform(0.0, 4.0, 3), CVAtMost(0.25, entitlements=(1.0, 0.5, 1.0))
    model = LinearModel(costs.ravel(), np.hstack([np.eye(6)] * 3), 1, 1, upper=1, integer=True)
    loads = np.kron(np.eye(3), hours)
    answer = solve_fair_milp(model, (loads, carried), fairness, gap=0.0, cuts="squares")
    best = np.inf
    for chosen in product(range(3), repeat=6):
        own = np.bincount(chosen, hours, minlength=3) + carried
        if fairness.contains(own):
            best = min(best, costs[list(chosen), range(6)].sum())
    assert answer.status == ("optimal" if np.isfinite(best) else "infeasible")
    assert answer.objective == (pytest.approx(best) if np.isfinite(best) else None)
    assert answer.cuts == 0


def test_two_counts_at_once_are_both_fair():
    """Hours and night shifts of the same plan, each under its own bound, against enumeration."""
    hours, nights = np.array([8.0, 6, 8, 6, 12, 8]), np.array([1.0, 0, 1, 0, 1, 1])
    costs = np.random.default_rng(3).integers(1, 20, (2, 6)).astype(float)
    model = LinearModel(costs.ravel(), np.hstack([np.eye(6)] * 2), 1, 1, upper=1, integer=True)
    rules = [(hours, CVAtMost(0.1)), (nights, CVAtMost(0.0001 + 1 / 3))]
    cones = [(rows_of(np.kron(np.eye(2), each), 12), member) for each, member in rules]
    answer = solve_with_squares(model, cones, gap=0.0)
    best = np.inf
    for chosen in product(range(2), repeat=6):
        if all(member.contains(np.bincount(chosen, each, minlength=2)) for each, member in rules):
            best = min(best, costs[list(chosen), range(6)].sum())
    assert answer.objective == pytest.approx(best)
    assert [bool(rule.cv <= member.cv + 1e-9) for rule, (_, member) in zip(answer.rules, rules, strict=True)] == [1, 1]


def test_equal_loads_on_the_boundary_are_allowed():
    """Loads 4 and 2 have a CV of exactly 1/3."""
    model = LinearModel([1.0, 2.0], np.ones((1, 2)), 6.0, 6.0, upper=6, integer=True)
    answer = solve_fair_milp(model, np.eye(2), CVAtMost(1 / 3), cuts="squares")
    assert answer.loads.tolist() == [4.0, 2.0]


def test_loads_without_a_common_step_have_no_rows():
    """The circle constant is no multiple of a step, and a continuous variable has none."""
    rows = rows_of(np.diag([1.0, np.pi, 2.0]), 3)
    assert integral_squares(counts(5), rows, CVAtMost(0.3)) is None
    assert lattices_of(rows_of(np.eye(3), 3), np.array([True, True, False])) is None


def test_members_of_another_order_have_no_rows():
    """Only a bound on squares is one on the CV of the same loads."""
    rows = rows_of(np.eye(3), 3)
    for member in (EpsilonFairness(0.5, p=3), GiniAtMost(0.2), CVAtMost(0.0), CVAtMost(9.0)):
        assert integral_squares(counts(5), rows, member) is None


def test_bounds_on_the_sum_are_kept():
    """With the sum limited to at most 6, the dearest counts that maximise profit have a sum of 6."""
    squares = integral_squares(counts(5), rows_of(np.eye(3), 3), CVAtMost(0.3), sums=(2.0, 6.5))
    assert squares.sums == (2.0, 6.0)
    highs = highs_of(squares.model.with_objective(-squares.model.costs, 0.0))
    highs.run()
    assert sum(highs.getSolution().col_value[:3]) == pytest.approx(6.0)


@pytest.mark.parametrize("solved", [native.with_highspy, native.with_linopy, native.with_pyomo])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_every_library_states_counts_by_rows(solved, sign):
    """Few counts at least cost, and as many as the rows allow: one search without cuts, the optimum of all points."""
    rows = np.array([[1.0, 1.0, 1.0], [1.0, 2.0, 1.0]])
    model = LinearModel(sign * counts(5).costs, rows, [4, 0], [11, 13], upper=5, integer=True)
    fairness = CVAtMost(0.2, entitlements=(1.0, 0.5, 0.75))
    points = [np.array(point) for point in product(range(6), repeat=3)]
    kept = [p for p in points if 4 <= p.sum() <= 11 and p @ rows[1] <= 13 and fairness.contains(p.astype(float))]
    answer = solved(model, np.eye(3), fairness, gap=0.0)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(min(model.costs @ point for point in kept))
    assert (answer.rounds, answer.cuts) == (1, 0)


def test_a_model_that_highs_maximises_keeps_its_sense():
    """Profit of at most nine counts; objective, bound and loads are in the model's own sense and unit."""
    highs = highspy.Highs()
    highs.silent()
    hours = [highs.addVariable(lb=0, ub=5, type=highspy.HighsVarType.kInteger) for _ in range(3)]
    highs.addConstr(hours[0] + hours[1] + hours[2] <= 9)
    highs.setObjective(3 * hours[0] + 2 * hours[1] + 1 * hours[2], sense=highspy.ObjSense.kMaximize)
    answer = fair_in_highs(highs, [8 * hour for hour in hours], CVAtMost(0.2)).solve(gap=0.0)
    assert (answer.status, answer.objective, answer.bound, answer.cuts) == ("optimal", 18.0, 18.0, 0)
    assert answer.loads.tolist() == [24.0, 24.0, 24.0]


def test_squares_with_another_solver_are_refused():
    """The search is one of HiGHS."""
    with pytest.raises(InputError, match="solver 'highs'"):
        solve_fair_milp(counts(5), np.eye(3), CVAtMost(0.3), solver="scip", cuts="squares")
