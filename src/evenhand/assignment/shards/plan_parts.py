"""Read a plan in shards, as `assign_shards` writes it; what it says is checked by whoever reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.shards.source import Source, task_names
from evenhand.errors import InputError, MissingExtraError


@dataclass(frozen=True)
class PlanParts:
    """The parts of a plan.

    Attributes
    ----------
    folder, ending
        Where they are, and ``.parquet`` or ``.npy``.
    source
        The table, which says what agents and tasks are called.
    starts
        Position of the first task of each part, and the number of all.
    """

    folder: Path
    ending: str
    source: Source
    starts: Sequence[int]

    def label(self, k: int) -> str:
        """Return the path of part `k`."""
        return str(self._file(k))

    def read(self, k: int, size: int) -> NDArray[np.integer[Any]]:
        """Return the positions of the agents of part `k`, shape (size,).

        Raises
        ------
        InputError
            If the part is missing or unreadable, has another number of rows, or names somebody else.
        """
        file = self._file(k)
        if not file.exists():
            raise InputError(f"{file}: is missing; the plan has {len(self.starts) - 1} parts")
        try:
            found = self._positions(file, k) if self.ending == ".npy" else self._by_name(file, k)
        except (InputError, ImportError):
            raise
        except Exception as error:  # a broken file raises NumPy's or Arrow's own errors
            why = (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
            raise InputError(f"{file}: cannot be read ({why})") from None
        if len(found) != size:
            raise InputError(f"{file}: has {len(found):,} rows; its shard of the table has {size:,} tasks")
        return found

    def _file(self, k: int) -> Path:
        return self.folder / f"part-{k:05d}{self.ending}"

    def _positions(self, file: Path, k: int) -> NDArray[np.integer[Any]]:
        found: NDArray[Any] = np.load(file, allow_pickle=False)
        if found.ndim != 1 or found.dtype.kind not in "iu":
            raise InputError(
                f"{file}: is {found.dtype} of shape {found.shape}; expected whole numbers in one dimension"
            )
        wrong = np.flatnonzero((found < 0) | (found >= len(self.source.agents)))
        if wrong.size:
            raise InputError(
                f"{file}: row {self.starts[k] + int(wrong[0]) + 1:,} of the table has agent {found[wrong[0]]}; "
                f"expected a position from 0 to {len(self.source.agents) - 1}"
            )
        return found

    def _by_name(self, file: Path, k: int) -> NDArray[np.integer[Any]]:
        try:
            import pyarrow.compute
            import pyarrow.parquet
        except ImportError:
            raise MissingExtraError("pyarrow", "tables") from None
        table = pyarrow.parquet.read_table(file, partitioning=None)
        if table.num_rows != self.starts[k + 1] - self.starts[k]:
            return np.zeros(table.num_rows, np.int64)  # whose number is refused
        if table.column_names != ["task", "agent"]:
            raise InputError(f"{file}: has columns {', '.join(table.column_names)[:80]}; expected task and agent")
        names = task_names(self.source, k)
        own = pyarrow.array(np.arange(self.starts[k], self.starts[k + 1])) if names is None else names
        tasks = table.column("task").combine_chunks()
        if not tasks.equals(own) and tasks.to_pylist() != own.to_pylist():
            pairs = enumerate(zip(tasks.to_pylist(), own.to_pylist(), strict=False))
            row, (theirs, ours) = next((pair for pair in pairs if pair[1][0] != pair[1][1]), (0, ("?", "?")))
            raise InputError(
                f"{file}: row {self.starts[k] + row + 1:,} of the table is task {theirs!r} in the plan; expected "
                f"{ours!r}"
            )
        known = pyarrow.array(list(self.source.agents))
        positions = pyarrow.compute.index_in(table.column("agent").cast("string"), value_set=known)
        found = positions.to_numpy()
        if positions.null_count:
            row = int(np.flatnonzero(np.isnan(found.astype(np.float64)))[0])
            name = table.column("agent")[row].as_py()
            raise InputError(
                f"{file}: row {self.starts[k] + row + 1:,} of the table is with {name!r}, who is no agent of the table"
            )
        return np.asarray(found, np.int64)
