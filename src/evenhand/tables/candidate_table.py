"""Tables that list the candidates of each task, a few of many agents, in compressed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.errors import InputError
from evenhand.tables.cost_table import CostTable, shown
from evenhand.tables.default_names import DefaultNames

MOST_CELLS, DENSE = 4_000_000, 0.25
"""A table of candidates with at most so many cells, agents times tasks, counts as an ordinary table with forbidden
pairs; so does one that lists at least this part of all pairs."""


class ArrayNames(Sequence[str]):
    """Names in an array, made to text when somebody asks for them.

    Parameters
    ----------
    values
        A NumPy array of integers, or an array of text of pyarrow.
    """

    def __init__(self, values: Any) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...

    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(map(str, self._listed(self._values[place])))
        return str(self._listed(self._values[range(len(self))[place] :][:1])[0])

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), 1 << 16):
            yield from map(str, self._listed(self._values[first : first + (1 << 16)]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(ours == theirs for ours, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"ArrayNames({len(self)} names)"

    @staticmethod
    def _listed(values: Any) -> list[Any]:
        return list(values.tolist() if isinstance(values, np.ndarray) else values.to_pylist())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CandidateTable:
    """Costs (and burdens) of the pairs of task and agent that may be used; all other pairs are forbidden.

    Use :meth:`of_rows`, :meth:`of_sparse` or :meth:`of_arrays` to make one. Values are checked where a problem is built
    from them.

    Attributes
    ----------
    starts
        Position of each task's first pair, shape (m + 1,).
    agent_of
        Agent of each pair, by position, shape (k,).
    costs, burdens
        Cost and burden of each pair, shape (k,), in single or double precision; burdens are None if the costs are
        shared.
    agents, tasks
        Names, lengths n and m.
    source
        Origin of the table, for messages.
    named
        Whether the names of the agents, and those of the tasks, came with the data.
    rows
        Position of each pair in the source, shape (k,); None if pairs are in the order of the source.
    first_row
        Number that messages give the source's first pair, and what they call a pair's place there.
    notes
        Sentences on how the source was read.
    """

    starts: NDArray[np.int64]
    agent_of: NDArray[np.int32]
    costs: NDArray[np.floating[Any]]
    burdens: NDArray[np.floating[Any]] | None
    agents: Sequence[str]
    tasks: Sequence[str]
    source: str = "costs"
    named: tuple[bool, bool] = (True, True)
    rows: NDArray[np.int64] | None = None
    first_row: tuple[str, int] = ("entry", 0)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        size = f"{len(self.agents)} agents x {len(self.tasks)} tasks, {len(self.agent_of)} pairs"
        return f"CandidateTable({size}, from {self.source})"

    @property
    def is_small(self) -> bool:
        """Whether the table counts as an ordinary table with forbidden pairs."""
        cells = len(self.agents) * len(self.tasks)
        return cells <= MOST_CELLS or len(self.agent_of) >= DENSE * cells

    def place(self, pair: int) -> str:
        """Return where a pair stands in the source, for messages: ``pairs.parquet, row 73,000,001``."""
        word, first = self.first_row
        at = pair if self.rows is None else int(self.rows[pair])
        return f"{self.source}, {word} {at + first:,}"

    def task_of(self, pair: int) -> int:
        """Return the task of a pair, by position."""
        return int(np.searchsorted(self.starts, pair, "right")) - 1

    def full(self) -> CostTable:
        """Return the table of all pairs, n x m; those that are not listed are forbidden (cost inf).

        Raises
        ------
        InputError
            If a pair is listed twice, or the table would be large and nearly all forbidden.
        """
        shape = len(self.agents), len(self.tasks)
        if not self.is_small:
            raise LargeCandidatesError(self)
        task = np.repeat(np.arange(shape[1]), np.diff(self.starts))
        _, first = np.unique(task * shape[0] + self.agent_of, return_index=True)
        if len(first) < len(task):
            twice = int(np.setdiff1d(np.arange(len(task)), first)[0])
            agent, name = self.agents[int(self.agent_of[twice])], self.tasks[int(task[twice])]
            raise InputError(
                f"{self.place(twice)}: agent {shown(agent)} and task {shown(name)} are listed already; give each pair "
                "one cost"
            )
        tables: list[NDArray[np.float64] | None] = []
        for values in (self.costs, self.burdens):
            table = None
            if values is not None:
                table = np.full(shape, np.inf)
                table[self.agent_of, task] = values
            tables.append(table)
        costs, burdens = tables
        assert costs is not None
        return CostTable(
            costs, self.agents, self.tasks, source=self.source, named=self.named, burdens=burdens, notes=self.notes
        )

    def negated(self) -> CandidateTable:
        """Return the table with costs of the opposite sign, and the burdens that it had."""
        burdens = self.costs if self.burdens is None else self.burdens
        return replace(self, costs=-self.costs, burdens=burdens)

    def kept(self, kept: NDArray[np.bool_]) -> CandidateTable:
        """Return the table of the pairs that are `kept`, shape (k,)."""
        ends = np.concatenate([[0], np.cumsum(kept)])
        return replace(
            self,
            starts=ends[self.starts],
            agent_of=self.agent_of[kept],
            costs=self.costs[kept],
            burdens=None if self.burdens is None else self.burdens[kept],
            rows=(np.arange(len(kept)) if self.rows is None else self.rows)[kept],
        )

    @classmethod
    def of_arrays(
        cls,
        indptr: ArrayLike,
        indices: ArrayLike,
        data: ArrayLike,
        *,
        burdens: ArrayLike | None = None,
        agents: Sequence[str] | int | None = None,
        tasks: Sequence[str] | None = None,
        source: str = "costs",
    ) -> CandidateTable:
        """Return the table in compressed rows, one row per task.

        Parameters
        ----------
        indptr
            Position of each task's first entry, length m + 1.
        indices
            Agent of each entry, by position, length k.
        data, burdens
            Cost and burden of each entry, length k; without burdens, the costs are shared.
        agents, tasks
            Names; for agents their number is enough, and None stands for the largest index + 1.
        source
            Name of the data, for messages.

        Raises
        ------
        InputError
            If the arrays do not fit each other.

        Examples
        --------
        >>> CandidateTable.of_arrays([0, 2, 3], [0, 1, 1], [3.0, 4.0, 1.0]).full().values.tolist()
        [[3.0, inf], [4.0, 1.0]]
        """
        starts, agent = _whole(indptr, "indptr", source), _whole(indices, "indices", source)
        cost = _numbers(data, "data", source)
        burden = None if burdens is None else _numbers(burdens, "burdens", source)
        k = len(agent)
        for name, values in (("data", cost), ("burdens", burden)):
            if values is not None and len(values) != k:
                raise InputError(f"{source}: {len(values)} {name} for {k} indices; give one for each entry")
        if len(starts) < 2 or starts[0] != 0 or starts[-1] != k or (np.diff(starts) < 0).any():
            raise InputError(
                f"{source}: indptr must rise from 0 to {k}, the number of entries, with one more than tasks"
            )
        least, most = (int(agent.min()), int(agent.max())) if k else (0, -1)
        count = most + 1 if agents is None else agents if isinstance(agents, int) else len(agents)
        if least < 0 or most >= count:
            wrong = int(np.argmax((agent < 0) | (agent >= count)))
            raise InputError(
                f"{source}, entry {wrong:,}: there is no agent {int(agent[wrong])}; it must be a position from 0 to "
                f"{count - 1}"
            )
        named = not (agents is None or isinstance(agents, int)), tasks is not None
        if tasks is not None and len(tasks) != len(starts) - 1:
            raise InputError(f"{source}: {len(tasks)} names for {len(starts) - 1} tasks; give one for each")
        return cls(
            starts,
            agent.astype(np.int32, copy=False),
            cost,
            burden,
            DefaultNames("agent", count) if agents is None or isinstance(agents, int) else tuple(agents),
            DefaultNames("task", len(starts) - 1) if tasks is None else tasks,
            source,
            named,
        )

    @classmethod
    def of_sparse(cls, matrix: Any, burdens: Any = None, *, source: str = "costs") -> CandidateTable:
        """Return the table in a sparse array or matrix of SciPy, shape (n, m), agents x tasks.

        Stored entries are the pairs that may be used, zeros included.

        Raises
        ------
        InputError
            If the matrix holds an entry twice, or the burdens have other entries.
        """
        columns = _columns(matrix, source)
        shared = None
        if burdens is not None:
            if not _is_sparse(burdens):
                raise InputError(
                    f"burdens are a {type(burdens).__name__}, the costs sparse; give both as sparse arrays"
                )
            other = _columns(burdens, "burdens")
            if other.shape != columns.shape:
                raise InputError(f"burdens have shape {other.shape}, the costs {columns.shape}; give both the same")
            if not (np.array_equal(other.indptr, columns.indptr) and np.array_equal(other.indices, columns.indices)):
                raise InputError("burdens and costs store different entries; give each pair a cost and a burden")
            shared = other.data
        return cls.of_arrays(
            columns.indptr, columns.indices, columns.data, burdens=shared, agents=int(columns.shape[0]), source=source
        )


class LargeCandidatesError(InputError):
    """Raised in place of a full table that would be large and nearly all forbidden.

    Attributes
    ----------
    table
        The table of candidates, for those who can use it.
    """

    def __init__(self, table: CandidateTable) -> None:
        n, m = len(table.agents), len(table.tasks)
        super().__init__(
            f"{table.source}: lists {len(table.costs):,} pairs of {n:,} agents and {m:,} tasks, whose full table would "
            f"take {8e-9 * n * m:.3g} GB; only evenhand assign and verify read it as it is"
        )
        self.table = table


def _is_sparse(data: object) -> bool:
    """Return whether `data` is a sparse array or matrix of SciPy, which is not imported."""
    return type(data).__module__.partition(".")[0] == "scipy" and hasattr(data, "tocsc")


def as_candidates(data: Any, burdens: Any = None, *, source: str = "costs") -> CandidateTable | None:
    """Return `data` as a table of candidates; None if it is no such table.

    Parameters
    ----------
    data
        A :class:`CandidateTable`, a sparse array of SciPy, shape (n, m), or a tuple ``(indptr, indices, data)`` of
        NumPy arrays, see :meth:`CandidateTable.of_arrays`.
    burdens
        Burdens given beside it: a sparse array with the same entries, or an array of one for each pair.
    source
        Name of the data, for messages.

    Raises
    ------
    InputError
        If `data` is such a table with a mistake, or `burdens` do not fit.
    """
    if _is_sparse(data):
        return CandidateTable.of_sparse(data, burdens, source=source)
    if _is_compressed(data):
        return CandidateTable.of_arrays(*data, burdens=burdens, source=source)
    if not isinstance(data, CandidateTable):
        return None
    if burdens is None:
        return data
    values = _numbers(burdens, "burdens", data.source)
    if len(values) != len(data.costs):
        raise InputError(f"burdens: {len(values)} given for {len(data.costs)} pairs; give one for each")
    return replace(data, burdens=values)


def _is_compressed(data: Any) -> bool:
    """Return whether `data` is a tuple of three vectors of which the second and third are equally long."""
    if not (isinstance(data, tuple) and len(data) == 3 and all(isinstance(part, np.ndarray) for part in data)):
        return False
    shapes = [part.shape for part in data]
    if any(len(shape) != 1 for shape in shapes) or shapes[1] != shapes[2]:
        return False
    whole = all(part.dtype.kind in "iu" for part in data[:2])
    if whole and shapes[0] == shapes[1]:
        raise InputError(
            "costs: three vectors of one length are a table of three agents or (indptr, indices, data); give the "
            "former as one array, the latter as CandidateTable.of_arrays(indptr, indices, data)"
        )
    return whole


def _columns(matrix: Any, source: str) -> Any:
    """Return a sparse matrix of SciPy in compressed columns, one per task, in the order of agents."""
    if matrix.ndim != 2:
        raise InputError(f"{source}: a sparse array of {matrix.ndim} dimensions; it must be agents x tasks")
    columns = matrix.tocsc(copy=False)
    if matrix.format == "coo" and columns.nnz != matrix.nnz:
        row, column = (np.asarray(part) for part in matrix.coords)
        _, back, counts = np.unique(np.stack([column, row]), axis=1, return_inverse=True, return_counts=True)
        twice = int(np.flatnonzero(counts[back.ravel()] > 1)[1])
        raise InputError(
            f"{source}, entry {twice:,}: the pair of agent {int(row[twice])} and task {int(column[twice])} is there "
            "already; give each pair one cost"
        )
    if not columns.has_sorted_indices:
        columns = columns.sorted_indices()
    return columns


def _whole(values: ArrayLike, name: str, source: str) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise InputError(f"{source}: {name} is {shown(array.dtype)} of shape {array.shape}; it must be whole numbers")
    return array if array.dtype == np.int32 and name == "indices" else array.astype(np.int64, copy=False)


def _numbers(values: ArrayLike, name: str, source: str) -> NDArray[np.floating[Any]]:
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iuf":
        raise InputError(f"{source}: {name} is {shown(array.dtype)} of shape {array.shape}; it must be numbers")
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
