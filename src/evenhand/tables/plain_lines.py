"""Split the lines of a long text that need no rules of quotation, and read those of plain numbers at once.

A table of a million tasks has a million cells in a line, and nearly all of its time goes into single cells. A line of
nothing but digits, points and separators behind its name becomes numbers in one call, with the values that ``float``
has for them. Whatever may be read in another way is split into cells, which are looked at one by one.
"""

from __future__ import annotations

import csv
import importlib.util
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

SEPARATORS = (",", ";", "\t")
"""Separators of which lines are split here."""

LEAST = 64
"""Number of cells from which on a line is read at once; fewer take longer so than one by one."""

LONGEST = 400
"""Upper limit on the characters of such a cell."""

MANY = 4096
"""Number of cells from which on Arrow reads them, if it is installed: ten times as fast, but it takes time to load."""

_PLAIN = b"0123456789.eE+-"
# 0730 may be half past seven.
_TIME_OF_DAY = re.compile(b",0[0-9][0-5][0-9],")


@dataclass(frozen=True)
class PlainLine(Sequence[str]):
    """The cells of a line: a name, and plain, finite numbers in one way of writing.

    It is a sequence of cells, which are split when somebody asks for one.

    Attributes
    ----------
    name
        The first cell.
    text
        The other cells.
    separator
        The character between cells.
    values
        The numbers, shape (k,).
    """

    name: str
    text: str
    separator: str
    values: NDArray[np.float64]

    @cached_property
    def cells(self) -> list[str]:
        """All cells."""
        return [self.name, *self.text.split(self.separator)]

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self.name if place == 0 else self.cells[place]

    def __len__(self) -> int:
        return 1 + len(self.values)

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def with_points(self) -> Iterator[str]:
        """Yield the cells of numbers with a point, one after the other; nobody waits for those after the last asked."""
        begin = 0
        while (point := self.text.find(".", begin)) >= 0:
            first = self.text.rfind(self.separator, begin, point) + 1 or begin
            end = self.text.find(self.separator, point)
            begin = len(self.text) if end < 0 else end + 1
            yield self.text[first:begin].rstrip(self.separator)

    def called(self, name: str) -> PlainLine:
        """Return the line with another name."""
        return replace(self, name=name)


class PlainReader:
    """Reader of the lines of a text like ``csv.reader``, with the same cells, for texts without quotation marks.

    Parameters
    ----------
    text
        The text.
    separator
        The character between cells.

    Attributes
    ----------
    line_num
        Number of the line that was read last, from 1.
    """

    def __init__(self, text: str, separator: str) -> None:
        self._text = text
        self._separator = separator
        self._limit = csv.field_size_limit()
        self.line_num = 0

    @staticmethod
    def takes(text: str, separator: str) -> bool:
        """Return whether the lines of a text can be read so."""
        if separator not in SEPARATORS or '"' in text:
            return False
        return "\r" not in text or text.count("\r") == text.count("\r\n")

    def __iter__(self) -> Iterator[Sequence[str]]:
        begin = 0
        while begin < len(self._text):
            end = self._text.find("\n", begin)
            stop = len(self._text) if end < 0 else end
            line = self._text[begin:stop].removesuffix("\r") if end >= 0 else self._text[begin:stop]
            begin = stop + 1
            self.line_num += 1
            yield self._read(line)

    def _read(self, line: str) -> Sequence[str]:
        """Return the cells of a line; raise a csv.Error if one is too long."""
        name, separator, text = line.partition(self._separator)
        values = plain_values(text, separator) if separator and len(name) <= self._limit else None
        if values is not None:
            return PlainLine(name, text, separator, values)
        cells = line.split(self._separator) if line else []
        if len(line) > self._limit and max(map(len, cells)) > self._limit:
            raise csv.Error(f"field larger than field limit ({self._limit})")
        return cells


def plain_values(text: str, separator: str) -> NDArray[np.float64] | None:
    """Return the numbers of many cells that all are plain, finite and short, shape (k,); None if some may not be."""
    count = text.count(separator) + 1
    if count < LEAST or not text.isascii():
        return None
    data, mark = text.encode(), separator.encode()
    if data.translate(None, _PLAIN + mark):
        return None
    data = b",%b," % data.replace(mark, b",")
    if b",," in data or _TIME_OF_DAY.search(data) or _longest(data) > LONGEST:
        return None
    values = None
    if count >= MANY and importlib.util.find_spec("pyarrow") is not None:
        values = _by_arrow(data[1:-1].replace(b",", b"\n"))
    if values is None:
        values = _by_numpy(data[1:-1])
    return values if values is not None and len(values) == count and np.isfinite(values).all() else None


def _by_arrow(data: bytes) -> NDArray[np.float64] | None:
    """Return the numbers of some lines, shape (k,); None if Arrow does not take one for a number, such as +5."""
    import pyarrow
    import pyarrow.csv

    column = pyarrow.csv.ReadOptions(column_names=["number"])
    as_doubles = pyarrow.csv.ConvertOptions(column_types={"number": pyarrow.float64()})
    try:
        table = pyarrow.csv.read_csv(pyarrow.BufferReader(data), column, convert_options=as_doubles)
    except pyarrow.ArrowInvalid:
        return None
    # Its own conversion would import pandas.
    chunks = table.column("number").chunks
    return np.concatenate([
        np.frombuffer(chunk.buffers()[1], np.float64, len(chunk), 8 * chunk.offset) for chunk in chunks
    ])  # fmt: skip


def _by_numpy(data: bytes) -> NDArray[np.float64] | None:
    """Return the numbers between commas, shape (k,); None if one is no number."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        try:
            return np.fromstring(data, sep=",")
        except (ValueError, DeprecationWarning):
            return None


def _longest(data: bytes) -> int:
    """Return the length of the longest cell between commas."""
    return int(np.diff(np.flatnonzero(np.frombuffer(data, np.uint8) == ord(","))).max()) - 1
