"""A threshold that changes while episodes are played, on the team whose every number is known."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("jax")
from reproductions.fair_gne.supervisor import Controlled, Read, episodes_to_meet, supervise
from tests.learning.known_team import ALONE, SHARED, KnownLearner

from evenhand.errors import InputError
from evenhand.fair_gne import Fixed
from evenhand.learning.multiplier_curve import trade_off_curve

ORDERS = {0: 0.6, 600: 0.9, 1200: 0.6}


@pytest.fixture(scope="module")
def learner():
    return KnownLearner()


def controlled(learner, **options):
    return Controlled(learner.team.constraint, cap=learner.team.cap, **options)


def test_the_controller_follows_up_and_down(learner):
    """The team shares under 0.9 within three batches, and is left alone again when that is no longer asked."""
    trace = supervise(learner, 0.0, controlled(learner), ORDERS, episodes=1800, seed=0)
    low, high, again = trace.changes
    assert max(change.episodes_to_meet for change in trace.changes) <= 30
    np.testing.assert_allclose([change.potential for change in trace.changes], [0.6, 0.9, 0.6], atol=0.03)
    assert high.multiplier > 0.4 > 0.2 > max(low.multiplier, again.multiplier)
    assert trace.success.min() == 1.0


def test_the_stored_curve_needs_no_episodes(learner):
    """The lottery changes with the threshold; the mean is at the aim from the first window on."""
    curve = trade_off_curve(learner, 0.0, multipliers=[ALONE, SHARED], episodes=50)
    trace = supervise(learner, 0.0, Read(learner.team.constraint, curve), ORDERS, episodes=1800, seed=0)
    assert [change.episodes_to_meet for change in trace.changes] == [0, 0, 0]
    np.testing.assert_allclose([change.potential for change in trace.changes], [0.6, 0.9, 0.6], atol=0.01)


def test_a_controller_that_does_not_move_never_meets(learner):
    trace = supervise(learner, 0.0, controlled(learner, controller=Fixed(0.0)), {0: 0.9}, episodes=400)
    assert [change.episodes_to_meet for change in trace.changes] == [None]


def test_batches_end_at_changes(learner):
    """Batches of 20, changes at 0 and 50: the threshold is in force from its very episode."""
    trace = supervise(learner, 0.0, controlled(learner), {50: 0.9, 0: 0.6}, episodes=100, batch=20)
    assert trace.first.tolist() == [0, 20, 40, 50, 70, 90]
    assert trace.tau.tolist() == [0.6, 0.6, 0.6, 0.9, 0.9, 0.9]
    assert trace.multiplier[0] == 0.0
    assert json.loads(json.dumps(trace.to_dict()))["changes"][1]["episode"] == 50


def test_the_controller_may_begin_where_training_ended(learner):
    steering = controlled(learner, multiplier=SHARED)
    assert supervise(learner, 0.0, steering, {0: 0.9}, episodes=20).potential.tolist() == [1.0, 1.0]


def test_the_same_seed_plays_the_same_stream(learner):
    one, other = (supervise(learner, 0.0, controlled(learner), ORDERS, episodes=1300, seed=4) for _ in range(2))
    assert one.to_dict() == other.to_dict()


@pytest.mark.parametrize(
    ("potential", "expected"),
    [
        ([1, 1, 1, 1], 0),
        ([0, 1, 1, 1], 1),
        ([0, 0, 1, 0, 1, 1], 4),
        ([1, 1, 1, 0], None),
        ([1], None),
    ],
)
def test_episodes_to_meet_by_hand(potential, expected):
    """Windows of two that must all be fair: the answer is where the first of the unbroken row at the end begins."""
    assert episodes_to_meet(np.array(potential, dtype=float), 1.0, window=2) == expected


def test_a_slack_is_granted():
    assert episodes_to_meet(np.full(5, 0.84), 0.85, window=2) == 0
    assert episodes_to_meet(np.full(5, 0.839), 0.85, window=2) is None


@pytest.mark.parametrize("thresholds", [{}, {5: 0.9}, {0: 0.9, 100: 0.8}])
def test_thresholds_begin_at_0_and_before_the_end(learner, thresholds):
    with pytest.raises(InputError, match="taus begin at"):
        supervise(learner, 0.0, controlled(learner), thresholds, episodes=100)
