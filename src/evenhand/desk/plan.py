"""What lies on the desk: tables, what is asked of a plan, and what was asked before."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from evenhand.assignment.rules.rule import COUNT, Limits, Rule as EngineRule
from evenhand.desk.asked import FORBID, KINDS, LOCK, Asked, Bounds, Rule, Share, Wish
from evenhand.errors import InputError
from evenhand.fairness.suggestion import possible_text
from evenhand.tables import CostTable
from evenhand.tables.cost_table import shown

LOAD = "load"
"""Name of the limit on the first burden, as the option ``--most-load`` has it."""

GAP, RULED_GAP = 1e-4, 1e-3
"""Relative gap of a plan under one rule, and under several."""

LONGEST_UNIT = 12
"""Upper limit on the letters of a unit."""

MOST_FURTHER = 2
"""Upper limit on the burdens besides the first."""

LONGEST_HISTORY = 200
"""Upper limit on the steps that can be undone."""


@dataclass(frozen=True, slots=True)
class Further:
    """A burden besides the first: its name in messages and answers, and its table."""

    name: str
    table: CostTable


def limit_name(name: str) -> str:
    """Return the name of the limit on a further burden, beside the rule of the same burden."""
    return f"most {name}"


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a plan is made of.

    Attributes
    ----------
    costs, burdens
        The tables; burdens are None if the costs are shared.
    entitlements, initial_loads
        A number for each agent; None if not given. Entitlements hold for all burdens, earlier loads for the first.
    rule, wishes, bounds, shares
        What is asked of the plan; see :class:`~evenhand.desk.asked.Asked`.
    further
        Burdens besides the first, as many as `shares`.
    unit, burden_unit
        Units of costs and loads, such as EUR and h; empty for none.
    history, undone
        What was asked before, the last one last, and what was taken back, the last one first. Something new clears
        `undone`.
    gesture
        Name of the movement that asked last: all that one movement asks is undone in one step.
    mended
        Names of files of which a row was left out, or the like: a command needs the tables as they are on the desk.
    """

    costs: CostTable
    burdens: CostTable | None = None
    entitlements: tuple[float, ...] | None = None
    initial_loads: tuple[float, ...] | None = None
    rule: Rule = field(default_factory=Rule)
    wishes: tuple[Wish, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    further: tuple[Further, ...] = ()
    shares: tuple[Share, ...] = ()
    unit: str = ""
    burden_unit: str = ""
    history: tuple[Asked, ...] = ()
    undone: tuple[Asked, ...] = ()
    gesture: str = ""
    mended: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for unit in (self.unit, self.burden_unit):
            if len(unit) > LONGEST_UNIT or not unit.isprintable():
                raise InputError(f"unit {shown(unit)} should be short, such as EUR or h")
        if len(self.shares) != len(self.further):
            raise InputError(f"{len(self.shares)} shares for {len(self.further)} further burdens; give one for each")

    @property
    def agents(self) -> tuple[int, tuple[float, ...] | None]:
        """Number of agents, and their entitlements."""
        return len(self.costs.agents), self.entitlements

    @property
    def asked(self) -> Asked:
        """What is asked of the plan."""
        return Asked(self.rule, self.bounds, self.shares, self.wishes)

    def _with(self, asked: Asked, **rest: Any) -> Desk:
        return replace(self, rule=asked.rule, bounds=asked.bounds, shares=asked.shares, wishes=asked.wishes, **rest)

    def asking(self, asked: Asked, gesture: str = "") -> Desk:
        """Return the desk with something else asked; what movements of one name ask is one step for :meth:`undo`.

        Raises
        ------
        InputError
            If a measure is unknown, or its parameter out of range, or shares are not as many as further burdens.
        """
        for rule in (asked.rule, *(share.rule for share in asked.shares)):
            rule.member(*self.agents)
        if asked == self.asked:
            return self
        goes_on = gesture != "" and gesture == self.gesture
        history = self.history if goes_on else (*self.history, self.asked)[-LONGEST_HISTORY:]
        return self._with(asked, history=history, undone=(), gesture=gesture)

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
        desk = self.asking(replace(self.asked, wishes=(*kept, new)))
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
        """Return the desk as it was asked before; the same one if nothing was."""
        if not self.history:
            return self
        return self._with(self.history[-1], history=self.history[:-1], undone=(self.asked, *self.undone), gesture="")

    def redo(self) -> Desk:
        """Return the desk with what was taken back last; the same one if nothing was."""
        if not self.undone:
            return self
        return self._with(self.undone[0], history=(*self.history, self.asked), undone=self.undone[1:], gesture="")

    def with_further(self, name: str, table: CostTable, assignment: Any = None) -> Desk:
        """Return the desk with one more burden to be shared, or with another table for the one of the same file.

        It is asked to be as fair as in the plan of an `assignment`, shape (m,), or in the cheapest if None. A burden of
        which nothing is asked makes room for it if there is none left.

        Raises
        ------
        InputError
            If there are as many burdens as there can be.
        """
        files = [one.table.source for one in self.further]
        idle = [place for place, share in enumerate(self.shares) if not share.on and share.most is None]
        new, share = Further(name, table), Share(self._as_in(table, assignment))
        if table.source in files:
            place = files.index(table.source)
            further = (*self.further[:place], Further(self.further[place].name, table), *self.further[place + 1 :])
            return replace(self, further=further)
        if len(files) < MOST_FURTHER:
            blank = (*self.shares, Share(on=False))
            # Before it came, nothing was asked of it.
            earlier = tuple(replace(asked, shares=(*asked.shares, Share(on=False))) for asked in self.history)
            desk = replace(self, further=(*self.further, new), shares=blank, history=earlier, undone=())
            return desk.asking(replace(desk.asked, shares=(*self.shares, share)))
        if not idle:
            raise InputError(
                f"{len(files) + 1} burdens are shared already, the most that fit on the page; untick one of them first"
            )
        further = (*self.further[: idle[0]], new, *self.further[idle[0] + 1 :])
        shares = (*self.shares[: idle[0]], share, *self.shares[idle[0] + 1 :])
        return replace(self, further=further, shares=shares, history=(), undone=())

    def _as_in(self, table: CostTable, assignment: Any) -> Rule:
        """Return the strictest rule, of the measure that is the default, that a plan keeps: the cheapest if None."""
        default = Rule()
        if assignment is None:
            assignment = self.costs.values.argmin(axis=0)
        burdens = table.values[assignment, np.arange(len(assignment))]
        loads = np.bincount(assignment, burdens, minlength=len(table.agents)).astype(np.float64)
        if not loads.any():
            return default
        return replace(default, parameter=float(possible_text(default.member(*self.agents), loads)))

    @property
    def gap(self) -> float:
        """Relative gap of a plan; wider under several rules, whose last tenth of a percent may take minutes."""
        return RULED_GAP if self._rules(self.costs) else GAP

    def question(self) -> dict[str, Any]:
        """Return the arguments of :func:`evenhand.assign` that the desk asks."""
        values = self.costs.values
        banned = [wish for wish in self.wishes if wish.kind == FORBID]
        if banned:
            values = np.array(values)
            values[[wish.agent for wish in banned], [wish.task for wish in banned]] = np.inf
        costs = replace(self.costs, values=values)
        question = {
            "costs": costs,
            "fairness": self.rule.member(*self.agents),
            "burdens": self.burdens,
            "initial_loads": self.initial_loads,
            "locked": {wish.task: wish.agent for wish in self.wishes if wish.kind == LOCK} or None,
        }
        rules = self._rules(costs)
        return {**question, "rules": rules} if rules else question

    def _rules(self, costs: CostTable) -> list[EngineRule | Limits]:
        """Return the rules besides the first, in the order in which the command line takes them."""
        rules: list[EngineRule | Limits] = []
        for one, share in zip(self.further, self.shares, strict=True):
            if share.on:
                rules.append(EngineRule(one.table, share.rule.member(*self.agents), name=one.name))
            if share.most is not None:
                rules.append(Limits(one.table, most=share.most, name=limit_name(one.name)))
        least, most = self.bounds.least_tasks, self.bounds.most_tasks
        if least is not None or most is not None:
            rules.append(Limits(COUNT, least, most, name=COUNT))
        if self.bounds.most_load is not None:
            burden = costs if self.burdens is None else self.burdens
            rules.append(Limits(burden, most=self.bounds.most_load, name=LOAD, initial_loads=self.initial_loads))
        return rules
