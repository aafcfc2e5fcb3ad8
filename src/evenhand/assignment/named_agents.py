"""What users say of agents and tasks by name or position: entitlements, initial loads, locked tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import checked_entitlements, for_agents, require_all_counted
from evenhand.number_checks import is_whole


def check_fairness(fairness: Fairness, agents: Sequence[str]) -> Fairness:
    """Return `fairness` with its entitlements, if any, in the order of the agents.

    Raises
    ------
    InputError
        If it is no member of the family, or its entitlements are not one for each agent.
    """
    if isinstance(fairness, type) or not isinstance(fairness, Fairness):
        raise InputError(f"fairness is {fairness!r}; expected a member such as EpsilonFairness(0.9)")
    fairness = for_agents(fairness, agents)
    entitlements = fairness.entitlements
    if entitlements is not None and len(entitlements) != len(agents):
        raise InputError(f"entitlements: {len(entitlements)} given for {len(agents)} agents; give one for each agent")
    require_all_counted(entitlements)
    return fairness


def named_entitlements(entitlements: Any, agents: Sequence[str]) -> tuple[float, ...] | None:
    """Return the entitlements of `agents`, given in their order or as a mapping from their names.

    Raises
    ------
    InputError
        If the entitlement of an agent is missing, 0 or not a number; the message names the agent.
    """
    if entitlements is None:
        return None
    if hasattr(entitlements, "items"):
        by_name = dict(entitlements.items())
        unknown = next((name for name in by_name if name not in agents), None)
        missing = next((name for name in agents if name not in by_name), None)
        if unknown is not None or missing is not None:
            wrong = f"has no agent {missing!r}" if unknown is None else f"names {unknown!r}, who is not in the table"
            raise InputError(f"entitlements {wrong}; give one number for each agent")
        entitlements = [by_name[name] for name in agents]
    try:
        return checked_entitlements(entitlements)
    except InputError as error:
        zero = next((name for name, share in zip(agents, _listed(entitlements), strict=False) if share == 0), None)
        if zero is None:
            raise
        raise InputError(
            f"the entitlement of agent {zero!r} is 0, so that no load of it is fair; if it is absent, leave out its row"
        ) from error


def _listed(entitlements: Any) -> list[Any]:
    try:
        return list(entitlements)
    except TypeError:
        return []


def initial_loads_of(loads: ArrayLike | Mapping[str, float] | None, agents: Sequence[str]) -> NDArray[np.float64]:
    """Return the loads carried before, shape (n,), given in the order of the agents or by name; zeros for None."""
    if loads is None:
        return np.zeros(len(agents))
    given: Any = loads
    if hasattr(loads, "items"):
        given = [0.0] * len(agents)
        for name, load in loads.items():
            given[position_of(name, agents, "initial loads: agent")] = load
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"initial loads: {error}; give one number for each agent") from error
    if values.shape != (len(agents),):
        raise InputError(f"initial loads have shape {values.shape}; expected one for each of {len(agents)} agents")
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        agent = int(np.argmax(wrong))
        credit = (
            ": loads are compared by their ratio, which a credit below 0 does not have; "
            "add the same load to everybody's, so that none is negative"
        )
        raise InputError(
            f"initial load of agent {agents[agent]!r} is {values[agent]:g}; expected a finite number >= 0"
            f"{credit if values[agent] < 0 else ''}"
        )
    return values


def locked_agents(
    locked: Mapping[Any, Any] | None, costs: NDArray[np.float64], agents: Sequence[str], tasks: Sequence[str]
) -> NDArray[np.intp]:
    """Return the agent to whom each task is locked, shape (m,), -1 for free ones; a locked pair must be allowed."""
    if locked is not None and not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; expected a mapping from tasks to agents")
    decided = np.full(len(tasks), -1, dtype=np.intp)
    for task_key, agent_key in ({} if locked is None else locked).items():
        task = position_of(task_key, tasks, "locked: task")
        agent = position_of(agent_key, agents, "locked: agent")
        if not np.isfinite(costs[agent, task]):
            raise InputError(
                f"locked: task {tasks[task]!r} is decided for agent {agents[agent]!r}, but that pair is forbidden"
                " (cost inf); unlock it or allow the pair"
            )
        if decided[task] not in (-1, agent):
            raise InputError(
                f"locked: task {tasks[task]!r} is decided for both {agents[decided[task]]!r} and {agents[agent]!r}"
            )
        decided[task] = agent
    return decided


def position_of(key: Any, names: Sequence[Any], what: str) -> int:
    """Return the position of a name among `names`; a position is checked and returned as it is."""
    if isinstance(key, str):
        if key not in names:
            raise InputError(f"{what} {key!r} is not in the table; known are {', '.join(map(repr, names[:5]))}, ...")
        return names.index(key)
    if is_whole(key) and 0 <= key < len(names):
        return int(key)
    raise InputError(f"{what} {key!r} is neither a name nor a position from 0 to {len(names) - 1}")
