"""Adapt JaxMARL environments to the learners: dictionaries by agent become arrays, and the work is counted.

JaxMARL itself need not be installed: any object with its interface can be adapted (``agents``, ``reset``, ``step_env``,
``action_space``, and ``get_avail_actions`` if some actions can be impossible).

Rutherford et al., JaxMARL: multi-agent RL environments and algorithms in JAX, NeurIPS 2024.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from evenhand.errors import InputError
from evenhand.fair_gne.array_libraries import brief
from evenhand.learning.allowed_ranges import COUNT, check
from evenhand.learning.check_environment import traced
from evenhand.learning.environment import Outcome

METHODS = ("reset", "step_env", "action_space")
MASK = "mask (get_avail_actions)"


class Adapted(NamedTuple):
    """The state of an episode.

    Attributes
    ----------
    inner
        The state of the JaxMARL environment.
    observations
        Shape (n, O): flattened observations of the agents, padded with zeros to the same length.
    time
        Scalar: number of steps so far.
    work
        Shape (n,): work of each agent so far.
    score
        Scalar: sum over the steps so far of the mean of the agents' rewards.
    """

    inner: Any
    observations: Array
    time: Array
    work: Array
    score: Array


class FromJaxMARL:
    """A JaxMARL environment as an environment for the learners (:class:`evenhand.learning.environment.Environment`).

    An agent observes its identity, its flattened JaxMARL observation, and the fraction of time left. The global state
    is all agents' observations, and the fraction of time left.

    Parameters
    ----------
    env
        The JaxMARL environment.
    workload
        ``workload(before, actions, after)``: the work (n,), at least 0, that each agent has done in a step, given the
        JaxMARL states before and after it and the actions (n,).
    success
        ``success(state)``: whether the task is done, which ends the episode, given the state as an :class:`Adapted`.
    reward
        ``reward(rewards, infos)``: the team's reward, given these two results of JaxMARL's step. Default the mean over
        the agents; other entries, such as ``__all__``, are ignored.
    horizon
        Largest number of steps; default the environment's ``max_steps``.

    Raises
    ------
    InputError
        If `env` lacks JaxMARL's interface; if it has no ``max_steps`` and no horizon is given; and, when it is traced,
        if an agent is missing from a dictionary, if its reward is not a number, its observation not an array or its
        mask not one entry per action, or if `workload` does not return one number per agent.
    """

    def __init__(
        self,
        env: Any,
        workload: Callable[[Any, Array, Any], Array],
        success: Callable[[Adapted], Array],
        reward: Callable[[dict[str, Array], Any], Array] | None = None,
        horizon: int | None = None,
    ) -> None:
        self.env, self._work, self._success, self._reward = env, workload, success, reward
        name = _checked_name(env)
        steps = getattr(env, "max_steps", None) if horizon is None else horizon
        if steps is None:
            raise InputError(f"{name} has no max_steps; give a horizon")
        self.horizon = check("horizon" if horizon is not None else f"{name}.max_steps", steps, COUNT)
        self.n_agents = len(env.agents)
        self.agent_names = tuple(map(str, env.agents))
        self.choices = [_choices(env, agent) for agent in env.agents]
        self.n_actions = max(self.choices)
        begun = traced(f"{name}.reset", env.reset, jax.random.key(0))
        if not isinstance(begun, tuple) or len(begun) != 2:
            raise InputError(f"{name}.reset must return two things: observations by agent, and the state")
        observations, inner = begun
        self._width = max(math.prod(jnp.shape(seen)) for seen in self._of_each("observation", observations))
        self.observation_size = self._width + self.n_agents + 1
        self.state_size = self.n_agents * self._width + 1
        self._masked = _has_mask(env, inner)
        if self._masked:
            self._check_mask()

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
        numbers = self._of_each("reward", rewards, [1] * self.n_agents)
        paid = jnp.stack([jnp.asarray(number, jnp.float32).reshape(()) for number in numbers]).mean()
        reward = paid if self._reward is None else jnp.asarray(self._reward(rewards, infos), jnp.float32)
        if not isinstance(dones, Mapping) or np.shape(dones.get("__all__", [0])) != ():
            raise InputError(f"step_env must return dones with one truth value for '__all__'; they are {brief(dones)}")
        after = Adapted(
            inner=jax.tree.map(_typed, inner, state.inner),
            observations=self._flat(observations),
            time=state.time + 1,
            work=state.work + self._worked(state.inner, actions, inner),
            score=state.score + paid,
        )
        success = jnp.asarray(self._success(after), bool)
        truncated = ~success & (jnp.asarray(dones["__all__"], bool) | (after.time >= self.horizon))
        return after, Outcome(reward, success, truncated)

    def observe(self, state: Adapted) -> Array:
        """Return the agents' observations, (n, D)."""
        left = jnp.full((self.n_agents, 1), 1.0) * self._left(state)
        return jnp.concatenate([jnp.eye(self.n_agents), state.observations, left], axis=1)

    def global_state(self, state: Adapted) -> Array:
        """Return the global state, (G,)."""
        return jnp.append(state.observations.reshape(-1), self._left(state))

    def mask(self, state: Adapted) -> Array:
        """Return which actions are possible, (n, A)."""
        exists = jnp.arange(self.n_actions) < jnp.array(self.choices)[:, None]
        if not self._masked:
            return exists
        available = self.env.get_avail_actions(state.inner)
        rows = [jnp.asarray(row, bool).reshape(-1) for row in self._of_each(MASK, available, self.choices)]
        return exists & jnp.stack([jnp.pad(row, (0, self.n_actions - row.size)) for row in rows])

    def workload(self, state: Adapted) -> Array:
        """Return the work of each agent so far, (n,)."""
        return state.work

    def _worked(self, before: Any, actions: Array, after: Any) -> Array:
        work = self._work(before, actions, after)
        is_number = isinstance(work, jax.Array | np.ndarray | np.generic | float | int)
        kind = f"the shape {jnp.shape(work)}" if is_number else type(work).__name__
        if kind != f"the shape {(self.n_agents,)}":
            raise InputError(
                f"workload(before, actions, after) returns {kind}; it must return ({self.n_agents},), what each agent "
                f"has done in the step, in the order {', '.join(map(str, self.env.agents))}"
            )
        return jnp.asarray(work, jnp.float32)

    def _of_each(self, what: str, values: Any, sizes: Sequence[int] | None = None) -> list[Any]:
        """Return the arrays of a dictionary in the order of the agents.

        Raises
        ------
        InputError
            If an agent has no array or, where `sizes` are given, one of another size.
        """
        if not isinstance(values, Mapping):
            raise InputError(f"the environment gives the {what} as {type(values).__name__}; it must be by agent")
        found = []
        for place, agent in enumerate(self.env.agents):
            value = values.get(agent)
            if not isinstance(value, jax.Array | jax.ShapeDtypeStruct | np.ndarray | np.generic | float | int):
                kind = f"is of the type {type(value).__name__}" if agent in values else "is missing"
                raise InputError(f"the {what} of agent {agent!r} {kind}; it must be an array")
            if sizes is not None and math.prod(jnp.shape(value)) != sizes[place]:
                raise InputError(
                    f"the {what} of agent {agent!r} has the shape {jnp.shape(value)}; it must have ({sizes[place]},)"
                )
            found.append(value)
        return found

    def _check_mask(self) -> None:
        """Check that masks hold truth values; of logits, for instance, every non-zero one would count as possible."""
        _, inner = jax.jit(self.env.reset)(jax.random.key(0))
        masks = self._of_each(MASK, self.env.get_avail_actions(inner))
        for agent, row in zip(self.env.agents, map(np.asarray, masks), strict=True):
            if not np.isin(row, (0, 1)).all():
                raise InputError(
                    f"the {MASK} of agent {agent!r} is {brief(row.tolist())}; it must be 1 or true where an action is "
                    "possible, else 0 or false"
                )

    def _left(self, state: Adapted) -> Array:
        return 1.0 - state.time / self.horizon

    def _flat(self, observations: dict[str, Array]) -> Array:
        rows = [jnp.asarray(row, jnp.float32).reshape(-1) for row in self._of_each("observation", observations)]
        return jnp.stack([jnp.pad(row, (0, self._width - row.size)) for row in rows])


def _typed(new: Array, old: Array) -> Array:
    """Return `new` with the type of `old`, because the state in a compiled loop must not change its types."""
    return jnp.asarray(new, old.dtype)


def _checked_name(env: Any) -> str:
    """Return the name of the environment's class, or raise an InputError if it lacks JaxMARL's interface."""
    what = env.__name__ if isinstance(env, type) else type(env).__name__
    if isinstance(env, type):
        raise InputError(f"{what} is a class; FromJaxMARL adapts an environment: {what}(...)")
    missing = [method for method in METHODS if not callable(getattr(env, method, None))]
    if missing or not len(getattr(env, "agents", ())):
        raise InputError(
            f"{what} has no {missing[0] if missing else 'agents'}; FromJaxMARL adapts what has JaxMARL's interface: "
            f"agents, {', '.join(METHODS)}"
        )
    return what


def _choices(env: Any, agent: Any) -> int:
    """Return the number of the agent's actions, or raise an InputError if they are not discrete."""
    space = env.action_space(agent)
    number = COUNT.take(np.asarray(space.n).item() if np.shape(getattr(space, "n", [0])) == () else None)
    if number is None:
        raise InputError(f"agent {agent!r} has the actions {brief(space)}; the learners need discrete ones, 1 or more")
    return int(number)


def _has_mask(env: Any, state: Any) -> bool:
    try:
        jax.eval_shape(env.get_avail_actions, state)
    except (AttributeError, NotImplementedError):
        return False
    return True
