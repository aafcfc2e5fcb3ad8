"""Small dense linear systems, solved in place: those of the dual simplex method and of Newton's method.

They have at most n + 1 unknowns, for n agents.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry, inner


@inner
def solve_in_place(matrix: NDArray[np.float64], right: NDArray[np.float64], size: int, singular: float) -> bool:
    """Solve ``matrix[:size, :size] @ x = right[:size]`` by elimination with partial pivoting; x overwrites `right`.

    Returns False if a pivot is not above `singular` times the largest entry of the matrix. `matrix` is overwritten in
    any case, and after a failure `right` holds no solution.
    """
    largest = 0.0
    for i in range(size):
        for j in range(size):
            largest = max(largest, abs(matrix[i, j]))
    for k in range(size):
        # The largest entry of the column becomes the pivot, so that no factor exceeds 1 and rounding does not grow.
        pivot = k
        for i in range(k + 1, size):
            if abs(matrix[i, k]) > abs(matrix[pivot, k]):
                pivot = i
        if not abs(matrix[pivot, k]) > singular * largest:
            return False
        if pivot != k:
            for j in range(k, size):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            right[k], right[pivot] = right[pivot], right[k]
        for i in range(k + 1, size):
            factor = matrix[i, k] / matrix[k, k]
            if factor != 0.0:
                for j in range(k + 1, size):
                    matrix[i, j] -= factor * matrix[k, j]
                right[i] -= factor * right[k]
    for k in range(size - 1, -1, -1):
        total = right[k]
        for j in range(k + 1, size):
            total -= matrix[k, j] * right[j]
        right[k] = total / matrix[k, k]
    return True


@entry
def solve_positive(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
    """Solve ``matrix @ x = right`` for a symmetric positive definite matrix, shape (n, n); x overwrites `right`, (n,).

    Returns False, with `right` as it was, if a pivot is not positive. The part of `matrix` below its diagonal is not
    read, and the other is overwritten. On one thread, a system of hundreds of unknowns takes a millisecond: threads of
    a library would wait for each other longer than that where the machine has other work.
    """
    n = right.shape[0]
    for k in range(n):
        if not matrix[k, k] > 0.0:
            return False
        row = matrix[k]
        for i in range(k + 1, n):
            factor, below = row[i] / row[k], matrix[i]
            if factor != 0.0:
                for j in range(i, n):
                    below[j] -= factor * row[j]
    for k in range(n):
        share = right[k] / matrix[k, k]
        for j in range(k + 1, n):
            right[j] -= share * matrix[k, j]
    for k in range(n - 1, -1, -1):
        total = right[k]
        for j in range(k + 1, n):
            total -= matrix[k, j] * right[j]
        right[k] = total / matrix[k, k]
    return True
