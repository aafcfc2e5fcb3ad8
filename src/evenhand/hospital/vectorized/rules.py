"""Reset and step: pure functions on whole numbers, for one episode; the reference says what each rule means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jax
import jax.numpy as jnp

from evenhand.hospital.arrays import CARRIED, IN_USE, NOBODY

if TYPE_CHECKING:
    from jax import Array

    from evenhand.hospital.vectorized.tables import Tables


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
        Shape (n,): what ``treat`` and ``handle`` would act on now: a step (K where there is none) for the first two, an
        item (I where there is none) for the third. They follow from the rest and are kept because both the mask and
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
    """What a step brought.

    Attributes
    ----------
    reward
        Scalar float32, shared by the team.
    success, truncated
        Scalar booleans: all protocols complete; cut off at the horizon.
    """

    reward: Array
    success: Array
    truncated: Array


class _Intent(NamedTuple):
    """What each agent would do, were it alone: booleans of shape (n,), and the targets."""

    going: Array
    putting: Array
    picking: Array
    step: Array
    item: Array
    valid: Array


def reset(key: Array, scenario: Tables) -> State:
    """Draw the starts of an episode.

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
    # Hands are empty: nothing can be installed. Said aloud, or the compiler spends seconds to find it out.
    return with_targets(state, scenario)._replace(installing=nothing + scenario.step_units.shape[0])


def step(key: Array, state: State, actions: Array, scenario: Tables) -> tuple[State, Outcome]:
    """Let all agents act once.

    Parameters
    ----------
    key
        Not used: nothing in a step is random. It stands here because learners pass one to every environment.
    state
        The episode; a finished one stays as it is, with reward 0.
    actions
        Shape (n,), whole numbers; what the mask forbids is waiting, and counted.
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
    """Tell whether the episode has ended, by success or at the horizon."""
    return (state.remaining == 0).all() | (state.time >= scenario.horizon)


def _draw(key: Array, stations: Array, choices: Array) -> Array:
    bits = jax.random.bits(key, choices.shape, jnp.uint32)
    chosen = (bits % choices.astype(jnp.uint32)).astype(jnp.int32)
    return jnp.take_along_axis(stations, chosen[:, None], axis=1)[:, 0]


def with_targets(state: State, scenario: Tables) -> State:
    """Find what each agent's ``treat`` and ``handle`` would act on."""
    steps, items = state.remaining.shape[0], state.item_place.shape[0]
    arrived = state.travel == 0
    pending = state.remaining > 0
    ready = pending & ~(scenario.step_after & pending).any(axis=1)
    able = (scenario.power > 0) & (state.energy[:, None] >= scenario.drain)
    here = arrived[:, None] & (state.station[:, None] == scenario.step_place)
    open_ = ready & able & here
    if items:
        kind = jnp.where(state.holding >= 0, scenario.item_kind[jnp.maximum(state.holding, 0)], NOBODY - 1)
        lies = arrived[:, None] & (state.item_place == state.station[:, None])
        picking = jnp.where(lies, jnp.arange(items), items).min(axis=1)
    else:
        kind = jnp.full_like(state.holding, NOBODY - 1)
        picking = jnp.zeros_like(state.holding)
    treats = open_ & ~scenario.brings & (state.holding < 0)[:, None]
    installs = open_ & (scenario.step_kind == kind[:, None])
    first = jnp.arange(steps)
    return state._replace(
        treating=jnp.where(treats, first, steps).min(axis=1),
        installing=jnp.where(installs, first, steps).min(axis=1),
        picking=picking,
    )


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
    """Tell who wanted the same step or item as an agent of higher priority."""
    agents = jnp.arange(intent.step.shape[0])
    rank = (agents - time) % agents.shape[0]
    target = jnp.where(intent.picking, steps + intent.item, intent.step)
    wanted = intent.picking | (intent.step < steps)
    rivals = (target[:, None] == target) & (rank < rank[:, None]) & wanted
    return wanted & rivals.any(axis=1)


def _places(state: State, picked: Array, item: Array, putting: Array, installed: Array) -> Array:
    """Move the items that were picked up, put down or installed; each by at most one agent."""
    items = jnp.arange(state.item_place.shape[0])
    held = state.holding[:, None] == items
    taken = (picked[:, None] & (item[:, None] == items)).any(axis=0)
    used = (installed[:, None] & held).any(axis=0)
    down = putting[:, None] & held
    where = (down * state.station[:, None]).sum(axis=0)
    return jnp.where(taken, CARRIED, jnp.where(used, IN_USE, jnp.where(down.any(axis=0), where, state.item_place)))


def _finish(before: State, after: State, scenario: Tables) -> tuple[State, Outcome]:
    """Reward the step, and leave a finished episode as it was."""
    over = finished(before, scenario)
    success = (after.remaining == 0).all()
    progress = (scenario.step_points * (before.remaining - after.remaining)).sum()
    points = progress + scenario.success_points * success - scenario.time_points
    state = jax.tree.map(lambda old, new: jnp.where(over, old, new), before, after)
    reward = jnp.where(over, 0, points).astype(jnp.float32) * scenario.inverse_scale
    success = (state.remaining == 0).all()
    return state, Outcome(reward, success, ~success & (state.time >= scenario.horizon))
