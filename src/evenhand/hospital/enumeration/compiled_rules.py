"""The rules of the hospital as compiled loops on rows of whole numbers: what the enumeration of states steps.

:mod:`evenhand.hospital.rules` defines the rules. A state is a row of numbers, one block of columns after the other:
station, travel, holding and energy of the n agents, the places of the I items, the units left of the K steps, and the
useful work, actions and effort of the n agents. Columns after these are copied from row to row. The time is no part of
a row: it is the number of the layer that the row is in.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.scenario_arrays import CARRIED, IN_USE, NOBODY, ScenarioArrays
from evenhand.numba_decorators import entry, inner

Row = NDArray[np.int16]
FORBIDDEN, WAIT, GO, PUT_DOWN, PICK_UP, INSTALL, TREAT = range(-1, 6)
"""What an action means; from 0 in the order of :class:`evenhand.hospital.state.Verb`."""
LARGEST = int(np.iinfo(np.int16).max)


class CompiledScenario(NamedTuple):
    """A scenario as the loops read it; the arrays are those of :class:`ScenarioArrays`, int64.

    Attributes
    ----------
    agents, stations, items, steps
        Numbers n, S, I and K.
    power
        Shape (n, K): units that an agent does of a step in one action, 0 if it lacks the skill.
    step_after
        Shape (K, K), booleans: step j (column) must be complete before step k (row).
    """

    agents: int
    stations: int
    items: int
    steps: int
    travel: NDArray[np.int64]
    item_kind: NDArray[np.int64]
    capacity: NDArray[np.int64]
    recovery: NDArray[np.int64]
    step_place: NDArray[np.int64]
    step_kind: NDArray[np.int64]
    step_effort: NDArray[np.int64]
    power: NDArray[np.int64]
    drain: NDArray[np.int64]
    step_after: NDArray[np.bool_]


class Columns(NamedTuple):
    """Where the blocks of a row begin: see the text at the top of this module."""

    station: int
    travel: int
    holding: int
    energy: int
    item_place: int
    remaining: int
    useful: int
    actions: int
    effort: int
    more: int


def compiled(arrays: ScenarioArrays) -> CompiledScenario:
    """Return the scenario as the loops read it.

    Raises
    ------
    InputError
        If a number of a state could exceed 16 bits.
    """
    most = max(int(arrays.horizon), int(arrays.step_effort @ arrays.step_units), int(arrays.capacity.max()))
    if most > LARGEST:
        raise InputError(
            f"a state's numbers can reach {most:,} (horizon, effort or energy); states up to {LARGEST:,} are enumerated"
        )
    level = np.concatenate([arrays.level, np.ones((arrays.n_agents, 1), np.int32)], axis=1)
    power = level[:, np.where(arrays.step_skill == NOBODY, level.shape[1] - 1, arrays.step_skill)]
    names = ("travel", "item_kind", "capacity", "recovery", "step_place", "step_kind", "step_effort", "drain")
    return CompiledScenario(
        agents=arrays.n_agents,
        stations=arrays.n_stations,
        items=arrays.n_items,
        steps=arrays.n_steps,
        power=np.where(arrays.step_kind == NOBODY, power, np.minimum(power, 1)).astype(np.int64),
        step_after=np.ascontiguousarray(arrays.step_after),
        **{name: np.ascontiguousarray(getattr(arrays, name), dtype=np.int64) for name in names},
    )


def columns(scenario: CompiledScenario) -> Columns:
    """Return where the blocks of a row begin."""
    n, items, steps = scenario.agents, scenario.items, scenario.steps
    begin = np.cumsum([0, n, n, n, n, items, steps, n, n, n])
    return Columns(*begin.tolist())


@inner
def first_open(row: Row, agent: int, kind: int, scenario: CompiledScenario) -> int:
    """Return the first step at the agent's station that it could work on with an item of this kind, or NOBODY.

    The kind NOBODY stands for empty hands, with which an agent treats.
    """
    n = scenario.agents
    remaining = 4 * n + scenario.items
    for step in range(scenario.steps):
        if scenario.step_place[step] != row[agent] or scenario.step_kind[step] != kind:
            continue
        if row[remaining + step] == 0 or scenario.power[agent, step] == 0:
            continue
        if row[3 * n + agent] < scenario.drain[agent, step]:
            continue
        ready = True
        for earlier in range(scenario.steps):
            ready = ready and not (scenario.step_after[step, earlier] and row[remaining + earlier] > 0)
        if ready:
            return step
    return NOBODY


@inner
def deed(row: Row, agent: int, action: int, scenario: CompiledScenario) -> tuple[int, int]:
    """Return what an action means for an agent now and its target: a station, an item or a step."""
    n = scenario.agents
    if action == 0:
        return WAIT, NOBODY
    if row[n + agent] > 0:
        return FORBIDDEN, NOBODY
    if action <= scenario.stations:
        if action - 1 == row[agent]:
            return FORBIDDEN, NOBODY
        return GO, action - 1
    item = int(row[2 * n + agent])
    if action == scenario.stations + 2:
        step = first_open(row, agent, NOBODY, scenario) if item == NOBODY else NOBODY
        if step == NOBODY:
            return FORBIDDEN, NOBODY
        return TREAT, step
    if item == NOBODY:
        for lying in range(scenario.items):
            if row[4 * n + lying] == row[agent]:
                return PICK_UP, lying
        return FORBIDDEN, NOBODY
    step = first_open(row, agent, scenario.item_kind[item], scenario)
    if step == NOBODY:
        return PUT_DOWN, item
    return INSTALL, step


@inner
def is_done(row: Row, scenario: CompiledScenario) -> bool:
    """Return whether every step of every protocol is complete."""
    remaining = 4 * scenario.agents + scenario.items
    done = True
    for step in range(scenario.steps):
        done = done and row[remaining + step] == 0
    return done


@inner
def move(row: Row, verbs: Row, targets: Row, after: Row, scenario: CompiledScenario) -> None:
    """Write the state to which settled deeds of all agents lead into `after`."""
    n = scenario.agents
    remaining = 4 * n + scenario.items
    useful = remaining + scenario.steps
    for column in range(row.shape[0]):
        after[column] = row[column]
    for agent in range(n):
        verb, target = verbs[agent], targets[agent]
        drained = 0
        if verb == WAIT:
            after[n + agent] = max(0, row[n + agent] - 1)
        elif verb == GO:
            after[agent] = target
            after[n + agent] = scenario.travel[row[agent], target] - 1
        elif verb == PICK_UP:
            after[2 * n + agent] = target
            after[4 * n + target] = CARRIED
        elif verb == PUT_DOWN:
            after[2 * n + agent] = NOBODY
            after[4 * n + target] = row[agent]
        else:
            units = 1
            if verb == TREAT:
                units = min(scenario.power[agent, target], int(row[remaining + target]))
            else:
                after[4 * n + row[2 * n + agent]] = IN_USE
                after[2 * n + agent] = NOBODY
            after[remaining + target] -= units
            after[useful + agent] += units
            after[useful + 2 * n + agent] += scenario.step_effort[target]
            drained = scenario.drain[agent, target]
        if verb >= PUT_DOWN:
            after[useful + n + agent] += 1
        energy = row[3 * n + agent]
        if drained > 0:
            after[3 * n + agent] = energy - drained
        else:
            after[3 * n + agent] = min(scenario.capacity[agent], energy + scenario.recovery[agent])


@inner
def step(row: Row, actions: Row, time: int, verbs: Row, targets: Row, after: Row, scenario: CompiledScenario) -> None:
    """Write the state after a step into `after`; `verbs` and `targets`, shape (n,), are scratch space.

    An action that is forbidden counts as waiting. Of agents that want the same item or step, the first in the order of
    priority gets it, and the others wait; the order rotates with time.
    """
    n = scenario.agents
    for rank in range(n):
        agent = (time + rank) % n
        verb, target = deed(row, agent, int(actions[agent]), scenario)
        if verb < WAIT:
            verb = WAIT
        if verb >= PICK_UP:
            for earlier in range(rank):
                other = (time + earlier) % n
                if verbs[other] == verb and targets[other] == target:
                    verb = WAIT
                    break
        verbs[agent], targets[agent] = verb, target
    move(row, verbs, targets, after, scenario)


@entry
def step_rows(rows: Row, actions: NDArray[Any], time: int, scenario: CompiledScenario) -> Row:
    """Return the states (M, D) after a step with actions (M, n); those that are done are returned unchanged."""
    after = rows.copy()
    scratch = np.zeros((2, scenario.agents), np.int16)
    for m in range(rows.shape[0]):
        if not is_done(rows[m], scenario):
            step(rows[m], actions[m], time, scratch[0], scratch[1], after[m], scenario)
    return after
