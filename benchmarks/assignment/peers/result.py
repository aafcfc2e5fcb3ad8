"""What every peer returns, and the cuts that every peer is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]

LP_TOLERANCE = 1e-7
"""Relative violation below which fractional loads are not cut off any more."""
SEPARATION = 1e-8
"""A cut that whole loads violate by less, relatively, might go unseen: then their assignment is barred."""


@dataclass(frozen=True)
class PeerResult:
    """What a peer reached.

    Attributes
    ----------
    status
        ``optimal`` (the gap asked for is proven), ``infeasible`` (proven) or ``time_limit``.
    cost
        Recomputed from `assignment`; None where there is none.
    bound
        What the peer proved; None where it has none, ``inf`` where nothing is fair.
    assignment
        Agent of each task.
    seconds
        Wall-clock time, building the model included.
    effort
        What else it counted: rounds, nodes, cuts.
    """

    status: str
    cost: float | None
    bound: float | None
    assignment: NDArray[np.intp] | None
    seconds: float
    effort: dict[str, int] = field(default_factory=dict)

    @property
    def gap(self) -> float | None:
        """(cost - bound) / cost, at least 0."""
        if self.cost is None or self.bound is None:
            return None
        return max(0.0, (self.cost - self.bound) / self.cost) if self.cost else 0.0


class NotMeasurableError(Exception):
    """A peer cannot take this case: it is not installed, or its licence refuses the size."""


@dataclass(frozen=True)
class Model:
    """The problem as peers see it: x[i, j] binary where allowed, load i the sum of its burdens."""

    costs: Array
    burdens: Array
    fairness: Fairness

    @classmethod
    def of(cls, costs: Array, fairness: Fairness, burdens: Array | None) -> Model:
        """Take arrays; burdens are the costs by default."""
        return cls(costs, costs if burdens is None else burdens, fairness)

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """Which pairs are allowed, shape (n, m)."""
        return np.isfinite(self.costs) & np.isfinite(self.burdens)

    def paid(self, assignment: NDArray[np.intp]) -> float:
        """Return the cost of an assignment."""
        return float(self.costs[assignment, np.arange(len(assignment))].sum())

    def loads(self, assignment: NDArray[np.intp]) -> Array:
        """Return the loads of an assignment, shape (n,)."""
        carried = self.burdens[assignment, np.arange(len(assignment))]
        return np.bincount(assignment, carried, minlength=len(self.costs)).astype(np.float64)

    def cuts(self, loads: Array) -> Iterator[Array]:
        """Yield the member's own choice of cuts at unfair `loads`, each with a largest coefficient of 1."""
        for point in self.fairness.cut_points(loads):
            cut = self.fairness.cut(point)
            yield cut / np.abs(cut).max()


def separates(cut: Array, loads: Array) -> bool:
    """Return whether a cut rules out whole `loads` by more than a solver's tolerance."""
    return bool(cut @ loads < -SEPARATION * max(1.0, float(loads.max())))
