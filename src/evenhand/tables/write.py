"""Writing: beside the target first, then renamed, so that a file is there whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from evenhand.errors import InputError, MissingExtraError
from evenhand.tables.coordinates import format_coordinates
from evenhand.tables.spreadsheet import protected
from evenhand.tables.table import CostTable


def check_writable(path: str | os.PathLike[str]) -> Path:
    """Return `path` if a file can be written there, before any long work is done for it.

    Raises
    ------
    InputError
        Naming the path and why it cannot be written.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise InputError(f"{path}: cannot be written, it is a folder; give the name of a file")
        if not target.parent.is_dir():
            raise InputError(f"{path}: cannot be written, the folder {target.parent} does not exist")
        if target.exists():
            if not os.access(target, os.W_OK):
                raise InputError(f"{path}: cannot be written, the file there is protected")
            if not target.is_file():
                return target
        descriptor, beside = _create_beside(target.resolve())
        os.close(descriptor)
        beside.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None
    except ValueError as error:
        raise (error if isinstance(error, InputError) else InputError(f"{str(path)!r}: is no path ({error})")) from None
    return target


@contextlib.contextmanager
def atomic_writer(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a binary stream whose bytes appear at `path` only when the block ends without an error.

    They are written beside the target, flushed to disk, and renamed; on failure nothing is left behind. A
    device or a pipe is written directly, since it cannot be replaced.

    Raises
    ------
    InputError
        If the target cannot be written, naming path and cause.
    """
    target = check_writable(path)
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        target = target.resolve()
        descriptor, beside = _create_beside(target)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from None


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write `text` as UTF-8, whole or not at all, and return its path.

    Raises
    ------
    InputError
        If the target cannot be written, naming path and cause.
    """
    with atomic_writer(path) as stream:
        stream.write(text.encode("utf-8"))
    return Path(path)


def write_json(path: str | os.PathLike[str], data: Mapping[str, Any]) -> Path:
    """Write a JSON object, one line for each key, and return its path.

    Raises
    ------
    InputError
        If the target cannot be written, naming path and cause.
    """
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}" for key, value in data.items()
    ]
    return write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def write_assignment(path: str | os.PathLike[str], rows: Iterable[tuple[str, str]], *, protect: bool = True) -> Path:
    """Write (task, agent) pairs as CSV with that header, and return the path.

    Parameters
    ----------
    path
        Where to.
    rows
        Name of each task and of its agent.
    protect
        Write an apostrophe before names that a spreadsheet would run as a formula; see
        :mod:`evenhand.tables.spreadsheet`. The readers of tables take it away again.

    Raises
    ------
    InputError
        If the target cannot be written, naming path and cause.
    """
    return write_text(path, _csv_text([("task", "agent"), *rows], protect))


def _unmistakable(value: float) -> str:
    """Return a number as it reads back: 1.234 with a fourth digit, since a point before three could mark thousands."""
    text = repr(value)
    return f"{text}0" if text[-4:-3] == "." and text[-3:].isdigit() else text


def write_table(path: str | os.PathLike[str], table: CostTable, *, protect: bool = True) -> Path:
    """Write a table in the format of the file's ending, and return the path.

    ``.csv`` (numbers that read back bit for bit), ``.parquet``, ``.npy`` (numbers only) or ``.txt``
    (coordinates only, the ``fairta`` format). Names in CSV are protected as in :func:`write_assignment`.

    Raises
    ------
    InputError
        If the ending is none of these, the table has no coordinates for ``.txt``, or it cannot be written.
    MissingExtraError
        If ``.parquet`` is asked for and pyarrow is not installed.
    """
    ending = Path(path).suffix.lower()
    if ending not in (".csv", ".parquet", ".npy", ".txt"):
        raise InputError(f"{path}: the ending {ending!r} is not known; use .csv, .parquet, .npy or .txt (coordinates)")
    if ending == ".csv":
        rows = [[name, *map(_unmistakable, row)] for name, row in zip(table.agents, table.values.tolist(), strict=True)]
        return write_text(path, _csv_text([["agent", *table.tasks], *rows], protect))
    if ending == ".txt":
        if table.agent_xy is None or table.task_xy is None:
            raise InputError(f"{path}: .txt holds coordinates and this table has none; use .csv, .parquet or .npy")
        return write_text(path, format_coordinates(table.agent_xy, table.task_xy))
    with atomic_writer(path) as stream:
        if ending == ".npy":
            np.save(stream, table.values, allow_pickle=False)
        else:
            _write_parquet(stream, table)
    return Path(path)


def _write_parquet(stream: IO[bytes], table: CostTable) -> None:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "tables") from None
    columns = [pyarrow.array(table.agents), *(pyarrow.array(column) for column in table.values.T.copy())]
    heading = "agent"
    while heading in table.tasks:
        heading += "_"
    pyarrow.parquet.write_table(pyarrow.table(columns, names=[heading, *table.tasks]), stream)


def _csv_text(rows: Sequence[Sequence[object]], protect: bool) -> str:
    if protect:
        rows = [[protected(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    # Text that holds another separator is quoted, all of it, lest it be taken for the file's separator.
    doubtful = any(isinstance(cell, str) and not {";", "\t"}.isdisjoint(cell) for row in rows for cell in row)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if doubtful else csv.QUOTE_MINIMAL)
    writer.writerows(rows)
    return stream.getvalue()


def _create_beside(target: Path) -> tuple[int, Path]:
    """Create an empty file in the target's folder, with the permissions any new file gets there."""
    beside = target.with_name(f".evenhand-{secrets.token_hex(8)}.tmp")
    return os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), beside


def _unwritable(path: str | os.PathLike[str], error: OSError) -> InputError:
    return InputError(f"{path}: cannot be written ({error.strerror or error})")
