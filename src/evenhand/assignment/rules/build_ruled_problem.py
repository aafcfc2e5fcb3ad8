"""From several rules as users give them to the checked problem: every value is looked at here, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.build_problem import (
    check_scales,
    check_sum,
    checked_burdens,
    checked_costs,
    zero_where_forbidden,
)
from evenhand.assignment.named_agents import initial_loads_of, position_of
from evenhand.assignment.rules.exclusive_tasks import Cliques, merged
from evenhand.assignment.rules.rule import COUNT, Limits, Rule
from evenhand.assignment.rules.ruled_problem import Array, Row, RuledProblem
from evenhand.assignment.table_blocks import Extent
from evenhand.errors import InputError, prefixed
from evenhand.fairness import Fairness
from evenhand.fairness.shares import for_agents, with_entitlements
from evenhand.number_checks import as_number, checked_whole
from evenhand.tables import CostTable, as_table
from evenhand.tables.candidate_table import CandidateTable
from evenhand.tables.cost_table import shown


def build_ruled_problem(
    costs: Any,
    rules: Sequence[Rule | Limits] | None,
    *,
    needs: Any = None,
    together: Iterable[Sequence[str | int]] = (),
    exclusive: Cliques = (),
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
) -> RuledProblem:
    """Check the user's input and arrange it for the solver.

    Parameters
    ----------
    costs
        Anything that :func:`evenhand.tables.as_table` takes, shape (n, m): agents x tasks.
    rules
        At least one rule or pair of limits; None for none.
    needs
        How many different agents each task needs: a whole number, m of them, or a mapping by name; 1 by default, and
        for tasks that a mapping does not name.
    together
        Groups of tasks, by name or position, that stay with the same agents; groups that share a task are one.
    exclusive
        Cliques of tasks by position, of which an agent can do one.
    locked
        Mapping from tasks to an agent, or to several if the task needs several.
    maximise
        Whether `costs` are profits.

    Raises
    ------
    InputError
        If a value cannot be used; one line names the rule, the agent and the task, and what would be right.
    """
    table = as_table(costs, copy=False)
    _, paid, extent = checked_costs(table, maximise=maximise)
    paid = np.asarray(paid, np.float64)
    unit_of = _units(together, table.tasks)
    burdens = [
        _Burden.of(rule, name, table, paid, unit_of) for rule, name in (() if rules is None else named_rules(rules))
    ]
    rows = tuple(burden.row(table.agents, extent.size) for burden in burdens)
    exclusive = merged(exclusive, unit_of.tolist(), table.tasks)
    needed = needs_of(needs, table, unit_of)
    paid = _merged_columns(paid, unit_of)
    _check_enough(paid, needed, table.tasks, unit_of)
    pairs = _locked_pairs(locked, paid, needed, table, unit_of)
    return RuledProblem(paid, rows, needed, exclusive, pairs, table.agents, table.tasks, unit_of, table.named, maximise)


def named_rules(rules: Sequence[Rule | Limits]) -> list[tuple[Rule | Limits, str]]:
    """Return the rules with their names, which differ: a number behind a name tells those apart that nobody gave."""
    if isinstance(rules, Rule | Limits) or not isinstance(rules, Sequence) or not len(rules):
        raise InputError(f"rules is {shown(rules)}; give a list, such as [Rule(hours, JainAtLeast(0.9))]")
    taken: set[str] = set()
    for place, rule in enumerate(rules):
        if not isinstance(rule, Rule | Limits):
            raise InputError(f"rules[{place}] is {shown(rule)}; expected Rule(burden, fairness) or Limits(burden, ...)")
        if rule.name is not None and rule.name in taken:
            raise InputError(f"two rules are called {rule.name!r}; give each a name of its own")
        taken |= set() if rule.name is None else {rule.name}
    named = []
    for place, rule in enumerate(rules):
        plain = COUNT if isinstance(rule.burden, str) else f"rule {place + 1}"
        name = rule.name or next(
            one for k in range(1, len(rules) + 2) if (one := plain if k == 1 else f"{plain} ({k})") not in taken
        )
        taken.add(name)
        named.append((rule, name))
    return named


@dataclass(frozen=True, eq=False)
class _Burden:
    """A rule's burden after the checks: of units, shape (n, u), and the largest of a task."""

    rule: Rule | Limits
    name: str
    values: Array
    largest: float

    @classmethod
    def of(cls, rule: Rule | Limits, name: str, table: CostTable, costs: Array, unit_of: NDArray[np.intp]) -> _Burden:
        with prefixed(f"rule {name!r}"):
            per_task = burden_per_task(rule.burden, table.tasks)
            if per_task is not None:
                check_sum(Extent.of(per_task[np.newaxis]), per_task.size, "burden")
                row = np.bincount(unit_of, per_task)
                return cls(rule, name, np.broadcast_to(row, (len(costs), row.size)), float(per_task.max()))
            values, extent = checked_burdens(rule.burden, table, costs)
            values = zero_where_forbidden(np.asarray(values, np.float64), costs)
            extent = Extent.of(values)
            check_sum(extent, values.size, "burden")
            return cls(rule, name, _merged_columns(values, unit_of), extent.largest)

    def row(self, agents: Sequence[str], largest_cost: float) -> Row:
        rule, free = self.rule, np.full(len(agents), np.inf)
        with prefixed(f"rule {self.name!r}"):
            carried = initial_loads_of(rule.initial_loads, agents)
            check_scales(largest_cost, self.largest, carried)
            if isinstance(rule, Limits):
                least, most = (
                    limits_of(given, agents, what, nothing)
                    for given, what, nothing in ((rule.least, "least", -np.inf), (rule.most, "most", np.inf))
                )
                crossed = np.flatnonzero(least > most)
                if crossed.size:
                    agent = int(crossed[0])
                    raise InputError(
                        f"least is {least[agent]:g} and most is {most[agent]:g} for agent {agents[agent]!r}; "
                        "least must not exceed most"
                    )
                return Row(self.name, self.values, carried, np.arange(len(agents)), None, least, most)
            if rule.over == "tasks":
                raise InputError("over 'tasks': only assign and verify compare tasks, beside limits on their number")
            fairness, counted = _for_counted(rule.fairness, agents)
            return Row(self.name, self.values, carried, counted, fairness, -free, free)


def burden_per_task(burden: Any, tasks: Sequence[str]) -> Array | None:
    """Return a burden that is the same for all agents, shape (m,); None if it is a table."""
    if isinstance(burden, str):
        if burden != COUNT:
            raise InputError(f"burden is {shown(burden)}; expected a table, one number per task, or the word {COUNT!r}")
        return np.ones(len(tasks))
    if hasattr(burden, "items") and getattr(burden, "ndim", 1) == 1:
        by_task = {position_of(key, tasks, "burden: task"): value for key, value in burden.items()}
        missing = next((name for place, name in enumerate(tasks) if place not in by_task), None)
        if missing is not None:
            raise InputError(f"burden has no task {missing!r}; give a number for each, 0 for one that does not count")
        burden = [by_task[place] for place in range(len(tasks))]
    elif isinstance(burden, CostTable) or _dimensions(burden) != 1:
        return None
    given = list(burden)
    if len(given) != len(tasks):
        raise InputError(f"burden has {len(given)} numbers for {len(tasks)} tasks; give one for each task")
    values = np.array([as_number(value) for value in given])
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0.0)))
    if wrong.size:
        task = int(wrong[0])
        raise InputError(f"burden of task {tasks[task]!r} is {shown(given[task])}; expected a finite number >= 0")
    return values


def _dimensions(values: Any) -> int:
    try:
        return int(np.ndim(values))
    except ValueError:  # rows of different lengths, which the reader of tables refuses
        return 2


def _for_counted(fairness: Fairness, agents: Sequence[str]) -> tuple[Fairness, NDArray[np.intp]]:
    """Return a member for the counted agents alone, and their positions."""
    fairness = for_agents(fairness, agents)
    given = fairness.entitlements
    if given is None:
        return fairness, np.arange(len(agents))
    if len(given) != len(agents):
        raise InputError(f"entitlements: {len(given)} given for {len(agents)} agents; give one for each agent")
    counted = np.array([place for place, share in enumerate(given) if share is not None])
    return with_entitlements(fairness, tuple(given[place] for place in counted)), counted


def limits_of(given: Any, agents: Sequence[str], what: str, nothing: float) -> Array:
    """Return a limit for each agent, shape (n,); `nothing` where none is asked."""
    if given is None:
        return np.full(len(agents), nothing)
    listed: list[Any] = [None] * len(agents)
    if hasattr(given, "items"):
        for name, value in given.items():
            listed[position_of(name, agents, f"{what}: agent")] = value
    elif _dimensions(given) == 0:
        listed = [given] * len(agents)
    else:
        listed = list(given)
    if len(listed) != len(agents):
        raise InputError(
            f"{what} has {len(listed)} numbers for {len(agents)} agents; give one for each, or one for all"
        )
    values = np.array([nothing if value is None else as_number(value) for value in listed])
    asked = np.array([value is not None for value in listed])
    wrong = np.flatnonzero(asked & ~(np.isfinite(values) & (values >= 0.0)))
    if wrong.size:
        agent = int(wrong[0])
        raise InputError(
            f"{what} of agent {agents[agent]!r} is {shown(listed[agent])}; expected a finite number >= 0, or None"
        )
    return values


def _units(together: Iterable[Sequence[str | int]], tasks: Sequence[str]) -> NDArray[np.intp]:
    """Return the unit of each task, numbered in the order of their first tasks, shape (m,)."""
    first = list(range(len(tasks)))

    def root(task: int) -> int:
        while first[task] != task:
            first[task] = first[first[task]]
            task = first[task]
        return task

    if isinstance(together, str) or not isinstance(together, Iterable):
        raise InputError(f"together is {shown(together)}; give groups of tasks, such as [('t1', 't2')]")
    for place, group in enumerate(together):
        if isinstance(group, str) or not isinstance(group, Iterable):
            raise InputError(f"together[{place}] is {shown(group)}; give a group of tasks, such as ('t1', 't2')")
        roots = sorted({root(position_of(key, tasks, f"together[{place}]: task")) for key in group})
        for other in roots[1:]:
            first[other] = roots[0]
    return np.unique([root(task) for task in range(len(tasks))], return_inverse=True)[1].astype(np.intp)


def _merged_columns(values: Array, unit_of: NDArray[np.intp]) -> Array:
    """Return the sums of the columns of each unit, shape (n, u): the table itself if every task is a unit."""
    units = int(unit_of.max()) + 1
    if units == unit_of.size:
        return values
    sums = np.zeros((units, len(values)))
    np.add.at(sums, unit_of, values.T)
    return np.ascontiguousarray(sums.T)


def needs_of(needs: Any, table: CostTable | CandidateTable, unit_of: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the number of agents that each unit needs, shape (u,)."""
    tasks, n = table.tasks, len(table.agents)
    listed: list[Any] = [1] * len(tasks)
    if hasattr(needs, "items"):
        for key, value in needs.items():
            listed[position_of(key, tasks, "needs: task")] = value
    elif needs is not None:
        listed = [needs] * len(tasks) if _dimensions(needs) == 0 else list(needs)
    if len(listed) != len(tasks):
        raise InputError(f"needs has {len(listed)} numbers for {len(tasks)} tasks; give one for each, or one for all")
    what = "the number of different agents"
    found = np.zeros(int(unit_of.max()) + 1, np.intp)
    for task, value in enumerate(listed):
        count, unit = checked_whole(f"needs of task {tasks[task]!r}", value, 1, n, what=what), int(unit_of[task])
        if found[unit] not in (0, count):
            other = tasks[int(np.flatnonzero(unit_of == unit)[0])]
            raise InputError(
                f"tasks {other!r} and {tasks[task]!r} stay together, but need {found[unit]} and {count} agents; "
                "give both the same number"
            )
        found[unit] = count
    return found


def _check_enough(costs: Array, needs: NDArray[np.intp], tasks: Sequence[str], unit_of: NDArray[np.intp]) -> None:
    """Raise `InputError` if fewer agents may do a unit than it needs."""
    able = np.isfinite(costs).sum(axis=0)
    short = np.flatnonzero(able < needs)
    if short.size:
        unit = int(short[0])
        group = [tasks[task] for task in np.flatnonzero(unit_of == unit).tolist()]
        one = (
            f"task {group[0]!r} needs"
            if len(group) == 1
            else f"tasks {', '.join(map(repr, group))} stay together and need"
        )
        agents = "agent" if needs[unit] == 1 else "agents"
        raise InputError(f"{one} {needs[unit]} {agents}, but only {able[unit]} may do it; allow more pairs")


def _locked_pairs(
    locked: Mapping[Any, Any] | None,
    costs: Array,
    needs: NDArray[np.intp],
    table: CostTable,
    unit_of: NDArray[np.intp],
) -> tuple[tuple[int, int], ...]:
    """Return the pairs (agent, unit) decided beforehand."""
    if locked is not None and not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; expected a mapping from tasks to agents")
    agents, tasks = table.agents, table.tasks
    pairs: dict[int, set[int]] = {}
    for key, given in ({} if locked is None else locked).items():
        task = position_of(key, tasks, "locked: task")
        unit = int(unit_of[task])
        several = [given] if isinstance(given, str) or _dimensions(given) == 0 else list(given)
        for agent in (position_of(one, agents, "locked: agent") for one in several):
            if not np.isfinite(costs[agent, unit]):
                raise InputError(
                    f"locked: task {tasks[task]!r} is decided for agent {agents[agent]!r}, but that pair is forbidden"
                    " (cost inf); unlock it or allow the pair"
                )
            pairs.setdefault(unit, set()).add(agent)
        if len(pairs[unit]) > needs[unit]:
            names = ", ".join(repr(agents[agent]) for agent in sorted(pairs[unit]))
            raise InputError(
                f"locked: task {tasks[task]!r} is decided for {names}, but needs {needs[unit]}; unlock some"
            )
    return tuple(sorted((agent, unit) for unit, those in pairs.items() for agent in those))
