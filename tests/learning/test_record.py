"""A run's record, and on which terms."""

from __future__ import annotations

import dataclasses

import pytest
from tests.learning.small_run import SMALL, untrained

from evenhand.errors import InputError
from evenhand.learning.record import Terms, record_of


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"episodes": 0}, "episodes is 0; it must be a whole number from 1"),
        ({"tau": 1.5}, "tau is 1.5; it must be a number above 0, at most 1"),
        ({"tau": float("nan")}, "tau is nan"),
        ({"multiplier": -1}, "multiplier is -1; it must be a number from 0"),
        ({"multiplier": float("inf")}, "multiplier is inf"),
        ({"margin": 1}, "margin is 1; it must be a number from 0, below 1"),
        ({"seed": -1}, "seed is -1; it must be a whole number from 0"),
        ({"seed": 2**31}, "seed is 2147483648"),
    ],
)
def test_terms_that_make_no_sense_are_refused(terms, message):
    """Before a run is read."""
    with pytest.raises(InputError, match=message):
        Terms(**terms)


def test_what_the_run_must_know_is_refused_too():
    """A multiplier above its cap, a threshold that asks nothing of three agents; then it plays."""
    run = untrained(SMALL)
    with pytest.raises(InputError, match=r"multiplier is 7\.0; it must be a number from 0 to 2"):
        record_of(run, Terms(multiplier=7))
    with pytest.raises(InputError, match="asks nothing of 3 agents"):
        record_of(run, Terms(tau=0.3))
    record = record_of(run, Terms(episodes=10, multiplier=0.5))
    assert record.picked is None
    assert record.evaluation.episodes == 10


def test_a_learner_that_knows_one_multiplier_keeps_it():
    """There is nothing to pick from: the fixed penalty is in force, whatever the threshold."""
    fixed = dataclasses.replace(
        SMALL,
        method="workload-penalty",
        conditioned=False,
        dual=dataclasses.replace(SMALL.dual, multiplier=0.7),
    )
    record = record_of(untrained(fixed), Terms(episodes=10, tau=0.9))
    assert record.picked.lottery.low == pytest.approx(0.7)
    assert record.picked.lottery.share == 0.0


def test_progress_is_told_by_stage():
    """An untrained learner of one multiplier: 500 episodes to judge the multiplier, then those asked for."""
    seen = []
    run = untrained(dataclasses.replace(SMALL, conditioned=False))
    record_of(run, Terms(episodes=600), lambda *told: seen.append(told))
    assert seen == [("picking multipliers", 500, 500), ("playing", 512, 600), ("playing", 600, 600)]
