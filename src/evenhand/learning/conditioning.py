"""Conditioning on the multiplier: how it is encoded for the networks, and drawn for an episode."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

SCALES = (0.006, 0.06, 0.6)
"""Half-saturation points of the saturating features, as fractions of the cap.

One per order of magnitude, because a multiplier's effect depends on its magnitude.
"""
SMALLEST = 0.002
"""Smallest positive multiplier that is evaluated after training, as a fraction of the cap; few draws are smaller."""
ZERO = 0.15
"""Probability that an episode is played under the multiplier 0."""
SIZE = 1 + len(SCALES)
"""Number of features of a multiplier."""


def features(multiplier: Array, cap: float) -> Array:
    """Return the networks' features (..., SIZE) of multipliers (...), each in [0, 1]."""
    part = multiplier / cap
    return jnp.stack([part, *(part / (part + scale) for scale in SCALES)], axis=-1)


def draw(key: Array, shape: tuple[int, ...], cap: float) -> Array:
    """Draw multipliers in [0, cap]: 0 with probability ZERO, otherwise with a uniform square root.

    The square of a uniform number makes small multipliers more frequent than large ones.
    """
    for_zero, for_size = jax.random.split(key)
    root = jax.random.uniform(for_size, shape)
    return jnp.where(jax.random.uniform(for_zero, shape) < ZERO, 0.0, cap * root**2)
