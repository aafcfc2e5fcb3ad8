"""A random generator for compiled loops: one word of state, a nanosecond a draw.

References
----------
Marsaglia, Xorshift RNGs, Journal of Statistical Software 8, 2003.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import inner


@inner
def draw(state: NDArray[np.uint64], below: int) -> int:
    """Return a random integer in [0, below), with below at most 2^32, and advance `state`, shape (1,), never 0."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    # numba reads int() of an unsigned number as unsigned; mixed with signed ones it would turn into a float.
    return np.int64(((x >> np.uint64(32)) * np.uint64(below)) >> np.uint64(32))  # type: ignore[return-value]


@inner
def draw_unit(state: NDArray[np.uint64]) -> float:
    """Return a random number in (0, 1), never 0, so that its logarithm is finite."""
    return (draw(state, 1 << 31) + 0.5) / (1 << 31)


def generator_state(seed: int | Sequence[int] | np.random.Generator) -> NDArray[np.uint64]:
    """Return a state for `seed`, numbers of at least 0, or a generator, which advances.

    Neighbouring seeds give unrelated sequences.
    """
    return np.random.default_rng(seed).integers(1, 2**63, size=1, dtype=np.uint64)
