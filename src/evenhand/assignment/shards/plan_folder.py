"""The folder that a plan is written into, shard by shard, so that whatever ends the work, the same call goes on.

The files ``part-00000.parquet``, ... have a row for each task: its name, or its position in the table from 0, and the
name of its agent. Without pyarrow they are ``.npy`` arrays of the agents' positions. ``plan.json``, which says all
else, is written last: a folder without it is unfinished. Until then the folder ``.progress`` has what the finished
passes have found, and what each finished part adds to loads, cost and bound.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.shards.columns import Columns
from evenhand.assignment.shards.shard_passes import Written
from evenhand.assignment.shards.shard_solver import Decision, Table
from evenhand.errors import InputError
from evenhand.tables.exclusive import LOCK, exclusive
from evenhand.tables.write import atomic_writer, write_json

PLAN, PROGRESS = "plan.json", ".progress"
"""Names of the file that a finished plan ends with, and of the folder with what is known before."""


class PlanFolder:
    """A folder that this process alone writes into; see :func:`plan_folder`.

    Parameters
    ----------
    path
        The folder.
    agents
        Names, length n.
    """

    def __init__(self, path: Path, agents: Sequence[str]) -> None:
        self._path = path
        self._agents = agents
        self._progress = path / PROGRESS
        self.format = ".npy" if importlib.util.find_spec("pyarrow") is None else ".parquet"

    def table(self) -> Table | None:
        """Return what the first pass has found; None if it has not ended."""
        data = self._load("table.npz")
        if data is None:
            return None
        burdens = data["burdens"] if data["burdens"].size else None
        return Table(
            float(data["base"][0]),
            float(data["base"][1]),
            data["cheapest_loads"],
            data["carried"],
            dict(zip(("burdens", "initial_loads", "locked"), data["made_with"].tolist(), strict=True)),
            Columns(data["costs"], burdens, data["counts"], data["hashes"]),
        )

    def keep_table(self, table: Table) -> None:
        """Keep what the first pass has found."""
        sample = table.sample
        self._save(
            "table.npz",
            base=[table.base_cost, table.size],
            cheapest_loads=table.cheapest_loads,
            carried=table.carried,
            made_with=list(table.made_with.values()),
            costs=sample.costs,
            burdens=[] if sample.burdens is None else sample.burdens,
            counts=sample.counts,
            hashes=sample.hashes,
        )

    def decision(self) -> Decision | None:
        """Return prices, certificate and the agents of the core; None if these are not decided."""
        data = self._load("decision.npz")
        if data is None:
            return None
        dealt = None
        if data["edges"].size:
            edges = data["edges"].tolist()
            dealt = list(zip(_split(data["agents"], edges), _split(data["numbers"], edges), strict=True))
        proof = Certificate("bound", data["multipliers"], data["points"])
        return Decision(data["price"], data["radius"], dealt, proof, float(data["searched"]))

    def keep_decision(self, decision: Decision) -> None:
        """Keep prices, certificate and the agents of the core."""
        dealt = decision.dealt or []
        self._save(
            "decision.npz",
            price=decision.price,
            radius=decision.radius,
            multipliers=decision.certificate.multipliers,
            points=decision.certificate.points,
            searched=decision.searched,
            edges=np.cumsum([0, *(len(agents) for agents, _ in dealt)]) if dealt else [],
            agents=np.concatenate([agents for agents, _ in dealt]) if dealt else [],
            numbers=np.concatenate([numbers for _, numbers in dealt]) if dealt else [],
        )

    def finished(self) -> dict[int, tuple[NDArray[np.float64], tuple[float, float, float]]]:
        """Return what each finished part adds to loads and cost, shape (2, n + 1), and to the bound."""
        found = {}
        try:
            lines = (self._progress / "parts.jsonl").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return {}
        for line in lines:
            try:
                part = json.loads(line)
            except ValueError:
                continue  # the last line, which was being written when the process was killed
            file = self._part(part["part"])
            if file.exists() and file.stat().st_size == part["bytes"]:
                found[int(part["part"])] = (np.array(part["totals"]), tuple(part["bound"]))
        return found

    def write(self, k: int, written: Written, first: int, names: Any) -> None:
        """Write the plan of shard `k`, whose tasks begin at `first`; `names` are theirs, or None."""
        file = self._part(k)
        with atomic_writer(file) as stream:
            if self.format == ".npy":
                np.save(stream, written.agents, allow_pickle=False)
            else:
                _write_parquet(stream, written.agents, self._agents, first, names)
        line = {
            "part": k,
            "bytes": file.stat().st_size,
            "totals": written.totals.tolist(),
            "bound": list(written.bound),
        }
        try:
            with (self._progress / "parts.jsonl").open("a", encoding="utf-8") as log:
                log.write(f"\n{json.dumps(line)}\n")
                log.flush()
                os.fsync(log.fileno())
        except OSError as error:
            raise InputError(f"{self._progress}: cannot be written ({error.strerror or error})") from None

    def finish(self, answer: Mapping[str, Any]) -> None:
        """Write ``plan.json``, and remove what is known from before."""
        write_json(self._path / PLAN, answer)
        shutil.rmtree(self._progress, ignore_errors=True)

    def _part(self, k: int) -> Path:
        return self._path / f"part-{k:05d}{self.format}"

    def _load(self, name: str) -> dict[str, NDArray[Any]] | None:
        file = self._progress / name
        if not file.exists():
            return None
        with np.load(file, allow_pickle=False) as data:
            return dict(data)

    def _save(self, name: str, **arrays: Any) -> None:
        with atomic_writer(self._progress / name) as stream:
            np.savez(stream, **{key: np.asarray(value) for key, value in arrays.items()})  # type: ignore[arg-type]


@contextmanager
def plan_folder(path: Path, agents: Sequence[str], question: str) -> Iterator[PlanFolder]:
    """Make a folder for the plan of `agents`, or go on with one that was begun for the same `question`.

    Raises
    ------
    InputError
        If the folder holds anything else, if another process is writing into it, or if it cannot be written.
    """
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: is a file; give the name of a folder for the plan")
    with exclusive(path):
        asked = path / PROGRESS / "question"
        if (path / PLAN).exists():
            raise InputError(f"{path}: holds a finished plan; give another folder, or remove this one")
        if asked.exists():
            if asked.read_text("utf-8") != question:
                raise InputError(
                    f"{path}: holds an unfinished plan of other tables or another question, or of tables that have "
                    "changed since; give another folder, or remove this one"
                )
        else:
            strange = next((file for file in sorted(path.iterdir()) if file.name not in (LOCK, PROGRESS)), None)
            if strange is not None:
                raise InputError(f"{path}: holds {strange.name!r} already; give an empty folder, or a new one")
            try:
                asked.parent.mkdir(exist_ok=True)
            except OSError as error:
                raise InputError(f"{path}: cannot be written ({error.strerror or error})") from None
            with atomic_writer(asked) as stream:
                stream.write(question.encode())
        yield PlanFolder(path, agents)


def _split(values: NDArray[Any], edges: Sequence[int]) -> list[NDArray[Any]]:
    return np.split(values, edges[1:-1])


def _write_parquet(
    stream: Any, positions: NDArray[np.integer[Any]], agents: Sequence[str], first: int, names: Any
) -> None:
    import pyarrow
    import pyarrow.parquet

    count = len(positions)
    tasks = _numbers(pyarrow, pyarrow.int64(), np.arange(first, first + count)) if names is None else names
    keys = _numbers(pyarrow, pyarrow.int32(), positions.astype(np.int32))
    by_name = pyarrow.DictionaryArray.from_arrays(keys, pyarrow.array(list(agents)))
    encoding = {"task": "DELTA_BINARY_PACKED"} if names is None else None
    pyarrow.parquet.write_table(
        pyarrow.table({"task": tasks, "agent": by_name}),
        stream,
        use_dictionary=["agent"],
        column_encoding=encoding,
        compression="snappy",
    )


def _numbers(pyarrow: Any, kind: Any, values: NDArray[Any]) -> Any:
    """Return numbers as an array of Arrow; its own conversion would import pandas."""
    return pyarrow.Array.from_buffers(kind, len(values), [None, pyarrow.py_buffer(values)])
