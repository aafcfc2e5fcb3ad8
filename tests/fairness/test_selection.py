"""Fairness among the selected of many candidates: the same verdict with zeros as without them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

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
from evenhand.fairness.registry import from_dict
from evenhand.fairness.selection import among

MEMBERS = [
    *(EpsilonFairness(level, p) for p in (2, 3, 10, math.inf) for level in (0.2, 0.6, 0.9)),
    JainAtLeast(0.8),
    CVAtMost(0.5),
    MaxOverMean(1.4),
    GiniAtMost(0.2),
    TopShareAtMost(1, 0.6),
]


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_zeros_of_others_change_nothing(fairness) -> None:
    rng = np.random.default_rng(1)
    verdicts = []
    for _ in range(300):
        selected, candidates = sorted(rng.integers(2, 9, 2).tolist())
        loads = rng.random(selected) ** rng.choice([0.2, 1.0, 3.0])
        spread = np.zeros(candidates)
        spread[rng.permutation(candidates)[:selected]] = loads
        verdicts.append(bool(fairness.contains(loads)))
        assert bool(among(fairness, selected, candidates).contains(spread)) == verdicts[-1]
    assert 5 < sum(verdicts) < 295


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_levels_are_those_of_the_selected(fairness) -> None:
    rng = np.random.default_rng(2)
    for _ in range(100):
        selected, candidates = sorted(rng.choice(np.arange(2, 9), 2, replace=False).tolist())
        loads = rng.random(selected) + 0.01
        spread = np.zeros(candidates)
        spread[np.sort(rng.permutation(candidates)[:selected])] = loads
        wide = among(fairness, selected, candidates)
        assert float(wide.level(spread)) == pytest.approx(float(fairness.level(loads)), rel=1e-12)
        assert wide.parameter == fairness.parameter
        assert wide.parameter_range(candidates) == fairness.parameter_range(selected)
        assert spread[wide.carriers(spread)].tolist() == loads.tolist()
        assert bool(wide.with_parameter(float(wide.level(spread))).contains(spread, 1e-8)), "the level is met"


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_equal_loads_of_the_selected_meet_equality(fairness) -> None:
    equality = fairness.parameter_range(3)[1]
    wide = among(fairness.with_parameter(equality), 3, 5)
    assert float(wide.level([2, 0, 2, 0, 2])) == equality
    assert bool(wide.contains([2, 0, 2, 0, 2]))
    assert not wide.contains([2, 0, 2.01, 0, 2])


def test_files_keep_of_how_many_it_is_asked() -> None:
    fair = among(EpsilonFairness(0.8, 5), 3, 7)
    assert from_dict(json.loads(json.dumps(fair.to_dict()))) == fair
    assert among(JainAtLeast(0.9), 4, 4) == JainAtLeast(0.9)
    with pytest.raises(InputError, match="among 3 of 7 is asked of 6 loads"):
        fair.contains(np.ones(6))


@pytest.mark.parametrize(
    ("fairness", "selected", "candidates", "words"),
    [
        (JainAtLeast(0.9), 1, 5, "selected is 1"),
        (JainAtLeast(0.9), 2.0, 5, "selected is 2.0"),
        (JainAtLeast(0.9), 6, 5, "more than the 5 candidates"),
        (JainAtLeast(0.9, entitlements=(1, 2, 3)), 2, 3, "entitlements"),
        (HooverAtMost(0.1), 2, 3, "not one of its own kind"),
        (RangeAtMost(0.1), 2, 3, "not one of its own kind"),
        (LeastOverMean(0.1), 2, 3, "not one of its own kind"),
    ],
)
def test_what_cannot_be_said_is_refused(fairness, selected, candidates, words) -> None:
    with pytest.raises(InputError, match=words):
        among(fairness, selected, candidates)


@pytest.mark.parametrize("whole", [np.int64, np.uint8])
def test_numbers_of_numpy_select_as_pythons(whole):
    assert among(JainAtLeast(np.float32(0.5)), whole(2), whole(4)) == among(JainAtLeast(0.5), 2, 4)
    for number in (True, 2.0, "2", whole(1)):
        with pytest.raises(InputError, match=r"selected is .*; it must be a number of agents, a whole number from 2"):
            among(JainAtLeast(0.9), number, 4)
