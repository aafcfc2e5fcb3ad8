"""Small dense linear systems, solved in place. The systems of the dual simplex method have at most n + 1 unknowns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import inner


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
