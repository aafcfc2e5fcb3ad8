"""Append to observations what the shaped reward depends on: the workloads and the multiplier.

A learner that sees neither cannot predict its reward: the shaped reward is then not Markov in the observations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError, MissingExtraError

try:
    from gymnasium import spaces
except ImportError as error:
    raise MissingExtraError("gymnasium", "learn") from error


MASK = "action_mask"
"""The key of a Dict observation whose value says which actions are possible."""
VECTOR = "observation"
"""The key of a Dict observation whose vector is extended; other values, such as an action mask, stay as they are."""


def extended_space(space: spaces.Space[Any], cap: float, agents: int) -> spaces.Space[Any]:
    """Return the space of the observations with `agents` workloads and a multiplier from 0 to `cap` appended.

    Raises
    ------
    InputError
        If the space is neither a vector (a Box of one dimension) nor a Dict that holds one as ``observation``.
    """
    if isinstance(space, spaces.Dict) and VECTOR in space.spaces:
        return spaces.Dict({**space.spaces, VECTOR: extended_space(space[VECTOR], cap, agents)})
    if not isinstance(space, spaces.Box) or len(space.shape) != 1:
        raise InputError(
            f"observe=True appends to vectors, and the observation space is {space}; "
            f"flatten it, or take the workloads from infos"
        )
    dtype = _floating(space.dtype)
    highest = np.concatenate([space.high, np.full(agents, np.inf), [cap]])
    return spaces.Box(
        np.concatenate([space.low, np.zeros(agents + 1)]).astype(dtype), highest.astype(dtype), dtype=dtype
    )


def extended(observation: Any, workloads: NDArray[np.float64], multiplier: float) -> Any:
    """Return `observation` with `workloads`, shape (n,), and the multiplier appended to its vector."""
    if isinstance(observation, dict):
        return {**observation, VECTOR: extended(observation[VECTOR], workloads, multiplier)}
    vector = np.asarray(observation)
    return np.concatenate([vector, workloads, [multiplier]]).astype(_floating(vector.dtype))


def _floating(dtype: Any) -> Any:
    return dtype if np.issubdtype(dtype, np.floating) else np.dtype(np.float32)
