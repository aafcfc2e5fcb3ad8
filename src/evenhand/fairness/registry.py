"""All members by name, for options and files."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from evenhand.errors import InputError, choices
from evenhand.fairness.cone import Cone
from evenhand.fairness.cv_and_jain import CVAtMost, JainAtLeast
from evenhand.fairness.epsilon import EpsilonFairness
from evenhand.fairness.gini import GiniAtMost
from evenhand.fairness.hoover import HooverAtMost
from evenhand.fairness.least_over_mean import LeastOverMean
from evenhand.fairness.max_over_mean import MaxOverMean
from evenhand.fairness.protocol import Fairness
from evenhand.fairness.relative_range import RangeAtMost
from evenhand.fairness.selection import among
from evenhand.fairness.top_share import TopShareAtMost

MEMBERS: dict[str, type[Cone]] = {
    member.name: member
    for member in (
        EpsilonFairness,
        JainAtLeast,
        CVAtMost,
        MaxOverMean,
        LeastOverMean,
        TopShareAtMost,
        GiniAtMost,
        HooverAtMost,
        RangeAtMost,
    )
}
"""The members by name, in the order in which help lists their options. Add a line here for a new member."""


def from_dict(data: dict[str, Any]) -> Fairness:
    """Rebuild a member from its ``to_dict()``.

    Raises
    ------
    InputError
        If the name is unknown, or a field is missing or unknown.

    Examples
    --------
    >>> from_dict({"name": "gini", "gini": 0.2})
    GiniAtMost(0.2)
    """
    if not isinstance(data, dict):
        raise InputError(f"fairness is {data!r}; an object with a name and a parameter is needed")
    member = MEMBERS.get(str(data.get("name")))
    if "selected" in data and "candidates" in data:
        asked = {key: value for key, value in data.items() if key not in ("selected", "candidates")}
        return among(from_dict(asked), data["selected"], data["candidates"])
    if member is None:
        raise InputError(
            f"fairness has the name {data.get('name')!r}; {choices(data.get('name'), MEMBERS, quoted=False)}"
        )
    known = {entry.name for entry in fields(member)}
    given = {key: value for key, value in data.items() if key != "name"}
    unknown = sorted(given.keys() - known)
    if unknown:
        hint = choices(unknown[0], sorted(known), quoted=False)
        raise InputError(f"fairness {member.name!r} has the unknown field {unknown[0]!r}; {hint}")
    needed = (entry.name for entry in fields(member) if entry.default is MISSING and entry.name not in given)
    lacking = next(needed, None)
    if lacking is not None:
        raise InputError(f"fairness {member.name!r} lacks the field {lacking!r}")
    return member(**given)
