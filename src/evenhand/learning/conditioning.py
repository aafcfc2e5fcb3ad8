"""One learner for every multiplier: how the multiplier is shown to the networks and drawn for an episode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from jax import Array

SCALES = (0.006, 0.06, 0.6)
"""Parts of the cap at which a feature is half its largest: multipliers matter by their magnitude."""
SMALLEST = 0.002
"""Smallest positive multiplier that is looked at after training, as a part of the cap; few draws are smaller."""
ZERO = 0.15
"""Probability that an episode is played with no multiplier at all."""
SIZE = 1 + len(SCALES)


def features(multiplier: Array, cap: float) -> Array:
    """Return what the networks see of multipliers (...), shape (..., SIZE), each in [0, 1]."""
    part = multiplier / cap
    return jnp.stack([part, *(part / (part + scale) for scale in SCALES)], axis=-1)


def draw(key: Array, shape: tuple[int, ...], cap: float) -> Array:
    """Draw multipliers: 0 with probability ZERO, otherwise their square root is uniform up to the cap's."""
    for_zero, for_size = jax.random.split(key)
    root = jax.random.uniform(for_size, shape)
    return jnp.where(jax.random.uniform(for_zero, shape) < ZERO, 0.0, cap * root**2)
