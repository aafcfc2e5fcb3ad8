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

if TYPE_CHECKING:
    from evenhand.learning.training import Run


def watch(run: Run, *, multiplier: float | None = None, seed: int = 0) -> Episode:
    """Play one episode of a trained team with greedy actions.

    Parameters
    ----------
    run
        A run in a hospital scenario.
    multiplier
        The multiplier to play under; default the controller's at the end of training.
    seed
        Seed of the episode's start.
    """
    team = run.learner.team
    force = jnp.full((1,), run.multiplier if multiplier is None else multiplier)
    states = team.reset(jax.random.key(seed), 1)
    start, joint = _first(states), []
    for _ in range(team.env.horizon):
        actions, states, done = _step(run.learner)(run.parameters, states, force)
        joint.append(np.asarray(actions).tolist())
        if bool(done):
            break
    return follow(team.env.scenario, start.station.tolist(), start.item_place.tolist(), joint)


@lru_cache(maxsize=4)
def _step(learner: Any) -> Callable[..., tuple[Array, Any, Array]]:
    """Return the compiled function that acts and moves on; it is kept for the next episode of the same learner."""

    def step(parameters: Any, states: Any, force: Array) -> tuple[Array, Any, Array]:
        actions = learner.act(parameters, learner.team.view(states, force))
        after, moved = learner.team.step(jax.random.key(0), states, actions)
        return actions[0], after, moved.done[0]

    return jax.jit(step)


def _first(states: Any) -> Any:
    return jax.tree.map(lambda part: np.asarray(part[0]), states)
