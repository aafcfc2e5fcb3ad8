"""The rules in JAX: the same game as :mod:`evenhand.hospital.rules`, thousands of episodes at once.

All functions are written for one episode of one scenario. ``jax.vmap`` over the states runs many episodes; over the
tables as well, it runs many scenarios of the same shape.
"""

from __future__ import annotations

from importlib.util import find_spec

from evenhand.errors import MissingExtraError

if find_spec("jax") is None:
    raise MissingExtraError("jax", "learn")

from evenhand.hospital.vectorized.environment import VectorizedHospital
from evenhand.hospital.vectorized.rules import Outcome, State, reset, step
from evenhand.hospital.vectorized.step_counts import CountingHospital
from evenhand.hospital.vectorized.tables import Tables, tables_of
from evenhand.hospital.vectorized.views import global_state, mask, observe, random_actions, unpack

__all__ = [
    "CountingHospital",
    "Outcome",
    "State",
    "Tables",
    "VectorizedHospital",
    "global_state",
    "mask",
    "observe",
    "random_actions",
    "reset",
    "step",
    "tables_of",
    "unpack",
]
