"""What one agent can still decide when the others' policies are fixed: the protocol of decision problems.

An episode's figures are a vector of F features: the returns (one, or one for each agent), the index, the work of each
agent. They are linear in the occupancy of the states, so that a utility and a Lagrangian are both weights on the
features, and one method serves all: maximise first . features and, among the maximisers, second . features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.certificate import Plan
from evenhand.equilibrium.outcome import Outcome

Floats = NDArray[np.float64]

TOLERANCE = 1e-11
"""Difference, relative to the largest return there can be, below which two values count as equal."""


class Response(NamedTuple):
    """A best response: its expected features, its plan, and whether it enters states that were not enumerated."""

    features: Floats
    plan: Plan
    cut: bool


class Decision(Protocol):
    """The decision problem of one agent."""

    @property
    def states(self) -> int:
        """Number of states that are enumerated."""

    @property
    def complete(self) -> bool:
        """Whether all states are enumerated."""

    @property
    def magnitude(self) -> Floats:
        """Largest absolute value of each feature, shape (F,)."""

    def best(self, first: Floats, second: Floats, *, optimistic: bool) -> Response | None:
        """Maximise `first` and, among the maximisers, `second`.

        States that are not enumerated have an upper bound as their value if `optimistic`, and are forbidden otherwise;
        None if nothing else can be reached.
        """

    def deepen(self, most_states: int) -> None:
        """Enumerate half as many states again, but stop above `most_states`."""


@dataclass(frozen=True)
class Columns:
    """The places of the features.

    Attributes
    ----------
    returns
        Number of columns of returns: 1 if all agents have the same, otherwise n.
    work
        Number of columns of work: n, or 0 if it is not measured.
    """

    returns: int
    work: int

    @property
    def number(self) -> int:
        """Number F of features."""
        return self.returns + 1 + self.work

    @property
    def index(self) -> Floats:
        """Weights that select the index."""
        return self._unit(self.returns)

    @property
    def welfare(self) -> Floats:
        """Weights of the sum of the returns."""
        weights = np.zeros(self.number)
        weights[: self.returns] = 1.0
        return weights

    def utility(self, agent: int, own_work: float = 0.0) -> Floats:
        """Weights of one agent's return less `own_work` times its work."""
        weights = self._unit(agent if self.returns > 1 else 0)
        if own_work:
            weights[self.returns + 1 + agent] = -own_work
        return weights

    def outcome(self, features: Floats) -> Outcome:
        """Return features as an outcome."""
        return Outcome(
            features[: self.returns].copy(), float(features[self.returns]), features[self.returns + 1 :].copy()
        )

    def features(self, outcome: Outcome) -> Floats:
        """Return an outcome as features."""
        work = np.asarray(outcome.work, np.float64) if self.work else np.zeros(0)
        return np.concatenate([np.asarray(outcome.returns, np.float64).reshape(-1), [outcome.index], work])

    def _unit(self, place: int) -> Floats:
        weights = np.zeros(self.number)
        weights[place] = 1.0
        return weights
