"""Checks of arrays of numbers and probabilities: each message names the array and the place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.equilibrium.loops import Floats, Rows
from evenhand.errors import InputError
from evenhand.number_checks import as_number, is_whole
from evenhand.visible import one_line

SUM_TOLERANCE = {True: 1e-6, False: 1e-9}
"""Largest difference between 1 and the sum of a row of probabilities, in single precision (True) and double."""

LARGEST = 1e100
"""Largest absolute value of a number: sums over an episode, and products with a multiplier, stay finite below it."""

ROUNDING = 1e-12
"""Difference below which a row is left as it is, not scaled to sum to 1."""


def checked_finite(name: str, values: Any) -> Floats:
    """Return `values` as an array of floats; raise `InputError` unless all are finite numbers of at most `LARGEST`."""
    return checked_numbers(name, values).astype(np.float64)


def checked_numbers(name: str, values: Any) -> NDArray[Any]:
    """Return `values` as `checked_finite` does, but in their own type: whole numbers stay whole."""
    try:
        array: NDArray[Any] = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name} is no array of numbers: {_uneven(name, values) or error}") from None
    if np.ma.is_masked(values):
        at = np.argwhere(np.ma.getmaskarray(values))[0]
        raise InputError(f"{name}{_place(at)} is masked; it must be a finite number")
    if array.dtype.kind not in "biuf":
        array = _from_objects(name, np.asarray(values, dtype=object))
    wrong = np.argwhere(~(np.abs(array.astype(np.float64)) <= LARGEST))
    if len(wrong):
        number = array[tuple(wrong[0])]
        allowed = "a finite number" if not np.isfinite(number) else f"at most {LARGEST:g} in size"
        raise InputError(f"{name}{_place(wrong[0])} is {number}; it must be {allowed}")
    return array


def is_single(array: NDArray[Any]) -> bool:
    """Return whether the numbers of an array have been rounded to single precision."""
    return bool(array.dtype == np.float32)


def _from_objects(name: str, cells: NDArray[Any]) -> NDArray[Any]:
    """Return Python's numbers (also fractions and decimals) as an array; name the first cell that is none."""
    for at, cell in np.ndenumerate(cells):
        if math.isnan(as_number(cell)):
            expected = "a finite number" if cells.ndim else "an array of numbers"
            raise InputError(f"{name}{_place(at)} is {one_line(repr(cell), 60)}; it must be {expected}")
    floats: Floats = np.array([as_number(cell) for cell in cells.flat]).reshape(cells.shape)
    whole = all(is_whole(cell) for cell in cells.flat) and (np.abs(floats) < 2.0**53).all()
    return floats.astype(np.int64) if whole else floats


def _uneven(name: str, values: Any, at: tuple[int, ...] = ()) -> str | None:
    """Say which entry has another shape than the first beside it."""
    shapes: list[tuple[int, ...]] = []
    for place, entry in enumerate(values):
        try:
            shapes.append(np.shape(entry))
        except ValueError:
            return _uneven(name, entry, (*at, place))
        if shapes[place] != shapes[0]:
            first = _place((*at, 0))
            return f"{name}{_place((*at, place))} has shape {shapes[place]}, {name}{first} {shapes[0]}"
    return None


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

    if hasattr(transition, "tocsr"):  # every format of SciPy's
        if getattr(transition, "format", "csr") != "csr":
            raise InputError(f"{name} is a sparse matrix in the format {transition.format}; give .tocsr() of it")
        if transition.shape[-1] != shape[0]:
            raise InputError(
                f"{name} has {transition.shape[-1]} columns; it must have {shape[0]}, one for each next state"
            )
        transition = (transition.data, transition.indices, transition.indptr)
    if isinstance(transition, tuple) and len(transition) == 3 and _is_flat(transition[0]):
        return _checked_sparse(name, transition, rows, shape[0], place)
    numbers = checked_numbers(name, transition)
    checked_shape(name, numbers, (*shape, shape[0]))
    dense = numbers.astype(np.float64).reshape(rows, shape[0])
    dense = checked_sums(name, dense, place, single=is_single(numbers))
    at, columns = np.nonzero(dense)
    return Rows(np.searchsorted(at, np.arange(rows + 1)).astype(np.int64), columns.astype(np.int32), dense[at, columns])


def _checked_sparse(
    name: str, parts: tuple[Any, Any, Any], rows: int, columns: int, place: Callable[[int], str]
) -> Rows:
    numbers = checked_numbers(f"{name}.data", parts[0])
    data, single = numbers.astype(np.float64), is_single(numbers)
    indices, indptr = (
        checked_numbers(f"{name}.{part}", given) for part, given in zip(("indices", "indptr"), parts[1:], strict=True)
    )
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
        rule = "a row of probabilities sums to 1" if place(row) else "probabilities sum to 1"
        raise InputError(f"{name}{place(row)} sums to {sums[row]:.12g}; {rule}")


def _is_flat(values: Any) -> bool:
    try:
        return np.ndim(values) == 1
    except ValueError:  # lists of several lengths
        return False


def _place(at: Any) -> str:
    return f"[{', '.join(str(int(number)) for number in at)}]" if len(at) else ""
