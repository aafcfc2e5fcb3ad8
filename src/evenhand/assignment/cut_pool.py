"""The cut pool: linear rows that enclose the fairness cone from outside, and the points at which they were made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.shared_arrays import Rows, new_rows
from evenhand.fairness import Fairness
from evenhand.fairness.protocol import RELATIVE_TOLERANCE


class CutPool:
    """Cuts of one fairness member, as rows for the kernels.

    A row is the cut at its point, scaled to a largest entry of 1, and slightly weakened so that it holds for every
    vector that :meth:`~evenhand.fairness.Fairness.contains` accepts within its tolerances.

    Parameters
    ----------
    fairness
        The member to cut for.
    n
        Number of agents.
    """

    def __init__(self, fairness: Fairness, n: int) -> None:
        self.fairness = fairness
        self.points: list[NDArray[np.float64]] = []
        self.scales: list[float] = []
        self.rows: Rows = new_rows(32, n)
        self._known: set[bytes] = set()

    def __len__(self) -> int:
        return len(self.points)

    @property
    def capacity(self) -> int:
        """Number of rows that the arrays can hold; also the length of the kernels' multipliers."""
        return int(self.rows.matrix.shape[0])

    def separate(self, loads: NDArray[np.float64], violated_at: NDArray[np.float64] | None = None) -> int:
        """Separate: add the cuts made at unfair `loads`, shape (n,), that the point `violated_at` violates.

        `violated_at` is `loads` by default. Returns the number of rows added.
        """
        if violated_at is None:
            violated_at = loads
        elif self.fairness.contains(loads):
            return 0
        return sum(self.add(point, violated_at) for point in self.fairness.cut_points(loads))

    def add(self, point: NDArray[np.float64], violated_at: NDArray[np.float64] | None = None) -> bool:
        """Add the cut at `point`; return False if it is known already, or not violated at `violated_at`, if given."""
        cut = self.fairness.cut(point)
        largest = float(np.abs(cut).max())
        if not 0.0 < largest < np.inf:
            return False
        row = cut / largest + self._allowance(cut) / largest
        if violated_at is not None and not row @ violated_at < -1e-13 * violated_at.sum():
            return False
        if (key := row.tobytes()) in self._known:
            return False
        self._known.add(key)
        self._append(row)
        self.points.append(np.asarray(point, dtype=np.float64))
        self.scales.append(largest)
        return True

    def _allowance(self, cut: NDArray[np.float64]) -> float:
        """Return the amount to add to every coefficient of a cut so that it keeps all loads accepted within tolerance.

        A cut is bound / n - g with a subgradient g. Loads that are accepted although they lie outside the cone violate
        it by at most the tolerance times the larger of both terms, per unit of load. A quarter more covers the rounding
        of cuts, prices and loads; a last term covers the rounding of a (p - 1)th power.
        """
        order = float(getattr(self.fairness, "p", 1.0))
        share = 1.25 * RELATIVE_TOLERANCE + (0.0 if np.isinf(order) else 2.0**-51 * order)
        per_agent = self.fairness.bound(cut.shape[0]) / cut.shape[0]
        return float(min(share, 1.0) * max(per_agent, np.abs(per_agent - cut).max()))

    def _append(self, row: NDArray[np.float64]) -> None:
        count = len(self.points)
        if count == self.capacity:
            grown = new_rows(2 * count, row.shape[0])
            grown.matrix[:count] = self.rows.matrix
            self.rows = grown
        self.rows.matrix[count] = row
        self.rows.in_use[0] = count + 1

    def keep(self, positions: NDArray[np.intp]) -> None:
        """Keep only the rows at `positions`, in that order."""
        matrix = self.rows.matrix[positions]
        self.rows.matrix[: len(positions)] = matrix
        self.rows.matrix[len(positions) :] = 0.0
        self.rows.in_use[0] = len(positions)
        self.points = [self.points[k] for k in positions]
        self.scales = [self.scales[k] for k in positions]
        self._known = {row.tobytes() for row in matrix}
