"""Deterministic games in layers, one for each step of time, which are enumerated only as far as they are needed.

An agent that alone may change its policy faces a Markov decision problem: the others' policies are part of how the
state moves on. In a deterministic game with deterministic policies, it is a graph. Layer t contains all states that
this agent can bring about in t steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.outcome import Outcome, Scale


@dataclass(frozen=True)
class Layer:
    """The S states of one layer, and how the layer before leads to them.

    Attributes
    ----------
    ended
        Shape (S,): whether the episode has ended in a state, by success or at the horizon.
    returns
        Shape (S,): return of an episode that ends here; read where `ended` only.
    index
        Shape (S,): index of an episode that ends here; read where `ended` only.
    work
        Shape (S, n): work of each agent so far; it never decreases.
    successor
        Shape (states before, A): the state of this layer to which each action of the agent leads, -1 if the action is
        not allowed. Rows of ended states are not read. None in layer 0.
    present
        Shape (states before,): the agent's action under its present policy. None in layer 0.
    """

    ended: NDArray[np.bool_]
    returns: NDArray[np.float64]
    index: NDArray[np.float64]
    work: NDArray[Any]
    successor: NDArray[np.int32] | None = None
    present: NDArray[Any] | None = None


class LayeredGame(Protocol):
    """A deterministic game with one common reward and random starts.

    Attributes
    ----------
    num_agents
        Number n of agents.
    start
        Shape (states of layer 0,): probability of each start.
    scale
        Price of a step and range of the returns, or None.
    """

    num_agents: int
    start: NDArray[np.float64]
    scale: Scale | None

    def play(self, profile: Any) -> Outcome:
        """Return the outcome of a profile of policies, exact over all starts."""

    def layers(self, profile: Any, agent: int) -> Iterator[Layer]:
        """Yield the layers of one agent's decision problem, all starts first, while the others follow `profile`.

        The last layer is one in which the episode has ended in every state.
        """
