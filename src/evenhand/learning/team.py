"""A team at work: the environment mapped over many episodes, with workloads and multipliers beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from evenhand.learning import conditioning

if TYPE_CHECKING:
    from collections.abc import Callable

    from jax import Array

    from evenhand.fair_gne import Constraint
    from evenhand.fair_gne.shaping import RewardShaper
    from evenhand.learning.environment import Environment


class View(NamedTuple):
    """What the networks see of B episodes.

    Attributes
    ----------
    agents
        Shape (B, n, F): each agent's observation, the team's shares of the work, its index, the multiplier.
    world
        Shape (B, H): the global state with the same additions.
    mask
        Shape (B, n, A), possible actions.
    """

    agents: Array
    world: Array
    mask: Array


class Moved(NamedTuple):
    """What a step of B episodes brought; all of shape (B,), bonus as in :mod:`evenhand.fair_gne.shaping`."""

    reward: Array
    bonus: Array
    success: Array
    done: Array


@dataclass(frozen=True, eq=False)
class Team:
    """An environment under a constraint.

    Attributes
    ----------
    env
        The environment.
    constraint
        What is asked of the workloads at the end of an episode.
    shaper
        What a multiplier of 1 adds to the reward.
    cap
        Largest multiplier.
    priced
        What the shaper is given, a function of a state of one episode; the workload by default.
    """

    env: Environment[Any]
    constraint: Constraint
    shaper: RewardShaper
    cap: float
    priced: Callable[[Any], Array] | None = None

    @property
    def prices_constraint(self) -> bool:
        """Whether the multiplier prices the constraint, and not another kind of fairness."""
        return self.constraint in (getattr(self.shaper, "priced", None), getattr(self.shaper, "constraint", None))

    def reset(self, key: Array, episodes: int) -> Any:
        """Begin `episodes` episodes; returns their states, mapped over the first axis."""
        return jax.vmap(self.env.reset)(jax.random.split(key, episodes))

    def workload(self, states: Any) -> Array:
        """Return the workloads so far, (B, n)."""
        return jax.vmap(self.env.workload)(states)

    def index(self, states: Any) -> Array:
        """Return the fairness index so far, (B,)."""
        return self.constraint.index(self.workload(states))

    def view(self, states: Any, multiplier: Array) -> View:
        """Return what the networks see when the multipliers (B,) are in force."""
        work = self.workload(states)
        # Scaled by a power of two, which rounds nothing: the sum of large workloads would be infinite.
        _, exponent = jnp.frexp(work.max(axis=-1, keepdims=True))
        scaled = jnp.ldexp(work, -exponent)
        shares = scaled / jnp.maximum(scaled.sum(axis=-1, keepdims=True), 1e-6)
        added = jnp.concatenate(
            [shares, self.constraint.index(scaled)[:, None], conditioning.features(multiplier, self.cap)], axis=-1
        )
        observed = jax.vmap(self.env.observe)(states)
        everybody = jnp.broadcast_to(added[:, None, :], (*observed.shape[:2], added.shape[-1]))
        return View(
            agents=jnp.concatenate([observed, everybody], axis=-1),
            world=jnp.concatenate([jax.vmap(self.env.global_state)(states), added], axis=-1),
            mask=jax.vmap(self.env.mask)(states),
        )

    def step(self, key: Array, states: Any, actions: Array) -> tuple[Any, Moved]:
        """Let all agents of all episodes act once; actions (B, n). Finished episodes are not replaced."""
        keys = jax.random.split(key, actions.shape[0])
        after, outcome = jax.vmap(self.env.step)(keys, states, actions)
        priced = jax.vmap(self.env.workload if self.priced is None else self.priced)
        bonus = self.shaper.bonus(priced(states), priced(after))
        return after, Moved(outcome.reward, bonus, outcome.success, outcome.success | outcome.truncated)


def choose(which: Array, one: Any, other: Any) -> Any:
    """Take from `one` the episodes where `which` (B,) holds, from `other` the rest; pytrees of arrays (B, ...)."""

    def pick(a: Array, b: Array) -> Array:
        return jnp.where(which.reshape(which.shape + (1,) * (a.ndim - 1)), a, b)

    return jax.tree.map(pick, one, other)
