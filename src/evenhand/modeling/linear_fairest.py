r"""The strictest fairness parameter that some solution of a model meets.

For a *continuous* model, one solve suffices after homogenisation (Charnes and Cooper, Programming with linear
fractional functionals, 1962). With :math:`y = \tau x`, :math:`\tau \ge 0`, its rows become
:math:`\tau r^- \le A y \le \tau r^+`, and the measure is minimised over loads of mean 1: by one conic solve if it is a
norm, by one linear program if it is linear (an interior-point method for the Gini index of many loads, which has a
variable for each pair of them). Other measures are convex and homogeneous, so that their subgradients are linear lower
bounds: a few rounds of cutting planes find the minimum.

For an *integer* model, the parameter is bisected: each probe looks for any solution under a parameter half-way between
the strictest reached and the loosest refuted. The continuous relaxation provides the first refutation.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness import Fairness
from evenhand.fairness.suggestion import impossible_text, possible_text
from evenhand.modeling.direction import PRECISION, fairest_direction
from evenhand.modeling.epigraphs import parameter_at_bound
from evenhand.modeling.library_imports import sparse
from evenhand.modeling.linear import LazyRows, LinearModel
from evenhand.modeling.loads import check_loads, rows_of
from evenhand.modeling.solution import FairSolution
from evenhand.modeling.solve_model import solve_fair_milp

RESOLUTION = 1e-6
"""Width of the bracket at which bisection stops, relative to the parameter's range."""

CLOSED = 1e-5
"""Width up to which a bracket counts as closed, relative to the parameter's range; conic solves reach less."""


@dataclass(frozen=True, slots=True, repr=False)
class Fairest:
    """The strictest parameter that a model allows, as a bracket.

    Attributes
    ----------
    status
        ``optimal``: the bracket is closed. ``time_limit``: the time, or another limit, ended the search.
        ``infeasible``: the model has no solution, fair or not.
    fairness
        The member at the parameter `reached`; None if no solution is known.
    reached
        The strictest parameter that a known solution meets; None if no solution is known.
    refuted
        A stricter parameter that no solution meets; None if even equality is not refuted.
    loads, values
        The solution that meets `reached`, shapes (n,) and (k,). If the strictest parameter is only approached as
        variables grow without bound, they are a direction with a mean load of 1.
    seconds
        Wall-clock time.
    interrupted
        Whether Ctrl-C ended the search.
    """

    status: str
    fairness: Fairness | None
    reached: float | None
    refuted: float | None
    loads: Array | None = field(default=None)
    values: Array | None = field(default=None)
    seconds: float = 0.0
    interrupted: bool = False

    def __repr__(self) -> str:
        if self.impossible is not None:
            beyond = f", nothing beyond {self.impossible}"
        else:
            beyond = ", nothing refuted" if self.status == "time_limit" else ""
        reached = "" if self.fairness is None else f" of {self.fairness.name}"
        return f"Fairest({self.status}, reached {self.possible}{reached}{beyond})"

    @property
    def possible(self) -> str | None:
        """Text of a parameter that is possible: `reached`, rounded to the loose side and checked against the loads."""
        if self.fairness is None or self.loads is None:
            return None
        return possible_text(self.fairness, np.maximum(self.loads, 0.0))

    @property
    def impossible(self) -> str | None:
        """Text of a parameter that is impossible, and so is everything stricter; None if `refuted` is."""
        if self.fairness is None or self.loads is None or self.refuted is None:
            return None
        return impossible_text(self.fairness, self.refuted, len(self.loads))

    def with_known(self, fairness: Fairness, loads: Array) -> Fairest:
        """Return the bracket with a further solution known: its `loads`, shape (n,), may be fairer than `reached`."""
        loosest, strictest = fairness.parameter_range(len(loads))
        level = float(fairness.level(np.maximum(loads, 0.0)))
        if self.status != "time_limit" or level == loosest:
            return self
        if self.reached is not None and (level - self.reached) * (strictest - loosest) <= 0.0:
            return self
        return replace(self, fairness=fairness.with_parameter(level), reached=level, loads=loads, values=None)

    def to_dict(self) -> dict[str, Any]:
        """Return the bracket as JSON values."""
        return {
            "status": self.status,
            "fairness": None if self.fairness is None else self.fairness.to_dict(),
            "reached": self.reached,
            "refuted": self.refuted,
            "possible": self.possible,
            "impossible": self.impossible,
            "loads": None if self.loads is None else self.loads.tolist(),
            "seconds": self.seconds,
            "interrupted": self.interrupted,
        }


def fairest_linear(
    model: LinearModel,
    loads: Any,
    fairness: Fairness,
    *,
    solver: str = "highs",
    resolution: float = RESOLUTION,
    time_limit: float | None = None,
    lazy: LazyRows | None = None,
    progress: Callable[[Fairest], None] | None = None,
) -> Fairest:
    """Find the strictest parameter for a linear model; see :func:`evenhand.modeling.fairest`."""
    start = time.perf_counter()
    rows = rows_of(loads, len(model.costs))
    _, fairness = check_loads(rows, fairness)
    bracket = _LinearBracket(model, loads, fairness, {"solver": solver, "lazy": lazy}, start, time_limit, progress)
    try:
        if not bracket.begin():
            return Fairest("infeasible", None, None, None, seconds=time.perf_counter() - start)
        bracket.homogenise(rows)
        if bracket.relaxed:
            bracket.bisect(bracket.probe, resolution)
    except KeyboardInterrupt:
        bracket.interrupted = True
    return bracket.answer(resolution)


def bisected(
    solve: Callable[[Fairness | None], FairSolution],
    fairness: Fairness,
    resolution: float,
    time_limit: float | None,
    progress: Callable[[Fairest], None] | None = None,
) -> Fairest:
    """Bisect the parameter of `fairness` by calls of `solve`, which takes a member, or None for no constraint."""
    start = time.perf_counter()
    first = solve(None)
    if first.loads is None:
        status = "time_limit" if first.status != "infeasible" else first.status
        seconds = time.perf_counter() - start
        return Fairest(status, None, None, None, seconds=seconds, interrupted=first.interrupted)
    bracket = _Bracket(fairness, len(first.loads), start, time_limit, progress)
    bracket.reach(first.loads, first.values)
    try:
        bracket.bisect(solve, resolution)
    except KeyboardInterrupt:
        bracket.interrupted = True
    return bracket.answer(resolution)


class _Bracket:
    """The state of the bisection: the parameters reached and refuted so far."""

    def __init__(
        self,
        fairness: Fairness,
        n: int,
        start: float,
        time_limit: float | None,
        progress: Callable[[Fairest], None] | None,
    ) -> None:
        self._fairness, self._n, self._start, self._time_limit = fairness, n, start, time_limit
        self._progress = progress
        self.best: tuple[float, Array, Array | None] | None = None
        self.refuted: float | None = None
        self.interrupted = False

    def bisect(self, probe: Callable[[Fairness], FairSolution], resolution: float) -> None:
        """Narrow the bracket by probes half-way between its ends, until it is closed, undecided or out of time.

        Ctrl-C is raised after what the interrupted probe found is recorded.
        """
        loosest, strictest = self._fairness.parameter_range(self._n)
        while not self._done(resolution) and self._left() > 0.0:
            if self._progress is not None:
                self._progress(self.answer(resolution))
            reached = loosest if self.best is None else self.best[0]
            parameter = 0.5 * (reached + (strictest if self.refuted is None else self.refuted))
            answer = probe(self._fairness.with_parameter(parameter))
            if answer.loads is not None:
                self.reach(answer.loads, answer.values, parameter)
            if answer.interrupted:
                raise KeyboardInterrupt
            if answer.loads is not None:
                continue
            if answer.status == "infeasible":
                self.refuted = parameter
            else:
                return

    def answer(self, resolution: float) -> Fairest:
        """Return the bracket as a result."""
        status = "optimal" if self._done(max(resolution, CLOSED)) else "time_limit"
        seconds = time.perf_counter() - self._start
        if self.best is None:
            return Fairest(status, None, None, self.refuted, seconds=seconds, interrupted=self.interrupted)
        reached, loads, values = self.best
        member = self._fairness.with_parameter(reached)
        refuted = None if reached == self.refuted else self.refuted
        return Fairest(status, member, reached, refuted, loads, values, seconds, self.interrupted)

    def _done(self, resolution: float) -> bool:
        if self.best is None:
            return False
        loosest, strictest = self._fairness.parameter_range(self._n)
        ceiling = strictest if self.refuted is None else self.refuted
        return abs(ceiling - self.best[0]) <= resolution * abs(strictest - loosest)

    def reach(self, loads: Array, values: Array | None, asked: float | None = None) -> None:
        """Record a solution, known to meet the parameter `asked`, if that is given."""
        level = float(self._fairness.level(np.maximum(loads, 0.0)))
        loosest, strictest = self._fairness.parameter_range(self._n)
        if asked is not None and (asked - level) * (strictest - loosest) > 0.0:
            level = asked  # among selected agents, the computed level may be looser than the constraint that was met
        if self.best is None or (level - self.best[0]) * (strictest - loosest) > 0.0:
            self.best = level, loads, values

    def _left(self) -> float:
        elapsed = time.perf_counter() - self._start
        return np.inf if self._time_limit is None else self._time_limit - elapsed


class _LinearBracket(_Bracket):
    """The bracket of a linear model."""

    def __init__(
        self,
        model: LinearModel,
        loads: Any,
        fairness: Fairness,
        how: dict[str, Any],
        start: float,
        time_limit: float | None,
        progress: Callable[[Fairest], None] | None,
    ) -> None:
        matrix, constants = loads if isinstance(loads, tuple) else (loads, None)
        matrix = sparse().csr_array(matrix)
        super().__init__(fairness, matrix.shape[0], start, time_limit, progress)
        self._model, self._loads, self._how = model, loads, how
        self._total = np.asarray(matrix.sum(axis=0)).ravel(), 0.0 if constants is None else float(np.sum(constants))
        self._idle = model.with_objective(np.zeros(len(model.costs)), 0.0)
        self.relaxed = bool(model.integer.any()) or how["lazy"] is not None
        """Whether the homogenised model is a relaxation only, whose loads may belong to no solution."""

    def begin(self) -> bool:
        """Find the solution with the least total load; return False if the model is infeasible.

        If that total is zero, loads are equal.
        """
        answer = self._solve(self._model.with_objective(*self._total), None)
        if answer.loads is not None:
            self.reach(answer.loads, answer.values)
        if answer.interrupted:
            raise KeyboardInterrupt
        return bool(answer.status != "infeasible")

    def homogenise(self, rows: Any) -> None:
        """Find the fairest direction of the continuous relaxation: parameters that it does not reach are refuted."""
        if self._done(0.0):
            return
        found = fairest_direction(self._model, rows, self._fairness, self._left())
        if found is None:
            return
        ratio, loads, values = found
        _, strictest = self._fairness.parameter_range(self._n)
        refuted = parameter_at_bound(self._fairness, self._n, ratio * (1.0 - PRECISION))
        self.refuted = None if refuted == strictest else refuted
        if not self.relaxed:
            self.reach(loads, values)

    def probe(self, fairness: Fairness) -> FairSolution:
        """Look for any solution under a member, with an objective of zero."""
        return self._solve(self._idle, fairness)

    def _solve(self, model: LinearModel, fairness: Fairness | None) -> FairSolution:
        limit = None if self._time_limit is None else max(0.01, self._left())
        return solve_fair_milp(model, self._loads, fairness, gap=1e-6, time_limit=limit, **self._how)
