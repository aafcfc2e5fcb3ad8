"""Gradient descent: the optimiser of all learners, and epochs of minibatches over a rollout."""

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
    """Return an optimiser of clipped gradients whose learning rate falls linearly over this many gradient steps."""
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
    """Descend the gradient of a loss in minibatches, shuffled anew in each epoch.

    Parameters
    ----------
    key
        A JAX random key, for the shuffling.
    loss
        Function of parameters and minibatch that returns a scalar.
    optimiser
        Turns gradients into updates.
    fitted
        Parameters, and the optimiser's state.
    batch
        A pytree of arrays (N, ...); N is a multiple of `num_minibatches`.
    num_epochs, num_minibatches
        Passes over the batch, and minibatches per pass.

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
        return jax.lax.scan(fit, fitted, order.reshape(num_minibatches, -1))

    fitted, losses = jax.lax.scan(one_pass, fitted, jax.random.split(key, num_epochs))
    return fitted, losses.mean()
