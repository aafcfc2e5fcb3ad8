"""From the text of a file to rows of cells: which sign separates them, and what stands above the header."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evenhand.errors import InputError
from evenhand.tables.files import read_bytes
from evenhand.tables.numbers import CANNOT, Cell, is_number
from evenhand.tables.spreadsheet import unprotected
from evenhand.tables.table import shown
from evenhand.tables.text import decode

# In this order: a comma may be a decimal sign where another separator fits as well, and names may hold blanks.
_SEPARATORS = ("\t", ";", "|", ",", " ")
# Excel's own first line, which names the separator of the lines below it.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[;,\t| ]*', re.IGNORECASE)
_HEAD, _THREE = re.compile("[1-9][0-9]{0,2}"), re.compile("[0-9]{3}")
_RULE_CELL = re.compile(r":?-{2,}:?")
# Rows, and cells, that are looked at to tell the separator.
_SAMPLE_ROWS, _SAMPLE_CELLS = 50, 2000
# A name or a number longer than this is no name and no number: a quotation mark was never closed.
_LONGEST_CELL = 10_000


class AnyRows(Protocol):
    """Rows of cells that are not blank, from the header on: (line number, cells) each; of text or of a workbook."""

    @property
    def source(self) -> str:
        """Name of the file, for messages."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was passed over above the header, a sentence each."""

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]: ...


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file that are not blank, from the header on.

    Iterating yields (line number, cells) of each row; it starts anew each time, and nothing but the text is held.

    Attributes
    ----------
    source
        Name of the file, for messages.
    notes
        What was passed over above the header, a sentence each.
    """

    source: str
    text: str
    separator: str
    skipped: int
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        rows = _cut(self.text, self.separator, self.source)
        if self.separator == " ":
            rows = _with_corner(rows)
        return (row for row in rows if row[0] > self.skipped)


def read_rows(data: bytes, source: str) -> Rows:
    """Cut the text in `data` into rows.

    Tabs, semicolons, bars, commas or blanks separate, as a first line ``sep=;`` says, or else as header and rows agree.
    Titles (a line with nothing but its first cell) and lines that begin with ``#`` may stand above the header.

    Raises
    ------
    InputError
        If the bytes are no text, the file is empty, or nothing separates its columns.
    """
    text = decode(data, source)
    first, _, _ = text.partition("\n")
    line = _SEPARATOR_LINE.fullmatch(first.strip(" \r"))
    if line:
        # The line stays, so that the numbers of the others hold.
        text = "\n" + text[len(first) + 1 :]
    separator = line[1] if line else _find_separator(text, source)
    if separator == " ":
        _check_blanks(text, source)
    above, notes = _above(text, separator)
    return Rows(source, text, separator, above, tuple(notes))


def small_rows(file: Path) -> tuple[list[tuple[int, list[str]]], str]:
    """Return (line number, cells without blanks around them) of a small file's rows, and what separates the cells.

    Raises
    ------
    InputError
        If the file cannot be read as such.
    """
    data = read_bytes(file)
    if not data.strip():
        return [], ","
    text = decode(data, str(file))
    try:
        found = read_rows(data, str(file))
        rows: Iterable[tuple[int, Sequence[Cell]]] = found
        separator = found.separator
    except InputError:
        if any(separator in text for separator in ("\t", ";", "|", ",")):
            raise
        separator = ","
        rows = _cut(text, separator, str(file))  # one column
    return [(line, _without_tail([str(cell).strip() for cell in cells])) for line, cells in rows], separator


def _without_tail(cells: list[str]) -> list[str]:
    """Return the cells up to the last that is not empty: spreadsheets write empty columns at the end."""
    filled = [position for position, cell in enumerate(cells) if cell]
    return cells[: filled[-1] + 1] if filled else []


def _cut(text: str, separator: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of each row that is not blank; at least one."""
    stream = io.StringIO(text.replace("\t", " ") if separator == " " else text, newline="")
    reader = csv.reader(stream, delimiter=separator, strict=True, skipinitialspace=separator == " ")
    empty, quoted = True, "'" in text
    csv.field_size_limit(max(csv.field_size_limit(), 2 * _LONGEST_CELL))
    try:
        for cells in reader:
            if not any(cell and not cell.isspace() for cell in cells):
                continue
            empty = False
            if quoted:
                cells = [unprotected(cell) for cell in cells]
            if separator == "|":
                cells = _between_bars(cells)
                if all(_RULE_CELL.fullmatch(cell.strip()) for cell in cells):
                    continue
            elif separator == " " and not cells[-1]:
                cells.pop()
            yield reader.line_num, cells
    except csv.Error as error:
        reason = (
            "a quotation mark that opens a cell must close it" if "limit" not in str(error) else "a cell is too long"
        )
        raise InputError(f"{source}, line {max(reader.line_num, 1)}: not valid CSV ({error}); {reason}") from None
    if empty:
        raise InputError(f"{source}: the file is empty; it needs a header with names and a row for each agent or task")


def _between_bars(cells: list[str]) -> list[str]:
    """Return the cells of ``| a | b |`` without the empty ones outside; those of ``a | b`` as they are."""
    framed = len(cells) > 2 and not cells[0].strip() and not cells[-1].strip()
    return cells[1:-1] if framed else cells


def _with_corner(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Put back the empty corner, which blanks cannot show: a header with one cell less than the row below it."""
    above: list[tuple[int, list[str]]] = []
    for row in rows:
        if above and len(above[-1][1]) == len(row[1]) - 1 > 1:
            above[-1][1].insert(0, "")
        above.append(row)
        if len(row[1]) > 1 and len(above) > 1 and len(above[-2][1]) == len(row[1]):
            break
    yield from above
    yield from rows


def _find_separator(text: str, source: str) -> str:
    """Return the sign that cuts all rows alike, into numbers and with the fewest titles; or else that cuts most."""
    samples = {separator: [cells for _, cells in _sample(text, separator)] for separator in _SEPARATORS}
    tables = {separator: _table_part(rows) for separator, rows in samples.items()}
    alike = [
        separator
        for separator, rows in tables.items()
        if len(rows) > 1 and len(set(map(len, rows))) == 1 and 2 * len(rows) > len(samples[separator])
    ]
    if alike:
        # Names may hold other separators, numbers do not; and decimal commas in the rows make no title of the header.
        return max(alike, key=lambda separator: _fit(tables[separator]))
    widths = {separator: max(map(len, samples[separator]), default=0) for separator in _SEPARATORS[:-1]}
    best = max(widths, key=lambda separator: widths[separator])
    if widths[best] < 2:
        # Yields the message for an empty or broken file, where that is the reason.
        line, cells = next(_cut(text, ",", source))
        raise InputError(
            f"{source}, line {line}: one column only ({shown(cells[0].strip())}); "
            "separate an empty cell and the names of the columns by commas, semicolons or tabs"
        )
    return best


def _check_blanks(text: str, source: str) -> None:
    """Refuse blanks that may stand between thousands, since a header without a corner allows either."""
    (_, header), *rows = ((line, cells) for line, cells in _cut(text, " ", source))
    if len(header) == len(rows[0][1]) or text[:1].isspace():
        return
    columns = list(zip(*(cells[1:] for _, cells in rows), strict=False))
    for left, right in itertools.pairwise(columns):
        if all(_HEAD.fullmatch(cell) for cell in left) and all(_THREE.fullmatch(cell) for cell in right):
            raise InputError(
                f"{source}, line {rows[0][0]}: {shown(f'{left[0]} {right[0]}')} could be two cells or a number with a "
                "blank between thousands; separate the cells by semicolons or tabs"
            )


def _sample(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Return the first rows as `separator` cuts them, up to one that is broken: fewer where they are long."""
    sample: list[tuple[int, list[str]]] = []
    cells = 0
    rows = _cut(text, separator, "")
    try:
        for row in _with_corner(rows) if separator == " " else rows:
            sample.append(row)
            cells += len(row[1])
            if len(sample) == _SAMPLE_ROWS or (cells > _SAMPLE_CELLS and len(sample) > 2):
                break
    except InputError:
        pass
    return sample


def _table_part(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows without titles, which are one cell wide, above the table."""
    start = next((position for position, cells in enumerate(rows) if len(cells) > 1), len(rows))
    return rows[start:]


def _fit(rows: list[list[str]]) -> tuple[bool, int, bool]:
    """Return how well rows are cut: into some numbers, how many rows there are, into nothing but numbers."""
    numbers = [_is_value(cell) for cells in rows[1:] for cell in cells[1 : _SAMPLE_ROWS + 1]]
    return any(numbers), len(rows), all(numbers)


def _is_value(cell: str) -> bool:
    return cell.strip().lower() in CANNOT or is_number(cell)


def _above(text: str, separator: str) -> tuple[int, list[str]]:
    """Return the last line above the header, and a note for each row that stands there."""
    rows = _sample(text, separator)
    widths = [len(cells) for _, cells in rows]
    usual = max(set(widths), key=widths.count, default=0)
    last, notes = 0, []
    for (line, cells), (_, below) in itertools.pairwise(rows):
        title = bool(cells[0].strip()) and not any(cell.strip() for cell in cells[1:])
        # The corner of a header may begin with # as well; numbers stand below it.
        comment = cells[0].lstrip().startswith("#") and not (
            len(cells) == len(below) == usual and all(map(_is_value, below[1:]))
        )
        if not (comment or (title and usual > 1)):
            break
        last = line
        notes.append(f"line {line} ({shown(separator.join(cells).strip(separator + ' '))}) is taken for a title")
    return last, notes
