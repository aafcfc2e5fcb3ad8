"""The result of load shedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.fair_result import FairResult


@dataclass(frozen=True, slots=True, repr=False)
class LoadShedding(FairResult):
    """The power that each load sheds, with its cost and the state of the network.

    Attributes
    ----------
    status
        ``optimal``, ``infeasible`` or ``time_limit``. Infeasible means that no shedding is fair; or if `least` is None
        too, that the network cannot be balanced at all, for example because a plant must produce more than its island
        can use.
    buses
        Bus number of each load, shape (n,).
    demand, shed
        Demand and shed power of each load in MW, shape (n,); `shed` is None if there is no solution.
    total_shed, least_shed
        Total power shed in MW, and that of the cheapest shedding without fairness.
    cost, base_cost
        Costs of both: the sum of MW times weights. Without weights, MW.
    bound
        Proven bound on the cost; None if there is none.
    generation, flow
        Power of each generator and branch in MW, shapes (g,) and (e,); 0 for branches that are out.
    shadow_price
        Derivative of the cost with respect to the fairness parameter.
    fairness
        The fairness member asked for, with the demands as entitlements if `fractions` was; None for no fairness. `cv`,
        `jain` and `gini` are of shed power over these entitlements.
    seconds
        Wall-clock time of the fair solve.
    interrupted
        Whether Ctrl-C stopped the solve.
    """

    status: str
    buses: NDArray[np.intp]
    demand: Array
    shed: Array | None = None
    total_shed: float | None = None
    least_shed: float | None = None
    cost: float | None = None
    base_cost: float | None = None
    bound: float | None = None
    generation: Array | None = None
    flow: Array | None = None
    shadow_price: float | None = None
    fairness: Fairness | None = None
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def entitlements(self) -> tuple[float, ...] | None:
        """Entitlement of each load; None if all are equal."""
        return None if self.fairness is None else self.fairness.entitlements

    @property
    def loads(self) -> Array | None:
        """The shed powers, which fairness is about."""
        return self.shed

    def __repr__(self) -> str:
        if self.total_shed is None:
            return f"LoadShedding({self.status})"
        return (
            f"LoadShedding({self.status}, {self.total_shed:.4g} MW shed by {len(self.buses)} loads, cv {self.cv:.3f})"
        )

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per load."""
        shed = np.full(len(self.buses), np.nan) if self.shed is None else self.shed
        return [
            {"bus": int(bus), "demand": float(demand), "shed": float(part)}
            for bus, demand, part in zip(self.buses, self.demand, shed, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {
            "status": self.status,
            "total_shed": self.total_shed,
            "least_shed": self.least_shed,
            **self._shared_fields(),
            "gini": self.gini,
            "shadow_price": self.shadow_price,
            "loads": self.to_rows() if self.shed is not None else [],
            "generation": None if self.generation is None else self.generation.tolist(),
            "flow": None if self.flow is None else self.flow.tolist(),
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }
