"""What lies on the desk: tables, a rule, the planner's wishes, and the plans that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.asked import asked_fairness
from evenhand.fairness.registry import MEMBERS
from evenhand.tables import CostTable
from evenhand.tables.cost_table import shown

LOCK, FORBID = "lock", "forbid"
KINDS = (LOCK, FORBID)
"""What a planner may wish of a task: that an agent does it, or does not."""

DISTANCES = "costs.csv"
"""Name of a table of costs that is no file yet, because the desk made it."""

LONGEST_UNIT = 12
"""Upper limit on the letters of a unit."""

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
    """How the burden is to be shared: a measure of :data:`MEASURES`, its parameter, and the order of ``epsilon``."""

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
class Desk:
    """Everything that a plan is made of.

    Attributes
    ----------
    costs, burdens
        The tables; burdens are None if the costs are shared.
    entitlements, initial_loads
        A number for each agent; None if not given.
    rule
        How the burden is to be shared.
    unit, burden_unit
        Units of costs and loads, such as EUR and h; empty for none.
    wishes
        Wishes in the order in which they came; a later one about the same task and agent replaces an earlier one.
    undone
        Wishes that were taken back, the last one first; a new wish clears them.
    """

    costs: CostTable
    burdens: CostTable | None = None
    entitlements: tuple[float, ...] | None = None
    initial_loads: tuple[float, ...] | None = None
    rule: Rule = field(default_factory=Rule)
    wishes: tuple[Wish, ...] = ()
    undone: tuple[Wish, ...] = ()
    unit: str = ""
    burden_unit: str = ""

    def __post_init__(self) -> None:
        for unit in (self.unit, self.burden_unit):
            if len(unit) > LONGEST_UNIT or not unit.isprintable():
                raise InputError(f"unit {shown(unit)} should be short, such as EUR or h")

    @property
    def agents(self) -> tuple[int, tuple[float, ...] | None]:
        """Number of agents, and their entitlements."""
        return len(self.costs.agents), self.entitlements

    def wish(self, kind: str, task: int, agent: int) -> Desk:
        """Return the desk with one more wish.

        A task is locked to one agent at a time: a new lock replaces the last, and a ban on whoever has it lifts it.

        Raises
        ------
        InputError
            If there is no such kind, task or agent, or nobody would be left to do the task.
        """
        n, m = self.costs.values.shape
        if kind not in KINDS:
            raise InputError(f"wish {kind!r} is unknown; it is one of {', '.join(KINDS)}")
        if not (0 <= task < m and 0 <= agent < n):
            raise InputError(f"there is no task {task} or agent {agent}; the table has {m} tasks and {n} agents")
        new = Wish(kind, task, agent)
        gone = {Wish(FORBID, task, agent), Wish(LOCK, task, agent)}
        kept = [old for old in self.wishes if old not in gone and not (kind == LOCK == old.kind and old.task == task)]
        desk = replace(self, wishes=(*kept, new), undone=())
        allowed = desk.allowed(task)
        if not allowed.any() or (kind == LOCK and not np.isfinite(self.costs.values[agent, task])):
            whose = f"agent {self.costs.agents[agent]}" if kind == LOCK else "every agent"
            raise InputError(f"task {self.costs.tasks[task]} would be forbidden to {whose}; allow somebody to do it")
        return desk

    def allowed(self, task: int) -> Any:
        """Return which agents may do a task, booleans of shape (n,)."""
        allowed = np.isfinite(self.costs.values[:, task])
        for wish in self.wishes:
            if wish.kind == FORBID and wish.task == task:
                allowed[wish.agent] = False
        return allowed

    def undo(self) -> Desk:
        """Return the desk without the last wish; the same one if there is none."""
        if not self.wishes:
            return self
        return replace(self, wishes=self.wishes[:-1], undone=(self.wishes[-1], *self.undone))

    def redo(self) -> Desk:
        """Return the desk with the wish that was taken back last; the same one if there is none."""
        if not self.undone:
            return self
        return replace(self, wishes=(*self.wishes, self.undone[0]), undone=self.undone[1:])

    def question(self) -> dict[str, Any]:
        """Return the arguments of :func:`evenhand.assign` that the desk asks."""
        values = self.costs.values
        banned = [wish for wish in self.wishes if wish.kind == FORBID]
        if banned:
            values = np.array(values)
            values[[wish.agent for wish in banned], [wish.task for wish in banned]] = np.inf
        return {
            "costs": replace(self.costs, values=values),
            "fairness": self.rule.member(len(values), self.entitlements),
            "burdens": self.burdens,
            "initial_loads": self.initial_loads,
            "locked": {wish.task: wish.agent for wish in self.wishes if wish.kind == LOCK} or None,
        }

    def command(self) -> list[str]:
        """Return words of a command line that makes the same plan, with the files that :meth:`needed` names."""
        words = ["evenhand", "assign", self.needed.get("costs", self.costs.source)]
        if self.burdens is not None and (self.needed or self.burdens.source != self.costs.source):
            words += ["--burdens", self.needed.get("burdens", self.burdens.source)]
        for option, values in (("--entitlements", self.entitlements), ("--initial-loads", self.initial_loads)):
            if values is not None:
                words += [option, ",".join(f"{value:.12g}" for value in values)]
        if "locked" in self.needed:
            words += ["--locked", self.needed["locked"]]
        words += [f"--{self.rule.measure.replace('_', '-')}", f"{self.rule.parameter:.12g}"]
        if self.rule.p is not None and self.rule.measure == "epsilon":
            words += ["--p", f"{self.rule.p:g}"]
        return words

    @property
    def needed(self) -> dict[str, str]:
        """Names of files that the command needs and that are to be saved from the desk, by what they are.

        Wishes change the costs, or lock tasks, which the files that were dropped do not say.
        """
        kinds = {wish.kind for wish in self.wishes}
        files = {"locked": "locked.csv"} if LOCK in kinds else {}
        if FORBID in kinds or self.costs.source == DISTANCES:
            files["costs"] = DISTANCES
            if self.burdens is not None:
                files["burdens"] = "burdens.csv"
        return files


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
