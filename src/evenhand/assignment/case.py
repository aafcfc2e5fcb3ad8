"""The problem that an answer is about, read from its tables independently of the solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.exact import Surcharge, exact_loads, exact_sum, lagrangian_bound
from evenhand.errors import InputError
from evenhand.number_checks import is_whole
from evenhand.tables import CostTable, as_table
from evenhand.tables.cost_table import check_same_names

Number = TypeVar("Number", float, "Fraction")


@dataclass(frozen=True, slots=True)
class Case:
    """Tables of n agents and m tasks, checked.

    Attributes
    ----------
    agents, tasks
        Names, lengths n and m.
    named
        Whether the table names its agents, and its tasks.
    costs, burdens
        Shape (n, m). Costs are inf for forbidden pairs, for which `burdens` may hold any value. Profits are stored with
        the opposite sign, so that less is better.
    initial_loads
        Loads carried before, shape (n,), in the unit of the burdens.
    possible
        Pairs that are not forbidden, shape (n, m).
    allowed
        Pairs that may be used, shape (n, m): possible, and for a locked task only that with its agent.
    locked
        Agent of each locked task, as positions.
    maximise
        Whether the table holds profits.
    shares_burdens
        Whether the burdens differ from the costs.
    """

    agents: Sequence[str]
    tasks: Sequence[str]
    named: tuple[bool, bool]
    costs: NDArray[np.float64]
    burdens: NDArray[np.float64]
    initial_loads: NDArray[np.float64]
    possible: NDArray[np.bool_]
    allowed: NDArray[np.bool_]
    locked: dict[int, int]
    maximise: bool = False
    shares_burdens: bool = False

    @property
    def made_with(self) -> dict[str, bool]:
        """Whether burdens, initial loads and locked tasks are given besides the costs."""
        return {
            "burdens": self.shares_burdens,
            "initial_loads": bool(self.initial_loads.any()),
            "locked": bool(self.locked),
        }

    def misplaced(self, assignment: NDArray[np.intp]) -> str | None:
        """Return a line about the first task whose agent may not do it, forbidden pairs first; None if none is."""
        columns = np.arange(len(assignment))
        for task in np.flatnonzero(~self.possible[assignment, columns])[:1]:
            return f"task {self.tasks[task]} is with agent {self.agents[assignment[task]]}, who is forbidden to do it"
        for task in np.flatnonzero(~self.allowed[assignment, columns])[:1]:
            locked = self.agents[self.locked[int(task)]]
            return f"task {self.tasks[task]} is with agent {self.agents[assignment[task]]}; it is locked to {locked}"
        return None

    def sums(self, assignment: NDArray[np.intp]) -> tuple[Fraction, list[Fraction]] | None:
        """Return the exact cost and loads (length n) of an assignment; None if one of its pairs is forbidden."""
        columns = np.arange(len(assignment))
        if not self.possible[assignment, columns].all():
            return None
        loads = exact_loads(self.burdens, self.initial_loads, assignment)
        return exact_sum(self.costs[assignment, columns]), loads

    def least(self) -> Fraction:
        """Return the exact cost of the cheapest assignment without fairness."""
        return exact_sum(np.where(self.allowed, self.costs, np.inf).min(axis=0))

    def reach(self) -> list[Fraction]:
        """Return the largest load that each agent can have, with every task it may do, length n."""
        burdens = np.where(self.allowed, self.burdens, 0.0)
        return [exact_sum(np.append(row, start)) for row, start in zip(burdens, self.initial_loads, strict=True)]

    def bound(self, dual: Sequence[Fraction], surcharge: Surcharge | None = None, *, costs: bool = True) -> Fraction:
        """Return a lower bound on the cost, or with costs of zero on what fairness lacks, that a dual vector proves."""
        tables = (self.costs if costs else None, self.burdens, self.initial_loads, self.allowed)
        return lagrangian_bound(*tables, dual, surcharge)

    def in_user_sign(self, value: Number) -> Number:
        """Return a cost, or a bound on one, with the sign of the user's table; or turn such a value back into a cost.

        Both flip the sign of profits.
        """
        return 0 - value if self.maximise else value


def read_case(
    costs: Any,
    *,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
) -> Case:
    """Read the tables of a problem; arguments as for :func:`evenhand.assignment.assign`.

    Raises
    ------
    InputError
        If a table, a load or a locked pair cannot be used; the message names it.
    """
    table = as_table(costs, copy=False)
    burdens = table.burdens if burdens is None else burdens
    values = np.asarray(table.values, dtype=np.float64)
    n = len(values)
    if n < 2:
        raise InputError(f"the table has {n} agent; fairness needs at least 2")
    possible = np.abs(values) != np.inf if maximise else values != np.inf
    what = "profit" if maximise else "cost"
    _check_entries(possible & ~np.isfinite(values), values, what, "a number", table.agents, table.tasks)
    shared = values if burdens is None else _burdens(burdens, table)
    wrong = possible & ~(np.isfinite(shared) & (shared >= 0))
    shared_is = "0 or more" + (f", because the {what}s are also what is shared" if burdens is None else "")
    _check_entries(wrong, shared, what if burdens is None else "burden", shared_is, table.agents, table.tasks)
    apart = bool((shared != values)[possible].any())
    values = np.where(possible, -values if maximise else values, np.inf)
    pairs = _locked_pairs(locked, table.agents, table.tasks)
    allowed = possible.copy()
    for task, agent in pairs.items():
        if not possible[agent, task]:
            raise InputError(
                f"task {table.tasks[task]} is locked to agent {table.agents[agent]}, who is forbidden to do it"
            )
        allowed[:, task] = False
        allowed[agent, task] = True
    impossible = np.flatnonzero(~allowed.any(axis=0))
    if impossible.size:
        raise InputError(
            f"task {table.tasks[impossible[0]]} is forbidden to every agent; somebody must be able to do it"
        )
    carried = read_initial_loads(initial_loads, table.agents)
    names = table.agents, table.tasks
    return Case(*names, table.named, values, shared, carried, possible, allowed, pairs, maximise, apart)


def positions(names: Sequence[str]) -> dict[str, int]:
    """Return the position of each of the unique `names`."""
    return {name: k for k, name in enumerate(names)}


def position(key: Any, names: Mapping[str, int], what: str) -> int:
    """Return the position of `key`, a name or a position itself, among `names`.

    Raises
    ------
    InputError
        If there is no such name or position; the message calls it `what`, "agent" or "task".
    """
    if isinstance(key, str):
        if key in names:
            return names[key]
    elif is_whole(key) and 0 <= key < len(names):
        return int(key)
    raise InputError(f"there is no {what} {key!r}; it should be a name or a position from 0 to {len(names) - 1}")


def _burdens(burdens: Any, costs: CostTable) -> NDArray[np.float64]:
    table = as_table(burdens, source="burdens", copy=False)
    if table.values.shape != costs.values.shape:
        raise InputError(f"burdens have shape {table.values.shape}; the costs have shape {costs.values.shape}")
    check_same_names(costs, table)
    return np.asarray(table.values, dtype=np.float64)


def _check_entries(
    wrong: NDArray[np.bool_],
    values: NDArray[np.float64],
    what: str,
    right: str,
    agents: Sequence[str],
    tasks: Sequence[str],
) -> None:
    if wrong.any():
        i, j = (int(k) for k in np.argwhere(wrong)[0])
        raise InputError(f"the {what} of agent {agents[i]} for task {tasks[j]} is {values[i, j]}; it should be {right}")


def _locked_pairs(locked: Mapping[Any, Any] | None, agents: Sequence[str], tasks: Sequence[str]) -> dict[int, int]:
    """Return the agent of each locked task, both as positions."""
    if locked is None:
        return {}
    if not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; it should map tasks to agents")
    pairs: dict[int, int] = {}
    where_task, where_agent = positions(tasks), positions(agents)
    for task_key, agent_key in locked.items():
        task, agent = position(task_key, where_task, "task"), position(agent_key, where_agent, "agent")
        if pairs.setdefault(task, agent) != agent:
            raise InputError(f"task {tasks[task]} is locked to agents {agents[pairs[task]]} and {agents[agent]}")
    return pairs


def read_initial_loads(
    initial_loads: ArrayLike | Mapping[str, float] | None, agents: Sequence[str]
) -> NDArray[np.float64]:
    """Return the loads carried before, shape (n,); raise an InputError unless they are numbers >= 0."""
    if initial_loads is None:
        return np.zeros(len(agents))
    given: Any = initial_loads
    if hasattr(initial_loads, "items"):  # a mapping, or a series of pandas
        where = positions(agents)
        by_agent = {position(name, where, "agent"): load for name, load in initial_loads.items()}
        given = [by_agent.get(i, 0.0) for i in range(len(agents))]
    try:
        loads = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"initial loads are {given!r}; they should be {len(agents)} numbers") from error
    if loads.shape != (len(agents),):
        raise InputError(f"initial loads have shape {loads.shape}; there are {len(agents)} agents")
    wrong = np.flatnonzero(~(np.isfinite(loads) & (loads >= 0)))
    if wrong.size:
        raise InputError(f"the initial load of agent {agents[wrong[0]]} is {loads[wrong[0]]}; it should be 0 or more")
    return loads
