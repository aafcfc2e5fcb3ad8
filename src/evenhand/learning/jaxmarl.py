"""JaxMARL's environments for the learners: dictionaries of agents become arrays, and the work is counted.

JaxMARL itself is not needed here: whatever has its interface (``agents``, ``reset``, ``step_env``, ``action_space``,
and ``get_avail_actions`` where some actions are impossible) can be adapted.

Rutherford et al., JaxMARL: multi-agent RL environments and algorithms in JAX, NeurIPS 2024.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from evenhand.errors import InputError
from evenhand.learning.environment import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from jax import Array


class Adapted(NamedTuple):
    """An episode.

    Attributes
    ----------
    inner
        JaxMARL's own state.
    observations
        Shape (n, O), of all agents, flat, the shorter ones padded with zeros.
    time
        Steps so far.
    work
        Shape (n,), work so far.
    score
        Sum so far of the rewards that JaxMARL gave, mean over the agents.
    """

    inner: Any
    observations: Array
    time: Array
    work: Array
    score: Array


class FromJaxMARL:
    """A JaxMARL environment as the learners know one (:class:`evenhand.learning.environment.Environment`).

    Observations are JaxMARL's, flat, with the agent's identity and the time left; the global state is all of them.

    Parameters
    ----------
    env
        The environment.
    workload
        ``workload(before, actions, after)``: what each agent has done in a step, (n,), at least 0; of JaxMARL's states
        and the actions (n,).
    success
        ``success(state)``: whether the task is done, which ends the episode; of an :class:`Adapted`.
    reward
        ``reward(rewards, infos)``: the team's reward, of what JaxMARL's step returns; default the agents' mean.
    horizon
        Largest number of steps; default the environment's ``max_steps``.

    Raises
    ------
    InputError
        If the environment has no ``max_steps`` and no horizon is given; while it is traced, if `workload` returns
        anything but one number for each agent.
    """

    def __init__(
        self,
        env: Any,
        workload: Callable[[Any, Array, Any], Array],
        success: Callable[[Adapted], Array],
        reward: Callable[[dict[str, Array], Any], Array] | None = None,
        horizon: int | None = None,
    ) -> None:
        self.env, self._work, self._success = env, workload, success
        self._reward = reward or _mean
        steps = getattr(env, "max_steps", None) if horizon is None else horizon
        if steps is None:
            raise InputError(f"{type(env).__name__} has no max_steps; give a horizon")
        self.horizon = int(steps)
        self.n_agents = len(env.agents)
        self._choices = [int(env.action_space(agent).n) for agent in env.agents]
        self.n_actions = max(self._choices)
        observations, inner = jax.eval_shape(env.reset, jax.random.key(0))
        self._width = max(observations[agent].size for agent in env.agents)
        self.observation_size = self._width + self.n_agents + 1
        self.state_size = self.n_agents * self._width + 1
        self._masked = _has_mask(env, inner)

    def reset(self, key: Array) -> Adapted:
        """Begin an episode."""
        observations, inner = self.env.reset(key)
        inner = jax.tree.map(_typed, inner, inner)
        nobody = jnp.zeros(self.n_agents)
        return Adapted(inner, self._flat(observations), jnp.zeros((), jnp.int32), nobody, jnp.zeros(()))

    def step(self, key: Array, state: Adapted, actions: Array) -> tuple[Adapted, Outcome]:
        """Let all agents act once."""
        chosen = {agent: actions[i] for i, agent in enumerate(self.env.agents)}
        observations, inner, rewards, dones, infos = self.env.step_env(key, state.inner, chosen)
        after = Adapted(
            inner=jax.tree.map(_typed, inner, state.inner),
            observations=self._flat(observations),
            time=state.time + 1,
            work=state.work + self._worked(state.inner, actions, inner),
            score=state.score + _mean({agent: rewards[agent] for agent in self.env.agents}, infos),
        )
        success = jnp.asarray(self._success(after), bool)
        truncated = ~success & (dones["__all__"] | (after.time >= self.horizon))
        return after, Outcome(jnp.asarray(self._reward(rewards, infos), jnp.float32), success, truncated)

    def observe(self, state: Adapted) -> Array:
        """Return what each agent sees, (n, D)."""
        left = jnp.full((self.n_agents, 1), 1.0) * self._left(state)
        return jnp.concatenate([jnp.eye(self.n_agents), state.observations, left], axis=1)

    def global_state(self, state: Adapted) -> Array:
        """Return what all agents see together, (G,)."""
        return jnp.append(state.observations.reshape(-1), self._left(state))

    def mask(self, state: Adapted) -> Array:
        """Return which actions are possible, (n, A)."""
        exists = jnp.arange(self.n_actions) < jnp.array(self._choices)[:, None]
        if not self._masked:
            return exists
        available = self.env.get_avail_actions(state.inner)
        rows = [jnp.asarray(available[agent], bool) for agent in self.env.agents]
        return exists & jnp.stack([jnp.pad(row, (0, self.n_actions - row.size)) for row in rows])

    def workload(self, state: Adapted) -> Array:
        """Return the work of each agent so far, (n,)."""
        return state.work

    def _worked(self, before: Any, actions: Array, after: Any) -> Array:
        work = self._work(before, actions, after)
        is_number = isinstance(work, jax.Array | np.ndarray | np.generic | float | int)
        told = f"the shape {jnp.shape(work)}" if is_number else type(work).__name__
        if told != f"the shape {(self.n_agents,)}":
            raise InputError(
                f"workload(before, actions, after) returns {told}; it must return ({self.n_agents},), what each agent "
                f"has done in the step, in the order {', '.join(map(str, self.env.agents))}"
            )
        return jnp.asarray(work, jnp.float32)

    def _left(self, state: Adapted) -> Array:
        return 1.0 - state.time / self.horizon

    def _flat(self, observations: dict[str, Array]) -> Array:
        rows = [jnp.asarray(observations[agent], jnp.float32).reshape(-1) for agent in self.env.agents]
        return jnp.stack([jnp.pad(row, (0, self._width - row.size)) for row in rows])


def _typed(new: Array, old: Array) -> Array:
    """Return `new` in the type of `old`, which a compiled loop carries from the beginning to the end."""
    return jnp.asarray(new, old.dtype)


def _mean(rewards: dict[str, Array], infos: Any) -> Array:
    del infos
    return jnp.stack([jnp.asarray(reward, jnp.float32) for reward in rewards.values()]).mean()


def _has_mask(env: Any, state: Any) -> bool:
    try:
        jax.eval_shape(env.get_avail_actions, state)
    except (AttributeError, NotImplementedError):
        return False
    return True
