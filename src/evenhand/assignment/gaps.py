"""Compare the bound and gap of an answer with what its certificate proves, and with the gap that the user asks for."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fractions import Fraction

from evenhand.assignment.case import Case
from evenhand.assignment.certificate_dual import tolerance_slack
from evenhand.assignment.changes_in_words import within_in_words
from evenhand.assignment.claims import Asked, Claims
from evenhand.assignment.exact import round_down
from evenhand.assignment.proof_file import TreeProof, follow
from evenhand.assignment.question_to_verify import describe
from evenhand.assignment.recount import TOLERANCE, Findings
from evenhand.assignment.stated_answer import Stated
from evenhand.errors import InputError


def check_proof(
    case: Case, stated: Stated, proof: TreeProof | str | os.PathLike[str], found: Findings
) -> Fraction | None:
    """Follow a tree proof of the answer; return the bound that it proves, inf as 0, and None if it proves nothing."""
    lower = case.in_user_sign(stated.bound)
    bound = None if stated.status == "infeasible" else lower
    try:
        nodes = follow(proof, case, stated.fairness, stated.assignment, bound)
    except InputError:
        raise
    except ValueError as error:
        found.reasons.append(f"the tree proof does not hold: {error}")
        return None
    if bound is None:
        found.proven.append(f"no assignment is exactly fair, by a tree of {nodes} nodes: {describe(stated.fairness)}")
        return Fraction(0)
    found.proven.append(f"the stated bound, by a tree of {nodes} nodes")
    return Fraction(lower)


def check_bound(
    case: Asked, stated: Claims, bound: Fraction, tree: Fraction | None, max_gap: float | None, found: Findings
) -> Fraction:
    """Compare the stated bound and gaps, and the gap asked for (`max_gap`), with what is proven; return that bound.

    Proven are the certificate's `bound` and that of a tree proof, `tree`, if there is one.
    """
    proven = bound if tree is None else max(bound, tree)
    beyond = "brings more" if case.maximise else "costs less"
    if stated.status != "infeasible":
        few = within_in_words(stated.changes)
        found.proven.append(
            f"no exactly fair assignment{few} {beyond} than {case.in_user_sign(round_down(proven)):.10g}"
        )
    if found.cost is not None:
        found.certified_gap = _gap(found.cost, bound)
        if found.cost < proven and found.fair:
            found.proven.append(f"the plan {beyond} than that: it is fair within the tolerance only")
    if stated.status == "infeasible":
        found.gap_proven = False
        return proven
    if found.cost is None or found.certified_gap is None:
        _check_without_plan(case, stated, proven, max_gap, found)
        return proven
    lower = Fraction(case.in_user_sign(stated.bound))
    if lower > found.cost + TOLERANCE * abs(found.cost):
        says = "upper bound {} is below the profit" if case.maximise else "lower bound {} is above the cost"
        found.reasons.append(f"the stated {says.format(stated.bound)} {float(case.in_user_sign(found.cost))}")
    gap = _gap(found.cost, lower)
    for name, value, ours in (("gap", stated.gap, gap), ("certified_gap", stated.certified_gap, found.certified_gap)):
        if value is None or abs(value - ours) > TOLERANCE * max(1.0, ours):
            found.reasons.append(f"the stated {name} is {value}; it should be {ours:.9g}")
    found.certified_gap = _gap(found.cost, proven)
    if found.certified_gap - gap > TOLERANCE:
        found.search_only.append(
            f"the gap of {gap:.2g} rests on the search; {_source(stated)} alone proves {found.certified_gap:.2g}"
        )
    found.claimed_gap = gap if max_gap is None else max_gap
    found.gap_proven = found.certified_gap - found.claimed_gap <= TOLERANCE
    return proven


def _check_without_plan(case: Asked, stated: Claims, bound: Fraction, max_gap: float | None, found: Findings) -> None:
    """Compare the stated bound of an answer without an assignment; without one, no gap asked for can be proven."""
    found.claimed_gap, found.gap_proven = max_gap, max_gap is None
    if Fraction(case.in_user_sign(stated.bound)) > bound + TOLERANCE * abs(bound):
        found.gap_proven = False
        found.search_only.append(
            f"the bound of {stated.bound:.10g} rests on the search; "
            f"{_source(stated)} alone proves {case.in_user_sign(round_down(bound)):.10g}"
        )


def _source(stated: Claims) -> str:
    return "the certificate" if stated.certificate is not None else "the cheapest agent of each task"


def note_tolerance(case: Case, stated: Stated, dual: Sequence[Fraction], bound: Fraction, found: Findings) -> None:
    """Record by how much an assignment that is fair only within the tolerance might cost less than `bound`."""
    if stated.certificate is not None and bound:
        found.margins["tolerance"] = float(slack_of(case, stated, dual) / abs(bound))


def slack_of(case: Case, stated: Stated, dual: Sequence[Fraction]) -> Fraction:
    """Return how far below zero v . x can be for loads fair only within the tolerance; 0 without a certificate."""
    certificate = stated.certificate
    if certificate is None:
        return Fraction(0)
    return tolerance_slack(stated.fairness, certificate, dual, sum(case.reach(), Fraction(0)))


def _gap(cost: Fraction, bound: Fraction) -> float:
    difference = cost - bound
    if difference <= 0:
        return 0.0
    return float(difference / abs(cost)) if cost else 1.0
