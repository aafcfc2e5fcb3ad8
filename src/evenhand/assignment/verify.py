"""Check an answer without the solver: exact sums, the certificate's bound, and what is left to trust."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from evenhand.assignment.case import Case, positions, read_case
from evenhand.assignment.dual import DualVectorError, dual_vector, reach, tolerance_slack
from evenhand.assignment.exact import lagrangian_bound, round_down
from evenhand.assignment.recount import TOLERANCE, Findings, check_assignment, check_nothing_found, describe
from evenhand.assignment.stated import Stated, maximises, read_stated
from evenhand.assignment.verdict import Verdict
from evenhand.errors import InputError
from evenhand.tables.table import default_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike

    from evenhand.assignment.result import Assignment


def verify(
    costs: Any,
    assignment: Assignment | Mapping[str, Any],
    *,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
) -> Verdict:
    r"""Check an answer against its tables, trusting neither the solver nor the numbers it states.

    Cost and loads are summed in exact rational arithmetic, and fairness is decided by proof. The bound is
    recomputed from the certificate: with multipliers :math:`\mu_k \ge 0` and cuts :math:`a^k` at its points,
    :math:`v = \sum_k \mu_k a^k` has :math:`v \cdot x \ge 0` for every fair x, hence

    .. math:: \sum_j c_{a(j) j} \ge \sum_j (c_{a(j) j} - v_{a(j)} b_{a(j) j}) - v \cdot x^0
              \ge \sum_j \min_i (c_{ij} - v_i b_{ij}) - v \cdot x^0

    for every fair assignment a. With c = 0, a positive right-hand side proves that nothing is fair, not even
    a fractional assignment. Both speak of vectors that are fair exactly. An assignment accepted only within
    the relative tolerance 1e-9 may cost less by what ``margins["tolerance"]`` states.

    Parameters
    ----------
    costs, burdens, initial_loads, locked
        The problem, as it was given to :func:`evenhand.assignment.assign`.
    assignment
        The answer, or the dictionary read from its JSON.

    Returns
    -------
    Verdict
        False in a condition unless verified.

    Raises
    ------
    InputError
        Where the problem cannot be read, or the answer lacks fields or has some of the wrong type, length or
        range.

    Examples
    --------
    >>> import evenhand
    >>> costs = [[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 5.0, 5.0]]
    >>> answer = evenhand.assign(costs, evenhand.EpsilonFairness(0.9))
    >>> evenhand.verify(costs, answer).verified
    True
    """
    case = read_case(costs, burdens=burdens, initial_loads=initial_loads, locked=locked, maximise=maximises(assignment))
    stated = read_stated(assignment, *case.costs.shape)
    try:
        return _verdict(case, stated)
    except OverflowError as error:
        raise InputError(
            "the costs or burdens add up to more than a floating-point number holds; scale them"
        ) from error


def _verdict(case: Case, stated: Stated) -> Verdict:
    found = Findings()
    _check_names(case, stated, found)
    dual = _dual_vector(case, stated, found)
    bound: Fraction | None
    if stated.status == "infeasible":
        bound = _check_infeasible(case, stated, dual, found)
    else:
        bound = lagrangian_bound(case.costs, case.burdens, case.initial_loads, case.allowed, dual)
        _note_tolerance(case, stated, dual, bound, found)
    if stated.assignment is not None:
        check_assignment(case, stated, stated.assignment, found)
    else:
        check_nothing_found(case, stated, found)
    if bound is not None:
        _check_bound(case, stated, bound, found)
    return Verdict(
        verified=not found.reasons,
        fair=found.fair,
        cost=None if found.cost is None else float(case.told(found.cost)),
        bound=case.told(math.inf if bound is None else round_down(bound)),
        certified_gap=found.certified_gap,
        margins=found.margins,
        reasons=tuple(found.reasons),
        proven=tuple(found.proven),
        search_only=tuple(found.search_only),
        on_trust=tuple(found.on_trust),
    )


def _check_names(case: Case, stated: Stated, found: Findings) -> None:
    stated_names = zip((stated.agents, stated.tasks), stated.named, strict=True)
    own_names = zip((case.agents, case.tasks), case.named, strict=True)
    for what, (ours, ours_named), (theirs, theirs_named) in zip(
        ("agent", "task"), own_names, stated_names, strict=True
    ):
        if theirs is None or theirs == ours:
            continue
        first = next(k for k in range(len(ours)) if ours[k] != theirs[k])
        if theirs_named is False and theirs != default_names(what, len(theirs)):
            found.reasons.append(f"the answer says that its table names no {what}s, yet calls one {theirs[first]!r}")
        elif ours_named == theirs_named or theirs_named is None or _moved(ours, theirs):
            found.reasons.append(f"{what} {first} is {ours[first]!r} in the table and {theirs[first]!r} in the answer")
        else:  # positions are all there is to compare
            whose = "answer" if ours_named else "table"
            found.on_trust.append(f"the {whose} names no {what}s: the {what}s are compared by position")


def _moved(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Tell whether a name that both lists have stands at another position."""
    places = positions(ours)
    return any(places.get(name, k) != k for k, name in enumerate(theirs))


def _dual_vector(case: Case, stated: Stated, found: Findings) -> list[Fraction]:
    """Return the certificate's vector; zero where there is no usable one."""
    zero = [Fraction(0)] * len(case.agents)
    certificate = stated.certificate
    if certificate is None:
        return zero
    if certificate.kind == "infeasible" and stated.status != "infeasible":
        found.reasons.append(f"the certificate is of kind {certificate.kind!r}, the status is {stated.status!r}")
        return zero
    try:
        return dual_vector(stated.fairness, certificate, len(case.agents))
    except DualVectorError as error:
        found.reasons.append(str(error))
        return zero


def _check_infeasible(case: Case, stated: Stated, dual: Sequence[Fraction], found: Findings) -> Fraction | None:
    """Check a claim of infeasibility; return None where it is proven, otherwise a bound on the cost."""
    if stated.assignment is not None:
        found.reasons.append("the status is 'infeasible', yet there is an assignment")
    if case.told(stated.lower_bound) != math.inf:
        found.reasons.append(f"the status is 'infeasible', yet the lower bound is {stated.lower_bound:.9g}")
    certificate = stated.certificate
    if certificate is None or certificate.kind == "bound":
        why = "there is no certificate" if certificate is None else "the certificate only bounds the cost"
        found.reasons.append(f"infeasibility is not proven: {why}")
        found.search_only.append("the infeasibility rests on the search")
        return lagrangian_bound(case.costs, case.burdens, case.initial_loads, case.allowed, dual)
    depth = lagrangian_bound(None, case.burdens, case.initial_loads, case.allowed, dual)
    if depth > 0:
        scale = sum((abs(v) * x for v, x in zip(dual, reach(case), strict=True)), Fraction(0))
        slack = _slack(case, stated, dual)
        found.margins["infeasibility"] = float(depth / scale)
        found.margins["tolerance"] = float(slack / scale)
        found.proven.append(f"no assignment, not even a fractional one, is exactly fair: {describe(stated.fairness)}")
        if depth <= slack:
            found.search_only.append(
                "that no assignment is fair within the tolerance of 1e-9 alone rests on the search"
            )
        return None
    found.reasons.append("infeasibility is not proven: the certificate's margin is not positive")
    found.search_only.append("the infeasibility rests on the search")
    return lagrangian_bound(case.costs, case.burdens, case.initial_loads, case.allowed, [Fraction(0)] * len(dual))


def _check_bound(case: Case, stated: Stated, bound: Fraction, found: Findings) -> None:
    """Compare the stated bound and gaps with what is proven."""
    source = "the certificate" if stated.certificate is not None else "the cheapest agent of each task"
    if stated.status != "infeasible":
        beyond = "brings more" if case.maximise else "costs less"
        found.proven.append(f"no exactly fair assignment {beyond} than {case.told(round_down(bound)):.10g}")
    if found.cost is None:
        if stated.status == "time_limit" and Fraction(case.told(stated.lower_bound)) > bound + TOLERANCE * abs(bound):
            found.search_only.append(
                f"the bound of {stated.lower_bound:.10g} rests on the search; "
                f"{source} alone proves {case.told(round_down(bound)):.10g}"
            )
        return
    found.certified_gap = _gap(found.cost, bound)
    if stated.status == "infeasible":
        return
    lower = Fraction(case.told(stated.lower_bound))
    if lower > found.cost + TOLERANCE * abs(found.cost):
        says = "upper bound {} is below the profit" if case.maximise else "lower bound {} is above the cost"
        found.reasons.append(f"the stated {says.format(stated.lower_bound)} {float(case.told(found.cost))}")
    gap = _gap(found.cost, lower)
    for name, value, ours in (
        ("gap", stated.gap, gap),
        ("certified_gap", stated.certified_gap, found.certified_gap),
    ):
        if value is None or abs(value - ours) > TOLERANCE * max(1.0, ours):
            found.reasons.append(f"the stated {name} is {value}; it should be {ours:.9g}")
    if found.certified_gap - gap > TOLERANCE:
        found.search_only.append(
            f"the gap of {gap:.2g} rests on the search; {source} alone proves {found.certified_gap:.2g}"
        )


def _note_tolerance(case: Case, stated: Stated, dual: Sequence[Fraction], bound: Fraction, found: Findings) -> None:
    if stated.certificate is not None and bound:
        found.margins["tolerance"] = float(_slack(case, stated, dual) / abs(bound))


def _slack(case: Case, stated: Stated, dual: Sequence[Fraction]) -> Fraction:
    certificate = stated.certificate
    if certificate is None:
        return Fraction(0)
    return tolerance_slack(stated.fairness, certificate, dual, sum(reach(case), Fraction(0)))


def _gap(cost: Fraction, bound: Fraction) -> float:
    difference = cost - bound
    if difference <= 0:
        return 0.0
    return float(difference / abs(cost)) if cost else 1.0
