"""The price of fairness along a range of levels: one result, whichever engine made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class FrontierPoint:
    """One level of fairness and what it costs.

    Attributes
    ----------
    parameter
        The level asked for (epsilon, or another member's parameter).
    status
        ``optimal``, ``time_limit`` or ``infeasible``.
    cost, lower_bound, gap
        Cost of the best solution, proven bound on the cheapest, and (cost - bound) / cost; None where there
        is none.
    loads
        What each agent carries, length n; empty where there is no solution.
    cv, jain, largest_load
        Dispersion of the loads; None where there is no solution.
    price
        Price of fairness: cost relative to the cheapest without fairness, minus 1 (0.03 is 3 %). None where there is
        no solution, or where the cheapest costs nothing and this one something.
    seconds
        Time this point took.
    """

    parameter: float
    status: str
    cost: float | None
    lower_bound: float | None
    gap: float | None
    loads: tuple[float, ...]
    cv: float | None
    jain: float | None
    largest_load: float | None
    price: float | None
    seconds: float


@dataclass(frozen=True, slots=True, repr=False)
class Frontier:
    """Cost against fairness for one measure.

    Attributes
    ----------
    measure
        Name of the fairness member (``epsilon``, ``gini``, ...).
    p
        Order of the (epsilon, p) family; None for other members.
    agents
        Names of the agents, length n.
    base_cost
        Cost of the cheapest solution without fairness (a proven bound where it is not solved to the end).
    points
        In increasing order of strictness.
    """

    measure: str
    p: float | None
    agents: tuple[str, ...]
    base_cost: float
    points: tuple[FrontierPoint, ...]

    def __iter__(self) -> Iterator[FrontierPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        order = "" if self.p is None else f", p={self.p:g}"
        return f"Frontier({self.measure}{order}, {len(self)} points, base cost {self.base_cost:.6g})"

    def to_frame(self) -> list[dict[str, Any]]:
        """Return one row per point, ready for ``pandas.DataFrame`` or ``polars.DataFrame``."""
        names = [name for name in FrontierPoint.__slots__ if name != "loads"]
        return [{name: getattr(point, name) for name in names} for point in self.points]

    def to_dict(self) -> dict[str, Any]:
        """Return the frontier as JSON values."""
        return {
            "measure": self.measure,
            "p": "inf" if self.p == float("inf") else self.p,
            "agents": list(self.agents),
            "base_cost": self.base_cost,
            "points": [
                {**row, "loads": list(point.loads)} for row, point in zip(self.to_frame(), self.points, strict=True)
            ],
        }
