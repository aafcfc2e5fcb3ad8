"""Workload trackers: what counts as work, told from what a step shows.

A tracker is pure: ``initial(n)`` gives its state, ``update(state, actions, infos)`` the next one, ``value(state)``
the workloads, shape (..., n). Actions and infos stand in the order of the agents. An environment that holds its
workloads in its own state (the vectorised hospital) needs no tracker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import array_api_compat
import numpy as np

from evenhand.errors import InputError
from evenhand.fair_gne.libraries import library_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    Infos = Sequence[Mapping[str, Any] | None]


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
            What the environment said to each agent, length n; None for an agent that has left.
        """

    def value(self, state: Any) -> Any:
        """Return the workloads so far, shape (..., n), non-negative."""


class _Cumulative:
    """Trackers whose state is the workloads."""

    def initial(self, n: int) -> Any:
        """Return zeros, shape (n,)."""
        return np.zeros(n)

    def value(self, state: Any) -> Any:
        """Return the workloads so far, shape (..., n)."""
        return state


@dataclass(frozen=True)
class Reported(_Cumulative):
    """The environment's own account: ``infos[agent][key]`` is the agent's workload so far.

    Parameters
    ----------
    key
        Where it stands; several keys lead through mappings and attributes, e.g. ``("workloads", "effort")``.
    """

    key: str | tuple[str, ...] = "workload"

    def update(self, state: Any, actions: Any, infos: Infos = ()) -> Any:
        """Return the workloads that `infos` report; an agent that has left keeps its own."""
        del actions
        reported = [_found(info, self.key, agent, infos) for agent, info in enumerate(infos)]
        return np.array([old if new is None else new for old, new in zip(state, reported, strict=True)])


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
        """Return the workloads after what `infos` report of the step."""
        del actions
        done = [_found(info, self.key, agent, infos) or 0.0 for agent, info in enumerate(infos)]
        return state + np.array(done)


@dataclass(frozen=True)
class ActionCount(_Cumulative):
    """The number of actions other than the idle ones, whatever they achieved: busywork counts.

    Parameters
    ----------
    idle
        The discrete actions that are no work, such as waiting and moving.
    """

    idle: frozenset[int] = frozenset({0})

    def __post_init__(self) -> None:
        object.__setattr__(self, "idle", frozenset(self.idle))

    def update(self, state: Any, actions: Any, infos: Infos = ()) -> Any:
        """Return the counts after `actions`: a sequence, or an array (..., n) for a batch or within `jax.jit`."""
        del infos
        if not array_api_compat.is_array_api_obj(actions):
            counts = [action is not None and int(action) not in self.idle for action in actions]
            return state + np.array(counts, dtype=np.float64)
        xp = library_of(actions)
        resting = xp.zeros_like(actions, dtype=xp.bool)
        for action in sorted(self.idle):
            resting = resting | (actions == action)
        counts = xp.asarray(state)
        return counts + xp.astype(~resting, counts.dtype)


def _found(info: Mapping[str, Any] | None, key: str | tuple[str, ...], agent: int, infos: Infos) -> float | None:
    """Return the number at `key`; None where the agent has left."""
    if info is None:
        return None
    value: Any = info
    for part in (key,) if isinstance(key, str) else key:
        try:
            value = value[part] if isinstance(value, Mapping) else getattr(value, part)
        except (KeyError, AttributeError):
            there = sorted(map(str, value)) if isinstance(value, Mapping) else repr(value)
            raise InputError(f"infos of agent {agent} of {len(infos)} have no {part!r}; they have {there}") from None
    number = float(value)
    if not 0.0 <= number < np.inf:
        raise InputError(f"infos of agent {agent} report the workload {value!r}; it must be a finite number, 0 or more")
    return number
