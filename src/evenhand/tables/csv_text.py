"""Parse a table in matrix form: a header with the names of the tasks, then a row of costs for each agent."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError, prefixed
from evenhand.tables.cost_table import CostTable, check_names, shown
from evenhand.tables.numbers import (
    Cell,
    CellError,
    Numbers,
    UnitNumber,
    check_units,
    is_number,
    plain_row,
    read_numbers,
    settles_points,
)
from evenhand.tables.plain_lines import PlainLine
from evenhand.tables.split_rows import AnyRows, one_line_name

NAME_HEADERS = {"agent", "agents", "task", "tasks", "name", "names", "id"}
"""Headers, in lower case, of columns that contain names."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a user says about a file that the file does not say itself.

    Attributes
    ----------
    tasks_as
        How the tasks are arranged: as ``columns``, as ``rows``, or as ``pairs`` (a row for each agent and task, with
        its cost). A file whose header has ``agent``, ``task`` and ``cost`` is read as pairs in any case.
    decimal
        The decimal separator, ``.`` or ``,``; None to infer it from the numbers.
    ignore_rows, ignore_columns
        Names of rows and columns to leave out, such as totals.
    sheet
        Name of a workbook's sheet; None for the only one.
    lenient
        Whether the names to leave out may be absent from the file, because they belong to another one.

    Raises
    ------
    InputError
        If `tasks_as` or `decimal` has another value.
    """

    tasks_as: str = "columns"
    decimal: str | None = None
    ignore_rows: tuple[str, ...] = ()
    ignore_columns: tuple[str, ...] = ()
    sheet: str | None = None
    lenient: bool = False

    def __post_init__(self) -> None:
        if self.tasks_as not in ("columns", "rows", "pairs"):
            raise InputError(f"--tasks-as {shown(self.tasks_as)} is not known; use columns, rows or pairs")
        if self.decimal not in (None, ".", ","):
            raise InputError(f"--decimal {shown(self.decimal)} is not known; use . or ,")

    @property
    def kinds(self) -> tuple[str, str]:
        """What the rows and the columns contain: ``agent`` and ``task``, or the other way round."""
        return ("task", "agent") if self.tasks_as == "rows" else ("agent", "task")

    def left_out(self, kind: str, names: Collection[str], there: Collection[str], source: str) -> list[str]:
        """Return a note on each row or column to leave out.

        Parameters
        ----------
        kind
            ``row`` or ``column``.
        names
            Names to leave out.
        there
            Names in the file.
        source
            Name of the file, for messages.

        Raises
        ------
        InputError
            If one of the names is not in the file; not with `lenient`.
        """
        missing = next((name for name in names if name not in there), None)
        if missing is not None and not self.lenient:
            raise InputError(f"{source}: no {kind} is called {shown(missing)}, which --ignore-{kind} names")
        return [left_out(kind, name) for name in names if name in there]


def left_out(kind: str, name: str) -> str:
    """Return the note on a row or column that is left out."""
    return f"{kind} {shown(name)} is left out"


def parse_wide(rows: AnyRows, reading: Reading) -> CostTable:
    """Return the table in `rows`: a header of a corner cell and names, then rows of a name and numbers.

    Rows are first read as plain numbers. If one of them is not, or if every point in the file could group thousands,
    the whole file is read again by :func:`~evenhand.tables.numbers.read_numbers`, cell by cell.

    Empty columns at the end are dropped. A cell that is empty, ``inf``, ``-`` or ``#N/A`` marks a forbidden pair.

    Raises
    ------
    InputError
        For the first error in the file; the message names line, column, agent, task and value.
    """
    source = rows.source
    row_kind, column_kind = reading.kinds
    ordered = iter(rows)
    header_line, header = next(ordered)
    corner, *columns = (_text(cell) for cell in header)
    while columns and not columns[-1]:
        columns.pop()
    place = f"{source}, line {header_line}"
    _check_header([corner, *columns], bool(rows.notes), column_kind, place)
    notes = reading.left_out("column", reading.ignore_columns, columns, source)
    kept = [k for k, name in enumerate(columns) if name not in reading.ignore_columns] if notes else None
    ignored: set[str] = set()
    names: list[str] = []
    lines: list[int] = []
    plain: list[NDArray[np.float64]] = []
    settled: bool | None = None
    all_plain = True
    for line, cells in ordered:
        name = _text(cells[0])
        if name in reading.ignore_rows:
            ignored.add(name)
            continue
        row: NDArray[np.float64] | None = None
        numbers: Iterable[Cell]
        if isinstance(cells, PlainLine) and len(cells.values) == len(columns):
            row = cells.values if kept is None else cells.values[kept]
            numbers = cells.with_points() if kept is None else [cells[k + 1] for k in kept]
        else:
            if any(_text(cell) for cell in cells[len(columns) + 1 : len(header)]):
                raise InputError(
                    f"{place}, column {len(columns) + 2}: the {column_kind} has no name; every {column_kind} needs one"
                )
            numbers = _cells(cells, len(columns), f"{source}, line {line}", kept)
            if not any(map(_text, numbers)):
                raise InputError(
                    f"{source}, line {line}: {row_kind} {shown(name)} has no number at all; leave the row out with "
                    f"--ignore-row {shlex.quote(name)}, or write inf for what is forbidden"
                )
            row = plain_row(numbers) if all_plain else None
        all_plain = all_plain and row is not None
        if row is not None and all_plain:
            plain.append(row)
            if settled is not True:
                points = settles_points(numbers)
                settled = points if settled is None else points or settled
        if not name:
            raise InputError(
                f"{source}, line {line}, column 1: the {row_kind} has no name; every {row_kind} needs one (take away "
                "what is not of the table, such as a row of units)"
            )
        names.append(name)
        lines.append(line)
    notes += reading.left_out("row", reading.ignore_rows, ignored, source)
    if not names:
        raise InputError(f"{source}: only a header (line {header_line}); it needs one row for each {row_kind}")
    _check_first_line(corner, columns, names, place, reading.kinds)
    titles = columns if kept is None else [columns[k] for k in kept]
    check_names(titles, column_kind, place)
    for place_of, of in ((place, titles), (source, names)):
        with prefixed(place_of):
            check_units(of)
    if all_plain and settled is not False and reading.decimal != ",":
        values = np.vstack(plain)
    else:
        read = _numbers(rows, len(columns), kept, ignored, names, titles, reading)
        values, notes = read.values, [*notes, *read.notes]
    _check_row_names(names, lines, corner, row_kind, source)
    table = CostTable(values, tuple(names), tuple(titles), source=source, notes=(*rows.notes, *notes))
    return table.transposed() if reading.tasks_as == "rows" else table


def _text(cell: Cell) -> str:
    if isinstance(cell, float | int):
        return f"{cell:.15g}"
    return one_line_name(cell)


def _as_shown(cell: Cell) -> str:
    """Return a cell's text, with the unit that a workbook shows."""
    return str(cell) if isinstance(cell, UnitNumber) else _text(cell)


def _cells(cells: Sequence[Cell], width: int, place: str, kept: Sequence[int] | None) -> Sequence[Cell]:
    """Return the cells of a row after its name, without the empty ones beyond the header and the ones left out."""
    numbers = cells[1 : width + 1]
    if len(numbers) < width or any(_text(cell) for cell in cells[width + 1 :]):
        raise InputError(
            f"{place}: {len(cells)} cells, but the header has {width + 1}; every row needs the same number (a title "
            "above the header may fill one cell only; take notes below the table away)"
        )
    return numbers if kept is None else [numbers[k] for k in kept]


def _numbers(
    rows: AnyRows,
    width: int,
    kept: Sequence[int] | None,
    ignored: Collection[str],
    names: Sequence[str],
    titles: Sequence[str],
    reading: Reading,
) -> Numbers:
    """Read the cells of a table in which not all are plain numbers."""
    row_kind, column_kind = reading.kinds
    ordered = iter(rows)
    next(ordered)
    lines: list[int] = []
    table: list[Sequence[Cell]] = []
    for line, cells in ordered:
        if _text(cells[0]) not in ignored:
            lines.append(line)
            table.append(_cells(cells, width, f"{rows.source}, line {line}", kept))
    try:
        return read_numbers(table, decimal=reading.decimal)
    except CellError as error:
        pair = f"{row_kind} {shown(names[error.row])}, {column_kind} {shown(titles[error.column])}"
        column = (error.column if kept is None else kept[error.column]) + 2
        remedy = _names_in(column, names, table) if error.reason.startswith("is not") else ""
        raise InputError(
            f"{rows.source}, line {lines[error.row]}, column {column} ({pair}): "
            f"{shown(_as_shown(table[error.row][error.column]))} {error.reason}{remedy}"
        ) from None
    except InputError as error:
        raise InputError(f"{rows.source}: {error}") from None


def _names_in(column: int, names: Sequence[str], table: Sequence[Sequence[Cell]]) -> str:
    """Return a remedy if column 2 holds names, because it holds no number at all."""
    if column != 2 or any(is_number(_text(row[0])) for row in table):
        return ""
    if counts_up(names):
        return "; if the names stand in column 2, take the running numbers in column 1 away"
    if len(table[0]) > 1:
        return "; if each row is a pair, call the columns agent, task and cost"
    return ""


def _check_header(header: Sequence[str], below_a_title: bool, kind: str, place: str) -> None:
    if all(is_number(cell) for cell in header):
        raise InputError(
            f"{place}: no header, every cell is a number; the first line must hold the names of the {kind}s "
            "after an empty first cell (a plain array of numbers can be given as .npy)"
        )
    corner, *columns = header
    if below_a_title and corner and corner.lower() not in NAME_HEADERS and all(map(is_number, columns)):
        raise InputError(
            f"{place}: {shown(corner)} and numbers, below a title; the header with the names of the {kind}s is missing"
        )
    for column, name in enumerate(columns, start=2):
        if not name:
            raise InputError(
                f"{place}, column {column}: the {kind} has no name; every {kind} needs one (take away what is not of "
                "the table, such as an empty column or a note beside it)"
            )
    if not columns:
        raise InputError(f"{place}: no {kind} is named after {shown(corner)}; the header needs a name for each column")


def _check_first_line(
    corner: str, columns: Sequence[str], names: Sequence[str], place: str, kinds: tuple[str, str]
) -> None:
    """Raise an InputError if the first line may be a row like the others: a name, and numbers that do not count up."""
    row_kind, column_kind = kinds
    named = not corner or corner.lower() in NAME_HEADERS or is_number(corner)
    if named or not all(map(is_number, columns)) or counts_up(columns) or all(map(is_number, names)):
        return
    raise InputError(
        f"{place}: {shown(corner)} and numbers, which may be the header or the first {row_kind}; put a header with the "
        f"names of the {column_kind}s above, or, if the numbers are these names, '{row_kind}' in place of "
        f"{shown(corner)}"
    )


def _check_row_names(names: Sequence[str], lines: Sequence[int], corner: str, kind: str, source: str) -> None:
    """Raise an InputError if the first column contains costs instead of names, or a name twice."""
    named = not corner or corner.lower() in NAME_HEADERS
    if not named and all(is_number(name) for name in names) and not counts_up(names):
        raise InputError(
            f"{source}, line {lines[0]}, column 1: {shown(names[0])} and all others below {shown(corner)} are numbers; "
            f"put the names of the {kind}s first (if these are names, call their column '{kind}')"
        )
    first: dict[str, int] = {}
    for name, line in zip(names, lines, strict=True):
        if first.setdefault(name, line) != line:
            raise InputError(
                f"{source}, line {line}, column 1: {kind} {shown(name)} is in line {first[name]} already; names must "
                "be distinct"
            )


def counts_up(names: Sequence[str]) -> bool:
    """Return whether the names are consecutive whole numbers, as in a column of row numbers."""
    if not all(name.isascii() and name.isdigit() and len(name) < 16 for name in names):
        return False
    start = int(names[0])
    return all(int(name) == start + position for position, name in enumerate(names))
