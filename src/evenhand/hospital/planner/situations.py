"""What can be done where: the rules of the hospital, seen without the agents' positions.

A *situation* is all of a state but the agents' positions and workloads: units that remain, places of the items,
energies. What an agent can do in a situation is a short list of *acts*, each bound to a station. Agents that do
not act move or wait, which changes no item, no protocol and no workload; so the search treats movement apart.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from evenhand.hospital.arrays import IN_USE, NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evenhand.hospital.arrays import ScenarioArrays


class Situation(NamedTuple):
    """Units that remain of each step; place of each item (station, S + agent in whose hand, IN_USE); energies."""

    remaining: tuple[int, ...]
    items: tuple[int, ...]
    energy: tuple[int, ...]


class Act(NamedTuple):
    """Something that one agent does at a station: with an item, for a step, or both (it installs the item)."""

    station: int
    item: int
    step: int
    units: int
    treats: bool


class Turn(NamedTuple):
    """What the agents do in one step, None for those that move or wait, and the situation that follows."""

    acts: tuple[Act | None, ...]
    after: Situation


class Situations:
    """The situations of a scenario and what leads from one to the next.

    Parameters
    ----------
    arrays
        The scenario.
    tidy
        Put items down only where some step happens, and pick up only what some step still asks for. Safe where
        :func:`may_be_tidy` says so.
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

        Combinations with a conflict need no look: who loses one waits, which is a combination of its own.
        """
        if not any(now.remaining):
            return
        choices = [(None, *self._acts(agent, now.remaining, now.items, now.energy[agent])) for agent in self.agents]
        for acts in product(*choices):
            if not _clash(acts):
                yield Turn(acts, self._after(now, acts))

    def can(self, agent: int, step: int) -> bool:
        """Whether the agent has the skill that the step asks for."""
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
        """Merge situations that differ only in what no longer matters.

        At the end nothing does. Before, energy does not matter to an agent without a step left that it could do and
        that would drain it: it is counted as full.
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
    """Whether plans lose nothing by putting items down only where steps happen.

    True where all journeys take equally long and, in each of the starts, every item has a home of its own at which
    no step happens. Then any plan can be tidied without changing when anybody does a unit of work:

    Say a *place* is a station where some step happens. Take an item that the plan installs, and the last time that
    it is picked up at a station X that is no place, by agent B: from then on it is handled at places only. Let it lie
    at its home Y until that moment, replace all handling of it before by waiting, and let B make that visit to Y
    instead of X. Items that the plan never installs are never touched.

    - B can be at Y in time: journeys are equally long; if B's previous or next stop is Y, B waits there instead. If B
      stood at X from time 0 and X is not Y, somebody carried the item to X, which takes longer than B's way to Y.
    - B misses nothing at X: no step happens there, and an agent that leaves with the item cannot have left with
      another, so the visit held no second pick-up of this sort.
    - The item is there and on top: no other item has its home at Y, and none is put down outside places any more.
    - At places there lie only items that lay there before at the same time, so whatever was on top and is still
      wanted is still on top; hands are full at no time when they were empty. So every treatment and every
      installation happens as before, at the same time, by the same agent: same energies, same workloads.
    """
    travel = arrays.travel
    n = arrays.n_stations
    journeys = {int(travel[a, b]) for a in range(n) for b in range(n) if a != b}
    places = set(arrays.step_place.tolist())
    apart = all(len(set(homes)) == len(homes) and not places & set(homes) for homes in item_starts)
    return len(journeys) <= 1 and apart
