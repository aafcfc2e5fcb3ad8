"""The state of the hospital, what agents can do in a step, and the outcome of a step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from evenhand.hospital.scenario_arrays import NOBODY

WAIT = 0
"""The action that every agent may always choose."""
USEFUL, ACTIONS, EFFORT = range(3)
"""Rows of :attr:`State.workload`."""


@dataclass(slots=True)
class State:
    """Everything that the rules know at one moment; a step returns a new state and leaves the old one unchanged.

    Attributes
    ----------
    time
        Steps since the start.
    station
        For each agent, the station at which it is, or to which it is going.
    travel
        For each agent, steps until it arrives; 0 if it is there.
    holding
        For each agent, the item in its hands, or NOBODY.
    energy
        For each agent; 0 for one that never tires.
    item_place
        For each item: its station, CARRIED or IN_USE.
    remaining
        For each step of the protocols, the units still to do.
    workload
        Three rows (useful, actions, effort), each with one number for each agent.
    masked, conflicts
        For each agent, how often it chose an action that it could not do, and how often it yielded to another agent.
    """

    time: int
    station: list[int]
    travel: list[int]
    holding: list[int]
    energy: list[int]
    item_place: list[int]
    remaining: list[int]
    workload: list[list[int]]
    masked: list[int]
    conflicts: list[int]

    def copy(self) -> State:
        """Return an equal state that shares no list with this one."""
        return State(
            self.time,
            self.station.copy(),
            self.travel.copy(),
            self.holding.copy(),
            self.energy.copy(),
            self.item_place.copy(),
            self.remaining.copy(),
            [row.copy() for row in self.workload],
            self.masked.copy(),
            self.conflicts.copy(),
        )


class Outcome(NamedTuple):
    """Outcome of a step: the common reward in points and as a number, and whether the episode ended, and how."""

    points: int
    reward: np.float32
    success: bool
    truncated: bool


class Verb(IntEnum):
    """What an agent can do in a step."""

    WAIT = 0
    GO = 1
    PUT_DOWN = 2
    PICK_UP = 3
    INSTALL = 4
    TREAT = 5


class Deed(NamedTuple):
    """An action with its target: a station to go to, an item to pick up or put down, a step to work on."""

    verb: Verb
    target: int


WAITING = Deed(Verb.WAIT, NOBODY)
