"""The dual controller inside the training loop: its first state, the multipliers it gives, the episodes it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from evenhand.fair_gne import worked
from evenhand.learning.rollout import Played, Starts

if TYPE_CHECKING:
    from jax import Array

    from evenhand.fair_gne import Constraint
    from evenhand.fair_gne.dual import DualController, DualState

CONTROLLED = 0.2
"""Share of the episodes under the controller's multiplier where others are drawn, too: more would teach little else."""


def first_dual(controller: DualController) -> DualState:
    """Return the controller's state before the first episode."""
    return jax.tree.map(_as_array, controller.init())


def starts_under(dual: DualState, success: Array, conditioned: bool) -> Starts:
    """Return how new episodes begin, given the controller's state and the moving success rate."""
    reach = jnp.clip((success - 0.5) / 0.4, 0.0, 1.0)
    return Starts(dual.multiplier, jnp.asarray(CONTROLLED if conditioned else 1.0), reach)


def update_dual(
    controller: DualController, constraint: Constraint, dual: DualState, played: Played, success: Array
) -> DualState:
    """Let the controller see a rollout step by step, so that its cadence may be shorter than a rollout.

    It sees the episodes under its multiplier that end at a step; with the form ``step`` all that are under way. The
    moving success rate tells when its warm-up is over: the few episodes of one step would end it by chance.
    """
    # A vector in which nobody has worked has no weight in the violation, so none in the count either.
    under_way = worked(played.workload) if constraint.form == "step" else played.done
    counted = played.controlled & under_way

    def see(dual: DualState, step: tuple[Array, Array]) -> tuple[DualState, None]:
        workload, weights = step
        violation = constraint.violation(workload, weights=weights)
        return jax.tree.map(_as_array, controller.update(dual, violation, success, weights.sum())), None

    seen, _ = jax.lax.scan(see, dual, (played.workload, counted.astype(jnp.float32)))
    return seen


def _as_array(value: Any) -> Array:
    """Return a number of a controller as JAX holds it: single precision, whatever it came in."""
    value = jnp.asarray(value)
    return value.astype(jnp.float32) if jnp.issubdtype(value.dtype, jnp.floating) else value
