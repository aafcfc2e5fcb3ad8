"""Check the field `attainable` of an answer: the parameters that it says are possible and impossible.

An infeasible answer says what is possible instead; the answer to a request for the fairest says that nothing is fairer.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.case import Case
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector
from evenhand.assignment.exact import exact_loads, exact_sum, lagrangian_bound
from evenhand.assignment.question_to_verify import describe
from evenhand.assignment.recount import TOLERANCE, Findings, same_measure
from evenhand.assignment.stated_answer import Stated, StatedBracket
from evenhand.errors import InputError
from evenhand.fairness import Fairness


def check_bracket(case: Case, stated: Stated, found: Findings) -> None:
    """Check both ends of the stated `attainable`, if the answer has one."""
    bracket = stated.attainable
    if bracket is None:
        return
    if bracket.fairness != stated.fairness.name:
        found.reasons.append(f"attainable is about {bracket.fairness!r}; asked is {stated.fairness.name!r}")
        return
    try:
        members = {
            name: None if value is None else stated.fairness.with_parameter(value)
            for name, value in bracket.parameters().items()
        }
    except InputError as error:
        found.reasons.append(f"attainable holds no parameters of the measure: {error}")
        return
    _check_order(stated, bracket, len(case.agents), found)
    _check_reached(case, stated, bracket, members, found)
    refuted, certified = members["refuted"], members["certified"]
    if refuted is not None:
        _check_refuted(case, stated, bracket, refuted, found)
    if certified is not None:
        _check_certified(case, bracket, certified, found)


def _check_order(stated: Stated, bracket: StatedBracket, n: int, found: Findings) -> None:
    """Check that the reached parameter is looser than the one asked for, and looser than the refuted one."""
    vacuous, equality = stated.fairness.parameter_range(n)
    sign = 1.0 if equality > vacuous else -1.0
    asked, reached = sign * stated.fairness.parameter, sign * bracket.reached
    infeasible = stated.status == "infeasible"
    if infeasible and reached >= asked:
        found.reasons.append(f"attainable reaches {bracket.reached}, which meets what is said to be infeasible")
    if not infeasible and reached < asked:
        found.reasons.append(f"attainable reaches {bracket.reached}, which is looser than the level of the answer")
    if (bracket.refuted is None) != (bracket.impossible is None):
        found.reasons.append("attainable states one of refuted and impossible without the other")
    elif bracket.refuted is not None and bracket.impossible is not None:
        if sign * bracket.refuted <= reached:
            found.reasons.append(f"attainable refutes {bracket.refuted}, which is no stricter than what it reaches")
        if bracket.certified is not None and sign * bracket.certified < sign * bracket.refuted:
            found.reasons.append(f"attainable certifies {bracket.certified}, which is looser than what it refutes")
        if sign * float(bracket.impossible) < sign * bracket.refuted:
            found.reasons.append(
                f"attainable calls {bracket.impossible} impossible, which is looser than the refuted {bracket.refuted}"
            )


def _check_reached(
    case: Case, stated: Stated, bracket: StatedBracket, members: dict[str, Fairness | None], found: Findings
) -> None:
    reached, possible = members["reached"], members["possible"]
    assert reached is not None
    if bracket.assignment is None:
        found.on_trust.append(f"that {describe(reached)} is possible: the answer has no assignment that shows it")
        return
    wrong = case.misplaced(bracket.assignment)
    if wrong:
        found.reasons.append(f"in attainable, {wrong}")
        return
    loads = exact_loads(case.burdens, case.initial_loads, bracket.assignment)
    _check_budget(case, stated, bracket, found)
    if stated.status == "infeasible" and stated.fairness.exact_contains(loads, TOLERANCE):
        found.reasons.append("the assignment in attainable is as fair as was asked: nothing is infeasible")
    level = float(stated.fairness.level(np.array([float(load) for load in loads])))
    if not same_measure(bracket.reached, level):
        found.reasons.append(f"attainable reaches {bracket.reached}; its assignment reaches {level}")
    elif possible is not None and not possible.exact_contains(loads, TOLERANCE):
        found.reasons.append(f"attainable calls {bracket.possible} possible; its assignment reaches {level}")
    elif reached.exact_contains(loads, TOLERANCE):
        instead = "what is possible instead" if stated.status == "infeasible" else "what is possible"
        found.proven.append(f"{instead}: {describe(reached)}, by the assignment in the answer")
    else:
        found.on_trust.append(f"that {describe(reached)} is possible, to the last of its digits")


def _check_budget(case: Case, stated: Stated, bracket: StatedBracket, found: Findings) -> None:
    """Check that the assignment of the bracket, and the plan, cost no more than the stated budget."""
    if bracket.budget is None or bracket.assignment is None:
        return
    budget = case.in_user_sign(Fraction(bracket.budget))
    allowed = budget + TOLERANCE * abs(budget)
    for whose, assignment in (("the plan", stated.assignment), ("the assignment in attainable", bracket.assignment)):
        if assignment is not None and exact_sum(case.costs[assignment, np.arange(len(assignment))]) > allowed:
            found.reasons.append(f"{whose} goes beyond the budget of {bracket.budget}")


def _check_certified(case: Case, bracket: StatedBracket, certified: Fairness, found: Findings) -> None:
    """Check the proof that a level is impossible, or costs more than the budget."""
    within = "" if bracket.budget is None else " within the budget"
    if bracket.certificate is None:
        found.reasons.append("attainable calls a level certified without a certificate")
    elif _refutes(case, bracket.certificate, certified, bracket.budget):
        found.proven.append(f"nothing is as fair as {describe(certified)}{within}")
    else:
        found.reasons.append(
            f"the certificate in attainable does not prove that nothing is {describe(certified)}{within}"
        )


def _check_refuted(case: Case, stated: Stated, bracket: StatedBracket, refuted: Fairness, found: Findings) -> None:
    """Check that the refuted level is impossible or costs more than the budget, as far as a certificate proves it."""
    within = "" if bracket.budget is None else " within the budget"
    if bracket.certified == bracket.refuted:
        return
    certificate = stated.certificate
    if certificate is not None and certificate.kind == "infeasible" and _refutes(case, certificate, refuted, None):
        found.proven.append(f"nothing is as fair as {describe(refuted)} either")
    else:
        found.on_trust.append(f"that nothing is as fair as {describe(refuted)}{within}: the search's word")


def _refutes(case: Case, certificate: Certificate, member: Fairness, budget: float | None) -> bool:
    """Return whether a certificate proves that nothing meets `member`, or only what costs more than the budget."""
    try:
        dual = dual_vector(member, certificate, len(case.agents))
    except DualVectorError:
        dual = [Fraction(0)] * len(case.agents)
    if lagrangian_bound(None, case.burdens, case.initial_loads, case.allowed, dual) > 0:
        return True
    if budget is None:
        return False
    least = lagrangian_bound(case.costs, case.burdens, case.initial_loads, case.allowed, dual)
    return least > case.in_user_sign(Fraction(budget))
