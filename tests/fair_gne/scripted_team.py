"""A parallel environment that returns what its script says, step by step, right or wrong."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from gymnasium import spaces
from pettingzoo import ParallelEnv

from evenhand.errors import InputError
from evenhand.fair_gne import FairGNE, Fixed


class ScriptedTeam(ParallelEnv):
    """Agents `a`, `b`, `c`.

    Each line of the script has the workload of each agent that acts in the step (None: no infos). The episode ends
    with the script. `ends` are the steps (from 1) of other ends, `starts` those after which an agent is there. With
    `filled`, `agents` stays as it is when somebody has ended.
    """

    metadata: ClassVar[dict] = {"name": "scripted_team"}

    def __init__(self, *script, ends=None, starts=None, filled=False, opening=None, space=None, **returned):
        self.possible_agents = ["a", "b", "c"]
        self.script, self.filled, self.opening, self.returned = script, filled, opening or {}, returned
        self.ends, self.starts = ends or {}, starts or {}
        self.space = spaces.Discrete(3) if space is None else space
        self.seen = spaces.Box(0.0, 9.0, (1,), np.float32)
        self.received = []

    def observation_space(self, agent):
        """Return one number's space."""
        return self.seen

    def action_space(self, agent):
        """Return the space given."""
        return self.space

    def reset(self, seed=None, options=None):
        """Begin with those who start at once."""
        self.time = 0
        self.agents = [agent for agent in self.possible_agents if agent not in self.starts]
        return {agent: np.ones(1, np.float32) for agent in self.agents}, {
            agent: dict(self.opening.get(agent, {})) for agent in self.agents
        }

    def step(self, actions):
        """Return the next line."""
        acted = [agent for agent in self.agents if not (self.filled and self.ends.get(agent, 99) <= self.time)]
        self.received.append(dict(actions))
        line = self.script[self.time]
        self.time += 1
        last = self.time == len(self.script)
        ended = {agent: last or self.ends.get(agent) == self.time for agent in acted}
        parts = {
            "observations": {agent: np.ones(1, np.float32) for agent in acted},
            "rewards": dict.fromkeys(acted, 1.0),
            "terminations": ended,
            "truncations": dict.fromkeys(acted, False),
            "infos": {agent: {"workload": line[agent]} for agent in acted if line.get(agent) is not None},
        }
        if not self.filled:
            joined = [agent for agent, start in self.starts.items() if start == self.time]
            self.agents = [agent for agent in acted if not ended[agent]] + joined
        for name, values in self.returned.items():
            parts[name] = {**parts[name], **values} if isinstance(values, dict) else values
        return tuple(parts.values())


def line(a=None, b=None, c=None):
    """Return a line of the script."""
    return {"a": a, "b": b, "c": c}


def gains(env, action=0):
    """Play an episode; return what each agent gets over the environment's own reward, and the last infos of each."""
    _, infos = env.reset(seed=0)
    total, told = dict.fromkeys(env.possible_agents, 0.0), dict(infos)
    while env.agents:
        _, rewards, _, _, infos = env.step(dict.fromkeys(env.agents, action))
        for agent in rewards:
            total[agent] += rewards[agent] - infos[agent]["unshaped_reward"]
        told |= infos
    return total, told


LAMBDA = 5.0
WORKED = (line(2, 0, 0), line(3, 2, 0), line(4, 2, 0))  # J(w_T) = 0.6
LOSS = LAMBDA * (0.6 - 1.0)


def wrapped(*script, options=None, **team):
    """Return a team of this script in a layer whose multiplier is LAMBDA."""
    return FairGNE(ScriptedTeam(*script, **team), dual=Fixed(LAMBDA), **options or {})


def refused(words, action):
    """Return the error of one line that an action raises."""
    with pytest.raises(InputError, match=words) as caught:
        action()
    assert "\n" not in str(caught.value)
    return caught.value
