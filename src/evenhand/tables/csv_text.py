"""CSV: a header with the names of the tasks, then one row for each agent, its name first."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from evenhand.errors import InputError
from evenhand.tables.numbers import AmbiguousCommaError, CellError, is_number, parse_row, uses_decimal_comma
from evenhand.tables.table import CostTable, check_names, shown
from evenhand.tables.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# In this order: a comma may be a decimal sign where another separator fits as well.
_SEPARATORS = ("\t", ";", ",")
_SEPARATOR_NAMES = {"\t": "tab", ";": "semicolon", ",": "comma"}
_NAME_HEADERS = {"agent", "agents", "task", "tasks", "name", "names", "id"}
# A name or a number longer than this is no name and no number: a quotation mark was never closed.
_LONGEST_CELL = 10_000


def parse_csv(data: bytes, source: str, *, transpose: bool = False) -> CostTable:
    """Return the table in CSV `data`.

    Commas, semicolons or tabs separate (found from the header); decimal commas are read where another sign
    separates and they cannot be thousands. Blank rows are skipped. An empty cell or ``inf`` is a forbidden
    pair.

    Parameters
    ----------
    data
        The file's bytes: UTF-8, with or without byte order mark.
    source
        Name of the file, for messages.
    transpose
        The rows are tasks and the columns are agents.

    Raises
    ------
    InputError
        Naming line, column, names and value of the first thing that is wrong.
    """
    text = decode(data, source)
    separator = _find_separator(text, source)
    row_kind, column_kind = ("task", "agent") if transpose else ("agent", "task")
    rows = _rows(text, separator, source)
    header_line, header = next(rows)
    columns = [name.strip() for name in header[1:]]
    _check_header(header, columns, column_kind, f"{source}, line {header_line}")
    decimal_comma = _decimal_comma(text, separator, source)

    names: list[str] = []
    lines: list[int] = []
    values = []
    for line, cells in rows:
        name = cells[0].strip()
        place = f"{source}, line {line}"
        if len(cells) != len(header):
            raise InputError(f"{place}: {len(cells)} cells where the header has {len(header)}; every row needs as many")
        try:
            values.append(parse_row(cells[1:], decimal_comma))
        except CellError as error:
            pair = f"{row_kind} {shown(name)}, {column_kind} {shown(columns[error.position])}"
            value = shown(cells[error.position + 1].strip())
            raise InputError(f"{place}, column {error.position + 2} ({pair}): {value} {error.reason}") from None
        if not name:
            raise InputError(f"{place}, column 1: the {row_kind} has no name; every {row_kind} needs one")
        names.append(name)
        lines.append(line)
    if not names:
        raise InputError(f"{source}: only a header (line {header_line}); it needs one row for each {row_kind}")
    _check_row_names(names, lines, header[0].strip(), row_kind, source)
    table = CostTable(np.vstack(values), tuple(names), tuple(columns), source=source)
    return table.transposed() if transpose else table


def _rows(text: str, separator: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of each row that is not blank; at least one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    empty = True
    csv.field_size_limit(max(csv.field_size_limit(), 2 * _LONGEST_CELL))
    try:
        for cells in reader:
            if any(cell and not cell.isspace() for cell in cells):
                empty = False
                yield reader.line_num, cells
    except csv.Error as error:
        reason = (
            "a quotation mark that opens a cell must close it" if "limit" not in str(error) else "a cell is too long"
        )
        raise InputError(f"{source}, line {max(reader.line_num, 1)}: not valid CSV ({error}); {reason}") from None
    if empty:
        raise InputError(f"{source}: the file is empty; it needs a header with names and a row for each agent or task")


def _find_separator(text: str, source: str) -> str:
    """Return the sign that cuts header and first row alike, or else cuts the header most."""
    counts = {separator: _first_counts(text, separator) for separator in _SEPARATORS}
    for separator, (header, first) in counts.items():
        if header > 1 and header == first:
            return separator
    best = max(counts, key=lambda separator: counts[separator][0])
    if counts[best][0] < 2:
        # Yields the message for an empty or broken file, where that is the reason.
        line, cells = next(_rows(text, ",", source))
        raise InputError(
            f"{source}, line {line}: one column only ({shown(cells[0].strip())}); "
            "separate an empty cell and the names of the columns by commas, semicolons or tabs"
        )
    return best


def _first_counts(text: str, separator: str) -> tuple[int, int]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    counts: list[int] = []
    try:
        for cells in rows:
            if any(cell and not cell.isspace() for cell in cells):
                counts.append(len(cells))
            if len(counts) == 2:
                break
    except csv.Error:
        pass
    header, first, *_ = [*counts, 0, 0]
    return header, first


def _decimal_comma(text: str, separator: str, source: str) -> bool:
    if separator == "," or "," not in text:
        return False
    rows = _rows(text, separator, source)
    next(rows)
    try:
        return uses_decimal_comma(cell for _, cells in rows for cell in cells[1:])
    except AmbiguousCommaError as error:
        raise InputError(f"{source}: separated by {_SEPARATOR_NAMES[separator]}s, but a number {error}") from None


def _check_header(header: Sequence[str], columns: Sequence[str], kind: str, place: str) -> None:
    if all(is_number(cell) for cell in header):
        raise InputError(
            f"{place}: no header, every cell is a number; the first line must hold the names of the {kind}s "
            "after an empty first cell (a plain array of numbers can be given as .npy)"
        )
    for column, name in enumerate(columns, start=2):
        if not name:
            raise InputError(f"{place}, column {column}: the {kind} has no name; every {kind} needs one")
    check_names(columns, kind, place)


def _check_row_names(names: Sequence[str], lines: Sequence[int], corner: str, kind: str, source: str) -> None:
    """Refuse a first column of costs mistaken for names, and names that stand twice."""
    named = not corner or corner.lower() in _NAME_HEADERS
    if not named and all(is_number(name) for name in names) and not _counts_up(names):
        raise InputError(
            f"{source}, line {lines[0]}, column 1: {shown(names[0])} names no {kind}, and all of "
            f"{shown(corner)} are numbers; put the names of the {kind}s first (if these are, call their "
            f"column '{kind}')"
        )
    first: dict[str, int] = {}
    for name, line in zip(names, lines, strict=True):
        if first.setdefault(name, line) != line:
            raise InputError(
                f"{source}, line {line}, column 1: {kind} {shown(name)} stands in line {first[name]} too; "
                "names must differ"
            )


def _counts_up(names: Sequence[str]) -> bool:
    """Tell whether the names are consecutive whole numbers, as in a column of positions."""
    if not all(name.isascii() and name.isdigit() and len(name) < 16 for name in names):
        return False
    start = int(names[0])
    return all(int(name) == start + position for position, name in enumerate(names))
