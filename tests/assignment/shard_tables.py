"""Small tables cut into many shards, for the tests of tables in shards."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.shards import shard_solver


def points(n: int, m: int, seed: int = 0) -> NDArray[np.float64]:
    """Return distances between uniform points, shape (n, m)."""
    random = np.random.default_rng(seed)
    apart = random.random((n, 1, 2)) - random.random((1, m, 2))
    return np.sqrt((apart**2).sum(axis=2))


def write_npy(folder: Path, table: NDArray[Any], sizes: Sequence[int], order: str = "C") -> Path:
    """Write a table as ``.npy`` shards of some sizes, part-0 and so on without leading zeros."""
    folder.mkdir()
    assert sum(sizes) == table.shape[1]
    for k, (first, stop) in enumerate(pairwise([0, *accumulate(sizes)])):
        np.save(folder / f"part-{k}.npy", np.array(table[:, first:stop], order=order))
    return folder


def write_parquet(folder: Path, table: NDArray[Any], sizes: Sequence[int], names: Sequence[str] | None = None) -> Path:
    """Write a table as Parquet files with two row groups each where there are two tasks."""
    import pyarrow
    import pyarrow.parquet

    folder.mkdir()
    for k, (first, stop) in enumerate(pairwise([0, *accumulate(sizes)])):
        columns: dict[str, Any] = {f"a{i}": table[i, first:stop] for i in range(len(table))}
        if names is not None:
            columns["task"] = list(names[first:stop])
        size = max(1, -(-(stop - first) // 2))
        pyarrow.parquet.write_table(pyarrow.table(columns), folder / f"part-{k}.parquet", row_group_size=size)
    return folder


@contextmanager
def streamed() -> Iterator[None]:
    """Solve even tiny tables by way of samples and boxes."""
    with mock.patch.multiple(shard_solver, WHOLE=0, MANY=0):
        yield


def plan_of(folder: Path) -> NDArray[np.int64]:
    """Return the agents' positions in a plan, read without the library's own code, and check the positions of tasks."""
    import pyarrow.parquet

    stated = json.loads((folder / "plan.json").read_text())
    found: list[int] = []
    for k in range(len(stated["shards"])):
        part = folder / f"part-{k:05d}{stated['format']}"
        if part.suffix == ".npy":
            found += np.load(part).tolist()
            continue
        rows = pyarrow.parquet.read_table(part).to_pydict()
        if rows["task"] and isinstance(rows["task"][0], int):
            assert rows["task"] == list(range(len(found), len(found) + len(rows["task"])))
        found += [stated["agents"].index(name) for name in rows["agent"]]
    return np.array(found)
