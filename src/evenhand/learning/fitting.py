"""Gradient descent: the optimiser that all learners use, and passes over a rollout in minibatches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import optax
from jax import Array

from evenhand.learning.settings import LearnerSettings


def falling(
    method: Callable[[optax.Schedule], optax.GradientTransformation], settings: LearnerSettings, fits: int
) -> optax.GradientTransformation:
    """Return an optimiser with clipped gradients and a learning rate that falls linearly.

    Parameters
    ----------
    method
        Optax optimiser as a function of the learning rate, such as :func:`optax.adam`.
    settings
        Initial and final learning rate, and the limit on the gradient's norm.
    fits
        Number of gradient steps over which the learning rate falls.
    """
    rate = optax.linear_schedule(
        settings.learning_rate, settings.learning_rate * settings.final_learning_rate_fraction, fits
    )
    return optax.chain(optax.clip_by_global_norm(settings.max_grad_norm), method(rate))


def fit_in_epochs(
    key: Array,
    loss: Callable[[Any, Any], Array],
    optimiser: optax.GradientTransformation,
    fitted: tuple[Any, Any],
    batch: Any,
    *,
    num_epochs: int,
    num_minibatches: int,
) -> tuple[tuple[Any, Any], Array]:
    """Minimise a loss by gradient steps on minibatches, which are reshuffled for each pass over the batch.

    Parameters
    ----------
    key
        A JAX random key, for the shuffling.
    loss
        Function of parameters and minibatch that returns a scalar.
    optimiser
        An Optax optimiser.
    fitted
        Parameters and state of the optimiser.
    batch
        A pytree of arrays (N, ...); N is a multiple of `num_minibatches`.
    num_epochs, num_minibatches
        Number of passes over the batch, and of minibatches per pass.

    Returns
    -------
    tuple
        The new parameters and state of the optimiser, and the mean loss over all gradient steps.
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
        return jax.lax.scan(fit, fitted, order.reshape(num_minibatches, -1))

    fitted, losses = jax.lax.scan(one_pass, fitted, jax.random.split(key, num_epochs))
    return fitted, losses.mean()
