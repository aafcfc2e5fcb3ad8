"""Verify an answer without the solver: exact sums, the certificate's bound, and the claims that neither proves."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.assignment_result import Assignment
from evenhand.assignment.bracket import check_bracket
from evenhand.assignment.candidate_case import read_candidate_case
from evenhand.assignment.candidates.build_several import large_list, listed_problem
from evenhand.assignment.candidates.verify_several import verify_several
from evenhand.assignment.case import Case, read_case
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector
from evenhand.assignment.changes_in_words import limit_in_words
from evenhand.assignment.changes_to_verify import check_changes, read_before, surcharge_of
from evenhand.assignment.gaps import check_bound, check_proof, note_tolerance, slack_of
from evenhand.assignment.named_agents import named_entitlements
from evenhand.assignment.names import check_names
from evenhand.assignment.proof_file import TreeProof
from evenhand.assignment.question_to_verify import (
    Question,
    asked_in_full,
    describe,
    made_otherwise,
    mismatches,
    read_question,
)
from evenhand.assignment.recount import Findings, check_assignment, check_nothing_found, concluded
from evenhand.assignment.rules.problem_of import problem_of
from evenhand.assignment.rules.rule import Limits, Rule
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.rules.stated_rules import is_ruled
from evenhand.assignment.rules.verify_rules import verify_rules
from evenhand.assignment.stated_answer import Stated, maximises, read_stated
from evenhand.assignment.verdict import Verdict
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import with_entitlements
from evenhand.tables import as_table
from evenhand.tables.candidate_table import as_candidates


def verify(
    costs: Any,
    assignment: Assignment | RuledAssignment | Mapping[str, Any],
    *,
    fairness: Fairness | None = None,
    entitlements: ArrayLike | Mapping[str, float] | None = None,
    max_gap: float | None = None,
    maximise: bool | None = None,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    proof: TreeProof | str | os.PathLike[str] | None = None,
    before: Assignment | Mapping[str, Any] | None = None,
    change_at_most: int | None = None,
    rules: Sequence[Rule | Limits] | None = None,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] | None = None,
    times: Any = None,
    conflicts: Any = None,
) -> Verdict:
    r"""Verify an answer against its tables and the question, trusting neither the solver nor the answer's own numbers.

    Cost and loads are summed in exact rational arithmetic, and fairness is decided by proof. The bound is recomputed
    from the certificate: with multipliers :math:`\mu_k \ge 0` and cuts :math:`a^k` at its points,
    :math:`v = \sum_k \mu_k a^k` has :math:`v \cdot x \ge 0` for every fair x, hence

    .. math:: \sum_j c_{a(j) j} \ge \sum_j (c_{a(j) j} - v_{a(j)} b_{a(j) j}) - v \cdot x^0
              \ge \sum_j \min_i (c_{ij} - v_i b_{ij}) - v \cdot x^0

    for every fair assignment a. With c = 0, a positive right-hand side proves that no assignment is fair, not even a
    fractional one. If at most K tasks may change hands, each that does is charged :math:`\lambda` more, the
    certificate's ``change_price``, and the bound falls by :math:`\lambda K`. All statements are about exactly fair
    loads. An assignment that is fair only within the relative tolerance 1e-9 may cost less than the bound, by at most
    about ``margins["tolerance"]``.

    :data:`evenhand.assignment.verified_fields.LEDGER` lists how each field of an answer is checked.

    Parameters
    ----------
    costs, burdens, initial_loads, locked
        The problem, as it was given to :func:`evenhand.assignment.assign`.
    assignment
        The answer, or the dictionary read from its JSON.
    fairness
        The fairness member asked for. An answer to another question is not verified. With None, the answer's own
        question counts, which `Verdict.asked` states in full.
    entitlements
        Share that each agent is entitled to, length n or by name, in any unit; needed only if `fairness` does not
        carry them. If `fairness` is given and neither has any, they are equal.
    max_gap
        Relative gap that must be proven; by default, the gap that the answer claims.
    maximise
        Whether the table holds profits; with None, whether the answer says so.
    proof
        The answer's tree proof, or its file: it proves the whole gap, or infeasibility, without the search. By default
        that of an :class:`Assignment` that carries one.
    before
        The answer that this one was updated from, or its JSON, to compare who had which task. By default, that is the
        answer's own word.
    change_at_most
        The limit on changes that was asked for; with None, the answer's own.
    rules, needs, together, times, conflicts
        The question under several rules, in full, as it was given to :func:`evenhand.assignment.assign`.

    Returns
    -------
    Verdict
        True in a condition if everything that is asked, or else claimed, is proven: the plan *and* its gap.

    Raises
    ------
    InputError
        If the problem or the question cannot be read, or the answer lacks a field, or a field has the wrong type,
        length or range.

    Examples
    --------
    >>> import evenhand
    >>> costs = [[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 5.0, 5.0]]
    >>> answer = evenhand.assign(costs, evenhand.EpsilonFairness(0.9))
    >>> evenhand.verify(costs, answer, fairness=evenhand.EpsilonFairness(0.9)).verified
    True
    >>> evenhand.verify(costs, answer, fairness=evenhand.EpsilonFairness(1.0)).reasons
    ('the answer is to another question: it states epsilon 0.9, p = 2, asked is epsilon 1, p = 2',)
    """
    beside = {"rules": rules, "needs": needs, "together": together, "times": times, "conflicts": conflicts}
    if (
        isinstance(assignment, RuledAssignment)
        or is_ruled(assignment)
        or any(given is not None for given in beside.values())
    ):
        for name, value in (("proof", proof), ("before", before), ("change_at_most", change_at_most)):
            if value is not None:
                raise InputError(f"{name}: an answer under several rules has none; leave it out")
        listed = large_list(costs, burdens, rules)
        agents = as_table(costs, copy=False).agents if listed is None else listed.agents
        shares = named_entitlements(entitlements, agents)
        if shares is not None and fairness is not None:
            fairness = with_entitlements(fairness, shares)
        own = {"fairness": fairness, "burdens": burdens, "initial_loads": initial_loads, "locked": locked}
        maximise = maximises(assignment) if maximise is None else maximise
        if listed is not None:
            problem = listed_problem(listed, **own, **beside, maximise=maximise)
            return verify_several(problem, assignment, max_gap=max_gap)
        return verify_rules(problem_of(costs, **own, **beside, maximise=maximise), assignment, max_gap=max_gap)
    listed = as_candidates(costs, burdens)
    tables: dict[str, Any] = {"initial_loads": initial_loads, "locked": locked, "maximise": maximises(assignment)}
    if listed is None or listed.is_small:
        case = read_case(costs, burdens=burdens, **tables)
    else:
        case = read_candidate_case(listed, **tables)
        if proof is not None or before is not None:
            raise InputError("a tree proof, or an answer before, needs a full table; leave it out")
    held = read_before(case, before, change_at_most)
    question = read_question(case, fairness, entitlements, max_gap, maximise, change_at_most)
    stated = read_stated(assignment, case.agents, case.tasks)
    try:
        return _verdict(case, stated, question, held, getattr(assignment, "proof", None) if proof is None else proof)
    except OverflowError as error:
        raise InputError(
            "the costs or burdens add up to more than a floating-point number holds; scale them"
        ) from error


def _verdict(
    case: Case,
    stated: Stated,
    question: Question,
    before: NDArray[np.intp] | None,
    proof: TreeProof | str | os.PathLike[str] | None,
) -> Verdict:
    asked = asked_in_full(case, stated, question)
    otherwise = made_otherwise(case, stated)
    if otherwise:
        return Verdict.refused(stated.status, asked, otherwise)
    found = Findings()
    found.reasons += mismatches(question, stated)
    found.on_trust += [f"the field {name!r} of the answer: it is not known, and was not read" for name in stated.unread]
    check_names(case, stated, found)
    check_changes(case, stated, question, before, found)
    dual = _dual_vector(case, stated, found)
    tree = None if proof is None else check_proof(case, stated, proof, found)
    bound: Fraction | None
    if stated.status == "infeasible":
        bound = _check_infeasible(case, stated, dual, found, proven=tree is not None)
    else:
        bound = case.bound(dual, surcharge_of(stated))
        note_tolerance(case, stated, dual, bound, found)
    if stated.assignment is not None:
        check_assignment(case, stated, stated.assignment, found)
    else:
        check_nothing_found(case, stated, found)
    if bound is not None:
        bound = check_bound(case, stated, bound, tree, question.max_gap, found)
    check_bracket(case, stated, found)
    return concluded(case, stated, bound, found, asked)


def _dual_vector(case: Case, stated: Stated, found: Findings) -> list[Fraction]:
    """Return the certificate's dual vector, length n; zeros if there is no usable certificate."""
    zero = [Fraction(0)] * len(case.agents)
    certificate = stated.certificate
    if certificate is None:
        return zero
    if certificate.change_price < 0:
        found.reasons.append("the price of changes in the certificate is negative: it proves nothing")
        return zero
    if certificate.kind == "infeasible" and stated.status != "infeasible":
        found.reasons.append(f"the certificate is of kind {certificate.kind!r}, the status is {stated.status!r}")
        return zero
    try:
        return dual_vector(stated.fairness, certificate, len(case.agents))
    except DualVectorError as error:
        found.reasons.append(str(error))
        return zero


def _check_infeasible(
    case: Case, stated: Stated, dual: Sequence[Fraction], found: Findings, *, proven: bool
) -> Fraction | None:
    """Check a claim of infeasibility; return None if it is proven, otherwise a lower bound on the cost.

    `proven` says whether a tree proof has shown it already.
    """
    if stated.assignment is not None:
        found.reasons.append("the status is 'infeasible', yet there is an assignment")
    if case.in_user_sign(stated.bound) != math.inf:
        found.reasons.append(f"the status is 'infeasible', yet the lower bound is {stated.bound:.9g}")
    if proven:
        return None
    certificate = stated.certificate
    if certificate is None or certificate.kind == "bound":
        why = "there is no certificate" if certificate is None else "the certificate only bounds the cost"
        found.unshown.append(f"infeasibility is not proven: {why}")
        found.search_only.append("the infeasibility rests on the search")
        return case.bound(dual, surcharge_of(stated))
    depth = case.bound(dual, surcharge_of(stated), costs=False)
    if depth > 0:
        surcharge = surcharge_of(stated)
        scale = sum((abs(v) * x for v, x in zip(dual, case.reach(), strict=True)), Fraction(0))
        scale += 0 if surcharge is None else surcharge.price * len(case.tasks)
        slack = slack_of(case, stated, dual)
        found.margins["infeasibility"] = float(depth / scale)
        found.margins["tolerance"] = float(slack / scale)
        few = "" if surcharge is None else f" with {limit_in_words(surcharge.free)}"
        found.proven.append(
            f"no assignment{few}, not even a fractional one, is exactly fair: {describe(stated.fairness)}"
        )
        if depth <= slack:
            found.search_only.append(
                "that no assignment is fair within the tolerance of 1e-9 alone rests on the search"
            )
        return None
    found.unshown.append("infeasibility is not proven: the certificate's margin is not positive")
    found.search_only.append("the infeasibility rests on the search")
    return case.bound([Fraction(0)] * len(dual))
