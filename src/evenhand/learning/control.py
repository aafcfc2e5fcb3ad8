"""The dual controller inside the training loop: its initial state, its multipliers and its updates."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from evenhand.fair_gne import Constraint, worked
from evenhand.fair_gne.dual_controllers import DualController, DualState
from evenhand.learning.rollout import Played, Starts

CONTROLLED = 0.2
"""Fraction of a conditioned learner's episodes that are played under the controller's multiplier.

These show how large the violation is; the rest, under random multipliers, teach the policy all other multipliers.
"""


STEPS_BETWEEN = 10_000
"""Largest number of environment steps between two updates of the multiplier.

A cadence in episodes alone would update it the less often, the longer the episodes of a large team are. At 100 episodes
of about 15 steps, of which a fifth is counted, it is the cadence that decides.
"""


def first_dual(controller: DualController) -> DualState:
    """Return the controller's state before the first episode, as JAX arrays."""
    return jax.tree.map(_as_array, controller.init())


def starts_under(dual: DualState, success: Array, conditioned: bool) -> Starts:
    """Return how new episodes choose their multipliers.

    Parameters
    ----------
    dual
        State of the controller.
    success
        Scalar: moving average of the success rate.
    conditioned
        Whether most episodes draw their multipliers at random.
    """
    # Random multipliers are introduced as the team learns its task: none up to a success rate of 0.5, all from 0.9.
    reach = jnp.clip((success - 0.5) / 0.4, 0.0, 1.0)
    return Starts(dual.multiplier, jnp.asarray(CONTROLLED if conditioned else 1.0), reach)


def update_dual(
    controller: DualController,
    constraint: Constraint,
    dual: DualState,
    played: Played,
    success: Array,
    conditioned: bool = False,
) -> DualState:
    """Update the controller with a rollout.

    Dual ascent on the multiplier: it rises while the violation is positive and falls while the constraint holds with
    room to spare. The rollout is passed on step by step, so that the cadence of updates may be shorter than a rollout.

    Parameters
    ----------
    controller, constraint
        The controller and the constraint it enforces.
    dual
        State of the controller.
    played
        The rollout. Only episodes under the controller's multiplier count: those that end at a step or, with the form
        ``step``, all that are under way.
    success
        Scalar: moving average of the success rate, by which the warm-up ends. The few episodes that end in one step
        would end it by chance.
    conditioned
        Whether only a part of the episodes are under the controller's multiplier.
    """
    # The violation ignores vectors in which nobody has worked, so they do not count as episodes either.
    under_way = worked(played.workload, played.present) if constraint.form == "step" else played.done
    weight = _weight(controller.cadence, constraint, played, CONTROLLED if conditioned else 1.0)
    counted = weight * (played.controlled & under_way)

    def see(dual: DualState, step: tuple[Array, Array, Array | None]) -> tuple[DualState, None]:
        workload, weights, present = step
        violation = constraint.violation(workload, weights=weights, present=present)
        return jax.tree.map(_as_array, controller.update(dual, violation, success, weights.sum())), None

    seen, _ = jax.lax.scan(see, dual, (played.workload, counted, played.present))
    return seen


def _weight(cadence: int, constraint: Constraint, played: Played, share: float) -> Array:
    """Return as how many an episode counts, at least 1: the more, the fewer episodes STEPS_BETWEEN steps make up."""
    if constraint.form == "step":
        return jnp.ones(())
    ended = played.done.astype(jnp.float32)
    mean_steps = (ended * played.age).sum() / jnp.maximum(ended.sum(), 1.0)
    return cadence / jnp.clip(jnp.round(share * STEPS_BETWEEN / jnp.maximum(mean_steps, 1.0)), 1.0, cadence)


def _as_array(value: Any) -> Array:
    """Return a number as a JAX array; floats in single precision, so that the state's types never change."""
    value = jnp.asarray(value)
    return value.astype(jnp.float32) if jnp.issubdtype(value.dtype, jnp.floating) else value
