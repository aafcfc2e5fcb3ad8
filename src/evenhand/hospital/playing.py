"""Play whole episodes by the reference rules, for pictures and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module

import numpy as np

from evenhand.errors import InputError, choices
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import NOBODY, arrays_of
from evenhand.hospital.shown_value import shown
from evenhand.hospital.state import WAIT, Deed, State, Verb
from evenhand.number_checks import check_seed, checked_whole

Policy = Callable[[State], list[int]]

POLICIES = ("random", "wait", "greedy", "plan")
"""Choose uniformly among the possible actions; wait; do the nearest open step; or follow the quickest plan."""


@dataclass(frozen=True)
class Episode:
    """An episode that has been played.

    Attributes
    ----------
    scenario
        The scenario in which it was played.
    states
        States from the start to the end, one more than there were steps.
    deeds
        For each step, what each agent did, in words; empty if it waited.
    absent
        Numbers of the agents that did not take part; pictures show them in grey, and fairness is among the others.
    """

    scenario: Scenario
    states: tuple[State, ...]
    deeds: tuple[tuple[str, ...], ...]
    absent: tuple[int, ...] = ()


def play(
    scenario: Scenario, policy: str = "random", *, seed: int = 0, steps: int | None = None, min_jain: float = 0.0
) -> Episode:
    """Play one episode by the reference rules.

    Parameters
    ----------
    scenario
        A checked scenario.
    policy
        One of :data:`POLICIES`.
    seed
        Seed of the random policy and of the start, which is the start that the reference environment draws from it.
    steps
        Largest number of steps to play; by default the episode is played to its end.
    min_jain
        Least Jain index of the policy ``"plan"``, from 0 to 1.

    Raises
    ------
    InputError
        If the policy is unknown, the seed is negative, `steps` is less than 1, or there is no plan.
    """
    if policy not in POLICIES:
        raise InputError(f"policy is {shown(policy)}; {choices(policy, POLICIES)}")
    check_seed(seed)
    if steps is not None:
        checked_whole("steps", steps, 1)
    rules = Rules(arrays_of(scenario))
    state = rules.reset(np.random.default_rng(seed))
    return _played(scenario, rules, state, _policy(policy, scenario, rules, state, seed, min_jain), steps)


def follow(
    scenario: Scenario,
    agent_stations: Sequence[int],
    item_stations: Sequence[int],
    actions: Sequence[Sequence[int]],
    absent: Sequence[int] = (),
) -> Episode:
    """Play an episode with given actions, for instance those of a learned policy.

    Parameters
    ----------
    scenario
        A checked scenario.
    agent_stations, item_stations
        Numbers of the stations where agents and items start, lengths n and I.
    actions
        For each step the number of each agent's action, (T, n).
    absent
        Numbers of the agents that do not take part.
    """
    rules = Rules(arrays_of(scenario))
    known = iter(actions)
    start = rules.start(list(agent_stations), list(item_stations))
    played = _played(scenario, rules, start, lambda _: list(next(known)), len(actions))
    return replace(played, absent=tuple(absent))


def _played(scenario: Scenario, rules: Rules, state: State, choose: Policy, steps: int | None) -> Episode:
    states, deeds = [state], list[tuple[str, ...]]()
    while not rules.is_over(state) and (steps is None or len(deeds) < steps):
        actions = choose(state)
        done = rules.settle(state, actions, state.copy())
        deeds.append(tuple(_in_words(scenario, state, agent, deed) for agent, deed in enumerate(done)))
        state, _ = rules.step(state, actions)
        states.append(state)
    return Episode(scenario, tuple(states), tuple(deeds))


def _policy(name: str, scenario: Scenario, rules: Rules, start: State, seed: int, min_jain: float) -> Policy:
    if name == "wait":
        return lambda state: [WAIT] * len(state.station)
    if name == "greedy":
        return Greedy(rules)
    if name == "plan":
        return _planned(scenario, start, min_jain)
    # A stream of its own, so that an episode starts alike under every policy.
    generator = np.random.default_rng([seed, 1])

    def choose(state: State) -> list[int]:
        return [int(generator.choice(np.flatnonzero(rules.mask(state, agent)))) for agent in rules.agents]

    return choose


def _planned(scenario: Scenario, start: State, min_jain: float) -> Policy:
    planner = import_module("evenhand.hospital.planner")
    names = [station.name for station in scenario.stations]
    starts = [[names[station] for station in stations] for stations in (start.station, start.item_place)]
    plan = planner.plan(scenario, *starts, min_jain=min_jain)
    numbers = {action: number for number, action in enumerate(scenario.actions)}
    steps: Iterator[tuple[str, ...]] = iter(plan.actions)
    return lambda state: [numbers[action] for action in next(steps)]


def _in_words(scenario: Scenario, state: State, agent: int, deed: Deed) -> str:
    verb, target = deed
    if verb == Verb.WAIT:
        return "is on the way" if state.travel[agent] else ""
    if verb == Verb.GO:
        return f"goes to {scenario.stations[target].name}"
    if verb in (Verb.PICK_UP, Verb.PUT_DOWN):
        return f"{'picks up' if verb == Verb.PICK_UP else 'puts down'} {scenario.items[target].name}"
    patient, step = scenario.steps[target]
    whose = "" if len(scenario.patients) == 1 else f" of {patient.name}"
    return f"{'installs' if verb == Verb.INSTALL else 'does'} {step.name}{whose}"


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
