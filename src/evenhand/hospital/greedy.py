"""A myopic policy as a baseline: each open step is done by an agent that is able and near, without looking ahead."""

from __future__ import annotations

from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario_arrays import NOBODY
from evenhand.hospital.state import WAIT, State


class Greedy:
    """Each agent goes for the nearest open step that it can do and that nobody before it has taken.

    Agents that hold an item choose first, and bring it to where it is needed; the others treat if they have the skill
    and the energy, or fetch an item that is needed. No agent looks beyond the steps that are open now, so a plan is
    often quicker.

    Parameters
    ----------
    rules
        Rules of the scenario.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __call__(self, state: State) -> list[int]:
        """Return an action for each agent."""
        rules = self._rules
        actions = [WAIT] * len(rules.agents)
        wanted = [step for step in rules.steps if rules.is_ready(state, step)]
        lying = {item for item, place in enumerate(state.item_place) if place >= 0}
        for agent in sorted(rules.agents, key=lambda agent: state.holding[agent] == NOBODY):
            if state.travel[agent] == 0:
                actions[agent] = self._choose(state, agent, wanted, lying)
        return actions

    def _choose(self, state: State, agent: int, wanted: list[int], lying: set[int]) -> int:
        rules, held = self._rules, state.holding[agent]
        if held != NOBODY:
            kind = rules.item_kind[held]
            if not any(left and rules.kind[step] == kind for step, left in enumerate(state.remaining)):
                return rules.handle  # put down what nobody will need
            steps = [step for step in wanted if rules.kind[step] == kind and rules.is_able(state, agent, step)]
            return self._work(state, agent, steps, wanted, rules.handle)
        treatable = [step for step in wanted if rules.kind[step] == NOBODY and rules.is_able(state, agent, step)]
        if treatable:
            return self._work(state, agent, treatable, wanted, rules.treat)
        kinds = {rules.kind[step]: step for step in reversed(wanted)}
        items = [item for item in sorted(lying) if rules.item_kind[item] in kinds]
        if not items:
            return WAIT
        item = min(items, key=lambda item: self._distance(state, agent, state.item_place[item]))
        lying.discard(item)
        wanted.remove(kinds[rules.item_kind[item]])
        return self._at(state, agent, state.item_place[item], rules.handle)

    def _work(self, state: State, agent: int, steps: list[int], wanted: list[int], action: int) -> int:
        """Take the nearest of `steps` and work on it, or go there."""
        if not steps:
            return WAIT
        step = min(steps, key=lambda step: self._distance(state, agent, self._rules.place[step]))
        wanted.remove(step)
        return self._at(state, agent, self._rules.place[step], action)

    def _at(self, state: State, agent: int, station: int, action: int) -> int:
        """Act if the agent is at `station`, otherwise go there."""
        return action if state.station[agent] == station else 1 + station

    def _distance(self, state: State, agent: int, station: int) -> int:
        return self._rules.travel[state.station[agent]][station]
