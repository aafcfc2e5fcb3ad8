"""Going through the loads of all plans finds no plan exactly where enumeration finds none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from ruled_cases import cheapest, drawn

import evenhand
from evenhand import JainAtLeast, Limits, MaxOverMean, Rule
from evenhand.assignment.rules.exhausted import exhausted
from evenhand.assignment.rules.problem_of import problem_of


def _limited(seed: int) -> tuple[Any, dict[str, Any]]:
    """Return a random problem with a further limit, which a good half of them cannot keep."""
    costs, call = drawn(seed)
    points = np.random.default_rng(seed).integers(0, 4, 5).astype(float)
    return costs, call | {"rules": [*call["rules"], Limits(points, least=seed % 3, most=2.5 + seed % 4, name="points")]}


@pytest.mark.parametrize("seed", range(48))
def test_the_same_verdict_as_by_enumeration(seed: int) -> None:
    """Measures, limits, entitlements, needs, groups and conflicts."""
    costs, call = _limited(seed)
    tried = exhausted(problem_of(costs, **call), range(4))
    assert (tried is not None) == math.isinf(cheapest(costs, **call))


def test_both_verdicts_are_frequent() -> None:
    """Neither half of the problems above is small."""
    without = sum(math.isinf(cheapest(costs, **call)) for costs, call in map(_limited, range(48)))
    assert 10 <= without <= 38


def test_a_level_within_the_tolerance_is_not_called_impossible() -> None:
    """Two equal tasks for three agents: the largest load is 1.5 times the mean, which 1.5 - 1e-12 does not exclude."""
    for level, impossible in ((1.5, False), (1.5 - 1e-12, False), (1.5 - 1e-6, True)):
        problem = problem_of(np.ones((3, 2)), [Rule("tasks", MaxOverMean(level))])
        assert (exhausted(problem, [0]) is not None) == impossible


def test_many_plans_are_left_to_the_search() -> None:
    """Loads of numbers that have nothing in common are as many as plans."""
    burden = np.random.default_rng(1).random((3, 30))
    problem = problem_of(np.ones((3, 30)), [Rule(burden, JainAtLeast(1.0))])
    assert exhausted(problem, [0]) is None


def test_answers_without_a_certificate_are_verified() -> None:
    """Three equal tasks for two agents cannot be split evenly, although halves of tasks could."""
    rules = [Rule("tasks", JainAtLeast(1.0), name="even"), Limits("tasks", most=3, name="visits")]
    answer = evenhand.assign(np.ones((2, 3)), rules=rules)
    assert (answer.status, answer.certificate, answer.contradiction) == ("infeasible", None, ("even",))
    verdict = evenhand.verify(np.ones((2, 3)), answer, rules=rules)
    assert verdict.outcome == "verified"
    assert any("no plan keeps 'even'" in sentence for sentence in verdict.proven)
    forged = answer.to_dict() | {"contradiction": ["visits"]}
    assert not evenhand.verify(np.ones((2, 3)), forged, rules=rules).verified
