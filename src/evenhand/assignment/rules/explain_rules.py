"""What each of several rules costs: the saving without it, and what a unit less of its burden would save."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.dial import without
from evenhand.assignment.rules.problem_of import problem_of
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.assignment.rules.shortage import tasks_in_words
from evenhand.assignment.rules.solve_rules import solve_rules
from evenhand.assignment.rules.stated_rules import read_stated_rules
from evenhand.assignment.rules.verify_rules import verify_rules
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.frames import Tabular

EXCLUSIONS = "tasks that exclude each other"
"""Name of what tasks at one time, or in conflict, cost together."""

NOISE = 1e-9
"""Price of a mean burden, relative to the largest of all rules, or a saving, relative to the cost, that counts as 0."""


@dataclass(frozen=True, slots=True)
class RulePrice:
    """What one rule costs.

    Attributes
    ----------
    rule
        Name of the rule.
    binds
        Whether the certificate needs it: without it, the bound would be lower.
    saving
        How much cheaper (with profits, how much better) a known plan without the rule is, at least 0; None if no plan
        without it was found in time.
    at_most
        No plan without the rule saves more; proven.
    prices
        What one unit of burden less would save, for each agent, shape (n,), by the certificate; negative where one more
        would. Zeros for tasks that exclude each other.
    detail
        Of tasks that exclude each other: those whose exclusion costs most by the certificate, in words.
    """

    rule: str
    binds: bool
    saving: float | None
    at_most: float
    prices: NDArray[np.float64]
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the prices as JSON values."""
        return {
            "rule": self.rule,
            "binds": self.binds,
            "saving": self.saving,
            "at_most": self.at_most if math.isfinite(self.at_most) else None,
            "prices": self.prices.tolist(),
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class RuledExplanation(Tabular):
    """What each rule of an answer costs.

    Attributes
    ----------
    cost
        Cost of the plan; with profits, what it brings.
    rules
        The rules in the order of the answer; behind them, :data:`EXCLUSIONS` if there are any.
    agents
        Names of the agents.
    maximise
        Whether the table holds profits.
    """

    cost: float
    rules: tuple[RulePrice, ...]
    agents: Sequence[str]
    maximise: bool = False

    @property
    def binding(self) -> tuple[str, ...]:
        """Names of the rules that the certificate needs."""
        return tuple(price.rule for price in self.rules if price.binds)

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON values."""
        return {
            "cost": self.cost,
            "maximise": self.maximise,
            "agents": list(self.agents),
            "binding": list(self.binding),
            "rules": [price.to_dict() for price in self.rules],
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one row per rule (rule, binds, saving, at_most)."""
        return [{key: getattr(one, key) for key in ("rule", "binds", "saving", "at_most")} for one in self.rules]


def explain_rules(
    costs: Any,
    answer: RuledAssignment | Mapping[str, Any],
    *,
    rules: Sequence[Rule | Limits] | None = None,
    fairness: Fairness | None = None,
    burdens: Any = None,
    initial_loads: Any = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
    gap: float = 1e-3,
    time_limit: float = 5.0,
    seed: int = 0,
) -> RuledExplanation:
    """Return what each rule of an answer costs: each is dropped in turn, and the others are kept.

    Parameters
    ----------
    costs, rules, fairness, burdens, initial_loads, needs, together, times, conflicts, locked, maximise
        The problem, as it was given to :func:`evenhand.assignment.assign`.
    answer
        The answer, or the dictionary read from its JSON.
    gap, seed
        Relative gap, and seed, of the plans without a rule.
    time_limit
        Seconds for all of them together.

    Raises
    ------
    InputError
        If the answer holds no plan, or is not one to this question.

    Examples
    --------
    >>> import evenhand
    >>> from evenhand.assignment import explain_rules
    >>> costs, rules = [[1, 2], [3, 5]], [evenhand.Limits("tasks", most=1)]
    >>> explanation = explain_rules(costs, evenhand.assign(costs, rules=rules), rules=rules)
    >>> explanation.binding, explanation.rules[0].saving
    (('tasks',), 2.0)
    """
    given: dict[str, Any] = {"fairness": fairness, "burdens": burdens, "initial_loads": initial_loads}
    given |= {"needs": needs, "together": together, "times": times, "conflicts": conflicts, "locked": locked}
    return explained(problem_of(costs, rules, **given, maximise=maximise), answer, gap, time_limit, seed)


def explained(problem: RuledProblem, answer: object, gap: float, time_limit: float, seed: int) -> RuledExplanation:
    """Return what each rule of an answer to a checked problem costs; see :func:`explain_rules`."""
    stated = read_stated_rules(answer, problem)
    verdict = verify_rules(problem, answer)
    if not verdict.verified or stated.cost is None:
        reason = verdict.reasons[0] if verdict.reasons else f"it is {stated.status!r} and holds no plan"
        raise InputError(f"the answer cannot be explained: {reason}")
    clock = Clock(time_limit, None)
    cost = float(problem.in_user_sign(stated.cost))
    units = unit_prices(problem, stated.certificate)
    parts = [(row.name, without(problem, [number])) for number, row in enumerate(problem.rows)]
    if problem.exclusive:
        parts.append((EXCLUSIONS, replace(problem, exclusive=(), visits=None)))
    found = []
    for number, (name, relaxed) in enumerate(parts):
        part = clock.within(1.0 / len(parts))
        outcome = solve_rules(relaxed, gap=gap, clock=part, seed=seed)
        dearer = None if outcome.plan is None else cost - problem.cost_of(outcome.plan)
        most = max(0.0, cost - float(outcome.bound))
        saving = None if dearer is None else max(0.0, dearer)
        if number == len(problem.rows):
            detail = _dearest(problem, stated)
            found.append(RulePrice(name, bool(detail), saving, most, np.zeros(len(problem.agents)), detail))
            continue
        binds = bool(np.abs(units[number]).max(initial=0.0) > 0.0)
        found.append(RulePrice(name, binds, saving, most, units[number]))
    return RuledExplanation(stated.cost, tuple(found), problem.agents, problem.maximise)


def _dearest(problem: RuledProblem, stated: Any) -> str:
    """Return the tasks whose exclusion has the largest multipliers, in words; empty if all are zero."""
    if stated.certificate is None:
        return ""
    prices = stated.certificate.exclusive.sum(axis=1)
    if not prices.max(initial=0.0) > NOISE * max(abs(stated.cost), 1e-300) / len(problem.tasks):
        return ""
    units = problem.exclusive[int(prices.argmax())]
    return tasks_in_words(problem, units)


def unit_prices(problem: RuledProblem, certificate: Any) -> list[NDArray[np.float64]]:
    """Return for each rule what a unit less of its burden saves, shape (n,): minus the prices of the certificate.

    Zeros if there is no certificate. Of a problem without `over` in its rules, for which the certificate was made.
    """
    n = len(problem.agents)
    if certificate is None:
        return [np.zeros(n) for _ in problem.rows]
    prices = [-given.prices(row) for given, row in zip(certificate.rules, problem.rows, strict=True)]
    sizes = [
        float(np.abs(price).max(initial=0.0)) * max(float(row.burden.mean()), 1e-300)
        for price, row in zip(prices, problem.rows, strict=True)
    ]
    largest = max(sizes, default=0.0)
    return [price if size > NOISE * largest else np.zeros(n) for price, size in zip(prices, sizes, strict=True)]
