"""The strictest parameter of a fairness member that any assignment meets, bracketed by bisection with proofs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.assignment_result import Assignment, Attainable, Certificate
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.certificate import certificate_of_table
from evenhand.assignment.evened import evened
from evenhand.assignment.groups import steps_of
from evenhand.assignment.load_lattice import SURELY, LoadLattice
from evenhand.assignment.named_agents import check_fairness, named_entitlements
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock, OutOfTimeError, Progress
from evenhand.assignment.rules.max_epsilon_beside import max_epsilon_beside
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.solve_assignment import prepare, solve
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.fairness.suggestion import impossible_text, possible_text
from evenhand.number_checks import check_time_limit
from evenhand.tables import as_table

PROBE_NODES = 4_000
"""Upper limit on the nodes of one probe: a number instead of seconds, so that every machine finds the same bracket."""

PATIENCE = 5
"""Number of undecided probes after which a round of bisection ends."""

RESOLUTION = 1e-6
"""Width of the bracket at which bisection stops, relative to the parameter's range."""

CLIMB = 0.75
"""Part of the way to equality that each step of the first search goes."""

CERTIFYING = 16
"""Number of levels at which a certificate is looked for that refutes more than the search alone did."""

BUDGET_GAP = 1e-5
"""Relative gap of a probe that asks whether a level can be had within a budget."""

BEYOND_TOLERANCE = 2.0**-26
"""Distance between two parameters, relative to the parameter's range, that the tolerances of fairness do not bridge."""


def max_epsilon(
    costs: Any,
    p: float = 2,
    *,
    burdens: Any = None,
    entitlements: ArrayLike | Mapping[str, float] | None = None,
    time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    rules: Sequence[Rule | Limits] | None = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
) -> Attainable:
    """Find the largest epsilon for which some assignment is (epsilon, p)-fair, whatever it costs.

    Parameters
    ----------
    costs, burdens, initial_loads, locked, time_limit, progress
        As for :func:`~evenhand.assignment.assign`. Costs matter only if they forbid pairs or are also the burdens.
    p
        Order, in [2, inf].
    entitlements
        Share that each agent is entitled to, length n or by name; None if all are equal.
    rules, needs, together, times, conflicts
        What else the assignment must keep, as for :func:`~evenhand.assignment.assign`.

    Returns
    -------
    Attainable
        ``reached`` is met by ``assignment``, and ``refuted`` is proven impossible (None if even equality is not
        refuted). The true maximum lies between them. Finding all of its digits is a number-partitioning problem, so
        that each probe has a limited budget.

    Raises
    ------
    InputError
        If a value cannot be used, or no plan keeps the rules.
    """
    clock = Clock(time_limit, progress)
    beside = {"rules": rules, "needs": needs, "together": together, "times": times, "conflicts": conflicts}
    if any(given is not None for given in beside.values()):
        own = {"burdens": burdens, "initial_loads": initial_loads, "locked": locked, **beside}
        return max_epsilon_beside(as_table(costs, copy=False), p, entitlements, clock, own)
    problem = build_problem(costs, burdens, initial_loads, locked)
    fairness = EpsilonFairness(0.0, p, entitlements=named_entitlements(entitlements, problem.agents))
    check_fairness(fairness, problem.agents)
    check_time_limit(time_limit)
    prepare(progress, clock)
    return strictest(problem, fairness, clock=clock)


def strictest(
    problem: Problem,
    fairness: Fairness,
    *,
    clock: Clock,
    refuted: float | None = None,
    budget: float = np.inf,
    known: NDArray[np.intp] | None = None,
) -> Attainable:
    """Bracket the strictest parameter of `fairness` that an assignment of cost at most `budget` meets.

    `refuted` is known to be impossible, and the assignment `known` to be possible.
    """
    bracket = _Bracket(problem, fairness, clock, budget)
    bracket.refuted = refuted
    if known is not None:
        bracket.reach(known)
    cheapest = problem.cheapest
    bracket.reach(cheapest)
    if known is None or not clock.expired:
        bracket.reach(evened(problem, fairness.with_parameter(bracket.strictest), cheapest, clock.grace()))
    with contextlib.suppress(OutOfTimeError):
        bracket.narrow()
        if refuted is None:  # otherwise an infeasible answer has the proof
            bracket.certify()
    return bracket.answer()


class _Bracket:
    """The state of the bisection: a parameter that is reached, one that is refuted, and probes between them."""

    def __init__(self, problem: Problem, fairness: Fairness, clock: Clock, budget: float) -> None:
        self._problem = problem
        self._budget = budget
        self._certified: tuple[float, Certificate] | None = None
        self._fairness = fairness
        self._clock = clock
        self.loosest, self.strictest = fairness.parameter_range(len(problem.agents))
        self.reached = self.loosest
        self.refuted: float | None = None
        self.assignment: NDArray[np.intp] | None = None
        self.interrupted = False
        self.undecided = 0
        self._undecided_at: float | None = None
        self.meeting = False

    @cached_property
    def _probed(self) -> Problem:
        """The problem whose assignments are looked for: with costs of zero, unless there is a limit on the cost.

        Without one, every fair assignment will do, and among costs of zero it is optimal.
        """
        if self._budget < np.inf:
            return self._problem
        self._clock.check()
        return _without_costs(self._problem)

    def narrow(self) -> None:
        """Narrow the bracket until it is decided, or the clock expires.

        Raises
        ------
        OutOfTimeError
            If the clock expires before or within a step that looks at the whole table.
        """
        self.count()
        self.climb()
        self.meeting = all(step > 0.0 for step in steps_of(self._problem, self._clock))
        for nodes in (0, PROBE_NODES):  # bisect first with relaxations alone, which are cheap, and then with trees
            if self.interrupted or self._clock.expired:
                break
            if self.refuted is None:
                self.probe(self.strictest, nodes)
            while not (self.decided or self.undecided > PATIENCE or self.interrupted or self._clock.expired):
                if nodes and self.meeting:
                    self.meet(nodes)
                else:
                    self.probe(self.middle, nodes)
            self.forget_undecided()

    @property
    def _ceiling(self) -> float:
        """The least strict parameter above `reached` that is refuted, or that a probe left undecided."""
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
        """The next parameter to probe: half-way between `reached` and the ceiling."""
        return 0.5 * (self.reached + self._ceiling)

    def meet(self, nodes: int) -> None:
        """Ask whether anything is stricter than what is reached: on a lattice, few levels are left, and the ends meet.

        If that cannot be decided, bisection goes on.
        """
        self.probe(self._beyond(self.reached), nodes)
        if self._undecided_at is not None:
            self.meeting = False
            self.forget_undecided()

    def _beyond(self, parameter: float) -> float:
        """Return a parameter stricter than `parameter`, which is a level that is met, by more than all tolerances."""
        distance = BEYOND_TOLERANCE * abs(self.strictest - self.loosest)
        if abs(self.strictest - parameter) <= distance:
            return self.strictest
        return parameter + float(np.copysign(distance, self.strictest - self.loosest))

    def count(self) -> None:
        """Start from the fairest load vector, where loads are multiples of a step with a known total."""
        lattice = LoadLattice.of(self._problem, self._clock)
        fairest = None if lattice is None else lattice.fairest(self._fairness.with_parameter(self.loosest))
        if fairest is None:
            return
        level = float(self._fairness.level(fairest))
        if level == self.strictest:
            return
        stricter = self._beyond(level)
        if not self._fairness.with_parameter(stricter).contains(fairest, SURELY) and (
            self.refuted is None or self._stricter(self.refuted, stricter)
        ):
            self.refuted = stricter
        if not (self.decided or self._clock.expired):
            self.probe(level, PROBE_NODES)

    def climb(self) -> None:
        """Approach equality by steps that leave a constant part of the way, as long as an assignment is found.

        With its true costs, the problem is the one that the search is made for, and what it finds is cheap, too; among
        costs of zero it finds more at the strictest levels.
        """
        kinds = [lambda: self._problem]
        if self._budget == np.inf:
            kinds.append(lambda: self._probed)
        while kinds and not (self.decided or self.interrupted or self._clock.expired):
            step = self._fairness.with_parameter(self.reached + CLIMB * (self._ceiling - self.reached))
            before = self.reached
            answer, _ = solve(kinds[0](), step, gap=1.0, clock=self._clock, node_limit=PROBE_NODES, certify=False)
            self.interrupted = answer.interrupted
            found = answer.assignment
            fair = found is not None and self.reach(found)
            if not (fair and abs(self.reached - before) > RESOLUTION * abs(self.strictest - self.loosest)):
                kinds.pop(0)

    def forget_undecided(self) -> None:
        """Let the next round probe again the parameters that this one left undecided."""
        self.undecided, self._undecided_at = 0, None

    def reach(self, assignment: NDArray[np.intp]) -> bool:
        """Record the parameter that `assignment` meets; return whether it is stricter than what was reached before.

        An assignment beyond the budget does not count.
        """
        if self._budget < np.inf and self._problem.cost_of(assignment) > self._budget:
            return False
        level = float(self._fairness.level(self._problem.loads_of(assignment)))
        progress = self._stricter(level, self.reached)
        if progress or self.assignment is None:
            self.reached, self.assignment = level, assignment
        if self._undecided_at is not None and not self._stricter(self._undecided_at, self.reached):
            self._undecided_at = None  # decided by now, because a stricter parameter is reached
        return progress

    def answer(self) -> Attainable:
        """Return the bracket, with the texts of its ends."""
        fairness, n = self._fairness, len(self._problem.agents)
        assert self.assignment is not None
        return Attainable(
            fairness.name,
            self.reached,
            self.refuted,
            self.assignment,
            self.interrupted,
            budget=None if self._budget == np.inf else self._problem.in_user_sign(self._budget),
            certified=None if self._certified is None else self._certified[0],
            certificate=None if self._certified is None else self._certified[1],
            possible=possible_text(fairness, self._problem.loads_of(self.assignment)),
            impossible=None if self.refuted is None else impossible_text(fairness, self.refuted, n),
        )

    def _stricter(self, one: float, other: float) -> bool:
        return one > other if self.strictest > self.loosest else one < other

    def probe(self, parameter: float, nodes: int) -> None:
        """Try to decide whether an assignment meets `parameter`, with the relaxation and at most `nodes` nodes."""
        member = self._fairness.with_parameter(parameter)
        gap = 0.5 if self._budget == np.inf else BUDGET_GAP
        answer, _ = solve(self._probed, member, gap=gap, clock=self._clock, node_limit=nodes, certify=False)
        self.interrupted = answer.interrupted
        found = answer.assignment
        if found is not None and self.reach(found):
            return
        if self._problem.in_user_sign(answer.bound) > self._budget or answer.status == "infeasible":
            self.refuted = parameter
        else:
            self.undecided += 1
            self._undecided_at = parameter

    def certify(self) -> None:
        """Look for the loosest level that a certificate alone refutes; the search may have refuted a looser one."""
        if self.refuted is None or (self._certified is not None and self._certified[0] == self.refuted):
            return
        open_, shut = self.refuted, self.strictest if self._certified is None else self._certified[0]
        for k in range(CERTIFYING):
            if self.interrupted or self._clock.expired:
                return
            # The strictest level first: if that is not refuted, none is.
            level = shut if k == 0 and self._certified is None else 0.5 * (open_ + shut)
            member = self._fairness.with_parameter(level)
            answer, _ = solve(self._probed, member, gap=1.0, clock=self._clock, node_limit=0)
            self.interrupted = answer.interrupted
            if self._note_proof(member, answer):
                shut = level
            elif self._certified is None:
                return
            else:
                open_ = level

    def _note_proof(self, member: Fairness, answer: Assignment) -> bool:
        """Keep a certificate that alone proves `member` impossible or beyond the budget; return whether it is kept."""
        certificate = answer.certificate
        if certificate is None:
            return False
        if certificate.kind != "infeasible":
            parts = (certificate.multipliers, certificate.points)
            if not certificate_of_table(self._probed, member, *parts, self._clock)[1] > self._budget:
                return False
        self._certified = member.parameter, certificate
        return True


def _without_costs(problem: Problem) -> Problem:
    """Return the same problem with costs of zero, in which every fair assignment is optimal."""
    return replace(problem, costs=np.where(np.isfinite(problem.costs), 0.0, np.inf))
