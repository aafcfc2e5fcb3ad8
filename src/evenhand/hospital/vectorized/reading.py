"""Read a state from an observation: agents see the whole hospital, in whole numbers times stored reciprocals."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from evenhand.hospital.scenario_arrays import NOBODY
from evenhand.hospital.vectorized.rules import State, with_targets
from evenhand.hospital.vectorized.tables import Tables


def state_of(seen: Array, scenario: Tables) -> State:
    """Return the state that the first agent's observation (D,) shows; counts of failed actions, which it lacks, are 0.

    :mod:`evenhand.hospital.features` lists the entries.
    """
    stations, (agents, steps) = scenario.travel.shape[0], scenario.power.shape
    items, here = scenario.item_kind.shape[0], agents + 1
    remaining, seen_items = seen[here : here + steps], seen[here + 2 * steps :]
    place = seen_items[: items * (stations + 2)].reshape(items, stations + 2)
    block = seen_items[items * (stations + 2) :].reshape(agents, -1)
    after = stations + 1 + items
    none = jnp.zeros(agents, jnp.int32)
    state = State(
        time=scenario.horizon - _whole(seen[agents], scenario.inverse_horizon),
        station=_position(block[:, :stations]),
        travel=_whole(block[:, stations], scenario.inverse_travel),
        holding=jnp.where(
            block[:, stations + 1 : after].any(axis=1), _position(block[:, stations + 1 : after]), NOBODY
        ),
        energy=jnp.where(scenario.capacity > 0, _whole(block[:, after], scenario.inverse_capacity), 0),
        # The columns after the stations are -1, carried, and -2, in use.
        item_place=jnp.where(_position(place) < stations, _position(place), stations - 1 - _position(place)),
        remaining=_whole(remaining, scenario.inverse_units),
        workload=_whole(block[:, after + 2 : after + 5].T, scenario.inverse_workload[:, None]),
        masked=none,
        conflicts=none,
        treating=none,
        installing=none,
        picking=none,
    )
    return with_targets(state, scenario)


def _whole(scaled: Array, unit: Array) -> Array:
    return jnp.rint(scaled / unit).astype(jnp.int32)


def _position(one_hot: Array) -> Array:
    """Return the position of the one in each row; 0 in rows without entries."""
    return (one_hot * jnp.arange(one_hot.shape[-1])).sum(axis=-1).astype(jnp.int32)
