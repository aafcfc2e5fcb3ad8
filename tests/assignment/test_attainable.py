"""The fairest that is possible, against enumeration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.assignment.enumeration import Tiny, enumerate_all

import evenhand
from evenhand.assignment import attainable
from evenhand.errors import InputError


def fairest_by_enumeration(costs: np.ndarray, p: float) -> float:
    """Return the largest level of any assignment, by bisecting over exhaustive search."""
    low, high = 0.0, 1.0
    if enumerate_all(Tiny(costs, evenhand.EpsilonFairness(1.0, p=p))).assignment is not None:
        return 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        if enumerate_all(Tiny(costs, evenhand.EpsilonFairness(middle, p=p))).assignment is None:
            high = middle
        else:
            low = middle
    return low


@pytest.mark.parametrize("p", [2, 3, float("inf")])
@pytest.mark.parametrize("seed", range(8))
def test_bracket_contains_the_true_maximum(seed: int, p: float) -> None:
    costs = np.random.default_rng(seed).integers(1, 12, (3, 5)).astype(float)
    known = fairest_by_enumeration(costs, p)
    bracket = evenhand.max_epsilon(costs, p)
    assert bracket.reached == pytest.approx(known, abs=2e-6)
    assert bracket.refuted is None or bracket.refuted >= known - 1e-9
    if known < 1.0:
        assert bracket.refuted == pytest.approx(known, abs=2e-6)


def test_the_assignment_of_the_bracket_reaches_it() -> None:
    costs = np.random.default_rng(3).uniform(1.0, 9.0, (3, 8))
    bracket = evenhand.max_epsilon(costs, 2)
    loads = np.bincount(bracket.assignment, costs[bracket.assignment, np.arange(8)], minlength=3)
    assert evenhand.EpsilonFairness(0.0, p=2).level(loads) == pytest.approx(bracket.reached)


def test_a_task_that_dwarfs_the_rest_refutes_by_relaxation() -> None:
    """Two agents, loads 100 and 1: epsilon of p = inf is at most (101/100 - 1) / 1 = 0.01."""
    bracket = evenhand.max_epsilon([[100.0, 1.0], [100.0, 1.0]], float("inf"))
    assert bracket.reached == pytest.approx(0.01)
    assert bracket.refuted == pytest.approx(0.01, abs=1e-5)


def test_a_probe_without_a_decision_below_what_is_reached_is_forgotten() -> None:
    """The bracketing ends, here below an index of 0.9524 that nothing exceeds (by enumeration)."""
    costs = np.array(
        [[1, 0, 3, 1, 1, 3], [2, 3, 1, 3, 1, 1], [1, 0, 0, 1, 2, 0], [2, 2, 3, 3, 3, 2], [1, 0, 2, 0, 1, 0]]
    )
    fairness = evenhand.JainAtLeast(0.99, entitlements=(2.0, 0.5, 1.0, 2.0, 2.0))
    answer = evenhand.assign(costs, fairness)
    assert answer.status == "infeasible"
    stricter = fairness.with_parameter(answer.attainable.reached + 1e-6)
    assert enumerate_all(Tiny(costs.astype(float), stricter)).assignment is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"time_limit": -1.0}, "time_limit is -1.0"),
        ({"entitlements": 3}, "entitlements is 3"),
        ({"entitlements": ["a", "b"]}, "'a'"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        evenhand.max_epsilon([[1.0, 2.0], [2.0, 1.0]], **options)


def test_ctrl_c_ends_the_bracketing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted probe is the last: the bracket so far comes back."""
    probes = []

    def interrupted(*arguments: object, **options: object) -> tuple[object, object]:
        answer, warmth = solve(*arguments, **options)
        probes.append(answer)
        return replace(answer, status="time_limit", assignment=None, interrupted=True), warmth

    solve = attainable.solve
    monkeypatch.setattr(attainable, "solve", interrupted)
    bracket = evenhand.max_epsilon([[9.0, 1.0, 2.0], [9.0, 1.0, 2.0]])
    assert len(probes) == 1
    assert bracket.refuted is None
