"""Tables in a folder of ``.npy`` files, or in one: arrays of agents x tasks, in single or double precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from evenhand.assignment.shards.numbered_files import files_of, identity
from evenhand.assignment.shards.source import Shard, cut, digest
from evenhand.errors import InputError
from evenhand.tables.default_names import DefaultNames

MANY_AGENTS = 1_000
"""Number of agents from which on a table with fewer tasks than agents is taken to be turned around."""


@dataclass(frozen=True)
class Array:
    """An array of agents x tasks in a file, whose header has been read.

    Attributes
    ----------
    file
        The file.
    dtype
        Type of its numbers.
    shape
        Numbers of agents and tasks.
    by_task
        Whether the numbers of a task, rather than those of an agent, stand together.
    offset
        Position of the first number, in bytes.
    """

    file: Path
    dtype: np.dtype[Any]
    shape: tuple[int, int]
    by_task: bool
    offset: int

    @classmethod
    def of(cls, file: Path, *, tasks_in_rows: bool) -> Array:
        """Read the header of a file.

        Raises
        ------
        InputError
            If it is no array of two dimensions in single or double precision, or if its end is missing.
        """
        try:
            with file.open("rb") as stream:
                version = npy.read_magic(stream)
                read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
                shape, fortran, dtype = read(stream)
                offset = stream.tell()
        except OSError as error:
            raise InputError(f"{file}: cannot be read ({error.strerror or error})") from None
        except Exception as error:  # the header parser lets errors of its tokenizer and evaluator through
            raise InputError(
                f"{file}: not a usable .npy file ({(str(error).splitlines() or ['?'])[0][:120]})"
            ) from None
        if dtype not in (np.float32, np.float64) or not dtype.isnative:
            raise InputError(f"{file}: its numbers are {dtype}; shards are float32 or float64")
        if len(shape) != 2:
            raise InputError(f"{file}: has {len(shape)} dimensions; a shard has two, agents x tasks")
        found = cls(file, dtype, shape[::-1] if tasks_in_rows else shape, fortran is not tasks_in_rows, offset)
        found.check_end()
        return found

    def check_end(self) -> None:
        """Raise an InputError if the file is shorter than its header says."""
        there = self.file.stat().st_size
        needed = self.offset + math.prod(self.shape) * self.dtype.itemsize
        if there < needed:
            raise InputError(
                f"{self.file}: is truncated: {there:,} bytes, and {self.shape[0]} agents x {self.shape[1]:,} tasks of "
                f"{self.dtype} need {needed:,}; copy it again"
            )

    def read(self, first: int, stop: int) -> NDArray[np.floating[Any]]:
        """Return the columns of some tasks, shape (n, stop - first).

        Raises
        ------
        InputError
            If the file cannot be read, or has become shorter.
        """
        n, m = self.shape
        found = np.empty((stop - first, n) if self.by_task else (n, stop - first), self.dtype)
        size = self.dtype.itemsize
        if self.by_task:
            pieces = [(first * n, found)]
        elif stop - first == m:
            pieces = [(0, found)]
        else:
            pieces = [(i * m + first, found[i]) for i in range(n)]
        try:
            with self.file.open("rb", buffering=0) as stream:
                for place, piece in pieces:
                    stream.seek(self.offset + place * size)
                    _fill(stream, piece)
        except (OSError, EOFError) as error:
            self.check_end()
            raise InputError(f"{self.file}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
        return found.T if self.by_task else found


def _fill(stream: Any, piece: NDArray[Any]) -> None:
    if not piece.size:
        return
    room: Any = memoryview(piece).cast("B")  # type: ignore[arg-type]
    while len(room):
        count = stream.readinto(room)
        if not count:
            raise EOFError("its end is missing")
        room = room[count:]


@dataclass(frozen=True)
class NpyShards:
    """A table in ``.npy`` files, of which large ones are cut into several shards.

    Attributes
    ----------
    costs, burdens
        The files; burdens are None if the costs are the burdens.
    pieces
        File, first task and end in it, of each shard.
    """

    costs: tuple[Array, ...]
    burdens: tuple[Array, ...] | None
    pieces: tuple[tuple[int, int, int], ...]
    starts: tuple[int, ...]

    @classmethod
    def open(cls, costs: Path, burdens: Path | None = None, *, tasks_in_rows: bool = False) -> NpyShards:
        """Read the headers of all files.

        Raises
        ------
        InputError
            If one cannot be used, is missing, or does not match the others; the message names it.
        """
        arrays = _arrays(costs, tasks_in_rows=tasks_in_rows)
        others = None if burdens is None else _arrays(burdens, tasks_in_rows=tasks_in_rows)
        if others is not None:
            _check_same_shapes(arrays, others)
        pieces = [(file, *edge) for file, array in enumerate(arrays) for edge in cut(array.shape[1], array.shape[0])]
        starts = np.cumsum([0, *(array.shape[1] for array in arrays)]).tolist()
        return cls(tuple(arrays), None if others is None else tuple(others), tuple(pieces), tuple(starts))

    @property
    def agents(self) -> Sequence[str]:
        """Default names of the agents."""
        return DefaultNames("agent", self.costs[0].shape[0])

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""
        return tuple(stop - first for _, first, stop in self.pieces)

    def read(self, k: int) -> Shard:
        """Read the numbers of a shard."""
        file, first, stop = self.pieces[k]
        burdens = None if self.burdens is None else self.burdens[file].read(first, stop)
        return Shard(self.starts[file] + first, self.costs[file].read(first, stop), burdens)

    def label(self, k: int) -> str:
        """Return the path of the file."""
        return str(self.costs[self.pieces[k][0]].file)

    def fingerprint(self) -> str:
        """Return a digest of names, sizes and times of all files."""
        return digest([identity(array.file) for array in (*self.costs, *(self.burdens or ()))])


def _arrays(path: Path, *, tasks_in_rows: bool) -> list[Array]:
    """Return the arrays of a folder, or of one file, which have the same number of agents and the same type."""
    files = files_of(path, ".npy") if path.is_dir() else [path]
    arrays = [Array.of(file, tasks_in_rows=tasks_in_rows) for file in files]
    first = arrays[0]
    for array in arrays:
        if array.shape[0] != first.shape[0]:
            rows = "columns" if tasks_in_rows else "rows"
            raise InputError(
                f"{array.file}: has {array.shape[0]} {rows}, one for each agent, and {first.file} has "
                f"{first.shape[0]}; all shards need the same"
            )
        if array.dtype != first.dtype:
            raise InputError(
                f"{array.file}: its numbers are {array.dtype}, those of {first.file} {first.dtype}; "
                "all shards need the same"
            )
    tasks = sum(array.shape[1] for array in arrays)
    if first.shape[0] > max(tasks, MANY_AGENTS):
        rows, columns, other = ("columns", "rows", "columns") if tasks_in_rows else ("rows", "columns", "rows")
        raise InputError(
            f"{path}: {first.shape[0]:,} agents ({rows}) share only {tasks:,} tasks ({columns}); if tasks stand in "
            f"{other}, say so (--tasks-as {other}, tasks_in_rows={not tasks_in_rows})"
        )
    return arrays


def _check_same_shapes(costs: Sequence[Array], burdens: Sequence[Array]) -> None:
    if len(costs) != len(burdens):
        raise InputError(
            f"{burdens[0].file.parent}: has {len(burdens)} shards, and the costs have {len(costs)}; "
            "each shard of costs needs its shard of burdens"
        )
    for cost, burden in zip(costs, burdens, strict=True):
        if cost.shape != burden.shape:
            raise InputError(
                f"{burden.file}: {burden.shape[0]} agents x {burden.shape[1]:,} tasks; {cost.file} has "
                f"{cost.shape[0]} x {cost.shape[1]:,}; both need the same"
            )
