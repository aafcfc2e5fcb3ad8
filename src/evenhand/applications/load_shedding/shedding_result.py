"""The result of load shedding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.dispersion import dispersion
from evenhand.frames import Tabular

NOTHING = 1e-9
"""Fraction of the total demand up to which shed power counts as zero: about the accuracy of solvers."""


@dataclass(frozen=True, slots=True, repr=False)
class LoadShedding(Tabular):
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
    total, least
        Total power shed in MW, and that of the cheapest shedding without fairness.
    cost, least_cost
        Costs of both: the sum of MW times weights. Without weights, MW.
    generation, flow
        Power of each generator and branch in MW, shapes (g,) and (e,); 0 for branches that are out.
    level
        The strictest parameter that the shed powers meet.
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
    total: float | None = None
    least: float | None = None
    cost: float | None = None
    least_cost: float | None = None
    generation: Array | None = None
    flow: Array | None = None
    level: float | None = None
    shadow_price: float | None = None
    fairness: Fairness | None = None
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def entitlements(self) -> tuple[float, ...] | None:
        """Entitlement of each load; None if all are equal."""
        return None if self.fairness is None else self.fairness.entitlements

    @property
    def price(self) -> float | None:
        """Price of fairness: relative increase of the cost over the least cost; None if nothing need be shed."""
        if self.cost is None or not self.least_cost or self.least is None:
            return None
        if self.least <= NOTHING * float(self.demand.sum()):
            return None
        # The least cost is accurate only within the solver's tolerance, and the ratio may come out below 1.
        return max(0.0, self.cost / self.least_cost - 1.0)

    @property
    def cv(self) -> float | None:
        """Coefficient of variation of the power shed."""
        return None if self.shed is None else dispersion(self.shed, self.fairness).cv

    @property
    def jain(self) -> float | None:
        """Jain's index of the power shed."""
        return None if self.shed is None else dispersion(self.shed, self.fairness).jain

    @property
    def gini(self) -> float | None:
        """Gini index of the power shed."""
        return None if self.shed is None else dispersion(self.shed, self.fairness).gini

    def __repr__(self) -> str:
        if self.total is None:
            return f"LoadShedding({self.status})"
        return f"LoadShedding({self.status}, {self.total:.4g} MW shed by {len(self.buses)} loads, cv {self.cv:.3f})"

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
            "total_shed": self.total,
            "least_shed": self.least,
            "cost": self.cost,
            "least_cost": self.least_cost,
            "fairness": None if self.fairness is None else self.fairness.to_dict(),
            "price": None if self.fairness is None else self.price,
            "cv": self.cv,
            "jain": self.jain,
            "gini": self.gini,
            "level": self.level,
            "shadow_price": self.shadow_price,
            "loads": self.to_rows() if self.shed is not None else [],
            "generation": None if self.generation is None else self.generation.tolist(),
            "flow": None if self.flow is None else self.flow.tolist(),
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }
