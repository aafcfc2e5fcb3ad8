"""Checks of arrays of numbers and probabilities: each message names the array and the place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.loops import Floats, Rows
from evenhand.errors import InputError

SUM_TOLERANCE = {True: 1e-6, False: 1e-9}
"""Largest difference between 1 and the sum of a row of probabilities, in single precision (True) and double."""

ROUNDING = 1e-12
"""Difference below which a row is left as it is, not scaled to sum to 1."""


def checked_finite(name: str, values: Any) -> Floats:
    """Return `values` as an array of floats; raise `InputError` unless all are finite numbers."""
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"numbers of the kind {array.dtype} cannot be read")
    except ValueError as error:
        raise InputError(f"{name} is no array of numbers: {error}") from None
    floats = array.astype(np.float64)
    if not np.isfinite(floats).all():
        at = np.argwhere(~np.isfinite(floats))[0]
        raise InputError(f"{name}{_place(at)} is {floats[tuple(at)]}; it must be a finite number")
    return floats


def checked_shape(name: str, array: NDArray[Any], expected: tuple[int, ...]) -> None:
    """Raise `InputError` unless the array has the expected shape."""
    if array.shape != expected:
        raise InputError(f"{name} has shape {array.shape}; it must be {expected}")


def checked_sums(name: str, rows: Floats, place: Callable[[int], str], *, single: bool = False) -> Floats:
    """Return dense rows of probabilities, scaled where single precision rounded them.

    Raises
    ------
    InputError
        If a probability is negative, or a row does not sum to 1; `place` turns the row's number into an index.
    """
    negative = np.argwhere(rows < 0.0)
    if len(negative):
        row, column = map(int, negative[0])
        at = place(row)
        at = f"{at[:-1]}, {column}]" if at else f"[{column}]"
        raise InputError(f"{name}{at} is {rows[row, column]}; a probability is at least 0")
    sums = rows.sum(axis=1)
    _check_sums(name, sums, place, single)
    return np.where(np.abs(sums - 1.0)[:, None] > ROUNDING, rows / sums[:, None], rows)


def checked_rows(name: str, transition: Any, shape: tuple[int, ...]) -> Rows:
    """Return transition probabilities as sparse rows.

    Parameters
    ----------
    name
        What messages call the array.
    transition
        Dense, shape (*shape, S), or sparse with a row for each entry of `shape`, see `FiniteGame`.
    shape
        (S, A_1, ..., A_n).
    """
    rows = math.prod(shape)

    def place(row: int) -> str:
        return _place(np.unravel_index(row, shape))

    if hasattr(transition, "indptr"):
        if getattr(transition, "format", "csr") != "csr":
            raise InputError(f"{name} is a sparse matrix in the format {transition.format}; give .tocsr() of it")
        transition = (transition.data, transition.indices, transition.indptr)
    if isinstance(transition, tuple) and len(transition) == 3 and np.ndim(transition[0]) == 1:
        return _checked_sparse(name, transition, rows, shape[0], place)
    single = np.asarray(transition).dtype == np.float32 if not isinstance(transition, list) else False
    dense = checked_finite(name, transition)
    checked_shape(name, dense, (*shape, shape[0]))
    dense = checked_sums(name, dense.reshape(rows, shape[0]), place, single=single)
    at, columns = np.nonzero(dense)
    return Rows(np.searchsorted(at, np.arange(rows + 1)).astype(np.int64), columns.astype(np.int32), dense[at, columns])


def _checked_sparse(
    name: str, parts: tuple[Any, Any, Any], rows: int, columns: int, place: Callable[[int], str]
) -> Rows:
    single = np.asarray(parts[0]).dtype == np.float32
    data = checked_finite(f"{name}.data", parts[0])
    indices, indptr = (np.asarray(part) for part in parts[1:])
    for part, array in (("indices", indices), ("indptr", indptr)):
        if array.dtype.kind not in "iu" or array.ndim != 1:
            raise InputError(
                f"{name}.{part} has the kind {array.dtype} and shape {array.shape}; it lists whole numbers"
            )
    if len(indptr) != rows + 1:
        raise InputError(f"{name} has {len(indptr) - 1} rows; it must have {rows}, one for each state and joint action")
    if indptr[0] != 0 or indptr[-1] != len(data) or (np.diff(indptr) < 0).any():
        raise InputError(f"{name}.indptr must rise from 0 to {len(data)}, the number of entries of {name}.data")
    if len(indices) != len(data):
        raise InputError(
            f"{name}.indices has {len(indices)} entries, {name}.data {len(data)}; they must be equally many"
        )
    wrong = np.flatnonzero((indices < 0) | (indices >= columns))
    if len(wrong):
        raise InputError(f"{name}.indices[{wrong[0]}] is {indices[wrong[0]]}; states are 0 to {columns - 1}")
    row_of = np.repeat(np.arange(rows), np.diff(indptr))
    negative = np.flatnonzero(data < 0.0)
    if len(negative):
        k = negative[0]
        at = f"{place(int(row_of[k]))[:-1]}, {indices[k]}]"
        raise InputError(f"{name}{at} is {data[k]}; a probability is at least 0")
    sums: Floats = np.bincount(row_of, weights=data, minlength=rows).astype(np.float64)
    _check_sums(name, sums, place, single)
    off = np.abs(sums - 1.0) > ROUNDING
    return Rows(indptr.astype(np.int64), indices.astype(np.int32), np.where(off[row_of], data / sums[row_of], data))


def _check_sums(name: str, sums: Floats, place: Callable[[int], str], single: bool) -> None:
    wrong = np.flatnonzero(np.abs(sums - 1.0) > SUM_TOLERANCE[single])
    if len(wrong):
        row = int(wrong[0])
        raise InputError(f"{name}{place(row)} sums to {sums[row]:.9g}; a row of probabilities sums to 1")


def _place(at: Any) -> str:
    return f"[{', '.join(str(int(number)) for number in at)}]" if len(at) else ""
