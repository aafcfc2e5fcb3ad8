"""Tables whose shards are computed when they are needed, such as distances between agents and tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.shards.numbered_files import identity
from evenhand.assignment.shards.source import Shard, cut, digest
from evenhand.errors import InputError
from evenhand.tables.default_names import DefaultNames

Distance = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.floating[Any]]]
"""Returns the costs, shape (n, k), between points of agents, shape (n, d), and of tasks, shape (k, d)."""


def _euclidean(agents: NDArray[np.float64], tasks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return straight distances, shape (n, k), between points of shapes (n, d) and (k, d)."""
    found = np.empty((len(agents), len(tasks)))
    for point, row in zip(agents, found, strict=True):
        np.sqrt(((tasks - point) ** 2).sum(axis=1), out=row)
    return found


def _manhattan(agents: NDArray[np.float64], tasks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return distances along the axes, shape (n, k), between points of shapes (n, d) and (k, d)."""
    return np.array([np.abs(tasks - point).sum(axis=1) for point in agents])


DISTANCES: dict[str, Distance] = {"euclidean": _euclidean, "manhattan": _manhattan}
"""Distances by name."""


@dataclass(frozen=True, eq=False)
class DistanceShards:
    """A table of distances between points, computed shard by shard.

    Attributes
    ----------
    agent_points
        Shape (n, d).
    task_points
        Shape (m, d), or the ``.npy`` file of such an array, which is mapped into memory.
    distance
        One of :data:`DISTANCES` by name, or a function at the top of a module; see :data:`Distance`.
    names
        Names of the agents; None for default ones.
    """

    agent_points: NDArray[np.float64]
    task_points: NDArray[np.floating[Any]] | Path
    distance: str | Distance = "euclidean"
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not callable(self.distance) and self.distance not in DISTANCES:
            raise InputError(f"distance is {self.distance!r}; it must be a function or one of {', '.join(DISTANCES)}")
        tasks = self._tasks
        agents = np.asarray(self.agent_points, np.float64)
        object.__setattr__(self, "agent_points", agents)
        if agents.ndim != 2 or tasks.ndim != 2 or agents.shape[1] != tasks.shape[1]:
            raise InputError(
                f"points of agents have shape {agents.shape}, those of tasks {tasks.shape}; expected (n, d) and (m, d)"
            )
        if not np.isfinite(agents).all():
            raise InputError(f"point of agent {int(np.argwhere(~np.isfinite(agents))[0][0]) + 1} is not finite")

    @cached_property
    def _tasks(self) -> NDArray[np.floating[Any]]:
        if not isinstance(self.task_points, Path):
            return np.asarray(self.task_points)
        try:
            return np.asanyarray(np.load(self.task_points, mmap_mode="r", allow_pickle=False))
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{self.task_points}: not a usable .npy file ({str(error)[:120]})") from None

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the mapped file, which every process maps itself."""
        return {name: value for name, value in self.__dict__.items() if name != "_tasks"}

    @property
    def agents(self) -> Sequence[str]:
        """Names of the agents."""
        return DefaultNames("agent", len(self.agent_points)) if self.names is None else self.names

    @cached_property
    def _edges(self) -> list[tuple[int, int]]:
        return cut(len(self._tasks), len(self.agent_points))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of tasks of each shard."""
        return tuple(stop - first for first, stop in self._edges)

    def read(self, k: int) -> Shard:
        """Compute the distances of a shard's tasks."""
        first, stop = self._edges[k]
        function = self.distance if callable(self.distance) else DISTANCES[self.distance]
        costs = np.asarray(function(self.agent_points, np.asarray(self._tasks[first:stop], np.float64)))
        expected = (len(self.agent_points), stop - first)
        if costs.shape != expected or costs.dtype not in (np.float32, np.float64):
            raise InputError(
                f"{self.label(k)}: the distance returns {costs.dtype} of shape {costs.shape}; expected float32 or "
                f"float64 of shape {expected}"
            )
        return Shard(first, costs)

    def label(self, k: int) -> str:
        """Return the run of tasks, and the file of their points."""
        first, stop = self._edges[k]
        where = f"{self.task_points}, " if isinstance(self.task_points, Path) else ""
        return f"{where}tasks {first + 1:,} to {stop:,}"

    def fingerprint(self) -> str:
        """Return a digest of the points and of the distance's name."""
        name = getattr(self.distance, "__qualname__", self.distance)
        tasks: Any = identity(self.task_points) if isinstance(self.task_points, Path) else self._tasks.tobytes()
        return digest(self.agent_points.tobytes(), tasks, name)
