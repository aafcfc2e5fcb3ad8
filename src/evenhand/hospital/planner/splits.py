"""Sets of splits of the work as bit sets: a split says how many units each agent does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.planner.backward_step import WORD

NO_SPLIT = np.iinfo(np.int64).max
"""Sum of squares of an empty set of splits: larger than that of any split."""


@dataclass(frozen=True)
class Splits:
    """The ways to split `units` units of work among n agents, each a bit of a set.

    The split (w_1, ..., w_n) is bit ``w_1 base^(n-2) + ... + w_(n-1)``, base = units + 1; w_n follows from the sum.
    If agent i does u more units, every bit moves up by ``u * step[i]``. No digit overflows, because no w_i exceeds the
    units; so adding units to all splits of a set is one shift of its words.

    With the sum fixed, Jain's index (sum w)^2 / (n sum w^2) decreases with the sum of squares. So sums of squares are
    compared, which are whole numbers.
    """

    units: int
    agents: int

    @property
    def step(self) -> NDArray[np.int64]:
        """Shape (n,): the number of bits by which one more unit of an agent moves a split up."""
        powers = [(self.units + 1) ** (self.agents - 2 - i) for i in range(self.agents - 1)]
        return np.array([*powers, 0], dtype=np.int64)

    @property
    def words(self) -> int:
        """Number of 64-bit words that hold a set."""
        bits = int((self.units + 1) ** (self.agents - 1))
        return -(-bits // WORD)

    def ways_to_stand(self, places: int) -> int:
        """Return the number of ways to distribute the agents over this many places."""
        return int(places**self.agents)

    @cached_property
    def table(self) -> NDArray[np.int64]:
        """Shape (64 * words, n): the split of each bit; -1 for bits without a split."""
        table = np.full((WORD * self.words, self.agents), -1, dtype=np.int64)
        for split in product(range(self.units + 1), repeat=self.agents - 1):
            if sum(split) <= self.units:
                full = np.array([*split, self.units - sum(split)], dtype=np.int64)
                table[int(full @ self.step)] = full
        return table

    def squares(self, sets: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the least sum of squares in each set, NO_SPLIT for empty ones: shape (P, words) to (P,)."""
        least: NDArray[np.int64] = self._squares_held(sets, NO_SPLIT).min(axis=1)
        return least

    def most_squares(self, sets: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the largest sum of squares in each set, 0 for empty ones: shape (P, words) to (P,)."""
        most: NDArray[np.int64] = self._squares_held(sets, 0).max(axis=1)
        return most

    def best(self, row: NDArray[np.uint64]) -> int:
        """Return the bit of the most even split of a set, shape (words,); the lowest bit if several are as even."""
        return int(self._squares_held(row[None], NO_SPLIT)[0].argmin())

    def _squares_held(self, sets: NDArray[np.uint64], otherwise: int) -> NDArray[np.int64]:
        """Return for each set and bit the sum of squares, or `otherwise` if the set does not have the bit."""
        squares = (self.table**2).sum(axis=1)
        octets = np.ascontiguousarray(sets, dtype="<u8").view(np.uint8)
        held = np.unpackbits(octets, axis=1, bitorder="little").astype(bool)
        return np.where(held, squares, otherwise)

    def jain(self, squares: int) -> float:
        """Return Jain's index of splits with this sum of squares."""
        return self.units**2 / (self.agents * squares)


def holds(row: NDArray[np.uint64], bit: int) -> bool:
    """Return whether a set, shape (words,), has a bit."""
    return bit >= 0 and bool(int(row[bit // WORD]) >> (bit % WORD) & 1)
