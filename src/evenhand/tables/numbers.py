"""From the text of a cell to a cost: strict where Python's own ``float`` is lenient."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_INFINITE = {"inf", "+inf", "infinity", "+infinity"}
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")
_LIKE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


def to_number(text: str) -> float:
    """Return the number that `text` is, written with ASCII digits and a point, spaces around it or none.

    Python's own ``float`` also takes ``1_000`` and the digits of other scripts; those are more often an accident.

    Raises
    ------
    ValueError
        If it is none.
    """
    return float(_plain(text))


def to_whole(text: str) -> int:
    """Return the whole number that `text` is, written as :func:`to_number` reads it.

    Raises
    ------
    ValueError
        If it is none.
    """
    return int(_plain(text))


def _plain(text: str) -> str:
    if "_" in text or not text.isascii():
        raise ValueError(f"{text!r} is no number")
    return text


class CellError(ValueError):
    """A cell cannot be used.

    Parameters
    ----------
    position
        Place of the cell in its row, from 0.
    reason
        What is wrong with it and what would be right.
    """

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


class AmbiguousCommaError(ValueError):
    """Commas inside numbers could mean decimals or thousands; the message shows the cell."""


def parse_row(cells: Sequence[str], decimal_comma: bool = False) -> NDArray[np.float64]:
    """Return the numbers of a row of cells; an empty cell is ``inf``, a forbidden pair.

    Parameters
    ----------
    cells
        Text of the cells.
    decimal_comma
        Read ``3,5`` as 3.5.

    Returns
    -------
    numpy.ndarray
        Shape (len(cells),).

    Raises
    ------
    CellError
        If a cell is no number, NaN, or too large for a float; whether it may be negative is the problem's to say.
    """
    if decimal_comma:
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
    except (ValueError, OverflowError):
        return _parse_each(cells)
    # Rare finds send the row to the slow path, which names the cell: 1e400 reads as inf, 1_000 as 1000.
    written = "".join(cells)
    if np.isfinite(values).all() and "_" not in written and written.isascii():
        return values
    return _parse_each(cells)


def _parse_each(cells: Sequence[str]) -> NDArray[np.float64]:
    return np.array([_parse_cell(position, cell.strip()) for position, cell in enumerate(cells)], dtype=np.float64)


def _parse_cell(position: int, text: str) -> float:
    if not text or text.lower() in _INFINITE:
        return float("inf")
    try:
        value = to_number(text)
    except ValueError:
        value = None
    if value is None:
        raise CellError(position, "is not a number; write a number, or inf or nothing for a forbidden pair")
    if np.isnan(value):
        raise CellError(position, "is not a number; write inf or nothing for a forbidden pair")
    if np.isinf(value):
        raise CellError(position, "is too large; the largest number is about 1.8e308, and inf is a forbidden pair")
    return value


def is_number(text: str) -> bool:
    """Tell whether `text` reads as a number, with a decimal point or comma."""
    try:
        to_number(text.strip().replace(",", "."))
    except ValueError:
        return False
    return True


def uses_decimal_comma(cells: Iterable[str]) -> bool:
    """Tell whether the numbers among `cells` are written with decimal commas.

    Raises
    ------
    AmbiguousCommaError
        If commas and points are mixed, or if every comma could as well separate thousands (``1,234``).
    """
    with_comma: list[str] = []
    point: str | None = None
    for cell in cells:
        if "," in cell and _COMMA_NUMBER.fullmatch(cell.strip()):
            with_comma.append(cell.strip())
        elif "." in cell and is_number(cell):
            point = cell.strip()
    if not with_comma:
        return False
    if point is not None:
        raise AmbiguousCommaError(f"has both {with_comma[0]!r} and {point!r}; use one decimal sign, best a point")
    if all(_LIKE_THOUSANDS.fullmatch(cell) for cell in with_comma):
        raise AmbiguousCommaError(f"{with_comma[0]!r} could be decimals or thousands; write it with a decimal point")
    return True
