"""The claims of an answer, read from an `Assignment` or its JSON without trusting either."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand import fairness as family
from evenhand.assignment.assignment_result import Assignment, Certificate, Changes
from evenhand.assignment.stated_changes import FewestChanges, read_changes
from evenhand.assignment.verified_fields import LEDGER, fields_of
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.number_checks import is_number, is_whole
from evenhand.tables.cost_table import shown
from evenhand.tables.default_names import DefaultNames

STATUSES = ("optimal", "infeasible", "time_limit")
KINDS = ("bound", "infeasible")
SPARE_POINTS = 8
"""Number of points that a certificate may have beyond one per agent. By Caratheodory's theorem for cones, no bound
needs more than n of them; the limit keeps exact arithmetic fast."""
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
_DERIVED = ("epsilon", "p", "level", "cv", "jain", "cv_bound", "base_cost", "price")


@dataclass(frozen=True, slots=True)
class StatedBracket:
    """The stated bracket of attainable parameters; attributes are those of :class:`~evenhand.assignment.Attainable`."""

    fairness: str
    reached: float
    refuted: float | None
    assignment: NDArray[np.intp] | None
    possible: str | None
    impossible: str | None
    budget: float | None
    certified: float | None
    certificate: Certificate | None

    def parameters(self) -> dict[str, float | None]:
        """Return all parameters of the bracket as numbers, including those that are stated as text."""
        texts = {"possible": self.possible, "impossible": self.impossible}
        read = {name: None if text is None else float(text) for name, text in texts.items()}
        return {"reached": self.reached, "refuted": self.refuted, "certified": self.certified, **read}


@dataclass(frozen=True, slots=True)
class Stated:
    """The claims of an answer: of the right types and shapes, but otherwise unchecked.

    Attributes are those of :class:`~evenhand.assignment.Assignment`, with these differences: `agents` and `tasks` are
    None if the answer does not name them; `named` holds None if the answer does not say whether the names are the
    table's own; `derived` holds the measures of the loads that the JSON repeats; and `unread` lists fields that the
    ledger does not know.
    """

    status: str
    assignment: NDArray[np.intp] | None
    loads: tuple[float, ...] | None
    cost: float | None
    bound: float
    gap: float | None
    certified_gap: float | None
    fairness: Fairness
    certificate: Certificate | None
    agents: Sequence[str] | None
    tasks: Sequence[str] | None
    named: tuple[bool | None, bool | None]
    derived: dict[str, Any]
    maximise: bool
    made_with: dict[str, bool] | None
    attainable: StatedBracket | None
    changes: Changes | None
    fewest_changes: FewestChanges | None
    unread: tuple[str, ...]


def read_stated(answer: Assignment | Mapping[str, Any], agents: Sequence[str], tasks: Sequence[str]) -> Stated:
    """Read the claims of `answer` about the `agents` and `tasks` of a table.

    Raises
    ------
    InputError
        If a field is missing, or has the wrong type, length or range, so that this is not an answer at all.
    """
    data = _fields(answer)
    n, m = len(agents), len(tasks)
    check_who(data.get("agents"), agents, "agent", "--without {}")
    check_who(data.get("tasks"), tasks, "task", "--ignore-row or --ignore-column {}")
    status = data["status"]
    if status not in STATUSES:
        raise InputError(f"status is {status!r}; it should be one of {', '.join(STATUSES)}")
    bound = _number(data, "bound", optional=status == "infeasible")
    maximise = data.get("maximise", False)
    if not isinstance(maximise, bool):
        raise InputError(f"maximise is {_short(maximise)}; it should be true or false")
    changes, fewest = read_changes(data.get("changes"), n, m) or (None, None)
    return Stated(
        status=status,
        assignment=_assignment(data["assignment"], n, m),
        loads=None if data["loads"] is None else tuple(_vector(data["loads"], "loads", n)),
        cost=_number(data, "cost", optional=True),
        bound=(-math.inf if maximise else math.inf) if bound is None else bound,
        gap=_number(data, "gap", optional=True),
        certified_gap=_number(data, "certified_gap", optional=True),
        fairness=read_fairness(data["fairness"], n),
        certificate=_certificate(data["certificate"], n),
        agents=_names(data.get("agents"), "agents", n),
        tasks=_names(data.get("tasks"), "tasks", m),
        named=_named(data.get("named")),
        derived={key: data[key] for key in _DERIVED if key in data},
        maximise=maximise,
        made_with=_made_with(data.get("made_with")),
        attainable=_bracket(data.get("attainable"), n, m),
        changes=changes,
        fewest_changes=fewest,
        unread=tuple(name for name in fields_of(data) if name not in LEDGER),
    )


def check_who(stated: Any, names: Sequence[str], kind: str, option: str) -> None:
    """Raise an InputError if the answer names more or fewer agents or tasks than there are, with a likely reason."""
    if not isinstance(stated, list | tuple | DefaultNames) or len(stated) == len(names):
        return
    if not set(map(type, stated)) <= {str}:
        return
    ours, theirs = set(names), set(stated)
    missing = [name for name in names if name not in theirs]
    added = [name for name in stated if name not in ours]
    counts = f"the answer is about {len(stated)} {kind}s, the table about {len(names)}"
    if missing and not added:
        why = f"{_some(missing)} {_stands(missing)} in the table only: if the answer was made without, give "
        raise InputError(f"{counts}; {why}{option.format(shlex.quote(missing[0]))}")
    if added and not missing:
        why = f"{_some(added)} {_stands(added)} in the answer only: give the table, and the options, it was made with"
        raise InputError(f"{counts}; {why}")
    raise InputError(f"{counts}, and the names differ: give the table that it was made from")


def _some(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names[:3]) + (", ..." if len(names) > 3 else "")


def _stands(names: Sequence[str]) -> str:
    return "stands" if len(names) == 1 else "stand"


def maximises(answer: object) -> bool:
    """Return whether `answer` says that its table holds profits; `read_stated` refuses all but true and false."""
    said = answer.get("maximise") if isinstance(answer, Mapping) else getattr(answer, "maximise", False)
    return said is True


_REQUIRED = ("status", "assignment", "loads", "cost", "bound", "gap", "certified_gap", "fairness", "certificate")


def _fields(answer: Assignment | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(answer, Assignment):
        # Not to_dict(), which computes measures, and whose fairness cannot be read back if the member is the user's
        # own.
        names = (*_REQUIRED, "agents", "tasks", "maximise", "made_with")
        data: dict[str, Any] = {name: getattr(answer, name) for name in names}
        data["named"] = dict(zip(("agents", "tasks"), answer.named, strict=True))
        for name in ("assignment", "loads"):
            if isinstance(data[name], np.ndarray):
                data[name] = data[name].tolist()
        data["changes"] = None if answer.changes is None else answer.changes.to_dict()
        data["attainable"] = None if answer.attainable is None else answer.attainable.to_dict()
        if isinstance(answer.certificate, Certificate):
            data["certificate"] = answer.certificate.to_dict()
        if answer.status == "infeasible" and data["bound"] in (math.inf, -math.inf):
            data["bound"] = None
        return data
    if not isinstance(answer, Mapping):
        raise InputError(f"the answer is a {type(answer).__name__}; it should be an Assignment or its JSON, an object")
    if "rules" in answer:
        raise InputError("the answer is one under several rules; give these, too: rules=, or --rules and the like")
    missing = [name for name in _REQUIRED if name not in answer]
    if missing:
        raise InputError(
            f"the answer has no {missing[0]!r}; it should be the JSON of an Assignment, as this version writes it"
        )
    return dict(answer)


def _real(value: Any, where: str) -> float:
    """Return `value` as a finite float; raise `InputError`, which names it by `where`, if it is none."""
    try:
        number = float(value) if is_number(value) else math.nan
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f"{where} is {_short(value)}; it should be a finite number")
    return number


def _number(data: Mapping[str, Any], key: str, *, optional: bool) -> float | None:
    if data[key] is None and optional:
        return None
    return _real(data[key], key)


def _list(value: Any, name: str, length: int | None = None) -> Sequence[Any]:
    if not isinstance(value, list | tuple | DefaultNames):
        raise InputError(f"{name} is {_short(value)}; it should be a list")
    if length is not None and len(value) != length:
        raise InputError(f"{name} has {len(value)} entries; the table asks for {length}")
    return value


def _vector(value: Any, name: str, length: int | None = None) -> list[float]:
    return [_real(entry, f"{name}[{k}]") for k, entry in enumerate(_list(value, name, length))]


def _assignment(value: Any, n: int, m: int) -> NDArray[np.intp] | None:
    if value is None:
        return None
    for task, agent in enumerate(_list(value, "assignment", m)):
        if not is_whole(agent) or not 0 <= agent < n:
            raise InputError(
                f"assignment[{task}] is {_short(agent)}; it should be the position of an agent, 0 to {n - 1}"
            )
    return np.asarray(value, dtype=np.intp).reshape(m)


def _names(value: Any, name: str, length: int) -> Sequence[str] | None:
    if value is None:
        return None
    if isinstance(value, DefaultNames) and len(value) == length:
        return value
    for k, entry in enumerate(_list(value, name, length)):
        if not isinstance(entry, str):
            raise InputError(f"{name}[{k}] is {_short(entry)}; it should be a name")
    return tuple(value)


def _named(value: Any) -> tuple[bool | None, bool | None]:
    if value is None:  # older answers do not say
        return None, None
    if not isinstance(value, Mapping) or set(value) != {"agents", "tasks"}:
        raise InputError(f"named is {_short(value)}; it should say of agents and tasks whether the table names them")
    for entry in value.values():
        if not isinstance(entry, bool):
            raise InputError(f"named is {_short(value)}; true or false should stand for agents and tasks")
    return value["agents"], value["tasks"]


def _made_with(value: Any) -> dict[str, bool] | None:
    if value is None:  # older answers do not say
        return None
    known = {"burdens", "initial_loads", "locked"}
    if not isinstance(value, Mapping) or set(value) != known or not all(isinstance(v, bool) for v in value.values()):
        raise InputError(f"made_with is {_short(value)}; it should have true or false for {', '.join(sorted(known))}")
    return dict(value)


def _bracket(value: Any, n: int, m: int) -> StatedBracket | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not {"fairness", "reached", "refuted"} <= set(value):
        raise InputError(f"attainable is {_short(value)}; it should have fairness, reached and refuted")
    texts = {key: value.get(key) for key in ("possible", "impossible")}
    for key, text in texts.items():
        if text is not None and not (isinstance(text, str) and _PLAIN_NUMBER.fullmatch(text)):
            raise InputError(f"attainable {key} is {_short(text)}; it should be the text of a number")
    if not isinstance(value["fairness"], str):
        raise InputError(f"attainable fairness is {_short(value['fairness'])}; it should be the name of a measure")
    return StatedBracket(
        fairness=value["fairness"],
        reached=_real(value["reached"], "attainable reached"),
        refuted=None if value["refuted"] is None else _real(value["refuted"], "attainable refuted"),
        assignment=_assignment(value.get("assignment"), n, m),
        budget=None if value.get("budget") is None else _real(value["budget"], "attainable budget"),
        certified=None if value.get("certified") is None else _real(value["certified"], "attainable certified"),
        certificate=_certificate(value.get("certificate"), n),
        **texts,
    )


def read_fairness(value: Any, n: int) -> Fairness:
    """Return the stated member for `n` agents; raise `InputError` if it names none."""
    if isinstance(value, family.Fairness) and not isinstance(value, type):
        member = value
    elif isinstance(value, Mapping):
        try:
            member = family.from_dict(dict(value))
        except InputError:
            raise
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InputError(f"fairness is {_short(value)}, which names no member of the family ({error})") from error
    else:
        raise InputError(f"fairness is {_short(value)}; it should name a member and its bound")
    if member.entitlements is not None and len(member.entitlements) != n:
        raise InputError(f"fairness has {len(member.entitlements)} entitlements; the table has {n} agents")
    return member


def _certificate(value: Any, n: int) -> Certificate | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not {"kind", "multipliers", "points"} <= set(value):
        raise InputError(f"certificate is {_short(value)}; it should have kind, multipliers and points")
    if value["kind"] not in KINDS:
        raise InputError(f"certificate kind is {_short(value['kind'])}; it should be one of {', '.join(KINDS)}")
    points = _list(value["points"], "certificate points", None)
    if len(points) > n + SPARE_POINTS:
        raise InputError(f"certificate has {len(points)} points; for {n} agents no more than {n} are of use")
    multipliers = _vector(value["multipliers"], "certificate multipliers")
    if len(points) != len(multipliers):
        raise InputError(f"certificate has {len(multipliers)} multipliers for {len(points)} points")
    rows = [_vector(point, f"certificate points[{k}]", n) for k, point in enumerate(points)]
    return Certificate(
        value["kind"],
        np.asarray(multipliers, dtype=np.float64),
        np.asarray(rows, dtype=np.float64).reshape(len(rows), n),
        _real(value.get("change_price", 0.0), "certificate change_price"),
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
