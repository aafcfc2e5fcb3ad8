"""Certificates of lists of candidates under limits on counts and one rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """Prices of counts and of a rule's totals, which bound the cost from below.

    The cost of a pair of task j and agent i becomes c - counts[i] - v[o] b, with o the total to which its burden b is
    added. The sum of the k_j least of each task, plus the limits on counts times their prices, minus v times the totals
    carried before, is the bound.

    Attributes
    ----------
    kind
        ``bound``; or ``infeasible``: with costs of zero the sum is positive, hence no plan exists.
    counts
        Price of each agent's count, shape (n,): positive for the least, negative for the most.
    corners
        Multipliers w >= 0 of a rule that bounds each total by a ratio of the mean, shape (N,), or empty. With shares s,
        v is w / (N s) - ratio sum(w) / N for a least, and minus this for a largest.
    multipliers, points
        Shapes (c,) and (c, N): of any other rule, v is the sum of the cuts at the points times these.
    """

    kind: str
    counts: NDArray[np.float64]
    corners: NDArray[np.float64]
    multipliers: NDArray[np.float64]
    points: NDArray[np.float64]

    def to_dict(self) -> dict[str, Any]:
        """Return the certificate as JSON values, from which :meth:`from_dict` restores every bit."""
        parts = {name: getattr(self, name).tolist() for name in ("counts", "corners", "multipliers", "points")}
        return {"kind": self.kind, **parts}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Return the certificate that :meth:`to_dict` has turned into `data`."""
        points = np.asarray(data["points"] or np.empty((0, 0)), np.float64)
        counts, corners, multipliers = (
            np.asarray(data[name], np.float64) for name in ("counts", "corners", "multipliers")
        )
        return cls(str(data["kind"]), counts, corners, multipliers, points)
