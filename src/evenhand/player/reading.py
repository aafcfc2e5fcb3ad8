"""Read observations, workloads and action masks of one episode or of many, by agent or as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .refusals import InputError

Floats = NDArray[np.float32]


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

    def arrays(
        self, observations: Any, infos: Any, workload: Any, mask: Any
    ) -> tuple[Floats, Floats, NDArray[np.bool_], bool]:
        """Return observations (B, n, D), workloads (B, n), masks (B, n, A), and whether they are of a single episode.

        Parameters and errors are those of :meth:`evenhand.player.Player.act`.
        """
        parts, masks = _apart(observations)
        seen = self._array("observation", parts, self.description["observation_size"])
        single = seen.ndim == 2
        seen = seen[None] if single else seen
        if mask is None:
            mask = masks or self._in_infos(infos, "action_mask")
        return seen, self._workload(seen, infos, workload), self._mask(len(seen), mask), single

    def _workload(self, seen: Floats, infos: Any, workload: Any) -> Floats:
        rule = self.description["workload"]
        if workload is None:
            workload = self._in_infos(infos, "workloads", rule["definition"])
        if workload is None and rule["positions"] is not None:
            # The first agent's observation has whole numbers of units of everybody's work, scaled.
            return np.asarray(np.rint(seen[:, 0, rule["positions"]] / np.float32(rule["unit"])))
        if workload is None:
            workload = self._in_infos(infos, "workload")
        if workload is None:
            raise InputError(
                "the team sees how much each agent has worked since the episode began: pass infos in which every agent "
                f"has 'workload', or workload=[...] of {', '.join(self.agents)}"
            )
        work = self._array("workload", workload, None)
        work = work[None] if work.ndim == 1 else work
        if len(work) != len(seen):
            raise InputError(f"workloads are of {len(work)} episodes, observations of {len(seen)}")
        if (work < 0.0).any():
            raise InputError(f"a workload is {work.min():g}; it must be a number from 0")
        return work

    def _mask(self, episodes: int, given: Any) -> NDArray[np.bool_]:
        shape = (episodes, len(self.agents), self.description["n_actions"])
        if given is None:
            if self.description["masked"]:
                raise InputError(
                    "the team was trained with action masks: pass them as infos[agent]['action_mask'], in observations "
                    "as {'observation': ..., 'action_mask': ...}, or as mask=..."
                )
            return np.ones(shape, bool)
        mask = self._array("action_mask", given, shape[-1])
        if not ((mask == 0.0) | (mask == 1.0)).all():
            raise InputError("an action_mask has values other than 0 and 1")
        possible = np.broadcast_to(mask != 0.0, shape) if mask.ndim == 2 else mask != 0.0
        if possible.shape != shape:
            raise InputError(f"action masks are of {len(possible)} episodes, observations of {episodes}")
        if not possible.any(axis=-1).all():
            agent = self.agents[int(np.argwhere(~possible.any(axis=-1))[0, 1])]
            raise InputError(f"the action_mask of {agent!r} allows no action; at least one must be possible")
        return possible

    def _in_infos(self, infos: Any, *keys: str) -> dict[str, Any] | None:
        """Return what the infos hold for every agent under nested keys or attributes; None where one has nothing."""
        found = {agent: infos.get(agent) for agent in self.agents} if isinstance(infos, Mapping) else {}
        for key in keys:
            found = {
                agent: info.get(key) if isinstance(info, Mapping) else getattr(info, key, None)
                for agent, info in found.items()
            }
        return found if found and all(value is not None for value in found.values()) else None

    def _array(self, what: str, values: Any, width: int | None) -> Floats:
        """Return values by agent, or an array, as an array (n, width) or (B, n, width), without the width if None."""
        tail = (len(self.agents),) if width is None else (len(self.agents), width)
        if not isinstance(values, Mapping):
            array = _numbers(f"the array of {what}s", values)
        else:
            for agent in [*values, *self.agents]:
                if agent not in self.agents or agent not in values:
                    wrong = "is no agent of the team" if agent not in self.agents else f"has no {what}"
                    raise InputError(f"{agent!r} {wrong}; its agents are {', '.join(self.agents)}")
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
    return seen, {agent: part["action_mask"] for agent, part in whole.items() if "action_mask" in part}


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
