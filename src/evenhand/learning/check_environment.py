"""Check a custom environment: shapes and types by tracing its methods, then values in a few random steps."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.errors import InputError
from evenhand.learning.environment import Environment
from evenhand.learning.signals import Signals, first_fault, in_words
from evenhand.learning.team import Sound, choose
from evenhand.number_checks import checked_whole

SIZES = {"n_agents": 2, "n_actions": 1, "observation_size": 1, "state_size": 1, "horizon": 1}
"""Integer attributes of an environment, each with its smallest allowed value."""
METHODS = ("reset", "step", "observe", "global_state", "mask", "workload")
OUTCOME = ("reward", "success", "truncated")
STEPS, EPISODES = 64, 8
"""Number of random steps whose values are checked, in each of a number of parallel episodes."""
KINDS = {"float32": jnp.float32, "boolean": jnp.bool_}


def check(env: Environment[Any]) -> None:
    """Raise an error if an environment breaks the protocol :class:`~evenhand.learning.environment.Environment`.

    Raises
    ------
    InputError
        If it does; the message names the method, what it returns and what it should return and, for an invalid value,
        the agent and the step.
    """
    name = type(env).__name__
    missing = [method for method in METHODS if not callable(getattr(env, method, None))]
    if missing:
        raise InputError(
            f"{name} has no method {missing[0]!r}; an environment for the learners has {', '.join(METHODS)}, all of "
            "them functions that JAX can compile (docs/how-to/own-environment.md; evenhand.learning.jaxmarl adapts "
            "JaxMARL's); for a PettingZoo environment give a function that makes it, env=lambda: my_env()"
        )
    for attribute, least in SIZES.items():
        checked_whole(f"{name}.{attribute}", getattr(env, attribute, None), least)
    n = env.n_agents
    key = jax.eval_shape(lambda: jax.random.key(0))
    state = traced(f"{name}.reset", env.reset, key)
    stepped = traced(f"{name}.step", env.step, key, state, jnp.zeros(n, jnp.int32))
    if not isinstance(stepped, tuple) or len(stepped) != 2 or not all(hasattr(stepped[1], part) for part in OUTCOME):
        raise InputError(f"{name}.step must return two things: the state, and an Outcome with {', '.join(OUTCOME)}")
    after, outcome = stepped
    _same(name, state, after)
    _is(f"{name}.step's reward", outcome.reward, (), "float32")
    _is(f"{name}.step's success", outcome.success, (), "boolean")
    _is(f"{name}.step's truncated", outcome.truncated, (), "boolean")
    _is(f"{name}.observe", traced(f"{name}.observe", env.observe, state), (n, env.observation_size), "float32")
    _is(f"{name}.global_state", traced(f"{name}.global_state", env.global_state, state), (env.state_size,), "float32")
    _is(f"{name}.mask", traced(f"{name}.mask", env.mask, state), (n, env.n_actions), "boolean")
    _is(f"{name}.workload", traced(f"{name}.workload", env.workload, state), (n,), "float32")
    fault = jax.device_get(jax.jit(lambda key: first_fault(random_steps(env, key)))(jax.random.key(0)))
    if fault.place >= 0:
        raise InputError(f"{name}: {in_words(fault, (STEPS, EPISODES, n))}")


def random_steps(env: Environment[Any], key: Array) -> Signals:
    """Return the environment's signals in a few episodes of random actions, restarting those that end."""

    def one(carry: tuple[Any, Array], key: Array) -> tuple[tuple[Any, Array], Signals]:
        states, age = carry
        for_action, for_step, for_reset = jax.random.split(key, 3)
        mask = jax.vmap(env.mask)(states)
        actions = jax.random.categorical(for_action, jnp.where(mask, 0.0, -jnp.inf)).astype(jnp.int32)
        after, outcome = jax.vmap(env.step)(jax.random.split(for_step, EPISODES), states, actions)
        sound = Sound(
            observed=jnp.isfinite(jax.vmap(env.observe)(states)).all(axis=-1),
            world=jnp.isfinite(jax.vmap(env.global_state)(states)).all(axis=-1),
            mask=mask,
        )
        signals = Signals(
            sound=sound,
            reward=outcome.reward,
            before=jax.vmap(env.workload)(states),
            after=jax.vmap(env.workload)(after),
            age=age + 1,
        )
        over = outcome.success | outcome.truncated | (age + 1 >= env.horizon)
        fresh = jax.vmap(env.reset)(jax.random.split(for_reset, EPISODES))
        return choose(over, (fresh, jnp.zeros_like(age)), (after, age + 1)), signals

    for_reset, for_steps = jax.random.split(key)
    begun = jax.vmap(env.reset)(jax.random.split(for_reset, EPISODES))
    first = (begun, jnp.zeros(EPISODES, jnp.int32))
    return jax.lax.scan(one, first, jax.random.split(for_steps, STEPS))[1]


def traced(what: str, function: Any, *given: Any) -> Any:
    """Return the shapes and types of a function's results, without running it.

    Raises
    ------
    InputError
        If JAX cannot trace the function; the message names it and quotes the first line of JAX's error.
    """
    try:
        return jax.eval_shape(function, *given)
    except InputError:
        raise
    except Exception as error:
        said = next(iter(str(error).splitlines()), "")
        cut = said if len(said) <= 200 else f"{said[:197]}..."
        raise InputError(f"{what} cannot be traced by JAX: {type(error).__name__}: {cut}") from error


def _is(what: str, value: Any, shape: tuple[int, ...], kind: str) -> None:
    if not isinstance(value, jax.ShapeDtypeStruct):
        raise InputError(f"{what} is of the type {type(value).__name__}; it must be an array {shape} {kind}")
    if value.shape != shape or value.dtype != KINDS[kind]:
        raise InputError(f"{what} is {_shown(value)}; it must be {shape} {kind}")


def _same(name: str, before: Any, after: Any) -> None:
    """Check that a step keeps structure, shapes and types of the state, as a compiled loop requires."""
    old, new = str(jax.tree.structure(before)), str(jax.tree.structure(after))
    if old != new:
        raise InputError(f"{name}.step returns a state of the form {new}; reset returns {old}")
    paths = jax.tree_util.tree_leaves_with_path(before)
    for (path, one), other in zip(paths, jax.tree.leaves(after), strict=True):
        if (one.shape, one.dtype) != (other.shape, other.dtype):
            part = jax.tree_util.keystr(path)
            raise InputError(
                f"{name}.step turns state{part} from {_shown(one)} into {_shown(other)}; it must keep shape and type"
            )


def _shown(value: Any) -> str:
    return f"{value.shape} {value.dtype}"
