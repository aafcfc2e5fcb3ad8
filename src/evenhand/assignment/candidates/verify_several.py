"""Verify a plan from a list of candidates under limits and a rule, without the solver: exact sums, outward bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.assignment_result import Certificate
from evenhand.assignment.candidates.build_several import NO_LIMIT, ListedProblem, shortage_in_words
from evenhand.assignment.candidates.listed_certificate import ListedCertificate
from evenhand.assignment.candidates.stated_several import LISTED_SHAPE, StatedSeveral, read_stated_several
from evenhand.assignment.certificate_dual import DualVectorError, dual_vector
from evenhand.assignment.exact import exact_sum, exact_sums
from evenhand.assignment.gaps import check_bound
from evenhand.assignment.names import check_names
from evenhand.assignment.question_to_verify import describe, same_entitlements, same_member
from evenhand.assignment.recount import TOLERANCE, Findings, agree, concluded, relative_margin, same_measure
from evenhand.assignment.rules.made_otherwise import BESIDE, made_otherwise, table_in_words
from evenhand.assignment.rules.ruled_assignment import RuleResult
from evenhand.assignment.rules.stated_rules import IGNORED
from evenhand.assignment.stated_answer import read_fairness
from evenhand.assignment.verdict import Verdict
from evenhand.fairness import LeastOverMean
from evenhand.fairness.relative import relative_price
from evenhand.fairness.shares import exact_shares_of
from evenhand.number_checks import check_gap

_OUTWARD, _TINY = 2.0**-50, 1e-300
"""Upper limits on the relative error of a priced cost, of the sizes of its terms, and on the absolute one."""


def verify_several(problem: ListedProblem, answer: Any, *, max_gap: float | None = None) -> Verdict:
    """Return the verdict on an answer to a checked problem; see :func:`~evenhand.assignment.verify`.

    Raises
    ------
    InputError
        If the answer lacks a field, or a field has the wrong type or length.
    """
    if max_gap is not None:
        check_gap(max_gap, name="max_gap")
    stated = read_stated_several(answer, problem)
    given = [words for name, (words, _) in BESIDE.items() if problem.made_with[name]]
    asked = ("; ".join(f"{rule.name}: {rule.asked}" for rule in problem.rules), _size(problem), *given)
    other = _otherwise(problem, stated)
    if other:
        return Verdict.refused(stated.status, asked, other)
    found = Findings()
    unread = [name for name in stated.data if name not in LISTED_SHAPE and name not in IGNORED]
    found.on_trust += [f"the field {name!r} of the answer: it is not known, and was not read" for name in unread]
    check_names(problem, stated, found)
    if stated.shortage != shortage_in_words(problem, stated.certificate):
        found.reasons.append(f"the stated shortage of agents is not so: {stated.shortage}")
    bound = _proven(problem, stated, found)
    if stated.assignment is not None:
        _check_plan(problem, stated, found)
    else:
        _check_nothing_found(stated, found)
    _check_contradiction(problem, stated, found, proven=bound is None)
    _check_price(problem, stated, found)
    if bound is not None:
        bound = check_bound(problem, stated, bound, None, max_gap, found)
    return concluded(problem, stated, bound, found, asked)


def _size(problem: ListedProblem) -> str:
    of = table_in_words(maximise=problem.maximise)
    pairs = len(problem.several.listed.costs)
    return f"{len(problem.agents)} agents, {len(problem.tasks)} tasks, {pairs} pairs; the table is of {of}"


def _otherwise(problem: ListedProblem, stated: StatedSeveral) -> list[str]:
    """Return by what the question differs from that of the answer, one line each."""
    found = made_otherwise(
        problem.made_with, stated.made_with, maximise=problem.maximise, theirs_maximise=stated.maximise
    )
    for given, rule in zip(stated.rules, problem.rules, strict=True):
        alike = given["name"] == rule.name and given["over"] == rule.over
        if (given["fairness"] is None) != (rule.fairness is None):
            alike = False
        elif rule.fairness is not None:
            count = len(rule.counted)
            theirs = read_fairness(given["fairness"], count)
            shares = rule.fairness.entitlements or (1.0,) * count
            alike = alike and same_member(theirs, rule.fairness) and same_entitlements(shares, theirs.entitlements)
        else:
            asked = rule.to_dict()
            alike = alike and all(given[name] == asked[name] for name in ("least", "most"))
        if not alike:
            found.append(
                f"rule {rule.name!r}: the answer is to another question: it states {given['name']!r} otherwise"
            )
    return found


def _proven(problem: ListedProblem, stated: StatedSeveral, found: Findings) -> Fraction | None:
    """Return the bound that the certificate proves; None if it proves that there is no plan."""
    infeasible, certificate = stated.status == "infeasible", stated.certificate
    if infeasible and stated.assignment is not None:
        found.reasons.append("the status is 'infeasible', yet there is an assignment")
    if infeasible and problem.in_user_sign(stated.bound) != math.inf:
        found.reasons.append(f"the status is 'infeasible', yet the bound is {stated.bound:.9g}")
    if not infeasible and certificate is not None and certificate.kind == "infeasible":
        found.reasons.append(f"the certificate is of kind 'infeasible', the status is {stated.status!r}")
        certificate = None
    try:
        if not infeasible:
            return _exact_bound(problem, certificate)
        if certificate is not None and _exact_bound(problem, certificate, costs=False) > 0:
            found.proven.append("no plan, not even one with parts of tasks, keeps all rules exactly")
            return None
    except DualVectorError as error:
        found.reasons.append(str(error))
    if infeasible:
        found.unshown.append("infeasibility is not proven by the certificate")
    return _exact_bound(problem, None)


def _exact_bound(problem: ListedProblem, certificate: ListedCertificate | None, *, costs: bool = True) -> Fraction:
    """Return a number that no plan's cost falls below: reduced costs rounded down, everything else exact.

    Raises
    ------
    DualVectorError
        If a price or a multiplier has a sign that proves nothing.
    """
    several, listed = problem.several, problem.several.listed
    n, totals = len(problem.agents), len(several.carried)
    counts = np.zeros(n) if certificate is None else certificate.counts
    if not np.isfinite(counts).all() or ((counts < 0.0) & (several.most >= NO_LIMIT)).any():
        raise DualVectorError("the certificate has a price for an agent without a limit: it proves nothing")
    price = np.array([_above(value) for value in _dual(problem, certificate)]) if certificate else np.zeros(totals)
    paid = listed.costs if costs else np.zeros(len(listed.costs))
    worth, own = price[listed.owners] * listed.burdens, counts[listed.agents]
    low = (paid - own) - worth
    low -= _OUTWARD * (np.abs(paid) + np.abs(own) + np.abs(worth)) + _TINY
    row = np.repeat(np.arange(len(listed.needs)), np.diff(listed.starts))
    order = np.lexsort((low, row))
    taken = order[np.arange(len(row)) - listed.starts[row] < listed.needs[row]]
    total = exact_sum(low[taken])
    limits = np.where(counts > 0.0, several.least, several.most)
    for value, limit in zip(counts.tolist(), limits.tolist(), strict=True):
        if value:
            total += Fraction(value) * limit
    for value, start in zip(price.tolist(), several.carried.tolist(), strict=True):
        if start:
            total -= Fraction(value) * Fraction(start)
    return total


def _dual(problem: ListedProblem, certificate: ListedCertificate) -> list[Fraction]:
    """Return the exact prices of the totals, length N: a vector of the rule's dual cone."""
    several, member = problem.several, problem.several.fairness
    count = len(several.carried)
    if member is None:
        if certificate.corners.any() or certificate.multipliers.any():
            raise DualVectorError("the certificate has prices for a rule that was not asked: it proves nothing")
        return [Fraction(0)] * count
    if not certificate.corners.size:
        given = Certificate("", certificate.multipliers, certificate.points)
        return dual_vector(member, given, count)
    sign = several.corners.sign
    if not sign or certificate.multipliers.any():
        raise DualVectorError("the certificate has corners, which this rule has not: it proves nothing")
    if (certificate.corners < 0.0).any() or not np.isfinite(certificate.corners).all():
        raise DualVectorError("a multiplier of the certificate is negative: it proves nothing")
    shares = exact_shares_of(count, member.entitlements)
    least = isinstance(member, LeastOverMean)
    ratio = Fraction(member.parameter) if least else member.enclosed_bound(min(shares)).high  # type: ignore[attr-defined]
    weights = [Fraction(float(w)) for w in certificate.corners]
    level = ratio * sum(weights, Fraction(0)) / count
    side = 1 if sign > 0 else -1
    return [side * (w / (count * share) - level) for w, share in zip(weights, shares, strict=True)]


def _above(value: Fraction) -> float:
    """Return a float not below `value`: loads are not negative, so that larger prices stay in the dual cone."""
    nearest = float(value)
    return nearest if Fraction(nearest) >= value else math.nextafter(nearest, math.inf)


def _check_plan(problem: ListedProblem, stated: StatedSeveral, found: Findings) -> None:
    """Check pairs, cost, loads, limits and the rule."""
    pairs = _pairs(problem, stated.assignment, found)
    if pairs is None:
        return
    several, listed = problem.several, problem.several.listed
    found.cost = exact_sum(listed.costs[pairs])
    if not agree(stated.cost, problem.in_user_sign(found.cost)):
        found.reasons.append(
            f"the stated cost is {stated.cost}; the pairs add up to {float(problem.in_user_sign(found.cost))}"
        )
    counts = np.bincount(listed.agents[pairs], minlength=len(problem.agents))
    totals = exact_sums(listed.burdens[pairs], listed.owners[pairs], len(several.carried))
    found.fair = True
    for place, (given, rule) in enumerate(zip(stated.rules, problem.rules, strict=True)):
        own = [Fraction(int(k)) for k in counts] if rule.fairness is None else totals
        carried = problem.counts_carried[place].tolist()
        exact = [load + Fraction(start) for load, start in zip(own, carried, strict=True)]
        _compare(rule, given, exact, found)
        kept = _kept(problem, rule, exact, found)
        found.fair = kept if found.fair and kept is not True else found.fair
    if not found.reasons:
        worth = "and all bring" if problem.maximise else "at a cost of"
        cost = float(problem.in_user_sign(found.cost))
        found.proven.insert(0, f"every task is with agents who may do it, {worth} {cost:.10g}")


def _pairs(problem: ListedProblem, given: Any, found: Findings) -> NDArray[np.int64] | None:
    """Return the listed pairs of a plan; None, with a reason, if it uses others or too many or few."""
    listed = problem.several.listed
    task = problem.row_task[np.repeat(np.arange(len(listed.needs)), np.diff(listed.starts))]
    at = {(int(j), int(i)): place for place, (j, i) in enumerate(zip(task, listed.agents, strict=True))}
    used = []
    for j, row in enumerate(given):
        agents = [agent for agent in (row if isinstance(row, list) else [row]) if agent != -1]
        name = problem.tasks[j]
        if len(set(agents)) != len(agents) or len(agents) != problem.needs[j]:
            found.reasons.append(f"task {name} has {len(agents)} agents; it needs {problem.needs[j]} different ones")
            return None
        for agent in agents:
            if (j, agent) not in at:
                found.reasons.append(
                    f"task {name} is with agent {agent}, who is no candidate for it, or crowds out a lock"
                )
                return None
            used.append(at[j, agent])
        missing = problem.locked.get(j, set()) - set(agents)
        if missing:
            locked = problem.agents[min(missing)]
            found.reasons.append(f"task {name} is not with agent {locked}, to whom it is locked")
            return None
    return np.array(used, np.int64)


def _check_nothing_found(stated: StatedSeveral, found: Findings) -> None:
    """Check that an answer without an assignment states no value that would need one."""
    for name in ("cost", "gap", "certified_gap", "price"):
        if stated.data[name] is not None:
            found.reasons.append(f"there is no assignment, yet {name} is {stated.data[name]}")
    if any(rule["loads"] is not None or rule["level"] is not None for rule in stated.rules):
        found.reasons.append("there is no assignment, yet a rule has loads or a level")
    if stated.status == "optimal":
        found.reasons.append("the status is 'optimal', yet there is no assignment")


def _check_contradiction(problem: ListedProblem, stated: StatedSeveral, found: Findings, *, proven: bool) -> None:
    """Check which rules are said to contradict each other: those for which the certificate has prices."""
    if stated.nearest:
        found.reasons.append("the answer states a nearest level, which is not looked for in a list of candidates")
    said, certificate = set(stated.contradiction), stated.certificate
    if stated.irreducible:
        found.reasons.append("the answer calls a contradiction irreducible, which is not looked for in a list")
    if not said:
        return
    if stated.status != "infeasible" or not said <= {rule.name for rule in problem.rules}:
        found.reasons.append("the stated contradiction is not one of rules asked for, in an infeasible answer")
        return
    limits = certificate is not None and bool(certificate.counts.any())
    ruled = certificate is not None and bool(certificate.corners.any() or certificate.multipliers.any())
    used = {rule.name for rule in problem.rules if (limits if rule.fairness is None else ruled)}
    names = " and ".join(repr(rule.name) for rule in problem.rules if rule.name in said)
    if proven and used <= said:
        found.proven.append(f"{names} cannot be kept")
    else:
        found.search_only.append(f"that {names} cannot be kept rests on the search")


def _compare(rule: RuleResult, given: Mapping[str, Any], exact: list[Fraction], found: Findings) -> None:
    """Compare stated loads and level with exact ones."""
    loads = given["loads"]
    if loads is None or len(loads) != len(exact):
        found.reasons.append(f"rule {rule.name!r}: there is an assignment without all loads")
        return
    wrong = next(
        (k for k, (ours, theirs) in enumerate(zip(exact, loads, strict=True)) if not agree(theirs, ours)), None
    )
    if wrong is not None:
        found.reasons.append(
            f"rule {rule.name!r}: load {wrong} is stated as {loads[wrong]}; it is {float(exact[wrong])}"
        )
    level = None
    if rule.fairness is not None:
        level = float(rule.fairness.level(np.array([float(load) for load in exact])))
    if not same_measure(given["level"], level):
        found.reasons.append(f"rule {rule.name!r}: the stated level is {given['level']}; it should be {level}")


def _kept(problem: ListedProblem, rule: RuleResult, exact: list[Fraction], found: Findings) -> bool | None:
    """Check that exact loads keep a rule; None if that is undecided."""
    if rule.fairness is None:
        for agent, load in enumerate(exact):
            low, high = float(rule.least[agent]), float(rule.most[agent])
            for broken, what, limit in (
                (math.isfinite(low) and load < Fraction(low) * (1 - TOLERANCE), "least", low),
                (math.isfinite(high) and load > Fraction(high) * (1 + TOLERANCE), "most", high),
            ):
                if broken:
                    name = problem.agents[agent]
                    found.reasons.append(f"limits {rule.name!r}: agent {name} has {load}, at {what} {limit:g} is asked")
                    return False
        found.proven.append(f"limits {rule.name!r} are kept: {rule.asked}")
        return True
    fair = rule.fairness.exact_contains(exact, TOLERANCE)
    largest = max(exact) or Fraction(1)
    margin = float(relative_margin(rule.fairness, np.array([float(load / largest) for load in exact])))
    found.margins[f"fairness, {rule.name}"] = margin
    said = f"rule {rule.name!r}, over {rule.over}: {describe(rule.fairness)}, relative margin {margin:.2g}"
    if fair:
        found.proven.append(f"the loads are fair by {said}")
    else:
        found.reasons.append(f"the loads are {'not known to be ' if fair is None else 'not '}fair by {said}")
    return fair


def _check_price(problem: ListedProblem, stated: StatedSeveral, found: Findings) -> None:
    """Compare the cost of the cheapest plan without rules, and the price that follows."""
    listed = problem.several.listed
    row = np.repeat(np.arange(len(listed.needs)), np.diff(listed.starts))
    order = np.lexsort((listed.costs, row))
    taken = order[np.arange(len(row)) - listed.starts[row] < listed.needs[row]]
    base = problem.in_user_sign(exact_sum(listed.costs[taken]))
    if not agree(stated.base_cost, base):
        found.reasons.append(f"the stated base_cost is {stated.base_cost}; it should be {float(base)}")
    if found.cost is not None:
        price = relative_price(float(problem.in_user_sign(found.cost)), float(base), maximise=problem.maximise)
        if not same_measure(stated.price, None if price is None else max(0.0, price)):
            found.reasons.append(f"the stated price is {stated.price}; it should be {price}")
