"""Verify what an answer says about the tasks that changed hands, and whether it kept to the limit on them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Assignment, Changes
from evenhand.assignment.case import Case
from evenhand.assignment.changes_in_words import limit_in_words
from evenhand.assignment.exact import Surcharge, exact_loads
from evenhand.assignment.previous_answer import Previous
from evenhand.assignment.question_to_verify import Question
from evenhand.assignment.recount import TOLERANCE, Findings
from evenhand.assignment.stated_answer import Stated
from evenhand.assignment.stated_changes import holder
from evenhand.number_checks import checked_whole


def read_before(
    case: Case, before: Assignment | Mapping[str, Any] | None, change_at_most: int | None
) -> NDArray[np.intp] | None:
    """Return who had each task in the answer `before`, shape (m,); None if none is given.

    Raises
    ------
    InputError
        If it is no answer about these tasks, or the limit is no whole number from 0.
    """
    if change_at_most is not None:
        checked_whole("change_at_most", change_at_most, 0, what="the number of tasks that may change hands")
    if before is None:
        return None
    return Previous.of(before, "the answer before").match(case.agents, case.tasks, case.named).before


def check_changes(
    case: Case, stated: Stated, question: Question, before: NDArray[np.intp] | None, found: Findings
) -> None:
    """Check limit, number and holders of the stated changes; `before` are the holders that the user gives."""
    changes = stated.changes
    if changes is None:
        if before is not None or question.change_at_most is not None:
            found.reasons.append(
                "the answer does not say what changed hands: it was made without an answer before; leave that out"
            )
        if stated.certificate is not None and stated.certificate.change_price:
            found.reasons.append("the certificate prices changes, yet the answer has no limit on them")
        return
    _compare(case, changes, question, before, found)
    if stated.assignment is not None:
        changed = int(changes.changed_by(stated.assignment).sum())
        if changes.changed != changed:
            found.reasons.append(f"the stated number of tasks that changed hands is {changes.changed}; it is {changed}")
        elif changes.at_most is not None and changed > changes.at_most:
            found.reasons.append(f"{changed} tasks changed hands; at most {changes.at_most} may")
        else:
            limit = "" if changes.at_most is None else f", of at most {changes.at_most}"
            found.proven.append(f"{changed} tasks changed hands{limit}")
    elif changes.changed is not None:
        found.reasons.append(f"there is no assignment, yet {changes.changed} tasks changed hands")
    _check_fewest(case, stated, changes, found)


def _compare(
    case: Case, changes: Changes, question: Question, before: NDArray[np.intp] | None, found: Findings
) -> None:
    asked = question.change_at_most
    if asked is not None and asked != changes.at_most:
        states = "no limit on changes" if changes.at_most is None else limit_in_words(changes.at_most)
        found.reasons.append(f"the answer is to another question: it states {states}, asked is at most {asked}")
    if before is None:
        found.on_trust.append("who had each task before is the answer's own word; give the answer before to compare it")
        return
    wrong = np.flatnonzero(before != changes.before)
    if wrong.size:
        task = int(wrong[0])
        ours, theirs = (holder(int(who[task]), case.agents) for who in (before, changes.before))
        found.reasons.append(f"before, task {case.tasks[task]} was with {ours}; the answer says with {theirs}")


def _check_fewest(case: Case, stated: Stated, changes: Changes, found: Findings) -> None:
    """Check the number of changes that is said to be possible instead, and the one that is said to be too few."""
    fewest = stated.fewest_changes
    if fewest is None or (fewest.reached is None and fewest.refuted is None):
        return
    if stated.status != "infeasible" or changes.at_most is None:
        found.reasons.append("changes say how many are needed, yet nothing is said to be infeasible for lack of them")
        return
    if fewest.refuted is not None and fewest.refuted < changes.at_most:
        found.reasons.append(f"changes refute {fewest.refuted}, fewer than the {changes.at_most} that may be made")
    elif fewest.refuted is not None:
        found.on_trust.append(f"that {fewest.refuted} changes are too few: the search's word beyond the certificate")
    if (fewest.reached is None) != (fewest.assignment is None):
        found.reasons.append("changes state one of a number that is reached and its assignment without the other")
    elif fewest.assignment is not None:
        changed = int(changes.changed_by(fewest.assignment).sum())
        wrong = case.misplaced(fewest.assignment)
        loads = exact_loads(np.where(case.possible, case.burdens, 0.0), case.initial_loads, fewest.assignment)
        if wrong:
            found.reasons.append(f"in changes, {wrong}")
        elif fewest.reached != changed or changed <= changes.at_most:
            found.reasons.append(f"changes reach {fewest.reached} with an assignment of {changed} changes")
        elif not stated.fairness.exact_contains(loads, TOLERANCE):
            found.reasons.append("the assignment in changes is not fair")
        else:
            found.proven.append(f"what is possible instead: {changed} changes, by the assignment in the answer")


def surcharge_of(stated: Stated) -> Surcharge | None:
    """Return what the certificate charges for changes; None if that is nothing."""
    certificate, changes = stated.certificate, stated.changes
    if certificate is None or changes is None or changes.at_most is None or certificate.change_price <= 0.0:
        return None
    return Surcharge(Fraction(certificate.change_price), changes.before, changes.at_most)
