"""Verify an answer under several rules without the solver: exact sums, every rule, and the certificate's bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.certificate_dual import DualVectorError
from evenhand.assignment.exact import exact_sum, exact_sums
from evenhand.assignment.gaps import check_bound
from evenhand.assignment.names import check_names
from evenhand.assignment.question_to_verify import describe, same_entitlements, same_member
from evenhand.assignment.recount import TOLERANCE, Findings, agree, concluded, relative_margin, same_measure
from evenhand.assignment.rules.exact_ruled_bound import exact_ruled_bound
from evenhand.assignment.rules.exclusive_tasks import broken
from evenhand.assignment.rules.exhausted import exhausted
from evenhand.assignment.rules.made_otherwise import BESIDE, made_otherwise, table_in_words
from evenhand.assignment.rules.ruled_assignment import RuleResult
from evenhand.assignment.rules.ruled_problem import Row, RuledProblem, made_with
from evenhand.assignment.rules.shortage import shortage_in_words
from evenhand.assignment.rules.stated_rules import StatedRule, StatedRules, read_stated_rules
from evenhand.assignment.verdict import Verdict
from evenhand.errors import InputError
from evenhand.fairness.relative import relative_price
from evenhand.number_checks import check_gap

LEVELS_ALIKE = 1e-5
"""Difference between levels that the search does not tell apart, relative to a member's range."""


def verify_rules(problem: RuledProblem, answer: object, *, max_gap: float | None = None) -> Verdict:
    """Return the verdict on an answer to a checked problem; see :func:`~evenhand.assignment.verify`.

    Raises
    ------
    InputError
        If the answer lacks a field, or a field has the wrong type, length or range.
    """
    if max_gap is not None:
        check_gap(max_gap, name="max_gap")
    stated = read_stated_rules(answer, problem)
    asked = _asked_in_full(problem)
    problem, tightened = _as_strict_as_stated(problem, stated)
    asked = (*asked, *tightened)
    otherwise = _made_otherwise(problem, stated)
    if otherwise:
        return Verdict.refused(stated.status, asked, otherwise)
    try:
        return _verdict(problem, stated, asked, max_gap)
    except OverflowError as error:
        raise InputError(
            "the costs or burdens add up to more than a floating-point number holds; scale them"
        ) from error


def _verdict(problem: RuledProblem, stated: StatedRules, asked: tuple[str, ...], max_gap: float | None) -> Verdict:
    found = Findings()
    found.on_trust += [f"the field {name!r} of the answer: it is not known, and was not read" for name in stated.unread]
    check_names(problem, stated, found)
    for rule, row in zip(stated.rules, problem.rows, strict=True):
        found.reasons += _mismatches(rule, row)
    bound = _proven_bound(problem, stated, found)
    if stated.plan is None:
        _check_nothing_found(stated, found)
    else:
        _check_plan(problem, stated, stated.plan, found)
    _check_price(problem, stated, found)
    _check_contradiction(stated, problem, found, proven=bound is None)
    if stated.shortage and stated.shortage != shortage_in_words(problem):
        found.reasons.append(f"the stated shortage of agents is not so: {stated.shortage}")
    if bound is not None:
        bound = check_bound(problem, stated, bound, None, max_gap, found)
    return concluded(problem, stated, bound, found, asked)


def _made_otherwise(problem: RuledProblem, stated: StatedRules) -> list[str]:
    """Return by what the question differs from that of the answer, apart from the rules, one line each."""
    found = made_otherwise(
        made_with(problem), stated.made_with, maximise=problem.maximise, theirs_maximise=stated.maximise
    )
    if not found and stated.cliques != len(problem.exclusive):
        found.append(
            "the answer was made with other times, conflicts or groups; give the same (sets of tasks that exclude each "
            f"other: {stated.cliques} there, {len(problem.exclusive)} here)"
        )
    return found


def _as_strict_as_stated(problem: RuledProblem, stated: StatedRules) -> tuple[RuledProblem, tuple[str, ...]]:
    """Return the problem with the stricter level of an answer that is as fair as possible, and a line that says so.

    What keeps the stricter rule keeps the one that was asked; the bound is then one for plans that keep the stricter.
    """
    improved = {one["rule"] for one in stated.nearest} if stated.status != "infeasible" else set()
    rows, said = list(problem.rows), []
    for number, (rule, row) in enumerate(zip(stated.rules, problem.rows, strict=True)):
        if row.name not in improved or row.fairness is None or rule.fairness is None:
            continue
        level = row.fairness.with_parameter(rule.fairness.parameter)
        loose, strict = row.fairness.parameter_range(len(row.counted))
        stricter = (level.parameter - row.fairness.parameter) * (1.0 if strict > loose else -1.0) > 0.0
        if stricter and same_member(rule.fairness, level):
            rows[number] = replace(row, fairness=level)
            said.append(f"{row.name}: as fair as possible; the answer is about plans that keep {level.in_words()}")
    return replace(problem, rows=tuple(rows)), tuple(said)


def _mismatches(rule: StatedRule, row: Row) -> list[str]:
    """Return the differences between a rule of the question and the one that the answer states."""
    if rule.name != row.name:
        return [f"the answer is to another question: it states a rule {rule.name!r}, asked is {row.name!r}"]
    stated = RuleResult(rule.name, rule.fairness, rule.least, rule.most, row.counted, None).asked
    asked = RuleResult.of(row, None).asked
    other = f"rule {row.name!r}: the answer is to another question: it states {stated or 'nothing'}, asked is {asked}"
    if (rule.fairness is None) != (row.fairness is None) or rule.counted != tuple(row.counted.tolist()):
        return [other if stated != asked else f"rule {row.name!r}: the answer counts other agents"]
    if rule.fairness is not None and row.fairness is not None:
        if not same_member(rule.fairness, row.fairness):
            return [other]
        ours, theirs = row.fairness.entitlements, rule.fairness.entitlements
        if theirs is not None and len(theirs) != len(row.counted):
            return [f"rule {row.name!r}: the answer has {len(theirs)} entitlements for {len(row.counted)} agents"]
        if not same_entitlements(ours or (1.0,) * len(row.counted), theirs):
            return [f"rule {row.name!r}: the answer is to another question: its entitlements differ"]
    if not (np.array_equal(rule.least, row.least) and np.array_equal(rule.most, row.most)):
        return [other if stated != asked else f"rule {row.name!r}: the answer is to another question: limits differ"]
    return []


def _proven_bound(problem: RuledProblem, stated: StatedRules, found: Findings) -> Fraction | None:
    """Return the bound that the certificate proves; None if it proves that no plan keeps all rules."""
    infeasible = stated.status == "infeasible"
    certificate = stated.certificate
    if infeasible:
        if stated.plan is not None:
            found.reasons.append("the status is 'infeasible', yet there is an assignment")
        if problem.in_user_sign(stated.bound) != math.inf:
            found.reasons.append(f"the status is 'infeasible', yet the bound is {stated.bound:.9g}")
    elif certificate is not None and certificate.kind == "infeasible":
        found.reasons.append(f"the certificate is of kind 'infeasible', the status is {stated.status!r}")
        certificate = None
    try:
        if not infeasible:
            return exact_ruled_bound(problem, certificate)
        if certificate is not None and certificate.kind == "infeasible":
            depth = exact_ruled_bound(problem, certificate, costs=False)
            if depth > 0:
                found.proven.append("no plan, not even one with parts of tasks, keeps all rules exactly")
                return None
            found.unshown.append("infeasibility is not proven: the certificate's margin is not positive")
        else:
            why = "there is no certificate" if certificate is None else "the certificate only bounds the cost"
            found.unshown.append(f"infeasibility is not proven: {why}")
    except DualVectorError as error:
        found.reasons.append(str(error))
    if infeasible and not found.reasons:
        named = [number for number, row in enumerate(problem.rows) if row.name in stated.contradiction]
        tried = exhausted(problem, named or range(len(problem.rows)))
        if tried is not None:
            found.unshown.clear()
            said = " and ".join(map(repr, stated.contradiction)) or "all rules"
            found.proven.append(f"no plan keeps {said}: {tried:,} steps through the loads of all plans find none")
            return None
    if infeasible:
        found.search_only.append("the infeasibility rests on the search")
    return exact_ruled_bound(problem, None)


def _check_plan(problem: RuledProblem, stated: StatedRules, plan: NDArray[np.intp], found: Findings) -> None:
    """Check who has which task, the cost, the loads and every rule."""
    wrong = _misplaced(problem, plan)
    if wrong is not None:
        found.reasons.append(wrong)
        return
    units = np.unique(problem.unit_of, return_index=True)[1]
    plan = plan[units]
    taken, agents = _pairs(plan)
    found.cost = exact_sum(problem.costs[agents, taken])
    if not agree(stated.cost, problem.in_user_sign(found.cost)):
        found.reasons.append(
            f"the stated cost is {stated.cost}; the pairs add up to {float(problem.in_user_sign(found.cost))}"
        )
    fair: bool | None = True
    for rule, row in zip(stated.rules, problem.rows, strict=True):
        sums = exact_sums(row.burden[agents, taken], agents, len(problem.agents))
        loads = [load + Fraction(float(carried)) for load, carried in zip(sums, row.carried, strict=True)]
        _compare_loads(problem.agents, rule, row, loads, found)
        kept = _check_rule(problem.agents, row, loads, found)
        fair = kept if fair and kept is not True else fair
    found.fair = fair
    if not found.reasons:
        worth = "and all bring" if problem.maximise else "at a cost of"
        done = (
            "every task is with agents who may do it" if (problem.needs > 1).any() else "every task is with one agent"
        )
        found.proven.insert(0, f"{done}, {worth} {float(problem.in_user_sign(found.cost)):.10g}")


def _pairs(plan: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the units and agents of all pairs of a plan."""
    units, slots = np.nonzero(plan >= 0)
    return units, plan[units, slots]


def _misplaced(problem: RuledProblem, plan: NDArray[np.intp]) -> str | None:
    """Return a line about the first task whose agents may not do it as the plan says; None if there is none."""
    locked = problem.agents_locked_to
    first: dict[int, int] = {}
    for task, row in enumerate(plan.tolist()):
        name, unit = problem.tasks[task], int(problem.unit_of[task])
        agents = [agent for agent in row if agent >= 0]
        if len(set(agents)) != len(agents) or len(agents) != problem.needs[unit]:
            return f"task {name} has {len(agents)} agents; it needs {problem.needs[unit]} different ones"
        for agent in agents:
            if not np.isfinite(problem.costs[agent, unit]):
                return f"task {name} is with agent {problem.agents[agent]}, who is forbidden to do it"
        for agent in locked.get(unit, []):
            if agent not in agents:
                return f"task {name} is not with agent {problem.agents[agent]}, to whom it is locked"
        other = first.setdefault(unit, task)
        if set(plan[other].tolist()) != set(row):
            return f"tasks {problem.tasks[other]} and {name} stay together, yet are with different agents"
    clash = broken(problem.exclusive, plan[np.unique(problem.unit_of, return_index=True)[1]])
    if clash is None:
        return None
    agent, one, two = clash
    names = [problem.tasks[int(np.flatnonzero(problem.unit_of == unit)[0])] for unit in (one, two)]
    return f"agent {problem.agents[agent]} has the tasks {names[0]} and {names[1]}, which exclude each other"


def _compare_loads(
    agents: Sequence[str], rule: StatedRule, row: Row, loads: Sequence[Fraction], found: Findings
) -> None:
    if rule.loads is None:
        found.reasons.append(f"rule {row.name!r}: there is an assignment without loads")
        return
    for agent, (ours, theirs) in enumerate(zip(loads, rule.loads, strict=True)):
        if not agree(theirs, ours):
            found.reasons.append(
                f"rule {row.name!r}: the stated load of agent {agents[agent]} is {theirs}; its tasks add up to "
                f"{float(ours)}"
            )
            return
    level = None
    if row.fairness is not None:
        level = float(row.fairness.level(np.array([float(loads[agent]) for agent in row.counted])))
    if not same_measure(rule.level, level):
        found.reasons.append(f"rule {row.name!r}: the stated level is {rule.level}; it should be {level}")


def _check_rule(agents: Sequence[str], row: Row, loads: Sequence[Fraction], found: Findings) -> bool | None:
    """Check that exact loads, length n, keep a rule; None if that is undecided."""
    if row.fairness is None:
        for agent, load in enumerate(loads):
            low, high = float(row.least[agent]), float(row.most[agent])
            if math.isfinite(low) and load < Fraction(low) * (1 - TOLERANCE):
                found.reasons.append(
                    f"limits {row.name!r}: agent {agents[agent]} has {float(load):.10g}, at least {low:.10g} is asked"
                )
                return False
            if math.isfinite(high) and load > Fraction(high) * (1 + TOLERANCE):
                found.reasons.append(
                    f"limits {row.name!r}: agent {agents[agent]} has {float(load):.10g}, at most {high:.10g} is asked"
                )
                return False
        found.proven.append(f"limits {row.name!r} are kept: {RuleResult.of(row, None).asked}")
        return True
    counted = [loads[agent] for agent in row.counted.tolist()]
    fair = row.fairness.exact_contains(counted, TOLERANCE)
    largest = max(counted) or Fraction(1)
    margin = float(relative_margin(row.fairness, np.array([float(load / largest) for load in counted])))
    found.margins[f"fairness, {row.name}"] = margin
    said = f"rule {row.name!r}: {describe(row.fairness)}, relative margin {margin:.2g}"
    if fair:
        found.proven.append(f"the loads are fair by {said}")
    else:
        found.reasons.append(
            f"whether the loads are fair is undecided by {said}"
            if fair is None
            else f"the loads are not fair by {said}"
        )
    return fair


def _check_nothing_found(stated: StatedRules, found: Findings) -> None:
    for name in ("cost", "gap", "certified_gap", "price"):
        if getattr(stated, name) is not None:
            found.reasons.append(f"there is no assignment, yet {name} is {getattr(stated, name)}")
    for rule in stated.rules:
        if rule.loads is not None or rule.level is not None:
            found.reasons.append(f"rule {rule.name!r}: there is no assignment, yet there are loads or a level")
    if stated.status == "optimal":
        found.reasons.append("the status is 'optimal', yet there is no assignment")


def _check_price(problem: RuledProblem, stated: StatedRules, found: Findings) -> None:
    """Compare what the cheapest plan without rules costs, and the price that follows."""
    units, agents = _pairs(problem.cheapest)
    base = problem.in_user_sign(exact_sum(problem.costs[agents, units]))
    if not agree(stated.base_cost, base):
        found.reasons.append(f"the stated base_cost is {stated.base_cost}; it should be {float(base)}")
    if found.cost is not None:
        cost = float(problem.in_user_sign(found.cost))
        price = relative_price(cost, float(base), maximise=problem.maximise)
        if not same_measure(stated.price, None if price is None else max(0.0, price)):
            found.reasons.append(f"the stated price is {stated.price}; it should be {price}")


def _check_contradiction(stated: StatedRules, problem: RuledProblem, found: Findings, *, proven: bool) -> None:
    """Check which rules are said to contradict each other: the certificate must do with these alone."""
    names = [row.name for row in problem.rows]
    for one in stated.nearest:
        _check_nearest(one, stated, found)
    if not stated.contradiction:
        return
    if stated.status != "infeasible" or not set(stated.contradiction) <= set(names):
        found.reasons.append("the stated contradiction is not one of rules asked for, in an infeasible answer")
        return
    said = " and ".join(map(repr, stated.contradiction))
    certificate = stated.certificate
    given = () if certificate is None else certificate.rules
    used = {
        name
        for name, row in zip(names, given, strict=False)
        if any(part.any() for part in (row.multipliers, row.least, row.most))
    }
    if proven and used <= set(stated.contradiction):
        found.proven.append(f"{said} cannot be kept")
    else:
        found.search_only.append(f"that {said} cannot be kept rests on the search")
    if stated.irreducible and len(stated.contradiction) > 1:
        found.search_only.append("that all but any one of these can be kept rests on the search")


def _check_nearest(one: dict[str, Any], stated: StatedRules, found: Findings) -> None:
    """Check a value that is said to be the nearest, as far as the plan shows it; the rest is the search's word."""
    rule = next((rule for rule in stated.rules if rule.name == one["rule"]), None)
    infeasible = stated.status == "infeasible"
    if rule is None or (infeasible and rule.name not in stated.contradiction):
        found.reasons.append(f"nearest names {one['rule']!r}, which is no rule that it could be about")
        return
    if not infeasible and rule.fairness is not None and rule.loads is not None:
        loads = np.array(rule.loads)[list(rule.counted)]
        loose, strict = rule.fairness.parameter_range(len(loads))
        short = (one["reached"] - float(rule.fairness.level(loads))) * (1.0 if strict > loose else -1.0)
        if short > LEVELS_ALIKE * abs(strict - loose):
            found.reasons.append(f"nearest reaches {one['reached']:.10g} for {rule.name!r}, stricter than the plan")
    beyond = "" if one["refuted"] is None else f", and that {one['refuted']:.10g} is impossible"
    what = f"at {one['what']}" if rule.fairness is None else one["what"]
    found.search_only.append(
        f"that {what} {one['reached']:.10g} is possible for {rule.name!r}{beyond}, rests on the search"
    )


def _asked_in_full(problem: RuledProblem) -> tuple[str, ...]:
    """Return the question in full, one sentence for each part."""
    sentences = []
    for row in problem.rows:
        asked = RuleResult.of(row, None).asked
        some = "" if len(row.counted) == len(problem.agents) else f", of {len(row.counted)} agents"
        carried = ", with loads carried before" if row.carried.any() else ""
        sentences.append(f"{row.name}: {asked if row.fairness is None else describe(row.fairness)}{some}{carried}")
    table = table_in_words(maximise=problem.maximise)
    sentences.append(f"{len(problem.agents)} agents, {len(problem.tasks)} tasks; the table is of {table}")
    sentences += [words for name, (words, _) in BESIDE.items() if made_with(problem)[name]]
    return ("; ".join(sentences[: len(problem.rows)]), *sentences[len(problem.rows) :])
