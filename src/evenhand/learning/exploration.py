"""How learners explore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax import Array

    from evenhand.learning.settings import Exploration


def exploration_rate(settings: Exploration, part: Array) -> Array:
    """Return the rate at `part` (0 to 1) of the run: falling from 1 to a floor, held, falling to 0 at the end."""
    falling = 1.0 - (1.0 - settings.floor) * part / settings.falls_until
    closing = settings.floor * (1.0 - part) / (1.0 - settings.held_until)
    return jnp.minimum(jnp.maximum(falling, settings.floor), jnp.maximum(closing, 0.0) + (part < settings.held_until))


def epsilon_greedy(key: Array, utilities: Array, mask: Array, rate: Array) -> tuple[Array, Array]:
    """Choose the best action, or with probability `rate` any possible one.

    Parameters
    ----------
    key
        A JAX random key.
    utilities, mask
        Shape (B, n, A).
    rate
        Scalar.

    Returns
    -------
    tuple
        Actions (B, n) int32, and whether all agents of an episode acted greedily, (B,).
    """
    for_turn, for_action = jax.random.split(key)
    best = utilities.argmax(axis=-1).astype(jnp.int32)
    explores = jax.random.uniform(for_turn, best.shape) < rate
    actions = jnp.where(explores, _any_possible(for_action, mask), best)
    return actions, (actions == best).all(axis=-1)


def _any_possible(key: Array, mask: Array) -> Array:
    """Draw one of the possible actions, all with the same probability; one random number each."""
    actions = mask.shape[-1]
    bits = jax.random.bits(key, mask.shape[:-1], jnp.uint32)
    chosen = (bits % mask.sum(-1).astype(jnp.uint32)).astype(jnp.int32)
    passed = (mask[..., None, :] & jnp.tril(jnp.ones((actions, actions), bool))).sum(-1) <= chosen[..., None]
    return passed.sum(-1).astype(jnp.int32)
