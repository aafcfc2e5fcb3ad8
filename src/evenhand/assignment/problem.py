"""The assignment problem: user input is checked here once, so that all other code can trust its arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.rounding import sum_below
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import checked_entitlements, for_agents
from evenhand.number_checks import is_whole
from evenhand.tables import CostTable, as_table
from evenhand.tables.cost_table import check_same_names

FARTHEST = 900
"""Largest ratio, as a power of two, between costs and burdens: multipliers, a cost per burden, must be floats."""


@dataclass(frozen=True)
class Problem:
    """A checked problem of m tasks and n agents, which nothing changes; derived values are cached.

    Attributes
    ----------
    costs
        Cost of each task for each agent, shape (n, m), as users give them; +inf if the pair is forbidden. Profits are
        stored with the opposite sign, so that less is always better.
    burdens
        Amount that the task adds to the agent's load, shape (n, m); 0 if the pair is forbidden.
    initial_loads
        Loads carried before, shape (n,).
    locked
        Agent of each task decided beforehand, shape (m,); -1 if there is none.
    agents, tasks
        Names, lengths n and m.
    named
        Whether the table names its agents, and its tasks; see :class:`~evenhand.tables.CostTable`.
    maximise
        Whether the user's values are profits.
    shares_burdens
        Whether the burdens differ from the costs.
    """

    costs: NDArray[np.float64]
    burdens: NDArray[np.float64]
    initial_loads: NDArray[np.float64]
    locked: NDArray[np.intp]
    agents: Sequence[str]
    tasks: Sequence[str]
    named: tuple[bool, bool] = (True, True)
    maximise: bool = False
    shares_burdens: bool = False

    @property
    def made_with(self) -> dict[str, bool]:
        """Whether the user gave burdens that differ from the costs, initial loads, and locked tasks."""
        return {
            "burdens": self.shares_burdens,
            "initial_loads": bool(self.initial_loads.any()),
            "locked": bool((self.locked >= 0).any()),
        }

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """Pairs that may be used, shape (n, m): neither forbidden nor ruled out by a locked task."""
        allowed = np.isfinite(self.costs)
        decided = np.flatnonzero(self.locked >= 0)
        allowed[:, decided] = False
        allowed[self.locked[decided], decided] = True
        return allowed

    @cached_property
    def base_cost(self) -> float:
        """Cost of the cheapest assignment without fairness: each task at its cheapest allowed agent."""
        return math.fsum(self._least_costs.tolist())

    @cached_property
    def base_bound(self) -> float:
        """The same, rounded down: a lower bound on the cost of every assignment."""
        return sum_below(self._least_costs)

    @cached_property
    def size(self) -> float:
        """Sum of the absolute costs of the cheapest assignment without fairness; `base_cost` if none is negative.

        Rounding errors are relative to this, because costs of both signs may cancel in the total.
        """
        return math.fsum(np.abs(self._least_costs).tolist())

    def part(self, tasks: NDArray[np.intp], initial_loads: NDArray[np.float64]) -> Problem:
        """Return the problem of some of the tasks, by position, with other initial loads."""
        return replace(
            self,
            costs=self.costs[:, tasks],
            burdens=self.burdens[:, tasks],
            initial_loads=initial_loads,
            locked=self.locked[tasks],
            tasks=tuple(self.tasks[task] for task in tasks),
        )

    def in_user_sign(self, value: float) -> float:
        """Return a cost, or a bound on one, with the sign of the user's table."""
        return 0.0 - value if self.maximise else value

    @property
    def cheapest(self) -> NDArray[np.intp]:
        """The cheapest assignment without fairness: the agent of each task, shape (m,)."""
        return np.asarray(np.where(self.allowed, self.costs, np.inf).argmin(axis=0))

    @cached_property
    def _least_costs(self) -> NDArray[np.float64]:
        return np.asarray(np.where(self.allowed, self.costs, np.inf).min(axis=0))

    def cost_of(self, assignment: NDArray[np.integer[Any]]) -> float:
        """Return the total cost of `assignment`, the agent of each task: the float nearest the exact sum."""
        return math.fsum(self.costs[assignment, np.arange(len(assignment))].tolist())

    def loads_of(self, assignment: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return the loads, shape (n,), of `assignment`, initial loads included."""
        taken = self.burdens[assignment, np.arange(len(assignment))]
        return self.initial_loads + np.bincount(assignment, taken, minlength=len(self.agents))


def build_problem(
    costs: Any,
    burdens: Any = None,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    *,
    maximise: bool = False,
) -> Problem:
    """Check the user's input and arrange it for the solver.

    Parameters
    ----------
    costs
        Anything that :func:`evenhand.tables.as_table` takes, shape (n, m): agents x tasks.
    burdens
        The same shape; None if the costs are also the burdens.
    initial_loads
        Length n, or a mapping from agents' names; None for zero.
    locked
        Mapping from tasks to agents, by name or position.
    maximise
        Whether `costs` are profits.

    Raises
    ------
    InputError
        If a value cannot be used; one line names the value, the agent and the task, and what would be right.
    """
    table = as_table(costs)
    burdens = table.burdens if burdens is None else burdens
    agents, tasks = table.agents, table.tasks
    _check_size(agents, tasks)
    value = np.array(table.values, dtype=np.float64, order="C")
    _check_values(value, agents, tasks, maximise=maximise)
    possible = np.isfinite(value)
    costs = np.where(possible, -value if maximise else value, np.inf)
    _check_every_task_possible(costs, tasks)
    if burdens is None:
        burden = value
        _check_shared(value, possible, agents, tasks, maximise=maximise)
    else:
        burden = _matching_burdens(as_table(burdens), table)
        _check_burdens(burden, possible, agents, tasks)
    apart = burdens is not None and bool(((burden != value) & possible).any())
    burden[~possible] = 0.0
    _check_sum(burden, "burden")
    initial = _initial_loads(initial_loads, agents)
    _check_scales(float(np.abs(costs[possible]).max()), float(burden.max()), initial)
    return Problem(
        costs=costs,
        burdens=burden,
        initial_loads=initial,
        locked=_locked(locked, costs, agents, tasks),
        agents=agents,
        tasks=tasks,
        named=table.named,
        maximise=maximise,
        shares_burdens=apart,
    )


def check_fairness(fairness: Fairness, agents: Sequence[str]) -> Fairness:
    """Return `fairness` with its entitlements, if any, in the order of the agents.

    Raises
    ------
    InputError
        If it is no member of the family, or its entitlements are not one for each agent.
    """
    if isinstance(fairness, type) or not isinstance(fairness, Fairness):
        raise InputError(f"fairness is {fairness!r}; expected a member such as EpsilonFairness(0.9)")
    fairness = for_agents(fairness, agents)
    entitlements = fairness.entitlements
    if entitlements is not None and len(entitlements) != len(agents):
        raise InputError(f"entitlements: {len(entitlements)} given for {len(agents)} agents; give one for each agent")
    return fairness


def named_entitlements(entitlements: Any, agents: Sequence[str]) -> tuple[float, ...] | None:
    """Return the entitlements of `agents`, given in their order or as a mapping from their names.

    Raises
    ------
    InputError
        If the entitlement of an agent is missing, 0 or not a number; the message names the agent.
    """
    if entitlements is None:
        return None
    if hasattr(entitlements, "items"):
        by_name = dict(entitlements.items())
        unknown = next((name for name in by_name if name not in agents), None)
        missing = next((name for name in agents if name not in by_name), None)
        if unknown is not None or missing is not None:
            wrong = f"has no agent {missing!r}" if unknown is None else f"names {unknown!r}, who is not in the table"
            raise InputError(f"entitlements {wrong}; give one number for each agent")
        entitlements = [by_name[name] for name in agents]
    try:
        return checked_entitlements(entitlements)
    except InputError as error:
        zero = next((name for name, share in zip(agents, _listed(entitlements), strict=False) if share == 0), None)
        if zero is None:
            raise
        raise InputError(
            f"the entitlement of agent {zero!r} is 0, so that no load of it is fair; if it is absent, leave out its row"
        ) from error


def _listed(entitlements: Any) -> list[Any]:
    try:
        return list(entitlements)
    except TypeError:
        return []


def _check_size(agents: Sequence[str], tasks: Sequence[str]) -> None:
    if len(agents) < 2:
        raise InputError(f"costs: {len(agents)} agent; sharing needs at least 2 agents (one row for each)")
    if len(tasks) < 1:
        raise InputError("costs: no task; give at least one column")


def _check_values(values: NDArray[np.float64], agents: Sequence[str], tasks: Sequence[str], *, maximise: bool) -> None:
    """Raise `InputError` for a value that is not a number; costs and profits may have any sign, and inf forbids."""
    what = "profit" if maximise else "cost"
    wrong = np.isnan(values) if maximise else np.isnan(values) | (values == -np.inf)
    _refuse_first(wrong, values, what, agents, tasks, "a number, or inf to forbid the pair")
    _check_sum(values, what)


def _check_shared(
    values: NDArray[np.float64],
    possible: NDArray[np.bool_],
    agents: Sequence[str],
    tasks: Sequence[str],
    *,
    maximise: bool,
) -> None:
    """Raise `InputError` for a negative cost or profit that is also a burden."""
    what = "profit" if maximise else "cost"
    right = f"a number >= 0, because the {what}s are also what is shared; give burdens (what is shared) of their own"
    _refuse_first(possible & (values < 0), values, what, agents, tasks, right)


def _check_burdens(
    values: NDArray[np.float64], possible: NDArray[np.bool_], agents: Sequence[str], tasks: Sequence[str]
) -> None:
    wrong = possible & ~(np.isfinite(values) & (values >= 0))
    _refuse_first(wrong, values, "burden", agents, tasks, "a finite number >= 0")


def _refuse_first(
    wrong: NDArray[np.bool_],
    values: NDArray[np.float64],
    what: str,
    agents: Sequence[str],
    tasks: Sequence[str],
    right: str,
) -> None:
    if wrong.any():
        agent, task = np.argwhere(wrong)[0]
        raise InputError(
            f"{what} of task {tasks[task]!r} for agent {agents[agent]!r} is {values[agent, task]:g}; expected {right}"
        )


def _check_sum(values: NDArray[np.float64], what: str) -> None:
    finite = np.isfinite(values)
    largest = max(float(values.max(where=finite, initial=0.0)), -float(values.min(where=finite, initial=0.0)))
    if largest > np.finfo(np.float64).max / values.size:
        raise InputError(f"{what}s sum to more than a float can hold ({largest:g} is the largest); rescale them")


def _check_every_task_possible(costs: NDArray[np.float64], tasks: Sequence[str]) -> None:
    impossible = np.flatnonzero(~np.isfinite(costs).any(axis=0))
    if impossible.size:
        raise InputError(
            f"task {tasks[impossible[0]]!r} is forbidden (cost inf) for every agent; allow at least one agent to do it"
        )


def _check_scales(cost: float, burden: float, initial: NDArray[np.float64]) -> None:
    """Raise `InputError` if multipliers (cost per burden) or loads would leave the range of floats.

    `cost` and `burden` are the largest values of their tables.
    """
    load = float(initial.max())
    if load > np.finfo(np.float64).max / (2 * initial.size):
        raise InputError(f"initial loads sum to more than a float can hold ({load:g} is the largest); rescale them")
    for what, other, least in (("cost", cost, 0.0), ("initial load", load, burden)):
        if burden > 0.0 and other > least and abs(math.frexp(other)[1] - math.frexp(burden)[1]) > FARTHEST:
            raise InputError(
                f"the largest {what} is {other:g}, the largest burden {burden:g}: too far apart to calculate with;"
                " rescale one of them"
            )


def _matching_burdens(table: CostTable, costs: CostTable) -> NDArray[np.float64]:
    if table.values.shape != costs.values.shape:
        (n, m), (agents, tasks) = table.values.shape, costs.values.shape
        raise InputError(f"burdens are {n} agents x {m} tasks, costs {agents} x {tasks}; give both the same shape")
    check_same_names(costs, table)
    return np.array(table.values, dtype=np.float64, order="C")


def _initial_loads(loads: ArrayLike | Mapping[str, float] | None, agents: Sequence[str]) -> NDArray[np.float64]:
    if loads is None:
        return np.zeros(len(agents))
    given: Any = loads
    if hasattr(loads, "items"):
        given = [0.0] * len(agents)
        for name, load in loads.items():
            given[_position(name, agents, "initial loads: agent")] = load
    try:
        values = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"initial loads: {error}; give one number for each agent") from error
    if values.shape != (len(agents),):
        raise InputError(f"initial loads have shape {values.shape}; expected one for each of {len(agents)} agents")
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        agent = int(np.argmax(wrong))
        credit = (
            ": loads are compared by their ratio, which a credit below 0 does not have; "
            "add the same load to everybody's, so that none is negative"
        )
        raise InputError(
            f"initial load of agent {agents[agent]!r} is {values[agent]:g}; expected a finite number >= 0"
            f"{credit if values[agent] < 0 else ''}"
        )
    return values


def _locked(
    locked: Mapping[Any, Any] | None, costs: NDArray[np.float64], agents: Sequence[str], tasks: Sequence[str]
) -> NDArray[np.intp]:
    if locked is not None and not hasattr(locked, "items"):
        raise InputError(f"locked is a {type(locked).__name__}; expected a mapping from tasks to agents")
    decided = np.full(len(tasks), -1, dtype=np.intp)
    for task_key, agent_key in ({} if locked is None else locked).items():
        task = _position(task_key, tasks, "locked: task")
        agent = _position(agent_key, agents, "locked: agent")
        if not np.isfinite(costs[agent, task]):
            raise InputError(
                f"locked: task {tasks[task]!r} is decided for agent {agents[agent]!r}, but that pair is forbidden"
                " (cost inf); unlock it or allow the pair"
            )
        if decided[task] not in (-1, agent):
            raise InputError(
                f"locked: task {tasks[task]!r} is decided for both {agents[decided[task]]!r} and {agents[agent]!r}"
            )
        decided[task] = agent
    return decided


def _position(key: Any, names: Sequence[str], what: str) -> int:
    """Return the position of a name among `names`; a position is checked and returned as it is."""
    if isinstance(key, str):
        if key not in names:
            raise InputError(f"{what} {key!r} is not in the table; known are {', '.join(map(repr, names[:5]))}, ...")
        return names.index(key)
    if is_whole(key) and 0 <= key < len(names):
        return int(key)
    raise InputError(f"{what} {key!r} is neither a name nor a position from 0 to {len(names) - 1}")
