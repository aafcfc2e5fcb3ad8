"""Masks, observations and global states: what agents and learners see of a state."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from evenhand.hospital.vectorized.rules import State
from evenhand.hospital.vectorized.tables import Tables


def mask(state: State, scenario: Tables) -> Array:
    """Return which actions are possible, shape (n, A), booleans: wait, go to each station, handle, treat."""
    steps, items = state.remaining.shape[0], state.item_place.shape[0]
    arrived = state.travel == 0
    stations = jnp.arange(scenario.travel.shape[0])
    move = arrived[:, None] & (stations != state.station[:, None])
    handle = arrived & ((state.holding >= 0) | (state.picking < items))
    treat = state.treating < steps
    return jnp.concatenate([jnp.ones_like(handle)[:, None], move, handle[:, None], treat[:, None]], axis=1)


def observe(state: State, scenario: Tables) -> Array:
    """Return the observations, shape (n, D), float32: the agent one-hot, the ward, and all agents, itself first."""
    seen = global_state(state, scenario)
    agents = state.station.shape[0]
    block = scenario.travel.shape[0] + state.item_place.shape[0] + 6 + scenario.scaled_level.shape[1]
    numbers = jnp.concatenate([seen, jnp.array([0, 1], jnp.float32)])
    # Each entry is computed once and then copied. With slices, the compiler computes an agent's block anew for every
    # agent that sees it.
    return numbers.at[_gathering(agents, seen.shape[0], block)].get(mode="promise_in_bounds")


def global_state(state: State, scenario: Tables) -> Array:
    """Return the global state, shape (G,), float32, for a central critic or a mixer."""
    return jnp.concatenate([_shared(state, scenario), _blocks(state, scenario).reshape(-1)])


def unpack(state: State) -> dict[str, Array]:
    """Return the fields of a state by the names that the reference's snapshot uses."""
    derived = {"treating", "installing", "picking"}
    return {name: value for name, value in state._asdict().items() if name not in derived}


def _gathering(agents: int, size: int, block: int) -> NDArray[np.int32]:
    """Return, for each entry of each observation, its place in the global state followed by 0 and 1."""
    own = np.where(np.eye(agents, dtype=bool), size + 1, size)
    shared = np.tile(np.arange(size - agents * block), (agents, 1))
    blocks = np.arange(size - agents * block, size).reshape(agents, block)
    around = np.stack([np.roll(blocks, -agent, axis=0).ravel() for agent in range(agents)])
    return np.concatenate([own, shared, around], axis=1).astype(np.int32)


def _shared(state: State, scenario: Tables) -> Array:
    pending = state.remaining > 0
    ready = pending & ~(scenario.step_after & pending).any(axis=1)
    left = (scenario.horizon - state.time) * scenario.inverse_horizon
    # -1 (carried) and -2 (in use) become the two columns after the stations.
    stations = scenario.travel.shape[0]
    place = jnp.where(state.item_place < 0, stations - 1 - state.item_place, state.item_place)
    where = place[:, None] == jnp.arange(stations + 2)
    return jnp.concatenate(
        [
            left[None].astype(jnp.float32),
            state.remaining * scenario.inverse_units,
            ready.astype(jnp.float32),
            where.astype(jnp.float32).reshape(-1),
        ]
    )


def _blocks(state: State, scenario: Tables) -> Array:
    """Return the block of each agent, shape (n, S + I + 6 + L); :mod:`evenhand.hospital.features` lists its entries."""
    agents = jnp.arange(state.station.shape[0])
    rank = (agents - state.time) % agents.shape[0]
    energy = jnp.where(scenario.capacity > 0, state.energy * scenario.inverse_capacity, 1.0)
    numbers = [state.travel * scenario.inverse_travel, energy, rank * scenario.inverse_agents]
    return jnp.concatenate(
        [
            (state.station[:, None] == jnp.arange(scenario.travel.shape[0])).astype(jnp.float32),
            numbers[0][:, None],
            (state.holding[:, None] == jnp.arange(state.item_place.shape[0])).astype(jnp.float32),
            numbers[1][:, None],
            numbers[2][:, None],
            (state.workload * scenario.inverse_workload[:, None]).T,
            scenario.scaled_level,
        ],
        axis=1,
    )


def random_actions(key: Array, possible: Array) -> Array:
    """Draw for each agent one of its possible actions, all with the same probability.

    Parameters
    ----------
    key
        A JAX random key.
    possible
        Shape (..., A), booleans, as :func:`mask` returns them; at least one is True in each row.

    Returns
    -------
    Array
        Shape (...), int32.
    """
    # Random bits are the expensive part: one number for each agent chooses the k-th of its possible actions, which is
    # found by running counts, a product with a triangle of ones.
    actions = possible.shape[-1]
    bits = jax.random.bits(key, possible.shape[:-1], jnp.uint32)
    chosen = (bits % possible.sum(-1).astype(jnp.uint32)).astype(jnp.int32)
    passed = (possible[..., None, :] & jnp.tril(jnp.ones((actions, actions), bool))).sum(-1) <= chosen[..., None]
    return passed.sum(-1).astype(jnp.int32)
