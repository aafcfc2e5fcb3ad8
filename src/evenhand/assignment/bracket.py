"""Check the field `attainable` of an infeasible answer: the parameters that it says are possible and impossible."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from evenhand.assignment.case import Case
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector
from evenhand.assignment.exact import exact_loads, lagrangian_bound
from evenhand.assignment.question_to_verify import describe
from evenhand.assignment.recount import TOLERANCE, Findings, misplaced, same_measure
from evenhand.assignment.stated_answer import Stated, StatedBracket
from evenhand.errors import InputError
from evenhand.fairness import Fairness


def check_bracket(case: Case, stated: Stated, found: Findings) -> None:
    """Check both ends of the stated `attainable`, if the answer has one."""
    bracket = stated.attainable
    if bracket is None:
        return
    if stated.status != "infeasible":
        found.reasons.append(f"the status is {stated.status!r}, yet attainable says what is possible instead")
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
    refuted = members["refuted"]
    if refuted is not None:
        _check_refuted(case, stated, refuted, found)


def _check_order(stated: Stated, bracket: StatedBracket, n: int, found: Findings) -> None:
    """Check that the reached parameter is looser than the one asked for, and looser than the refuted one."""
    vacuous, equality = stated.fairness.parameter_range(n)
    sign = 1.0 if equality > vacuous else -1.0
    asked, reached = sign * stated.fairness.parameter, sign * bracket.reached
    if reached >= asked:
        found.reasons.append(f"attainable reaches {bracket.reached}, which meets what is said to be infeasible")
    if (bracket.refuted is None) != (bracket.impossible is None):
        found.reasons.append("attainable states one of refuted and impossible without the other")
    elif bracket.refuted is not None and bracket.impossible is not None:
        if sign * bracket.refuted <= reached:
            found.reasons.append(f"attainable refutes {bracket.refuted}, which is no stricter than what it reaches")
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
    wrong = misplaced(case, bracket.assignment)
    if wrong:
        found.reasons.append(f"in attainable, {wrong}")
        return
    loads = exact_loads(case.burdens, case.initial_loads, bracket.assignment)
    if stated.fairness.exact_contains(loads, TOLERANCE):
        found.reasons.append("the assignment in attainable is as fair as was asked: nothing is infeasible")
    level = float(stated.fairness.level(np.array([float(load) for load in loads])))
    if not same_measure(bracket.reached, level):
        found.reasons.append(f"attainable reaches {bracket.reached}; its assignment reaches {level}")
    elif possible is not None and not possible.exact_contains(loads, TOLERANCE):
        found.reasons.append(f"attainable calls {bracket.possible} possible; its assignment reaches {level}")
    elif reached.exact_contains(loads, TOLERANCE):
        found.proven.append(f"what is possible instead: {describe(reached)}, by the assignment in the answer")
    else:
        found.on_trust.append(f"that {describe(reached)} is possible, to the last of its digits")


def _check_refuted(case: Case, stated: Stated, refuted: Fairness, found: Findings) -> None:
    certificate = stated.certificate
    if certificate is not None and certificate.kind == "infeasible":
        try:
            dual = dual_vector(refuted, certificate, len(case.agents))
        except DualVectorError:
            dual = [Fraction(0)] * len(case.agents)
        if lagrangian_bound(None, case.burdens, case.initial_loads, case.allowed, dual) > 0:
            found.proven.append(f"nothing is as fair as {describe(refuted)} either")
            return
    found.on_trust.append(f"that nothing is as fair as {describe(refuted)}: the search's word")
