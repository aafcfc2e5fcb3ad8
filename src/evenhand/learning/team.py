"""The environment as the learners use it: mapped over many episodes, with constraint, shaped reward and multipliers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.fair_gne.shaping import end_for
from evenhand.learning import conditioning
from evenhand.learning.disturbance import work_features
from evenhand.learning.environment import Environment

if TYPE_CHECKING:
    from evenhand.fair_gne import Constraint
    from evenhand.fair_gne.shaping import RewardShaper


class View(NamedTuple):
    """The networks' inputs for B episodes.

    Attributes
    ----------
    agents
        Shape (B, n, F): each agent's observation, then every agent's share of the work so far, the fairness index so
        far, what the agent remembers where the environment is disturbed, and the features of the multiplier.
    world
        Shape (B, H): the global state, then shares, index and multiplier as they are.
    mask
        Shape (B, n, A): which actions are possible.

    With an entity network, agents and world are both :class:`~evenhand.learning.environment.Entities` of B episodes.
    """

    agents: Any
    world: Any
    mask: Array


class Sound(NamedTuple):
    """What must be known of an environment's signals before a step to find an invalid one.

    Attributes
    ----------
    observed, world
        Whether all numbers of an agent's observation, and of the global state, are finite: (B, n) and (B,).
    mask
        Which actions are possible, (B, n, A); some must be for each agent.
    """

    observed: Array
    world: Array
    mask: Array


class Moved(NamedTuple):
    """The outcome of a step in B episodes, all of shape (B,); bonus as in :mod:`evenhand.fair_gne.shaping`."""

    reward: Array
    bonus: Array
    success: Array
    done: Array


@dataclass(frozen=True, eq=False)
class Team:
    """An environment with a constraint and a shaped reward.

    Attributes
    ----------
    env
        The environment.
    constraint
        The constraint on the workloads.
    shaper
        Computes the bonus of a step, which is multiplied by the multiplier and added to the reward.
    cap
        Upper limit on the multiplier.
    priced
        Function of one episode's state whose values before and after a step the shaper is given; default the workload.
    """

    env: Environment[Any]
    constraint: Constraint
    shaper: RewardShaper
    cap: float
    priced: Callable[[Any], Array] | None = None

    @property
    def prices_constraint(self) -> bool:
        """Whether the multiplier prices the constraint rather than some other penalty."""
        return self.constraint in (getattr(self.shaper, "priced", None), getattr(self.shaper, "constraint", None))

    def reset(self, key: Array, episodes: int) -> Any:
        """Return the initial states of a number of episodes, mapped over the first axis."""
        return jax.vmap(self.env.reset)(jax.random.split(key, episodes))

    def workload(self, states: Any) -> Array:
        """Return the workloads so far, (B, n)."""
        return jax.vmap(self.env.workload)(states)

    def present(self, states: Any) -> Array | None:
        """Return which agents are present, (B, n); None if all are in every episode."""
        present = getattr(self.env, "present", None)
        return None if present is None else jax.vmap(present)(states)

    def index(self, states: Any) -> Array:
        """Return the fairness index so far among the agents present, (B,)."""
        return self.constraint.index(self.workload(states), self.present(states))

    def view(self, states: Any, multiplier: Array) -> View:
        """Return the networks' inputs for states under multipliers (B,)."""
        forces = conditioning.features(multiplier, self.cap)
        work = work_features(self.constraint, self.workload(states), self.present(states))
        added = jnp.concatenate([work, forces], axis=-1)
        observed = jax.vmap(self.env.observe)(states)
        # What a disturbed environment shows has the work in it already, as late and as noisy as the rest.
        shown = forces if getattr(self.env, "observes_work", False) else added
        everybody = jnp.broadcast_to(shown[:, None, :], (*observed.shape[:2], shown.shape[-1]))
        return View(
            agents=jnp.concatenate([observed, everybody], axis=-1),
            world=jnp.concatenate([jax.vmap(self.env.global_state)(states), added], axis=-1),
            mask=jax.vmap(self.env.mask)(states),
        )

    def sound(self, view: View) -> Sound:
        """Return whether the environment's own part of a view is valid, without the features that the team adds."""
        observed = view.agents[..., : self.env.observation_size]
        world = view.world[..., : self.env.state_size]
        return Sound(jnp.isfinite(observed).all(axis=-1), jnp.isfinite(world).all(axis=-1), view.mask)

    def step(self, key: Array, states: Any, actions: Array, last: Array | bool = False) -> tuple[Any, Moved]:
        """Advance all episodes by one step with actions (B, n); finished episodes are not replaced.

        An episode ends where the environment says so or where this is its `last` step by the horizon, (B,).
        """
        keys = jax.random.split(key, actions.shape[0])
        after, outcome = jax.vmap(self.env.step)(keys, states, actions)
        priced = jax.vmap(self.env.workload if self.priced is None else self.priced)
        present = self.present(states)
        who = {} if present is None else {"present": present}
        done = outcome.success | outcome.truncated | last
        bonus = self.shaper.bonus(priced(states), priced(after), **who, **end_for(self.shaper, done))
        return after, Moved(outcome.reward, bonus, outcome.success, done)


def choose(which: Array, one: Any, other: Any) -> Any:
    """Return `one` in the episodes where `which` (B,) holds, else `other`; both are pytrees of arrays (B, ...)."""

    def pick(a: Array, b: Array) -> Array:
        return jnp.where(which.reshape(which.shape + (1,) * (a.ndim - 1)), a, b)

    return jax.tree.map(pick, one, other)
