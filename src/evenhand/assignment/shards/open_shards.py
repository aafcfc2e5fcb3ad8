"""Open what users have as a table in shards: a folder or a file, or arrays in memory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from evenhand.assignment.shards.npy_shards import NpyShards
from evenhand.assignment.shards.numbered_files import files_of
from evenhand.assignment.shards.parquet_shards import ParquetShards
from evenhand.assignment.shards.source import ArrayShards, Source
from evenhand.errors import InputError
from evenhand.tables import as_table

ENDINGS = (".npy", ".parquet", ".pq")
"""Endings of the files that are read in shards."""


def open_shards(costs: Any, burdens: Any = None, *, tasks_in_rows: bool = False) -> Source:
    """Return a table in shards.

    Parameters
    ----------
    costs
        A folder of ``.npy`` files (agents x tasks, float32 or float64) or of Parquet files (a row for each task, a
        column for each agent), one such file, an array or a frame in memory, or a
        :class:`~evenhand.assignment.shards.source.Source`, which is returned.
    burdens
        The same kind of thing in the same shards; None if the costs are the burdens.
    tasks_in_rows
        Whether the arrays in ``.npy`` files are tasks x agents.

    Raises
    ------
    InputError
        If it cannot be used; the message names the file.
    MissingExtraError
        If it is Parquet and pyarrow is not installed.
    """
    if isinstance(costs, Source):
        if burdens is not None:
            raise InputError("burdens: are part of a source of shards; give it shards with burdens instead")
        return costs
    if not isinstance(costs, str | os.PathLike):
        table = as_table(costs, copy=False)
        given = table.burdens if burdens is None else as_table(burdens, copy=False).values
        if given is not None and given.shape != table.values.shape:
            raise InputError(f"burdens have shape {given.shape}, costs {table.values.shape}; give both the same shape")
        return ArrayShards(table.values, given, tuple(table.agents))
    path, other = Path(costs), None if burdens is None else _path(burdens)
    ending = _ending_of(path)
    if other is not None and _ending_of(other) != ending:
        raise InputError(f"{other}: ends in another way than {path}; give costs and burdens as the same kind of files")
    if ending == ".npy":
        return NpyShards.open(path, other, tasks_in_rows=tasks_in_rows)
    return ParquetShards.open(path, other)


def _path(burdens: Any) -> Path:
    if not isinstance(burdens, str | os.PathLike):
        raise InputError(f"burdens: are {type(burdens).__name__}, and the costs a path; give both as paths")
    return Path(burdens)


def _ending_of(path: Path) -> str:
    """Return ``.npy`` or ``.parquet``: which kind of shards a folder or a file holds.

    Raises
    ------
    InputError
        If there is no such path, or it holds neither, or both.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if not path.is_dir():
        ending = path.suffix.lower()
        if ending not in ENDINGS:
            raise InputError(f"{path}: is read whole; shards are .npy or .parquet files, or a folder of these")
        return ".npy" if ending == ".npy" else ".parquet"
    found = {file.suffix.lower() for file in path.iterdir() if file.name[0] not in "._"}
    kinds = [ending for ending in (".npy", ".parquet") if ending in found]
    if len(kinds) != 1:
        has = (
            "has both .npy and .parquet files; keep one kind"
            if kinds
            else "has no .npy or .parquet file; give a file of costs, or a folder of such files"
        )
        raise InputError(f"{path}: {has}")
    files_of(path, kinds[0])
    return kinds[0]
