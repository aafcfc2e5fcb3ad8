"""Convert cells to numbers, including formats that people type: ``1 234,50``, ``8h``, ``1:30``, ``30 %``, ``12 EUR``.

``1.234`` may have decimals or group thousands. What points and commas mean is therefore decided once, from all cells of
a table together, in three passes:

1. take each cell apart into sign, digits with marks, unit and currency (:class:`_Token`);
2. collect what the digits of each cell prove about the marks, and decide (:class:`_Marks`);
3. compute the values, and check that all have the same unit and currency (:class:`_Kind`).

If the cells contradict each other or leave the question open, an error asks for ``--decimal``; there is no guessing.
Rows of plain numbers skip all this (:func:`plain_row`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown

Cell = str | float
"""Text or, from a workbook, a number, which is a :class:`UnitNumber` if it is shown with a unit."""

CANNOT = frozenset(
    {
        "",
        "inf",
        "+inf",
        "infinity",
        "+infinity",
        "-",
        "–",
        "—",
        "#n/a",
        "#nv",
        "n/a",
        "na",
        "<na>",
        "nan",
        "null",
        "none",
    }
)
"""Texts, in lower case, that mark a forbidden pair: this agent cannot do this task."""

_CODES = """EUR USD GBP CHF JPY CNY INR BRL CAD AUD NZD SEK NOK DKK PLN CZK HUF RON TRY ZAR MXN RUB KRW"""
_SYMBOLS = {"€": "EUR", "$": "$", "£": "GBP", "¥": "¥", "₹": "INR", "₽": "RUB", "₺": "TRY", "zł": "PLN", "kč": "CZK"}
_CURRENCIES = {**_SYMBOLS, "kr.": "kr", "kr": "kr", "fr.": "CHF", "r$": "BRL", "us$": "USD"}
_CURRENCIES |= {code.lower(): code for code in _CODES.split()}
_SIGNS = str.maketrans({"−": "-", "’": "'", "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " "})
_BODY = re.compile(r"(?:[0-9][0-9.,' ]*|[.,][0-9]+)(?:[eE][+-]?[0-9]+)?")
_GROUPED = {
    mark: re.compile(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+" + indian)
    for mark, indian in ((".", ""), (",", r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"), ("'", ""), (" ", ""))
}
_LIKE_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_CLOCK = re.compile(r"([0-9]+):([0-5][0-9])(?::([0-5][0-9](?:\.[0-9]+)?))?")
_AMOUNT = r"([0-9]+(?:[.,][0-9]+)?)"
_HOUR = r"(?:h|hr|hrs|hour|hours|std\.?|stunden?|heures?|horas?|ore|uur)"
_MINUTE = r"(?:m|min|mins|min\.|minutes?|minuten?|minutos?|minuti)"
_UNITS = re.compile(
    rf"(?:{_AMOUNT}\s*{_HOUR})?\s*(?:{_AMOUNT}\s*{_MINUTE}?)?\s*(?:{_AMOUNT}\s*(?:s|sec|secs|seconds?))?", re.IGNORECASE
)
_MARKED_AMOUNT = re.compile(r"[0-9]+[.,][0-9]+")
_LONE_DIGIT = re.compile(
    rf"{_HOUR}\s*(?![0-9]{{2}}$)[0-9][0-9.,]*$", re.IGNORECASE
)  # "8h5" could mean 8 h 5 min or 8.5 h
_TIME_OF_DAY = re.compile("0[0-9][0-5][0-9]")  # 0730 could mean 7:30 or 730
_DATE = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}([./-])[0-9]{1,2}\2[0-9]{1,2}")
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
    text = text.strip().translate(_SIGNS)
    if text.lower() in CANNOT:
        return text.lower().lstrip("+") in ("inf", "infinity", "nan")
    return _token(text) is not None


@dataclass(frozen=True, slots=True)
class _Token:
    """The parts of a cell.

    Attributes
    ----------
    kind
        ``number``, ``percent`` or ``duration``.
    negative
        Whether a sign or parentheses make it negative.
    body
        Digits, points, commas, apostrophes and spaces of a number, in which each kind of apostrophe and space has been
        replaced by the plain one; of a duration, the whole text.
    currency
        Name of the currency, or of an unknown unit that a workbook shows; empty if there is none.
    """

    kind: str
    negative: bool
    body: str
    currency: str = ""


def _token(text: str) -> _Token | None:
    """Return the parts of a cell that is not empty; None if it is not a number of any kind."""
    if _DATE.fullmatch(text) or _TIME_OF_DAY.fullmatch(text):
        return None
    if _BODY.fullmatch(text):
        return _Token("number", False, text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
    signed, text, currency = _without_currency(*_without_sign(text))
    percent = text.endswith("%")
    if percent:
        text = text[:-1].rstrip()
    if signed and negative:
        return None
    negative = negative or signed
    if _BODY.fullmatch(text):
        return _Token("percent" if percent else "number", negative, text, currency)
    if not percent and not currency and duration_in_hours(text) is not None:
        return _Token("duration", negative, text)
    return None


def _without_sign(text: str) -> tuple[bool, str]:
    if text[:1] in ("+", "-") and text[1:2] not in ("+", "-"):
        return text[0] == "-", text[1:].lstrip()
    if text.endswith("-") and (rest := text[:-1].rstrip()) and rest[-1] not in ".,":
        return True, rest  # accounting systems print the minus sign last; but "5,-" is a price without cents
    return False, text


def _without_currency(negative: bool, text: str) -> tuple[bool, str, str]:
    """Return whether the amount is negative, its text without currency, and the currency (empty if there is none)."""
    lower = text.lower()
    for sign, name in _CURRENCIES.items():
        if lower.startswith(sign) and not lower[len(sign) : len(sign) + 1].isalpha():
            inner, text = _without_sign(text[len(sign) :].lstrip())
            return negative != inner, text, name
        if lower.endswith(sign) and not lower[: -len(sign)][-1:].isalpha():
            return negative, text[: -len(sign)].rstrip(), name
    return negative, text, ""


def duration_in_hours(text: str) -> float | None:
    """Return the hours in ``1:30``, ``1:30:00``, ``8h``, ``8 h 30`` or ``45 min``; None if `text` is not a duration."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        return int(clock[1]) + int(clock[2]) / 60 + float(clock[3] or 0) / 3600
    units = _UNITS.fullmatch(text)
    if not units or not any(character.isalpha() for character in text) or not text[:1].isdigit():
        return None
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in units.groups())
    if not units[1] and re.search("[0-9] *m(?![a-z])", text, re.IGNORECASE):
        return None  # "5 m" more often means metres
    if _LONE_DIGIT.search(text):
        return None
    if (units[1] and minutes >= 60) or ((units[1] or units[2]) and seconds >= 60):
        return None
    return hours + minutes / 60 + seconds / 3600


_UNIT_OF_NAME = re.compile(r"\s*[(\[]\s*([^()\[\]]*[^()\[\]\s])\s*[)\]]\s*$")


def without_unit(name: str) -> str:
    """Return a name without what stands in brackets at its end, which may be a unit: ``Cost`` for ``Cost (EUR)``."""
    return _UNIT_OF_NAME.sub("", name).strip()


def check_units(names: Sequence[str]) -> None:
    """Raise an InputError if names end in different units, as ``Abbot (min)`` and ``Barlow (h)`` do."""
    first: tuple[object, str] | None = None
    for name in names:
        unit = _UNIT_OF_NAME.search(name)
        token = _token(f"1 {unit[1]}") if unit and not (len(unit[1]) == 1 and unit[1].isupper()) else None
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
    if any(_TIME_OF_DAY.fullmatch(str(cells[k]).strip()) for k in whole):
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
            if not _LIKE_THOUSANDS.fullmatch(cell.strip()):
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
    tokens: dict[str, _Token | None] = {}
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            if isinstance(cell, str) and cell not in tokens:
                text = cell.strip().translate(_SIGNS)
                tokens[cell] = None if text.lower() in CANNOT else _token(text)
                if tokens[cell] is None and text.lower() not in CANNOT:
                    raise CellError(row, column, _why_not(text))
    marks = _Marks(decimal)
    for cell, token in tokens.items():
        if token is not None:
            for body in [token.body] if token.kind != "duration" else _MARKED_AMOUNT.findall(token.body):
                marks.add(body, cell.strip())
    marks.settle()
    kinds = [_Kind() for _ in range(len(cells[0]) if cells and apart else 1)]
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


def _typed(number: float) -> _Token:
    return _token_of_unit(number.unit if isinstance(number, UnitNumber) else "")


@functools.cache
def _token_of_unit(unit: str) -> _Token:
    """Return the parts of a cell with this unit; a unit that is not known counts as a currency: one per table."""
    return _token(f"1 {unit}") or _Token("number", False, "", unit)


def _why_not(text: str) -> str:
    if text.lower() in ("-inf", "-infinity"):
        return "is not a cost; inf marks a forbidden pair"
    if text.startswith("#"):
        return "is a spreadsheet error; fix the formula, or leave the cell empty for a forbidden pair"
    if _TIME_OF_DAY.fullmatch(text):
        return f"could be the hours {text[:2]}:{text[2:]} or the number {int(text)}; write it like that"
    if _DATE.fullmatch(text):
        return "is not a number but a date; write a number, or inf or nothing for a forbidden pair"
    return _NO_NUMBER


def _value(token: _Token, cell: Cell, marks: _Marks) -> float:
    if isinstance(cell, float | int):
        hours = duration_in_hours(token.body) if token.kind == "duration" else None  # of one unit: 1 h, 1 min
        value = float(cell) * (1.0 if hours is None else hours)
    elif token.kind == "duration":
        hours = duration_in_hours(_MARKED_AMOUNT.sub(lambda amount: marks.plain(amount[0]).rstrip("."), token.body))
        if hours is None:
            raise ValueError(_NO_NUMBER)
        value = hours
    else:
        value = float(marks.plain(token.body)) / (100 if token.kind == "percent" else 1)
    if not np.isfinite(value):
        raise ValueError("is too large; the largest number is about 1.8e308, and inf marks a forbidden pair")
    return -value if token.negative else value


@dataclass(slots=True)
class _Marks:
    """Finds out what points, commas, apostrophes and spaces mean in the numbers of a file.

    A cell is evidence if it can be read in one way only: ``2,5`` and ``0,500`` have a decimal comma, ``1.234.567`` has
    points between thousands, ``1.234,5`` has both. ``1.234`` alone stays open until other cells have settled it.

    Attributes
    ----------
    asked
        Decimal separator that the user named; None if there is none.
    decimals, groups, open
        Marks that are proven to be decimal separators, proven to group thousands, and open, each with a cell as
        example.
    """

    asked: str | None
    decimals: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)

    def add(self, body: str, cell: str) -> None:
        """Record what one number proves; `cell` is its text in the file."""
        number = re.split("[eE]", body)[0]
        whole, decimal, _ = self._split(number)
        if decimal is None and _LIKE_THOUSANDS.fullmatch(number):
            if number != body:
                self.decimals.setdefault(number[-4], cell)  # nobody groups thousands in front of an exponent
            else:
                self.open.setdefault(number[-4], cell)
            return
        if decimal is not None:
            self.decimals.setdefault(decimal, cell)
        for mark in {character for character in whole if not character.isdigit()}:
            self.groups.setdefault(mark, cell)

    @staticmethod
    def _split(number: str) -> tuple[str, str | None, str]:
        """Return a number's whole part, proven decimal separator (None if there is none), and decimals."""
        last = max(number.rfind("."), number.rfind(","))
        if last < 0:
            return number, None, ""
        mark, whole, rest = number[last], number[:last], number[last + 1 :]
        others = {character for character in whole if not character.isdigit()}
        if mark in others or (not others and _LIKE_THOUSANDS.fullmatch(number)):
            return number, None, ""
        return whole, mark, rest

    def settle(self) -> None:
        """Decide what the open marks mean.

        Raises
        ------
        InputError
            If cells contradict each other or the user's choice, or if all of them can be read in two ways.
        """
        for one, other in ((self.decimals, self.decimals), (self.decimals, self.groups), (self.groups, self.groups)):
            for mark, cell in one.items():
                clash = next((m for m in other if (m != mark) == (one is other)), None)
                if clash is not None:
                    raise InputError(
                        f"points or commas mean different things in {shown(cell)} and in {shown(other[clash])}; write "
                        "all numbers in the same way"
                    )
        known = next(iter(self.decimals), None)
        if known is None and self.groups:
            known = {".": ",", ",": "."}.get(next(iter(self.groups)))
        if known is None and self.groups and len(self.open) == 1:
            known = next(iter(self.open))  # 1'234 beside 1.500: apostrophes group thousands, so the point is decimal
        if self.asked is not None:
            wrong = self.decimals.get("," if self.asked == "." else ".") or self.groups.get(self.asked)
            if wrong is not None:
                raise InputError(f"{shown(wrong)} does not fit --decimal {self.asked}")
            known = self.asked
        if known is None and self.open:
            cell = next(iter(self.open.values()))
            points = re.sub("[.,]", ".", cell)
            raise InputError(
                f"{shown(cell)} could be decimals or thousands ({points} or {points.replace('.', '')}), and no other "
                "number in the file settles it; give the decimal separator: --decimal . or --decimal ,"
            )
        self.decimals = {known: self.decimals.get(known, "")} if known else {}
        for mark, cell in self.open.items():
            if mark != known:
                self.groups.setdefault(mark, cell)

    def plain(self, body: str) -> str:
        """Return a number's text in the form that ``float`` accepts.

        Raises
        ------
        ValueError
            If the digits are not grouped in thousands.
        """
        decimal = next(iter(self.decimals), ".")
        whole, _, rest = body.partition(decimal)
        for mark in self.groups:
            if mark in whole:
                if not _GROUPED[mark].fullmatch(whole):
                    break
                whole = whole.replace(mark, "")
        if re.search("[., ']", whole + rest):
            raise ValueError("is not a number: its digits are not grouped in thousands")
        return f"{whole}.{rest}" if rest or whole != body else whole

    def notes(self) -> list[str]:
        """Return a sentence on the mark that was read as grouping thousands, if there is one."""
        return [
            f"{shown(cell)} is read with {shown(mark)} between thousands"
            for mark, cell in list(self.groups.items())[:1]
        ]


@dataclass(slots=True)
class _Kind:
    """Checks that the cells of a table, or of a column, all have the same unit and currency.

    Attributes
    ----------
    kind, cell
        Kind of the first cell (``number``, ``percent`` or ``duration``), and its text.
    currency, amount
        First currency, and the text of the cell that has it.
    """

    kind: str = ""
    cell: str = ""
    currency: str = ""
    amount: str = ""

    def add(self, token: _Token, cell: str) -> None:
        if not self.kind:
            self.kind, self.cell = token.kind, cell
        if token.kind != self.kind:
            raise ValueError(f"has another unit than {shown(self.cell)}; give all cells the same unit")
        if token.currency and not self.currency:
            self.currency, self.amount = token.currency, cell
        if token.currency and token.currency != self.currency:
            word = "currency" if {token.currency, self.currency} <= set(_CURRENCIES.values()) else "unit"
            raise ValueError(f"has another {word} than {shown(self.amount)}; give all amounts in one {word}")

    def notes(self) -> list[str]:
        notes = []
        if self.kind == "duration":
            notes.append(f"durations such as {shown(self.cell)} are read in hours")
        if self.kind == "percent":
            notes.append(f"percentages such as {shown(self.cell)} are read as fractions of 1")
        if self.currency:
            word = "currency" if self.currency in _CURRENCIES.values() else "unit"
            notes.append(f"amounts such as {shown(self.amount)} are read without their {word}")
        return notes
