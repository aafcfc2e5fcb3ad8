"""A scenario's arrays as JAX arrays, with further ones that the fast rules look up."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.hospital.scenario_arrays import NOBODY, ScenarioArrays


class Tables(NamedTuple):
    """A scenario for the fast rules, as a pytree, so that ``jax.vmap`` can run over scenarios of the same shape.

    Names and shapes are those of :class:`evenhand.hospital.scenario_arrays.ScenarioArrays`, and these in addition:

    Attributes
    ----------
    power
        Shape (n, K), units that agent i does in one action of step k; 0 if it lacks the skill.
    brings
        Shape (K,), True if the step brings an item.
    agent_stations, agent_choices
        Shapes (n, S) and (n,): the stations at which an agent may start, first in its row, and their number.
    item_stations, item_choices
        The same for items, (I, S) and (I,).
    """

    travel: Array
    item_kind: Array
    capacity: Array
    recovery: Array
    step_place: Array
    step_kind: Array
    step_units: Array
    step_effort: Array
    step_points: Array
    step_after: Array
    drain: Array
    horizon: Array
    success_points: Array
    time_points: Array
    inverse_scale: Array
    inverse_horizon: Array
    inverse_units: Array
    inverse_capacity: Array
    inverse_travel: Array
    inverse_workload: Array
    inverse_agents: Array
    scaled_level: Array
    power: Array
    brings: Array
    agent_stations: Array
    agent_choices: Array
    item_stations: Array
    item_choices: Array


def tables_of(arrays: ScenarioArrays) -> Tables:
    """Return the tables of a scenario."""
    skills = arrays.level.shape[1]
    # In the column of ones are the levels for a step that asks for no skill.
    level = np.concatenate([arrays.level, np.ones((arrays.n_agents, 1), np.int32)], axis=1)
    brings = arrays.step_kind != NOBODY
    power = level[:, np.where(arrays.step_skill == NOBODY, skills, arrays.step_skill)]
    derived = {
        "inverse_agents": np.float32(1.0 / arrays.n_agents),
        "scaled_level": arrays.level.astype(np.float32) * arrays.inverse_level,
        "power": np.where(brings, np.minimum(power, 1), power),
        "brings": brings,
        "agent_stations": np.argsort(~arrays.agent_starts, axis=1, kind="stable").astype(np.int32),
        "agent_choices": arrays.agent_starts.sum(axis=1, dtype=np.int32),
        "item_stations": np.argsort(~arrays.item_starts, axis=1, kind="stable").astype(np.int32),
        "item_choices": arrays.item_starts.sum(axis=1, dtype=np.int32),
    }
    return Tables(**{name: jnp.asarray(derived.get(name, getattr(arrays, name, None))) for name in Tables._fields})
