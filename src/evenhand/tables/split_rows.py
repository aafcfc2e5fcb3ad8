"""Split the text of a file into rows of cells: find the separator, and skip titles above the header."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from evenhand.errors import InputError
from evenhand.tables.cost_table import shown
from evenhand.tables.files import decode
from evenhand.tables.formula_protection import unprotected
from evenhand.tables.number_tokens import CANNOT
from evenhand.tables.numbers import Cell, is_number
from evenhand.tables.plain_lines import PlainLine, PlainReader

WORKBOOK = b"PK\x03\x04"
"""First bytes of a workbook (.xlsx), as of any other zip archive."""

# In order of preference: where another separator fits equally well, commas are decimal and spaces belong to names.
_SEPARATORS = ("\t", ";", "|", ",", " ")
# The line that Excel writes above a table to name its separator.
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[;,\t| ]*', re.IGNORECASE)
_HEAD, _THREE = re.compile("[1-9][0-9]{0,2}"), re.compile("[0-9]{3}")
# A cell of the line of dashes under the header of a Markdown table.
_RULE_CELL = re.compile(r":?-{2,}:?")
# A date with a time behind it, whose space separates no cells.
_DATED = re.compile(r"[0-9]+([-./])[0-9]+\1[0-9]+[ T][0-9]+:[0-9:.]+")
# Upper limits on the rows and cells that are examined to find the separator.
_SAMPLE_ROWS, _SAMPLE_CELLS = 50, 2000
# Upper limit on the characters of a cell; a longer one means that a quotation mark was never closed.
_LONGEST_CELL = 10_000


class AnyRows(Protocol):
    """The non-blank rows of a text or workbook, from the header on; iterating yields (line number, cells)."""

    @property
    def source(self) -> str:
        """Name of the file, for messages."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on the lines above the header that were skipped."""

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]: ...


@dataclass(frozen=True, slots=True)
class Rows:
    """The non-blank rows of a text, from the header on.

    Iterating yields (line number, cells). Each iteration splits the text again, so that only the text is in memory.

    Attributes
    ----------
    source
        Name of the file, for messages.
    text
        The whole text.
    separator
        The character between cells.
    skipped
        Number of the last line above the header; 0 if the header comes first.
    notes
        Sentences on the lines above the header that were skipped.
    """

    source: str
    text: str
    separator: str
    skipped: int
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        rows = cut_rows(self.text, self.separator, self.source)
        if self.separator == " ":
            rows = _with_corner(rows)
        return (row for row in rows if row[0] > self.skipped)


def read_rows(data: bytes, source: str, known: Collection[str] = ()) -> Rows:
    """Split the text in `data` into rows.

    The separator is a tab, semicolon, bar, comma or space: the one that a first line ``sep=;`` names, or else the one
    with which header and rows agree best. Above the header there may be titles (lines with a first cell only) and lines
    that begin with ``#``.

    Parameters
    ----------
    data
        Contents of the file.
    source
        Name of the file, for messages.
    known
        Names of which the file may have one in each row: a separator that cuts out more of them is preferred, because
        names and headers may have spaces or other separators in them.

    Raises
    ------
    InputError
        If the bytes are not text, if the file is empty, or if no separator yields more than one column.
    """
    text = decode(data, source)
    first, _, _ = text.partition("\n")
    line = _SEPARATOR_LINE.fullmatch(first.strip(" \r"))
    if line:
        # Replaced by an empty line, so that the numbers of the other lines do not change.
        text = "\n" + text[len(first) + 1 :]
    separator = line[1] if line else _find_separator(text, source, known)
    if separator == " ":
        _check_blanks(text, source)
    above, notes = _above(text, separator)
    return Rows(source, text, separator, above, tuple(notes))


def one_line_name(cell: str) -> str:
    """Return a cell without space at its ends, and with a space for each line break, as Alt+Enter makes in a name."""
    return cell.strip() if "\n" not in cell and "\r" not in cell else " ".join(cell.split())


def _reader(text: str, separator: str) -> Any:
    """Return an iterator of the cells of each line, which counts the lines in its attribute ``line_num``."""
    csv.field_size_limit(max(csv.field_size_limit(), 2 * _LONGEST_CELL))
    if PlainReader.takes(text, separator):
        return PlainReader(text, separator)
    stream = io.StringIO(text.replace("\t", " ") if separator == " " else text, newline="")
    return csv.reader(stream, delimiter=separator, strict=True, skipinitialspace=separator == " ")


def cut_rows(text: str, separator: str, source: str) -> Iterator[tuple[int, Any]]:
    """Yield (line number, cells) of each non-blank row; raise an InputError if there is none."""
    reader = _reader(text, separator)
    empty, quoted = True, "'" in text
    try:
        for cells in reader:
            if isinstance(cells, PlainLine):
                empty = False
                yield reader.line_num, cells.called(unprotected(cells.name)) if quoted else cells
                continue
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
    """Return the cells of ``| a | b |`` without the empty ones at both ends; those of ``a | b`` unchanged."""
    framed = len(cells) > 2 and not cells[0].strip() and not cells[-1].strip()
    return cells[1:-1] if framed else cells


def _with_corner(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Insert an empty corner cell into a header with one cell less than the row below it.

    In a file separated by spaces an empty corner leaves no trace.
    """
    above: list[tuple[int, list[str]]] = []
    for row in rows:
        if above and len(above[-1][1]) == len(row[1]) - 1 > 1:
            above[-1][1].insert(0, "")
        above.append(row)
        if len(row[1]) > 1 and len(above) > 1 and len(above[-2][1]) == len(row[1]):
            break
    yield from above
    yield from rows


def _find_separator(text: str, source: str, known: Collection[str] = ()) -> str:
    """Return the most plausible separator.

    Preferred is one that makes cells of the most `known` names, then one that splits all rows below any titles into the
    same number of cells: of several, the one whose cells are numbers, then the one with the fewest titles, then the one
    with nothing but numbers. If no separator splits the rows evenly, the one with the most columns is returned, so that
    errors about single lines make sense.
    """
    samples = {separator: [cells for _, cells in _sample(text, separator)] for separator in _SEPARATORS}
    named = {
        separator: sum(any(cell.strip() in known for cell in cells) for cells in rows if len(cells) > 1)
        for separator, rows in samples.items()
    }
    if len(set(named.values())) > 1:
        samples = {
            separator: rows if named[separator] == max(named.values()) else [] for separator, rows in samples.items()
        }
    tables = {separator: _table_part(rows) for separator, rows in samples.items()}
    alike = [
        separator
        for separator, rows in tables.items()
        if len(rows) > 1 and len(set(map(len, rows))) == 1 and 2 * len(rows) > len(samples[separator])
    ]
    if alike:
        # Names may contain other separators, but numbers do not. The number of rows counts before anything else that
        # follows, or else decimal commas would turn a header without commas into a title.
        return max(alike, key=lambda separator: _fit(tables[separator]))
    widths = {separator: max(map(len, samples[separator]), default=0) for separator in _SEPARATORS[:-1]}
    best = max(widths, key=lambda separator: widths[separator])
    if widths[best] < 2:
        # Raises the more specific error if the file is empty or has an unclosed quotation mark.
        line, cells = next(cut_rows(text, ",", source))
        raise InputError(
            f"{source}, line {line}: one column only ({shown(cells[0].strip())}); "
            "separate an empty cell and the names of the columns by commas, semicolons or tabs"
        )
    return best


def _check_blanks(text: str, source: str) -> None:
    """Raise an InputError if spaces may group thousands instead of separating cells.

    Without a corner cell the header may have one cell less than the rows, so it does not settle the question.
    """
    (_, header), *rows = ((line, cells) for line, cells in cut_rows(text, " ", source))
    if len(header) == len(rows[0][1]) or text[:1].isspace():
        return
    columns = list(zip(*(cells[1:] for _, cells in rows), strict=False))
    for left, right in itertools.pairwise(columns):
        if all(_HEAD.fullmatch(cell) for cell in left) and all(_THREE.fullmatch(cell) for cell in right):
            raise InputError(
                f"{source}, line {rows[0][0]}: {shown(f'{left[0]} {right[0]}')} could be two cells or a number with a "
                "space between thousands; separate the cells by semicolons or tabs"
            )


def _sample(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Return the first rows, split by `separator`, up to the first that is not valid CSV; fewer if they are long."""
    sample: list[tuple[int, list[str]]] = []
    cells = 0
    rows = cut_rows(text, separator, "")
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
    """Return the rows from the first with more than one cell on; those above are titles."""
    start = next((position for position, cells in enumerate(rows) if len(cells) > 1), len(rows))
    return rows[start:]


def _fit(rows: list[list[str]]) -> tuple[bool, int, bool]:
    """Return a score of how well rows are split: whether some cells are numbers, number of rows, whether all are."""
    numbers = [_is_value(cell) for cells in rows[1:] for cell in cells[1 : _SAMPLE_ROWS + 1]]
    return any(numbers), len(rows), all(numbers)


def _is_value(cell: str) -> bool:
    return cell.strip().lower() in CANNOT or is_number(cell) or _DATED.fullmatch(cell.strip()) is not None


def _above(text: str, separator: str) -> tuple[int, list[str]]:
    """Return the number of the last line above the header, and a note on each non-blank line up to it."""
    rows = _sample(text, separator)
    widths = [len(cells) for _, cells in rows]
    usual = max(set(widths), key=widths.count, default=0)
    last, notes = 0, []
    for (line, cells), (_, below) in itertools.pairwise(rows):
        title = bool(cells[0].strip()) and not any(cell.strip() for cell in cells[1:])
        # A header's corner may begin with # as well; then the row below has as many cells, and numbers in them.
        comment = cells[0].lstrip().startswith("#") and not (
            len(cells) == len(below) == usual and all(map(_is_value, below[1:]))
        )
        if not (comment or (title and usual > 1)):
            break
        last = line
        notes.append(f"line {line} ({shown(separator.join(cells).strip(separator + ' '))}) is skipped as a title")
    return last, notes
