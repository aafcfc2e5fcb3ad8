"""Loads as affine rows over the columns of a linear model."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import for_agents, require_agents
from evenhand.modeling.library_imports import sparse

SPREAD = 1e6
"""Upper limit on the ratio of the loads' unit to their smallest coefficient."""

ROUNDING = 1e-14
"""Relative size up to which a coefficient counts as a rounding error of the largest."""


LONGEST = 80
"""Upper limit on the characters of a value that an error message shows."""


@dataclass(frozen=True, slots=True)
class AffineRow:
    """One load: ``coefficients @ x[columns] + constant``."""

    columns: NDArray[np.int32]
    coefficients: Array
    constant: float = 0.0

    @classmethod
    def of(cls, columns: Any, coefficients: Any, constant: float = 0.0) -> AffineRow:
        """Return the row with repeated columns summed and zero coefficients removed."""
        names, where = np.unique(np.asarray(columns, dtype=np.int32), return_inverse=True)
        sums = np.bincount(where, np.asarray(coefficients, dtype=np.float64), minlength=len(names))
        kept = sums != 0.0
        return cls(names[kept], sums[kept], float(constant))

    def range(self, lower: Array, upper: Array) -> tuple[float, float]:
        """Return the least and the largest value of the load within the bounds of the variables."""
        low, high = lower[self.columns], upper[self.columns]
        positive = self.coefficients > 0.0
        least = float((self.coefficients * np.where(positive, low, high)).sum()) + self.constant
        most = float((self.coefficients * np.where(positive, high, low)).sum()) + self.constant
        return least, most


def rows_of(loads: Any, size: int) -> list[AffineRow]:
    """Return `loads` as rows: a matrix, shape (n, k), or a pair of it and n constants, over k = `size` variables.

    Raises
    ------
    InputError
        If shapes disagree or a number is not finite.
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


def brief(value: object) -> str:
    """Return the text of a value for an error message: one line of at most :data:`LONGEST` characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def check_loads(loads: Any, fairness: Any, names: Sequence[Any] | None = None) -> tuple[list[Any], Fairness]:
    """Return the loads as a list, and the member with its entitlements in their order; there must be at least two.

    `names` are the names of the loads, if `loads` itself does not hold them; see :func:`names_of`.

    Raises
    ------
    InputError
        If an argument is wrong; the message names it.
    """
    entries = listed(loads, fairness)
    fairness = for_agents(fairness, names_of(loads) if names is None else names)
    require_agents(len(entries), fairness.entitlements)
    return entries, fairness


def require_member(fairness: Any) -> None:
    """Check that `fairness` is a member.

    Raises
    ------
    InputError
        If it is something else, such as the class of a member.
    """
    if isinstance(fairness, type) or not isinstance(fairness, Fairness):
        raise InputError(f"fairness is {brief(repr(fairness))}; give a member such as EpsilonFairness(0.9, p=2)")


def require_model(model: Any, kind: Any, wanted: str, name: str = "model") -> None:
    """Check that the argument `name` is a model of the right kind, which is called `wanted`.

    Raises
    ------
    InputError
        If it is something else.
    """
    if not isinstance(model, kind):
        raise InputError(f"{name} is {type(model).__name__}; give {wanted}")


def require_present(constraints: Sequence[Any]) -> None:
    """Check that none of the fairness constraints was removed from its model.

    Raises
    ------
    InputError
        If one was.
    """
    if any(constraint.removed for constraint in constraints):
        raise InputError("the fairness constraint was removed from the model; call fair() anew")


def names_of(loads: Any) -> list[Any] | None:
    """Return the keys of loads that are given by name, in their order; None if they are given as a sequence."""
    if isinstance(loads, Mapping) or getattr(loads, "is_indexed", lambda: False)():
        return list(loads.keys())
    index = getattr(loads, "index", None)
    of_pandas = type(index).__module__.partition(".")[0] == "pandas"  # a pandas Series of expressions
    return list(index) if of_pandas else None  # type: ignore[arg-type]


def listed(loads: Any, fairness: Any) -> list[Any]:
    """Return the given loads as a list, and check that `fairness` is a member.

    Raises
    ------
    InputError
        If an argument is wrong; the message names it.
    """
    require_member(fairness)
    # Dictionaries, and containers of Pyomo and Gurobi with keys, are replaced by their values.
    keyed = isinstance(loads, Mapping) or getattr(loads, "is_indexed", lambda: False)()
    try:
        return list(loads.values()) if keyed else list(loads)
    except TypeError:
        raise InputError(f"loads is {type(loads).__name__}; give a sequence with one expression per agent") from None


def constant_row(position: int, load: object) -> AffineRow | None:
    """Return a load that is a plain number as a row without columns; None if it is not a number.

    Raises
    ------
    InputError
        If the number is not finite.
    """
    if isinstance(load, bool) or not isinstance(load, numbers.Real):
        return None
    if not math.isfinite(load):
        raise InputError(f"loads[{position}] is {load}; it must be a finite number")
    return AffineRow.of([], [], float(load))


def unit_of(rows: Sequence[AffineRow]) -> float:
    """Return the power of two by which loads are divided in a model, because solvers' tolerances are absolute.

    It is near the largest coefficient or constant. But it is not so far above the smallest coefficient that solvers
    would treat that as 0, as they do below 1e-9; coefficients within rounding of the largest are ignored.
    """
    coefficients = np.abs(np.concatenate([np.empty(0), *(row.coefficients for row in rows)]))
    largest = max([*coefficients.tolist(), *(abs(row.constant) for row in rows)], default=0.0)
    if largest == 0.0:
        return 1.0
    significant = coefficients[coefficients > ROUNDING * largest]
    unit = min(largest, SPREAD * float(significant.min(initial=np.inf)))
    return float(2.0 ** np.round(np.log2(unit)))


def check_ranges(rows: Sequence[AffineRow], lower: Array, upper: Array) -> None:
    """Check that every load can be non-negative within the bounds of its variables.

    Raises
    ------
    InputError
        If a load is negative whatever the variables are; the message names the first one.
    """
    for position, row in enumerate(rows):
        _, most = row.range(lower, upper)
        if most < 0.0:
            raise InputError(f"loads[{position}] is at most {most:g}; fairness is of non-negative loads")
