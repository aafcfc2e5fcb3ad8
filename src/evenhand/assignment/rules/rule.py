"""What a planner asks of several burdens at once: a rule of fairness, or limits, for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.tables.cost_table import shown

COUNT = "tasks"
"""The burden of one that each task is: the load is then the number of tasks."""


@dataclass(frozen=True, eq=False)
class Rule:
    """A burden that is to be shared fairly.

    Parameters
    ----------
    burden
        What each task adds to the load of the agent who does it: a table, shape (n, m), in any form that
        :func:`~evenhand.assignment.assign` takes; m numbers, in the order of the tasks or by name, if a task adds the
        same to everybody's load; or the word ``tasks``, which counts tasks. Tasks that do not count have a burden of 0.
    fairness
        Any member of :class:`~evenhand.fairness.Fairness`. An agent whose entitlement is None is not counted.
    name
        Name of the rule in messages and answers; by default that of the burden's file, or its place in the list.
    over
        ``agents``, whose loads are compared; or ``tasks``: then what all agents of a task add up to is compared, such
        as the affinities of a paper's reviewers. The member then has one entitlement for each task, if any.
    initial_loads
        Load of this burden that each agent (or task) carries already, by position or name; 0 by default.

    Raises
    ------
    InputError
        If `fairness` is no member, the name is no text, or `over` another word. Burdens are checked where they meet
        the costs.

    Examples
    --------
    >>> import evenhand
    >>> evenhand.Rule([0, 1, 1, 0], evenhand.MaxOverMean(1.0), name="nights")
    Rule(fairness=MaxOverMean(1), name='nights')
    """

    burden: Any = field(repr=False)
    fairness: Fairness
    _: KW_ONLY
    name: str | None = None
    over: str = field(repr=False, default="agents")
    initial_loads: ArrayLike | Mapping[str, float] | None = field(repr=False, default=None)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.over not in ("agents", "tasks"):
            raise InputError(f"Rule: over is {shown(self.over)}; expected 'agents' or 'tasks'")
        if isinstance(self.fairness, type) or not isinstance(self.fairness, Fairness):
            raise InputError(f"Rule: fairness is {shown(self.fairness)}; expected a member such as JainAtLeast(0.9)")


@dataclass(frozen=True, eq=False)
class Limits:
    """The least and the most of a burden that each agent may carry; both are kept exactly.

    Parameters
    ----------
    burden
        As for :class:`Rule`.
    least, most
        One number for all agents, a sequence of n, or a mapping by name; None, also for one agent, asks nothing.
        Agents whom a mapping does not name are free.
    name, initial_loads
        As for :class:`Rule`; initial loads count towards the limits.

    Raises
    ------
    InputError
        If neither limit is given, or the name is no text.

    Examples
    --------
    >>> import evenhand
    >>> evenhand.Limits("tasks", least=1, most={"Ann": 3})
    Limits(least=1, most={'Ann': 3}, name=None)
    """

    burden: Any = field(repr=False)
    least: float | Sequence[float | None] | Mapping[str, float | None] | None = None
    most: float | Sequence[float | None] | Mapping[str, float | None] | None = None
    _: KW_ONLY
    name: str | None = None
    initial_loads: ArrayLike | Mapping[str, float] | None = field(repr=False, default=None)

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.least is None and self.most is None:
            raise InputError("Limits: neither least nor most is given; give at least one, such as least=3")


def _check_name(name: object) -> None:
    if name is not None and not (isinstance(name, str) and name.strip() and name.isprintable()):
        raise InputError(f"the name of a rule is {name!r}; it must be printable text, such as 'nights'")
