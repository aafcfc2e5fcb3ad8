"""Whether an environment keeps the contract: shapes and types, told by tracing it, before anything is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from evenhand.errors import InputError

if TYPE_CHECKING:
    from evenhand.learning.environment import Environment

SIZES = {"n_agents": 2, "n_actions": 1, "observation_size": 1, "state_size": 1, "horizon": 1}
"""Whole numbers that an environment has, each with its least value."""
KINDS = {"float32": jnp.float32, "boolean": jnp.bool_}


def check(env: Environment[Any]) -> None:
    """Refuse an environment that does not do what :class:`~evenhand.learning.environment.Environment` promises.

    Raises
    ------
    InputError
        Naming the method, what it returns and what it should.
    """
    name = type(env).__name__
    for attribute, least in SIZES.items():
        value = getattr(env, attribute, None)
        if not isinstance(value, int) or value < least:
            raise InputError(f"{name}.{attribute} is {value!r}; it must be a whole number from {least}")
    n = env.n_agents
    key = jax.eval_shape(lambda: jax.random.key(0))
    state = jax.eval_shape(env.reset, key)
    after, outcome = jax.eval_shape(env.step, key, state, jnp.zeros(n, jnp.int32))
    _same(name, state, after)
    _is(f"{name}.step's reward", outcome.reward, (), "float32")
    _is(f"{name}.step's success", outcome.success, (), "boolean")
    _is(f"{name}.step's truncated", outcome.truncated, (), "boolean")
    _is(f"{name}.observe", jax.eval_shape(env.observe, state), (n, env.observation_size), "float32")
    _is(f"{name}.global_state", jax.eval_shape(env.global_state, state), (env.state_size,), "float32")
    _is(f"{name}.mask", jax.eval_shape(env.mask, state), (n, env.n_actions), "boolean")
    _is(f"{name}.workload", jax.eval_shape(env.workload, state), (n,), "float32")


def _is(what: str, value: Any, shape: tuple[int, ...], kind: str) -> None:
    if value.shape != shape or value.dtype != KINDS[kind]:
        raise InputError(f"{what} is {_shown(value)}; it must be {shape} {kind}")


def _same(name: str, before: Any, after: Any) -> None:
    """Check that a step keeps the state's form: a compiled loop carries it."""
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
