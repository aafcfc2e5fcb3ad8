"""The compiled loops: sparse products, what remains of a game when the others' policies are fixed, a step back."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry

Floats = NDArray[np.float64]


class Rows(NamedTuple):
    """Sparse rows of probabilities (CSR): row r has ``data[k]`` in column ``indices[k]``, k from ``indptr[r]``."""

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    data: Floats


@entry
def expectations(indptr: NDArray[np.int64], indices: NDArray[np.int32], data: Floats, values: Floats) -> Floats:
    """Return the mean of each column of `values` (S, F) under each row of probabilities, shape (rows, F)."""
    rows, columns = indptr.shape[0] - 1, values.shape[1]
    means = np.zeros((rows, columns))
    for row in range(rows):
        for k in range(indptr[row], indptr[row + 1]):
            for column in range(columns):
                means[row, column] += data[k] * values[indices[k], column]
    return means


@entry
def count_entries(
    indptr: NDArray[np.int64], weights: Floats, group: NDArray[np.int64], groups: int
) -> NDArray[np.int64]:
    """Return the row pointers of :func:`fill_rows`, shape (S groups + 1,)."""
    states, joint = weights.shape
    counts = np.zeros(states * groups + 1, np.int64)
    for state in range(states):
        for action in range(joint):
            if weights[state, action] > 0.0:
                row = state * joint + action
                counts[state * groups + group[action] + 1] += indptr[row + 1] - indptr[row]
    return np.cumsum(counts)


@entry
def fill_rows(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    data: Floats,
    weights: Floats,
    group: NDArray[np.int64],
    merged: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: Floats,
) -> None:
    """Add up the rows (state, joint action), weighted by `weights` (S, J), whose joint action is in the same `group`.

    The sums are written to `columns` and `values` with the row pointers `merged`; a state may occur twice in a row.
    """
    states, joint = weights.shape
    groups = (merged.shape[0] - 1) // states
    at = merged[:-1].copy()
    for state in range(states):
        for action in range(joint):
            weight = weights[state, action]
            if weight > 0.0:
                row, target = state * joint + action, state * groups + group[action]
                for k in range(indptr[row], indptr[row + 1]):
                    columns[at[target]] = indices[k]
                    values[at[target]] = weight * data[k]
                    at[target] += 1


@entry
def step_back(
    successor: NDArray[np.int32],
    present: NDArray[np.int16],
    ended: NDArray[np.bool_],
    next_first: Floats,
    next_second: Floats,
    first: Floats,
    second: Floats,
    action: NDArray[np.int16],
    tie_first: float,
    tie_second: float,
) -> None:
    """Choose the action of each state of a layer that has not ended, from the values of the next layer.

    The largest first value decides; among values within `tie_first` of it, the largest second one; and among equals the
    present action, so that a deviation differs from the present policy only where it matters.
    """
    states, actions = successor.shape
    for state in range(states):
        if ended[state]:
            continue
        best = -np.inf
        for a in range(actions):
            after = successor[state, a]
            if after >= 0 and next_first[after] > best:
                best = next_first[after]
        if best == -np.inf:
            continue
        better, chosen = -np.inf, -1
        for a in range(actions):
            after = successor[state, a]
            if after >= 0 and next_first[after] >= best - tie_first and next_second[after] > better:
                better, chosen = next_second[after], a
        own = present[state]
        after = successor[state, own] if 0 <= own < actions else -1
        if after >= 0 and next_first[after] >= best - tie_first and next_second[after] >= better - tie_second:
            chosen = own
        action[state] = chosen
        first[state] = next_first[successor[state, chosen]]
        second[state] = next_second[successor[state, chosen]]
