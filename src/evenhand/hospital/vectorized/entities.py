"""The constants of a scenario of which :func:`evenhand.player.hospital.entities` makes the features of entities."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import NOBODY, ScenarioArrays


class EntityTables(NamedTuple):
    """The constants of a scenario's entities: L skills and one column for none, Q kinds, K steps, I items, S stations.

    Attributes
    ----------
    step_at
        Shape (S, K): which steps are done at a station.
    treats
        Shape (K, L + 1): the skill of a treatment, in the last column that of treatments without one.
    brings
        Shape (K, Q): the kind of item that a step asks for.
    item_kind
        Shape (I, Q).
    level
        Shape (n, L): the agents' levels, as parts of the highest.
    distance
        Shape (S, S): steps of a journey, as parts of the longest.
    fair_share
        Scalar: an equal share of all work that there is, by the scenario's definition of work.
    beds
        Scalar: number of stations at which there is something to do.
    """

    step_at: Array
    treats: Array
    brings: Array
    item_kind: Array
    level: Array
    distance: Array
    fair_share: Array
    beds: Array


def entity_tables(scenario: Scenario, arrays: ScenarioArrays, total_work: float) -> EntityTables:
    """Return the constants of a scenario's entities."""
    kinds, skills = np.argsort(scenario.kinds), np.argsort(scenario.skills)
    made = {
        "step_at": np.arange(arrays.n_stations)[:, None] == arrays.step_place,
        "treats": (arrays.step_kind == NOBODY)[:, None] & (arrays.step_skill[:, None] == [*skills, NOBODY]),
        "brings": arrays.step_kind[:, None] == kinds,
        "item_kind": arrays.item_kind[:, None] == kinds,
        "level": (arrays.level * arrays.inverse_level)[:, skills],
        "distance": arrays.travel * arrays.inverse_travel,
        "fair_share": max(1.0, total_work / arrays.n_agents),
        "beds": len(set(arrays.step_place.tolist())),
    }
    return EntityTables(**{name: jnp.asarray(part, jnp.float32) for name, part in made.items()})
