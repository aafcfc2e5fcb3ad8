"""Checks of what users pass to the wrapper: the environment, the actions, and what its reset and step return."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import as_scalar, brief
from evenhand.fair_gne.workload import USE_ACTION_WORK, ActionCount, AgentError

METHODS = ("reset", "step", "observation_space", "action_space")
PARTS = ("observations", "rewards", "terminations", "truncations", "infos")


def checked_team(env: Any, takes: str = "FairGNE wraps") -> tuple[Any, ...]:
    """Return the possible agents of a parallel environment; `takes` begins the sentence on what would be right.

    Raises
    ------
    InputError
        If `env` is not a parallel environment; the message says how to make it one.
    """
    what = env.__name__ if isinstance(env, type) else type(env).__name__
    if isinstance(env, type):
        raise InputError(f"{what} is a class; {takes} an environment: {what}(...)")
    if hasattr(env, "agent_iter") or hasattr(env, "agent_selection"):
        raise InputError(
            f"{what} is an AEC environment, whose agents act in turn; {takes} parallel ones: "
            f"pettingzoo.utils.aec_to_parallel(env)"
        )
    missing = [name for name in METHODS if not callable(getattr(env, name, None))]
    agents = getattr(env, "possible_agents", None)
    if agents is None:
        missing.insert(0, "possible_agents")
    if agents is None or missing:
        raise InputError(
            f"{brief(env)} has no {', no '.join(missing)}{' of an agent' if missing[-1] == 'action_space' else ''}; "
            f"{takes} a team: an environment with the interface of pettingzoo.ParallelEnv"
        )
    team = tuple(agents)
    if len(set(team)) != len(team):
        raise InputError(f"possible_agents of {what} are {brief(list(team))}; each agent may stand there once")
    return team


def check_countable(tracker: Any, env: Any, team: Iterable[Any]) -> None:
    """Check that the actions are discrete if the tracker counts discrete actions.

    Raises
    ------
    InputError
        If an agent's actions are not; the message names the first such agent.
    """
    from gymnasium.spaces import Discrete

    for agent in team if isinstance(tracker, ActionCount) else ():
        space = env.action_space(agent)
        if not isinstance(space, Discrete):
            raise InputError(
                f"agent {agent!r} has the actions {brief(space)}, and ActionCount counts discrete ones; "
                f"{USE_ACTION_WORK}"
            )


def check_actions(actions: Any, living: Collection[Any], playing: Collection[Any], team: Collection[Any]) -> None:
    """Check that `actions` names every living agent and only agents of the team, with None for nobody who is `playing`.

    Raises
    ------
    InputError
        If an action is missing or None, or an agent is unknown; the message names the agent.
    """
    if not isinstance(actions, Mapping):
        raise InputError(f"actions are {brief(actions)}; step() needs a dictionary with the action of each agent")
    for agent in living:
        if agent not in actions:
            raise InputError(f"actions lack agent {agent!r}; every living agent acts in each step")
    for agent in playing:
        if actions[agent] is None:
            raise InputError(f"actions hold None for agent {agent!r}; every living agent acts in each step")
    for agent in actions:
        if agent not in team:
            raise InputError(f"actions name agent {agent!r}; the agents are {_listed(team)}")


def checked_reset(returned: Any, env: Any) -> tuple[dict[Any, Any], dict[Any, Any], list[Any]]:
    """Return observations, infos and the agents that take part from the start.

    Raises
    ------
    InputError
        If something is not as PettingZoo's interface requires; the message names it.
    """
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise InputError(f"reset() returned {_amount(returned)}; it must return observations and infos by agent")
    observations, infos = _by_agent("reset", ("observations", "infos"), returned)
    listed = agents_there("reset", env)
    if not listed:
        raise InputError("after reset() the environment's agents are []; they must be those who are there")
    _check_infos("reset", infos, listed)
    check_observed("reset", observations, listed)
    return observations, infos, listed


def agents_there(method: str, env: Any) -> list[Any]:
    """Return the agents that the environment lists after a call of its `method`.

    Raises
    ------
    InputError
        If they are not a list.
    """
    listed = getattr(env, "agents", None)
    if not isinstance(listed, Collection) or isinstance(listed, str):
        raise InputError(
            f"after {method}() the environment's agents are {brief(listed)}; they must be a list of those who are there"
        )
    return list(listed)


def check_observed(method: str, observations: Mapping[Any, Any], acting: Iterable[Any]) -> None:
    """Check that all agents that act next have an observation.

    Raises
    ------
    InputError
        If one has none; the message names the first.
    """
    for agent in acting:
        if observations.get(agent) is None:
            raise InputError(
                f"{method}() returned {_said('observation', observations, agent)}; every living agent must have one"
            )


def checked_step(returned: Any, acted: Iterable[Any]) -> list[dict[Any, Any]]:
    """Return what a step returned, by agent: for each that acted, the reward is a number, the ends are booleans.

    Raises
    ------
    InputError
        If such a value is missing or of another kind; the message names the agent and the value.
    """
    if not isinstance(returned, tuple) or len(returned) != len(PARTS):
        raise InputError(f"step() returned {_amount(returned)}; it must return {', '.join(PARTS)}")
    observations, rewards, terminations, truncations, infos = _by_agent("step", PARTS, returned)
    for agent in acted:
        rewards[agent] = _number("reward", rewards, agent)
        for name, flags in (("termination", terminations), ("truncation", truncations)):
            flags[agent] = _flag(name, flags, agent)
    _check_infos("step", infos, acted)
    return [observations, rewards, terminations, truncations, infos]


def checked_success(infos: Mapping[Any, Any], team: Iterable[Any]) -> list[float]:
    """Return the successes that `infos` report, each from 0 to 1.

    Raises
    ------
    InputError
        If an agent's infos hold something else; the message names the agent.
    """
    reported = {agent: infos[agent]["success"] for agent in team if "success" in infos.get(agent, {})}
    for agent, value in reported.items():
        if not 0.0 <= as_scalar(value) <= 1.0:
            raise InputError(f"infos of agent {agent!r} report the success {brief(value)}; it must be from 0 to 1")
    return [as_scalar(value) for value in reported.values()]


def check_workloads(workloads: Any, team: Collection[Any]) -> None:
    """Check that a tracker returned one workload for each agent, finite and not negative.

    Raises
    ------
    InputError
        If it did not; the message names the agent.
    """
    if np.shape(workloads) != (len(team),):
        raise InputError(f"the tracker returns workloads of shape {np.shape(workloads)} for {len(team)} agents")
    for agent, workload in zip(team, workloads, strict=True):
        if not 0.0 <= as_scalar(workload) < math.inf:
            raise AgentError(agent, f"its workload is {brief(workload)}; it must be a finite number, 0 or more")


def _by_agent(method: str, names: Iterable[str], parts: tuple[Any, ...]) -> list[dict[Any, Any]]:
    for name, part in zip(names, parts, strict=True):
        if not isinstance(part, Mapping):
            raise InputError(
                f"{method}() returned the {name} {brief(part)}; a parallel environment returns a dictionary by agent"
            )
    return [dict(part) for part in parts]


def _check_infos(method: str, infos: dict[Any, Any], agents: Iterable[Any]) -> None:
    for agent in agents:
        if not isinstance(infos.setdefault(agent, {}), Mapping):
            raise InputError(
                f"{method}() returned the infos {brief(infos[agent])} for agent {agent!r}; they must be a dictionary"
            )


def _number(name: str, values: Mapping[Any, Any], agent: Any) -> float:
    number = as_scalar(values.get(agent))
    if not math.isfinite(number):
        raise InputError(f"step() returned {_said(name, values, agent)}; it must be a finite number")
    return number


def _flag(name: str, values: Mapping[Any, Any], agent: Any) -> bool:
    number = as_scalar(values.get(agent))
    if number not in (0.0, 1.0):
        raise InputError(f"step() returned {_said(name, values, agent)}; it must be True or False")
    return bool(number)


def _said(name: str, values: Mapping[Any, Any], agent: Any) -> str:
    if agent not in values:
        return f"no {name} for agent {agent!r}"
    return f"the {name} {brief(values[agent])} for agent {agent!r}"


def _amount(returned: Any) -> str:
    return f"{len(returned)} values" if isinstance(returned, tuple) else brief(returned)


def _listed(team: Iterable[Any]) -> str:
    return ", ".join(map(repr, team))
