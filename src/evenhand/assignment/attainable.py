"""The fairest that is possible: the strictest parameter that some assignment meets, bracketed with proof."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.assignment.problem import build_problem, check_fairness, named_entitlements
from evenhand.assignment.progress import Clock, Progress
from evenhand.assignment.result import Attainable
from evenhand.assignment.solve import check_time_limit, prepare, solve
from evenhand.fairness import EpsilonFairness
from evenhand.fairness.suggestion import impossible_text, possible_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from evenhand.assignment.problem import Problem
    from evenhand.fairness import Fairness

PROBE_NODES = 4_000
"""Nodes of search for one probe: enough to decide what can be decided quickly, the same on every machine."""

PATIENCE = 5
"""Probes without a decision after which a round of bisection ends."""

RESOLUTION = 1e-6
"""Width of the bracket, relative to the parameter's range, at which bisection stops."""


def max_epsilon(
    costs: Any,
    p: float = 2,
    *,
    burdens: Any = None,
    entitlements: ArrayLike | None = None,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
) -> Attainable:
    """Find the largest epsilon for which some assignment is (epsilon, p)-fair, whatever it costs.

    Parameters
    ----------
    costs, burdens, initial_loads, locked, time_limit, progress
        As for :func:`~evenhand.assignment.assign`; costs matter only where they forbid pairs or are the burdens.
    p
        Order, in [2, inf].
    entitlements
        Share each agent is entitled to, length n or by name; None where all are equal.

    Returns
    -------
    Attainable
        ``reached`` is met by ``assignment``; ``refuted`` is proven impossible, None where even equality is not
        refuted. The true maximum lies between. Deciding it to the last digit is a number-partition problem; each
        probe has a budget.

    Raises
    ------
    InputError
        Where a value cannot be used.
    """
    clock = Clock(time_limit, progress)
    problem = build_problem(costs, burdens, initial_loads, locked)
    fairness = EpsilonFairness(0.0, p, entitlements=named_entitlements(entitlements, problem.agents))
    check_fairness(fairness, problem.agents)
    check_time_limit(time_limit)
    prepare(progress, clock)
    return fairest(problem, fairness, clock=clock)


def fairest(problem: Problem, fairness: Fairness, *, clock: Clock, refuted: float | None = None) -> Attainable:
    """Bracket the strictest parameter of `fairness` that an assignment meets; `refuted` is known to be out of reach."""
    bracket = _Bracket(problem, fairness, clock)
    bracket.refuted = refuted
    bracket.reach(np.where(problem.allowed, problem.cost, np.inf).argmin(axis=1))
    for nodes in (0, PROBE_NODES):  # what the relaxation refutes is refuted at once; the search does the rest
        if bracket.interrupted or clock.expired:
            break
        if bracket.refuted is None:
            bracket.probe(bracket.strictest, nodes)
        while not (bracket.decided or bracket.undecided > PATIENCE or bracket.interrupted or clock.expired):
            bracket.probe(bracket.middle, nodes)
        bracket.forget_undecided()
    return bracket.answer()


class _Bracket:
    """A parameter that is reached, one that is refuted, and probes between them."""

    def __init__(self, problem: Problem, fairness: Fairness, clock: Clock) -> None:
        self._problem = problem
        self._fairness = fairness
        self._clock = clock
        self.loosest, self.strictest = fairness.parameter_range(len(problem.agents))
        self.reached = self.loosest
        self.refuted: float | None = None
        self.assignment: NDArray[np.intp] | None = None
        self.interrupted = False
        self.undecided = 0
        self._undecided_at: float | None = None

    @property
    def _ceiling(self) -> float:
        """The least strict parameter above `reached` that is known to be out of reach or out of budget."""
        known = [bound for bound in (self.refuted, self._undecided_at) if bound is not None]
        closest = min if self.strictest > self.loosest else max
        return closest(known) if known else self.strictest

    @property
    def decided(self) -> bool:
        """Whether no probe can narrow the bracket further."""
        if self.reached == self.strictest:
            return True
        return abs(self._ceiling - self.reached) <= RESOLUTION * abs(self.strictest - self.loosest)

    @property
    def middle(self) -> float:
        """Half-way between what is reached and what is not."""
        return 0.5 * (self.reached + self._ceiling)

    def forget_undecided(self) -> None:
        """Let the next round ask again what this one could not decide."""
        self.undecided, self._undecided_at = 0, None

    def reach(self, assignment: NDArray[np.intp]) -> bool:
        """Note the parameter that `assignment` meets; tell whether it is stricter than what was reached before."""
        level = float(self._fairness.level(self._problem.loads_of(assignment)))
        progress = self._stricter(level, self.reached)
        if progress or self.assignment is None:
            self.reached, self.assignment = level, assignment
        if self._undecided_at is not None and not self._stricter(self._undecided_at, self.reached):
            self._undecided_at = None  # decided meanwhile: what is reached passed it
        return progress

    def answer(self) -> Attainable:
        """Return the bracket, and what its ends are called."""
        fairness, n = self._fairness, len(self._problem.agents)
        assert self.assignment is not None
        return Attainable(
            fairness.name,
            self.reached,
            self.refuted,
            self.assignment,
            self.interrupted,
            possible=possible_text(fairness, self._problem.loads_of(self.assignment)),
            impossible=None if self.refuted is None else impossible_text(fairness, self.refuted, n),
        )

    def _stricter(self, one: float, other: float) -> bool:
        return one > other if self.strictest > self.loosest else one < other

    def probe(self, parameter: float, nodes: int) -> None:
        """Ask whether `parameter` can be met, by the relaxation and so many nodes of search."""
        member = self._fairness.with_parameter(parameter)
        feasibility = _without_costs(self._problem)
        answer, _ = solve(feasibility, member, gap=0.5, clock=self._clock, node_limit=nodes)
        self.interrupted = answer.interrupted
        if answer.assignment is not None and self.reach(answer.assignment):
            return
        if answer.status == "infeasible":
            self.refuted = parameter
        else:
            self.undecided += 1
            self._undecided_at = parameter


def _without_costs(problem: Problem) -> Problem:
    """Return the problem in which every allowed pair costs nothing: any fair assignment is optimal."""
    return replace(problem, cost=np.where(np.isfinite(problem.cost), 0.0, np.inf))
