"""What changes while training, for the learners that keep nothing to replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from jax import Array

    from evenhand.fair_gne.dual import DualState
    from evenhand.learning.rollout import Players


class Training(NamedTuple):
    """Everything that changes while training.

    Attributes
    ----------
    parameters
        Of the networks.
    optimiser
        The optimiser's state.
    players
        The episodes under way.
    dual
        The controller's state.
    success
        Moving average of the success rate.
    iteration
        Number of iterations done.
    key
        Random key data of the next one.
    """

    parameters: Any
    optimiser: Any
    players: Players
    dual: DualState
    success: Array
    iteration: Array
    key: Array
