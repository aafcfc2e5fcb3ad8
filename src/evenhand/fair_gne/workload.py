"""Workload trackers: they decide what counts as work, from the actions and infos of each step.

A tracker consists of pure functions: ``initial(n)`` returns its first state, ``update(state, actions, infos)`` the next
one, and ``value(state)`` the workloads, shape (..., n). Actions and infos are in the order of the agents. An
environment whose own state has the workloads, such as the vectorised hospital, needs no tracker.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import array_api_compat
import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import as_scalar, brief, library_of

Infos = Sequence[Mapping[str, Any] | None]

FALL = 1e-9
"""A workload may fall by this share of itself from one step to the next: it is rounding and no error."""
_ABSENT = object()


class AgentError(InputError):
    """Raised for an action or a report of an agent that a tracker cannot count.

    Parameters
    ----------
    agent
        Position of the agent in the team, or its name if agents have names.
    reason
        What is wrong and what would be right.
    """

    def __init__(self, agent: Any, reason: str) -> None:
        super().__init__(f"agent {agent!r}: {reason}")
        self.agent = agent
        self.reason = reason

    def named(self, agents: Sequence[Any]) -> Self:
        """Return the same error with the agent's name in place of its position."""
        return type(self)(agents[self.agent], self.reason)


class Tracker(Protocol):
    """A workload tracker."""

    def initial(self, n: int) -> Any:
        """Return the state at the start of an episode of `n` agents, in which nobody has worked."""

    def update(self, state: Any, actions: Any, infos: Infos = ()) -> Any:
        """Return the state after a step.

        Parameters
        ----------
        state
            The state before it.
        actions
            What each agent chose, length n; None for an agent that has left.
        infos
            The environment's infos for each agent, length n; None for an agent that has left.

        Raises
        ------
        AgentError
            If an agent's action or infos cannot be counted.
        """

    def value(self, state: Any) -> Any:
        """Return the workloads so far, shape (..., n), non-negative."""


class _Cumulative:
    """Base class of trackers that need no other state than the workloads so far."""

    def initial(self, n: int) -> Any:
        """Return zeros, shape (n,)."""
        return np.zeros(n)

    def value(self, state: Any) -> Any:
        """Return the workloads so far, shape (..., n)."""
        return state


@dataclass(frozen=True)
class Reported(_Cumulative):
    """The workload that the environment reports: ``infos[agent][key]`` is the agent's workload so far.

    Parameters
    ----------
    key
        Key in the infos; a tuple of keys leads through mappings and attributes, e.g. ``("workloads", "effort")``.
    may_fall
        Whether a workload may be smaller than at the step before, as fatigue is after a rest. By default that is
        refused: it suggests that the environment reports the work of each step, which :class:`Summed` adds up.
    """

    key: str | tuple[str, ...] = "workload"
    may_fall: bool = False

    def opening(self, state: Any, infos: Infos) -> Any:
        """Return the workloads at the start of an episode: those that `infos` report, otherwise those of `state`."""
        return np.array([_found(infos, agent, self.key, float(old)) for agent, old in enumerate(state)])

    def update(self, state: Any, actions: Any, infos: Infos = ()) -> Any:
        """Return the workloads that `infos` report; an agent that has left keeps its last one."""
        del actions
        reported = [old if infos[agent] is None else _found(infos, agent, self.key) for agent, old in enumerate(state)]
        for agent, (old, new) in enumerate(zip(state, reported, strict=True)):
            if not self.may_fall and new < old * (1.0 - FALL):
                raise AgentError(
                    agent,
                    f"infos report the workload {new:g} as {_path(self.key)} after {old:g}, but the work so far cannot "
                    f"fall; for the work of each step use Summed({self.key!r}), for work that is undone may_fall=True",
                )
        return np.array(reported)


@dataclass(frozen=True)
class Summed(_Cumulative):
    """The sum over steps of ``infos[agent][key]``: energy spent in the step, units done in it, a cost.

    Parameters
    ----------
    key
        As in :class:`Reported`.
    """

    key: str | tuple[str, ...]

    def update(self, state: Any, actions: Any, infos: Infos = ()) -> Any:
        """Return the workloads with what `infos` report of this step added."""
        del actions
        return state + np.array(
            [0.0 if infos[agent] is None else _found(infos, agent, self.key) for agent in range(len(state))]
        )


@dataclass(frozen=True)
class ActionCount(_Cumulative):
    """The number of actions other than the idle ones, whatever they achieved: busywork counts.

    Parameters
    ----------
    idle
        The discrete actions that are no work, such as waiting and moving.

    Raises
    ------
    InputError
        If an idle action is not a whole number.
    AgentError
        From :meth:`update`, if an action is not discrete; use :class:`ActionWork` for other actions.
    """

    idle: Iterable[int] = frozenset({0})

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "idle", frozenset(map(operator.index, self.idle)))
        except TypeError:
            raise InputError(f"idle is {self.idle!r}; it must be a set of discrete actions, such as {{0}}") from None

    def update(self, state: Any, actions: Any, infos: Infos = ()) -> Any:
        """Return the counts with `actions` added: a sequence, or an array (..., n) for a batch or inside `jax.jit`."""
        del infos
        if not array_api_compat.is_array_api_obj(actions):
            counts = [
                action is not None and _whole(agent, action) not in self.idle for agent, action in enumerate(actions)
            ]
            return state + np.array(counts, dtype=np.float64)
        xp = library_of(actions)
        if not xp.isdtype(actions.dtype, ("integral", "bool")):
            raise InputError(
                f"ActionCount counts discrete actions, and these are of {actions.dtype}; {USE_ACTION_WORK}"
            )
        resting = xp.zeros_like(actions, dtype=xp.bool)
        for action in sorted(self.idle):
            resting = resting | (actions == action)
        counts = xp.asarray(state)
        return counts + xp.astype(~resting, counts.dtype)


USE_ACTION_WORK = "use ActionWork, which counts by a function of the action: ActionWork(lambda action: ...)"


@dataclass(frozen=True)
class ActionWork(_Cumulative):
    """The sum over steps of a function of the agent's action, for actions of any kind: continuous, several at once.

    Parameters
    ----------
    work
        Function that returns the work of one agent's action in a step: a finite number, 0 or more, or a boolean, which
        counts as one unit or none.

    Raises
    ------
    InputError
        If `work` is not callable.
    AgentError
        From :meth:`update`, if it returns anything else.

    Examples
    --------
    >>> thrust = ActionWork(lambda action: float(np.abs(action).sum()))
    >>> thrust.update(thrust.initial(2), [np.array([0.5, -1.0]), None]).tolist()  # the second agent has left
    [1.5, 0.0]
    """

    work: Callable[[Any], Any]

    def __post_init__(self) -> None:
        if not callable(self.work):
            raise InputError(f"ActionWork is given {self.work!r}; it needs a function of an action")

    def update(self, state: Any, actions: Any, infos: Infos = ()) -> Any:
        """Return the workloads with `actions` added: one action for each agent, None for an agent that has left."""
        del infos
        return state + np.array(
            [0.0 if action is None else self._worked(agent, action) for agent, action in enumerate(actions)]
        )

    def _worked(self, agent: int, action: Any) -> float:
        work = self.work(action)
        number = as_scalar(work)
        if not 0.0 <= number < np.inf:
            raise AgentError(agent, f"the work of its action is {brief(work)}; it must be a finite number, 0 or more")
        return number


def _whole(agent: int, action: Any) -> int:
    """Return a discrete action as an integer."""
    try:
        return int(action) if isinstance(action, np.bool_) else operator.index(action)
    except TypeError:
        raise AgentError(
            agent, f"its action is {brief(action)}, and ActionCount counts discrete actions; {USE_ACTION_WORK}"
        ) from None


def _found(infos: Infos, agent: int, key: str | tuple[str, ...], otherwise: float | None = None) -> float:
    """Return the number at `key` of the agent's infos. If it is missing: `otherwise`, or an error if that is None."""
    value: Any = infos[agent]
    for part in (key,) if isinstance(key, str) else key:
        inside = value
        value = inside.get(part, _ABSENT) if isinstance(inside, Mapping) else getattr(inside, part, _ABSENT)
        if value is _ABSENT and otherwise is not None:
            return otherwise
        if value is _ABSENT:
            there = sorted(map(str, inside)) if isinstance(inside, Mapping) else repr(inside)
            raise AgentError(
                agent,
                f"infos have no {part!r}; they have {there}, and every agent must report its workload in each step",
            )
    number = as_scalar(value)
    if not 0.0 <= number < np.inf:
        raise AgentError(
            agent, f"infos report the workload {brief(value)} as {_path(key)}; it must be a finite number, 0 or more"
        )
    return number


def _path(key: str | tuple[str, ...]) -> str:
    return repr(key if isinstance(key, str) else ".".join(key))
