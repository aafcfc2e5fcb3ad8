r"""The fairest that a linear model allows: the strictest parameter that some solution meets.

A *continuous* model is asked once, by homogenising it (Charnes and Cooper): with :math:`y = \tau x`,
:math:`\tau \ge 0`, its rows become :math:`\tau r^- \le A y \le \tau r^+`, and among the loads of mean 1 the one with
the least measure is sought: by one conic solve where it is a norm, by one linear program where it is linear (for the
Gini index of many loads, with a variable for each pair of them, by an interior point). Others are convex and
homogeneous, so that their subgradients are linear lower bounds, and a few rounds of them find the least.

An *integer* model is bisected: each probe asks for any solution under a parameter half-way between what is reached
and what is refuted. The continuous relaxation gives the first refutation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.fairness.suggestion import impossible_text, possible_text
from evenhand.modeling.direction import PRECISION, fairest_direction
from evenhand.modeling.epigraphs import parameter_at_bound
from evenhand.modeling.libraries import sparse
from evenhand.modeling.loads import check_loads, rows_of
from evenhand.modeling.solve import solve_fair_milp

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evenhand.fairness import Fairness
    from evenhand.modeling.linear import LinearModel
    from evenhand.modeling.separate import LazyRows
    from evenhand.modeling.solution import FairSolution

    Array = NDArray[np.float64]

RESOLUTION = 1e-6
"""Width of the bracket, relative to the parameter's range, at which bisection stops."""

CLOSED = 1e-5
"""Width of a bracket, relative to the parameter's range, that counts as closed; a conic solve leaves less."""


@dataclass(frozen=True, slots=True, repr=False)
class Fairest:
    """The strictest parameter that a model allows, in a bracket.

    Attributes
    ----------
    status
        ``optimal`` (the bracket is narrow), ``time_limit`` (also of rounds), or ``infeasible``: the model has no
        solution, fair or not.
    fairness
        The member at `reached`; None where nothing is reached.
    reached
        The strictest parameter that a known solution meets; None where there is none.
    refuted
        A stricter parameter that no solution meets; None where even equality is not refuted.
    loads, values
        That solution, shapes (n,) and (k,). Where the strictest is only approached, as variables grow without end,
        they are a direction of mean load 1.
    seconds
        Time taken.
    """

    status: str
    fairness: Fairness | None
    reached: float | None
    refuted: float | None
    loads: Array | None = field(default=None)
    values: Array | None = field(default=None)
    seconds: float = 0.0

    def __repr__(self) -> str:
        beyond = "" if self.impossible is None else f", nothing beyond {self.impossible}"
        reached = "" if self.fairness is None else f" of {self.fairness.name}"
        return f"Fairest({self.status}, reached {self.possible}{reached}{beyond})"

    @property
    def possible(self) -> str | None:
        """`reached` as text to be typed in: rounded to the side that holds, and checked against the loads."""
        if self.fairness is None or self.loads is None:
            return None
        return possible_text(self.fairness, np.maximum(self.loads, 0.0))

    @property
    def impossible(self) -> str | None:
        """Text of a parameter beyond which nothing is possible; None where `refuted` is."""
        if self.fairness is None or self.loads is None or self.refuted is None:
            return None
        return impossible_text(self.fairness, self.refuted, len(self.loads))

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
) -> Fairest:
    """Find the strictest parameter for a linear model; see :func:`evenhand.modeling.fairest`."""
    start = time.perf_counter()
    rows = rows_of(loads, len(model.costs))
    _, fairness = check_loads(rows, fairness)
    bracket = _LinearBracket(model, loads, fairness, {"solver": solver, "lazy": lazy}, start, time_limit)
    if not bracket.begin():
        return Fairest("infeasible", None, None, None, seconds=time.perf_counter() - start)
    bracket.homogenise(rows)
    if bracket.relaxed:
        bracket.bisect(bracket.probe, resolution)
    return bracket.answer(resolution)


def bisected(
    solve: Callable[[Fairness | None], FairSolution], fairness: Fairness, resolution: float, time_limit: float | None
) -> Fairest:
    """Bisect the parameter of `fairness` by calls of `solve`, under a member, or under no rule where given None."""
    start = time.perf_counter()
    first = solve(None)
    if first.loads is None:
        status = "time_limit" if first.status != "infeasible" else first.status
        return Fairest(status, None, None, None, seconds=time.perf_counter() - start)
    bracket = _Bracket(fairness, len(first.loads), start, time_limit)
    bracket.reach(first.loads, first.values)
    bracket.bisect(solve, resolution)
    return bracket.answer(resolution)


class _Bracket:
    """What is reached and what is refuted so far."""

    def __init__(self, fairness: Fairness, n: int, start: float, time_limit: float | None) -> None:
        self._fairness, self._n, self._start, self._time_limit = fairness, n, start, time_limit
        self.best: tuple[float, Array, Array | None] | None = None
        self.refuted: float | None = None

    def bisect(self, probe: Callable[[Fairness], FairSolution], resolution: float) -> None:
        """Narrow the bracket by asking for any solution under a parameter half-way."""
        loosest, strictest = self._fairness.parameter_range(self._n)
        while not self._done(resolution) and self._left() > 0.0:
            reached = loosest if self.best is None else self.best[0]
            parameter = 0.5 * (reached + (strictest if self.refuted is None else self.refuted))
            answer = probe(self._fairness.with_parameter(parameter))
            if answer.loads is not None:
                self.reach(answer.loads, answer.values, parameter)
            elif answer.status == "infeasible":
                self.refuted = parameter
            else:
                return

    def answer(self, resolution: float) -> Fairest:
        """Return the bracket."""
        status = "optimal" if self._done(max(resolution, CLOSED)) else "time_limit"
        seconds = time.perf_counter() - self._start
        if self.best is None:
            return Fairest(status, None, None, self.refuted, seconds=seconds)
        reached, loads, values = self.best
        member = self._fairness.with_parameter(reached)
        refuted = None if reached == self.refuted else self.refuted
        return Fairest(status, member, reached, refuted, loads, values, seconds)

    def _done(self, resolution: float) -> bool:
        if self.best is None:
            return False
        loosest, strictest = self._fairness.parameter_range(self._n)
        ceiling = strictest if self.refuted is None else self.refuted
        return abs(ceiling - self.best[0]) <= resolution * abs(strictest - loosest)

    def reach(self, loads: Array, values: Array | None, asked: float | None = None) -> None:
        """Note a solution, which meets the parameter that was asked for, if any was."""
        level = float(self._fairness.level(np.maximum(loads, 0.0)))
        loosest, strictest = self._fairness.parameter_range(self._n)
        if asked is not None and (asked - level) * (strictest - loosest) > 0.0:
            level = asked  # the level of the selected few may be below that of the cone of all
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
    ) -> None:
        matrix, constants = loads if isinstance(loads, tuple) else (loads, None)
        matrix = sparse().csr_array(matrix)
        super().__init__(fairness, matrix.shape[0], start, time_limit)
        self._model, self._loads, self._how = model, loads, how
        self._total = np.asarray(matrix.sum(axis=0)).ravel(), 0.0 if constants is None else float(np.sum(constants))
        self._idle = model.with_objective(np.zeros(len(model.costs)), 0.0)
        self.relaxed = bool(model.integer.any()) or how["lazy"] is not None
        """Whether what homogenising reaches may not be a solution."""

    def begin(self) -> bool:
        """Find the solution with the least load of all; return False where there is none.

        Where that is none at all, loads are equal.
        """
        answer = self._solve(self._model.with_objective(*self._total), None)
        if answer.loads is not None:
            self.reach(answer.loads, answer.values)
        return bool(answer.status != "infeasible")

    def homogenise(self, rows: Any) -> None:
        """Find the fairest direction of the continuous relaxation: what it does not reach is refuted."""
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
        """Ask for any solution under a member."""
        return self._solve(self._idle, fairness)

    def _solve(self, model: LinearModel, fairness: Fairness | None) -> FairSolution:
        limit = None if self._time_limit is None else max(0.01, self._left())
        return solve_fair_milp(model, self._loads, fairness, gap=1e-6, time_limit=limit, **self._how)
