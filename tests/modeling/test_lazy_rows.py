"""Rows of a model that are made when violated, with variables of every kind in mixed order, against enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from evenhand.fairness import EpsilonFairness, GiniAtMost
from evenhand.modeling import LinearModel, solve_fair_milp
from evenhand.modeling.linear_welfare import padded

UPPER = np.array([2, 1, 1, 2, 1, 1, 2, 1])
"""Integers and binaries in turn: SCIP sorts its variables by kind."""


class Hidden:
    """Rows that only separation knows; counts how often it was asked at fractional and at integral points."""

    def __init__(self, rows: np.ndarray, limits: np.ndarray, *, fractional: bool) -> None:
        self.rows, self.limits, self.fractional = rows, limits, fractional
        self.asked = {True: 0, False: 0}

    def __call__(self, values, integral):
        """Return the rows that the point violates."""
        assert values.shape == UPPER.shape
        self.asked[bool(integral)] += 1
        if not integral and not self.fractional:
            return []
        violated = np.flatnonzero(self.rows @ values > self.limits + 1e-6)
        return [(np.arange(len(UPPER)), self.rows[row], -np.inf, self.limits[row]) for row in violated]


def draw(seed: int):
    rng = np.random.default_rng(seed)
    costs = rng.integers(1, 9, len(UPPER)).astype(float)
    loads = rng.integers(0, 5, (3, len(UPPER))).astype(float)
    demand = rng.integers(0, 4, (1, len(UPPER))).astype(float)
    model = LinearModel(costs, demand, 0.4 * float((demand @ UPPER)[0]), np.inf, upper=UPPER, integer=True)
    hidden = rng.integers(0, 4, (4, len(UPPER))).astype(float)
    return model, loads, hidden, np.floor(0.45 * hidden @ UPPER)


def enumerated(model, loads, fairness, hidden, limits) -> float:
    points = np.array(list(itertools.product(*(range(top + 1) for top in UPPER))), dtype=float)
    allowed = (points @ model.matrix.T.toarray() >= model.row_lower).all(axis=1)
    allowed &= (points @ hidden.T <= limits).all(axis=1) & fairness.contains(points @ loads.T)
    return float(np.where(allowed, points @ model.costs, np.inf).min())


@pytest.mark.parametrize("draws", [6, pytest.param(15, marks=pytest.mark.slow)])
@pytest.mark.parametrize("fractional", [False, True])
@pytest.mark.parametrize("solver", ["highs", "scip", "gurobi"])
def test_they_hold_and_nothing_else_is_lost(solver: str, fractional: bool, draws: int) -> None:
    if solver == "gurobi":
        pytest.importorskip("gurobipy")
    found = 0
    for seed in range(draws):
        model, loads, hidden, limits = draw(seed)
        for fairness in (EpsilonFairness(0.7), GiniAtMost(0.15)):
            best = enumerated(model, loads, fairness, hidden, limits)
            rows = Hidden(hidden, limits, fractional=fractional)
            answer = solve_fair_milp(model, loads, fairness, solver=solver, gap=1e-9, lazy=rows)
            if np.isinf(best):
                assert answer.status == "infeasible"
                continue
            found += 1
            assert answer.objective == pytest.approx(best)
            assert (hidden @ answer.values <= limits + 1e-6).all()
            assert answer.loads == pytest.approx(loads @ answer.values, abs=1e-6)
            assert rows.asked[True] >= 1
    assert found >= 0.8 * draws


def test_loads_may_be_padded_for_a_model_with_further_columns() -> None:
    model, loads, _, _ = draw(0)
    wider = LinearModel(np.append(model.costs, 1.0), np.append(model.matrix.toarray(), [[0.0]], axis=1), 0)
    assert padded(loads, wider).shape == (3, len(UPPER) + 1)
