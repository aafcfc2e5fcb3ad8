"""Metrics of an iteration of training."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from evenhand.learning.rollout import Played
from evenhand.learning.signals import Fault, Signals, first_fault
from evenhand.learning.team import Team


class Metrics(NamedTuple):
    """Sums over the episodes that ended in an iteration, and values of the learner; all scalars.

    Attributes
    ----------
    episodes, success
        Number of episodes that ended, and of those that ended with success.
    steps, fairness
        Sums over these episodes of their lengths and of their fairness indices.
    controlled, controlled_fairness
        The same for the episodes under the controller's multiplier only.
    loss, exploration, multiplier
        Mean loss, exploration rate, and the controller's multiplier.
    fault
        The environment's first invalid signal.
    """

    episodes: Array
    success: Array
    steps: Array
    fairness: Array
    controlled: Array
    controlled_fairness: Array
    loss: Array
    exploration: Array
    multiplier: Array
    fault: Fault

    def moving_success(self, average: Array) -> Array:
        """Return the moving average of the success rate after this iteration, over about 500 episodes."""
        weight = jnp.minimum(0.2, 0.002 * self.episodes)
        return average + weight * (self.success / jnp.maximum(self.episodes, 1.0) - average)


def measure(team: Team, played: Played, loss: Array, exploration: Array, multiplier: Array) -> Metrics:
    """Return the metrics of a rollout."""
    ended = played.done.astype(jnp.float32)
    ruled = ended * played.controlled
    index = team.constraint.index(played.workload, played.present)
    sound = team.sound(played.view) if played.sound is None else played.sound
    return Metrics(
        episodes=ended.sum(),
        success=(ended * played.success).sum(),
        steps=(ended * played.age).sum(),
        fairness=(ended * index).sum(),
        controlled=ruled.sum(),
        controlled_fairness=(ruled * index).sum(),
        loss=loss,
        exploration=exploration,
        multiplier=multiplier,
        fault=first_fault(Signals(sound, played.reward, played.before, played.workload, played.age)),
    )
