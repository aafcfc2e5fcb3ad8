"""Greedy episodes of a team whose every number is known, and what is told of them."""

from __future__ import annotations

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.known_team import ALONE, IDLE, MIXED, SHARED, KnownLearner

from evenhand import hospital
from evenhand.errors import InputError
from evenhand.fair_gne import Telescoped, WorkloadPenalty
from evenhand.learning.episode_windows import windows_met
from evenhand.learning.episodes import BATCH, WorkloadDefinitions, play_episodes
from evenhand.learning.evaluation import evaluate
from evenhand.learning.lottery import Lottery

KEYS = {"episodes", "success", "episode_steps", "jain", "jain_given_success", "idle_episodes", "jain_satisfied"} | {
    *("windows_satisfied", "cv", "workload", "workload_definition", "multiplier", "tau", "constraint_unmet", "seconds")
}


@pytest.fixture(scope="module")
def learner():
    return KnownLearner()


def test_episodes_end_as_written_down(learner):
    """Each episode has the steps, workload and reward of its job and multiplier, and stops when it is over."""
    forces = np.tile([ALONE, SHARED, IDLE], 40)
    played = play_episodes(learner, 0.0, forces, seed=3)
    large = played.workload.sum(axis=1) == 4.0
    assert 0 < large[forces == ALONE].sum() < 40
    np.testing.assert_array_equal(played.episode_steps[forces == ALONE], np.where(large, 2, 1)[forces == ALONE])
    np.testing.assert_array_equal(played.episode_steps[forces == SHARED], np.where(large, 3, 2)[forces == SHARED])
    np.testing.assert_array_equal(played.episode_steps[forces == IDLE], 6)
    np.testing.assert_array_equal(played.success, forces != IDLE)
    np.testing.assert_array_equal(played.worked, forces != IDLE)
    np.testing.assert_allclose(played.jain, np.where(forces == ALONE, 0.5, 1.0))
    np.testing.assert_allclose(played.cv, np.where(forces == ALONE, 1.0, 0.0), atol=1e-12)
    np.testing.assert_allclose(played.reward, played.success - 0.1 * played.episode_steps, atol=1e-6)
    np.testing.assert_array_equal(played.definitions["halves"], 2.0 * played.workload)


def test_common_starts_do_not_depend_on_what_else_is_played(learner):
    """The k-th start is the same under every multiplier, in every batch and in any company."""
    starts = np.arange(BATCH + 10)
    both = play_episodes(
        learner, 0.0, np.repeat([ALONE, SHARED], starts.size), seed=5, starts=np.tile(starts, 2)
    ).workload.sum(axis=1)
    np.testing.assert_array_equal(both[: starts.size], both[starts.size :])
    alone = play_episodes(learner, 0.0, [ALONE] * 3, seed=5, starts=[7, BATCH + 3, 0]).workload.sum(axis=1)
    np.testing.assert_array_equal(alone, both[[7, BATCH + 3, 0]])


def test_another_seed_draws_other_starts(learner):
    one, other = (play_episodes(learner, 0.0, np.zeros(64), seed=seed).episode_steps for seed in (0, 1))
    assert (one != other).any()


def test_parameters_are_no_part_of_the_compiled_player(learner):
    """The same player, other parameters: the offset turns a multiplier of 0 into another one."""
    assert play_episodes(learner, SHARED, np.zeros(8), seed=0).jain.min() == 1.0


def test_evaluation_of_a_team_that_shares_when_the_job_is_small(learner):
    """Half of the episodes are fair, as many as have the small job."""
    record = evaluate(learner, 0.0, episodes=1000, seed=1, multiplier=MIXED)
    small = record.jain_satisfied.value
    assert record.jain_satisfied.low < 0.5 < record.jain_satisfied.high
    assert record.jain.value == pytest.approx(small + (1.0 - small) / 2.0)
    assert record.success.value == 1.0
    assert record.episode_steps.value == pytest.approx(2.0)
    assert record.cv.value == pytest.approx(1.0 - small)
    first, second = record.workload["units"]
    assert (first.value, second.value) == pytest.approx((small + 4.0 * (1.0 - small), small))
    assert record.windows_satisfied.value == 0.0
    assert record.constraint_unmet


def test_an_idle_team_is_fair_and_told_apart(learner):
    """Jain's index is 1 while nobody works: the record shows the idleness and has no index of successes."""
    record = evaluate(learner, 0.0, episodes=50, seed=1, multiplier=IDLE)
    assert record.jain.value == 1.0
    assert record.idle_episodes.value == 1.0
    assert np.isnan(record.jain_given_success.value)
    assert np.isnan(record.windows_satisfied.value)
    assert not record.constraint_unmet
    told = record.to_dict()
    assert told["jain_given_success"] == told["windows_satisfied"] == {"mean": None, "low": None, "high": None}


def test_json_has_the_agreed_keys(learner):
    told = json.loads(
        json.dumps(evaluate(learner, 0.0, episodes=20, seed=1, multiplier=SHARED).to_dict(), allow_nan=False)
    )
    assert set(told) >= KEYS
    assert told["workload_definition"] == "units"
    assert set(told["workloads"]) == {"units", "halves"}
    assert told["multiplier"]["mean"] == SHARED
    assert told["tau"] == 0.85
    assert told["kkt"] is None


def test_a_lottery_is_played_in_its_shares(learner):
    """Three of ten episodes are shared: a mean index of 0.65, in every window, the draws being spread evenly."""
    record = evaluate(learner, 0.0, episodes=1000, seed=4, multiplier=Lottery(ALONE, SHARED, 0.3), tau=0.65)
    assert record.jain.value == pytest.approx(0.65, abs=0.002)
    assert record.windows_satisfied.value == 1.0
    assert (record.kkt.windows, record.kkt["primal violation"].rate.value) == (5, 1.0)
    assert record.to_dict()["lottery"] == {"low": ALONE, "high": SHARED, "share": 0.3}


def test_there_are_no_conditions_where_the_multiplier_prices_something_else(learner):
    """The weight of a penalty on the Gini index is not the constraint's multiplier."""
    other = KnownLearner()
    other.team = dataclasses.replace(learner.team, shaper=Telescoped(WorkloadPenalty()))
    assert evaluate(other, 0.0, episodes=400, seed=4, multiplier=SHARED).kkt is None


@pytest.mark.parametrize(
    ("tau", "met", "shortfall"),
    [
        (0.65, "met", 0.0),
        (0.652, "short by 0.002, within the tolerance of 0.005", 0.002),
        (0.656, "not met", 0.006),
    ],
)
def test_a_shortfall_within_the_tolerance_is_not_called_met(learner, tau, met, shortfall):
    """An index of 1 in three of ten episodes and of 0.5 in seven makes a mean of exactly 0.65."""
    forces = [SHARED] * 3 + [ALONE] * 7
    record = evaluate(learner, 0.0, episodes=10, seed=0, multiplier=forces, tau=tau)
    assert record.met == met
    assert record.shortfall == pytest.approx(shortfall, abs=1e-6)
    assert record.constraint_unmet is (met == "not met")
    assert record.to_dict()["shortfall"] == record.shortfall


def test_multipliers_of_each_episode(learner):
    record = evaluate(learner, 0.0, episodes=4, seed=0, multiplier=[ALONE, ALONE, SHARED, SHARED])
    assert record.jain.value == pytest.approx(0.75)
    assert record.gini.value == pytest.approx(0.25)  # one of two agents does everything in half of the episodes
    assert record.jain_by_definition["halves"].value == pytest.approx(0.75)


def test_windows_are_whole_and_in_order(learner):
    """Five episodes in windows of two: fair and unfair, unfair twice; the last is dropped."""
    played = play_episodes(learner, 0.0, [SHARED, ALONE, ALONE, ALONE, SHARED], seed=0)
    met = windows_met(played, learner.team.constraint, tau=0.75, slack=0.0, window=2)
    assert met.tolist() == [True, False]


def test_the_share_of_fair_episodes_may_be_what_is_asked():
    """Form share asks for fair episodes, 95 of 100; 30 of 100 are too few though the mean index is above tau."""
    learner = KnownLearner(tau=0.6, form="share")
    assert evaluate(learner, 0.0, episodes=200, seed=0, multiplier=Lottery(ALONE, SHARED, 0.3)).constraint_unmet
    assert not evaluate(learner, 0.0, episodes=200, seed=0, multiplier=SHARED).constraint_unmet


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"episodes": 0}, "episodes is 0"),
        ({"episodes": 5, "multiplier": [0.1, 0.2]}, "one per episode \\(5\\)"),
        ({"episodes": 5, "multiplier": -1.0}, "multiplier is -1.0"),
        ({"episodes": 5, "multiplier": float("nan")}, "multiplier is nan"),
    ],
)
def test_bad_input_is_named(learner, arguments, named):
    with pytest.raises(InputError, match=named):
        evaluate(learner, 0.0, seed=0, **arguments)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_lottery_has_a_probability(share):
    with pytest.raises(InputError, match="share"):
        Lottery(0.0, 1.0, share)


def test_draws_are_spread_evenly_whatever_the_seed():
    """Any 200 draws in a row hold within 2 of their share; each single draw has it over the seeds."""
    lottery = Lottery(0.0, 1.0, 0.37)
    for seed in range(5):
        rows = np.convolve(lottery.draw(1000, seed), np.ones(200), mode="valid")
        assert np.abs(rows - 74.0).max() <= 2.0
    first = np.mean([lottery.draw(3, seed) for seed in range(4000)], axis=0)
    np.testing.assert_allclose(first, 0.37, atol=0.03)


def test_the_hospital_counts_work_in_three_ways():
    """Its workload is the one of its definition, and the others are shown beside it, busywork included."""
    env = hospital.make("rescue-breaths/specialist", backend="jax")
    state = env.reset(jax.random.key(0))
    state = state._replace(workload=state.workload + jnp.array([[2, 1, 0], [5, 1, 0], [1, 1, 0]]))
    assert isinstance(env, WorkloadDefinitions)
    shown = {name: work.tolist() for name, work in env.workloads(state).items()}
    assert shown == {"useful": [2.0, 1.0, 0.0], "actions": [5.0, 1.0, 0.0], "effort": [1.0, 1.0, 0.0]}
    assert shown[env.workload_definition] == env.workload(state).tolist()
