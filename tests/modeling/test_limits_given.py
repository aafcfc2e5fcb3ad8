"""Limits that are no numbers are refused by the same line wherever a model is solved."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand import JainAtLeast, assign
from evenhand.applications import generalised_assignment
from evenhand.errors import InputError
from evenhand.modeling import LinearModel, fairest, solve_fair_milp

MODEL = LinearModel([1.0, 1.0], [[1.0, 1.0]], 10, 10, upper=[7, 4])
LOADS = np.eye(2)
COSTS = [[1.0, 2.0], [2.0, 1.0]]


@pytest.mark.parametrize("limit", [True, False, "20", 0, -1.0, float("nan"), [20]])
@pytest.mark.parametrize(
    "solve",
    [
        lambda limit: solve_fair_milp(MODEL, LOADS, JainAtLeast(0.9), time_limit=limit),
        lambda limit: fairest(MODEL, LOADS, JainAtLeast(0.9), time_limit=limit),
        lambda limit: assign(COSTS, JainAtLeast(0.9), time_limit=limit),
        lambda limit: generalised_assignment.solve(COSTS, np.ones((2, 2)), [2.0, 2.0], None, time_limit=limit),
    ],
    ids=["milp", "fairest", "assign", "generalised-assignment"],
)
def test_a_time_limit_is_a_number_of_seconds(solve, limit):
    with pytest.raises(InputError, match=r"it must be a number of seconds above 0, or None$"):
        solve(limit)


@pytest.mark.parametrize("gap", [True, "1e-4", -1e-4, float("nan")])
@pytest.mark.parametrize(
    "solve",
    [
        lambda gap: solve_fair_milp(MODEL, LOADS, JainAtLeast(0.9), gap=gap),
        lambda gap: assign(COSTS, JainAtLeast(0.9), gap=gap),
    ],
    ids=["milp", "assign"],
)
def test_a_gap_is_a_number_from_0(solve, gap):
    with pytest.raises(InputError, match="it must be a relative gap"):
        solve(gap)
