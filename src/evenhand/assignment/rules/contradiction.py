"""Which rules cannot be kept together, none of which can be spared, and the nearest that could be kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.rules.dial import Dial, any_plan, at_most, looks_for_any, turned, without
from evenhand.assignment.rules.ruled_assignment import Nearest
from evenhand.assignment.rules.ruled_certificate import RowMultipliers, RuledCertificate
from evenhand.assignment.rules.ruled_problem import Row, RuledProblem

ALONE, SHARE = 0.5, 0.06
"""Upper limits on the time for which a rule alone is looked at: seconds, and the share of what is left."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Rules that cannot be kept together.

    Attributes
    ----------
    numbers
        Positions of the rules, ascending; empty if the plan is impossible without any rule.
    certificate
        The proof for them, with multipliers for all rows, those of other rules zero; None if there is none.
    irreducible
        Whether a plan is known that keeps all of them but one, whichever that is.
    """

    numbers: tuple[int, ...]
    certificate: RuledCertificate | None
    irreducible: bool


def contradicting(
    problem: RuledProblem, certificate: RuledCertificate | None, clock: Clock, seed: int
) -> Contradiction:
    """Return rules of an infeasible problem that contradict each other, and a certificate of these alone.

    A rule that cannot be kept even alone is the clearest answer, and is looked for first, best with a certificate. Then
    comes a deletion filter: a rule is spared if the others are proven infeasible without it. What is left is
    irreducible, unless the clock stopped it or the search could not decide.

    Parameters
    ----------
    problem
        A problem that is proven infeasible.
    certificate
        The proof, if there is one besides the search.
    clock, seed
        Time limit and seed of the solves.
    """
    every = range(len(problem.rows))
    spared: set[int] = set()
    for number in every if len(every) > 1 else ():
        if clock.expired:
            break
        others = {other for other in every if other != number}
        outcome = any_plan(without(problem, sorted(others)), at_most(clock, SHARE, ALONE), seed)
        if outcome.interrupted:
            return Contradiction(tuple(every), certificate, irreducible=False)
        if outcome.status == "infeasible" and (not spared or outcome.certificate is not None):
            spared, certificate = others, _widened(problem, others, outcome.certificate)
            if certificate is not None:
                break
    needed: set[int] = set()
    for number in every:
        if number in spared:
            continue
        if clock.expired:
            break
        outcome = any_plan(without(problem, sorted({*spared, number})), clock, seed)
        if outcome.interrupted:
            break
        if outcome.status == "infeasible":
            spared.add(number)
            certificate = _widened(problem, spared, outcome.certificate)
        elif outcome.plan is not None:
            needed.add(number)
    named = tuple(number for number in every if number not in spared)
    return Contradiction(named, certificate, irreducible=needed.issuperset(named))


def _widened(problem: RuledProblem, spared: set[int], certificate: RuledCertificate | None) -> RuledCertificate | None:
    """Return the certificate of a problem without some rules as one of the whole problem."""
    if certificate is None:
        return None
    given = iter(certificate.rules)
    rules = tuple(_nothing(row) if number in spared else next(given) for number, row in enumerate(problem.rows))
    return RuledCertificate(certificate.kind, rules, certificate.exclusive)


def _nothing(row: Row) -> RowMultipliers:
    limits = np.zeros(len(row.carried) if row.fairness is None else 0)
    return RowMultipliers(np.zeros(0), np.zeros((0, len(row.counted))), limits, limits)


def nearest(problem: RuledProblem, numbers: tuple[int, ...], clock: Clock, seed: int) -> tuple[Nearest, ...]:
    """Return, for each of some rules that contradict each other, the nearest that can be kept beside all others."""
    found: list[Nearest] = []
    look = looks_for_any(clock, seed)
    for number in numbers:
        row = problem.rows[number]
        sides = (
            ["parameter"]
            if row.fairness is not None
            else [side for side in ("least", "most") if np.isfinite(getattr(row, side)).any()]
        )
        for side in sides:
            if clock.expired:
                return tuple(found)
            dial = Dial(problem, number, side)
            given = turned(dial, dial.loosest, dial.asked, look=look, refuted=True, clock=clock)
            if given.interrupted:
                return tuple(found)
            if given.reached is not None:
                found.append(Nearest(row.name, dial.name, dial.asked, given.reached, given.refuted))
    return tuple(found)
