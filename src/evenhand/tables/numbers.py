"""Convert cells to numbers, including formats that people type: ``1 234,50``, ``8h``, ``1:30``, ``30 %``, ``12 EUR``.

``1.234`` may have decimals or group thousands. What points and commas mean is therefore decided once, from all cells of
a table together, in three passes:

1. take each cell apart into sign, digits with marks, unit and currency (:class:`Token`);
2. collect what the digits of each cell prove about the marks, and decide (:class:`Marks`);
3. compute the values, and check that all have the same unit and currency (:mod:`.number_kinds`).

If the cells contradict each other or leave the question open, an error asks for ``--decimal``; there is no guessing.
Rows of plain numbers skip all this (:func:`plain_row`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.number_kinds import Kind
from evenhand.tables.number_marks import Marks
from evenhand.tables.number_tokens import (
    CANNOT,
    DATE,
    LIKE_THOUSANDS,
    MARKED_AMOUNT,
    SIGNS,
    TIME_OF_DAY,
    Token,
    duration_in_hours,
    token_of,
)

Cell = str | float
"""Text or, from a workbook, a number, which is a :class:`UnitNumber` if it is shown with a unit."""

_NO_NUMBER = "is not a number; write a number, or inf or nothing for a forbidden pair"


class UnitNumber(float):
    """A number from a workbook whose format shows a unit behind it, or before it: ``%``, ``EUR``, ``h``, ``km``."""

    __slots__ = ("unit",)

    unit: str

    def __new__(cls, value: float, unit: str) -> Self:
        """Return the number `value`, which is shown with `unit`."""
        number = super().__new__(cls, value)
        number.unit = unit
        return number

    def __str__(self) -> str:
        return f"{100 * self if self.unit == '%' else float(self):.15g} {self.unit}"


class CellError(ValueError):
    """A cell is not a usable number.

    Parameters
    ----------
    row, column
        Position of the cell in the table that was read, from 0.
    reason
        What is wrong with the cell, and what would be right; to be put behind its text.
    """

    def __init__(self, row: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers in a table of cells.

    Attributes
    ----------
    values
        Shape (rows, columns); ``inf`` marks a forbidden pair.
    notes
        Sentences on how cells that are not plain numbers were interpreted.
    """

    values: NDArray[np.float64]
    notes: tuple[str, ...] = ()


def to_number(text: str) -> float:
    """Return the number in `text`, which must be in ASCII digits with a decimal point; surrounding space is ignored.

    Unlike ``float``, this does not accept ``1_000`` or the digits of other scripts, which are more often an accident.

    Raises
    ------
    ValueError
        If `text` is not such a number.
    """
    return float(_plain(text))


def to_whole(text: str) -> int:
    """Return the whole number in `text`, with the same restrictions as :func:`to_number`.

    Raises
    ------
    ValueError
        If `text` is not such a number.
    """
    return int(_plain(text))


def _plain(text: str) -> str:
    if "_" in text or not text.isascii():
        raise ValueError(f"{text!r} is not a number")
    return text


def is_number(text: str) -> bool:
    """Return whether `text` looks like a number, grouped or not, a percentage, an amount of money, or a duration."""
    text = text.strip().translate(SIGNS)
    if text.lower() in CANNOT:
        return text.lower().lstrip("+") in ("inf", "infinity", "nan")
    return token_of(text) is not None


_UNIT_OF_NAME = re.compile(r"\s*[(\[]\s*([^()\[\]]*[^()\[\]\s])\s*[)\]]\s*$")


def without_unit(name: str) -> str:
    """Return a name without what stands in brackets at its end, which may be a unit: ``Cost`` for ``Cost (EUR)``."""
    return _UNIT_OF_NAME.sub("", name).strip()


def check_units(names: Sequence[str]) -> None:
    """Raise an InputError if names end in different units, as ``Abbot (min)`` and ``Barlow (h)`` do."""
    first: tuple[object, str] | None = None
    for name in names:
        unit = _UNIT_OF_NAME.search(name)
        token = token_of(f"1 {unit[1]}") if unit and not (len(unit[1]) == 1 and unit[1].isupper()) else None
        if token is None or (token.kind == "number" and not token.currency):
            continue
        meaning = (token.kind, token.currency, duration_in_hours(token.body) if token.kind == "duration" else None)
        if first is not None and first[0] != meaning:
            raise InputError(f"{shown(first[1])} and {shown(name)} have different units; give all cells the same unit")
        first = first or (meaning, name)


def plain_row(cells: Sequence[Cell]) -> NDArray[np.float64] | None:
    """Return the numbers of a row whose cells are all plain, finite numbers; None if one of them is not.

    Most rows are plain, and this is an order of magnitude faster than taking each cell apart.
    """
    try:
        values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
    except (ValueError, OverflowError):
        return None
    # `float` reads 1e400 as inf and 1_000 as 1000; the slower path refuses them with an error that names the cell.
    if not np.isfinite(values).all() or UnitNumber in set(map(type, cells)):
        return None
    whole = np.flatnonzero((values < 1000) & (values % 1 == 0)).tolist()
    if any(TIME_OF_DAY.fullmatch(str(cells[k]).strip()) for k in whole):
        return None
    written = "".join(map(str, cells))
    return values if "_" not in written and written.isascii() else None


def settles_points(cells: Iterable[Cell]) -> bool | None:
    """Return whether the cells of a plain row prove that points are decimal points.

    True if in some cell the point cannot group thousands; False if all points could; None if there is no point.
    """
    open_ones = None
    for cell in cells:
        if isinstance(cell, str) and "." in cell:
            if not LIKE_THOUSANDS.fullmatch(cell.strip()):
                return True
            open_ones = False
    return open_ones


def read_numbers(cells: Sequence[Sequence[Cell]], *, decimal: str | None = None, apart: bool = False) -> Numbers:
    """Convert a table of cells to numbers.

    Parameters
    ----------
    cells
        Rows of cells, all of the same length.
    decimal
        The decimal separator, ``.`` or ``,``; None to infer it from the cells.
    apart
        Whether each column may have its own unit (hours beside prices). Decimal and thousands separators are the same
        in all columns.

    Raises
    ------
    CellError
        For the first cell that is not a number, is too large, or has another unit or currency than those before it.
    InputError
        If the decimal separator cannot be inferred; the message does not name the file yet.
    """
    tokens: dict[str, Token | None] = {}
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            if isinstance(cell, str) and cell not in tokens:
                text = cell.strip().translate(SIGNS)
                tokens[cell] = None if text.lower() in CANNOT else token_of(text)
                if tokens[cell] is None and text.lower() not in CANNOT:
                    raise CellError(row, column, _why_not(text))
    marks = Marks(decimal)
    for cell, token in tokens.items():
        if token is not None:
            for body in [token.body] if token.kind != "duration" else MARKED_AMOUNT.findall(token.body):
                marks.add(body, cell.strip())
    marks.settle()
    kinds = [Kind() for _ in range(len(cells[0]) if cells and apart else 1)]
    values = np.empty((len(cells), len(cells[0]) if cells else 0))
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            token = _typed(cell) if isinstance(cell, float | int) else tokens[cell]
            if token is None:
                values[row, column] = np.inf
                continue
            try:
                kinds[column if apart else 0].add(token, str(cell).strip())
                values[row, column] = _value(token, cell, marks)
            except ValueError as error:
                raise CellError(row, column, str(error)) from None
    notes = marks.notes() + [note for kind in kinds for note in kind.notes()]
    return Numbers(values, tuple(dict.fromkeys(notes)))


def _typed(number: float) -> Token:
    return _token_of_unit(number.unit if isinstance(number, UnitNumber) else "")


@functools.cache
def _token_of_unit(unit: str) -> Token:
    """Return the parts of a cell with this unit; a unit that is not known counts as a currency: one per table."""
    return token_of(f"1 {unit}") or Token("number", False, "", unit)


def _why_not(text: str) -> str:
    if text.lower() in ("-inf", "-infinity"):
        return "is not a cost; inf marks a forbidden pair"
    if text.startswith("#"):
        return "is a spreadsheet error; fix the formula, or leave the cell empty for a forbidden pair"
    if TIME_OF_DAY.fullmatch(text):
        return f"could be the hours {text[:2]}:{text[2:]} or the number {int(text)}; write it like that"
    if DATE.fullmatch(text):
        return "is not a number but a date; write a number, or inf or nothing for a forbidden pair"
    return _NO_NUMBER


def _value(token: Token, cell: Cell, marks: Marks) -> float:
    if isinstance(cell, float | int):
        hours = duration_in_hours(token.body) if token.kind == "duration" else None  # of one unit: 1 h, 1 min
        value = float(cell) * (1.0 if hours is None else hours)
    elif token.kind == "duration":
        hours = duration_in_hours(MARKED_AMOUNT.sub(lambda amount: marks.plain(amount[0]).rstrip("."), token.body))
        if hours is None:
            raise ValueError(_NO_NUMBER)
        value = hours
    else:
        value = float(marks.plain(token.body)) / (100 if token.kind == "percent" else 1)
    if not np.isfinite(value):
        raise ValueError("is too large; the largest number is about 1.8e308, and inf marks a forbidden pair")
    return -value if token.negative else value
