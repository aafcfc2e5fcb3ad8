"""Tables in Parquet files: a row for each task, a column of numbers for each agent; each row group is a shard.

A column of text or whole numbers called ``task`` names the tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.shards.numbered_files import files_of, identity
from evenhand.assignment.shards.source import Shard, digest
from evenhand.errors import InputError, MissingExtraError

MOST_PAIRS = 1 << 26
"""Upper limit on the numbers of a row group: it is read whole, and several are in memory at a time."""

TASK = "task"
"""Name of the column with the tasks' names."""


@dataclass(frozen=True)
class File:
    """A Parquet file whose footer has been read.

    Attributes
    ----------
    path
        The file.
    columns
        Names of the columns of numbers, one for each agent.
    kinds
        Their types, as Parquet calls them.
    named
        Whether there is a column of tasks' names.
    groups
        Number of rows of each row group.
    """

    path: Path
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    named: bool
    groups: tuple[int, ...]

    @classmethod
    def of(cls, path: Path) -> File:
        """Read the footer of a file.

        Raises
        ------
        InputError
            If it is no Parquet file, or a column is not of numbers.
        MissingExtraError
            If pyarrow is not installed.
        """
        opened = _opened(path)
        with opened:
            schema, metadata = opened.schema_arrow, opened.metadata
            groups = tuple(metadata.row_group(g).num_rows for g in range(metadata.num_row_groups))
        columns = [field for field in schema if field.name != TASK]
        wrong = next((field for field in columns if str(field.type) not in ("float", "double")), None)
        if wrong is not None:
            raise InputError(
                f"{path}: column {wrong.name!r} is {wrong.type}; each agent has a column of float or double, and a "
                f"column of tasks' names is called {TASK!r}"
            )
        if len(set(schema.names)) < len(schema.names):
            raise InputError(f"{path}: two columns have the same name; agents need different names")
        width = len(columns)
        large = next((rows for rows in groups if rows * width > MOST_PAIRS), None)
        if large is not None:
            raise InputError(
                f"{path}: has a row group of {large:,} rows, which is read whole; write row groups of at most "
                f"{MOST_PAIRS // width:,} rows"
            )
        kinds = tuple(str(field.type) for field in columns)
        return cls(path, tuple(field.name for field in columns), kinds, TASK in schema.names, groups)

    def read(self, group: int, columns: Sequence[str]) -> NDArray[np.floating[Any]]:
        """Return the numbers of a row group, shape (n, k), with the agents in the order of `columns`."""
        table = self._table(group, list(columns))
        kind = np.float32 if set(self.kinds) == {"float"} else np.float64
        found = np.empty((len(columns), table.num_rows), kind)
        for i, name in enumerate(columns):
            found[i] = table.column(name).to_numpy()
        return found

    def names(self, group: int) -> Any:
        """Return the tasks' names of a row group, an array of Arrow."""
        return self._table(group, [TASK]).column(TASK).combine_chunks()

    def _table(self, group: int, columns: list[str]) -> Any:
        try:
            with _opened(self.path) as opened:
                return opened.read_row_group(group, columns=columns, use_threads=False)
        except InputError:
            raise
        except Exception as error:  # a broken page raises Arrow's own errors, OSError, ...
            raise InputError(f"{self.path}: row group {group + 1} cannot be read ({_line(error)})") from None


def _opened(path: Path) -> Any:
    """Return the open file of pyarrow."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtraError("pyarrow", "tables") from None
    try:
        return pyarrow.parquet.ParquetFile(path)
    except Exception as error:
        raise InputError(f"{path}: not a usable Parquet file, or truncated ({_line(error)})") from None


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]


@dataclass(frozen=True)
class ParquetShards:
    """A table in Parquet files, whose row groups are the shards.

    Attributes
    ----------
    costs, burdens
        The files; burdens are None if the costs are the burdens.
    groups
        File and row group of each shard.
    starts
        Position of the first task of each shard, and the number of all.
    """

    costs: tuple[File, ...]
    burdens: tuple[File, ...] | None
    groups: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]

    @classmethod
    def open(cls, costs: Path, burdens: Path | None = None) -> ParquetShards:
        """Read the footers of all files.

        Raises
        ------
        InputError
            If one cannot be used, is missing, or does not match the others; the message names it.
        MissingExtraError
            If pyarrow is not installed.
        """
        files = _files(costs)
        others = None if burdens is None else _files(burdens)
        if others is not None:
            _check_burdens(files, others)
        groups = [(file, group) for file, one in enumerate(files) for group in range(len(one.groups))]
        starts = np.cumsum([0, *(files[file].groups[group] for file, group in groups)]).tolist()
        return cls(tuple(files), None if others is None else tuple(others), tuple(groups), tuple(starts))

    @property
    def agents(self) -> Sequence[str]:
        """Names of the columns."""
        return self.costs[0].columns

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""
        return tuple(self.costs[file].groups[group] for file, group in self.groups)

    def read(self, k: int) -> Shard:
        """Read the numbers of a row group."""
        file, group = self.groups[k]
        burdens = None if self.burdens is None else self.burdens[file].read(group, self.agents)
        return Shard(self.starts[k], self.costs[file].read(group, self.agents), burdens)

    def task_names(self, k: int) -> Any:
        """Return the names of a shard's tasks, an array of Arrow; None if the files do not name them."""
        file, group = self.groups[k]
        return self.costs[file].names(group) if self.costs[file].named else None

    def label(self, k: int) -> str:
        """Return the path of the file."""
        return str(self.costs[self.groups[k][0]].path)

    def fingerprint(self) -> str:
        """Return a digest of names, sizes and times of all files."""
        return digest([identity(file.path) for file in (*self.costs, *(self.burdens or ()))])


def _files(path: Path) -> list[File]:
    """Return the files of a folder, or one file, which have the same columns."""
    files = [File.of(file) for file in (files_of(path, ".parquet") if path.is_dir() else [path])]
    first = files[0]
    for file in files:
        _check_columns(file, first)
        if file.kinds != first.kinds:
            raise InputError(
                f"{file.path}: its columns are {', '.join(file.kinds)}, those of {first.path} "
                f"{', '.join(first.kinds)}; all shards need the same"
            )
        if file.named != first.named:
            raise InputError(f"{file.path}: only some of the files have a column {TASK!r}; give it to all or to none")
    return files


def _check_columns(file: File, first: File) -> None:
    if set(file.columns) != set(first.columns) or len(file.columns) != len(first.columns):
        other = next(iter(set(file.columns) ^ set(first.columns)))
        raise InputError(
            f"{file.path}: has {len(file.columns)} columns of agents, {first.path} has {len(first.columns)}, and "
            f"{other!r} stands in one only; all shards need the same"
        )


def _check_burdens(costs: Sequence[File], burdens: Sequence[File]) -> None:
    _check_columns(burdens[0], costs[0])
    if len(costs) != len(burdens):
        raise InputError(
            f"{burdens[0].path.parent}: has {len(burdens)} files, and the costs have {len(costs)}; "
            "each file of costs needs its file of burdens"
        )
    for cost, burden in zip(costs, burdens, strict=True):
        if cost.groups != burden.groups:
            raise InputError(
                f"{burden.path}: its row groups have {_some(burden.groups)} rows, those of {cost.path} "
                f"{_some(cost.groups)}; both need the same"
            )


def _some(numbers: Sequence[int]) -> str:
    return ", ".join(f"{number:,}" for number in numbers[:4]) + (", ..." if len(numbers) > 4 else "")
