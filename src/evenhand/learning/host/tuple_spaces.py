"""Adapt Gymnasium environments of several agents, which take and return tuples, to PettingZoo's interface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evenhand.errors import InputError, MissingExtraError
from evenhand.fair_gne.array_libraries import brief

try:
    from gymnasium import Env, spaces
    from pettingzoo import ParallelEnv
except ImportError as error:
    raise MissingExtraError("pettingzoo", "learn") from error


class FromTuples(ParallelEnv[str, Any, Any]):  # type: ignore[misc]
    """A Gymnasium environment with tuples of actions and observations, as a PettingZoo parallel environment.

    Level-based foraging (``lbforaging``) and the robotic warehouse (``rware``) are such environments. Agents are called
    ``agent_0``, ``agent_1`` and so on. Rewards and ends may be one for all or one for each agent, and every agent gets
    the infos of the whole team.

    Parameters
    ----------
    env
        The Gymnasium environment; as ``env`` it can be reached, for a workload or a success that is read from it.

    Raises
    ------
    InputError
        If its spaces are not tuples with a part for each agent; from :meth:`step`, if rewards or ends are not one for
        all or one for each.

    Examples
    --------
    >>> from gymnasium import Env, spaces
    >>> class Two(Env):
    ...     action_space = observation_space = spaces.Tuple([spaces.Discrete(2)] * 2)
    ...     def reset(self, seed=None, options=None):
    ...         return (0, 1), {}
    ...     def step(self, actions):
    ...         return actions, [1.0, 2.0], False, True, {}
    >>> team = FromTuples(Two())
    >>> observations, infos = team.reset(seed=0)
    >>> team.step({"agent_0": 1, "agent_1": 0})[:2]
    ({'agent_0': 1, 'agent_1': 0}, {'agent_0': 1.0, 'agent_1': 2.0})
    """

    render_mode = None

    def __init__(self, env: Env[Any, Any]) -> None:
        self.env = env
        name = getattr(getattr(env, "spec", None), "id", None) or type(env).__name__
        parts: list[Any] = [getattr(env, kind, None) for kind in ("observation_space", "action_space")]
        if not all(isinstance(part, spaces.Tuple) for part in parts) or len({len(part) for part in parts}) != 1:
            raise InputError(
                f"{name} has the spaces {brief(parts[0])} and {brief(parts[1])}; FromTuples adapts Gymnasium's "
                "environments of which both are tuples, with a part for each agent"
            )
        self.metadata = {**env.metadata, "name": str(name), "is_parallelizable": True}
        self.possible_agents = [f"agent_{place}" for place in range(len(parts[0]))]
        self.agents: list[str] = []
        self._seen, self._acts = (dict(zip(self.possible_agents, part, strict=True)) for part in parts)

    def observation_space(self, agent: str) -> Any:
        """Return the agent's part of the observation space."""
        return self._seen[agent]

    def action_space(self, agent: str) -> Any:
        """Return the agent's part of the action space."""
        return self._acts[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[dict[str, Any], Any]:
        """Begin an episode."""
        observations, info = self.env.reset(seed=seed, options=options)
        self.agents = list(self.possible_agents)
        return self._by_agent("observations", observations), {agent: dict(info) for agent in self.agents}

    def step(self, actions: Mapping[str, Any]) -> tuple[Any, ...]:
        """Let all agents act; an agent that has left acts by the first action of its space."""
        joint = tuple(actions.get(agent, getattr(self._acts[agent], "start", 0)) for agent in self.possible_agents)
        observations, rewards, terminated, truncated, info = self.env.step(joint)
        acted = self.agents
        parts = [
            self._by_agent("observations", observations),
            {agent: float(reward) for agent, reward in self._by_agent("rewards", rewards).items()},
            {agent: bool(end) for agent, end in self._by_agent("terminations", terminated).items()},
            {agent: bool(end) for agent, end in self._by_agent("truncations", truncated).items()},
        ]
        self.agents = [agent for agent in acted if not (parts[2][agent] or parts[3][agent])]
        return *({agent: part[agent] for agent in acted} for part in parts), {agent: dict(info) for agent in acted}

    def close(self) -> None:
        """Close the environment."""
        self.env.close()

    def _by_agent(self, what: str, values: Any) -> dict[str, Any]:
        if np.ndim(values) == 0 and not isinstance(values, Sequence | Mapping):
            return dict.fromkeys(self.possible_agents, values)
        if len(values) != len(self.possible_agents):
            raise InputError(f"the {what} are {brief(values)}; there must be one for each of {self.possible_agents}")
        return dict(zip(self.possible_agents, values, strict=True))
