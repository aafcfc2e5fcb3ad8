"""Signals that make no sense are named: the first, of whom, at which step; in a check, in training and in play."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from tests.learning.first_states import first_view
from tests.learning.pump import names_of_the_game

from evenhand.errors import InputError
from evenhand.learning import build, rollout
from evenhand.learning.check_environment import check
from evenhand.learning.config import Config
from evenhand.learning.failure import TrainingError
from evenhand.learning.settings import ParallelValueSettings
from evenhand.learning.signals import KINDS, Signals, first_fault, in_words
from evenhand.learning.team import Sound
from evenhand.learning.training import train

STEPS, EPISODES, AGENTS = 5, 3, 2
SMALL = Config(
    learner="parallel-vdn",
    tau=0.7,
    steps=4_000,
    parallel=ParallelValueSettings(num_envs=8, num_steps=8, hidden_size=16, num_layers=1),
)


def good():
    """Return signals of five steps of three episodes of two agents, in which nothing is wrong."""
    after = np.cumsum(np.ones((STEPS, EPISODES, AGENTS), np.float32), axis=0)
    return {
        "observed": np.zeros((STEPS, EPISODES, AGENTS, 4), np.float32),
        "world": np.zeros((STEPS, EPISODES, 3), np.float32),
        "mask": np.ones((STEPS, EPISODES, AGENTS, 6), bool),
        "reward": np.zeros((STEPS, EPISODES), np.float32),
        "before": after - 1.0,
        "after": after,
        "age": np.arange(1, STEPS + 1)[:, None].repeat(EPISODES, axis=1) + 10 * np.arange(EPISODES),
    }


def told(signals):
    """Return what is said of signals; None where nothing is."""
    arrays = {name: jnp.asarray(value) for name, value in signals.items()}
    observed, world, mask = (arrays.pop(name) for name in ("observed", "world", "mask"))
    sound = Sound(jnp.isfinite(observed).all(-1), jnp.isfinite(world).all(-1), mask)
    fault = first_fault(Signals(sound, **arrays))
    return None if fault.place < 0 else in_words(fault, (STEPS, EPISODES, AGENTS))


@pytest.mark.parametrize(
    ("name", "place", "value", "said"),
    [
        ("reward", (3, 2), np.nan, "the reward is nan in step 24 of an episode; it must be a number"),
        ("reward", (3, 2), -np.inf, "the reward is -inf in step 24"),
        ("observed", (1, 0, 1, 2), np.inf, "observe of agent 1 (the first is 0) returns a value that is no number"),
        ("world", (1, 1, 0), np.nan, "global_state returns a value that is no number, or infinite, before step 12"),
        ("mask", (0, 2, 0), False, "the mask of agent 0 (the first is 0) allows no action before step 21 of"),
        ("after", (4, 1, 1), -2.0, "the workload of agent 1 (the first is 0) is -2 after step 15 of an episode"),
        ("after", (4, 1, 1), np.nan, "the workload of agent 1 (the first is 0) is nan after step 15"),
        ("after", (4, 1, 0), 3.5, "the workload of agent 0 (the first is 0) falls to 3.5 after step 15"),
        ("before", (0, 0, 1), -1.0, "the workload of agent 1 (the first is 0) is -1 before step 1 of an episode"),
    ],
)
def test_each_kind_is_named(name, place, value, said):
    """One value is wrong: it is said which, of whom, and in which step of its episode."""
    signals = good()
    assert told(signals) is None
    signals[name][place] = value
    assert told(signals).startswith(said)


def test_the_first_is_named():
    """A reward in the third step comes before an observation in the fourth, and after one in the third."""
    signals = good()
    signals["reward"][2, 1] = np.nan
    signals["observed"][3, 0, 0, 0] = np.nan
    assert told(signals).startswith("the reward")
    signals["observed"][2, 2, 1, 0] = np.nan
    assert told(signals).startswith("observe of agent 1")


def test_rounding_is_no_fall():
    """A workload that is computed anew each time may lose its last bit."""
    signals = good()
    signals["after"][4] = signals["before"][4] * (1.0 - 1e-7)
    assert told(signals) is None
    signals["after"][4] = signals["before"][4] * (1.0 - 1e-3)
    assert "falls to" in told(signals)
    assert len(KINDS) == 7


@pytest.fixture(scope="module")
def pump():
    """Return the class of the page's game."""
    return names_of_the_game()["Pump"]


def broken(pump, **methods):
    """Return a pump some of whose methods are others."""
    return type("Pump", (pump,), methods)()


def late_nan(pump):
    """Return a step whose reward is not a number once somebody has pumped twice."""

    def step(self, key, state, actions):
        after, outcome = pump.step(self, key, state, actions)
        return after, outcome._replace(reward=jnp.where(state.pumped.max() > 1, jnp.nan, outcome.reward))

    return step


def test_a_check_looks_at_values(pump):
    """All shapes are right; a negative workload, and a reward that is no number from the second step on."""
    with pytest.raises(InputError, match=r"^Pump: the workload of agent \d .* is -\d+ after step 1 of an episode"):
        check(broken(pump, workload=lambda self, state: -pump.workload(self, state)))
    with pytest.raises(InputError, match=r"^Pump: the reward is nan in step \d+ of an episode"):
        check(broken(pump, step=late_nan(pump)))
    with pytest.raises(InputError, match=r"^Pump: the mask of agent 2 .* allows no action before step 1 of"):
        check(broken(pump, mask=lambda self, state: pump.mask(self, state).at[2].set(False)))


def test_what_is_no_environment_is_reported(pump):
    """A method that is missing, a step that returns something else."""
    with pytest.raises(InputError, match=r"^object has no method 'reset'; .*env=lambda: my_env\(\)$"):
        check(object())
    with pytest.raises(InputError, match=r"^Pump\.step must return two things: the state, and an Outcome"):
        check(broken(pump, step=lambda self, key, state, actions: (state, 1.0, False, False, {})))


def test_training_stops_at_the_first_that_makes_no_sense(pump, monkeypatch):
    """What a check of random steps may miss is found in the loop: it says the reward, not the loss."""
    monkeypatch.setattr(build, "check", lambda env: None)
    with pytest.raises(TrainingError, match=r"^Pump: the reward is nan in step \d+ of an episode; .*\(iteration 1\)"):
        train(SMALL, env=broken(pump, step=late_nan(pump)))


@pytest.mark.parametrize("kept", [0, 2**23])
def test_what_agents_see_is_checked_whether_views_are_kept_or_not(pump, monkeypatch, kept):
    """An observation that is no number once somebody has pumped twice."""
    monkeypatch.setattr(build, "check", lambda env: None)
    monkeypatch.setattr(rollout, "KEPT", kept)

    def observe(self, state):
        return pump.observe(self, state) + jnp.where(state.pumped.max() > 1, jnp.nan, 0.0)

    game = broken(pump, observe=observe)
    with pytest.raises(TrainingError, match=r"^Pump: observe of agent 0 .* returns a value that is no number, or inf"):
        train(dataclasses.replace(SMALL, learner="mappo"), env=game)


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30, 3e38])
def test_the_learner_sees_shares_whatever_the_size(pump, size):
    """Float32 ends at 3.4e38, and the sum of three such workloads beyond it: shares 1/2, 1/4, 1/4, index 8/9."""
    env = broken(pump, workload=lambda self, state: size * jnp.array([1.0, 0.5, 0.5]))
    team = build.team_of(SMALL, env)
    view = first_view(team, 2)
    added = view.agents[0, 0, env.observation_size :]
    assert view.agents.dtype == jnp.float32
    np.testing.assert_allclose(added[:4], [0.5, 0.25, 0.25, 8 / 9], rtol=1e-5)
