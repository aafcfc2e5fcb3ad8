"""Reset and step of one episode as pure functions on whole numbers; :mod:`evenhand.hospital.rules` explains them."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.hospital.scenario_arrays import CARRIED, IN_USE, NOBODY
from evenhand.hospital.vectorized.tables import Tables
from evenhand.player.hospital import targets


class State(NamedTuple):
    """An episode, n agents, I items, K steps; all int32.

    Attributes
    ----------
    time
        Scalar.
    station, travel, holding, energy
        Shape (n,).
    item_place
        Shape (I,).
    remaining
        Shape (K,).
    workload
        Shape (3, n): useful, actions, effort.
    masked, conflicts
        Shape (n,), counts.
    treating, installing, picking
        Shape (n,): the targets of ``treat`` and ``handle`` now: for the first two a step, K if there is none; for the
        third an item, I if there is none. They follow from the other fields, and are stored because both the mask and
        the next step need them.
    """

    time: Array
    station: Array
    travel: Array
    holding: Array
    energy: Array
    item_place: Array
    remaining: Array
    workload: Array
    masked: Array
    conflicts: Array
    treating: Array
    installing: Array
    picking: Array


class Outcome(NamedTuple):
    """Outcome of a step.

    Attributes
    ----------
    reward
        Scalar float32, shared by the team.
    success, truncated
        Scalar booleans: all protocols are complete; the horizon came first.
    """

    reward: Array
    success: Array
    truncated: Array


class _Intent(NamedTuple):
    """What each agent would do if no other acted: booleans of shape (n,), and targets."""

    going: Array
    putting: Array
    picking: Array
    step: Array
    item: Array
    valid: Array


def reset(key: Array, scenario: Tables) -> State:
    """Return the first state of an episode: a station for each agent and each item is drawn, nothing is done yet.

    Parameters
    ----------
    key
        A JAX random key.
    scenario
        Tables of the scenario.
    """
    for_agents, for_items = jax.random.split(key)
    station = _draw(for_agents, scenario.agent_stations, scenario.agent_choices)
    item_place = _draw(for_items, scenario.item_stations, scenario.item_choices)
    nothing = jnp.zeros_like(station)
    state = State(
        time=jnp.zeros((), jnp.int32),
        station=station,
        travel=nothing,
        holding=nothing + NOBODY,
        energy=scenario.capacity,
        item_place=item_place,
        remaining=scenario.step_units,
        workload=jnp.zeros((3, station.shape[0]), jnp.int32),
        masked=nothing,
        conflicts=nothing,
        treating=nothing,
        installing=nothing,
        picking=nothing,
    )
    # All hands are empty, so nothing can be installed. Without this line the compiler takes seconds to find that out.
    return with_targets(state, scenario)._replace(installing=nothing + scenario.step_units.shape[0])


def step(key: Array, state: State, actions: Array, scenario: Tables) -> tuple[State, Outcome]:
    """Let all agents act once.

    Parameters
    ----------
    key
        Not used, because a step is not random: it is a parameter because learners pass a key to every environment.
    state
        The episode; one that has ended stays unchanged, with reward 0.
    actions
        Shape (n,), whole numbers; an action that the mask forbids is counted in ``masked``, and the agent waits.
    scenario
        Tables of the scenario.
    """
    del key
    steps, items = state.remaining.shape[0], state.item_place.shape[0]
    intent = _intents(state, actions, scenario)
    lost = _losers(state.time, intent, steps, items)
    hit = (intent.step[:, None] == jnp.arange(steps)) & ~lost[:, None]
    units = hit * jnp.minimum(scenario.power, state.remaining)
    spent = (hit * scenario.drain).sum(axis=1)
    picked = intent.picking & ~lost
    installed = (hit & scenario.brings).any(axis=1)
    acted = (intent.step < steps) | intent.picking | intent.putting
    work = jnp.stack([units.sum(axis=1), (acted & ~lost).astype(jnp.int32), (hit * scenario.step_effort).sum(axis=1)])
    destination = jnp.clip(actions - 1, 0, scenario.travel.shape[0] - 1)
    journey = scenario.travel[state.station, destination] - 1
    rested = jnp.minimum(scenario.capacity, state.energy + scenario.recovery)
    after = State(
        time=state.time + 1,
        station=jnp.where(intent.going, destination, state.station),
        travel=jnp.where(intent.going, journey, jnp.maximum(state.travel - 1, 0)),
        holding=jnp.where(picked, intent.item, jnp.where(intent.putting | installed, NOBODY, state.holding)),
        energy=jnp.where(spent > 0, state.energy - spent, rested),
        item_place=_places(state, picked, intent.item, intent.putting, installed),
        remaining=state.remaining - units.sum(axis=0),
        workload=state.workload + work,
        masked=state.masked + ~intent.valid,
        conflicts=state.conflicts + lost,
        treating=state.treating,
        installing=state.installing,
        picking=state.picking,
    )
    return _finish(state, with_targets(after, scenario), scenario)


def finished(state: State, scenario: Tables) -> Array:
    """Return whether the episode has ended, by success or at the horizon."""
    return (state.remaining == 0).all() | (state.time >= scenario.horizon)


def _draw(key: Array, stations: Array, choices: Array) -> Array:
    bits = jax.random.bits(key, choices.shape, jnp.uint32)
    chosen = (bits % choices.astype(jnp.uint32)).astype(jnp.int32)
    return jnp.take_along_axis(stations, chosen[:, None], axis=1)[:, 0]


def with_targets(state: State, scenario: Tables) -> State:
    """Return the state with the targets of each agent's ``treat`` and ``handle``."""
    treating, installing, picking = targets(state, scenario, jnp)
    return state._replace(treating=treating, installing=installing, picking=picking)


def _intents(state: State, actions: Array, scenario: Tables) -> _Intent:
    steps, items = state.remaining.shape[0], state.item_place.shape[0]
    stations = scenario.travel.shape[0]
    arrived, empty = state.travel == 0, state.holding < 0
    handles = (actions == stations + 1) & arrived
    going = (actions >= 1) & (actions <= stations) & arrived & (actions - 1 != state.station)
    treating = (actions == stations + 2) & (state.treating < steps)
    installing = handles & (state.installing < steps)
    picking = handles & empty & (state.picking < items)
    putting = handles & ~empty & ~installing
    return _Intent(
        going=going,
        putting=putting,
        picking=picking,
        step=jnp.where(treating, state.treating, jnp.where(installing, state.installing, steps)),
        item=jnp.where(picking, state.picking, items),
        valid=(actions == 0) | going | treating | installing | picking | putting,
    )


def _losers(time: Array, intent: _Intent, steps: int, items: int) -> Array:
    """Return which agents lose a conflict: another agent of higher priority wants the same step or item."""
    agents = jnp.arange(intent.step.shape[0])
    rank = (agents - time) % agents.shape[0]
    target = jnp.where(intent.picking, steps + intent.item, intent.step)
    wanted = intent.picking | (intent.step < steps)
    rivals = (target[:, None] == target) & (rank < rank[:, None]) & wanted
    return wanted & rivals.any(axis=1)


def _places(state: State, picked: Array, item: Array, putting: Array, installed: Array) -> Array:
    """Return the places of the items after pick-ups, put-downs and installations; each item has at most one of them."""
    items = jnp.arange(state.item_place.shape[0])
    held = state.holding[:, None] == items
    taken = (picked[:, None] & (item[:, None] == items)).any(axis=0)
    used = (installed[:, None] & held).any(axis=0)
    down = putting[:, None] & held
    where = (down * state.station[:, None]).sum(axis=0)
    return jnp.where(taken, CARRIED, jnp.where(used, IN_USE, jnp.where(down.any(axis=0), where, state.item_place)))


def _finish(before: State, after: State, scenario: Tables) -> tuple[State, Outcome]:
    """Return state and outcome of a step; an episode that was over before stays unchanged, with reward 0."""
    over = finished(before, scenario)
    success = (after.remaining == 0).all()
    progress = (scenario.step_points * (before.remaining - after.remaining)).sum()
    points = progress + scenario.success_points * success - scenario.time_points
    state = jax.tree.map(lambda old, new: jnp.where(over, old, new), before, after)
    reward = jnp.where(over, 0, points).astype(jnp.float32) * scenario.inverse_scale
    success = (state.remaining == 0).all()
    return state, Outcome(reward, success, ~success & (state.time >= scenario.horizon))
