"""The hospital as a team of entities sees it: its state, read from an observation, and the features of that state.

Features are of each agent, of each station and of each pair of both. Their numbers depend on the kinds of items and on
the skills alone, so that a network over them plays any scenario with the same kinds and skills. Kinds and skills are in
alphabetical order, whichever a scenario names first.

The learners compile the same functions for JAX: `xp` is the library of the arrays, NumPy or one with its functions.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

NOBODY = -1
"""In place of a kind of item or a skill: none; in place of an item: empty hands."""
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

    agents: Any
    places: Any
    pairs: Any
    world: Any


TABLES = (
    *("travel", "item_kind", "capacity", "step_place", "step_kind", "step_after", "drain", "power", "brings"),
    *("horizon", "inverse_horizon", "inverse_units", "inverse_capacity", "inverse_travel"),
    *("inverse_workload", "inverse_agents"),
)
"""What these functions look up in a scenario's tables (:class:`evenhand.hospital.vectorized.tables.Tables`)."""


class Scene(NamedTuple):
    """What an observation shows of an episode: fields of :class:`evenhand.hospital.vectorized.rules.State`."""

    time: Any
    station: Any
    travel: Any
    holding: Any
    energy: Any
    item_place: Any
    remaining: Any
    workload: Any
    treating: Any
    installing: Any
    picking: Any


def scene_of(seen: Any, scenario: Any, xp: Any = np) -> Scene:
    """Return what the first agent's observation (D,) shows; :mod:`evenhand.hospital.features` lists its entries.

    Agents see the whole hospital, in whole numbers times stored reciprocals.
    """
    stations, (agents, steps) = scenario.travel.shape[0], scenario.power.shape
    items, here = scenario.item_kind.shape[0], agents + 1
    remaining, seen_items = seen[here : here + steps], seen[here + 2 * steps :]
    place = _position(seen_items[: items * (stations + 2)].reshape(items, stations + 2), xp)
    block = seen_items[items * (stations + 2) :].reshape(agents, -1)
    after = stations + 1 + items
    held = block[:, stations + 1 : after]
    none = xp.zeros(agents, xp.int32)
    scene = Scene(
        time=scenario.horizon - _whole(seen[agents], scenario.inverse_horizon, xp),
        station=_position(block[:, :stations], xp),
        travel=_whole(block[:, stations], scenario.inverse_travel, xp),
        holding=xp.where(held.any(axis=1), _position(held, xp), NOBODY),
        energy=xp.where(scenario.capacity > 0, _whole(block[:, after], scenario.inverse_capacity, xp), 0),
        # The columns after the stations are -1, carried, and -2, in use.
        item_place=xp.where(place < stations, place, stations - 1 - place),
        remaining=_whole(remaining, scenario.inverse_units, xp),
        workload=_whole(block[:, after + 2 : after + 5].T, scenario.inverse_workload[:, None], xp),
        treating=none,
        installing=none,
        picking=none,
    )
    treating, installing, picking = targets(scene, scenario, xp)
    return scene._replace(treating=treating, installing=installing, picking=picking)


def _whole(scaled: Any, unit: Any, xp: Any) -> Any:
    return xp.rint(scaled / unit).astype(xp.int32)


def _position(one_hot: Any, xp: Any) -> Any:
    """Return the position of the one in each row; 0 in rows without entries."""
    return (one_hot * xp.arange(one_hot.shape[-1])).sum(axis=-1).astype(xp.int32)


def _steps_open(state: Any, scenario: Any) -> tuple[Any, Any]:
    """Return which steps (K,) are not finished, and which of them may be worked on now."""
    pending = state.remaining > 0
    return pending, pending & ~(scenario.step_after & pending).any(axis=1)


def targets(state: Any, scenario: Any, xp: Any = np) -> tuple[Any, Any, Any]:
    """Return the step that each agent would treat, the one it would install for, and the item that it would pick up.

    Each (n,); the number of steps, or of items, where there is none.
    """
    steps, items = state.remaining.shape[0], state.item_place.shape[0]
    arrived = state.travel == 0
    _, ready = _steps_open(state, scenario)
    able = (scenario.power > 0) & (state.energy[:, None] >= scenario.drain)
    here = arrived[:, None] & (state.station[:, None] == scenario.step_place)
    open_ = ready & able & here
    if items:
        kind = xp.where(state.holding >= 0, scenario.item_kind[xp.maximum(state.holding, 0)], NOBODY - 1)
        lies = arrived[:, None] & (state.item_place == state.station[:, None])
        picking = xp.where(lies, xp.arange(items), items).min(axis=1)
    else:
        kind = xp.full_like(state.holding, NOBODY - 1)
        picking = xp.zeros_like(state.holding)
    treats = open_ & ~scenario.brings & (state.holding < 0)[:, None]
    installs = open_ & (scenario.step_kind == kind[:, None])
    first = xp.arange(steps)
    treating, installing = (xp.where(which, first, steps).min(axis=1) for which in (treats, installs))
    return treating, installing, picking


def entities(state: Any, workload: Any, scenario: Any, fixed: Any, xp: Any = np) -> Entities:
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
    xp
        The library of the arrays, NumPy or one with its functions.
    """
    hot = _one_hot(state, scenario, fixed, xp)
    places, wanted, later, lying, units, units_later = _places(state, fixed, hot, xp)
    carried = hot.held.sum(axis=0)
    world = xp.concatenate(
        [
            xp.concatenate([part.sum(axis=0) for part in (wanted, later, lying, units, units_later)]) / fixed.beds,
            carried / fixed.beds,
            xp.clip(wanted.sum(axis=0) - carried, -1.0, 1.0),
            xp.clip((wanted + later).sum(axis=0) - carried, -1.0, 1.0),
            ((scenario.horizon - state.time) * scenario.inverse_horizon)[None],
        ]
    )
    agents = xp.concatenate([_agents(state, workload, scenario, fixed, hot, xp), hot.station @ places], axis=1)
    pairs = _pairs(state, scenario, fixed, hot, (wanted, later, lying), xp)
    return Entities(*(part.astype(xp.float32) for part in (agents, places, pairs, world)))


class _OneHot(NamedTuple):
    """Station of each agent (n, S), kind in its hands (n, Q), and which treatments and steps are open."""

    station: Any
    held: Any
    empty: Any
    able: Any
    ready: Any
    later: Any


def _one_hot(state: Any, scenario: Any, fixed: Any, xp: Any) -> _OneHot:
    pending, ready = _steps_open(state, scenario)
    empty = state.holding < 0
    held = xp.where(empty[:, None], 0.0, _rows(fixed.item_kind, state.holding, xp))
    return _OneHot(
        station=(state.station[:, None] == xp.arange(scenario.travel.shape[0])).astype(xp.float32),
        held=held,
        empty=empty.astype(xp.float32),
        able=((scenario.power > 0) & (state.energy[:, None] >= scenario.drain)).astype(xp.float32),
        ready=state.remaining * ready / SEVERAL,
        later=state.remaining * (pending & ~ready) / SEVERAL,
    )


def _rows(table: Any, chosen: Any, xp: Any) -> Any:
    """Return rows of a table, which may have none; a number outside it gives the nearest row."""
    if table.shape[0] == 0:
        return xp.zeros((chosen.shape[0], table.shape[1]))
    return table[xp.clip(chosen, 0, table.shape[0] - 1)]


def _places(state: Any, fixed: Any, hot: _OneHot, xp: Any) -> tuple[Any, ...]:
    """Return the stations' features (S, P), and of them: wanted now, later, lying (S, Q), units now, later (S, L+1)."""
    at = fixed.step_at
    wanted, later = (at @ (fixed.brings * (part > 0.0)[:, None]) for part in (hot.ready, hot.later))
    units, units_later = (at @ (fixed.treats * part[:, None]) for part in (hot.ready, hot.later))
    lies = (state.item_place[:, None] == xp.arange(at.shape[0])).astype(xp.float32)
    lying = lies.T @ fixed.item_kind
    there = xp.concatenate([hot.held, fixed.level, xp.ones_like(hot.empty)[:, None]], axis=1)
    crowd = hot.station.T @ there / SEVERAL
    places = xp.concatenate([units, units_later, wanted, later, lying, crowd], axis=1)
    return places, wanted, later, lying, units, units_later


def _agents(state: Any, workload: Any, scenario: Any, fixed: Any, hot: _OneHot, xp: Any) -> Any:
    n = state.station.shape[0]
    steps, items = state.remaining.shape[0], state.item_place.shape[0]
    index = xp.arange(n)
    picks = (state.picking < items) & (hot.empty > 0.0)
    numbers = [
        hot.empty,
        state.travel * scenario.inverse_travel,
        xp.where(scenario.capacity > 0, state.energy * scenario.inverse_capacity, 1.0),
        (index - state.time) % n * scenario.inverse_agents,
        index * scenario.inverse_agents,
        workload / fixed.fair_share / 2.0,
        state.installing < steps,
        state.treating < steps,
    ]
    picked = xp.where(picks[:, None], _rows(fixed.item_kind, state.picking, xp), 0.0)
    return xp.concatenate([xp.stack(numbers, axis=1), hot.held, picked, fixed.level], axis=1)


def _pairs(state: Any, scenario: Any, fixed: Any, hot: _OneHot, items: tuple[Any, ...], xp: Any) -> Any:
    wanted, later, lying = items
    distance = fixed.distance[state.station]
    here = hot.station * (state.travel == 0)[:, None]
    treatable = fixed.treats.any(axis=1)
    now, then = (hot.able * (part * treatable)[None, :] @ fixed.step_at.T for part in (hot.ready, hot.later))
    carried = hot.held.sum(axis=0)
    needed_now = (wanted.sum(axis=0) > carried).astype(xp.float32)
    needed = ((wanted + later).sum(axis=0) > carried).astype(xp.float32)
    able = (now > 0.0) & (hot.empty > 0.0)[:, None]
    helpers = (here * able).sum(axis=0)[None, :] - here * able
    # Ties go to the lower index, as in the scripted policy, so that agents at one place choose differently.
    n = distance.shape[0]
    nearer = (distance[None] < distance[:, None]) | (
        (distance[None] == distance[:, None]) & (xp.arange(n)[None, :, None] < xp.arange(n)[:, None, None])
    )
    ahead = (nearer & able[None]).sum(axis=1)
    free_ahead = (nearer & (hot.empty > 0.0)[None, :, None]).sum(axis=1)
    return xp.stack(
        [
            distance,
            here,
            now,
            then,
            hot.held @ wanted.T,
            hot.held @ later.T,
            xp.minimum(lying @ needed_now, SEVERAL)[None, :] / SEVERAL * hot.empty[:, None],
            xp.minimum(lying @ needed, SEVERAL)[None, :] / SEVERAL * hot.empty[:, None],
            xp.minimum(helpers, SEVERAL) / SEVERAL,
            xp.minimum(ahead, 4) / 4.0,
            xp.minimum(free_ahead, 6) / 6.0,
        ],
        axis=-1,
    )
