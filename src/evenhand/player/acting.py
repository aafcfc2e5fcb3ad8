"""A team that acts: it reads what a loop gives it, draws the multiplier of each episode, and chooses actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .lottery import Mixture, lottery_of, whole
from .memory import Memory
from .networks import inputs, sight
from .reading import Floats, Reading
from .refusals import InputError

GOLDEN = (5.0**0.5 - 1.0) / 2.0
"""The golden ratio less 1; its multiples modulo 1 are spread as evenly as those of any number."""
Choose = Callable[[Floats, NDArray[np.bool_]], NDArray[Any]]
"""A policy: the actions (B, n), given what the agents see (B, n, F) and which actions are possible (B, n, A)."""


class Player:
    """A trained team that acts on what a PettingZoo loop has: observations and infos, of one episode or of many.

    A new episode begins with :meth:`reset`, and also where a workload falls or the horizon is reached, since work never
    falls within an episode. Its multiplier is then drawn anew.

    Parameters
    ----------
    description
        The team's description, as in the exported file's JSON.
    choose
        Its policy.
    lottery
        The lottery from which each episode's multiplier is drawn.
    seed
        Seed of the lottery.

    Attributes
    ----------
    description, lottery
        As given.
    agents
        Names of the agents, in the order of the arrays.
    """

    def __init__(self, description: Mapping[str, Any], choose: Choose, lottery: Mixture, *, seed: int = 0) -> None:
        self.description, self.lottery = description, lottery
        self.agents: list[str] = list(description["agents"])
        self._reading, self._memory, self._choose = Reading(description), Memory(description), choose
        self._start = np.random.default_rng(whole("seed", seed)).random()
        self._begun = 0
        self._multiplier, self._time = np.zeros(0, np.float32), np.zeros(0, np.int64)
        self._work = self._counted = np.zeros((0, len(self.agents)), np.float32)

    @property
    def multiplier(self) -> Floats:
        """The multipliers of the episodes under way, (B,); a number that is set replaces them and the lottery."""
        return self._multiplier

    @multiplier.setter
    def multiplier(self, multiplier: float) -> None:
        self.lottery = lottery_of(self.description, [], multiplier=multiplier)
        self._multiplier = np.full_like(self._multiplier, multiplier)

    def reset(self, which: ArrayLike | None = None) -> None:
        """Begin new episodes with the next :meth:`act`: all of them, or those for which `which` (B,) is true."""
        over = np.ones(len(self._time), bool) if which is None else np.asarray(which, bool)
        if over.shape != self._time.shape:
            raise InputError(
                f"which has the shape {over.shape}; it must have one entry per episode ({len(self._time)})"
            )
        self._time = np.where(over, self.description["horizon"], self._time)

    def act(self, observations: Any, infos: Any = None, *, workload: Any = None, mask: Any = None, age: Any = 0) -> Any:
        """Return the actions: the greedy ones of the policy.

        Parameters
        ----------
        observations
            For each agent its observation, (D,) or for B episodes (B, D), or a dictionary of ``"observation"`` and
            ``"action_mask"``; or one array (n, D) or (B, n, D).
        infos
            ``infos[agent]["workload"]`` is the agent's work since the episode began, as the environment of
            training counts it, and ``infos[agent]["action_mask"]`` its mask, where the observation has none.
        workload
            The work of each agent, (n,) or (B, n), or by agent, in place of `infos`. The hospital's observations show
            it, so that neither is needed there.
        mask
            Which actions are possible, (n, A) or (B, n, A), or by agent.
        age
            How many steps old observations and workloads are, a number or (B,): for teams that were trained under a
            delay.

        Returns
        -------
        dict or array
            For each agent its action, or (B,) of them; for an array of observations an array (n,) or (B, n).

        Raises
        ------
        InputError
            If agents, lengths or values are not those of the team, or work or a mask that it needs is missing.
        """
        counted = None
        if self.description["workload"]["counted"]:
            counted = np.where((self._time < self.description["horizon"])[:, None], self._counted, np.float32(0.0))
        seen, work, mask, single, there = self._reading.read(observations, infos, workload, mask, counted)
        old = self._checked_age(age, len(seen))
        self._begin(work)
        looked = sight(self._reading.completed(seen, self._time), self._work)
        remembered = self._memory.see(looked, self._time, old)
        agents = inputs(self.description, looked, remembered, self._multiplier)
        actions = np.asarray(self._choose(agents, mask))
        self._memory.did(actions)
        self._counted = self._counted + (actions != 0) * np.array([agent in there for agent in self.agents])
        self._time = self._time + 1
        starts = self.description["starts"]
        if not isinstance(observations, Mapping):
            numbers = actions + np.array(starts)
            return numbers[0] if single else numbers
        return {
            agent: int(actions[0, i]) + starts[i] if single else actions[:, i] + starts[i]
            for i, agent in enumerate(self.agents)
            if agent in there
        }

    def _begin(self, work: Floats) -> None:
        """Draw multipliers for the episodes that begin, and keep the workloads."""
        horizon = self.description["horizon"]
        if len(work) != len(self._time):
            self._multiplier, self._work = np.zeros(len(work), np.float32), np.zeros_like(work)
            self._time = np.full(len(work), horizon)
        # Comparisons with NaN, the work of agents that have left, are false.
        new = (self._time >= horizon) | (work < self._work * (1.0 - 1e-6)).any(axis=-1)
        numbers, lottery = self._begun + np.arange(new.sum()), self.lottery
        # Spread evenly, so that every stretch of episodes has close to its share of the higher multiplier.
        drawn = np.where((self._start + GOLDEN * numbers) % 1.0 < lottery.share, lottery.high, lottery.low)
        self._multiplier = self._multiplier.copy()
        self._multiplier[new] = drawn
        self._time, self._begun = np.where(new, 0, self._time), self._begun + len(numbers)
        kept = np.where(new[:, None], np.float32(0.0), self._work)
        self._work = np.where(np.isnan(work), kept, work)
        if self._counted.shape != work.shape:
            self._counted = np.zeros_like(self._work)
        self._counted = np.where(new[:, None], np.float32(0.0), self._counted)

    def _checked_age(self, age: Any, episodes: int) -> NDArray[np.int64]:
        ages = np.asarray(age)
        if ages.dtype.kind not in "iu" or ages.shape not in ((), (episodes,)) or (ages < 0).any():
            raise InputError(f"age is {age!r}; it must be a whole number of steps from 0, or one for each episode")
        if ages.any() and not self.description["remembers"]["actions"]:
            raise InputError("age is given, and the team was not trained under a delay (delay = 0); leave it out")
        return np.broadcast_to(ages, episodes)
