"""One rule that gives way: from the asked value to what can be kept beside all other rules, by bisection with proof."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.ruled_problem import Row, RuledProblem
from evenhand.assignment.rules.solve_rules import RuledOutcome, solve_rules

PROBE = 2.0
"""Upper limit in seconds on the look for a plan at one value."""

FINENESS = 1e-3
"""Width of the bracket at which the bisection ends, relative to the range of values."""

ANY_PLAN = 0.5
"""Relative gap at which a look for any plan ends; costs are 0 then, so that the first plan ends it."""


Look = Callable[[RuledProblem], tuple[NDArray[np.intp] | None, bool]]
"""Looks for a plan of units; returns it, None if it knows none, and whether it is proven that there is none. It raises
`KeyboardInterrupt` after Ctrl-C."""


@dataclass(frozen=True, eq=False)
class Dial:
    """The value of one rule of a problem: a member's parameter, or what all least or all most loads are shifted by.

    Attributes
    ----------
    problem
        The problem with the rule as it was asked.
    number
        Position of the rule.
    what
        ``parameter``, ``least`` or ``most``.
    """

    problem: RuledProblem
    number: int
    what: str

    @property
    def row(self) -> Row:
        """The rule as it was asked."""
        return self.problem.rows[self.number]

    @property
    def name(self) -> str:
        """Name of what is turned, such as ``jain`` or ``least``."""
        fairness = self.row.fairness
        return self.what if fairness is None else str(getattr(fairness, "parameter_name", fairness.name))

    @property
    def asked(self) -> float:
        """The value that was asked: the parameter, the largest least load, or the smallest most."""
        if self.row.fairness is not None:
            return self.row.fairness.parameter
        limits = getattr(self.row, self.what)
        limits = limits[np.isfinite(limits)]
        return float(limits.max() if self.what == "least" else limits.min())

    @property
    def loosest(self) -> float:
        """A value that every plan keeps."""
        if self.row.fairness is not None:
            return self.row.fairness.parameter_range(len(self.row.counted))[0]
        if self.what == "least":
            return 0.0
        ceiling = float((np.where(self.problem.allowed, self.row.burden, 0.0).sum(axis=1) + self.row.carried).max())
        return self.asked + max(0.0, ceiling)

    @property
    def strictest(self) -> float:
        """The value that only equal loads keep; for limits, the one that was asked."""
        if self.row.fairness is not None:
            return self.row.fairness.parameter_range(len(self.row.counted))[1]
        return self.asked

    @property
    def whole(self) -> bool:
        """Whether only whole numbers matter: limits on loads that are whole numbers."""
        row = self.row
        values = np.append(np.where(self.problem.allowed, row.burden, 0.0), [*row.carried, self.asked])
        return row.fairness is None and bool((values == np.floor(values)).all())

    def at(self, value: float) -> RuledProblem:
        """Return the problem with another value of the rule."""
        row = self.row
        if row.fairness is not None:
            changed = replace(row, fairness=row.fairness.with_parameter(value))
        elif self.what == "least":
            changed = replace(row, least=np.where(np.isfinite(row.least), row.least - (self.asked - value), -np.inf))
        else:
            changed = replace(row, most=np.where(np.isfinite(row.most), row.most + (value - self.asked), np.inf))
        rows = tuple(changed if k == self.number else other for k, other in enumerate(self.problem.rows))
        return replace(self.problem, rows=rows)

    def reached_by(self, plan: NDArray[np.integer[Any]]) -> float:
        """Return the strictest value that a plan of units keeps."""
        row = self.row
        loads = row.loads_of(plan)
        if row.fairness is not None:
            return float(row.fairness.level(loads[row.counted]))
        if self.what == "least":
            asked = np.isfinite(row.least)
            return self.asked - max(0.0, float((row.least - loads)[asked].max()))
        asked = np.isfinite(row.most)
        return self.asked + max(0.0, float((loads - row.most)[asked].max()))


@dataclass(frozen=True, eq=False)
class Turned:
    """The bracket of a rule's value beside all other rules.

    Attributes
    ----------
    reached
        Strictest value of a known plan; None if no plan is known at any value.
    refuted
        A stricter value that is proven impossible; None if there is none.
    plan
        The known plan, of units, shape (u, k).
    interrupted
        Whether Ctrl-C ended the bisection.
    """

    reached: float | None
    refuted: float | None
    plan: NDArray[np.intp] | None
    interrupted: bool = False


def turned(dial: Dial, loose: float, strict: float, *, look: Look, refuted: bool, clock: Clock) -> Turned:
    """Return how far a rule can be kept beside the others.

    Parameters
    ----------
    dial
        The rule.
    loose, strict
        The loosest and the strictest value of interest.
    look
        Function that looks for a plan of a problem; see :func:`any_plan`.
    refuted
        Whether `strict` is already known to be impossible.
    clock
        Time limit of the bisection.
    """
    sign = 1.0 if strict >= loose else -1.0
    try:
        best, impossible = look(dial.at(loose))
    except KeyboardInterrupt:
        return Turned(None, None, None, interrupted=True)
    if best is None:
        return Turned(None, loose if impossible else None, None)
    reached = _stricter(dial.reached_by(best), loose, sign)
    known = strict if refuted else None
    width = 1.0 if dial.whole else FINENESS * abs(strict - loose)
    close = True  # the plan that is known is often the best: then one proof ends it
    while not clock.expired and sign * ((strict if known is None else known) - reached) > (known is not None) * width:
        probe = strict if known is None else _between(reached, known, whole=dial.whole, sign=sign)
        if close and known is not None and not dial.whole:
            probe = reached + 0.5 * sign * width
        try:
            plan, impossible = look(dial.at(probe))
        except KeyboardInterrupt:
            return Turned(reached, known, best, interrupted=True)
        if plan is not None:
            best, reached = plan, _stricter(_stricter(dial.reached_by(plan), probe, sign), reached, sign)
            close = not close
        elif impossible:
            known = probe
        elif close and known is not None:
            close = False
        else:
            break
    return Turned(reached, known, best)


def _stricter(one: float, other: float, sign: float) -> float:
    return one if sign * one >= sign * other else other


def _between(reached: float, impossible: float, *, whole: bool, sign: float) -> float:
    middle = 0.5 * (reached + impossible)
    return middle if not whole else math.ceil(middle) if sign > 0 else math.floor(middle)


def any_plan(problem: RuledProblem, clock: Clock, seed: int) -> RuledOutcome:
    """Look for any plan that keeps all rules, or a proof that there is none."""
    free = replace(problem, costs=np.where(np.isfinite(problem.costs), 0.0, np.inf))
    return solve_rules(free, gap=ANY_PLAN, clock=_probe_of(clock), seed=seed)


def _undisturbed(outcome: RuledOutcome) -> RuledOutcome:
    """Return an outcome; raise `KeyboardInterrupt` if that is what ended it, for whoever looks again and again."""
    if outcome.interrupted:
        raise KeyboardInterrupt
    return outcome


def looks_for_any(clock: Clock, seed: int) -> Look:
    """Return a look for any plan, whatever it costs."""

    def look(problem: RuledProblem) -> tuple[NDArray[np.intp] | None, bool]:
        outcome = _undisturbed(any_plan(problem, clock, seed))
        return outcome.plan, outcome.status == "infeasible"

    return look


def looks_within(budget: float, gap: float, clock: Clock, seed: int) -> Look:
    """Return a look for a plan that costs at most `budget`, of costs to be minimised."""

    def look(problem: RuledProblem) -> tuple[NDArray[np.intp] | None, bool]:
        outcome = _undisturbed(solve_rules(problem, gap=gap, clock=_probe_of(clock), seed=seed))
        plan = outcome.plan
        if plan is not None and problem.cost_of(plan) > budget:
            plan = None
        return plan, outcome.status == "infeasible" or outcome.bound > budget

    return look


def at_most(clock: Clock, share: float, seconds: float) -> Clock:
    """Return a clock for a `share` of the limit, or for some seconds if that is less or there is no limit."""
    return Clock(seconds, None) if clock.affords(seconds / share) else clock.within(share)


def _probe_of(clock: Clock) -> Clock:
    """Return a clock for one look: the rest of the limit, at most :data:`PROBE` seconds."""
    return Clock(PROBE, None) if clock.affords(PROBE) else clock


def without(problem: RuledProblem, gone: Sequence[int]) -> RuledProblem:
    """Return the problem without some of its rules, by position."""
    return replace(problem, rows=tuple(row for k, row in enumerate(problem.rows) if k not in gone))
