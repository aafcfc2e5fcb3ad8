"""The result of the salesmen's `solve`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from evenhand.applications.towns import Towns
from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.fair_result import FairResult


@dataclass(frozen=True, slots=True, repr=False)
class Tours(FairResult):
    """Tours of several salesmen, with their lengths, bound and fairness.

    Attributes
    ----------
    status
        ``optimal`` (within the gap asked for), ``infeasible``, or ``time_limit`` (the time limit or Ctrl-C stopped the
        search; the best tours so far are returned, if any).
    tours
        For each salesman, the positions of the nodes in the order of the tour, the depot first; () for an idle one. If
        salesmen are alike, the longest tour is first. None if there are no tours.
    lengths
        Length of each tour, shape (n,); None if there are none.
    bound
        Proven lower bound on the sum of lengths; None if there is none.
    waste
        By how much each tour is longer than the shortest known tour through the same nodes, shape (n,): distance that
        is travelled only to make lengths equal. None if there are no tours.
    waste_proven
        Whether the reported waste is a proven upper bound.
    base_cost
        Least sum of lengths without fairness, or a proven bound on it; None if it was not asked for.
    fairness
        The fairness member asked for; None for no fairness.
    towns
        The towns of the tours.
    cuts
        Number of fairness cuts.
    seconds
        Wall-clock time of the call.
    interrupted
        Whether Ctrl-C ended the search.
    """

    status: str
    tours: tuple[tuple[int, ...], ...] | None
    lengths: Array | None
    bound: float | None
    waste: Array | None
    waste_proven: bool
    base_cost: float | None
    fairness: Fairness | None
    towns: Towns
    cuts: int = 0
    seconds: float = field(default=0.0)
    interrupted: bool = False

    def __repr__(self) -> str:
        if self.cost is None:
            return f"Tours({self.status}, no tours, {self.seconds:.3g} s)"
        wasted = "" if not self.wasteful else f", {len(self.wasteful)} longer than need be"
        return f"Tours({self.status}, total {self.cost:.6g}, cv {self.cv:.3f}{wasted}, {self.seconds:.3g} s)"

    @property
    def cost(self) -> float | None:
        """Sum of the lengths."""
        return None if self.lengths is None else float(self.lengths.sum())

    @property
    def loads(self) -> Array | None:
        """The lengths, which fairness is about."""
        return self.lengths

    @property
    def wasteful(self) -> tuple[int, ...]:
        """Positions of the salesmen with a tour that is longer than the shortest known one through the same nodes."""
        if self.waste is None or self.lengths is None:
            return ()
        return tuple(np.flatnonzero(self.waste > 1e-9 * max(1.0, float(self.lengths.max()))).tolist())

    @property
    def named_tours(self) -> tuple[tuple[str, ...], ...] | None:
        """The tours by the names of their nodes."""
        if self.tours is None:
            return None
        return tuple(tuple(self.towns.names[node] for node in tour) for tour in self.tours)

    def to_dict(self) -> dict[str, Any]:
        """Return the tours as JSON values, nodes by name."""
        tours = self.named_tours
        return {
            "status": self.status,
            **self._shared_fields(),
            "tours": None if tours is None else [list(tour) for tour in tours],
            "lengths": None if self.lengths is None else self.lengths.tolist(),
            "waste": None if self.waste is None else self.waste.tolist(),
            "waste_proven": self.waste_proven,
            "source": self.towns.source,
            "nodes": list(self.towns.names),
            "depot": self.towns.names[self.towns.depot],
            "coordinates": None if self.towns.coordinates is None else self.towns.coordinates.tolist(),
            "cuts": self.cuts,
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per stop: salesman, stop, node, and distance from the stop before.

        The return to the depot is the last stop of a tour; idle salesmen have no stops.
        """
        rows = []
        for salesman, tour in enumerate(self.tours or (), start=1):
            for stop, (before, node) in enumerate(zip(tour, [*tour[1:], *tour[:1]], strict=True), start=1):
                distance = float(self.towns.distances[before, node])
                rows.append({"salesman": salesman, "stop": stop, "node": self.towns.names[node], "distance": distance})
        return rows
