"""A peer on the same instances in the same run: HiGHS in rounds, one cut for each unfair answer.

The linear relaxation is cut to convergence first; then integrality is asked for, and each integral answer that is not
fair costs one more cut and one more solve. HiGHS takes no cuts from a callback, so this is what it can do.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import highspy
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Separate = Callable[[Fairness, NDArray[np.float64]], NDArray[np.float64]]

LP_TOLERANCE = 1e-7
"""Relative violation below which the relaxation counts as cut to convergence."""


@dataclass(frozen=True)
class PeerResult:
    """What a peer reached: cost and bound (None where there is none), rounds of linear and integer solves."""

    status: str
    cost: float | None
    bound: float | None
    linear_rounds: int
    integer_rounds: int
    seconds: float

    @property
    def gap(self) -> float | None:
        """(cost - bound) / cost, at least 0."""
        if self.cost is None or self.bound is None:
            return None
        return max(0.0, (self.cost - self.bound) / self.cost) if self.cost else 0.0


def gradient(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cut made at the loads themselves, shape (1, n)."""
    return fairness.cut(loads)[np.newaxis]


def supporting(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cut made where the cone begins, shape (1, n)."""
    return fairness.cut(fairness.supporting_point(loads))[np.newaxis]


def default(fairness: Fairness, loads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the member's own choice of cuts, shape (k, n)."""
    return np.array([fairness.cut(point) for point in fairness.cut_points(loads)])


def highs(
    costs: NDArray[np.float64], fairness: Fairness, gap: float, cap: float, separate: Separate = gradient
) -> PeerResult:
    """Solve one case with HiGHS, stopping after `cap` seconds."""
    start = time.perf_counter()
    model = RoundsModel(costs, fairness, separate)
    deadline = start + cap
    linear = model.converge(deadline)
    model.require_integers(gap)
    status, cost, bound, rounds = "time_limit", None, None, 0
    while time.perf_counter() < deadline:
        rounds += 1
        state = model.solve(deadline)
        if state == "infeasible":
            status = "infeasible"
            break
        bound = model.bound()
        if state != "optimal":
            break
        loads, paid = model.answer()
        if fairness.contains(loads):
            status, cost = "optimal", paid
            break
        if not model.cut_off(loads):
            status = "stalled"
            break
    return PeerResult(status, cost, bound, linear, rounds, time.perf_counter() - start)


class RoundsModel:
    """The assignment problem in HiGHS: columns x_ij, agent by agent, then one load per agent."""

    def __init__(self, costs: NDArray[np.float64], fairness: Fairness, separate: Separate) -> None:
        import highspy

        self._costs, self._fairness, self._separate = costs, fairness, separate
        self._highs = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("primal_feasibility_tolerance", 1e-9),
            ("mip_feasibility_tolerance", 1e-9),
        ):
            self._highs.setOptionValue(option, value)
        self._highs.passModel(_linear_program(costs))
        self._seen: set[bytes] = set()

    def converge(self, deadline: float) -> int:
        """Cut the relaxation until its loads are fair; return the number of rounds."""
        rounds = 0
        while time.perf_counter() < deadline:
            rounds += 1
            if self.solve(deadline) != "optimal":
                break
            loads = np.maximum(self._values()[self._costs.size :], 0.0)
            if self._fairness.contains(loads, LP_TOLERANCE) or not self.cut_off(loads):
                break
        return rounds

    def require_integers(self, gap: float) -> None:
        """Ask for whole assignments from now on, to a relative `gap`."""
        import highspy

        size = self._costs.size
        kinds = np.full(size, highspy.HighsVarType.kInteger.value, dtype=np.uint8)
        self._highs.changeColsIntegrality(size, np.arange(size, dtype=np.int32), kinds)
        self._highs.setOptionValue("mip_rel_gap", gap)

    def solve(self, deadline: float) -> str:
        """Solve what is there; return ``optimal``, ``infeasible`` or ``time_limit``."""
        import highspy

        # HiGHS counts the time of all its runs together.
        left = max(0.01, deadline - time.perf_counter())
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + left)
        self._highs.run()
        states = {
            highspy.HighsModelStatus.kOptimal: "optimal",
            highspy.HighsModelStatus.kInfeasible: "infeasible",
        }
        return states.get(self._highs.getModelStatus(), "time_limit")

    def cut_off(self, loads: NDArray[np.float64]) -> bool:
        """Add the cuts made at unfair `loads`; return False where they have been made before."""
        fresh = False
        n = len(loads)
        columns = np.arange(self._costs.size, self._costs.size + n, dtype=np.int32)
        for cut in self._separate(self._fairness, loads):
            key = np.round(cut / np.abs(cut).max(), 12).tobytes()
            if key not in self._seen:
                self._seen.add(key)
                self._highs.addRow(0.0, np.inf, n, columns, cut / np.abs(cut).max())
                fresh = True
        return fresh

    def answer(self) -> tuple[NDArray[np.float64], float]:
        """Return loads and cost of the assignment found, recomputed from it."""
        n, m = self._costs.shape
        chosen = self._values()[: n * m].reshape(n, m).argmax(axis=0)
        paid = self._costs[chosen, np.arange(m)]
        return np.bincount(chosen, paid, minlength=n).astype(np.float64), float(paid.sum())

    def bound(self) -> float:
        """Return the proven bound of the last integer solve."""
        return float(self._highs.getInfo().mip_dual_bound)

    def _values(self) -> NDArray[np.float64]:
        return np.asarray(self._highs.getSolution().col_value)


def _linear_program(costs: NDArray[np.float64]) -> highspy.HighsLp:
    """Return: each task is shared out, and load i is the sum of its costs."""
    import highspy

    n, m = costs.shape
    size = n * m
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = size + n, m + n
    program.col_cost_ = np.concatenate([np.where(np.isfinite(costs), costs, 0.0).ravel(), np.zeros(n)])
    program.col_lower_ = np.zeros(size + n)
    program.col_upper_ = np.concatenate([np.isfinite(costs).astype(float).ravel(), np.full(n, np.inf)])
    program.row_lower_ = program.row_upper_ = np.concatenate([np.ones(m), np.zeros(n)])
    # Column x_ij has two entries: 1 in row j and c_ij in row m + i; the load's column has -1 in row m + i.
    rows = np.stack([np.tile(np.arange(m), n), m + np.repeat(np.arange(n), m)], axis=1)
    entries = np.stack([np.ones(size), np.where(np.isfinite(costs), costs, 0.0).ravel()], axis=1)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.concatenate([np.arange(0, 2 * size + 1, 2), 2 * size + 1 + np.arange(n)])
    program.a_matrix_.index_ = np.concatenate([rows.ravel(), m + np.arange(n)])
    program.a_matrix_.value_ = np.concatenate([entries.ravel(), -np.ones(n)])
    return program
