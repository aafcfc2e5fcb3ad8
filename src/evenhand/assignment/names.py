"""Compare the names in an answer with those of the table."""

from __future__ import annotations

from collections.abc import Sequence

from evenhand.assignment.case import positions
from evenhand.assignment.claims import Asked, Claims
from evenhand.assignment.recount import Findings
from evenhand.tables.default_names import DefaultNames


def check_names(case: Asked, stated: Claims, found: Findings) -> None:
    """Check that answer and table name the same agents and tasks, in the same order.

    Default names such as ``agent-1``, which tables without names get, count as positions.
    """
    stated_names = zip((stated.agents, stated.tasks), stated.named, strict=True)
    own_names = zip((case.agents, case.tasks), case.named, strict=True)
    for what, (ours, ours_named), (theirs, theirs_named) in zip(
        ("agent", "task"), own_names, stated_names, strict=True
    ):
        if theirs == ours:
            continue
        if theirs is None:
            found.on_trust.append(f"the answer names no {what}s: the {what}s are compared by position")
            continue
        first = next(k for k in range(len(ours)) if ours[k] != theirs[k])
        if theirs_named is False and theirs != DefaultNames(what, len(theirs)):
            found.reasons.append(f"the answer says that its table names no {what}s, yet calls one {theirs[first]!r}")
        elif ours_named == theirs_named or theirs_named is None or _moved(ours, theirs):
            found.reasons.append(f"{what} {first} is {ours[first]!r} in the table and {theirs[first]!r} in the answer")
        else:  # one of the two has default names: only positions can be compared
            whose = "answer" if ours_named else "table"
            found.on_trust.append(f"the {whose} names no {what}s: the {what}s are compared by position")


def _moved(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Return whether a name occurs in both lists, but at different positions."""
    places = positions(ours)
    return any(places.get(name, k) != k for k, name in enumerate(theirs))
