"""The state of training, for the learners without a replay buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from jax import Array

    from evenhand.fair_gne.dual_controllers import DualState
    from evenhand.learning.rollout import Players


class Training(NamedTuple):
    """Everything that changes from one iteration to the next.

    Attributes
    ----------
    parameters
        Parameters of the networks.
    optimiser
        State of the optimiser.
    players
        The episodes under way.
    dual
        State of the controller of the multiplier.
    success
        Scalar: moving average of the success rate.
    iteration
        Scalar: number of iterations done.
    key
        Key data of the random key for the next iteration.
    """

    parameters: Any
    optimiser: Any
    players: Players
    dual: DualState
    success: Array
    iteration: Array
    key: Array
