"""One step of the backward search, compiled: from the splits within k steps to those within k + 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry

Bits = NDArray[np.uint64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

WORD = 64


@entry
def _or_over_moves(bits: Bits, spare: Bits, size: int, length: int, axis_inner: int, places: tuple) -> None:  # type: ignore[type-arg]
    """Let one free agent move or wait: each place gets the union of the sets of all places it can reach in a step.

    `bits` has `size` rows of words; the agent's axis has `length` places with stride `axis_inner`. The union is
    computed once for each group of places from which the same places can be reached.
    """
    group, first, member = places
    words = bits.shape[1]
    block = length * axis_inner
    for outer in range(size // block):
        for inner in range(axis_inner):
            base = outer * block + inner
            for g in range(len(first) - 1):
                for w in range(words):
                    gathered = np.uint64(0)
                    for m in range(first[g], first[g + 1]):
                        gathered |= bits[base + member[m] * axis_inner, w]
                    spare[g, w] = gathered
            for place in range(length):
                for w in range(words):
                    bits[base + place * axis_inner, w] = spare[group[place], w]


@entry
def _or_shifted(into: Bits, row: int, bits: Bits, source: int, shift: int) -> None:
    """Set in `into[row]` the bits of `bits[source]`, each moved up by `shift`."""
    words = bits.shape[1]
    jump, rest = shift // WORD, np.uint64(shift % WORD)
    back = np.uint64(WORD) - rest
    for w in range(words - 1, jump - 1, -1):
        moved = bits[source, w - jump] << rest
        if rest > 0 and w > jump:
            moved |= bits[source, w - jump - 1] >> back
        into[row, w] |= moved


@entry
def sweep(
    table: Bits,
    fresh: Bits,
    begin: int,
    end: int,
    changed: Flags,
    changing: Flags,
    first: Ints,
    after: NDArray[np.int32],
    at: NDArray[np.int16],
    shift: NDArray[np.int32],
    places: tuple,  # type: ignore[type-arg]
) -> None:
    """Fill the rows of nodes begin..end-1 for k + 1 steps, from the rows for k steps.

    For every turn of a node, the rows of the node that follows are read where the acting agents are at their stations;
    the free agents move or wait; and the units done are added, by a shift, to every split.

    Parameters
    ----------
    table
        Shape (N, P, words): for each node and each of the P = L^n ways to place the agents, the splits within k steps.
    fresh
        Shape (at least end - begin, P, words): output, the splits within k + 1 steps.
    changed, changing
        Shape (N,): whether a node gained splits in the last step and, as output, in this one. A turn into a node that
        gained none is skipped: whatever it could add was added before.
    """
    n = at.shape[1]
    length = len(places[0])
    buffer = np.empty((table.shape[1], table.shape[2]), dtype=np.uint64)
    spare = np.empty((len(places[1]), table.shape[2]), dtype=np.uint64)
    offsets = np.empty(table.shape[1], dtype=np.int64)
    for node in range(begin, end):
        changing[node] = False
        touched = False
        for turn in range(first[node], first[node + 1]):
            touched = touched or changed[after[turn]]
        if not touched:
            continue
        new = fresh[node - begin]
        new[:] = table[node]
        for turn in range(first[node], first[node + 1]):
            if not changed[after[turn]]:
                continue
            # Rows in which the agents that act are at their stations; the others may be at any place.
            size = 1
            offsets[0] = 0
            for agent in range(n):
                if at[turn, agent] >= 0:
                    for j in range(size):
                        offsets[j] = offsets[j] * length + at[turn, agent]
                else:
                    for j in range(size - 1, -1, -1):
                        base = offsets[j] * length
                        for place in range(length):
                            offsets[j * length + place] = base + place
                    size *= length
            found = False
            source = table[after[turn]]
            for j in range(size):
                for w in range(table.shape[2]):
                    buffer[j, w] = source[offsets[j], w]
                    found = found or buffer[j, w] != 0
            if not found:
                continue
            inner = 1
            while inner < size:
                _or_over_moves(buffer, spare, size, length, inner, places)
                inner *= length
            for j in range(size):
                _or_shifted(new, offsets[j], buffer, j, shift[turn])
        for j in range(table.shape[1]):
            for w in range(table.shape[2]):
                changing[node] = changing[node] or new[j, w] != table[node, j, w]
