"""HiGHS in rounds: the relaxation is cut to convergence, then integrality is asked for.

HiGHS takes no cuts from a callback, so each integral answer that is not fair costs one more cut and one more solve.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.assignment.peers.result import LP_TOLERANCE, Model, PeerResult, separates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import highspy
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness

    Array = NDArray[np.float64]
    Separate = Callable[[Fairness, Array], Array]

LIBRARY = "highspy"
LABEL = "HiGHS, cuts in rounds"


def gradient(fairness: Fairness, loads: Array) -> Array:
    """Return the cut made at the loads themselves, shape (1, n)."""
    return fairness.cut(loads)[np.newaxis]


def supporting(fairness: Fairness, loads: Array) -> Array:
    """Return the cut made where the cone begins, shape (1, n)."""
    return fairness.cut(fairness.supporting_point(loads))[np.newaxis]


def default(fairness: Fairness, loads: Array) -> Array:
    """Return the member's own choice of cuts, shape (k, n)."""
    return np.array([fairness.cut(point) for point in fairness.cut_points(loads)])


def solve(
    costs: Array,
    fairness: Fairness,
    gap: float,
    cap: float,
    burdens: Array | None = None,
    separate: Separate = default,
) -> PeerResult:
    """Solve one case, stopping after `cap` seconds."""
    start = time.perf_counter()
    model = Model.of(costs, fairness, burdens)
    rounds = RoundsModel(model, separate)
    deadline = start + cap
    linear = rounds.converge(deadline)
    rounds.require_integers(gap)
    status, chosen, bound, integer = "time_limit", None, None, 0
    while time.perf_counter() < deadline:
        integer += 1
        state = rounds.solve(deadline)
        if state == "infeasible":
            status, bound = "infeasible", np.inf
            break
        bound = rounds.bound()
        if state != "optimal":
            break
        answer = rounds.answer()
        loads = model.loads(answer)
        if fairness.contains(loads):
            status, chosen = "optimal", answer
            break
        rounds.rule_out(answer, loads)
    seconds = time.perf_counter() - start
    paid = None if chosen is None else model.paid(chosen)
    return PeerResult(status, paid, bound, chosen, seconds, {"linear rounds": linear, "integer rounds": integer})


class RoundsModel:
    """The assignment problem in HiGHS: columns x_ij, agent by agent, then one load per agent."""

    def __init__(self, model: Model, separate: Separate) -> None:
        import highspy

        self._model, self._separate = model, separate
        # HiGHS keeps one pool of threads for the whole process; one of another size would refuse a single thread.
        highspy.Highs.resetGlobalScheduler(True)
        self._highs = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("parallel", "off"),
            ("primal_feasibility_tolerance", 1e-9),
            ("mip_feasibility_tolerance", 1e-9),
            ("mip_abs_gap", 0.0),
        ):
            self._highs.setOptionValue(option, value)
        self._highs.passModel(_linear_program(model))
        self._seen: set[bytes] = set()

    def converge(self, deadline: float) -> int:
        """Cut the relaxation until its loads are fair; return the number of rounds."""
        rounds, size = 0, self._model.costs.size
        while time.perf_counter() < deadline:
            rounds += 1
            if self.solve(deadline) != "optimal":
                break
            loads = np.maximum(self._values()[size:], 0.0)
            if self._model.fairness.contains(loads, LP_TOLERANCE) or not self._cut(self._cuts(loads)):
                break
        return rounds

    def require_integers(self, gap: float) -> None:
        """Ask for whole assignments from now on, to a relative `gap`."""
        import highspy

        size = self._model.costs.size
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

    def rule_out(self, chosen: NDArray[np.intp], loads: Array) -> None:
        """Cut off unfair whole `loads`; where their cuts are too shallow to be felt, bar the assignment itself."""
        cuts = self._cuts(loads)
        if not (any(separates(cut, loads) for cut in cuts) and self._cut(cuts)):
            m = len(chosen)
            columns = (chosen * m + np.arange(m)).astype(np.int32)
            self._highs.addRow(-np.inf, m - 1.0, m, columns, np.ones(m))

    def answer(self) -> NDArray[np.intp]:
        """Return the assignment found."""
        n, m = self._model.costs.shape
        chosen: NDArray[np.intp] = self._values()[: n * m].reshape(n, m).argmax(axis=0)
        return chosen

    def bound(self) -> float:
        """Return the proven bound of the last integer solve."""
        return float(self._highs.getInfo().mip_dual_bound)

    def _cuts(self, loads: Array) -> list[Array]:
        return [cut / np.abs(cut).max() for cut in self._separate(self._model.fairness, loads)]

    def _cut(self, cuts: Iterable[Array]) -> bool:
        """Add cuts; return False where all have been made before."""
        fresh = False
        size, n = self._model.costs.size, len(self._model.costs)
        columns = np.arange(size, size + n, dtype=np.int32)
        for cut in cuts:
            key = np.round(cut, 12).tobytes()
            if key not in self._seen:
                self._seen.add(key)
                self._highs.addRow(0.0, np.inf, n, columns, cut)
                fresh = True
        return fresh

    def _values(self) -> Array:
        return np.asarray(self._highs.getSolution().col_value)


def _linear_program(model: Model) -> highspy.HighsLp:
    """Return: each task is shared out, and load i is the sum of its burdens."""
    import highspy

    n, m = model.costs.shape
    size, allowed = n * m, model.allowed
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = size + n, m + n
    program.col_cost_ = np.concatenate([np.where(allowed, model.costs, 0.0).ravel(), np.zeros(n)])
    program.col_lower_ = np.zeros(size + n)
    program.col_upper_ = np.concatenate([allowed.astype(float).ravel(), np.full(n, np.inf)])
    program.row_lower_ = program.row_upper_ = np.concatenate([np.ones(m), np.zeros(n)])
    # Column x_ij has two entries: 1 in row j and b_ij in row m + i; the load's column has -1 in row m + i.
    rows = np.stack([np.tile(np.arange(m), n), m + np.repeat(np.arange(n), m)], axis=1)
    entries = np.stack([np.ones(size), np.where(allowed, model.burdens, 0.0).ravel()], axis=1)
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.concatenate([np.arange(0, 2 * size + 1, 2), 2 * size + 1 + np.arange(n)])
    program.a_matrix_.index_ = np.concatenate([rows.ravel(), m + np.arange(n)])
    program.a_matrix_.value_ = np.concatenate([entries.ravel(), -np.ones(n)])
    return program
