"""What the agents of a team remember that was trained under disturbances: running means, and their own last actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .reading import Floats


class Memory:
    """The memory of the agents in B episodes.

    Parameters
    ----------
    description
        The team's description. Under ``remembers`` it has ``means``, the numbers k of observations in the running
        means, and ``actions``, the number of own last actions.
    """

    def __init__(self, description: Mapping[str, Any]) -> None:
        rule = description["remembers"]
        self._over = np.array(rule["means"], np.float32)
        self._last: int = rule["actions"]
        self._n_actions: int = description["n_actions"]
        self._means = np.zeros((0, 0, 0, 0), np.float32)
        self._actions = np.zeros((0, 0, 0), np.int64)

    def see(self, sight: Floats, time: NDArray[np.int64], age: NDArray[np.int64]) -> Floats:
        """Return what is remembered with a new sight, (B, n, M).

        Parameters
        ----------
        sight
            Shape (B, n, F): observations, shares of the work and index.
        time
            Shape (B,): number of steps so far; 0 begins an episode, of which nothing is remembered yet.
        age
            Shape (B,): how many steps old the observations are.
        """
        episodes, agents, _ = sight.shape
        parts: list[Floats] = []
        if self._over.size:
            if self._means.shape[1:] != sight.shape:
                self._means = np.zeros((len(self._over), *sight.shape), np.float32)
            # The mean of all observations at first, later an exponential average with the variance of a mean of k.
            weight = np.maximum(1.0 / (time + 1.0), 2.0 / (self._over[:, None] + 1.0))[..., None, None]
            self._means = (self._means + weight * (sight - self._means)).astype(np.float32)
            parts.extend(self._means)
        if self._last:
            if self._actions.shape != (self._last, episodes, agents):
                self._actions = np.full((self._last, episodes, agents), -1)
            self._actions[:, time == 0] = -1
            own = _one_hot(self._actions, self._n_actions).transpose(1, 2, 0, 3).reshape(episodes, agents, -1)
            old = _one_hot(np.minimum(age, self._last), self._last + 1)
            parts.extend([own, np.broadcast_to(old[:, None], (episodes, agents, self._last + 1))])
        return np.concatenate(parts, axis=-1) if parts else np.zeros((episodes, agents, 0), np.float32)

    def did(self, actions: NDArray[Any]) -> None:
        """Remember actions (B, n)."""
        if self._last:
            self._actions = np.concatenate([actions[None], self._actions[:-1]])


def _one_hot(numbers: NDArray[Any], size: int) -> Floats:
    """Return numbers as rows (..., size) of zeros and a one; -1 as zeros."""
    return np.asarray(numbers[..., None] == np.arange(size), np.float32)
