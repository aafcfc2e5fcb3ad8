"""A tiny PettingZoo environment: agents rest or work; working pays the team; enough work ends the episode."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

REST, WORK = 0, 1


class ToyTeam(ParallelEnv):
    """Agents `a`, `b`, `c`; success after six units of work, time-out after `horizon` steps.

    The first agent leaves after `leaves` steps, the others go on. Observations are vectors, or with `masked` Dicts
    that hold one beside a mask.
    """

    metadata: ClassVar[dict] = {"name": "toy_team"}

    def __init__(self, horizon=8, leaves=None, masked=False, dtype=np.float32):
        self.possible_agents = ["a", "b", "c"]
        self.agents = []
        self.horizon, self.leaves, self.masked, self.dtype = horizon, leaves, masked, dtype
        self.state_space = spaces.Box(0, 100, (4,), np.float32)
        self.work, self.time, self.last = np.zeros(3), 0, 0.0

    @lru_cache  # noqa: B019
    def observation_space(self, agent):
        """Return a vector's space, or a Dict's."""
        vector = spaces.Box(0, 100, (2,), self.dtype)
        return spaces.Dict({"observation": vector, "action_mask": spaces.MultiBinary(2)}) if self.masked else vector

    @lru_cache  # noqa: B019
    def action_space(self, agent):
        """Return rest and work."""
        return spaces.Discrete(2, seed=self.possible_agents.index(agent))

    def reset(self, seed=None, options=None):
        """Begin; nothing is drawn."""
        self.agents = list(self.possible_agents)
        self.work, self.time = np.zeros(3), 0
        return self._observations(), self._infos()

    def step(self, actions):
        """Let those present rest or work."""
        acted = self.agents
        done = np.array([agent in acted and actions[agent] == WORK for agent in self.possible_agents])
        self.work, self.time = self.work + done, self.time + 1
        self.last = float(done.sum())
        success, late = self.work.sum() >= 6, self.time >= self.horizon
        left = {agent: bool(success or (agent == "a" and self.time == self.leaves)) for agent in acted}
        truncated = {agent: bool(late and not left[agent]) for agent in acted}
        observations, infos = self._observations(), self._infos()
        self.agents = [agent for agent in acted if not (left[agent] or truncated[agent])]
        return observations, dict.fromkeys(acted, self.last), left, truncated, infos

    def state(self):
        """Return the work of all and the time."""
        return np.array([*self.work, self.time], dtype=np.float32)

    def _observations(self):
        seen = {agent: np.array([i, self.time], dtype=self.dtype) for i, agent in enumerate(self.possible_agents)}
        mask = np.ones(2, dtype=np.int8)
        return {
            agent: {"observation": seen[agent], "action_mask": mask} if self.masked else seen[agent]
            for agent in self.agents
        }

    def _infos(self):
        success = bool(self.work.sum() >= 6)
        work = dict(zip(self.possible_agents, self.work.tolist(), strict=True))
        return {
            agent: {"workload": work[agent], "success": success, "detail": {"half": work[agent] / 2}}
            for agent in self.agents
        }
