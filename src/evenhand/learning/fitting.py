"""Fit: the optimiser of all learners, and passes over a rollout, each in minibatches of another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import optax

if TYPE_CHECKING:
    from collections.abc import Callable

    from jax import Array

    from evenhand.learning.settings import LearnerSettings


def falling(
    method: Callable[[optax.Schedule], optax.GradientTransformation], settings: LearnerSettings, fits: int
) -> optax.GradientTransformation:
    """Return an optimiser of clipped gradients whose rate falls in a line over so many fits."""
    rate = optax.linear_schedule(settings.learning_rate, settings.learning_rate * settings.final_rate, fits)
    return optax.chain(optax.clip_by_global_norm(settings.gradient_norm), method(rate))


def fit_in_passes(
    key: Array,
    loss: Callable[[Any, Any], Array],
    optimiser: optax.GradientTransformation,
    fitted: tuple[Any, Any],
    batch: Any,
    *,
    passes: int,
    minibatches: int,
) -> tuple[tuple[Any, Any], Array]:
    """Descend the gradient of a loss.

    Parameters
    ----------
    key
        A JAX random key, for the orders.
    loss
        Of parameters and a part of the batch; a scalar.
    optimiser
        Turns gradients into changes.
    fitted
        Parameters, and the optimiser's state.
    batch
        A pytree of arrays (N, ...); N is a multiple of `minibatches`.
    passes, minibatches
        Passes over the batch, and parts of each.

    Returns
    -------
    tuple
        Parameters and optimiser's state afterwards, and the mean loss.
    """
    rows = jax.tree.leaves(batch)[0].shape[0]

    def fit(fitted: tuple[Any, Any], chosen: Array) -> tuple[tuple[Any, Any], Array]:
        parameters, state = fitted
        part = jax.tree.map(lambda whole: whole[chosen], batch)
        value, gradient = jax.value_and_grad(loss)(parameters, part)
        change, state = optimiser.update(gradient, state, parameters)
        return (optax.apply_updates(parameters, change), state), value

    def one_pass(fitted: tuple[Any, Any], key: Array) -> tuple[tuple[Any, Any], Array]:
        order = jax.random.permutation(key, rows)
        return jax.lax.scan(fit, fitted, order.reshape(minibatches, -1))

    fitted, losses = jax.lax.scan(one_pass, fitted, jax.random.split(key, passes))
    return fitted, losses.mean()
