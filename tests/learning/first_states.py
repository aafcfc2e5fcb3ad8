"""First states of episodes, and what a team sees in them, compiled as a whole: operation by operation takes seconds."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp


@partial(jax.jit, static_argnums=(0, 1))
def first_states(team, episodes, seed=0):
    """Return the first states of a number of episodes."""
    return team.reset(jax.random.key(seed), episodes)


@partial(jax.jit, static_argnums=0)
def seen_in(team, states, multiplier):
    """Return what a team sees in states under multipliers."""
    return team.view(states, multiplier)


@partial(jax.jit, static_argnums=(0, 1))
def first_view(team, episodes, seed=0):
    """Return what a team sees in the first states of a number of episodes, without a multiplier."""
    return team.view(team.reset(jax.random.key(seed), episodes), jnp.zeros(episodes))
