"""Read a table of costs from a file of any supported format."""

from __future__ import annotations

import codecs
import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evenhand.errors import InputError
from evenhand.machine_memory import machine_memory
from evenhand.tables.binary import read_npy, read_parquet
from evenhand.tables.coordinates import TITLE, parse_coordinates
from evenhand.tables.cost_table import CostTable, shown
from evenhand.tables.csv_text import Reading, parse_wide
from evenhand.tables.files import read_bytes, refuse_unreadable, split_sheet
from evenhand.tables.numbers import Cell
from evenhand.tables.pair_files import read_csv_pairs, read_parquet_pairs
from evenhand.tables.pairs import is_long, parse_pairs
from evenhand.tables.split_rows import WORKBOOK, AnyRows, read_rows
from evenhand.tables.totals import check_totals
from evenhand.tables.workbook import read_workbook

FORMATS = ("auto", "csv", "xlsx", "parquet", "npy", "fairta")
"""Formats that :func:`read_table` supports; ``auto`` detects the format from the file's ending and first bytes."""

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".npy": "npy",
}
_BEGINNINGS = {b"PAR1": "parquet", b"\x93NUMPY": "npy", TITLE.encode(): "fairta"}


_OTHERS = {
    WORKBOOK: "a workbook or another zip archive; let the name of a workbook end in .xlsx",
    b"\xd0\xcf\x11\xe0": "a workbook of the old form .xls; save the sheet as .xlsx or as 'CSV UTF-8'",
    b"%PDF": "a PDF; save the table as 'CSV UTF-8'",
    b"<": "a page of HTML or XML; open it in a spreadsheet and save the sheet as 'CSV UTF-8'",
    b"{": "JSON; write the table as CSV",
}
"""What files that are named like CSV are often found to be instead, by their first bytes."""

_OTHER_WORKBOOKS = {".xls", ".xlsb", ".ods", ".numbers"}


class _Watched:
    """Rows that say which line they are at, each time they are read."""

    def __init__(self, rows: AnyRows, progress: Callable[[int], object]) -> None:
        self._rows, self._progress = rows, progress
        self.source, self.notes = rows.source, rows.notes

    def __iter__(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        for line, cells in self._rows:
            self._progress(line)
            yield line, cells


def read_table(
    path: str | os.PathLike[str],
    format: str = "auto",
    *,
    transpose: bool = False,
    reading: Reading | None = None,
    progress: Callable[[int], object] | None = None,
) -> CostTable:
    """Read a table of costs.

    Parameters
    ----------
    path
        The file; ``book.xlsx#Hours`` is the sheet ``Hours`` of a workbook. CSV and workbooks (``.xlsx``) have a header
        with the names of the tasks, then a row for each agent that begins with its name; or a row for each pair under a
        header with ``agent``, ``task`` and ``cost``. Parquet has a column for each task, and one of names. ``.npy`` is
        an array, agents x tasks. Coordinate files are described in :mod:`evenhand.tables.coordinates`.
    format
        One of :data:`FORMATS`.
    transpose
        Whether the rows of the file are tasks and its columns agents. Coordinate files are never transposed, because
        they say which are which.
    reading
        How to interpret what the file leaves open; `transpose` is short for ``Reading(tasks_as="rows")``.
    progress
        Function that is called with the number of each line of a text, or row of a sheet, while it is read, and with 0
        before the first. An exception that it raises ends the reading.

    Returns
    -------
    CostTable
        The table, with coordinates if the file has them. Its `notes` say how anything but plain numbers was read.

    Raises
    ------
    InputError
        If the file cannot be read; the message is one line that names file, line, cell and value, and what would be
        right.
    MissingExtraError
        If the file is Parquet or a workbook, and pyarrow or openpyxl is not installed.
    """
    source = str(path)
    if format not in FORMATS:
        raise InputError(f"format {shown(format)} is not known; use one of {', '.join(FORMATS)}")
    if reading is None:
        reading = Reading("rows" if transpose else "columns")
    try:
        file, sheet = split_sheet(path)
        reading = reading if sheet is None else replace(reading, sheet=sheet)
        kind = _detect(file) if format == "auto" else format
        _check_fits(file, kind, source)
        table = _read(file, kind, source, reading, progress or (lambda _: None))
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        refuse_unreadable(path, error, wanted="a file of costs")
    notes = check_totals(table, "--ignore-{kind} {name}", reading.kinds)
    return replace(table, notes=table.notes + notes) if notes else table


def _read(file: Path, kind: str, source: str, reading: Reading, progress: Callable[[int], object]) -> CostTable:
    if kind == "xlsx":
        return _of_rows(_Watched(read_workbook(file, source, reading.sheet), progress), reading)
    if reading.sheet is not None:
        raise InputError(
            f"--sheet {shown(reading.sheet)}: only a workbook has sheets, and {source} is not a workbook; name "
            f"the sheet behind its workbook, as in {shown(f'book.xlsx#{reading.sheet}')}"
        )
    if kind == "csv":
        if _is_vast(file):
            header = _plain_header(file)
            if is_long(header):
                return read_csv_pairs(file, source, reading, header).full()
        data = read_bytes(file, wanted="a file of costs")
        progress(0)
        start = data[:64].removeprefix(codecs.BOM_UTF8).lstrip()
        other = next((what for mark, what in _OTHERS.items() if start.startswith(mark)), None)
        if other is not None:
            raise InputError(f"{source}: no CSV but {other}")
        return _of_rows(_Watched(read_rows(data, source), progress), reading)
    if kind == "fairta":
        return parse_coordinates(read_bytes(file, wanted="a file of costs"), source)
    listed = read_parquet_pairs(file, source, reading) if kind == "parquet" else None
    if listed is not None:
        return listed.full()
    if reading.tasks_as == "pairs":
        raise InputError(
            f"--tasks-as pairs: {source} has no columns task, agent and cost; only such a file, CSV, a workbook or "
            "Parquet, holds pairs"
        )
    table = read_npy(file, source) if kind == "npy" else read_parquet(file, source)
    table = table.transposed() if reading.tasks_as == "rows" else table
    notes, gone = [], {}
    for kind, where, names in zip(
        reading.kinds, ("row", "column"), (reading.ignore_rows, reading.ignore_columns), strict=True
    ):
        there = table.agents if kind == "agent" else table.tasks
        notes += reading.left_out(where, names, there, source)
        gone[kind] = [name for name in names if name in there]
    return replace(table.without(gone["agent"], gone["task"]), notes=tuple(notes)) if notes else table


TEXT_IN_MEMORY = 6
"""Bytes of memory that reading takes for each byte of a text: its cells, and the numbers that they become."""


def _check_fits(file: Path, kind: str, source: str) -> None:
    """Raise an InputError if a table would not fit into this machine's memory, before any of it is read."""
    size = file.stat().st_size if file.is_file() else 0
    memory = machine_memory()
    needed = size * {"csv": TEXT_IN_MEMORY, "npy": 1}.get(kind, 0)
    if memory is None or needed <= memory or (kind == "csv" and _is_vast(file) and is_long(_plain_header(file))):
        return
    raise InputError(
        f"{source}: {size / 1e9:,.3g} GB need some {needed / 1e9:,.3g} GB of memory, and this machine has "
        f"{memory / 1e9:,.3g}; save the table as a folder of .npy shards or as a Parquet data set, for "
        "evenhand assign FOLDER, which never holds it whole"
    )


VAST = 1 << 26
"""Size in bytes from which on pyarrow reads a CSV file of pairs: its memory does not grow with the rows' text."""


def _is_vast(file: Path) -> bool:
    return file.is_file() and file.stat().st_size >= VAST and importlib.util.find_spec("pyarrow") is not None


def _plain_header(file: Path) -> list[str]:
    """Return the cells of the first line of a comma-separated file in UTF-8; nothing for another file."""
    with file.open("rb") as stream:
        line = stream.readline(10_000).removeprefix(codecs.BOM_UTF8)
    return line.decode("utf-8", "replace").strip().split(",") if b'"' not in line else []


def _of_rows(rows: AnyRows, reading: Reading) -> CostTable:
    _, header = next(iter(rows))
    return parse_pairs(rows, reading) if reading.tasks_as == "pairs" or is_long(header) else parse_wide(rows, reading)


def _detect(file: Path) -> str:
    ending = _ENDINGS.get(file.suffix.lower())
    if file.suffix.lower() in _OTHER_WORKBOOKS:
        raise InputError(f"{file}: {file.suffix} is not read; save the sheet as .xlsx or as 'CSV UTF-8'")
    if ending is not None or not file.is_file():
        return ending or "csv"
    with file.open("rb") as stream:
        beginning = stream.read(64).removeprefix(codecs.BOM_UTF8)
    return next((kind for mark, kind in _BEGINNINGS.items() if beginning.startswith(mark)), "csv")
