"""What a table in shards is to those who work on it, and tables in memory as such; files are in modules beside.

A *shard* is a run of neighbouring tasks with their costs for all agents. Whoever holds a source reads its shards
itself: a source is small and can be pickled, so that workers read from their own disks and no table travels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

PAIRS = 1 << 22
"""Upper limit on the pairs of agent and task in a shard: 16 or 32 MB. Larger files are cut into several shards."""


@dataclass(frozen=True)
class Shard:
    """Some neighbouring tasks of a table of n agents.

    Attributes
    ----------
    first
        Position of the shard's first task in the whole table.
    costs
        Shape (n, k), in single or double precision and any order; +inf if the pair is forbidden.
    burdens
        Likewise, >= 0; None if the costs are the burdens.
    locked
        Agent of each task decided beforehand, shape (k,), -1 if there is none; None if no task is decided.
    """

    first: int
    costs: NDArray[np.floating[Any]]
    burdens: NDArray[np.floating[Any]] | None = None
    locked: NDArray[np.int64] | None = None

    def column(self, place: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return costs and burdens of one task, by its place in the shard, shape (n,) each."""
        costs = self.costs[:, place].astype(np.float64)
        return costs, costs if self.burdens is None else self.burdens[:, place].astype(np.float64)


@runtime_checkable
class Source(Protocol):
    """A table in shards. It is small and can be pickled."""

    @property
    def agents(self) -> Sequence[str]:
        """Names of the agents, length n."""
        ...

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard; 0 is possible."""
        ...

    def read(self, k: int) -> Shard:
        """Return shard `k`, with its values as they are; raise an InputError if it cannot be read."""
        ...

    def label(self, k: int) -> str:
        """Return what messages call shard `k`, such as ``costs/part-0007.npy``."""
        ...

    def fingerprint(self) -> str:
        """Return a text that changes if the table does: files are known by name, size and time of last change."""
        ...


def firsts(sizes: Sequence[int]) -> list[int]:
    """Return the position of the first task of each shard, and the number of all tasks."""
    return [0, *accumulate(sizes)]


def cut(m: int, n: int) -> list[tuple[int, int]]:
    """Return the first and the end of the shards, of about equal sizes, that `m` tasks of `n` agents make."""
    parts = max(1, -(-m * n // PAIRS))
    return [(part * m // parts, (part + 1) * m // parts) for part in range(parts)]


def digest(*parts: object) -> str:
    """Return a fingerprint of some values, by their text or their bytes."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part if isinstance(part, bytes | memoryview) else repr(part).encode())
        found.update(b"\0")
    return found.hexdigest()


@dataclass(frozen=True, eq=False)
class ArrayShards:
    """A table in memory as shards of columns, which are not copied; other engines than threads copy all of it.

    Attributes
    ----------
    costs, burdens
        Shape (n, m); burdens are None if they are the costs.
    agents
        Names, length n.
    """

    costs: NDArray[np.floating[Any]]
    burdens: NDArray[np.floating[Any]] | None
    agents: tuple[str, ...]

    @cached_property
    def _edges(self) -> list[tuple[int, int]]:
        n, m = self.costs.shape
        return cut(m, n)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""
        return tuple(stop - first for first, stop in self._edges)

    def read(self, k: int) -> Shard:
        """Return views of the tables."""
        first, stop = self._edges[k]
        return Shard(first, self.costs[:, first:stop], None if self.burdens is None else self.burdens[:, first:stop])

    def label(self, k: int) -> str:
        """Return the run of tasks."""
        first, stop = self._edges[k]
        return f"tasks {first + 1:,} to {stop:,}"

    def fingerprint(self) -> str:
        """Return a digest of all values."""
        tables = [self.costs] if self.burdens is None else [self.costs, self.burdens]
        bytes_of = [np.ascontiguousarray(table[:, a:b]).tobytes() for table in tables for a, b in self._edges]
        return digest(self.agents, *bytes_of)


@dataclass(frozen=True, eq=False)
class LockedShards:
    """A source some of whose tasks are decided beforehand.

    Attributes
    ----------
    source
        The table.
    tasks, agents_of
        Positions of the decided tasks in the whole table, ascending, and of their agents, shape (k,).
    """

    source: Source
    tasks: NDArray[np.int64]
    agents_of: NDArray[np.int64]

    @property
    def agents(self) -> Sequence[str]:
        """Names of the agents."""
        return self.source.agents

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""
        return self.source.sizes

    def read(self, k: int) -> Shard:
        """Return the source's shard with its decided tasks."""
        shard = self.source.read(k)
        size = shard.costs.shape[1]
        first, stop = np.searchsorted(self.tasks, [shard.first, shard.first + size])
        if first == stop:
            return shard
        locked = np.full(size, -1, np.int64) if shard.locked is None else shard.locked.copy()
        locked[self.tasks[first:stop] - shard.first] = self.agents_of[first:stop]
        return replace(shard, locked=locked)

    def label(self, k: int) -> str:
        """Return the source's label."""
        return self.source.label(k)

    def fingerprint(self) -> str:
        """Return a digest of the source's, and of what is decided."""
        return digest(self.source.fingerprint(), self.tasks.tobytes(), self.agents_of.tobytes())


@dataclass(frozen=True, eq=False)
class ProfitShards:
    """A source of profits as costs: with the opposite sign, so that less is better; the burdens stay as they are.

    Attributes
    ----------
    source
        The table of profits; inf of either sign forbids a pair.
    """

    source: Source

    @property
    def agents(self) -> Sequence[str]:
        """Names of the agents."""
        return self.source.agents

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""
        return self.source.sizes

    def read(self, k: int) -> Shard:
        """Return the source's shard with the opposite sign."""
        shard = self.source.read(k)
        costs = np.negative(shard.costs)
        costs[np.isinf(costs)] = np.inf
        return replace(shard, costs=costs, burdens=shard.costs if shard.burdens is None else shard.burdens)

    def label(self, k: int) -> str:
        """Return the source's label."""
        return self.source.label(k)

    def fingerprint(self) -> str:
        """Return a digest of the source's."""
        return digest("profits", self.source.fingerprint())


def task_names(source: Source, k: int) -> Any:
    """Return the names of the tasks of shard `k`, an array of Arrow; None if the table does not name them."""
    while isinstance(source, LockedShards | ProfitShards):
        source = source.source
    named = getattr(source, "task_names", None)
    return None if named is None else named(k)
