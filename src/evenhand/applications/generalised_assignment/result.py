"""What generalised assignment returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from evenhand.fairness import CVAtMost, JainAtLeast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class GeneralisedAssignment:
    """Who does what.

    Attributes
    ----------
    status
        ``optimal`` (within the gap), ``infeasible`` or ``time_limit``.
    assignment
        Agent of each task, length m; None where there is none.
    cost, bound
        Cost of the assignment, and proven bound on the cheapest.
    cheapest
        Bound on the cheapest without fairness, the base of the price.
    loads, used, capacities
        Load, capacity used and capacity of each agent, length n.
    level
        The strictest parameter that the loads meet.
    entitlements
        What loads are compared with, the capacities where that was asked for; `cv` and `jain` are of loads over them.
    seconds
        Time of the fair solve.
    interrupted
        Whether Ctrl-C ended it.
    """

    status: str
    assignment: NDArray[np.intp] | None
    cost: float | None
    bound: float | None
    cheapest: float | None
    capacities: Array
    loads: Array | None = field(default=None)
    used: Array | None = field(default=None)
    level: float | None = None
    entitlements: tuple[float, ...] | None = None
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def gap(self) -> float | None:
        """(cost - bound) / cost; None where either is missing."""
        if self.cost is None or self.bound is None:
            return None
        return max(0.0, self.cost - self.bound) / abs(self.cost) if self.cost != self.bound else 0.0

    @property
    def price(self) -> float | None:
        """Price of fairness: cost over the cheapest without it, minus 1; None where that costs nothing."""
        if self.cost is None or not self.cheapest:
            return None
        return max(0.0, (self.cost - self.cheapest) / abs(self.cheapest))

    @property
    def cv(self) -> float | None:
        """Coefficient of variation of the loads."""
        return None if self.loads is None else float(CVAtMost(0.0, entitlements=self.entitlements).level(self.loads))

    @property
    def jain(self) -> float | None:
        """Jain's index of the loads."""
        return None if self.loads is None else float(JainAtLeast(1.0, entitlements=self.entitlements).level(self.loads))

    def __repr__(self) -> str:
        if self.cost is None:
            return f"GeneralisedAssignment({self.status})"
        return f"GeneralisedAssignment({self.status}, cost {self.cost:.6g}, cv {self.cv:.3f})"

    def to_frame(self) -> list[dict[str, Any]]:
        """Return a row for each agent."""
        if self.loads is None or self.used is None:
            return []
        return [
            {"agent": i, "load": float(load), "used": float(used), "capacity": float(capacity)}
            for i, (load, used, capacity) in enumerate(zip(self.loads, self.used, self.capacities, strict=True))
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {
            "status": self.status,
            "assignment": None if self.assignment is None else self.assignment.tolist(),
            "cost": self.cost,
            "bound": self.bound,
            "gap": self.gap,
            "price": self.price,
            "cv": self.cv,
            "jain": self.jain,
            "level": self.level,
            "agents": self.to_frame(),
            "seconds": self.seconds,
        }
