"""Instances of travelling salesmen: towns, a depot, and the distances between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.tsplib_distances import euclidean
from evenhand.errors import InputError
from evenhand.number_checks import check_seed, checked_whole
from evenhand.tables.cost_table import check_names

MOST = 2000
"""Upper limit on the nodes of an instance: distances are a square matrix, and exact methods fail far below this."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Towns:
    """Symmetric distances between nodes, one of which is the depot.

    Attributes
    ----------
    distances
        Distances between nodes, shape (n, n): non-negative, symmetric, and 0 on the diagonal.
    depot
        Position of the depot.
    names
        Names of the nodes, length n, distinct.
    coordinates
        Positions at which to draw the nodes, shape (n, 2): x to the right, y upwards. None if the source has none.
    source
        Source of the towns, for error messages: a path or a word.

    Raises
    ------
    InputError
        If there are fewer than two nodes or more than :data:`MOST`, shapes disagree, or a distance is not finite, is
        negative, or differs from that in the opposite direction.
    """

    distances: NDArray[np.float64]
    depot: int
    names: tuple[str, ...]
    coordinates: NDArray[np.float64] | None = None
    source: str = "memory"

    def __post_init__(self) -> None:
        count = len(self.names)
        if not 2 <= count <= MOST:
            raise InputError(f"{self.source}: {count} nodes; there must be 2 to {MOST}, one of them the depot")
        check_names(self.names, "node", self.source)
        if self.distances.shape != (count, count):
            raise InputError(f"{self.source}: distances of shape {self.distances.shape} for {count} nodes")
        if self.coordinates is not None and self.coordinates.shape != (count, 2):
            raise InputError(f"{self.source}: coordinates of shape {self.coordinates.shape} for {count} nodes")
        if not 0 <= self.depot < count:
            raise InputError(f"{self.source}: depot is {self.depot}; it must be a position from 0 to {count - 1}")
        self._check_distances()

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        return f"Towns({len(self)} nodes, depot {self.names[self.depot]}, from {self.source})"

    @property
    def customers(self) -> tuple[int, ...]:
        """Positions of the nodes that are not the depot, in order."""
        return tuple(node for node in range(len(self)) if node != self.depot)

    def length(self, tour: Sequence[int]) -> float:
        """Return the length of a closed tour, given as positions; 0 for an empty one."""
        if not tour:
            return 0.0
        return float(self.distances[list(tour), [*tour[1:], tour[0]]].sum())

    def with_depot(self, name: str) -> Towns:
        """Return the same towns with another node as depot.

        Raises
        ------
        InputError
            If no node has that name.
        """
        if name not in self.names:
            raise InputError(f"depot is {name!r}; {self.source} has the nodes {_listed(self.names)}")
        return Towns(self.distances, self.names.index(name), self.names, self.coordinates, self.source)

    def to_dict(self) -> dict[str, Any]:
        """Return the towns as JSON values."""
        return {
            "source": self.source,
            "names": list(self.names),
            "depot": self.names[self.depot],
            "coordinates": None if self.coordinates is None else self.coordinates.tolist(),
            "distances": self.distances.tolist(),
        }

    def _check_distances(self) -> None:
        bad = np.argwhere(~(np.isfinite(self.distances) & (self.distances >= 0.0)))
        if bad.size:
            a, b = bad[0]
            raise InputError(
                f"{self.source}: the distance from {self.names[a]} to {self.names[b]} is {self.distances[a, b]:g}; "
                "it must be finite and not negative"
            )
        loops = np.flatnonzero(self.distances.diagonal())
        if loops.size:
            a = loops[0]
            raise InputError(
                f"{self.source}: the distance from {self.names[a]} to itself is {self.distances[a, a]:g}; it must be 0"
            )
        uneven = np.argwhere(self.distances != self.distances.T)
        if uneven.size:
            a, b = uneven[0]
            raise InputError(
                f"{self.source}: {self.distances[a, b]:g} from {self.names[a]} to {self.names[b]}, but "
                f"{self.distances[b, a]:g} back; distances must be symmetric"
            )


def generate_towns(nodes: int, seed: int = 0) -> Towns:
    """Return random towns, some clustered and some scattered, with the depot near the centre.

    Parameters
    ----------
    nodes
        Number of nodes, including the depot; 2 to :data:`MOST`.
    seed
        Seed of the random numbers, 0 or more.

    Returns
    -------
    Towns
        Towns with integral coordinates in a field of 100 x 100, and Euclidean distances rounded to integers. Nodes are
        named 1 to n; the depot is 1.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> generate_towns(12, seed=1)
    Towns(12 nodes, depot 1, from towns 12, seed 1)
    """
    nodes = checked_whole("nodes", nodes, 2, MOST)
    check_seed(seed)
    random = np.random.default_rng(seed)
    centres = random.uniform(15.0, 85.0, (max(2, nodes // 6), 2))
    home = random.integers(len(centres), size=nodes)
    clustered = centres[home] + random.normal(0.0, 8.0, (nodes, 2))
    scattered = random.uniform(0.0, 100.0, (nodes, 2))
    points = np.where(random.uniform(size=(nodes, 1)) < 0.6, clustered, scattered)
    points[0] = points[1:].mean(axis=0)
    points = np.round(np.clip(points, 0.0, 100.0))
    distances = euclidean(points)
    names = tuple(str(node) for node in range(1, nodes + 1))
    return Towns(distances, 0, names, points, f"towns {nodes}, seed {seed}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:3])}, ..., {names[-1]}"
