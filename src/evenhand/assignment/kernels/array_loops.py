"""Copying and filling in plain loops. Slice assignment would do the same, but takes numba seconds longer to compile."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from evenhand.numba_decorators import inner


@inner
def fill(target: NDArray[Any], value: float) -> None:
    """Set every entry of the vector `target` to `value`."""
    for k in range(target.shape[0]):
        target[k] = value


@inner
def copy_into(target: NDArray[Any], source: NDArray[Any], count: int) -> None:
    """Copy the first `count` entries of the vector `source` into `target`."""
    for k in range(count):
        target[k] = source[k]


@inner
def fill_table(target: NDArray[Any], value: float) -> None:
    """Set every entry of the matrix `target` to `value`."""
    for k in range(target.shape[0]):
        for other in range(target.shape[1]):
            target[k, other] = value
