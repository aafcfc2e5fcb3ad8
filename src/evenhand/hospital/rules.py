"""The rules of the hospital in plain Python and whole numbers; this module is their definition.

All agents choose their actions by the state at the beginning of a step, and the effects are simultaneous. Only the
starts are random. :mod:`evenhand.hospital.reference_environment` offers these rules as a PettingZoo environment;
:mod:`evenhand.hospital.vectorized` has the same rules in JAX, for training.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from evenhand.hospital.scenario_arrays import CARRIED, IN_USE, NOBODY, ScenarioArrays, positions
from evenhand.hospital.state import ACTIONS, EFFORT, USEFUL, WAIT, WAITING, Deed, Outcome, State, Verb

__all__ = ["Deed", "Outcome", "Rules", "State", "Verb"]


class Rules:
    """The rules of one scenario.

    Actions are numbered: 0 wait; 1..S go to station 0..S-1; S + 1 handle; S + 2 treat.

    Parameters
    ----------
    arrays
        The scenario (see :func:`evenhand.hospital.scenario_arrays.arrays_of`).
    """

    def __init__(self, arrays: ScenarioArrays) -> None:
        self.agents = range(arrays.n_agents)
        self.stations = range(arrays.n_stations)
        self.steps = range(arrays.n_steps)
        self.handle = arrays.n_stations + 1
        self.treat = arrays.n_stations + 2
        self.n_actions = arrays.n_actions
        # Single entries are read, and a list is several times quicker at that than an array.
        self.travel: list[list[int]] = arrays.travel.tolist()
        self.item_kind: list[int] = arrays.item_kind.tolist()
        self.agent_starts = positions(arrays.agent_starts)
        self.item_starts = positions(arrays.item_starts)
        self.capacity: list[int] = arrays.capacity.tolist()
        self.recovery: list[int] = arrays.recovery.tolist()
        self.level: list[list[int]] = arrays.level.tolist()
        self.place: list[int] = arrays.step_place.tolist()
        self.kind: list[int] = arrays.step_kind.tolist()
        self.skill: list[int] = arrays.step_skill.tolist()
        self.units: list[int] = arrays.step_units.tolist()
        self.effort: list[int] = arrays.step_effort.tolist()
        self.points: list[int] = arrays.step_points.tolist()
        self.before = positions(arrays.step_after)
        self.drain: list[list[int]] = arrays.drain.tolist()
        self.horizon = int(arrays.horizon)
        self.success_points = int(arrays.success_points)
        self.time_points = int(arrays.time_points)
        self.scale = int(arrays.scale)
        self._inverse_scale = np.float32(arrays.inverse_scale)
        self._steps_at = [[k for k in self.steps if self.place[k] == s] for s in self.stations]
        self._doors = [[s != here for s in self.stations] for here in self.stations]
        self._orders = [[(time + rank) % len(self.agents) for rank in self.agents] for time in self.agents]

    # Starts

    def reset(self, generator: np.random.Generator) -> State:
        """Draw where agents and items start, each uniformly among its stations and independently of the rest."""
        return self.start(*(_draw(generator, starts) for starts in (self.agent_starts, self.item_starts)))

    def start(self, agent_starts: Iterable[int], item_starts: Iterable[int]) -> State:
        """Return the state at time 0 with agents and items at these stations."""
        agents = len(self.agents)
        return State(
            time=0,
            station=list(agent_starts),
            travel=[0] * agents,
            holding=[NOBODY] * agents,
            energy=self.capacity.copy(),
            item_place=list(item_starts),
            remaining=self.units.copy(),
            workload=[[0] * agents for _ in (USEFUL, ACTIONS, EFFORT)],
            masked=[0] * agents,
            conflicts=[0] * agents,
        )

    def blank(self) -> State:
        """Return a state with lists of the right lengths: all agents and items are at the first station."""
        return self.start([0] * len(self.agents), [0] * len(self.item_kind))

    # What a state means

    def is_success(self, state: State) -> bool:
        """Return whether every step of every protocol is complete."""
        return not any(state.remaining)

    def is_truncated(self, state: State) -> bool:
        """Return whether the episode reached the horizon without success."""
        return state.time >= self.horizon and not self.is_success(state)

    def is_over(self, state: State) -> bool:
        """Return whether the episode has ended, by success or at the horizon."""
        return state.time >= self.horizon or self.is_success(state)

    def progress_points(self, state: State) -> int:
        """Return the progress in points. It depends on the state alone, so that no detour can earn any."""
        return sum(
            points * (units - left)
            for points, units, left in zip(self.points, self.units, state.remaining, strict=True)
        )

    def progress(self, state: State) -> float:
        """Return the progress H, from 0 to 1."""
        return self.progress_points(state) / self.scale

    def is_ready(self, state: State, step: int) -> bool:
        """Return whether all steps before this one are complete and it is not."""
        return state.remaining[step] > 0 and not any(state.remaining[earlier] for earlier in self.before[step])

    def is_able(self, state: State, agent: int, step: int) -> bool:
        """Return whether the agent has the skill and the energy for an action of the step."""
        skill = self.skill[step]
        skilled = skill == NOBODY or self.level[agent][skill] >= 1
        return skilled and state.energy[agent] >= self.drain[agent][step]

    def first_open(self, state: State, agent: int, kind: int) -> int:
        """Return the first step that the agent could work on at its station, or NOBODY.

        `kind` is that of the item in its hands, which a step that brings an item asks for; NOBODY for empty hands,
        which a treatment asks for.
        """
        for step in self._steps_at[state.station[agent]]:
            if self.kind[step] == kind and self.is_ready(state, step) and self.is_able(state, agent, step):
                return step
        return NOBODY

    def first_item_here(self, state: State, agent: int) -> int:
        """Return the first item that lies at the agent's station, or NOBODY."""
        here = state.station[agent]
        return state.item_place.index(here) if here in state.item_place else NOBODY

    # What agents may do

    def deed(self, state: State, agent: int, action: int) -> Deed | None:
        """Return what the action means for this agent now; None if the mask forbids it."""
        if action == WAIT:
            return WAITING
        if state.travel[agent] > 0:
            return None
        if action < self.handle:
            return Deed(Verb.GO, action - 1) if action - 1 != state.station[agent] else None
        if action == self.handle:
            return self._handling(state, agent)
        return self._treatment(state, agent)

    def _handling(self, state: State, agent: int) -> Deed | None:
        item = state.holding[agent]
        if item == NOBODY:
            item = self.first_item_here(state, agent)
            return Deed(Verb.PICK_UP, item) if item != NOBODY else None
        step = self.first_open(state, agent, self.item_kind[item])
        return Deed(Verb.INSTALL, step) if step != NOBODY else Deed(Verb.PUT_DOWN, item)

    def _treatment(self, state: State, agent: int) -> Deed | None:
        if state.holding[agent] != NOBODY:
            return None
        step = self.first_open(state, agent, NOBODY)
        return Deed(Verb.TREAT, step) if step != NOBODY else None

    def mask(self, state: State, agent: int) -> list[bool]:
        """Return for each action whether the agent could do it now if no other agent acted."""
        if state.travel[agent] > 0:
            return [True] + [False] * (self.n_actions - 1)
        handle = state.holding[agent] != NOBODY or state.station[agent] in state.item_place
        treat = self._treatment(state, agent) is not None
        return [True, *self._doors[state.station[agent]], handle, treat]

    # What happens

    def step(self, state: State, actions: Sequence[int | None]) -> tuple[State, Outcome]:
        """Return the state after one step and what it led to.

        Parameters
        ----------
        state
            The state at the beginning of the step. If the episode is over, it is returned unchanged, with reward 0.
        actions
            For each agent, a number from 0 to n_actions - 1; None is counted as an action that the mask forbids.
        """
        if self.is_over(state):
            return state, Outcome(0, np.float32(0), self.is_success(state), self.is_truncated(state))
        after = state.copy()
        deeds = self.settle(state, actions, after)
        for agent, deed in enumerate(deeds):
            self._carry_out(state, after, agent, deed)
        after.time += 1
        success = self.is_success(after)
        points = self.progress_points(after) - self.progress_points(state) - self.time_points
        points += self.success_points * success
        # One product in single precision, so that all implementations compute the same bits.
        return after, Outcome(points, np.float32(points) * self._inverse_scale, success, self.is_truncated(after))

    def settle(self, state: State, actions: Sequence[int | None], after: State) -> list[Deed]:
        """Return what each agent may do, and count in `after` forbidden actions and agents that yielded to another.

        Only one agent at a time can pick up an item or work on a step. The order of priority rotates with time, so that
        no agent is favoured by its number.
        """
        deeds = [WAITING] * len(self.agents)
        taken = set()
        for agent in self._orders[state.time % len(self.agents)]:
            action = actions[agent]
            deed = None if action is None else self.deed(state, agent, action)
            if deed is None:
                after.masked[agent] += 1
            elif deed in taken:
                after.conflicts[agent] += 1
            else:
                deeds[agent] = deed
                if deed.verb >= Verb.PICK_UP:  # waiting, going and putting down disturb nobody
                    taken.add(deed)
        return deeds

    def _carry_out(self, state: State, after: State, agent: int, deed: Deed) -> None:
        verb, target = deed
        drained = 0
        if verb == Verb.WAIT:
            after.travel[agent] = max(0, state.travel[agent] - 1)
        elif verb == Verb.GO:
            after.station[agent] = target
            after.travel[agent] = self.travel[state.station[agent]][target] - 1
        elif verb == Verb.PICK_UP:
            after.holding[agent] = target
            after.item_place[target] = CARRIED
        elif verb == Verb.PUT_DOWN:
            after.holding[agent] = NOBODY
            after.item_place[target] = state.station[agent]
        else:
            drained = self._work(state, after, agent, deed)
        if verb >= Verb.PUT_DOWN:
            after.workload[ACTIONS][agent] += 1
        if drained > 0:
            after.energy[agent] -= drained
        else:
            after.energy[agent] = min(self.capacity[agent], state.energy[agent] + self.recovery[agent])

    def _work(self, state: State, after: State, agent: int, deed: Deed) -> int:
        """Do units of a step; return the energy that this costs the agent."""
        step = deed.target
        if deed.verb == Verb.TREAT:
            units = min(self.level[agent][self.skill[step]], state.remaining[step])
        else:
            units = 1
            after.item_place[state.holding[agent]] = IN_USE
            after.holding[agent] = NOBODY
        after.remaining[step] -= units
        after.workload[USEFUL][agent] += units
        after.workload[EFFORT][agent] += self.effort[step]
        return self.drain[agent][step]


def _draw(generator: np.random.Generator, starts: list[list[int]]) -> list[int]:
    return [stations[generator.integers(len(stations))] for stations in starts]
