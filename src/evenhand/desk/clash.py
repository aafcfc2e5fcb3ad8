"""What contradicts what, in a planner's words, and the nearest that can be kept, ready to be taken."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from evenhand.assignment import Assignment, RuledAssignment
from evenhand.assignment.rules.rule import COUNT
from evenhand.desk.asked import Asked, Bounds, Rule
from evenhand.desk.plan import LOAD, Desk, limit_name
from evenhand.report.answer_sentences import rule as rule_in_words
from evenhand.report.formats import plain

DIGITS = 6
"""Significant digits of a level or limit that is offered, rounded to the side that asks less."""

Shown = dict[str, Any]


def explained(answer: Assignment | RuledAssignment) -> bool:
    """Return whether an answer without a plan says, for all that contradict each other, what could be kept."""
    if isinstance(answer, RuledAssignment):
        return bool(answer.nearest) and {one.rule for one in answer.nearest} == set(answer.contradiction)
    return answer.attainable is not None


def clash(desk: Desk, answer: Assignment | RuledAssignment) -> list[Shown] | None:
    """Return what contradicts each other if nothing keeps all that is asked; None if that is not proven.

    Each entry says in `words` what is asked, and lists in `nearest` what can be kept beside all others: its `words`,
    and the JSON values `asked` of everything with that instead; `without` has those of everything but this.
    """
    if answer.status != "infeasible":
        return None
    asked = desk.asked
    if isinstance(answer, Assignment):
        offers = []
        if answer.attainable is not None and answer.attainable.possible is not None:
            offers = [replace(asked, rule=replace(asked.rule, parameter=float(answer.attainable.possible)))]
        return [_entry(desk, "", offers)]
    names = [row.name for row in answer.rules]
    found = {name: "" if number == 0 else name for number, name in enumerate(names)}
    return [
        _entry(desk, found[name], [_with_nearest(desk, found[name], one) for one in answer.nearest if one.rule == name])
        for name in answer.contradiction or names
    ]


def _entry(desk: Desk, name: str, offers: list[Asked]) -> Shown:
    nearest = [{"words": _in_words(desk, offer, name, desk.asked), "asked": offer.told()} for offer in offers]
    words = _in_words(desk, desk.asked, name, None)
    return {"words": words, "nearest": nearest, "without": _without(desk, name).told()}


def _without(desk: Desk, name: str) -> Asked:
    """Return what is asked without one rule; the first is asked for a level that all loads meet."""
    asked = desk.asked
    if name == "":
        vacuous, _ = asked.rule.member(*desk.agents).parameter_range(len(desk.costs.agents))
        return replace(asked, rule=replace(asked.rule, parameter=vacuous))
    if name == COUNT:
        return replace(asked, bounds=replace(asked.bounds, least_tasks=None, most_tasks=None))
    if name == LOAD:
        return replace(asked, bounds=replace(asked.bounds, most_load=None))
    shares = [
        replace(share, on=share.on and name != one.name, most=None if name == limit_name(one.name) else share.most)
        for one, share in zip(desk.further, asked.shares, strict=True)
    ]
    return replace(asked, shares=tuple(shares))


def _with_nearest(desk: Desk, name: str, nearest: Any) -> Asked:
    """Return what is asked, with the nearest that can be kept of one rule; the first has no name."""
    asked, value = desk.asked, float(nearest.reached)
    if name == "":
        return replace(asked, rule=_looser(desk, asked.rule, value))
    if name == COUNT:
        return replace(asked, bounds=replace(asked.bounds, **{f"{nearest.what}_tasks": _rounded(value, nearest.what)}))
    if name == LOAD:
        return replace(asked, bounds=replace(asked.bounds, most_load=_rounded(value, "most")))
    shares = list(asked.shares)
    for place, further in enumerate(desk.further):
        if name == further.name:
            shares[place] = replace(shares[place], rule=_looser(desk, shares[place].rule, value))
        elif name == limit_name(further.name):
            shares[place] = replace(shares[place], most=_rounded(value, "most"))
    return replace(asked, shares=tuple(shares))


def _looser(desk: Desk, rule: Rule, level: float) -> Rule:
    """Return a rule with the level that can be kept, in few digits, rounded to the loose side."""
    vacuous, equality = rule.member(*desk.agents).parameter_range(len(desk.costs.agents))
    off = equality + _rounded(level - equality, "most" if vacuous > equality else "least")
    return replace(rule, parameter=min(max(off, min(vacuous, equality)), max(vacuous, equality)))


def _rounded(value: float, what: str) -> float:
    """Return a limit in few digits, rounded so that it asks less: a most load up, a least one down."""
    if value == 0.0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - DIGITS + 1)
    near = round(value / step)
    if abs(near - value / step) > 1e-6:
        near = math.ceil(value / step) if what == "most" else math.floor(value / step)
    return float(f"{near * step:.12g}")


def _in_words(desk: Desk, asked: Asked, name: str, before: Asked | None) -> str:
    """Return what one rule asks in words; of a pair of limits, the one that is not as `before` if that is given."""
    if name == "":
        return _of_rule(desk, asked.rule)
    if name == COUNT:
        return _of_tasks(asked.bounds, None if before is None else before.bounds)
    if name == LOAD:
        return f"nobody carries more than {_quantity(asked.bounds.most_load, _unit(desk))}"
    for further, share in zip(desk.further, asked.shares, strict=True):
        if name == further.name:
            return f"{further.name}: {_of_rule(desk, share.rule)}"
        if name == limit_name(further.name):
            return f"{further.name}: nobody carries more than {_quantity(share.most, '')}"
    return name


def _of_rule(desk: Desk, rule: Rule) -> str:
    return rule_in_words(rule.member(len(desk.costs.agents), None))


def _of_tasks(bounds: Bounds, before: Bounds | None) -> str:
    parts = []
    for words, name in (("fewer", "least_tasks"), ("more", "most_tasks")):
        value = getattr(bounds, name)
        if value is not None and (before is None or value != getattr(before, name)):
            parts.append(f"{words} than {plain(value, 6)}")
    return f"nobody has {' or '.join(parts)} tasks"


def _unit(desk: Desk) -> str:
    return desk.burden_unit if desk.burdens is not None else desk.burden_unit or desk.unit


def _quantity(value: float | None, unit: str) -> str:
    return f"{plain(value, 6)} {unit}".strip()
