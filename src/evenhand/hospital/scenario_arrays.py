"""A scenario as arrays of integers: what both implementations of the rules read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.hospital.scenario import ANYWHERE, Scenario

WORKLOADS = ("useful", "actions", "effort")
"""The three definitions of workload, in the order of the arrays."""

NOBODY = -1
"""Instead of an item: the agent's hands are empty. Instead of a kind or skill: the step asks for none."""
CARRIED = -1
"""Place of an item that an agent carries."""
IN_USE = -2
"""Place of an item that a protocol holds; it stays there."""

EXACT = 2**24
"""Whole numbers up to this are exact in single precision."""


@dataclass(frozen=True)
class ScenarioArrays:
    """A scenario as integers, and the reciprocals that scale them: n agents, S stations, I items, K steps, L skills.

    Attributes
    ----------
    travel
        Shape (S, S), steps from station to station, 0 on the diagonal.
    item_kind
        Shape (I,).
    item_starts
        Shape (I, S): whether an item may start at a station; all its stations are equally likely.
    agent_starts
        Shape (n, S): likewise for agents.
    capacity, recovery
        Shape (n,): largest energy, and energy gained per step of rest; 0 for an agent that never tires.
    level
        Shape (n, L): units of treatment that an agent does in one action, 0 without the skill.
    step_place, step_kind, step_skill, step_units, step_effort, step_points
        Shape (K,): station; kind of the item to bring, NOBODY for a treatment; skill, NOBODY if none is needed; units;
        energy that an action costs; points of progress for each unit.
    step_after
        Shape (K, K), ``step_after[k, j]``: step j must be complete before step k.
    drain
        Shape (n, K), energy taken from agent i by an action of step k: the effort, or 0 if agent i never tires.
    horizon, success_points, time_points, scale
        Scalars: steps of an episode, points gained by success, points lost in each step, and the number of points that
        make a reward of 1. Full progress is `scale` points, too.
    inverse_scale, inverse_horizon, inverse_units, inverse_capacity, inverse_travel, inverse_level, inverse_workload
        Single-precision reciprocals by which observations and rewards are scaled: scalar, scalar, (K,), (n,), scalar,
        (L,), (3,). Products with a stored reciprocal are the same in NumPy and in any compiler; quotients are not.
    """

    travel: NDArray[np.int32]
    item_kind: NDArray[np.int32]
    item_starts: NDArray[np.bool_]
    agent_starts: NDArray[np.bool_]
    capacity: NDArray[np.int32]
    recovery: NDArray[np.int32]
    level: NDArray[np.int32]
    step_place: NDArray[np.int32]
    step_kind: NDArray[np.int32]
    step_skill: NDArray[np.int32]
    step_units: NDArray[np.int32]
    step_effort: NDArray[np.int32]
    step_points: NDArray[np.int32]
    step_after: NDArray[np.bool_]
    drain: NDArray[np.int32]
    horizon: NDArray[np.int32]
    success_points: NDArray[np.int32]
    time_points: NDArray[np.int32]
    scale: NDArray[np.int32]
    inverse_scale: NDArray[np.float32]
    inverse_horizon: NDArray[np.float32]
    inverse_units: NDArray[np.float32]
    inverse_capacity: NDArray[np.float32]
    inverse_travel: NDArray[np.float32]
    inverse_level: NDArray[np.float32]
    inverse_workload: NDArray[np.float32]

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return int(self.level.shape[0])

    @property
    def n_stations(self) -> int:
        """Number of stations."""
        return int(self.travel.shape[0])

    @property
    def n_items(self) -> int:
        """Number of items."""
        return int(self.item_kind.shape[0])

    @property
    def n_steps(self) -> int:
        """Number of protocol steps, over all patients."""
        return int(self.step_place.shape[0])

    @property
    def n_actions(self) -> int:
        """Number of actions of each agent: wait, a move to each station, handle, treat."""
        return self.n_stations + 3


def arrays_of(scenario: Scenario) -> ScenarioArrays:
    """Translate a checked scenario into arrays.

    Raises
    ------
    InputError
        If shares and rewards have no common denominator small enough for single precision.
    """
    stations = [station.name for station in scenario.stations]
    kinds, skills, steps = scenario.kinds, scenario.skills, scenario.steps
    units = [step.units for _, step in steps]
    effort = _integers(step.energy for _, step in steps)
    capacity = _integers(agent.energy.capacity if agent.energy else 0 for agent in scenario.agents)
    level = _integers([agent.skills.get(skill, 0) for skill in skills] for agent in scenario.agents)
    level = level.reshape(len(scenario.agents), len(skills))
    travel = _travel(scenario)
    points, success, time, scale = _points(scenario)
    ceilings = (sum(units), scenario.horizon, max(1, int(effort @ np.asarray(units))))
    return ScenarioArrays(
        travel=travel,
        item_kind=_integers(kinds.index(item.kind or item.name) for item in scenario.items),
        item_starts=np.array([_allowed(item.at, stations) for item in scenario.items], dtype=bool).reshape(
            -1, len(stations)
        ),
        agent_starts=np.array([_allowed(agent.start, stations) for agent in scenario.agents]),
        capacity=capacity,
        recovery=_integers(agent.energy.recovery if agent.energy else 0 for agent in scenario.agents),
        level=level,
        step_place=_integers(stations.index(step.at or patient.at) for patient, step in steps),
        step_kind=_integers(kinds.index(step.bring) if step.bring else NOBODY for _, step in steps),
        step_skill=_integers(_position(step.treat or step.skill, skills) for _, step in steps),
        step_units=_integers(units),
        step_effort=effort,
        step_points=_integers(points),
        step_after=_order(scenario),
        drain=np.where(capacity[:, None] > 0, effort[None, :], 0).astype(np.int32),
        horizon=np.array(scenario.horizon, dtype=np.int32),
        success_points=np.array(success, dtype=np.int32),
        time_points=np.array(time, dtype=np.int32),
        scale=np.array(scale, dtype=np.int32),
        inverse_scale=_reciprocal(scale),
        inverse_horizon=_reciprocal(scenario.horizon),
        inverse_units=_reciprocal(units),
        inverse_capacity=_reciprocal(np.maximum(capacity, 1)),
        inverse_travel=_reciprocal(max(1, int(travel.max()))),
        inverse_level=_reciprocal(np.maximum(level.max(axis=0, initial=0), 1)),
        inverse_workload=_reciprocal(ceilings),
    )


def _integers(values: object) -> NDArray[np.int32]:
    return np.array(list(values), dtype=np.int32)  # type: ignore[call-overload]


def _reciprocal(values: object) -> NDArray[np.float32]:
    return (1.0 / np.asarray(values, dtype=np.float64)).astype(np.float32)[()]


def _position(name: str | None, names: tuple[str, ...]) -> int:
    return NOBODY if name is None else names.index(name)


def _allowed(at: str | tuple[str, ...], stations: list[str]) -> list[bool]:
    if at == ANYWHERE:
        return [True] * len(stations)
    chosen = (at,) if isinstance(at, str) else at
    return [station in chosen for station in stations]


def _travel(scenario: Scenario) -> NDArray[np.int32]:
    rooms = np.array([station.room for station in scenario.stations])
    same = rooms[:, None] == rooms[None, :]
    steps = np.where(same, scenario.travel.within_room, scenario.travel.between_rooms).astype(np.int32)
    names = [station.name for station in scenario.stations]
    for journey in scenario.travel.exceptions:
        one, other = (names.index(name) for name in journey.between)
        steps[one, other] = steps[other, one] = journey.steps
    np.fill_diagonal(steps, 0)
    return steps


def _order(scenario: Scenario) -> NDArray[np.bool_]:
    keys = [(patient.name, step.name) for patient, step in scenario.steps]
    after = np.zeros((len(keys), len(keys)), dtype=bool)
    for row, (patient, step) in enumerate(scenario.steps):
        for name in step.after:
            after[row, keys.index((patient.name, name))] = True
    return after


def positions(table: NDArray[np.bool_]) -> list[list[int]]:
    """Return for each row the columns that are true."""
    return [np.flatnonzero(row).tolist() for row in table]


def _points(scenario: Scenario) -> tuple[list[int], int, int, int]:
    """Return the points of a unit of each step, of success and of a step of time, and the points that make 1."""
    shares = [_decimal(step.share) for _, step in scenario.steps]
    total = sum(shares)
    per_unit = [share / total / step.units for share, (_, step) in zip(shares, scenario.steps, strict=True)]
    rewards = [_decimal(scenario.rewards.success), _decimal(scenario.rewards.time)]
    scale = math.lcm(*(value.denominator for value in (*per_unit, *rewards)))
    if scale * (1 + rewards[0] + rewards[1]) >= EXACT:
        raise InputError(
            f"{scenario.name}: shares and rewards have the common denominator {scale}, more than {EXACT} can hold; "
            "use rounder numbers"
        )
    success, time = (int(value * scale) for value in rewards)
    return [int(value * scale) for value in per_unit], success, time, scale


def _decimal(value: float) -> Fraction:
    """Return the decimal number as the file has it, 0.1 as 1/10, and not the nearest binary fraction."""
    return Fraction(repr(float(value)))
