"""The claims of an answer under several rules, read from its JSON without trusting it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.rules.ruled_assignment import RuledAssignment
from evenhand.assignment.rules.ruled_certificate import RuledCertificate
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.assignment.stated_answer import KINDS, SPARE_POINTS, STATUSES, check_who, read_fairness
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.tables.shapes import Whole, as_written, check_shape

SOURCE = "the answer"

MOST_NUMBERS = 200_000
"""Upper limit on the numbers in the points of a rule, unless one point per agent has more: exact cuts take time."""

_LIMITS = ([(float, None)], None)
_RULE = {"name": str, "fairness": (dict, None), "least": _LIMITS, "most": _LIMITS, "counted": [Whole(0)]}
_RULE |= {"over": str, "loads": ([float], None), "level": (float, None)}
_MULTIPLIERS = {"multipliers": [float], "points": [[float]], "least": [float], "most": [float]}
_CLIQUES = {"shape": [Whole(0)], "clique": [Whole(0)], "agent": [Whole(0)], "multiplier": [float]}
SHAPE: dict[str, Any] = {
    "status": STATUSES,
    "maximise": bool,
    "cost": (float, None),
    "base_cost": float,
    "price": (float, None),
    "bound": (float, None),
    "gap": (float, None),
    "certified_gap": (float, None),
    "assignment": ([int], [[int]], None),
    "rules": [_RULE],
    "agents": [str],
    "tasks": [str],
    "made_with": {"needs": bool, "together": bool, "exclusive": bool, "locked": bool},
    "named": {"agents": bool, "tasks": bool},
    "certificate": ({"kind": KINDS, "rules": [_MULTIPLIERS], "exclusive": _CLIQUES}, None),
    "contradiction": [str],
    "irreducible": bool,
    "nearest": [{"rule": str, "what": str, "asked": float, "reached": float, "refuted": (float, None)}],
    "shortage": str,
}
IGNORED = ("seconds", "version")
_AS_STATED = ("cost", "base_cost", "price", "gap", "certified_gap", "maximise", "made_with", "irreducible", "shortage")


@dataclass(frozen=True, slots=True)
class StatedRule:
    """The claims about one rule; attributes are those of :class:`RuleResult`, but otherwise unchecked."""

    name: str
    fairness: Fairness | None
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    counted: tuple[int, ...]
    loads: tuple[float, ...] | None
    level: float | None


@dataclass(frozen=True, slots=True)
class StatedRules:
    """The claims of an answer: of the right types and shapes, but otherwise unchecked.

    Attributes are those of :class:`RuledAssignment`; `plan` is the assignment, shape (m, k) with -1 for none, `cliques`
    is the number of cliques of tasks that exclude each other, and `unread` lists fields that are not known.
    """

    status: str
    plan: NDArray[np.intp] | None
    rules: tuple[StatedRule, ...]
    cost: float | None
    base_cost: float
    price: float | None
    bound: float
    gap: float | None
    certified_gap: float | None
    certificate: RuledCertificate | None
    cliques: int
    agents: Sequence[str]
    tasks: Sequence[str]
    named: tuple[bool, bool]
    maximise: bool
    made_with: dict[str, bool]
    contradiction: tuple[str, ...]
    irreducible: bool
    nearest: tuple[dict[str, Any], ...]
    shortage: str
    unread: tuple[str, ...]
    changes: None = None


def is_ruled(answer: object) -> bool:
    """Return whether the JSON of an answer is one under several rules."""
    return isinstance(answer, Mapping) and "rules" in answer


def read_stated_rules(answer: object, problem: RuledProblem) -> StatedRules:
    """Read the claims of an answer to a problem.

    Raises
    ------
    InputError
        If a field is missing, or has the wrong type, length or range, so that this is not an answer at all.
    """
    if not isinstance(answer, RuledAssignment | Mapping):
        raise InputError(
            f"{SOURCE} is a {type(answer).__name__}; it should be a RuledAssignment or its JSON, an object"
        )
    data: dict[str, Any] = answer.to_dict() if isinstance(answer, RuledAssignment) else dict(answer)
    if "rules" not in data:
        raise InputError(f"{SOURCE} was made without rules, and some are given here; leave them out, or make it anew")
    n, m = len(problem.agents), len(problem.tasks)
    check_who(data.get("agents"), problem.agents, "agent", "--without {}")
    check_who(data.get("tasks"), problem.tasks, "task", "--ignore-row or --ignore-column {}")
    check_shape(data, SHAPE, SOURCE)
    if len(data["rules"]) != len(problem.rows):
        raise InputError(
            f"the answer keeps {_rules(len(data['rules']))}, and the question has {_rules(len(problem.rows))}; "
            "give the same, with rules= or --rules and the like"
        )
    infinite = -math.inf if data["maximise"] else math.inf
    if data["bound"] is None and data["status"] != "infeasible":
        raise InputError(f"{SOURCE}: bound is null; it must be a number unless the status is 'infeasible'")
    return StatedRules(
        status=data["status"],
        plan=_plan(data["assignment"], n, m),
        rules=tuple(_rule(rule, k, n) for k, rule in enumerate(data["rules"])),
        bound=infinite if data["bound"] is None else float(data["bound"]),
        certificate=_certificate(data["certificate"], problem),
        cliques=_cliques(data["certificate"], problem),
        agents=tuple(_of_length(data["agents"], n, "agents")),
        tasks=tuple(_of_length(data["tasks"], m, "tasks")),
        named=(data["named"]["agents"], data["named"]["tasks"]),
        contradiction=tuple(data["contradiction"]),
        nearest=tuple(data["nearest"]),
        unread=tuple(name for name in data if name not in SHAPE and name not in IGNORED),
        **{name: data[name] for name in _AS_STATED},
    )


def _rules(count: int) -> str:
    return f"{count} rule{'' if count == 1 else 's'}"


def _of_length(values: list[Any], length: int, place: str) -> list[Any]:
    if len(values) != length:
        raise InputError(f"{SOURCE}: {place} has {len(values)} entries; the question asks for {length}")
    return values


def _plan(given: Any, n: int, m: int) -> NDArray[np.intp] | None:
    """Return the agents of each task, shape (m, k) with -1 for none."""
    if given is None:
        return None
    _of_length(given, m, "assignment")
    rows = [row if isinstance(row, list) else [row] for row in given]
    if len({len(row) for row in rows}) > 1 or not rows[0]:
        raise InputError(f"{SOURCE}: assignment has rows of different lengths; -1 stands where a task needs fewer")
    for task, row in enumerate(rows):
        for agent in row:
            if not -1 <= agent < n:
                raise InputError(f"{SOURCE}: assignment[{task}] is {as_written(agent)}; it must be from -1 to {n - 1}")
    return np.array(rows, dtype=np.intp)


def _rule(data: dict[str, Any], place: int, n: int) -> StatedRule:
    where = f"rules[{place}]"
    loads = data["loads"]
    return StatedRule(
        data["name"],
        None if data["fairness"] is None else read_fairness(data["fairness"], len(data["counted"])),
        _limits(data["least"], n, f"{where}.least", -math.inf),
        _limits(data["most"], n, f"{where}.most", math.inf),
        tuple(data["counted"]),
        None if loads is None else tuple(_of_length(loads, n, f"{where}.loads")),
        data["level"],
    )


def _limits(given: list[Any] | None, n: int, where: str, nothing: float) -> NDArray[np.float64]:
    listed = [None] * n if given is None else _of_length(given, n, where)
    return np.array([nothing if value is None else float(value) for value in listed])


def _cliques(certificate: dict[str, Any] | None, problem: RuledProblem) -> int:
    """Return how many cliques a certificate has prices for; as many as the problem has, without a certificate."""
    shape = [] if certificate is None else certificate["exclusive"]["shape"]
    return int(shape[0]) if shape else len(problem.exclusive)


def _certificate(data: dict[str, Any] | None, problem: RuledProblem) -> RuledCertificate | None:
    """Return the stated certificate, if its shapes fit the problem."""
    if data is None:
        return None
    n = len(problem.agents)
    _of_length(data["rules"], len(problem.rows), "certificate.rules")
    for k, (given, row) in enumerate(zip(data["rules"], problem.rows, strict=True)):
        where = f"certificate.rules[{k}]"
        cuts, limits = (len(given["points"]), 0) if row.fairness is not None else (0, n)
        most = max(len(row.counted) + SPARE_POINTS, MOST_NUMBERS // len(row.counted))
        if cuts > most:
            raise InputError(f"{SOURCE}: {where} has {cuts} points; at most {most} are read")
        for name, length in (("multipliers", cuts), ("points", cuts), ("least", limits), ("most", limits)):
            _of_length(given[name], length, f"{where}.{name}")
        for point in given["points"]:
            _of_length(point, len(row.counted), f"{where}.points")
    listed, shape = data["exclusive"], [len(problem.exclusive), n]
    if _cliques(data, problem) != shape[0]:
        return None  # the answer is to another question, which is refused
    if listed["shape"] != shape:
        raise InputError(f"{SOURCE}: certificate.exclusive has shape {listed['shape']}; the question asks for {shape}")
    for name, most in (("clique", shape[0]), ("agent", n)):
        _of_length(listed[name], len(listed["multiplier"]), f"certificate.exclusive.{name}")
        if any(position >= most for position in listed[name]):
            raise InputError(f"{SOURCE}: certificate.exclusive.{name} has a position beyond {most - 1}")
    return RuledCertificate.from_dict(data)
