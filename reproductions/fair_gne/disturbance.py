"""Noise and delay between the world and what a finished policy sees of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from evenhand.errors import InputError
from evenhand.learning import conditioning
from evenhand.learning.team import Team, View
from reproductions.fair_gne.wrapping import Wrapped

if TYPE_CHECKING:
    from jax import Array


class Remembered(NamedTuple):
    """An episode with its past.

    Attributes
    ----------
    now
        The state.
    past
        The states of the last d + 1 steps, newest first; before the beginning, the first one.
    luck
        Key data of this step's noise.
    """

    now: Any
    past: Any
    luck: Array


class Remembering(Wrapped):
    """An environment whose states hold what they were up to `delay` steps ago."""

    def __init__(self, env: Any, delay: int) -> None:
        super().__init__(env)
        self._kept = delay + 1

    def reset(self, key: Array) -> Remembered:
        """Draw the beginning of an episode."""
        for_start, for_noise = jax.random.split(key)
        now = self.env.reset(for_start)
        past = jax.tree.map(lambda part: jnp.broadcast_to(part, (self._kept, *part.shape)), now)
        return Remembered(now, past, jax.random.key_data(for_noise))

    def step(self, key: Array, state: Remembered, actions: Array) -> tuple[Remembered, Any]:
        """Let all agents act once; actions of shape (n,)."""
        for_step, for_noise = jax.random.split(key)
        now, outcome = self.env.step(for_step, state.now, actions)
        past = jax.tree.map(lambda new, old: jnp.concatenate([new[None], old[:-1]]), now, state.past)
        return Remembered(now, past, jax.random.key_data(for_noise)), outcome

    def observe(self, state: Remembered) -> Array:
        """Return the observations as they are now."""
        return super().observe(state.now)

    def global_state(self, state: Remembered) -> Array:
        """Return what a mixer sees now."""
        return super().global_state(state.now)

    def mask(self, state: Remembered) -> Array:
        """Return which actions are possible now."""
        return super().mask(state.now)

    def workload(self, state: Remembered) -> Array:
        """Return the workload now."""
        return super().workload(state.now)

    def workloads(self, state: Remembered) -> dict[str, Array]:
        """Return the workload by every definition now."""
        return super().workloads(state.now)


@dataclass(frozen=True, eq=False, kw_only=True)
class DisturbedTeam(Team):
    """A team that sees what was the case `delay` steps ago, blurred by Gaussian noise.

    Late and blurred is all that tells of the world: the observation, the shares of the work and the index. Which
    actions are possible and which multiplier is in force each agent knows at once: the first it would find out by
    trying, the second it is told.

    Attributes
    ----------
    inner
        The team undisturbed.
    noise
        Standard deviation of what is added to each feature, which lies in [0, 1], anew in each step for each agent.
    delay
        In steps.
    """

    inner: Team
    noise: float
    delay: int

    def view(self, states: Any, multiplier: Array) -> View:
        """Return what the networks see when the multipliers (B,) are in force."""
        old = self.inner.view(jax.tree.map(lambda part: part[:, self.delay], states.past), multiplier)
        possible = jax.vmap(self.inner.env.mask)(states.now)
        return View(self._blurred(states.luck, old.agents), old.world, possible)

    def _blurred(self, luck: Array, agents: Array) -> Array:
        if self.noise == 0.0:
            return agents
        shape = (*agents.shape[1:-1], agents.shape[-1] - conditioning.SIZE)
        drawn = jax.vmap(lambda key: jax.random.normal(jax.random.wrap_key_data(key), shape))(luck)
        return agents.at[..., : -conditioning.SIZE].add(self.noise * drawn)


def disturbed(learner: Any, *, noise: float = 0.0, delay: int = 0) -> Any:
    """Return the learner whose agents see the world blurred and late.

    Raises
    ------
    InputError
        Where the noise or the delay is negative.
    """
    if not 0.0 <= noise < float("inf"):
        raise InputError(f"noise is {noise!r}; it must be a standard deviation from 0")
    if delay < 0:
        raise InputError(f"delay is {delay!r}; it must be a number of steps from 0")
    team = learner.team
    parts = {part.name: getattr(team, part.name) for part in fields(Team)}
    parts["env"] = Remembering(team.env, delay)
    return replace(learner, team=DisturbedTeam(**parts, inner=team, noise=noise, delay=delay))
