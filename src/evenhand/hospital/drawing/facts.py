"""The figures of a state that pictures show: computed here, drawn elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.fairness.measures import jain_index
from evenhand.hospital.drawing import palette
from evenhand.hospital.drawing.short_names import initials
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import NOBODY, WORKLOADS, ScenarioArrays, arrays_of


class Snapshot(Protocol):
    """The fields of a state that pictures read; the state of the reference rules has them, and others may."""

    @property
    def time(self) -> Any:
        """Steps since the start."""

    @property
    def station(self) -> Any:
        """Shape (n,), station at which each agent is or to which it is going."""

    @property
    def travel(self) -> Any:
        """Shape (n,), steps until the agent arrives there."""

    @property
    def holding(self) -> Any:
        """Shape (n,), item in the agent's hands, -1 for none."""

    @property
    def energy(self) -> Any:
        """Shape (n,), energy of each agent."""

    @property
    def item_place(self) -> Any:
        """Shape (I,), station of each item, -1 if carried, -2 if in use."""

    @property
    def remaining(self) -> Any:
        """Shape (K,), units of each step that are left."""

    @property
    def workload(self) -> Any:
        """Shape (3, n), workloads by the three definitions: useful, actions, effort."""


@dataclass(frozen=True)
class Facts:
    """A scenario, and the figures of its states that pictures show.

    Attributes
    ----------
    scenario, arrays
        The scenario, and the same as arrays of integers.
    marks
        Initials of each agent.
    absent
        Numbers of the agents that do not take part.
    """

    scenario: Scenario
    arrays: ScenarioArrays
    marks: tuple[str, ...]
    absent: tuple[int, ...] = ()

    @classmethod
    def of(cls, scenario: Scenario, absent: Sequence[int] = ()) -> Facts:
        """Return the facts of `scenario`."""
        marks = tuple(initials([agent.name for agent in scenario.agents]))
        return cls(scenario, arrays_of(scenario), marks, tuple(absent))

    @property
    def present(self) -> list[int]:
        """Numbers of the agents that take part."""
        return [agent for agent in range(self.arrays.n_agents) if agent not in self.absent]

    def colour(self, agent: int) -> str:
        """Return an agent's colour; grey if it is absent."""
        return palette.FAINT if agent in self.absent else palette.AGENTS[agent % len(palette.AGENTS)]

    def done(self, state: Snapshot) -> NDArray[np.int64]:
        """Return the units done of each step, shape (K,)."""
        return np.asarray(self.arrays.step_units - np.asarray(state.remaining), dtype=np.int64)

    def complete(self, state: Snapshot) -> NDArray[np.bool_]:
        """Return which steps are complete, shape (K,)."""
        return np.asarray(state.remaining) <= 0

    def open(self, state: Snapshot) -> NDArray[np.bool_]:
        """Return which steps can be worked on: all before them are complete and they are not, shape (K,)."""
        complete = self.complete(state)
        blocked = (self.arrays.step_after & ~complete[None, :]).any(axis=1)
        return ~complete & ~blocked

    def success(self, state: Snapshot) -> bool:
        """Return whether every protocol is complete."""
        return bool(self.complete(state).all())

    def progress(self, state: Snapshot) -> float:
        """Return the progress H, 0 to 1."""
        return float(self.arrays.step_points @ self.done(state) / self.arrays.scale)

    def reward(self, state: Snapshot) -> float:
        """Return the sum of rewards so far, which the state determines: progress and success less the cost of time."""
        bonus = int(self.arrays.success_points) * self.success(state)
        return self.progress(state) + float(
            (bonus - int(self.arrays.time_points) * int(state.time)) / self.arrays.scale
        )

    def workload(self, state: Snapshot) -> NDArray[np.int64]:
        """Return the workload of each agent as the scenario defines it, shape (n,)."""
        return np.asarray(state.workload[WORKLOADS.index(self.scenario.workload)], dtype=np.int64)

    def jain(self, state: Snapshot) -> float:
        """Return Jain's index of the workload of those present; 1 while none of them has worked."""
        return float(jain_index(self.workload(state)[self.present].astype(np.float64)))

    def patient_progress(self, state: Snapshot, patient: int) -> float:
        """Return the progress of one patient's protocol, as a share of its points."""
        rows = self.rows(patient)
        points = self.arrays.step_points[rows]
        return float(points @ self.done(state)[rows] / (points @ self.arrays.step_units[rows]))

    def rows(self, patient: int) -> list[int]:
        """Return the positions of the patient's steps."""
        before = sum(len(other.steps) for other in self.scenario.patients[:patient])
        return list(range(before, before + len(self.scenario.patients[patient].steps)))

    def in_use(self, state: Snapshot, station: int) -> list[str]:
        """Return the kinds of the items that protocols hold at `station`."""
        complete = self.complete(state)
        here = [k for k in np.flatnonzero(self.arrays.step_place == station) if complete[k]]
        kinds = self.scenario.kinds
        return [kinds[self.arrays.step_kind[k]] for k in here if self.arrays.step_kind[k] != NOBODY]

    def lying(self, state: Snapshot, station: int) -> list[str]:
        """Return the kinds of the items that lie at `station`."""
        places = np.asarray(state.item_place)
        return [self.item(k) for k in np.flatnonzero(places == station).tolist()]

    def held(self, state: Snapshot, agent: int) -> str | None:
        """Return the kind of the item in the agent's hand."""
        item = int(np.asarray(state.holding)[agent])
        return None if item < 0 else self.item(item)

    def item(self, item: int) -> str:
        """Return the kind of an item."""
        return self.scenario.kinds[int(self.arrays.item_kind[item])]

    def origin(self, earlier: Sequence[Snapshot], state: Snapshot, agent: int) -> int | None:
        """Return the station that a travelling agent left, None if the `earlier` states do not show it."""
        goal = int(np.asarray(state.station)[agent])
        for before in reversed(earlier):
            station = int(np.asarray(before.station)[agent])
            if station != goal:
                return station
        return None

    def travelled(self, earlier: Sequence[Snapshot], state: Snapshot, agent: int) -> float:
        """Return the share of its way that a travelling agent has behind it."""
        left = int(np.asarray(state.travel)[agent])
        goal, origin = int(np.asarray(state.station)[agent]), self.origin(earlier, state, agent)
        whole = int(self.arrays.travel[:, goal].max() if origin is None else self.arrays.travel[origin, goal])
        return 1.0 - left / max(whole, left, 1)

    def worked(self, earlier: Sequence[Snapshot], state: Snapshot) -> NDArray[np.int64]:
        """Return what each agent added to the three workloads in the step that led here, shape (3, n)."""
        now = np.asarray(state.workload, dtype=np.int64)
        past = [before for before in earlier if int(before.time) == int(state.time) - 1]
        return now - np.asarray(past[-1].workload, dtype=np.int64) if past else np.zeros_like(now)
