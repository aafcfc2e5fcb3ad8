"""From the text of cells to numbers: one reading for a whole table, strict where Python's own ``float`` is lenient.

Offices write ``1.234``, ``1 234,50``, ``8h``, ``1:30``, ``30 %`` and ``12 EUR``. What a point or a comma means is
decided by all cells of the table together, never by one of them, and what remains open is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.tables.table import shown

Cell = str | float
"""Text, or a number that the file holds as one (workbooks)."""

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
"""Texts, in lower case, that say: this agent cannot do this task."""

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
)  # 8h5: five minutes, or half an hour?
_NO_NUMBER = "is not a number; write a number, or inf or nothing for a forbidden pair"


class CellError(ValueError):
    """A cell cannot be used.

    Parameters
    ----------
    row, column
        Place of the cell among those that were read, from 0.
    reason
        What is wrong with it and what would be right.
    """

    def __init__(self, row: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Numbers:
    """What cells say.

    Attributes
    ----------
    values
        Shape (rows, columns); ``inf`` marks a forbidden pair.
    notes
        How cells that are more than plain numbers were read, a sentence each.
    """

    values: NDArray[np.float64]
    notes: tuple[str, ...] = ()


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


def is_number(text: str) -> bool:
    """Tell whether `text` looks like a number of any kind: with marks, a currency, a per cent sign, or a duration."""
    text = text.strip().translate(_SIGNS)
    if text.lower() in CANNOT:
        return text.lower().lstrip("+") in ("inf", "infinity", "nan")
    return _token(text) is not None


@dataclass(frozen=True, slots=True)
class _Token:
    """A cell taken apart.

    Attributes
    ----------
    kind
        ``number``, ``percent`` or ``duration``.
    negative
        Whether a sign or parentheses make it negative.
    body
        Digits and marks, with ``'`` and blanks as one sign each; a duration's whole text.
    currency
        Its name; empty where there is none.
    """

    kind: str
    negative: bool
    body: str
    currency: str = ""


def _token(text: str) -> _Token | None:
    """Take a cell apart that is not empty; None where it is no number of any kind."""
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
    if not percent and not currency and _hours(text) is not None:
        return _Token("duration", negative, text)
    return None


def _without_sign(text: str) -> tuple[bool, str]:
    if text[:1] in ("+", "-") and text[1:2] not in ("+", "-"):
        return text[0] == "-", text[1:].lstrip()
    if text.endswith("-") and (rest := text[:-1].rstrip()) and rest[-1] not in ".,":
        return True, rest  # as accounting systems print it; but "5,-" is a whole price
    return False, text


def _without_currency(negative: bool, text: str) -> tuple[bool, str, str]:
    """Return sign and rest of `text`, and the currency in front of it or behind it; empty where there is none."""
    lower = text.lower()
    for sign, name in _CURRENCIES.items():
        if lower.startswith(sign) and not lower[len(sign) : len(sign) + 1].isalpha():
            inner, text = _without_sign(text[len(sign) :].lstrip())
            return negative != inner, text, name
        if lower.endswith(sign) and not lower[: -len(sign)][-1:].isalpha():
            return negative, text[: -len(sign)].rstrip(), name
    return negative, text, ""


def _hours(text: str) -> float | None:
    """Return the hours in ``1:30``, ``1:30:00``, ``8h``, ``8 h 30`` or ``45 min``; None for any other text."""
    clock = _CLOCK.fullmatch(text)
    if clock:
        return int(clock[1]) + int(clock[2]) / 60 + float(clock[3] or 0) / 3600
    units = _UNITS.fullmatch(text)
    if not units or not any(character.isalpha() for character in text) or not text[:1].isdigit():
        return None
    hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in units.groups())
    if not units[1] and re.search("[0-9] *m(?![a-z])", text, re.IGNORECASE):
        return None  # metres, more often than minutes
    if _LONE_DIGIT.search(text):
        return None
    if (units[1] and minutes >= 60) or ((units[1] or units[2]) and seconds >= 60):
        return None
    return hours + minutes / 60 + seconds / 3600


def plain_row(cells: Sequence[Cell]) -> NDArray[np.float64] | None:
    """Return the numbers of a row in which every cell is one that ``float`` reads as everybody would; None elsewhere.

    Most rows are such, and this is an order of magnitude faster than taking each cell apart.
    """
    try:
        values = np.fromiter(map(float, cells), dtype=np.float64, count=len(cells))
    except (ValueError, OverflowError):
        return None
    # 1e400 reads as inf, 1_000 as 1000: the long way names the cell.
    if not np.isfinite(values).all():
        return None
    written = "".join(map(str, cells))
    return values if "_" not in written and written.isascii() else None


def settles_points(cells: Iterable[Cell]) -> bool | None:
    """Tell whether some cell of a plain row can only mean a decimal point; None where no cell has a point."""
    open_ones = None
    for cell in cells:
        if isinstance(cell, str) and "." in cell:
            if not _LIKE_THOUSANDS.fullmatch(cell.strip()):
                return True
            open_ones = False
    return open_ones


def read_numbers(cells: Sequence[Sequence[Cell]], *, decimal: str | None = None, apart: bool = False) -> Numbers:
    """Read a table of cells.

    Parameters
    ----------
    cells
        Rows of cells, all of one length.
    decimal
        The decimal sign, ``.`` or ``,``, where the cells alone do not tell it from a mark of thousands.
    apart
        Each column has a kind of its own (hours beside prices); marks mean the same in all of them.

    Raises
    ------
    CellError
        For the first cell that is no number, too large, or of another kind than the ones before it.
    InputError
        If points or commas could mean decimals or thousands; the message has no place in it yet.
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
            token = _Token("number", False, "") if isinstance(cell, float | int) else tokens[cell]
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


def _why_not(text: str) -> str:
    if text.lower() in ("-inf", "-infinity"):
        return "is no cost; inf is a forbidden pair"
    if text.startswith("#"):
        return "is the error of a spreadsheet; mend its formula, or leave the cell empty for a forbidden pair"
    return _NO_NUMBER


def _value(token: _Token, cell: Cell, marks: _Marks) -> float:
    if isinstance(cell, float | int):
        value = float(cell)
    elif token.kind == "duration":
        hours = _hours(_MARKED_AMOUNT.sub(lambda amount: marks.plain(amount[0]).rstrip("."), token.body))
        if hours is None:
            raise ValueError(_NO_NUMBER)
        value = hours
    else:
        value = float(marks.plain(token.body))
    if not np.isfinite(value):
        raise ValueError("is too large; the largest number is about 1.8e308, and inf is a forbidden pair")
    value = value / 100 if token.kind == "percent" else value
    return -value if token.negative else value


@dataclass(slots=True)
class _Marks:
    """What points, commas, apostrophes and blanks mean inside the numbers of one file.

    A cell settles its marks where it cannot be read otherwise: ``2,5`` and ``0,500`` have a decimal comma,
    ``1.234.567`` points between thousands, ``1.234,5`` both. ``1.234`` alone could be either.
    """

    asked: str | None
    decimals: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)

    def add(self, body: str, cell: str) -> None:
        """Note what one number shows; `cell` is how it was written."""
        number = re.split("[eE]", body)[0]
        whole, decimal, _ = self._split(number)
        if decimal is None and _LIKE_THOUSANDS.fullmatch(number):
            if number != body:
                self.decimals.setdefault(number[-4], cell)  # nobody writes thousands and an exponent
            else:
                self.open.setdefault(number[-4], cell)
            return
        if decimal is not None:
            self.decimals.setdefault(decimal, cell)
        for mark in {character for character in whole if not character.isdigit()}:
            self.groups.setdefault(mark, cell)

    @staticmethod
    def _split(number: str) -> tuple[str, str | None, str]:
        """Return whole part, decimal sign (None where no sign can only be one) and decimals of a number."""
        last = max(number.rfind("."), number.rfind(","))
        if last < 0:
            return number, None, ""
        mark, whole, rest = number[last], number[:last], number[last + 1 :]
        others = {character for character in whole if not character.isdigit()}
        if mark in others or (not others and _LIKE_THOUSANDS.fullmatch(number)):
            return number, None, ""
        return whole, mark, rest

    def settle(self) -> None:
        """Decide which sign is the decimal one.

        Raises
        ------
        InputError
            If cells contradict each other, or could all be read in two ways.
        """
        for one, other in ((self.decimals, self.decimals), (self.decimals, self.groups), (self.groups, self.groups)):
            for mark, cell in one.items():
                clash = next((m for m in other if (m != mark) == (one is other)), None)
                if clash is not None:
                    raise InputError(
                        f"a number has both {shown(cell)} and {shown(other[clash])}, in which points or commas mean "
                        "different things; write all alike"
                    )
        known = next(iter(self.decimals), None)
        if known is None and self.groups:
            known = {".": ",", ",": "."}.get(next(iter(self.groups)))
        if known is None and self.groups and len(self.open) == 1:
            known = next(iter(self.open))  # 1'234 beside 1.500: apostrophes mark the thousands
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
                "number in the file tells; say which sign is the decimal one: --decimal . or --decimal ,"
            )
        self.decimals = {known: self.decimals.get(known, "")} if known else {}
        for mark, cell in self.open.items():
            if mark != known:
                self.groups.setdefault(mark, cell)

    def plain(self, body: str) -> str:
        """Return a number as ``float`` reads it.

        Raises
        ------
        ValueError
            If marks of thousands do not stand every three digits.
        """
        decimal = next(iter(self.decimals), ".")
        whole, _, rest = body.partition(decimal)
        for mark in self.groups:
            if mark in whole:
                if not _GROUPED[mark].fullmatch(whole):
                    break
                whole = whole.replace(mark, "")
        if re.search("[., ']", whole + rest):
            raise ValueError("is not a number: its marks of thousands do not stand every three digits")
        return f"{whole}.{rest}" if rest or whole != body else whole

    def notes(self) -> list[str]:
        """Return what was read as a mark of thousands."""
        return [
            f"{shown(cell)} is read with {shown(mark)} between thousands"
            for mark, cell in list(self.groups.items())[:1]
        ]


@dataclass(slots=True)
class _Kind:
    """What the cells of one table are: numbers, per cents or durations; never some of each."""

    kind: str = ""
    cell: str = ""
    currency: str = ""
    amount: str = ""

    def add(self, token: _Token, cell: str) -> None:
        if not self.kind:
            self.kind, self.cell = token.kind, cell
        if token.kind != self.kind:
            raise ValueError(f"stands beside {shown(self.cell)}; give all cells the same unit")
        if token.currency and not self.currency:
            self.currency, self.amount = token.currency, cell
        if token.currency and token.currency != self.currency:
            raise ValueError(f"stands beside {shown(self.amount)}; give all amounts in one currency")

    def notes(self) -> list[str]:
        told = []
        if self.kind == "duration":
            told.append(f"durations such as {shown(self.cell)} are read in hours")
        if self.kind == "percent":
            told.append(f"per cents such as {shown(self.cell)} are read as parts of 1")
        if self.currency:
            told.append(f"amounts such as {shown(self.amount)} are read without their currency")
        return told
