"""Shards of tables that list the candidates of each task, a few of many agents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import Pairs

TASKS_PER_SHARD = 1 << 17
"""Number of tasks in a shard of a table that is in memory."""


@dataclass(frozen=True, slots=True)
class CandidateShard:
    """Some consecutive tasks of a table, with their candidates in compressed rows.

    Attributes
    ----------
    first
        Position of the first task in the whole table.
    starts
        Position of each task's first pair in the arrays below, shape (m_k + 1,); the last entry is their length.
    agents
        Agent of each pair, shape (pairs,).
    costs, burdens
        Cost and burden of each pair, shape (pairs,); burdens are None if costs are the burdens.
    """

    first: int
    starts: NDArray[np.int64]
    agents: NDArray[np.int32]
    costs: NDArray[np.floating[Any]]
    burdens: NDArray[np.floating[Any]] | None = None

    @property
    def pairs(self) -> Pairs:
        """The arrays as the compiled loops take them."""
        return Pairs(self.starts, self.agents, self.costs, self.costs if self.burdens is None else self.burdens)


class CandidateSource(Protocol):
    """A table of candidates that is read shard by shard; small and picklable, unless the table is in memory."""

    @property
    def agents(self) -> Sequence[str]:
        """Names of all n agents, those included that are no task's candidate."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""

    def read(self, k: int) -> CandidateShard:
        """Return shard `k`."""


@dataclass(frozen=True, slots=True)
class CandidatesInMemory:
    """A table of candidates in memory, cut into shards without copying.

    Attributes
    ----------
    agents
        Names of the agents, length n.
    pairs
        The pairs of all tasks.
    shared
        Whether the costs are the burdens.
    """

    agents: Sequence[str]
    pairs: Pairs
    shared: bool

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""
        m = len(self.pairs.starts) - 1
        return tuple(min(TASKS_PER_SHARD, m - first) for first in range(0, m, TASKS_PER_SHARD))

    def read(self, k: int) -> CandidateShard:
        """Return shard `k`, which shares the memory of the table."""
        first = k * TASKS_PER_SHARD
        starts = self.pairs.starts[first : first + TASKS_PER_SHARD + 1]
        part = slice(int(starts[0]), int(starts[-1]))
        burdens = None if self.shared else self.pairs.burdens[part]
        return CandidateShard(first, starts - starts[0], self.pairs.agents[part], self.pairs.costs[part], burdens)
