"""Read observations, workloads and action masks of one episode or of many, by agent or as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .flattening import flattened
from .refusals import InputError

Floats = NDArray[np.float32]
MASK = "action_mask"


class Read(NamedTuple):
    """What a loop has given, for B episodes.

    Attributes
    ----------
    seen
        Shape (B, n, O): observations.
    work
        Shape (B, n): workloads; NaN of agents that have left.
    mask
        Shape (B, n, A): which actions are possible.
    single
        Whether it was given for one episode, without an axis for several.
    there
        Names of the agents that have not left.
    """

    seen: Floats
    work: Floats
    mask: NDArray[np.bool_]
    single: bool
    there: list[str]


class Reading:
    """The arrays that a team needs, from what a PettingZoo loop has.

    Parameters
    ----------
    description
        The team's description.
    """

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.description = description
        self.agents: list[str] = list(description["agents"])

    def read(self, observations: Any, infos: Any, workload: Any, mask: Any, counted: Floats | None) -> Read:
        """Return what the arguments of :meth:`evenhand.player.Player.act` hold.

        `counted` are the workloads (B, n) that the player has counted itself, if it does.
        """
        senses, there = self.description["senses"], self.agents
        if senses is not None and isinstance(observations, Mapping):
            there = [agent for agent in self.agents if agent in observations] if senses["leave"] else self.agents
            self._refuse_others(observations, there, "observation")
            seen, masks = self._sensed(observations, there)
        else:
            parts, masks = _apart(observations)
            seen = self._array("observation", parts, self.description["observation_size"])
        single = seen.ndim == 2
        seen = seen[None] if single else seen
        if mask is None:
            mask = masks or self._in_infos(infos, there, MASK)
        if workload is None and counted is not None:
            workload = counted if counted.shape == seen.shape[:2] else np.zeros(seen.shape[:2])
        return Read(
            seen, self._workload(seen, infos, workload, there), self._mask(len(seen), mask, there), single, there
        )

    def completed(self, seen: Floats, time: NDArray[np.int64]) -> Floats:
        """Return the observations (B, n, D) of training: those of adapted environments with identity and time left."""
        if seen.shape[-1] == self.description["observation_size"]:
            return seen
        episodes, agents, _ = seen.shape
        identity = np.broadcast_to(np.eye(agents, dtype=np.float32), (episodes, agents, agents))
        left = (1.0 - time / self.description["horizon"]).astype(np.float32)
        return np.concatenate([identity, seen, np.broadcast_to(left[:, None, None], (episodes, agents, 1))], axis=-1)

    def _sensed(self, observations: Mapping[str, Any], there: Sequence[str]) -> tuple[Floats, dict[str, Any]]:
        """Return observations, flattened and padded with zeros, and the masks among them."""
        senses = self.description["senses"]
        rules = dict(zip(self.agents, senses["rules"], strict=True))
        rows = {name: flattened(rules[name], observations[name], f"the observation of {name!r}") for name in there}
        if not rows:
            raise InputError("there are no observations; act where an episode is under way")
        first = next(iter(rows.values()))
        seen = np.zeros((*first.shape[:-1], len(self.agents), senses["width"]), np.float32)
        for name, row in rows.items():
            if row.shape[:-1] != first.shape[:-1]:
                raise InputError(
                    f"the observation of {name!r} is not of as many episodes as that of {next(iter(rows))!r}"
                )
            seen[..., self.agents.index(name), : row.shape[-1]] = row
        parts = {name: observations[name] for name in there}
        return seen, {name: part[MASK] for name, part in parts.items() if isinstance(part, Mapping) and MASK in part}

    def _workload(self, seen: Floats, infos: Any, workload: Any, there: Sequence[str]) -> Floats:
        rule = self.description["workload"]
        if workload is None and rule["positions"] is not None:
            # The first agent's observation has whole numbers of units of everybody's work, scaled.
            return np.asarray(np.rint(seen[:, 0, rule["positions"]] / np.float32(rule["unit"])))
        if workload is None:
            workload = self._in_infos(infos, there, "workloads", rule["definition"])
        if workload is None:
            workload = self._in_infos(infos, there, "workload")
        if workload is None:
            raise InputError(
                "the team sees how much each agent has worked since the episode began: pass infos in which every agent "
                f"has 'workload', or workload=[...] of {', '.join(self.agents)}"
            )
        if isinstance(workload, Mapping) and len(there) < len(self.agents):
            workload = {agent: workload.get(agent, np.zeros(())) for agent in self.agents}
        work = self._array("workload", workload, None)
        work = work[None] if work.ndim == 1 else work
        if len(work) != len(seen):
            raise InputError(f"workloads are of {len(work)} episodes, observations of {len(seen)}")
        if (work < 0.0).any():
            raise InputError(f"a workload is {work.min():g}; it must be a number from 0")
        return np.where([agent in there for agent in self.agents], work, np.float32(np.nan))

    def _mask(self, episodes: int, given: Any, there: Sequence[str]) -> NDArray[np.bool_]:
        choices, most = self.description["choices"], self.description["n_actions"]
        shape = (episodes, len(self.agents), most)
        allowed = np.broadcast_to(np.arange(most) < np.array(choices)[:, None], shape)
        if given is None:
            if self.description["masked"]:
                raise InputError(
                    "the team was trained with action masks: pass them as infos[agent]['action_mask'], in observations "
                    "as {'observation': ..., 'action_mask': ...}, or as mask=..."
                )
            return allowed
        if isinstance(given, Mapping):
            self._refuse_others(given, there, MASK)
            first = np.arange(most) < 1  # an agent that has left has nothing to choose
            given = {
                agent: _padded(given[agent], size, most) if agent in there else first
                for agent, size in zip(self.agents, choices, strict=True)
            }
        mask = self._array(MASK, given, most)
        if not ((mask == 0.0) | (mask == 1.0)).all():
            raise InputError(f"an {MASK} has values other than 0 and 1")
        if mask.ndim == 3 and len(mask) != episodes:
            raise InputError(f"action masks are of {len(mask)} episodes, observations of {episodes}")
        possible = (mask != 0.0) & allowed
        if not possible.any(axis=-1).all():
            agent = self.agents[int(np.argwhere(~possible.any(axis=-1))[0, 1])]
            raise InputError(f"the {MASK} of {agent!r} allows no action; at least one must be possible")
        return np.asarray(possible)

    def _in_infos(self, infos: Any, there: Sequence[str], *keys: str) -> dict[str, Any] | None:
        """Return what the infos hold for every agent under nested keys or attributes; None where one has nothing."""
        found = {agent: infos.get(agent) for agent in there} if isinstance(infos, Mapping) else {}
        for key in keys:
            found = {
                agent: info.get(key) if isinstance(info, Mapping) else getattr(info, key, None)
                for agent, info in found.items()
            }
        return found if found and all(value is not None for value in found.values()) else None

    def _refuse_others(self, values: Mapping[Any, Any], there: Sequence[str], what: str) -> None:
        """Raise an InputError if values by agent are of others than the team's, or lack one that is there."""
        for agent in [*values, *there]:
            if agent not in self.agents or agent not in values:
                wrong = "is no agent of the team" if agent not in self.agents else f"has no {what}"
                raise InputError(f"{agent!r} {wrong}; its agents are {', '.join(self.agents)}")

    def _array(self, what: str, values: Any, width: int | None) -> Floats:
        """Return values by agent, or an array, as an array (n, width) or (B, n, width), without the width if None."""
        tail = (len(self.agents),) if width is None else (len(self.agents), width)
        if not isinstance(values, Mapping):
            array = _numbers(f"the array of {what}s", values)
        else:
            self._refuse_others(values, self.agents, what)
            parts = [_numbers(f"the {what} of {agent!r}", values[agent]) for agent in self.agents]
            for agent, part in zip(self.agents, parts, strict=True):
                last = part.shape[-1:] if width is not None else ()
                if part.ndim not in (len(tail) - 1, len(tail)) or last != tail[1:] or part.shape != parts[0].shape:
                    wanted = "one number" if width is None else f"{width} numbers"
                    raise InputError(
                        f"the {what} of {agent!r} has the shape {part.shape}; it must have {wanted}, or a row of them "
                        "for each of several episodes, alike for all agents"
                    )
            array = np.stack(parts, axis=-len(tail))
        if array.ndim not in (len(tail), len(tail) + 1) or array.shape[-len(tail) :] != tail:
            raise InputError(f"the array of {what}s has the shape {array.shape}; it must end in {tail}")
        return array


def _apart(observations: Any) -> tuple[Any, dict[Any, Any]]:
    """Return observations and masks apart, where an agent's observation is a dictionary of both."""
    if not isinstance(observations, Mapping):
        return observations, {}
    whole = {agent: part for agent, part in observations.items() if isinstance(part, Mapping)}
    for agent, part in whole.items():
        if "observation" not in part:
            raise InputError(f"the observation of {agent!r} has {', '.join(map(str, part))}, but no 'observation'")
    seen = {agent: part["observation"] if agent in whole else part for agent, part in observations.items()}
    return seen, {agent: part[MASK] for agent, part in whole.items() if MASK in part}


def _padded(mask: Any, size: int, most: int) -> Any:
    """Return the mask of an agent with fewer actions than others with zeros for those that it lacks."""
    array = np.asarray(mask)
    if size == most or array.ndim not in (1, 2) or array.shape[-1] != size:
        return mask
    return np.concatenate([array, np.zeros((*array.shape[:-1], most - size), array.dtype)], axis=-1)


def _numbers(what: str, values: Any) -> Floats:
    """Return finite numbers as an array."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{what} is of the type {type(values).__name__}; it must be an array of numbers")
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        raise InputError(f"{what} is {array[tuple(place)]} at {place}; it must be a finite number")
    return array
