"""Play whole episodes by the reference rules, for pictures and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from evenhand.checks import check_seed, checked_whole
from evenhand.errors import InputError, choices
from evenhand.hospital.greedy import Greedy
from evenhand.hospital.rules import Rules
from evenhand.hospital.scenario import Scenario
from evenhand.hospital.scenario_arrays import arrays_of
from evenhand.hospital.shown_value import shown
from evenhand.hospital.state import WAIT, Deed, State, Verb

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
    """

    scenario: Scenario
    states: tuple[State, ...]
    deeds: tuple[tuple[str, ...], ...]


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
    scenario: Scenario, agent_stations: Sequence[int], item_stations: Sequence[int], actions: Sequence[Sequence[int]]
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
    """
    rules = Rules(arrays_of(scenario))
    known = iter(actions)
    start = rules.start(list(agent_stations), list(item_stations))
    return _played(scenario, rules, start, lambda _: list(next(known)), len(actions))


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
