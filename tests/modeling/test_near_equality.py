"""Parameters a rounding away from equality, and members of which the disaggregated cuts have nothing to split."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.fairness import (
    CVAtMost,
    EpsilonFairness,
    GiniAtMost,
    HooverAtMost,
    JainAtLeast,
    MaxOverMean,
    RangeAtMost,
)
from evenhand.modeling import LinearModel, frontier, solve_fair_milp
from evenhand.modeling.cvxpy import fair
from evenhand.modeling.forms import Norm, Polyhedron, asks_equality, form_of

TINY = (5e-324, 1e-300, 1e-16, 1e-12)
NEARLY = [
    *(member(tiny) for member in (CVAtMost, GiniAtMost, HooverAtMost, RangeAtMost) for tiny in TINY),
    MaxOverMean(math.nextafter(1.0, 2.0)),
    MaxOverMean(1.0 + 1e-12),
    *(EpsilonFairness(1.0 - 1.2e-16, p=p) for p in (2, 2.5, 3, 10, math.inf)),
    EpsilonFairness(1.0 - 1e-12, p=math.inf),
]
MODEL = LinearModel([1.0, 2, 4], [[1.0, 1, 1]], 12, 12)


@pytest.mark.parametrize("fairness", NEARLY, ids=lambda f: f"{f.name}-{f.parameter - f.equality:g}")
@pytest.mark.parametrize("entitlements", [None, (1.0, 2.0, 3.0)])
def test_a_rounding_from_equality_is_equality(fairness, entitlements) -> None:
    member = type(fairness)(**{**vars(fairness), "entitlements": entitlements})
    expected = 12 * np.array(entitlements or (1.0, 1, 1)) / sum(entitlements or (1, 1, 1))
    assert asks_equality(member, 3)
    form = form_of(member, 3)
    assert isinstance(form, Polyhedron)
    assert np.isfinite(form.loads).all()
    answer = solve_fair_milp(MODEL, np.eye(3), member)
    assert (answer.status, answer.shadow_price) == ("optimal", None)
    assert answer.loads == pytest.approx(expected)


@pytest.mark.parametrize("fairness", NEARLY, ids=lambda f: f"{f.name}-{f.parameter - f.equality:g}")
def test_cvxpy_is_told_equality_too(fairness) -> None:
    import cvxpy

    x = cvxpy.Variable(3)
    cvxpy.Problem(cvxpy.Minimize([1, 2, 4] @ x), [cvxpy.sum(x) == 12, *fair(x, fairness)]).solve(solver="CLARABEL")
    assert x.value == pytest.approx([4.0, 4, 4], abs=1e-5)


@pytest.mark.parametrize(
    "fairness",
    [CVAtMost(1e-6), JainAtLeast(1 - 1e-12), GiniAtMost(1e-6), MaxOverMean(1 + 1e-6), EpsilonFairness(1 - 1e-9, p=3)],
)
def test_what_leaves_room_is_not_equality(fairness) -> None:
    assert not asks_equality(fairness, 3)


def test_the_form_of_a_small_limit_has_no_nan() -> None:
    form = form_of(EpsilonFairness(1 - 1e-12, p=2), 3)
    assert isinstance(form, Norm)
    assert np.isfinite(form.spread)
    assert np.isfinite(form.weights).all()


@pytest.mark.parametrize("solver", ["highs", "scip", "gurobi"])
@pytest.mark.parametrize("integer", [False, True])
def test_disaggregated_cuts_have_nothing_to_do_at_both_ends(solver, integer) -> None:
    model = LinearModel([1.0, 2, 4], [[1.0, 1, 1]], 12, 12, integer=integer)
    for fairness, expected in (
        (None, 12.0),
        (CVAtMost(5.0), 12.0),
        (EpsilonFairness(0.0, p=3), 12.0),
        (CVAtMost(0.0), 28.0),
        (EpsilonFairness(1.0, p=3), 28.0),
        (GiniAtMost(0.0), 28.0),
    ):
        answer = solve_fair_milp(model, np.eye(3), fairness, solver=solver, cuts="disaggregated")
        assert answer.objective == pytest.approx(expected), fairness


def test_a_frontier_can_be_drawn_with_disaggregated_cuts() -> None:
    """Equal loads cost 28, against 12: a price of 4/3."""
    line = frontier(
        lambda fairness: solve_fair_milp(MODEL, np.eye(3), fairness, cuts="disaggregated"),
        [EpsilonFairness(level, p=2) for level in (0.0, 0.5, 1.0)],
    )
    assert [point.price for point in line][::2] == pytest.approx([0.0, 4 / 3], abs=1e-6)
