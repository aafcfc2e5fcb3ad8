"""Read a state from an observation, in which agents see the whole hospital."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from evenhand.hospital.vectorized.rules import State
from evenhand.hospital.vectorized.tables import Tables
from evenhand.player.hospital import scene_of


def state_of(seen: Array, scenario: Tables) -> State:
    """Return the state that the first agent's observation (D,) shows; counts of failed actions, which it lacks, are 0.

    :mod:`evenhand.hospital.features` lists the entries.
    """
    scene = scene_of(seen, scenario, jnp)
    none = jnp.zeros(scene.station.shape, jnp.int32)
    return State(**scene._asdict(), masked=none, conflicts=none)
