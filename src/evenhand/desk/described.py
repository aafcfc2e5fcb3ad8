"""An answer as the page shows it: numbers, words, and what would help if nothing keeps all that is asked."""

from __future__ import annotations

import shlex
from typing import Any

import numpy as np

from evenhand.assignment import Assignment, RuledAssignment, explain
from evenhand.assignment.rules.explain_rules import unit_prices
from evenhand.assignment.rules.problem_of import problem_of
from evenhand.desk.clash import clash, explained
from evenhand.desk.command import command, needed
from evenhand.desk.plan import Desk
from evenhand.desk.solving import Plan, cheapest
from evenhand.desk.tables_on_desk import told_asked
from evenhand.fairness.dispersion import dispersion
from evenhand.report.answer_sentences import rule
from evenhand.report.chart_rows import fair_shares

Shown = dict[str, Any]


def described(plan: Plan) -> Shown:
    """Return an answer as JSON values."""
    answer, desk = plan.answer, plan.desk
    first = desk.rule.member(*desk.agents)
    loads = answer.loads if isinstance(answer, Assignment) else answer.rules[0].loads
    shown: Shown = {
        "status": answer.status,
        "settled": answer.status == "optimal" or (answer.status == "infeasible" and explained(answer)),
        "asked": told_asked(desk),
        "cost": answer.cost,
        "base_cost": answer.base_cost,
        "price": answer.price,
        "gap": answer.gap,
        "certified_gap": answer.certified_gap,
        "bound": answer.bound if np.isfinite(answer.bound) else None,
        "cv": None if loads is None else dispersion(loads, first).cv,
        "jain": None if loads is None else dispersion(loads, first).jain,
        "verified": plan.verdict.verified,
        "outcome": plan.verdict.outcome,
        "rule": rule(first),
        "cheapest": cheapest(desk).tolist(),
        "assignment": None if answer.assignment is None else answer.assignment.tolist(),
        "loads": None if loads is None else loads.tolist(),
        "certificate": None if answer.certificate is None else answer.certificate.to_dict(),
        "seconds": answer.seconds,
        "possible": None,
        "further": [_further(desk, place, answer.assignment) for place in range(len(desk.further))],
        "clash": clash(desk, answer),
        "command": shlex.join(command(desk)),
        "files": needed(desk),
    }
    if isinstance(answer, Assignment) and answer.attainable is not None:
        shown["possible"] = answer.attainable.possible
    if loads is not None:
        shown["shares"] = fair_shares(first, loads).tolist()
        shown["saves"] = _saves(desk, answer)
    return shown


def _further(desk: Desk, place: int, assignment: Any) -> Shown:
    """Return a further burden's rule in words, its loads, fair shares, and loads in the cheapest plan."""
    member = desk.shares[place].rule.member(*desk.agents)
    shown: Shown = {"rule": rule(member), "cheapest": cheapest(desk, place).tolist(), "loads": None}
    if assignment is not None:
        burdens = desk.further[place].table.values
        taken = burdens[assignment, np.arange(len(assignment))]
        loads = np.bincount(assignment, taken, minlength=len(burdens)).astype(np.float64)
        shown |= {"loads": loads.tolist(), "shares": fair_shares(member, loads).tolist()}
    return shown


def _saves(desk: Desk, answer: Assignment | RuledAssignment) -> list[float | None]:
    """Return what one unit less of the first burden would save, for each agent, by the certificate."""
    question = desk.question()
    if isinstance(answer, RuledAssignment):
        prices: list[float | None] = unit_prices(problem_of(**question), answer.certificate)[0].tolist()
        return prices
    del question["fairness"]
    return [share.price for share in explain(assignment=answer, **question).shares]
