"""Read long lists of pairs, one row for each pair, batch by batch into compressed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError, MissingExtraError
from evenhand.tables.candidate_table import ArrayNames, CandidateTable
from evenhand.tables.cost_table import check_names, shown
from evenhand.tables.csv_text import Reading
from evenhand.tables.pairs import is_long, places

BATCH = 1 << 20
"""Number of rows that are read at once."""


def read_parquet_pairs(file: Path, source: str, reading: Reading) -> CandidateTable | None:
    """Return the pairs in a Parquet file with the columns task, agent, cost and perhaps burden; None for another file.

    Rows may be in any order, but those of one task next to each other take the least memory. Names may be text or whole
    numbers.

    Raises
    ------
    InputError
        For the first value that cannot be read; the message names file, row and value.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        return None  # whoever reads the file next says which extra is missing
    try:
        opened = pyarrow.parquet.ParquetFile(file)
    except (pyarrow.ArrowException, OSError):
        return None
    with opened:
        names = opened.schema_arrow.names
        if not is_long(names):
            return None
        columns = _columns(names, reading, source)
        batches = opened.iter_batches(BATCH, columns=list(columns.values()))
        return _gathered(batches, columns, opened.metadata.num_rows, source, ("row", 1))


def read_csv_pairs(file: Path, source: str, reading: Reading, header: Sequence[object]) -> CandidateTable:
    """Return the pairs in a large CSV file with a plain header of task, agent, cost and perhaps burden.

    Raises
    ------
    InputError
        For the first value that cannot be read; the message names file, line and value.
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.csv
    except ImportError:
        raise MissingExtraError("pyarrow", "tables") from None
    columns = _columns([str(cell).strip() for cell in header], reading, source)
    text = {columns[kind]: pyarrow.string() for kind in ("task", "agent")}
    numbers = {columns[kind]: pyarrow.float64() for kind in ("cost", "burden") if kind in columns}
    options = pyarrow.csv.ConvertOptions(
        column_types=text | numbers, include_columns=list(columns.values()), strings_can_be_null=False
    )
    try:
        # Without threads, messages name the row.
        reader = pyarrow.csv.open_csv(
            file, pyarrow.csv.ReadOptions(use_threads=False, block_size=1 << 25), convert_options=options
        )
        return _gathered(reader, columns, None, source, ("line", 2))
    except pyarrow.ArrowInvalid as error:
        raise InputError(f"{source}: {str(error).splitlines()[0]}") from None


def _columns(names: Sequence[str], reading: Reading, source: str) -> dict[str, str]:
    """Return the name of each column that is read, by what it means."""
    if reading.ignore_rows:
        raise InputError(
            f"{source}: --ignore-row {shown(reading.ignore_rows[0])}: this list of pairs is read as it is; leave the "
            "rows out of the file"
        )
    place = places((1, list(names)), reading, source)
    return {kind: names[place[kind]] for kind in ("task", "agent", "cost", "burden") if kind in place}


@dataclass
class _Runs:
    """Runs of rows of one task: their names, in pieces, and the positions of their first rows."""

    names: list[Any] = field(default_factory=list)
    starts: list[NDArray[np.int64]] = field(default_factory=list)
    last: Any = None

    def add(self, column: Any, first: int) -> None:
        """Add the rows of a batch that begins at row `first`."""
        import pyarrow

        if pyarrow.types.is_integer(column.type):
            codes, values = column.to_numpy(zero_copy_only=False), None
        else:
            encoded = column.dictionary_encode()
            codes, values = encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary
        begins = np.concatenate([[0], np.flatnonzero(codes[1:] != codes[:-1]) + 1])
        at = codes[begins]
        names = at if values is None else values.take(pyarrow.array(at))
        head = names[0] if values is None else names[0].as_py()
        if self.starts and head == self.last:
            names, begins = names[1:], begins[1:]
        self.last = codes[-1] if values is None else values[int(codes[-1])].as_py()
        self.names.append(names)
        self.starts.append(begins + first)

    def joined(self) -> tuple[Any, NDArray[np.int64], NDArray[np.int64]]:
        """Return the names of the runs, the code of each run's task by order of appearance, and the runs' starts."""
        import pyarrow

        starts = np.concatenate(self.starts)
        if isinstance(self.names[0], np.ndarray):
            names: Any = np.concatenate(self.names)
            encoded = pyarrow.array(names).dictionary_encode()
            return encoded.dictionary.to_numpy(), encoded.indices.to_numpy().astype(np.int64), starts
        encoded = pyarrow.concat_arrays(self.names).dictionary_encode()
        return encoded.dictionary, encoded.indices.to_numpy().astype(np.int64), starts


def _gathered(
    batches: Iterator[Any], columns: dict[str, str], count: int | None, source: str, first_row: tuple[str, int]
) -> CandidateTable:
    """Return the pairs in some batches; `count` is their number, if it is known, and `first_row` as in the table."""
    import pyarrow

    agents: dict[Any, int] = {}
    runs = _Runs()
    kept: dict[str, list[NDArray[Any]]] = {kind: [] for kind in columns if kind != "task"}
    whole: dict[str, NDArray[Any]] = {}
    row = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        for kind, name in columns.items():
            column = batch.column(name)
            if pyarrow.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            if column.null_count:
                missing = row + int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
                raise InputError(
                    f"{source}, {first_row[0]} {missing + first_row[1]:,}: no {kind}; every row needs one (leave out "
                    "rows of pairs that are forbidden)"
                )
            if kind == "task":
                runs.add(_as_names(column, kind, source), row)
                continue
            part = _positions(column, agents, source) if kind == "agent" else _as_numbers(column, kind, source)
            if count is None:
                kept[kind].append(part)
            else:
                whole.setdefault(kind, np.empty(count, part.dtype))[row : row + len(part)] = part
        row += batch.num_rows
    if not row:
        raise InputError(f"{source}: no rows; it needs one for each task and agent who may do it")
    arrays = whole or {kind: np.concatenate(parts) for kind, parts in kept.items()}
    names, codes, starts = runs.joined()
    if len(names) == len(codes):
        return _table(arrays, np.append(starts, row), None, names, agents, source, first_row)
    # Some task's rows are apart: its runs are put next to each other, in the order of first appearance.
    order = np.argsort(codes, kind="stable")
    lengths = np.diff(np.append(starts, row))[order]
    ends = np.cumsum(lengths)
    rows = np.arange(row) + np.repeat(starts[order] - (ends - lengths), lengths)
    tasks = np.bincount(codes, np.diff(np.append(starts, row)), minlength=len(names)).astype(np.int64)
    arrays = {kind: values[rows] for kind, values in arrays.items()}
    return _table(arrays, np.concatenate([[0], np.cumsum(tasks)]), rows, names, agents, source, first_row)


def _table(
    arrays: dict[str, NDArray[Any]],
    starts: NDArray[np.int64],
    rows: NDArray[np.int64] | None,
    tasks: Any,
    agents: dict[Any, int],
    source: str,
    first_row: tuple[str, int],
) -> CandidateTable:
    named = tuple(str(name) for name in agents)
    check_names(named, "agent", source)
    notes = [
        f"{starts[-1]:,} candidates of {len(tasks):,} tasks among {len(named):,} agents; all other pairs are forbidden"
    ]
    if rows is not None:
        notes.append("the rows of some tasks are apart; they were put together in memory")
    return CandidateTable(
        starts.astype(np.int64),
        arrays["agent"],
        arrays["cost"],
        arrays.get("burden"),
        named,
        ArrayNames(tasks),
        source,
        rows=rows,
        first_row=first_row,
        notes=tuple(notes),
    )


def _as_names(column: Any, kind: str, source: str) -> Any:
    """Return a column of names, whole numbers or text; raise `InputError` for anything else."""
    import pyarrow

    kinds = pyarrow.types
    if kinds.is_integer(column.type) or kinds.is_string(column.type):
        return column
    if kinds.is_large_string(column.type) or kinds.is_string_view(column.type):
        return column.cast(pyarrow.string())
    raise InputError(f"{source}: column {shown(kind)} holds {column.type}; names must be text or whole numbers")


def _positions(column: Any, known: dict[Any, int], source: str) -> NDArray[np.int32]:
    """Return the position of each agent in a column; new ones are added to those `known`."""
    encoded = _as_names(column, "agent", source).dictionary_encode()
    places = [known.setdefault(name, len(known)) for name in encoded.dictionary.to_pylist()]
    return np.asarray(np.array(places, np.int32)[encoded.indices.to_numpy(zero_copy_only=False)])


def _as_numbers(column: Any, kind: str, source: str) -> NDArray[Any]:
    """Return a column of numbers in single precision if it is, and in double otherwise."""
    import pyarrow

    kinds = pyarrow.types
    if not (kinds.is_integer(column.type) or kinds.is_floating(column.type) or kinds.is_decimal(column.type)):
        raise InputError(f"{source}: column {shown(kind)} holds {column.type}; it must be numbers")
    single = column.type == pyarrow.float32()
    values = (column if single else column.cast(pyarrow.float64(), safe=False)).to_numpy(zero_copy_only=False)
    return np.asarray(values)
