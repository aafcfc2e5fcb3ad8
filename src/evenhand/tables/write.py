"""Write files atomically: to a temporary file first, which is then renamed, so that no file is ever incomplete."""

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
from numpy.typing import NDArray

from evenhand.errors import InputError, MissingExtraError
from evenhand.tables.coordinates import format_coordinates
from evenhand.tables.cost_table import CostTable
from evenhand.tables.formula_protection import protected


def check_writable(path: str | os.PathLike[str]) -> Path:
    """Return `path` if a file can be written there; to be called before a long computation.

    Raises
    ------
    InputError
        If it cannot be written; the message names the path and the reason.
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
        if isinstance(error, InputError):
            raise
        raise InputError(f"{str(path)!r}: is not a valid path ({error})") from None
    return target


@contextlib.contextmanager
def atomic_writer(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a binary stream whose contents appear at `path` only if the block ends without an error.

    They are written to a temporary file in the same folder, flushed to disk, and renamed; after a failure nothing is
    left behind. A device or a pipe cannot be replaced, so it is written directly.

    Raises
    ------
    InputError
        If the file cannot be written; the message names the path and the reason.
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
    """Write a text file in UTF-8, atomically, and return its path.

    Raises
    ------
    InputError
        If the file cannot be written; the message names the path and the reason.
    """
    with atomic_writer(path) as stream:
        stream.write(text.encode("utf-8"))
    return Path(path)


def write_json(path: str | os.PathLike[str], data: Mapping[str, Any]) -> Path:
    """Write a JSON object, one line per key, and return its path.

    Raises
    ------
    InputError
        If the file cannot be written; the message names the path and the reason.
    """
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}" for key, value in data.items()
    ]
    return write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def write_assignment(path: str | os.PathLike[str], rows: Iterable[tuple[str, str]], *, protect: bool = True) -> Path:
    """Write an assignment as CSV with the header ``task,agent``, and return its path.

    Parameters
    ----------
    path
        The file to write.
    rows
        Names of each task and of its agent.
    protect
        Whether to write an apostrophe before names that a spreadsheet would execute as formulas, see
        :mod:`evenhand.tables.formula_protection`. The readers of tables remove it again.

    Raises
    ------
    InputError
        If the file cannot be written; the message names the path and the reason.
    """
    return write_text(path, _csv_text([("task", "agent"), *rows], protect))


def write_rows(path: str | os.PathLike[str], rows: Iterable[Sequence[object]], *, protect: bool = True) -> Path:
    """Write rows of texts and numbers, the header first, as CSV, and return the path.

    Parameters
    ----------
    path
        The file to write.
    rows
        The rows.
    protect
        As for :func:`write_assignment`.

    Raises
    ------
    InputError
        If the file cannot be written; the message names the path and the reason.
    """
    return write_text(path, _csv_text(list(rows), protect))


def write_plan(
    path: str | os.PathLike[str],
    tasks: Sequence[str],
    agents: Sequence[str],
    assignment: NDArray[np.integer[Any]],
    *,
    protect: bool = True,
) -> Path:
    """Write a long assignment as :func:`write_assignment` does, piece by piece, or as Parquet, and return its path.

    Parameters
    ----------
    path
        The file to write: Parquet with the columns ``task`` and ``agent`` if its name ends in ``.parquet``, CSV
        otherwise.
    tasks, agents
        Names, lengths m and n.
    assignment
        Agent of each task, by position, shape (m,).
    protect
        As for :func:`write_assignment`.

    Raises
    ------
    InputError
        If the file cannot be written; the message names the path and the reason.
    MissingExtraError
        If the ending is ``.parquet`` and pyarrow is not installed.
    """
    pieces = range(0, len(tasks), _PIECE)
    with atomic_writer(path) as stream:
        if Path(path).suffix.lower() == ".parquet":
            pyarrow, parquet = _pyarrow()
            kind = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
            schema = pyarrow.schema([("task", pyarrow.string()), ("agent", kind)])
            names = pyarrow.array(list(agents))
            with parquet.ParquetWriter(stream, schema) as writer:
                for first in pieces:
                    part = pyarrow.array(assignment[first : first + _PIECE].astype(np.int32))
                    given = pyarrow.DictionaryArray.from_arrays(part, names)
                    rows = [pyarrow.array(tasks[first : first + _PIECE], pyarrow.string()), given]
                    writer.write_table(pyarrow.table(rows, schema=schema))
            return Path(path)
        doubtful = any(not {";", "\t"}.isdisjoint(name) for names in (agents, tasks) for name in names)
        stream.write(_csv_text([("task", "agent")], protect, doubtful=doubtful).encode())
        for first in pieces:
            chosen = [agents[agent] for agent in assignment[first : first + _PIECE]]
            rows = list(zip(tasks[first : first + _PIECE], chosen, strict=True))
            stream.write(_csv_text(rows, protect, doubtful=doubtful).encode())
    return Path(path)


_PIECE = 1 << 18
"""Number of tasks that are turned into text at once."""


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "tables") from None
    return pyarrow, pyarrow.parquet


def _unmistakable(value: float) -> str:
    """Return a number as unambiguous text: 1.234 gets a fourth decimal, because three could be a group of thousands."""
    text = repr(value)
    return f"{text}0" if text[-4:-3] == "." and text[-3:].isdigit() else text


def write_table(path: str | os.PathLike[str], table: CostTable, *, protect: bool = True) -> Path:
    """Write a table in the format of the file's ending, and return the path.

    The formats are ``.csv`` (with all digits, so that numbers read back exactly), ``.parquet``, ``.npy`` (numbers only)
    and ``.txt`` (coordinates only, in the ``fairta`` format). Names in CSV are protected as in
    :func:`write_assignment`.

    Raises
    ------
    InputError
        If the ending is another one, if it is ``.txt`` and the table has no coordinates, or if the file cannot be
        written.
    MissingExtraError
        If the ending is ``.parquet`` and pyarrow is not installed.
    """
    ending = Path(path).suffix.lower()
    if ending not in (".csv", ".parquet", ".npy", ".txt"):
        raise InputError(f"{path}: unknown ending {ending!r}; use .csv, .parquet, .npy or .txt (coordinates)")
    if ending == ".csv":
        rows = [[name, *map(_unmistakable, row)] for name, row in zip(table.agents, table.values.tolist(), strict=True)]
        return write_text(path, _csv_text([["agent", *table.tasks], *rows], protect))
    if ending == ".txt":
        if table.agent_xy is None or table.task_xy is None:
            raise InputError(f"{path}: .txt is for coordinates, and this table has none; use .csv, .parquet or .npy")
        return write_text(path, format_coordinates(table.agent_xy, table.task_xy))
    with atomic_writer(path) as stream:
        if ending == ".npy":
            np.save(stream, table.values, allow_pickle=False)
        else:
            _write_parquet(stream, table)
    return Path(path)


def _write_parquet(stream: IO[bytes], table: CostTable) -> None:
    pyarrow, parquet = _pyarrow()
    columns = [pyarrow.array(table.agents), *(pyarrow.array(column) for column in table.values.T.copy())]
    heading = "agent"
    while heading in table.tasks:
        heading += "_"
    parquet.write_table(pyarrow.table(columns, names=[heading, *table.tasks]), stream)


def _csv_text(rows: Sequence[Sequence[object]], protect: bool, *, doubtful: bool = False) -> str:
    if protect:
        rows = [[protected(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    # If a text contains another separator, all texts are quoted, so that it is not mistaken for the file's separator.
    doubtful = doubtful or any(
        isinstance(cell, str) and not {";", "\t"}.isdisjoint(cell) for row in rows for cell in row
    )
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC if doubtful else csv.QUOTE_MINIMAL)
    writer.writerows(rows)
    return stream.getvalue()


def _create_beside(target: Path) -> tuple[int, Path]:
    """Create an empty temporary file in the target's folder, with the default permissions of a new file."""
    beside = target.with_name(f".evenhand-{secrets.token_hex(8)}.tmp")
    return os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), beside


def _unwritable(path: str | os.PathLike[str], error: OSError) -> InputError:
    return InputError(f"{path}: cannot be written ({error.strerror or error})")
