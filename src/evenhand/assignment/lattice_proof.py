"""Nodes of a tree proof that limit loads, or exclude all, where burdens do not depend on agents and have a common step.

The load vectors of `load_lattice.py` sum to a known total. Within limits on each load, the fairest real vector fills
all agents up to one level, as far as the limits allow. If that vector is unfair, the whole box is excluded by its cut,
whose coefficients are the prices, and by tolls on the limits that are tight. A box whose fairest vector is fair is
split where a load of that vector is between two multiples of the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.load_lattice import SURELY, LoadLattice
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

HALVINGS = 100
"""Halvings of the level up to which agents are filled."""

WHOLE = 1e-9
"""Distance from a multiple, in steps, below which a load counts as one."""


@dataclass(frozen=True, slots=True)
class Box:
    """Limits on each agent's steps, and the fairest real load vector within them.

    Attributes
    ----------
    low, high
        Shape (n,).
    loads
        The fairest loads, shape (n,); None if no vector within the limits has the total.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    loads: NDArray[np.float64] | None


class LoadBoxes:
    """Boxes of one problem's load vectors.

    Parameters
    ----------
    lattice
        The load vectors.
    fairness
        The member asked for.
    """

    def __init__(self, lattice: LoadLattice, fairness: Fairness) -> None:
        self.lattice = lattice
        self._fairness = fairness
        self._shares = shares_of(len(lattice.low), fairness.entitlements)

    def box(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> Box:
        """Return the box with these limits."""
        lattice = self.lattice
        if not low.sum() <= lattice.units <= high.sum():
            return Box(low, high, None)
        total = float(lattice.initial.sum() + lattice.step * lattice.units)
        least, most = lattice.loads(low), lattice.loads(high)
        bottom, top = 0.0, float((most / self._shares).max())
        for _ in range(HALVINGS):
            middle = 0.5 * (bottom + top)
            filled = float(np.clip(middle * self._shares, least, most).sum())
            bottom, top = (middle, top) if filled <= total else (bottom, middle)
        return Box(low, high, np.clip(bottom * self._shares, least, most))

    def unfair(self, box: Box) -> bool:
        """Return whether no vector of the box is fair, not even a real one."""
        return box.loads is None or not bool(self._fairness.contains(box.loads, SURELY))

    def split(self, box: Box) -> tuple[int, int] | None:
        """Return the agent whose load is furthest from a multiple, and the steps below it; None if there is none."""
        assert box.loads is not None
        units = (box.loads - self.lattice.initial) / self.lattice.step
        distance = np.abs(units - np.rint(units))
        agent = int(distance.argmax())
        return (agent, int(np.floor(units[agent]))) if distance[agent] > WHOLE else None

    def multipliers(self, box: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return prices and tolls of an unfair box, shapes (n,): negative tolls are on upper limits.

        With tolls, every agent is paid the same for a unit of load, so that it does not matter who does what. Agents
        with equal relative loads, whom a subgradient may tell apart, share the mean of theirs.
        """
        if box.loads is None:  # the limits contradict the total: pay for load, or charge for it
            sign = 1.0 if self.lattice.units < box.low.sum() else -1.0
            return np.zeros(len(box.low)), np.full(len(box.low), sign)
        price = self._fairness.cut(box.loads)
        relative = box.loads / self._shares
        order = np.argsort(relative)
        starts = np.flatnonzero(np.diff(relative[order], prepend=-np.inf) > WHOLE * relative.max())
        for group in np.split(order, starts[1:]):
            price[group] = (price[group] @ self._shares[group]) / self._shares[group].sum()
        least, most = (self.lattice.loads(side) for side in (box.low, box.high))
        held = np.minimum(np.abs(box.loads - least), np.abs(box.loads - most)) <= WHOLE * self.lattice.step
        paid = price[~held].max() if (~held).any() else float(np.median(price))
        return price, paid - price

    def limits(self) -> list[tuple[int, int, int]]:
        """Return (agent, side, steps), side 1 for most and 0 for least, such that what is beyond each is unfair."""
        found = []
        low, high = self.lattice.low, self.lattice.high
        fairest = self.box(low, high).loads
        assert fairest is not None
        units = (fairest - self.lattice.initial) / self.lattice.step
        for agent in range(len(low)):
            for side, last in ((1, int(high[agent])), (0, int(low[agent]))):
                near = self._nearest(agent, side, last, float(units[agent]))
                if near is not None:
                    found.append((agent, side, near))
        return found

    def beyond(self, agent: int, side: int, steps: int) -> Box:
        """Return the box in which an agent has more than `steps` (side 1), or less (side 0)."""
        low, high = self.lattice.low.copy(), self.lattice.high.copy()
        if side:
            low[agent] = steps + 1
        else:
            high[agent] = steps - 1
        return self.box(low, high)

    def _nearest(self, agent: int, side: int, end: int, start: float) -> int | None:
        """Return the strictest limit, from `start` to `end`, beyond which all is unfair; None if there is none."""
        near = int(np.ceil(start - WHOLE) if side else np.floor(start + WHOLE))
        if not (near < end if side else near > end):
            return None
        good, bad = end, near - (1 if side else -1)  # beyond `good` nothing is possible at all
        while abs(good - bad) > 1:
            middle = (good + bad) // 2
            if self.unfair(self.beyond(agent, side, middle)):
                good = middle
            else:
                bad = middle
        return good if good != end else None
