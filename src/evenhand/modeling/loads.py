"""Loads as affine rows over the columns of a linear model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import require_agents
from evenhand.modeling.libraries import sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AffineRow:
    """One load: ``coefficients @ x[columns] + constant``."""

    columns: NDArray[np.int32]
    coefficients: Array
    constant: float = 0.0

    @classmethod
    def of(cls, columns: Any, coefficients: Any, constant: float = 0.0) -> AffineRow:
        """Return the row with repeated columns added up and zeros left out."""
        names, where = np.unique(np.asarray(columns, dtype=np.int32), return_inverse=True)
        sums = np.bincount(where, np.asarray(coefficients, dtype=np.float64), minlength=len(names))
        kept = sums != 0.0
        return cls(names[kept], sums[kept], float(constant))

    def range(self, lower: Array, upper: Array) -> tuple[float, float]:
        """Return the least and the largest value that bounds of the variables allow."""
        low, high = lower[self.columns], upper[self.columns]
        positive = self.coefficients > 0.0
        least = float((self.coefficients * np.where(positive, low, high)).sum()) + self.constant
        most = float((self.coefficients * np.where(positive, high, low)).sum()) + self.constant
        return least, most


def rows_of(loads: Any, size: int) -> list[AffineRow]:
    """Return the rows of `loads`: an (n, k) matrix, or a pair of it and n constants, over `size` variables.

    Raises
    ------
    InputError
        Where shapes disagree or a number is not finite.
    """
    matrix, constants = loads if isinstance(loads, tuple) else (loads, None)
    rows = sparse().csr_array(matrix, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != size:
        raise InputError(f"loads has shape {rows.shape}; it must have a column for each of the {size} variables")
    fixed = np.zeros(rows.shape[0]) if constants is None else np.asarray(constants, dtype=np.float64)
    if fixed.shape != (rows.shape[0],):
        raise InputError(f"loads has {rows.shape[0]} rows, but constants of shape {fixed.shape}")
    if not (np.isfinite(rows.data).all() and np.isfinite(fixed).all()):
        raise InputError("loads holds a number that is not finite")
    return [
        AffineRow.of(rows.indices[start:stop], rows.data[start:stop], constant)
        for start, stop, constant in zip(rows.indptr[:-1], rows.indptr[1:], fixed, strict=True)
    ]


def check_loads(loads: Any, fairness: Any) -> list[Any]:
    """Return the loads as a list, checked to be at least two and as many as `fairness` has entitlements for.

    Raises
    ------
    InputError
        Naming the argument that is wrong.
    """
    if not isinstance(fairness, Fairness):
        raise InputError(f"fairness is {fairness!r}; give a member such as EpsilonFairness(0.9, p=2)")
    # Dictionaries, and what Pyomo and Gurobi index by keys, give their values.
    keyed = isinstance(loads, dict) or getattr(loads, "is_indexed", lambda: False)()
    try:
        entries = list(loads.values()) if keyed else list(loads)
    except TypeError:
        raise InputError(f"loads is {type(loads).__name__}; give a sequence with one expression per agent") from None
    require_agents(len(entries), fairness.entitlements)
    return entries


def check_ranges(rows: Sequence[AffineRow], lower: Array, upper: Array) -> None:
    """Check that every load can be non-negative, judged by the bounds of its variables.

    Raises
    ------
    InputError
        Naming the first load that is negative whatever the variables do.
    """
    for position, row in enumerate(rows):
        _, most = row.range(lower, upper)
        if most < 0.0:
            raise InputError(f"loads[{position}] is at most {most:g}; fairness is of non-negative loads")


def unit_of(rows: Sequence[AffineRow]) -> float:
    """Return a power of two near the largest coefficient or constant: solvers' tolerances are absolute."""
    sizes = [np.abs(np.append(row.coefficients, row.constant)).max() for row in rows]
    largest = float(max(sizes, default=0.0))
    return float(2.0 ** np.round(np.log2(largest))) if largest > 0.0 else 1.0
