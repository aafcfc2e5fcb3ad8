"""The rules of the hospital without the agents' positions: what can be done at which station.

A *situation* is a state without the agents' positions and workloads: the units left, the places of the items and the
energies. In a situation an agent has a short list of possible *acts*, each at a certain station. Agents that do not
act move or wait, which changes no item, no protocol and no workload; so the search treats movement separately.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from evenhand.hospital.scenario_arrays import IN_USE, NOBODY, ScenarioArrays


class Situation(NamedTuple):
    """Units left of each step; place of each item (a station, S + the agent that holds it, IN_USE); energies."""

    remaining: tuple[int, ...]
    items: tuple[int, ...]
    energy: tuple[int, ...]


class Act(NamedTuple):
    """An act of one agent at a station: it handles an item, works on a step, or both, if it installs an item."""

    station: int
    item: int
    step: int
    units: int
    treats: bool


class Turn(NamedTuple):
    """The acts of the agents in one step, None for those that move or wait, and the situation that follows."""

    acts: tuple[Act | None, ...]
    after: Situation


class Situations:
    """The situations of a scenario and the turns that lead from one to the next.

    Parameters
    ----------
    arrays
        The scenario.
    tidy
        Whether agents put items down only where some step happens, and pick up only items that some step still needs.
        If :func:`may_be_tidy`, that loses no plan.
    """

    def __init__(self, arrays: ScenarioArrays, tidy: bool) -> None:
        self.agents = range(arrays.n_agents)
        self.stations = range(arrays.n_stations)
        self.steps = range(arrays.n_steps)
        self.tidy = tidy
        self._kinds: list[int] = arrays.item_kind.tolist()
        self._capacity: tuple[int, ...] = tuple(arrays.capacity.tolist())
        self._recovery: list[int] = arrays.recovery.tolist()
        self._level: list[list[int]] = arrays.level.tolist()
        self._kind: list[int] = arrays.step_kind.tolist()
        self._skill: list[int] = arrays.step_skill.tolist()
        self._units: tuple[int, ...] = tuple(arrays.step_units.tolist())
        self._drain: list[list[int]] = arrays.drain.tolist()
        self._places: frozenset[int] = frozenset(arrays.step_place.tolist())
        self._before = [[j for j in self.steps if arrays.step_after[k, j]] for k in self.steps]
        self._steps_at = [[k for k in self.steps if arrays.step_place[k] == s] for s in self.stations]
        self._acts = cache(self._find_acts)

    def first(self, item_starts: Sequence[int]) -> Situation:
        """Return the situation at time 0 with the items at these stations."""
        return self._settled(list(self._units), list(item_starts), list(self._capacity))

    def turns(self, now: Situation) -> Iterator[Turn]:
        """Yield every combination of acts in which no two agents take the same item or work on the same step.

        Combinations with a conflict are left out: an agent that loses a conflict waits, which is another combination.
        """
        if not any(now.remaining):
            return
        choices = [(None, *self._acts(agent, now.remaining, now.items, now.energy[agent])) for agent in self.agents]
        for acts in product(*choices):
            if not _clash(acts):
                yield Turn(acts, self._after(now, acts))

    def can(self, agent: int, step: int) -> bool:
        """Return whether the agent has the skill that the step asks for."""
        skill = self._skill[step]
        return skill == NOBODY or self._level[agent][skill] >= 1

    def _find_acts(
        self, agent: int, remaining: tuple[int, ...], items: tuple[int, ...], energy: int
    ) -> tuple[Act, ...]:
        mine = len(self.stations) + agent
        acts: list[Act] = []
        for station in self.stations:
            opened = [
                step
                for step in self._steps_at[station]
                if remaining[step] and not any(remaining[j] for j in self._before[step])
                if self.can(agent, step) and energy >= self._drain[agent][step]
            ]
            if mine in items:
                acts.extend(self._with_full_hands(station, items.index(mine), opened))
            else:
                acts.extend(self._with_empty_hands(agent, station, items, remaining, opened))
        return tuple(acts)

    def _with_full_hands(self, station: int, item: int, opened: list[int]) -> Iterator[Act]:
        asks = [step for step in opened if self._kind[step] == self._kinds[item]]
        if asks:
            yield Act(station, item, asks[0], 1, treats=False)
        elif not self.tidy or station in self._places:
            yield Act(station, item, NOBODY, 0, treats=False)

    def _with_empty_hands(
        self, agent: int, station: int, items: tuple[int, ...], remaining: tuple[int, ...], opened: list[int]
    ) -> Iterator[Act]:
        if station in items:
            item = items.index(station)
            if not self.tidy or any(remaining[k] and self._kind[k] == self._kinds[item] for k in self.steps):
                yield Act(station, item, NOBODY, 0, treats=False)
        treatments = [step for step in opened if self._kind[step] == NOBODY]
        if treatments:
            step = treatments[0]
            units = min(self._level[agent][self._skill[step]], remaining[step])
            yield Act(station, NOBODY, step, units, treats=True)

    def _after(self, now: Situation, acts: tuple[Act | None, ...]) -> Situation:
        remaining, items, energy = list(now.remaining), list(now.items), list(now.energy)
        for agent, act in enumerate(acts):
            drained = 0
            if act is not None:
                if act.step != NOBODY:
                    remaining[act.step] -= act.units
                    drained = self._drain[agent][act.step]
                if act.item != NOBODY:
                    mine = len(self.stations) + agent
                    installed = act.step != NOBODY
                    items[act.item] = IN_USE if installed else act.station if items[act.item] == mine else mine
            energy[agent] += -drained if drained else self._recovery[agent]
        return self._settled(remaining, items, energy)

    def _settled(self, remaining: list[int], items: list[int], energy: list[int]) -> Situation:
        """Return a situation in a normal form, so that situations which differ only in what no longer matters are one.

        At the end nothing matters. Before that, the energy of an agent does not matter if no step is left that it could
        do and that would cost it energy: it is set to the capacity.
        """
        if not any(remaining):
            return Situation(tuple(remaining), (IN_USE,) * len(items), self._capacity)
        left = [k for k in self.steps if remaining[k]]
        full = [
            min(energy[i], self._capacity[i])
            if any(self._drain[i][k] > 0 and self.can(i, k) for k in left)
            else self._capacity[i]
            for i in self.agents
        ]
        return Situation(tuple(remaining), tuple(items), tuple(full))


def _clash(acts: tuple[Act | None, ...]) -> bool:
    items = [act.item for act in acts if act is not None and act.item != NOBODY]
    steps = [act.step for act in acts if act is not None and act.step != NOBODY]
    return len(set(items)) < len(items) or len(set(steps)) < len(steps)


def may_be_tidy(arrays: ScenarioArrays, item_starts: Sequence[Sequence[int]]) -> bool:
    """Return whether no plan is lost if items are put down only at stations where steps happen.

    True if all journeys take equally long and, in each of the starts, every item starts at a station which no other
    item starts at and where no step happens, its home. Then any plan can be made tidy such that every agent does every
    unit of work at the same time as before:

    Call a station where some step happens a *place*. Take an item that the plan installs, and the last time that it is
    picked up at a station X which is not a place, by agent B: from then on it is handled only at places. In the tidy
    plan the item lies at its home Y until that moment, agents wait instead of handling it before, and B goes to Y
    instead of X. Items that the plan never installs are never handled.

    - B can be at Y in time: journeys are equally long, and if B's previous or next stop is Y, B waits there instead. If
      B was at X from time 0 and X is not Y, somebody carried the item to X, which takes longer than B's way to Y.
    - B misses nothing at X: no step happens there, and an agent that leaves with this item cannot leave with another,
      so the visit had no second pick-up of this sort.
    - The item is at Y, and an agent that picks up there gets it: no other item has its home at Y, and items are no
      longer put down at stations that are not places.
    - At a place lie only items that lay there in the old plan at that time. So the first item of those still needed is
      the same, and hands are never full when they were empty before. Every treatment and every installation
      therefore happens as before, at the same time, by the same agent, with the same energies and workloads.
    """
    travel = arrays.travel
    n = arrays.n_stations
    journeys = {int(travel[a, b]) for a in range(n) for b in range(n) if a != b}
    places = set(arrays.step_place.tolist())
    apart = all(len(set(homes)) == len(homes) and not places & set(homes) for homes in item_starts)
    return len(journeys) <= 1 and apart
