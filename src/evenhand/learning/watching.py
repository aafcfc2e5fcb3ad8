"""Replay an episode of a trained team in the reference simulator, to be described or drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

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
    step = jax.jit(team.step)
    act = jax.jit(lambda states: run.learner.act(run.parameters, team.view(states, force)))
    start, joint = _first(states), []
    for _ in range(team.env.horizon):
        actions = act(states)
        joint.append(np.asarray(actions[0]).tolist())
        states, moved = step(jax.random.key(0), states, actions)
        if bool(moved.done[0]):
            break
    return follow(team.env.scenario, start.station.tolist(), start.item_place.tolist(), joint)


def _first(states: Any) -> Any:
    return jax.tree.map(lambda part: np.asarray(part[0]), states)
