"""A mixed-integer linear model as arrays: built by applications, and converted from the models of libraries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.modeling.library_imports import sparse


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """Minimise ``costs @ x`` subject to ``row_lower <= matrix @ x <= row_upper`` and ``lower <= x <= upper``.

    Parameters
    ----------
    costs
        Costs of the variables, shape (k,), finite.
    matrix
        Coefficients, shape (r, k), dense or SciPy sparse; stored as a compressed sparse row array.
    row_lower, row_upper
        Bounds of the rows, shape (r,) or a single number; infinite for an open side.
    lower, upper
        Bounds of the variables, shape (k,) or a single number.
    integer
        Which variables are integer, shape (k,) or a single boolean.
    offset
        Constant of the objective.

    Raises
    ------
    InputError
        If shapes disagree, a number is not finite, or a lower bound exceeds its upper one.
    MissingExtraError
        If SciPy is missing.
    """

    costs: Array
    matrix: Any
    row_lower: Array
    row_upper: Array
    lower: Array
    upper: Array
    integer: NDArray[np.bool_]
    offset: float

    def __init__(
        self,
        costs: ArrayLike,
        matrix: Any,
        row_lower: ArrayLike = -np.inf,
        row_upper: ArrayLike = np.inf,
        lower: ArrayLike = 0.0,
        upper: ArrayLike = np.inf,
        integer: ArrayLike = False,
        offset: float = 0.0,
    ) -> None:
        costs = _finite("costs", np.atleast_1d(np.asarray(costs, dtype=np.float64)))
        rows = sparse().csr_array(matrix, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(costs):
            raise InputError(f"matrix has shape {rows.shape}; it must have a column for each of the {len(costs)} costs")
        _finite("matrix", rows.data)
        size, count = len(costs), rows.shape[0]
        for name, value in (
            ("costs", costs),
            ("matrix", rows),
            ("row_lower", _spread("row_lower", row_lower, count)),
            ("row_upper", _spread("row_upper", row_upper, count)),
            ("lower", _spread("lower", lower, size)),
            ("upper", _spread("upper", upper, size)),
            ("integer", np.broadcast_to(np.asarray(integer, dtype=bool), size)),
            ("offset", float(offset)),
        ):
            object.__setattr__(self, name, value)
        _ordered("lower", self.lower, "upper", self.upper)
        _ordered("row_lower", self.row_lower, "row_upper", self.row_upper)

    def with_objective(self, costs: ArrayLike, offset: float) -> LinearModel:
        """Return the model with another objective."""
        return replace(self, costs=np.asarray(costs, dtype=np.float64), offset=offset)

    def __repr__(self) -> str:
        rows, columns = self.matrix.shape
        return f"LinearModel({rows} rows, {columns} variables, {int(self.integer.sum())} of them integer)"


def _finite(name: str, values: Array) -> Array:
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise InputError(f"{name}[{bad[0]}] is {values[bad[0]]}; it must be a finite number")
    return values


def _spread(name: str, values: ArrayLike, size: int) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((), (size,)):
        raise InputError(f"{name} has shape {array.shape}; it must be one number or {size} of them")
    if np.isnan(array).any():
        raise InputError(f"{name} holds a nan; use -inf or inf for an open side")
    return np.broadcast_to(array, size)


def _ordered(low_name: str, low: Array, high_name: str, high: Array) -> None:
    crossed = np.flatnonzero(low > high)
    if crossed.size:
        at = int(crossed[0])
        raise InputError(f"{low_name}[{at}] is {low[at]:g}, above {high_name}[{at}], {high[at]:g}")


class Program(NamedTuple):
    """A model to minimise, with the columns of its loads and of the auxiliary variables of their cuts."""

    model: LinearModel
    loads: NDArray[np.int32]
    auxiliaries: NDArray[np.int32]


LazyRow = tuple[Any, Any, float, float]
"""Columns, coefficients, lower and upper bound of one row."""


class LazyRows(Protocol):
    """Separation of a model's own lazy rows."""

    def __call__(self, values: NDArray[np.float64], integral: bool, /) -> Sequence[LazyRow]:
        """Return rows that `values` of the model's variables, shape (k,), violate.

        At an ``integral`` point that is not allowed, at least one violated row must be returned. At a fractional point,
        rows are optional and only affect speed.
        """
