"""A small PettingZoo environment that can be reckoned by hand, with a switch for each thing that may go wrong in it.

Ann and Bob carry wood to a camp. Ann rests or carries a log; Bob rests, carries one, or carries two. Both see whether
it rains, which the seed decides; Bob sees the woodpile, too. A log pays 1 to everybody who is there. With `leaves`,
Ann's day is over after the second step. The day ends after `days` steps, by truncation.
"""

from __future__ import annotations

import os

import numpy as np
from gymnasium import spaces
from pettingzoo import ParallelEnv

CHOICES = {"ann": 2, "bob": 3}


class Camp(ParallelEnv):
    """The camp; `amiss` names what is wrong with it."""

    render_mode = None
    metadata = {"name": "camp", "is_parallelizable": True}  # noqa: RUF012 - as PettingZoo writes it
    possible_agents = ["ann", "bob"]  # noqa: RUF012

    def __init__(self, amiss="", *, days=4, leaves=False, reports=True, masks=False, succeeds=None):
        self.amiss, self.max_steps, self.leaves, self.reports = amiss, days, leaves, reports
        self.masks, self.succeeds = masks, succeeds
        self.episodes = 0
        self.seen = {"ann": spaces.Box(0, 1, (2,), np.float32), "bob": spaces.Box(0, 100, (3,), np.float32)}
        self.acts = {agent: spaces.Discrete(number) for agent, number in CHOICES.items()}
        if amiss == "continuous":
            self.acts["bob"] = spaces.Box(0, 1, (2,), np.float32)
        if amiss == "several":
            self.acts["bob"] = spaces.MultiDiscrete([2, 2])
        if amiss == "text":
            self.seen["bob"] = spaces.Text(5)
        if amiss == "endless":
            del self.max_steps

    def observation_space(self, agent):
        """Return the agent's space, or another after two episodes."""
        if self.amiss == "grows" and self.episodes > 1:
            return spaces.Box(0, 1, (4,), np.float32)
        return self.seen[agent]

    def action_space(self, agent):
        """Return the agent's space."""
        return self.acts[agent]

    def reset(self, seed=None, options=None):
        """Begin a day."""
        self.rain = self.episodes % 2 if self.amiss == "chance" else int(np.random.default_rng(seed).integers(2))
        self.agents, self.time, self.logs = list(self.possible_agents), 0, {"ann": 0, "bob": 0}
        self.episodes += 1
        return self._observed(), self._infos()

    def step(self, actions):
        """Carry."""
        self.time += 1
        acting = self.agents
        assert sorted(actions) == sorted(acting)
        for agent in acting:
            self.logs[agent] += actions[agent]
        if self.time == 3 and self.amiss == "raises":
            raise RuntimeError("the camp\nburns")
        if self.time == 3 and self.amiss == "dies":
            os._exit(7)
        reward = float(sum(actions.values()))
        rewards = dict.fromkeys(acting, np.nan if self.amiss == "reward" and self.time == 2 else reward)
        over = self.time >= getattr(self, "max_steps", 10**9)
        ends = {agent: self.leaves and agent == "ann" and self.time == 2 for agent in acting}
        late = {agent: over and not ends[agent] for agent in acting}
        observed, infos = self._observed(), self._infos()
        self.agents = [agent for agent in acting if not (ends[agent] or late[agent])]
        return observed, rewards, ends, late, infos

    def _observed(self):
        rain = np.nan if self.amiss == "observation" and self.time == 2 else self.rain
        left = 1 - self.time / 4
        seen = {"ann": np.array([rain, left]), "bob": np.array([self.rain, left, sum(self.logs.values())])}
        return {
            agent: seen[agent][: 2 if self.amiss == "shrinks" and self.time == 2 else None] for agent in self.agents
        }

    def _infos(self):
        infos = {agent: {} for agent in self.agents}
        for agent, info in infos.items():
            if self.reports:
                info["workload"] = float(self.logs[agent])
            if self.masks:
                info["action_mask"] = np.array([True, not self.rain, not self.rain][: CHOICES[agent]])
            if self.succeeds is not None and self.time:
                info["success"] = sum(self.logs.values()) >= self.succeeds
        return infos


def camp():
    """Return a camp from which Ann leaves early; workers find it here, where nothing heavy is imported."""
    return Camp(leaves=True, masks=True)
