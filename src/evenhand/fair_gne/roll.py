"""Track who takes part in an episode by terminations and truncations: some environments never empty `agents`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from evenhand.errors import InputError, MissingExtraError

try:
    from gymnasium import spaces
except ImportError as error:
    raise MissingExtraError("gymnasium", "learn") from error


MASK = "action_mask"
"""The key of a Dict observation whose value says which actions are possible."""
VECTOR = "observation"
"""The key of a Dict observation whose vector is extended; other values, such as an action mask, stay as they are."""


def extended_space(space: spaces.Space[Any], cap: float, agents: int) -> spaces.Space[Any]:
    """Return the space of the observations with `agents` workloads and a multiplier from 0 to `cap` appended.

    Raises
    ------
    InputError
        If the space is neither a vector (a Box of one dimension) nor a Dict that holds one as ``observation``.
    """
    if isinstance(space, spaces.Dict) and VECTOR in space.spaces:
        return spaces.Dict({**space.spaces, VECTOR: extended_space(space[VECTOR], cap, agents)})
    if not isinstance(space, spaces.Box) or len(space.shape) != 1:
        raise InputError(
            f"observe=True appends to vectors, and the observation space is {space}; "
            f"flatten it, or take the workloads from infos"
        )
    dtype = _floating(space.dtype)
    highest = np.concatenate([space.high, np.full(agents, np.inf), [cap]])
    return spaces.Box(
        np.concatenate([space.low, np.zeros(agents + 1)]).astype(dtype), highest.astype(dtype), dtype=dtype
    )


def extended(observation: Any, workloads: NDArray[np.float64], multiplier: float) -> Any:
    """Return `observation` with `workloads`, shape (n,), and the multiplier appended to its vector."""
    if isinstance(observation, dict):
        return {**observation, VECTOR: extended(observation[VECTOR], workloads, multiplier)}
    vector = np.asarray(observation)
    return np.concatenate([vector, workloads, [multiplier]]).astype(_floating(vector.dtype))


def _floating(dtype: Any) -> Any:
    return dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float32)


KEEP = "give FairGNE keep_agents=True, under which all possible agents are there from the first step to the last"


class Roll:
    """The agents that are playing, and those that have left.

    Parameters
    ----------
    team
        All possible agents.
    whole
        Whether to refuse agents that join late or leave before the others. Telescoped shaping needs that: an agent's
        terms sum to the change of the potential only if it gets all of them.
    """

    def __init__(self, team: Sequence[Any], whole: bool) -> None:
        self.team, self.whole = team, whole
        self.playing: list[Any] = []
        self.begun = False
        self._gone: set[Any] = set()
        self._listed: set[Any] = set()

    def begin(self, listed: Sequence[Any]) -> None:
        """Begin an episode with the agents that the environment lists."""
        strangers = [agent for agent in listed if agent not in self.team]
        absent = [agent for agent in self.team if agent not in listed]
        if strangers:
            raise InputError(f"agent {strangers[0]!r} is none of possible_agents, {', '.join(map(repr, self.team))}")
        if absent and self.whole:
            raise InputError(
                f"agent {absent[0]!r} is not there at reset(): it would miss the first terms of its shaped reward, or "
                f"count as idle; {KEEP}, or leave it out of possible_agents"
            )
        self.playing, self.begun = list(listed), True
        self._gone, self._listed = set(), set(listed)

    def move_on(self, listed: Sequence[Any], ended: Mapping[Any, bool]) -> None:
        """Record who left in a step (its episode ended, or it is no longer listed) and who joined.

        Raises
        ------
        InputError
            If an agent comes back after its end, or if one leaves early or joins late and the team must be whole.
        """
        left = [agent for agent in self.playing if ended[agent] or agent not in listed]
        joined = [agent for agent in listed if agent not in self.playing and agent not in self._gone]
        back = [agent for agent in listed if agent in self._gone and agent not in self._listed]
        stay = [agent for agent in self.playing if agent not in left]
        if back:
            raise InputError(
                f"agent {back[0]!r} is back after its end; in PettingZoo an agent does not return in an episode"
            )
        if self.whole and left and stay:
            raise InputError(
                f"agent {left[0]!r} leaves while agent {stay[0]!r} goes on: it would miss the last terms of its shaped "
                f"reward; {KEEP}, or a shaper that pays each step by itself (PerStep, Published)"
            )
        if self.whole and joined:
            raise InputError(
                f"agent {joined[0]!r} joins late: it would miss the first terms of its shaped reward; {KEEP}"
            )
        self.playing = stay + joined
        self._gone.update(left)
        self._listed = set(listed)


def fill_in(parts: tuple[dict[Any, Any], dict[Any, Any]], absent: Sequence[Any], env: Any) -> None:
    """Give the `absent` agents an observation and infos: blank ones, unless the environment returned some."""
    observations, infos = parts
    for agent in absent:
        if agent not in observations:
            observations[agent] = blank(env.observation_space(agent), agent)
        infos.setdefault(agent, {})


def keep_until_the_end(parts: tuple[dict[Any, Any], ...], absent: Sequence[Any], over: bool) -> None:
    """Give the `absent` agents a reward of 0, and end their episode only when it is over for all."""
    rewards, terminations, truncations = parts
    for agent in absent:
        rewards.setdefault(agent, 0.0)
        truncations[agent] = over and truncations.get(agent, False)
        terminations[agent] = over and not truncations[agent]


def blank(space: spaces.Space[Any], agent: Any) -> Any:
    """Return an observation of zeros for an absent agent; an action mask in it says that every action is possible.

    Raises
    ------
    InputError
        If there is no such observation in the space.
    """
    if isinstance(space, spaces.Dict):
        return {
            key: np.ones(part.shape, part.dtype) if key == MASK else blank(part, agent)
            for key, part in space.spaces.items()
        }
    if isinstance(space, spaces.Tuple):
        return tuple(blank(part, agent) for part in space.spaces)
    if isinstance(space, spaces.Discrete):
        return space.dtype.type(space.start)
    if isinstance(space, spaces.Box):
        return np.clip(np.zeros(space.shape, space.dtype), space.low, space.high)
    if space.shape is None or not isinstance(space, spaces.MultiDiscrete | spaces.MultiBinary):
        raise InputError(f"agent {agent!r} observes {space}, of which keep_agents=True knows no blank observation")
    return np.zeros(space.shape, space.dtype)
