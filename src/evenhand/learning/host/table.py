"""The arrays through which a learner and its environments on the host talk; worker processes share their memory."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.learning.host.survey import Facts


class Table(NamedTuple):
    """The arrays of B environments of n agents.

    Attributes
    ----------
    seed, age, past
        Shape (B,), (B,) and (B, horizon, n): seed of each episode, number of its steps so far, and the actions in them,
        which together determine its state. The learner writes them.
    actions, next_seed, active
        Shape (B, n), (B,) and (B,): what the agents do in the next step, seed of the episode that follows if it ends
        this one (below 0: none follows), and whether there is a next step. The learner writes them.
    seen, world, mask, work
        Shape (B, n, O), (B, G), (B, n, A) and (B, n): what is seen in the state, and the workloads.
    reward, done, success, worked
        Shape (B,) each and (B, n): the outcome of the last step, and the workloads after it.
    """

    seed: NDArray[np.int32]
    age: NDArray[np.int32]
    past: NDArray[np.int32]
    actions: NDArray[np.int32]
    next_seed: NDArray[np.int32]
    active: NDArray[np.bool_]
    seen: NDArray[np.float32]
    world: NDArray[np.float32]
    mask: NDArray[np.bool_]
    work: NDArray[np.float32]
    reward: NDArray[np.float32]
    done: NDArray[np.bool_]
    success: NDArray[np.bool_]
    worked: NDArray[np.float32]

    def part(self, which: slice) -> Table:
        """Return the arrays of some of the environments."""
        parts: list[Any] = [array[which] for array in self]
        return Table(*parts)


def _layout(facts: Facts, environments: int) -> list[tuple[tuple[int, ...], Any]]:
    b, n, actions = environments, len(facts.agents), max(facts.choices)
    whole, real, truth = np.int32, np.float32, np.bool_
    return [
        ((b,), whole),
        ((b,), whole),
        ((b, facts.horizon, n), whole),
        ((b, n), whole),
        ((b,), whole),
        ((b,), truth),
        ((b, n, facts.width), real),
        ((b, facts.world_size), real),
        ((b, n, actions), truth),
        ((b, n), real),
        ((b,), real),
        ((b,), truth),
        ((b,), truth),
        ((b, n), real),
    ]


def table_bytes(facts: Facts, environments: int) -> int:
    """Return the number of bytes that a table takes."""
    return sum(_rounded(shape, kind) for shape, kind in _layout(facts, environments))


def table_in(memory: Any, facts: Facts, environments: int) -> Table:
    """Return a table in a buffer of at least :func:`table_bytes`."""
    arrays: list[Any] = []
    offset = 0
    for shape, kind in _layout(facts, environments):
        arrays.append(np.ndarray(shape, kind, memory, offset))
        offset += _rounded(shape, kind)
    return Table(*arrays)


def _rounded(shape: tuple[int, ...], kind: Any) -> int:
    """Return the size of an array, rounded up to a line of the processor's cache."""
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(kind).itemsize
    return -(-size // 64) * 64
