"""Replay an episode of a trained team in the reference simulator, to be described or drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.hospital.playing import Episode, follow
from evenhand.learning.disturbance import Disturbed
from evenhand.learning.record import at_level

if TYPE_CHECKING:
    from evenhand.learning.disturbance_level import Level
    from evenhand.learning.training import Run


def watch(run: Run, *, multiplier: float | None = None, seed: int = 0, level: Level | None = None) -> Episode:
    """Play one episode of a trained team.

    Parameters
    ----------
    run
        A run in a hospital scenario.
    multiplier
        The multiplier to play under; default the controller's at the end of training.
    seed
        Seed of the episode's start.
    level
        Disturbances to play under; default those of training.
    """
    learner = at_level(run, level).learner
    team, env = learner.team, learner.team.env
    force = jnp.full((1,), run.multiplier if multiplier is None else multiplier)
    states = team.reset(jax.random.key(seed), 1)
    start, joint = _first(states.now if isinstance(env, Disturbed) else states), []
    present = team.present(states)
    for _ in range(env.horizon):
        actions, states, done = _step(learner)(run.parameters, states, force)
        joint.append(np.asarray(actions).tolist())
        if bool(done):
            break
    absent = () if present is None else tuple(np.flatnonzero(~np.asarray(present[0])).tolist())
    return follow(env.scenario, start.station.tolist(), start.item_place.tolist(), joint, absent=absent)


@lru_cache(maxsize=4)
def _step(learner: Any) -> Callable[..., tuple[Array, Any, Array]]:
    """Return the compiled function that acts and moves on; it is kept for the next episode of the same learner."""
    env, key = learner.team.env, jax.random.key(0)

    def step(parameters: Any, states: Any, force: Array) -> tuple[Array, Any, Array]:
        actions = learner.act(parameters, learner.team.view(states, force))
        if isinstance(env, Disturbed):
            actions = jax.vmap(env.executed, in_axes=(None, 0, 0))(key, states, actions)
        after, outcome = jax.vmap(env.step, in_axes=(None, 0, 0))(key, states, actions)
        return actions[0], after, (outcome.success | outcome.truncated)[0]

    return jax.jit(step)


def _first(states: Any) -> Any:
    return jax.tree.map(lambda part: np.asarray(part[0]), states)
