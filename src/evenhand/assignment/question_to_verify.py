"""The question that an answer should answer: read from the user, compared with the answer's own, and stated in full."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numpy.typing import ArrayLike

from evenhand.assignment.assignment_result import NEW
from evenhand.assignment.case import Case
from evenhand.assignment.stated_answer import Stated
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import checked_entitlements, exact_shares_of
from evenhand.number_checks import check_gap

_SAME = 1e-12
"""Relative difference up to which two parameters count as equal: targets are computed, with rounding errors that may
differ between versions."""


@dataclass(frozen=True, slots=True)
class Question:
    """The user's question. A field is None if the answer's own value is accepted.

    Attributes
    ----------
    fairness
        The fairness member asked for, apart from entitlements.
    entitlements
        Entitlement of each agent, length n; equal ones if a member is asked for without any.
    max_gap
        Relative gap that must be proven.
    maximise
        Whether the table holds profits.
    change_at_most
        Upper limit on the tasks that change hands.
    """

    fairness: Fairness | None
    entitlements: tuple[float, ...] | None
    max_gap: float | None
    maximise: bool | None
    change_at_most: int | None = None


def read_question(
    case: Case,
    fairness: Fairness | None,
    entitlements: ArrayLike | Mapping[str, float] | None,
    max_gap: float | None,
    maximise: bool | None,
    change_at_most: int | None = None,
) -> Question:
    """Check the user's question; arguments as for :func:`evenhand.assignment.verify`.

    Raises
    ------
    InputError
        If a value cannot be used, or entitlements are given twice and differ.
    """
    n = len(case.agents)
    if fairness is not None and (isinstance(fairness, type) or not isinstance(fairness, Fairness)):
        raise InputError(f"fairness is {fairness!r}; it should be a member such as JainAtLeast(0.9), or None")
    shares = _shares(entitlements, case)
    own = None if fairness is None else fairness.entitlements
    if own is not None and shares is not None and not same_entitlements(own, shares):
        raise InputError("entitlements are given twice, in fairness and beside it, and differ; give them once")
    shares = own if shares is None else shares
    if shares is None and fairness is not None:
        shares = (1.0,) * n
    if shares is not None and len(shares) != n:
        raise InputError(f"entitlements: {len(shares)} given for {n} agents; give one for each agent")
    if max_gap is not None:
        check_gap(max_gap, name="max_gap")
    return Question(fairness, shares, None if max_gap is None else float(max_gap), maximise, change_at_most)


def _shares(entitlements: ArrayLike | Mapping[str, float] | None, case: Case) -> tuple[float, ...] | None:
    given: Any = entitlements
    if hasattr(given, "items"):
        by_name = dict(given.items())
        wrong = next(
            (name for name in (*by_name, *case.agents) if name not in by_name or name not in case.agents), None
        )
        if wrong is not None:
            raise InputError(f"entitlements and the table do not name the same agents: {wrong!r} stands in one only")
        given = [by_name[name] for name in case.agents]
    return checked_entitlements(given)


def mismatches(question: Question, stated: Stated) -> list[str]:
    """Return the differences between the question asked and the one that `stated` answers, one line each."""
    found = []
    asked, member = question.fairness, stated.fairness
    if asked is not None and not same_member(asked, member):
        found.append(f"the answer is to another question: it states {member.in_words()}, asked is {asked.in_words()}")
    if question.entitlements is not None and not same_entitlements(question.entitlements, member.entitlements):
        found.append(
            f"the answer is to another question: its entitlements are {_spread(member.entitlements)}, "
            f"asked are {_spread(question.entitlements)}"
        )
    if question.maximise is not None and question.maximise != stated.maximise:
        words = ("costs, of which less is better", "profits, of which more is better")
        found.append(
            f"the answer is to another question: it takes the table for {words[stated.maximise]}, "
            f"asked is to take it for {words[question.maximise]}"
        )
    return found


_BESIDE = {"burdens": "burdens", "initial_loads": "loads carried before", "locked": "locked tasks"}


def made_otherwise(case: Case, stated: Stated) -> list[str]:
    """Return which inputs the answer was made with and are not given here, or the reverse, one line each.

    If there are any, nothing else about the answer can be checked.
    """
    if stated.made_with is None:
        return []
    missing = [
        f"the answer was made with {words}, and none are given here; give the same"
        for name, words in _BESIDE.items()
        if stated.made_with[name] and not case.made_with[name]
    ]
    added = [
        f"{words} are given here, and the answer was made without; leave them out, or make it anew"
        for name, words in _BESIDE.items()
        if case.made_with[name] and not stated.made_with[name]
    ]
    return missing + added


def same_member(one: Fairness, other: Fairness) -> bool:
    """Return whether two members ask the same, apart from entitlements."""
    ours, theirs = (_identity(member) for member in (one, other))
    return ours.keys() == theirs.keys() and all(_same_value(ours[key], theirs[key]) for key in ours)


def _identity(member: Fairness) -> dict[str, Any]:
    kind = type(member).__qualname__
    return {"kind": kind} | {key: value for key, value in member.to_dict().items() if key != "entitlements"}


def _same_value(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_SAME, abs_tol=0.0)
    return bool(one == other)


def same_entitlements(one: tuple[float, ...] | None, other: tuple[float, ...] | None) -> bool:
    """Return whether two entitlements give every agent the same share; None stands for equal ones."""
    n = len(one or other or (1.0, 1.0))
    pairs = zip(exact_shares_of(n, one), exact_shares_of(n, other), strict=True)
    return all(abs(ours - theirs) <= Fraction(_SAME) * ours for ours, theirs in pairs)


def _spread(entitlements: tuple[float, ...] | None) -> str:
    if entitlements is None or len(set(entitlements)) == 1:
        return "equal"
    if len(entitlements) <= 8:
        return f"({', '.join(f'{value:g}' for value in entitlements)})"
    return f"from {min(entitlements):g} to {max(entitlements):g}"


def describe(member: Fairness) -> str:
    """Return a fairness member in words: what it asks, of which agents, and over which entitlements."""
    said = member.in_words()
    if member.entitlements is not None and len(set(member.entitlements)) > 1:
        said += f", over unequal entitlements ({_spread(member.entitlements).strip('()')})"
    return said


def asked_in_full(case: Case, stated: Stated, question: Question) -> tuple[str, ...]:
    """Return the question in full, one sentence for each part."""
    own = "the question is the answer's own; give yours to have it compared"
    table = "profits, of which more is better" if case.maximise else "costs, of which less is better"
    shared = "another table, of burdens" if case.shares_burdens else f"the {'profits' if case.maximise else 'costs'}"
    sentences = [
        describe(stated.fairness),
        own if question.fairness is None else "compared with the question that you give",
        f"entitlements: {_in_full(stated.fairness.entitlements, case.agents)}",
        f"{len(case.agents)} agents, {len(case.tasks)} tasks; the table is of {table}; what is shared is {shared}",
    ]
    if case.initial_loads.any():
        carried = tuple(float(load) for load in case.initial_loads)
        sentences.append(f"carried before: {_in_full(carried, case.agents)}")
    if case.locked:
        pairs = ", ".join(f"{case.tasks[task]} to {case.agents[agent]}" for task, agent in case.locked.items())
        sentences.append(f"locked beforehand: {pairs}")
    if stated.changes is not None and stated.changes.at_most is not None:
        held = int((stated.changes.before != NEW).sum())
        sentences.append(f"at most {stated.changes.at_most} of the {held} tasks that somebody had before change hands")
    return tuple(sentences)


def _in_full(values: tuple[float, ...] | None, agents: Sequence[str]) -> str:
    """Return `values` in words, with the agents that have each of them."""
    if values is None or len(set(values)) == 1:
        return "equal for all" if values is None else f"{values[0]:.10g} for all"
    holders: dict[float, list[str]] = {}
    for value, agent in zip(values, agents, strict=True):
        holders.setdefault(value, []).append(agent)
    return "; ".join(f"{value:.10g} for {', '.join(names)}" for value, names in sorted(holders.items(), reverse=True))
