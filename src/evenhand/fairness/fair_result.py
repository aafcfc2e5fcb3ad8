"""The attributes that results of all rooms share, computed in one way: gap, price, level, and dispersion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness.dispersion import Dispersion, dispersion
from evenhand.fairness.protocol import Fairness
from evenhand.fairness.relative import relative_gap, relative_price
from evenhand.frames import Tabular


class Measured:
    """A result with loads, and the fairness member asked for."""

    __slots__ = ()

    if TYPE_CHECKING:  # the fields of subclasses; a property that exists would become a field's default

        @property
        def loads(self) -> Array | None:
            """Load of each agent, shape (n,); None if there is no solution."""

        @property
        def fairness(self) -> Fairness | None:
            """The fairness member asked for; None for no fairness."""

    @property
    def dispersion(self) -> Dispersion | None:
        """All measures of dispersion of the loads, over entitlements if there are any; None without loads."""
        return None if self.loads is None else dispersion(self.loads, self.fairness)

    @property
    def cv(self) -> float | None:
        """Population coefficient of variation of the loads, over entitlements if there are any; None without loads."""
        return self._measure("cv")

    @property
    def jain(self) -> float | None:
        """Jain's index of the loads, over entitlements if there are any; None without loads."""
        return self._measure("jain")

    @property
    def gini(self) -> float | None:
        """Gini index of the loads, over entitlements if there are any; None without loads."""
        return self._measure("gini")

    @property
    def max_over_mean(self) -> float | None:
        """Largest load over the mean, over entitlements if there are any; None without loads."""
        return self._measure("max_over_mean")

    def _measure(self, name: str) -> float | None:
        found = self.dispersion
        return None if found is None else float(getattr(found, name))

    @property
    def level(self) -> float | None:
        """The strictest parameter of the fairness member asked for that the loads meet; None without either."""
        if self.loads is None or self.fairness is None:
            return None
        return float(self.fairness.level(np.maximum(self.loads, 0.0)))


class FairResult(Measured, Tabular):
    """A result with a cost, a proven bound on it, and the cost without fairness."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def cost(self) -> float | None:
            """Cost of the solution; None if there is none."""

        @property
        def bound(self) -> float | None:
            """Proven bound on the best cost; None if there is none."""

        @property
        def base_cost(self) -> float | None:
            """Least cost without fairness, or a proven bound on it; None if it is not known."""

    @property
    def maximise(self) -> bool:
        """Whether more is better."""
        return False

    @property
    def gap(self) -> float | None:
        """Relative gap between cost and bound, abs(cost - bound) / abs(cost); None if either is missing.

        It is 0 if they are equal, and 1 if the cost is 0 and the bound is not.
        """
        if self.cost is None or self.bound is None:
            return None
        return relative_gap(self.cost, self.bound, maximise=self.maximise)

    @property
    def price(self) -> float | None:
        """Price of fairness: by how much the cost exceeds `base_cost`, relative to the size of that (0.03 is 3 %).

        If more is better, it is the fraction of `base_cost` that fairness gives up. None if no fairness was asked for,
        if either is missing, or if `base_cost` is 0 and the cost is not.
        """
        if self.fairness is None or self.cost is None or self.base_cost is None:
            return None
        price = relative_price(self.cost, self.base_cost, maximise=self.maximise)
        return None if price is None else max(0.0, price)  # a base within a solver's tolerance may be above the cost

    def _shared_fields(self) -> dict[str, Any]:
        """Return what these attributes are in the JSON of every result."""
        return {
            "cost": self.cost,
            "base_cost": self.base_cost,
            "price": self.price,
            "bound": None if self.bound is None or math.isinf(self.bound) else self.bound,
            "gap": self.gap,
            "fairness": None if self.fairness is None else self.fairness.to_dict(),
            "level": self.level,
            "cv": self.cv,
            "jain": self.jain,
        }
