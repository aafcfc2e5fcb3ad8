"""The claims of an answer from a list of candidates, read from its JSON without trusting it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evenhand.assignment.candidates.build_several import ListedProblem
from evenhand.assignment.candidates.listed_certificate import ListedCertificate
from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.rules.stated_rules import SHAPE, SOURCE
from evenhand.assignment.stated_answer import KINDS, check_who
from evenhand.errors import InputError
from evenhand.tables.shapes import check_shape

_CERTIFICATE = {"kind": KINDS, "counts": [float], "corners": [float], "multipliers": [float], "points": [[float]]}
LISTED_SHAPE = SHAPE | {"certificate": (_CERTIFICATE, None)}


@dataclass(frozen=True)
class StatedSeveral:
    """The claims of an answer, of the right types; see :class:`~...rules.stated_rules.StatedRules`."""

    data: Mapping[str, Any]
    certificate: ListedCertificate | None
    bound: float
    named: tuple[bool, bool]
    changes: None = None

    def __getattr__(self, name: str) -> Any:
        try:
            return self.data[name]
        except KeyError:
            raise AttributeError(name) from None


def read_stated_several(answer: RuledAssignment | Mapping[str, Any], problem: ListedProblem) -> StatedSeveral:
    """Read the claims of an answer to a problem.

    Raises
    ------
    InputError
        If a field is missing, or has the wrong type or length, so that this is not an answer at all.
    """
    data = answer.to_dict() if isinstance(answer, RuledAssignment) else dict(answer)
    if "rules" not in data:
        raise InputError(f"{SOURCE} was made without rules, and some are given here; leave them out, or make it anew")
    check_who(data.get("agents"), problem.agents, "agent", "--without {}")
    check_who(data.get("tasks"), problem.tasks, "task", "--ignore-row or --ignore-column {}")
    check_shape(data, LISTED_SHAPE, SOURCE)
    if len(data["rules"]) != len(problem.rules):
        counts = f"{len(data['rules'])} of them, and asked are {len(problem.rules)}"
        raise InputError(f"the answer keeps other rules, {counts}; give the same, with rules= or --rules and the like")
    n, totals, given = len(problem.agents), len(problem.several.carried), data["certificate"]
    if given is not None and (
        len(given["multipliers"]) != len(given["points"]) or any(len(point) != totals for point in given["points"])
    ):
        raise InputError(f"{SOURCE}: certificate.points needs {totals} numbers for each of certificate.multipliers")
    certificate = None if given is None else ListedCertificate.from_dict(given)
    if certificate is not None and (len(certificate.counts) != n or len(certificate.corners) not in (0, totals)):
        raise InputError(f"{SOURCE}: certificate.counts needs {n} numbers, certificate.corners none or {totals}")
    for name, length in (("agents", n), ("tasks", len(problem.tasks))):
        if len(data[name]) != length:
            raise InputError(f"{SOURCE}: {name} has {len(data[name])} entries; the question asks for {length}")
    if data["assignment"] is not None and len(data["assignment"]) != len(problem.tasks):
        raise InputError(f"{SOURCE}: assignment has {len(data['assignment'])} entries for {len(problem.tasks)} tasks")
    if data["bound"] is None and data["status"] != "infeasible":
        raise InputError(f"{SOURCE}: bound is null; it must be a number unless the status is 'infeasible'")
    infinite = -math.inf if data["maximise"] else math.inf
    bound = infinite if data["bound"] is None else float(data["bound"])
    named = (data["named"]["agents"], data["named"]["tasks"])
    rest = {key: value for key, value in data.items() if key not in ("certificate", "bound", "named")}
    for name, names in (("agents", problem.agents), ("tasks", problem.tasks)):
        rest[name] = names if list(names) == data[name] else data[name]
    return StatedSeveral(rest, certificate, bound, named)
