"""A state as entities: features of each agent, of each station and of each pair of both, alike in wards of any size.

Their numbers of features depend on the kinds of items and on the skills alone, so that a network over them plays any
scenario with the same kinds and skills. Kinds and skills are in alphabetical order, whichever a scenario names first.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import NOBODY, ScenarioArrays
from evenhand.hospital.vectorized.rules import State
from evenhand.hospital.vectorized.tables import Tables

SEVERAL = 3.0
"""Units, items or agents at one station that count as 1 in the features of stations."""


class Entities(NamedTuple):
    """An episode of n agents at S stations as entities, all float32.

    Attributes
    ----------
    agents
        Shape (n, F).
    places
        Shape (S, P).
    pairs
        Shape (n, S, R).
    world
        Shape (W,).
    """

    agents: Array
    places: Array
    pairs: Array
    world: Array


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


def entities(state: State, workload: Array, scenario: Tables, fixed: EntityTables) -> Entities:
    """Return a state as entities.

    - A station: units to do there now and later, by skill; items wanted now and later, lying there, and carried there,
      by kind; the levels of the agents there or on the way, and their number.
    - The world: the same sums over all stations; by kind, whether fewer items are carried than are wanted; time left.
    - An agent: the kind in its hands, whether they are empty, time to arrival, energy, its rank of priority, its index,
      its work as a multiple of an equal share, the kind that it could pick up, whether it could install or treat, its
      levels, and its station's features.
    - A pair: distance, whether the agent is there, units there that it could do now and later, items wanted there of
      the kind in its hands now and later, items there that are wanted now and later, how many others are able there,
      and how many others with empty hands are nearer: of those who are able, and of all.

    Parameters
    ----------
    state
        The episode.
    workload
        Shape (n,), by the scenario's definition.
    scenario, fixed
        The scenario's tables.
    """
    hot = _one_hot(state, scenario, fixed)
    places, wanted, later, lying, units, units_later = _places(state, scenario, fixed, hot)
    carried = hot.held.sum(axis=0)
    world = jnp.concatenate(
        [
            jnp.concatenate([part.sum(axis=0) for part in (wanted, later, lying, units, units_later)]) / fixed.beds,
            carried / fixed.beds,
            jnp.clip(wanted.sum(axis=0) - carried, -1.0, 1.0),
            jnp.clip((wanted + later).sum(axis=0) - carried, -1.0, 1.0),
            ((scenario.horizon - state.time) * scenario.inverse_horizon)[None],
        ]
    )
    agents = jnp.concatenate([_agents(state, workload, scenario, fixed, hot), hot.station @ places], axis=1)
    pairs = _pairs(state, scenario, fixed, hot, (wanted, later, lying))
    return Entities(*(part.astype(jnp.float32) for part in (agents, places, pairs, world)))


class _OneHot(NamedTuple):
    """Station of each agent (n, S), kind in its hands (n, Q), and which treatments and steps are open."""

    station: Array
    held: Array
    empty: Array
    able: Array
    ready: Array
    later: Array


def _one_hot(state: State, scenario: Tables, fixed: EntityTables) -> _OneHot:
    pending = state.remaining > 0
    ready = pending & ~(scenario.step_after & pending).any(axis=1)
    empty = state.holding < 0
    held = jnp.where(empty[:, None], 0.0, _rows(fixed.item_kind, state.holding))
    return _OneHot(
        station=(state.station[:, None] == jnp.arange(scenario.travel.shape[0])).astype(jnp.float32),
        held=held,
        empty=empty.astype(jnp.float32),
        able=((scenario.power > 0) & (state.energy[:, None] >= scenario.drain)).astype(jnp.float32),
        ready=state.remaining * ready / SEVERAL,
        later=state.remaining * (pending & ~ready) / SEVERAL,
    )


def _rows(table: Array, chosen: Array) -> Array:
    """Return rows of a table, which may have none; a number outside it gives the nearest row."""
    if table.shape[0] == 0:
        return jnp.zeros((chosen.shape[0], table.shape[1]))
    return table[jnp.clip(chosen, 0, table.shape[0] - 1)]


def _places(state: State, scenario: Tables, fixed: EntityTables, hot: _OneHot) -> tuple[Array, ...]:
    """Return the stations' features (S, P), and of them: wanted now, later, lying (S, Q), units now, later (S, L+1)."""
    del scenario
    at = fixed.step_at
    wanted, later = (at @ (fixed.brings * (part > 0.0)[:, None]) for part in (hot.ready, hot.later))
    units, units_later = (at @ (fixed.treats * part[:, None]) for part in (hot.ready, hot.later))
    lies = (state.item_place[:, None] == jnp.arange(at.shape[0])).astype(jnp.float32)
    lying = lies.T @ fixed.item_kind
    there = jnp.concatenate([hot.held, fixed.level, jnp.ones_like(hot.empty)[:, None]], axis=1)
    crowd = hot.station.T @ there / SEVERAL
    places = jnp.concatenate([units, units_later, wanted, later, lying, crowd], axis=1)
    return places, wanted, later, lying, units, units_later


def _agents(state: State, workload: Array, scenario: Tables, fixed: EntityTables, hot: _OneHot) -> Array:
    n = state.station.shape[0]
    steps, items = state.remaining.shape[0], state.item_place.shape[0]
    index = jnp.arange(n)
    picks = (state.picking < items) & (hot.empty > 0.0)
    numbers = [
        hot.empty,
        state.travel * scenario.inverse_travel,
        jnp.where(scenario.capacity > 0, state.energy * scenario.inverse_capacity, 1.0),
        (index - state.time) % n * scenario.inverse_agents,
        index * scenario.inverse_agents,
        workload / fixed.fair_share / 2.0,
        state.installing < steps,
        state.treating < steps,
    ]
    picked = jnp.where(picks[:, None], _rows(fixed.item_kind, state.picking), 0.0)
    return jnp.concatenate([jnp.stack(numbers, axis=1), hot.held, picked, fixed.level], axis=1)


def _pairs(
    state: State, scenario: Tables, fixed: EntityTables, hot: _OneHot, items: tuple[Array, Array, Array]
) -> Array:
    wanted, later, lying = items
    distance = fixed.distance[state.station]
    here = hot.station * (state.travel == 0)[:, None]
    treatable = fixed.treats.any(axis=1)
    now, then = (hot.able * (part * treatable)[None, :] @ fixed.step_at.T for part in (hot.ready, hot.later))
    carried = hot.held.sum(axis=0)
    needed_now = (wanted.sum(axis=0) > carried).astype(jnp.float32)
    needed = ((wanted + later).sum(axis=0) > carried).astype(jnp.float32)
    able = (now > 0.0) & (hot.empty > 0.0)[:, None]
    helpers = (here * able).sum(axis=0)[None, :] - here * able
    # Ties go to the lower index, as in the scripted policy, so that agents at one place choose differently.
    n = distance.shape[0]
    nearer = (distance[None] < distance[:, None]) | (
        (distance[None] == distance[:, None]) & (jnp.arange(n)[None, :, None] < jnp.arange(n)[:, None, None])
    )
    ahead = (nearer & able[None]).sum(axis=1)
    free_ahead = (nearer & (hot.empty > 0.0)[None, :, None]).sum(axis=1)
    return jnp.stack(
        [
            distance,
            here,
            now,
            then,
            hot.held @ wanted.T,
            hot.held @ later.T,
            jnp.minimum(lying @ needed_now, SEVERAL)[None, :] / SEVERAL * hot.empty[:, None],
            jnp.minimum(lying @ needed, SEVERAL)[None, :] / SEVERAL * hot.empty[:, None],
            jnp.minimum(helpers, SEVERAL) / SEVERAL,
            jnp.minimum(ahead, 4) / 4.0,
            jnp.minimum(free_ahead, 6) / 6.0,
        ],
        axis=-1,
    )
