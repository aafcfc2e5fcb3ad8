"""Newton's method on the smoothed dual of a power mean's cone: its work does not grow with cuts.

Loads x are fair if N(x) <= beta sum x, with the norm N(x) = (sum_i s_i (x_i / s_i)^p)^(1/p) and shares s. For w >= 0
with the dual norm N*(w) = (sum_i s_i w_i^q)^(1/q), 1/p + 1/q = 1, the prices v(w) = beta N*(w) - w satisfy

    v . x = beta N*(w) sum x - w . x >= N*(w) (beta sum x - N(x)) >= 0

for all fair x, by Hoelder's inequality: every w proves a bound, and the best one is the relaxation's. A primal-dual
interior-point method finds it: a logarithmic barrier keeps w positive, soft minima make the sum over tasks twice
differentiable (see `kernels/smoothing.py`), and barrier and temperature fall together.

References
----------
Nesterov, Smooth minimization of non-smooth functions, Mathematical Programming 103, 2005.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import Pairs, count_near, list_near, soft_dual_of_candidates
from evenhand.assignment.kernels.linear_systems import solve_positive
from evenhand.assignment.kernels.smoothing import NEGLIGIBLE, soft_dual
from evenhand.assignment.parts import in_parts, parts_of
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.relaxation import Scaled
from evenhand.fairness import Fairness, MaxOverMean
from evenhand.fairness.shares import shares_of

HOTTEST, WARM, COLDEST, COLD_ERROR, COOLING = 0.1, 1e-3, 1e-7, 1e-2, 0.2
"""First temperature, relative to a typical cost of a task; that of a warm start; lower limit on the last one, which is
COLD_ERROR over the square root of the number of tasks; and factor between two."""

BARRIER = 0.1
"""Weight of the barrier per agent: this times the squared relative temperature, in units of the total cost."""

ENDLESS = 1e100
"""A step of this length, in scaled prices, comes from a singular system."""

ALONE = 500_000
"""Number of pairs below which a value is computed in one thread."""

STEPS, HALVINGS = 40, 25
"""Upper limits on Newton's steps at one temperature, and on halvings of a step."""

WINDOW, SPARSE = 2.0, 0.25
"""How much farther than what counts at the present prices the listed pairs reach, as a factor, so that prices may move;
and largest part of the pairs that is worth a list."""

GOLDEN, SECTIONS = 0.6180339887498949, 80
"""Part of an interval that a golden section leaves, and number of sections: the last is below rounding."""

ACCURACY, WITHIN = 1e-2, 0.5
"""Newton's method ends at a temperature if it promises less than this part of the barrier's weight, and if products of
the bounds' multipliers and w are within this part of it."""


@dataclass(frozen=True)
class Cone:
    """The cone of a power mean: order q of the dual norm, bound beta, and shares, shape (n,)."""

    order: float
    bound: float
    share: NDArray[np.float64]

    @classmethod
    def of(cls, fairness: Fairness, n: int) -> Cone | None:
        """Return the cone of a member, None if it has no power form."""
        form = fairness.power_form(n)
        share = shares_of(n, fairness.entitlements)
        if form is not None:
            return cls(form[0] / (form[0] - 1.0), form[1], share)
        largest = isinstance(fairness, MaxOverMean) or getattr(fairness, "p", 0.0) == np.inf
        return cls(1.0, fairness.bound(n), share) if largest and fairness.bound(n) != 1.0 else None

    def norm(self, w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the dual norm of w > 0, shape (n,), its gradient and its second derivative, shape (n, n)."""
        q = self.order
        if q == 1.0:
            return float(self.share @ w), self.share, np.zeros((len(w), len(w)))
        largest = float(w.max())
        y = w / largest
        norm = float(self.share @ y**q) ** (1.0 / q)
        slope = self.share * (y / norm) ** (q - 1.0)
        bend = np.diag(self.share * y ** (q - 2.0) * norm ** (1.0 - q)) - np.outer(slope, slope) / norm
        return norm * largest, slope, (q - 1.0) / largest * bend

    def price(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the prices v(w), shape (n,)."""
        return np.asarray(self.bound * self.norm(w)[0] - w)

    def w_of(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a w >= 0, shape (n,), whose prices are `price`, or near it if there is none.

        v(w) = s - w with s = beta N*(w), so that w = s - v at a root s of h(s) = beta N*((s - v)_+) - s. h is convex,
        and at most 0 somewhere if v is in the dual cone: its minimum is found by golden section, and the root above it
        by bisection, where more of w is positive than at the root below.
        """
        low, high = float(price.min()), float(price.max())
        high += high - low
        while self._excess(price, high) < 0.0:
            high += max(abs(high), high - low)
        top = high
        for _ in range(SECTIONS):
            left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            low, high = (low, right) if self._excess(price, left) <= self._excess(price, right) else (left, high)
        if self._excess(price, low) < 0.0:
            high = top
            for _ in range(SECTIONS):
                middle = 0.5 * (low + high)
                low, high = (low, middle) if self._excess(price, middle) > 0.0 else (middle, high)
        return np.maximum(0.5 * (low + high) - price, 0.0)

    def _excess(self, price: NDArray[np.float64], level: float) -> float:
        """Return beta N*((s - v)_+) - s at the `level` s."""
        w = np.maximum(level - price, 0.0)
        largest = float(w.max()) or 1.0
        norm = float(self.share @ (w / largest) ** self.order) ** (1.0 / self.order)
        return float(self.bound * largest * norm) - level

    def ascent(
        self, w: NDArray[np.float64], loads: NDArray[np.float64], curvature: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return gradient (n,) and minus the second derivative (n, n) of a dual value by w.

        By the prices v(w), its gradient is minus the loads, shape (n,), and its second derivative minus the curvature,
        shape (n, n). The chain rule has J = dv/dw = beta 1 s^T - I, s the gradient of N*, and a term of N*'s own
        curvature. J^T C J is written out: products with its part of rank one take n^2 operations, not n^3.
        """
        _, slope, bend = self.norm(w)
        total = float(loads.sum())
        steep = self.bound * slope
        rows, columns = curvature.sum(axis=1), curvature.sum(axis=0)
        matrix = curvature - np.outer(rows, steep) - np.outer(steep, columns)
        matrix += float(rows.sum()) * np.outer(steep, steep) + self.bound * max(total, 0.0) * bend
        return loads - total * steep, matrix

    def points(self, w: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points, shape (c, n), whose cuts make up v(w).

        For a finite order it is the point where the gradient of N is w / N*(w). For the maximum, whose dual norm is
        linear, it is one point for each agent, where that agent carries everything.
        """
        if self.order == 1.0:
            return np.eye(len(w))
        return np.asarray(self.share * (w / w.max()) ** (self.order - 1.0))[np.newaxis]


class SmoothDual:
    """The smoothed dual of one table, task by task, and the point reached; everything is scaled.

    Parameters
    ----------
    scaled
        The problem's arrays.
    cone
        The cone of its fairness.
    start
        The w to start from, scaled, shape (n,); None if nothing is known.

    Attributes
    ----------
    w, price, loads
        The maximiser, the prices v(w), and the shared loads there, initial ones included, shape (n,).
    temperature
        The last temperature, in scaled cost.
    """

    def __init__(self, scaled: Scaled, cone: Cone, start: NDArray[np.float64] | None) -> None:
        self.scaled = scaled
        self.cone = cone
        cost, burden = scaled.costs.cost, scaled.costs.burden
        self._tasks, self._agents = cost.shape
        key = cost.argmin(axis=1)
        rows = np.arange(self._tasks)
        self._typical = float(np.abs(cost[rows, key]).mean()) or 1.0
        rate = self._typical / (float(burden[rows, key].mean()) or 1.0)
        self.temperature = self._typical * (HOTTEST if start is None else WARM)
        self.barrier = BARRIER
        self.coldest = self._typical * max(COLD_ERROR / math.sqrt(self._tasks), COLDEST)
        self.w = np.full(self._agents, 0.1 * rate) if start is None else np.maximum(start, 1e-12 * rate)
        self.price = cone.price(self.w)
        self.loads = np.zeros(self._agents)
        self._near: Pairs | None = None
        self._listing, self._window, self._dense = self.price, 0.0, np.inf
        self._heaviest = float(burden.max(initial=0.0, where=scaled.allowed))

    def maximise(self, clock: Clock) -> bool:
        """Cool down and follow the maximum; return whether the last temperature was reached, in time and in numbers."""
        multiplier: NDArray[np.float64] | None = None
        while True:
            try:
                multiplier = self._newton(multiplier, clock)
            except np.linalg.LinAlgError:
                return False  # costs so far apart that the system is singular in floating point
            if clock.expired or not np.isfinite(self.price).all():
                return False
            if self.temperature <= self.coldest:
                return True
            self.temperature = max(COOLING * self.temperature, self.coldest)

    def _newton(self, multiplier: NDArray[np.float64] | None, clock: Clock) -> NDArray[np.float64]:
        """Maximise at the present temperature; return the multipliers of w >= 0, shape (n,)."""
        n, cone = self._agents, self.cone
        total = self._tasks * self._typical
        barrier = total * max(self.barrier * (self.temperature / self._typical) ** 2, 1e-12) / n
        z = barrier / self.w if multiplier is None else multiplier
        for _ in range(STEPS):
            self.price = cone.price(self.w)
            value, self.loads, curvature = self._value(self.price)
            gradient, matrix = cone.ascent(self.w, self.loads, curvature)
            gradient += barrier / self.w
            matrix += np.diag(z / self.w + 1e-11 * np.trace(matrix) / n)
            step = _solved(matrix, gradient)
            promised = float(gradient @ step)
            off = float(np.abs(z * self.w - barrier).max())
            if (promised <= ACCURACY * barrier * n + 1e-12 * total and off <= WITHIN * barrier) or clock.expired:
                break
            change = barrier / self.w - z - z / self.w * step
            value += barrier * float(np.log(self.w).sum())
            moved = self._search(step, _longest(self.w, step), value, promised, barrier)
            z = np.clip(z + _longest(z, change) * change, 1e-3 * barrier / self.w, 1e3 * barrier / self.w)
            if not moved:
                break
        return z

    def _search(self, step: NDArray[np.float64], length: float, value: float, promised: float, barrier: float) -> bool:
        """Move w along `step` as far as the value rises in proportion to the promise; return whether it did at all."""
        for _ in range(HALVINGS):
            w = self.w + length * step
            reached = self._soft_value(self.cone.price(w)) + barrier * float(np.log(w).sum())
            if reached >= value + 1e-4 * length * promised - 1e-13 * abs(value):
                self.w = w
                return True
            length *= 0.5
        return False

    def _soft_value(self, price: NDArray[np.float64]) -> float:
        """Return the soft dual value at some prices."""
        return self._at(price, 0)[0]

    def _value(self, price: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the soft dual value, the shared loads and the curvature at some prices."""
        if self.temperature < self._dense and not self._listed_at(price):
            self._list(price)
        return self._at(price, self._agents)

    def _at(self, price: NDArray[np.float64], bent: int) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the soft dual value, the shared loads, and a curvature of `bent` agents: all of them, or none."""
        costs, n, parts = self.scaled.costs, self._agents, parts_of(self._tasks)
        loads, curvature = np.zeros((parts, n)), np.zeros((parts, bent, bent))
        pairs = self._near if self._listed_at(price) else None

        def one(part: int, first: int, stop: int) -> float:
            rest = (price, self.temperature, first, stop, loads[part], curvature[part])
            if pairs is None:
                return soft_dual(costs.cost, costs.burden, *rest)
            return soft_dual_of_candidates(pairs, *rest, np.empty(n))

        value = sum(in_parts(one, self._tasks, alone=costs.cost.size < ALONE)) - float(price @ costs.initial)
        bends = curvature.sum(axis=0)
        if pairs is None:
            bends += np.tril(bends, -1).T
        return value, costs.initial + loads.sum(axis=0), bends

    def _listed_at(self, price: NDArray[np.float64]) -> bool:
        """Whether the listed pairs are all that count at some prices and the present temperature."""
        if self._near is None or self._window < NEGLIGIBLE * self.temperature:
            return False
        # Two reduced costs of one task come closer by at most twice what a price moves, times the burden.
        moved = float(np.abs(price - self._listing).max())
        return 2.0 * moved * self._heaviest <= self._window - NEGLIGIBLE * self.temperature

    def _list(self, price: NDArray[np.float64]) -> None:
        """List the pairs that count near some prices; dense tables are read whole where those are most pairs."""
        costs = self.scaled.costs
        window = WINDOW * NEGLIGIBLE * self.temperature
        counts = np.zeros(self._tasks + 1, np.int64)
        tables = (costs.cost, costs.burden, price, window)
        in_parts(lambda _, first, stop: count_near(*tables, first, stop, counts[1:]), self._tasks)
        starts = np.cumsum(counts)
        size = int(starts[-1])
        if size > SPARSE * costs.cost.size:
            self._near, self._dense = None, self.temperature
            return
        near = Pairs(starts, np.empty(size, np.int32), np.empty(size), np.empty(size))
        in_parts(lambda _, first, stop: list_near(*tables, first, stop, near), self._tasks)
        self._near, self._listing, self._window = near, price.copy(), window


def _solved(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the solution of a symmetric system (n, n) that is positive definite, but for rounding; (n,).

    Raises
    ------
    numpy.linalg.LinAlgError
        If the system is singular in floating point.
    """
    solution = right.copy()
    if not solve_positive(matrix.copy(), solution):
        solution = np.asarray(np.linalg.solve(matrix, right), np.float64)
    if not np.abs(solution).max() < ENDLESS:
        raise np.linalg.LinAlgError
    return solution


def _longest(values: NDArray[np.float64], step: NDArray[np.float64]) -> float:
    """Return the largest part of `step`, at most 1, that leaves 5 % of every one of the positive `values`."""
    falling = step < 0.0
    return min(1.0, 0.95 * float((values[falling] / -step[falling]).min())) if falling.any() else 1.0
