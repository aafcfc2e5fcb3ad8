"""Linear rows that are equivalent to a member: modelling libraries add them instead of cuts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array


def _none() -> NDArray[np.intp]:
    return np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows ``loads @ x + auxiliaries @ t >= 0`` over loads x (n,) and auxiliary variables t >= 0 (q,).

    Attributes
    ----------
    loads
        Coefficients of the loads, shape (r, n).
    auxiliaries
        q, the number of auxiliary variables.
    row, column, value
        Positions and values of the coefficients of the auxiliary variables, shape (k,) each. They are sparse: the Gini
        index has a variable for each pair of agents, and it appears in two rows only.
    """

    loads: Array
    auxiliaries: int = 0
    row: NDArray[np.intp] = field(default_factory=_none)
    column: NDArray[np.intp] = field(default_factory=_none)
    value: Array = field(default_factory=lambda: np.empty(0))


def caps(shares: Array, bound: float) -> Array:
    """Return the coefficients of ``bound * mean - u_i`` for each agent i, shape (n, n)."""
    n = len(shares)
    return bound / n - np.diag(1.0 / (n * shares))
