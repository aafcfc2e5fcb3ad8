"""A safe evaluator of the MATLAB arithmetic with which case files convert units; it never calls ``eval``.

It supports numbers, + - * / ^ and their element-wise forms, a few functions, names with a numeric value, and columns of
a table, ``mpc.bus(:, [PD, QD])`` or for one row ``mpc.bus(1, BASE_KV)``. As in MATLAB, ^ binds more tightly than a
sign, and all operators are left-associative. The parser is a recursive descent, one method per precedence level.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.tables.cost_table import shown

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?)|(?P<name>[a-z]\w*(?:\.[a-z]\w*)*)"
    r"|(?P<sign>\.[*/^]|[-+*/^(),:\[\]]))",
    re.IGNORECASE | re.ASCII,
)
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sqrt": np.sqrt, "abs": np.abs, "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
}  # fmt: skip
_CONSTANTS = {"pi": math.pi, "inf": math.inf, "nan": math.nan}
_DEEPEST = 50
"""Upper limit on nested brackets and signs, far above what case files contain."""


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers of a row, and its line number, counted from 1."""

    line: int
    numbers: list[float]


@dataclass(frozen=True, slots=True)
class Place:
    """Rows and columns of a table, counted from 0."""

    table: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]


class Expression:
    """An arithmetic expression.

    Parameters
    ----------
    text
        The text of the expression.
    names
        Numbers by name.
    tables
        Rows of each table, by its name.

    Raises
    ------
    ValueError
        From every method, if the text is not understood; the message says which part.
    """

    def __init__(self, text: str, names: Mapping[str, float], tables: Mapping[str, list[Row]]) -> None:
        self._names, self._tables = names, tables
        self._tokens: list[tuple[str, str]] = []
        self._at, self._depth = 0, 0
        text, place = text.strip(), 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise ValueError(f"{shown(text[place:])} is not understood")
            self._tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            place = found.end()

    def value(self) -> Array:
        """Return the value: a number, shape (), or columns of a table, shape (rows, columns)."""
        with np.errstate(all="ignore"):
            value = np.asarray(self._sum(), dtype=np.float64)
        self._end()
        return value

    def number(self) -> float:
        """Return the value, which must be a single number."""
        value = self.value()
        if value.size != 1:
            raise ValueError("a single number is needed")
        return float(value.item())

    def place(self) -> Place:
        """Return the place in a table that the text names, such as ``mpc.branch(:, BR_R)``."""
        _, name = self._take()
        place = self._place(name)
        self._end()
        return place

    def _end(self) -> None:
        if self._at < len(self._tokens):
            raise ValueError(f"{shown(self._tokens[self._at][1])} is not understood there")

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> tuple[str, str]:
        kind, word = self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")
        if kind == "end" or (wanted and word != wanted):
            raise ValueError(f"{shown(wanted or 'a value')} is missing")
        self._at += 1
        return kind, word

    def _sum(self) -> Any:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Any:
        return self._chain(("*", "/", ".*", "./"), self._signed)

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Any]) -> Any:
        left = part()
        while (sign := self._next()) in signs:
            self._at += 1
            left = _combined(left, sign, part())
        return left

    def _signed(self) -> Any:
        if self._next() in ("+", "-"):
            return self._nested(lambda: -self._signed() if self._take()[1] == "-" else self._signed())
        return self._power()

    def _power(self) -> Any:
        left = self._atom()
        while (sign := self._next()) in ("^", ".^"):
            self._at += 1
            minus = self._next() == "-"
            self._at += minus
            right = self._atom()
            left = _combined(left, sign, -right if minus else right)
        return left

    def _nested(self, parse: Callable[[], Any]) -> Any:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"there are more than {_DEEPEST} brackets or signs within each other")
        value = parse()
        self._depth -= 1
        return value

    def _atom(self) -> Any:
        kind, word = self._take()
        if kind == "number":
            return np.float64(word.lower().replace("d", "e"))
        if word == "(":
            value = self._nested(self._sum)
            self._take(")")
            return value
        if kind != "name":
            raise ValueError(f"{shown(word)} is not understood there")
        if word in _FUNCTIONS and self._next() == "(":
            self._take("(")
            value = self._nested(self._sum)
            self._take(")")
            return _FUNCTIONS[word](value)
        if self._next() == "(":
            place = self._place(word)
            rows = self._tables[place.table]
            return np.array([[rows[row].numbers[column] for column in place.columns] for row in place.rows])
        if word in self._names:
            return np.float64(self._names[word])
        if word.lower() in _CONSTANTS:
            return np.float64(_CONSTANTS[word.lower()])
        raise ValueError(f"{shown(word)} has no value here")

    def _place(self, name: str) -> Place:
        table = name.removeprefix("mpc.")
        if table not in self._tables or not name.startswith("mpc."):
            raise ValueError(f"{shown(name)} is no table that was written above")
        rows = self._tables[table]
        self._take("(")
        chosen = self._indices(len(rows), "row")
        self._take(",")
        columns = self._indices(min(len(row.numbers) for row in rows), "column")
        self._take(")")
        return Place(table, chosen, columns)

    def _indices(self, most: int, what: str) -> tuple[int, ...]:
        """Return the indices, counted from 0, that ``:``, ``3``, ``3:4`` or ``[3, 6:8]`` selects among 1 to `most`."""
        if self._next() == ":":
            self._take()
            return tuple(range(most))
        if self._next() != "[":
            return self._span(self._sum, most, what)
        self._take("[")
        chosen: list[int] = []
        while self._next() != "]":
            chosen += self._span(self._atom, most, what)
            if self._next() == ",":
                self._take()
        self._take("]")
        if not chosen or len(set(chosen)) < len(chosen):
            raise ValueError(f"{what}s are to be listed, each once")
        return tuple(chosen)

    def _span(self, parse: Callable[[], Any], most: int, what: str) -> tuple[int, ...]:
        first = last = self._index(self._nested(parse), most, what)
        if self._next() == ":":
            self._take()
            last = self._index(self._nested(parse), most, what)
        if last < first:
            raise ValueError(f"{first + 1}:{last + 1} chooses nothing")
        return tuple(range(first, last + 1))

    @staticmethod
    def _index(value: Any, most: int, what: str) -> int:
        if np.shape(value) != () or not (1 <= value <= most and value == int(value)):
            raise ValueError(f"{what} {value} is none of 1 to {most}")
        return int(value) - 1


def _combined(left: Any, sign: str, right: Any) -> Any:
    """Combine two values as MATLAB does; raise `ValueError` for operations on matrices."""
    scalars = np.ndim(left) == 0, np.ndim(right) == 0
    if sign == "*" and not any(scalars):
        raise ValueError("'*' multiplies matrices there; '.*' goes by elements")
    if sign == "/" and not scalars[1]:
        raise ValueError("'/' divides by a matrix there; './' goes by elements")
    if sign == "^" and not all(scalars):
        raise ValueError("'^' is the power of a matrix there; '.^' goes by elements")
    if not any(scalars) and np.shape(left) != np.shape(right):
        raise ValueError(f"{np.shape(left)} and {np.shape(right)} rows and columns do not go together")
    operation = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}
    return operation[sign[-1]](left, right)
