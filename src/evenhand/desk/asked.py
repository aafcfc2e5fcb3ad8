"""What a planner asks of a plan: how fair each burden is to be, limits for everybody, and wishes about single tasks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.asked import asked_fairness
from evenhand.fairness.registry import MEMBERS

LOCK, FORBID = "lock", "forbid"
KINDS = (LOCK, FORBID)
"""What a planner may wish of a task: that an agent does it, or does not."""

MEASURES = tuple(name for name, member in MEMBERS.items() if member.words.kind is float)
"""Measures that one number states, so that a slider can."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish of the planner: `task` is locked to `agent`, or forbidden to them; positions in the table."""

    kind: str
    task: int
    agent: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How a burden is to be shared: a measure of :data:`MEASURES`, its parameter, and the order of ``epsilon``."""

    measure: str = "max_over_mean"
    parameter: float = 1.2
    p: float | None = None

    def member(self, n: int, entitlements: tuple[float, ...] | None) -> Fairness:
        """Return the member for `n` agents.

        Raises
        ------
        InputError
            If the measure is unknown, or its parameter out of range.
        """
        if self.measure not in MEASURES:
            raise InputError(f"measure {self.measure!r} is unknown; it is one of {', '.join(MEASURES)}")
        order = self.p if self.measure == "epsilon" else None
        return asked_fairness({self.measure: self.parameter}, order, n, entitlements)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits for everybody; None where nothing is asked.

    Attributes
    ----------
    least_tasks, most_tasks
        Least and most number of tasks of each agent.
    most_load
        Largest load of each agent, work from before included, in the unit of what the slider shares.

    Raises
    ------
    InputError
        If a limit is negative or no finite number, or the least exceeds the most.
    """

    least_tasks: float | None = None
    most_tasks: float | None = None
    most_load: float | None = None

    def __post_init__(self) -> None:
        for name in BOUNDS:
            _check_limit(name, getattr(self, name))
        if self.least_tasks is not None and self.most_tasks is not None and self.least_tasks > self.most_tasks:
            raise InputError(
                f"nobody fewer than {self.least_tasks:g} tasks and nobody more than {self.most_tasks:g} exclude each "
                "other; lower the first or raise the second"
            )


BOUNDS = ("least_tasks", "most_tasks", "most_load")


def _check_limit(name: str, value: float | None) -> None:
    """Raise an InputError if a limit is neither None nor a finite number >= 0."""
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise InputError(f"{name.replace('_', ' ')} is {value:g}; it must be a finite number >= 0")


@dataclass(frozen=True, slots=True)
class Share:
    """How a further burden is shared: by a rule if that is `on`, and with at most `most` for each agent if not None."""

    rule: Rule = field(default_factory=Rule)
    on: bool = True
    most: float | None = None

    def __post_init__(self) -> None:
        _check_limit("most", self.most)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that is asked of a plan; undo goes from one of these to the one before.

    Attributes
    ----------
    rule
        How the first burden is to be shared.
    bounds
        Limits for everybody.
    shares
        How each further burden is shared, in the order of the desk's.
    wishes
        Wishes about tasks in the order in which they came; a later one about the same task and agent replaces an
        earlier one.
    """

    rule: Rule = field(default_factory=Rule)
    bounds: Bounds = field(default_factory=Bounds)
    shares: tuple[Share, ...] = ()
    wishes: tuple[Wish, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return what is asked as JSON values, from which :func:`asked_of` makes the same again."""
        return {
            "rule": _told_rule(self.rule),
            "bounds": {name: getattr(self.bounds, name) for name in BOUNDS},
            "shares": [{"rule": _told_rule(share.rule), "on": share.on, "most": share.most} for share in self.shares],
            "wishes": [{"kind": wish.kind, "task": wish.task, "agent": wish.agent} for wish in self.wishes],
        }


def _told_rule(rule: Rule) -> dict[str, Any]:
    """Return a rule as JSON values."""
    return {"measure": rule.measure, "parameter": rule.parameter, "p": rule.p}


def rule_of(data: Mapping[str, Any]) -> Rule:
    """Return the rule in the JSON of a request.

    Raises
    ------
    InputError
        If it is not one.
    """
    try:
        order = data.get("p")
        return Rule(str(data["measure"]), float(data["parameter"]), None if order is None else float(order))
    except (LookupError, TypeError, ValueError, AttributeError):
        raise InputError(f"rule {data!r} should have a measure and a parameter") from None


def asked_of(data: Mapping[str, Any], before: Asked) -> Asked:
    """Return what the JSON of a request or of a session asks; what it leaves out is as `before`.

    Raises
    ------
    InputError
        If a part is not what :meth:`Asked.told` makes of it.
    """
    asked = before
    try:
        if "measure" in data or "rule" in data:
            asked = replace(asked, rule=rule_of(data.get("rule", data)))
        if "bounds" in data:
            asked = replace(asked, bounds=Bounds(**{name: _limit(data["bounds"].get(name)) for name in BOUNDS}))
        if "shares" in data:
            shares = [
                Share(rule_of(share["rule"]), bool(share["on"]), _limit(share["most"])) for share in data["shares"]
            ]
            asked = replace(asked, shares=tuple(shares))
        if "wishes" in data:
            wishes = [Wish(str(wish["kind"]), int(wish["task"]), int(wish["agent"])) for wish in data["wishes"]]
            asked = replace(asked, wishes=tuple(wishes))
    except InputError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"what is asked of the plan cannot be read ({error})") from None
    return asked


def _limit(value: Any) -> float | None:
    if isinstance(value, bool) or not (value is None or isinstance(value, int | float)):
        raise InputError(f"limit {value!r} should be a number")
    return None if value is None else float(value)
