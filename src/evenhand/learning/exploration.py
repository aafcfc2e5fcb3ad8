"""Epsilon-greedy exploration: its schedule, and the choice of actions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.learning.settings import Exploration


def exploration_rate(settings: Exploration, part: Array) -> Array:
    """Return the exploration rate after a fraction `part` of the run: 1 at first, then a floor, and 0 at the end."""
    falling = 1.0 - (1.0 - settings.floor) * part / settings.falls_until
    closing = settings.floor * (1.0 - part) / (1.0 - settings.held_until)
    # Before `held_until`, adding 1 makes the second term larger than any rate, so that only the first one counts.
    return jnp.minimum(jnp.maximum(falling, settings.floor), jnp.maximum(closing, 0.0) + (part < settings.held_until))


def epsilon_greedy(key: Array, utilities: Array, mask: Array, rate: Array) -> tuple[Array, Array]:
    """Choose for each agent the greedy action or, with probability `rate`, a random possible one.

    Parameters
    ----------
    key
        A JAX random key.
    utilities, mask
        Shape (B, n, A): utilities of the actions, and which of them are possible.
    rate
        Scalar: exploration rate in [0, 1].

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
    """Draw one of the possible actions uniformly, with one random number per agent."""
    actions = mask.shape[-1]
    bits = jax.random.bits(key, mask.shape[:-1], jnp.uint32)
    # The remainder picks the k-th possible action; with 32 random bits and few actions its bias is negligible. That
    # action's number is the count of actions up to which there are at most k possible ones.
    chosen = (bits % mask.sum(-1).astype(jnp.uint32)).astype(jnp.int32)
    passed = (mask[..., None, :] & jnp.tril(jnp.ones((actions, actions), bool))).sum(-1) <= chosen[..., None]
    return passed.sum(-1).astype(jnp.int32)
