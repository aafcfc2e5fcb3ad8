"""Fairness among the selected of many candidates: the same verdict with zeros as without them."""

from __future__ import annotations

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
    MaxOverMean,
    RangeAtMost,
)
from evenhand.fairness.selection import among

MEMBERS = [
    *(EpsilonFairness(level, p) for p in (2, 3, 10, math.inf) for level in (0.2, 0.6, 0.9)),
    JainAtLeast(0.8),
    CVAtMost(0.5),
    MaxOverMean(1.4),
    GiniAtMost(0.2),
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


@pytest.mark.parametrize(
    ("fairness", "selected", "candidates", "words"),
    [
        (JainAtLeast(0.9), 1, 5, "selected is 1"),
        (JainAtLeast(0.9), 2.0, 5, "selected is 2.0"),
        (JainAtLeast(0.9), 6, 5, "more than the 5 candidates"),
        (JainAtLeast(0.9, entitlements=(1, 2, 3)), 2, 3, "entitlements"),
        (HooverAtMost(0.1), 2, 3, "not one of its own kind"),
        (RangeAtMost(0.1), 2, 3, "not one of its own kind"),
    ],
)
def test_what_cannot_be_said_is_refused(fairness, selected, candidates, words) -> None:
    with pytest.raises(InputError, match=words):
        among(fairness, selected, candidates)
