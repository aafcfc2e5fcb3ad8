"""One front door for files of costs."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.tables.binary import read_npy, read_parquet
from evenhand.tables.coordinates import TITLE, parse_coordinates
from evenhand.tables.csv_text import parse_csv
from evenhand.tables.files import read_bytes, refuse_unreadable
from evenhand.tables.table import CostTable, shown

if TYPE_CHECKING:
    import os

FORMATS = ("auto", "csv", "parquet", "npy", "fairta")
"""What `read_table` can read; ``auto`` decides from the file's ending and its first bytes."""

_ENDINGS = {".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet", ".npy": "npy"}
_BEGINNINGS = {b"PAR1": "parquet", b"\x93NUMPY": "npy", TITLE.encode(): "fairta"}


def read_table(path: str | os.PathLike[str], format: str = "auto", *, transpose: bool = False) -> CostTable:
    """Read a table of costs.

    Parameters
    ----------
    path
        A file: CSV (header with names of tasks, one row per agent, its name first), Parquet (the same as
        columns), ``.npy`` (an array, agents x tasks) or a coordinate file.
    format
        One of :data:`FORMATS`.
    transpose
        The rows of the file are tasks and its columns agents. Coordinate files tell them apart and are never
        turned.

    Returns
    -------
    CostTable
        With names, and coordinates where the file has them.

    Raises
    ------
    InputError
        In one line that names file, line, names and value of what is wrong, and what would be right.
    MissingExtraError
        If a Parquet file is given and pyarrow is not installed.
    """
    source = str(path)
    if format not in FORMATS:
        raise InputError(f"format {shown(format)} is not known; use one of {', '.join(FORMATS)}")
    try:
        file = Path(path)
        kind = _detect(file) if format == "auto" else format
        if kind in ("csv", "fairta"):
            data = read_bytes(file, wanted="a file of costs")
            return parse_csv(data, source, transpose=transpose) if kind == "csv" else parse_coordinates(data, source)
        table = read_npy(file, source) if kind == "npy" else read_parquet(file, source)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        refuse_unreadable(path, error, wanted="a file of costs")
    return table.transposed() if transpose else table


def _detect(file: Path) -> str:
    ending = _ENDINGS.get(file.suffix.lower())
    if ending is not None or not file.is_file():
        return ending or "csv"
    with file.open("rb") as stream:
        beginning = stream.read(64).removeprefix(codecs.BOM_UTF8)
    return next((kind for mark, kind in _BEGINNINGS.items() if beginning.startswith(mark)), "csv")
