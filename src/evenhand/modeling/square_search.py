"""The cheapest fair solution of a model whose fairness is stated by rows alone: one search by HiGHS, without rounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.modeling.audit import audit
from evenhand.modeling.highs_master import FEASIBILITY
from evenhand.modeling.highs_model import highs_of
from evenhand.modeling.highs_run import run
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow
from evenhand.modeling.outer_approximation import TOLERANCE, left_of
from evenhand.modeling.rounds import Progress
from evenhand.modeling.solution import FairSolution
from evenhand.modeling.squares import Squares, integral_squares

PREPARATION = 0.1
"""Largest fraction of the time limit for bounds on the sums of the loads."""

FEW_STEPS = 50
"""Largest mean load, in steps, up to which the rows are known to be faster than cuts, as with counts of shifts or hours
in blocks. Sizes of tasks between 5 and 25 have more, and then cuts are much faster."""

FEW_SUMS = 200
"""Largest number of possible sums up to which they are."""

AUTO, SQUARES = "auto", "squares"
"""Values of `cuts` that ask for these rows: where they are known to be faster than cuts, or wherever they exist."""

Cone = tuple[Sequence[AffineRow], Fairness]


def family_of(cuts: str) -> str:
    """Return the family of cuts for models that have no such rows."""
    return "supporting" if cuts in (AUTO, SQUARES) else cuts


def solve_with_squares(
    model: LinearModel,
    cones: Sequence[Cone],
    *,
    gap: float = 1e-4,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    tolerance: float = TOLERANCE,
    cuts: str = SQUARES,
) -> FairSolution | None:
    """Return the cheapest solution under bounds on the CV of integral loads; see :mod:`.squares`.

    Parameters
    ----------
    model
        The model without its fairness constraints.
    cones
        The loads and the member of each fairness constraint.
    gap, time_limit, progress, tolerance
        As for :func:`~evenhand.modeling.solve_fair_milp`.
    cuts
        ``auto`` refuses loads for which cuts may be faster, see :data:`FEW_STEPS` and :data:`FEW_SUMS`; a family of
        cuts refuses all.

    Returns
    -------
    FairSolution or None
        The solution, with ``values`` of the model's variables; None if a constraint has no such rows, or if the search
        ended without an answer that the rounds of cuts may still find: the model is unbounded, or rounding misled it.
    """
    if cuts not in (AUTO, SQUARES):
        return None
    start = time.perf_counter()
    try:
        extended = _with_rows(model, cones, time_limit, few=cuts == AUTO)
    except KeyboardInterrupt:
        return FairSolution("time_limit", None, None, None, seconds=time.perf_counter() - start, interrupted=True)
    if extended is None:
        return None
    return _Search(model, extended, cones, tolerance, gap, progress, start).run(left_of(time_limit, start))


def _with_rows(model: LinearModel, cones: Sequence[Cone], time_limit: float | None, *, few: bool) -> LinearModel | None:
    """Return the model with the rows of all constraints; None if one has none."""
    limit = None if time_limit is None else PREPARATION * time_limit / len(cones)
    for rows, fairness in cones:
        squares = integral_squares(model, rows, fairness, time_limit=limit)
        if squares is None or (few and not _are_few(squares, len(rows))):
            return None
        model = squares.model
    return model


def _are_few(squares: Squares, n: int) -> bool:
    """Return whether n loads have few steps, and few sums."""
    least, most = squares.sums
    return most <= FEW_STEPS * n * squares.step and most - least <= FEW_SUMS * squares.step


class _Search:
    """One run of HiGHS, whose solutions are judged by the members themselves."""

    def __init__(
        self,
        model: LinearModel,
        extended: LinearModel,
        cones: Sequence[Cone],
        tolerance: float,
        gap: float,
        progress: Callable[[Progress], None] | None,
        start: float,
    ) -> None:
        self._model, self._extended, self._cones, self._tolerance = model, extended, cones, tolerance
        self._gap, self._progress, self._start = gap, progress, start

    def run(self, time_limit: float | None) -> FairSolution | None:
        """Search for at most `time_limit` seconds; None for no answer."""
        highs = highs_of(self._extended)
        highs.setOptionValue("mip_rel_gap", self._gap)
        highs.setOptionValue("mip_abs_gap", 0.0)
        for name in ("primal_feasibility_tolerance", "mip_feasibility_tolerance"):
            highs.setOptionValue(name, FEASIBILITY)
        highs.setOptionValue("mip_improving_solution_save", True)
        if self._progress is not None:
            highs.cbMipImprovingSolution.subscribe(self._tell)
        status = run(highs, np.inf if time_limit is None else time_limit)
        if status not in ("optimal", "infeasible", "time_limit", "interrupted"):
            return None
        answers = [self._whole(np.asarray(one.col_value)) for one in highs.getSavedMipSolutions()]
        if highs.getSolution().value_valid:
            answers.append(self._whole(np.asarray(highs.getSolution().col_value)))
        fair = [values for values in answers if self._is_fair(values)]
        if status == "optimal" and not (fair and np.array_equal(fair[-1], answers[-1])):
            return None
        bound = float(highs.getInfo().mip_dual_bound)
        return self._answer(status, fair, bound if np.isfinite(bound) else None)

    def _answer(self, status: str, fair: list[Array], bound: float | None) -> FairSolution:
        stopped = status == "interrupted"
        details: dict[str, Any] = {"rounds": 1, "seconds": time.perf_counter() - self._start, "interrupted": stopped}
        status = "time_limit" if stopped else status
        if not fair:
            return FairSolution(status, None, None if status == "infeasible" else bound, None, **details)
        best = min(fair, key=self._cost)
        cost = self._cost(best)
        loads = [self._loads(best, rows) for rows, _ in self._cones]
        rules = tuple(audit(own, fairness) for own, (_, fairness) in zip(loads, self._cones, strict=True))
        bound = None if bound is None else min(bound, cost)
        return FairSolution(status, cost, bound, np.concatenate(loads), best, rules, **details)

    def _tell(self, event: Any) -> None:
        """Report the objective of a new solution, which the rows call fair."""
        assert self._progress is not None
        data, seconds = event.data_out, time.perf_counter() - self._start
        bound = data.mip_dual_bound if np.isfinite(data.mip_dual_bound) else None
        self._progress(Progress("integers", 1, 0, data.objective_function_value, bound, seconds))

    def _whole(self, values: Array) -> Array:
        """Return the values of the model's own variables, with integers free of rounding errors."""
        own = values[: len(self._model.costs)]
        return np.where(self._model.integer, np.round(own), own)

    def _cost(self, values: Array) -> float:
        return float(self._model.costs @ values) + self._model.offset

    def _loads(self, values: Array, rows: Sequence[AffineRow]) -> Array:
        return np.array([row.coefficients @ values[row.columns] + row.constant for row in rows])

    def _is_fair(self, values: Array) -> bool:
        return all(
            bool(fairness.contains(np.maximum(self._loads(values, rows), 0.0), self._tolerance))
            for rows, fairness in self._cones
        )
