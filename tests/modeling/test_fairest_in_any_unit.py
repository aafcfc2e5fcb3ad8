"""The fairest loads do not depend on the unit of the loads, nor on that of the variables."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, MaxOverMean
from evenhand.modeling import LinearModel, fairest

UNITS = (1e-9, 1e-6, 1.0, 1e6, 1e9, 1e10, 1e12)
MEMBERS = (
    (CVAtMost(1), 0.2),
    (GiniAtMost(1), 0.1),
    (MaxOverMean(2), 1.2),
    (EpsilonFairness(0, p=math.inf), 2 / 3),
    (EpsilonFairness(0, p=2), (10 / math.sqrt(52) - 1) / (math.sqrt(2) - 1)),
    (EpsilonFairness(0, p=3), (10 / math.cbrt(280) - 1) / (2 ** (2 / 3) - 1)),
)
"""Members, and the strictest parameter that loads of 6 and 4 meet."""


@pytest.mark.parametrize(("fairness", "expected"), MEMBERS)
@pytest.mark.parametrize("unit", UNITS)
def test_variables_in_any_unit(unit, fairness, expected) -> None:
    """Ten hours, at most seven for the first and four for the second: six and four are the fairest."""
    model = LinearModel([1.0, 1], [[1.0, 1]], 10 * unit, 10 * unit, upper=np.array([7.0, 4]) * unit)
    check(fairest(model, np.eye(2), fairness), unit, expected)


@pytest.mark.parametrize(("fairness", "expected"), MEMBERS)
@pytest.mark.parametrize("unit", UNITS)
def test_loads_in_any_unit(unit, fairness, expected) -> None:
    model = LinearModel([1.0, 1], [[1.0, 1]], 10, 10, upper=[7, 4])
    check(fairest(model, np.eye(2) * unit, fairness), unit, expected)


def check(answer, unit, expected) -> None:
    loosest, strictest = answer.fairness.parameter_range(2)
    assert answer.status == "optimal"
    assert answer.loads / unit == pytest.approx([6.0, 4.0], rel=1e-6)
    assert answer.reached == pytest.approx(expected, rel=1e-6)
    assert answer.refuted == pytest.approx(expected, rel=1e-6)
    assert (expected - answer.refuted) * (strictest - loosest) <= 0.0, "what is reached was refuted"


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e12])
def test_what_is_only_approached_is_a_direction(unit) -> None:
    """Loads x and x + 1 grow alike without end, and never are equal."""
    model = LinearModel([1.0, 1], [[-1.0, 1]], unit, unit)
    answer = fairest(model, np.eye(2), MaxOverMean(2))
    assert answer.reached == pytest.approx(1.0, abs=1e-6)
    assert answer.loads[0] == pytest.approx(answer.loads[1], rel=1e-6)
