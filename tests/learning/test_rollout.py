"""Episodes side by side, as learners play them."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from tests.learning.known_team import KnownEnvironment, KnownLearner, Result

from evenhand.learning.rollout import Choice, Starts, begin, play


class Endless(KnownEnvironment):
    """The job, with nobody who cuts an episode off."""

    def step(self, key, state, actions):
        """Let both rest or work, for ever."""
        after, result = super().step(key, state, actions)
        return after, Result(result.reward, result.success, jnp.zeros((), bool))


def test_the_horizon_ends_an_episode_whatever_the_environment_says():
    """Nobody works: with a horizon of 6, twelve steps are two episodes, which end at the sixth and the twelfth."""
    team = dataclasses.replace(KnownLearner().team, env=Endless())
    starts = Starts(jnp.zeros(()), jnp.ones(()), jnp.ones(()))
    players = begin(jax.random.key(0), team, 3, starts)

    def rest(key, view):
        return Choice(jnp.zeros(view.agents.shape[:2], jnp.int32), ())

    _, played = play(jax.random.key(1), team, players, rest, starts, 12)
    assert played.done.all(axis=1).tolist() == 2 * [False, False, False, False, False, True]
    assert played.age[:, 0].tolist() == 2 * [1, 2, 3, 4, 5, 6]
