"""The assignment problem: user input is checked here once, so that all other code can trust its arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.kernels.screening import take
from evenhand.assignment.parts import PARTS, in_parts
from evenhand.assignment.rounding import nearest_of, sum_below, total
from evenhand.assignment.table_blocks import IN_PLACE, Extent, blocks_of, first_pair, in_place_or_copied
from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import checked_entitlements, for_agents, require_all_counted
from evenhand.number_checks import is_whole
from evenhand.tables import CostTable, as_table
from evenhand.tables.cost_table import check_same_names
from evenhand.tables.default_names import DefaultNames

FARTHEST = 900
"""Largest ratio, as a power of two, between costs and burdens: multipliers, a cost per burden, must be floats."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at the tables of a problem tells of them; it counts for these alone.

    Attributes
    ----------
    costs, burdens
        The tables.
    least_of_tasks
        Least cost of each task, shape (m,), whatever is locked.
    largest_burden
        The largest burden.
    all_allowed
        Whether no pair is forbidden.
    """

    costs: NDArray[np.float64]
    burdens: NDArray[np.float64]
    least_of_tasks: NDArray[np.float64]
    largest_burden: float
    all_allowed: bool


@dataclass(frozen=True)
class Problem:
    """A checked problem of m tasks and n agents, which nothing changes; derived values are cached.

    Attributes
    ----------
    costs
        Cost of each task for each agent, shape (n, m), as users give them; +inf if the pair is forbidden. Profits are
        stored with the opposite sign, so that less is always better. A large table is the user's own array, in single
        or double precision and with any strides; see :data:`~evenhand.assignment.table_blocks.IN_PLACE`.
    burdens
        Amount that the task adds to the agent's load, shape (n, m); 0 if the pair is forbidden. Where costs are
        burdens and no pair is forbidden, it is the same array.
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
    looked
        What the check of a large table of costs has found out besides; None if there is nothing.
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
    looked: Looked | None = None

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
        return total(self._least_costs)

    @cached_property
    def base_bound(self) -> float:
        """The same, rounded down: a lower bound on the cost of every assignment."""
        return sum_below(self._least_costs)

    @cached_property
    def size(self) -> float:
        """Sum of the absolute costs of the cheapest assignment without fairness; `base_cost` if none is negative.

        Rounding errors are relative to this, because costs of both signs may cancel in the total.
        """
        return total(np.abs(self._least_costs)) if self._least_costs.min() < 0.0 else self.base_cost

    def part(self, tasks: NDArray[np.intp], initial_loads: NDArray[np.float64]) -> Problem:
        """Return the problem of some of the tasks, by position, with other initial loads; tasks keep no names."""
        costs = np.asarray(self.costs[:, tasks], np.float64)
        shared = self.burdens is self.costs
        return replace(
            self,
            costs=costs,
            burdens=costs if shared else np.asarray(self.burdens[:, tasks], np.float64),
            initial_loads=initial_loads,
            locked=self.locked[tasks],
            tasks=DefaultNames("task", len(tasks)),
        )

    def in_doubles(self) -> Problem:
        """Return the problem with tables of double precision: itself, if it has these."""
        costs = np.asarray(self.costs, np.float64)
        burdens = costs if self.burdens is self.costs else np.asarray(self.burdens, np.float64)
        return self if costs is self.costs and burdens is self.burdens else replace(self, costs=costs, burdens=burdens)

    def in_user_sign(self, value: float) -> float:
        """Return a cost, or a bound on one, with the sign of the user's table."""
        return 0.0 - value if self.maximise else value

    @property
    def cheapest(self) -> NDArray[np.intp]:
        """The cheapest assignment without fairness: the agent of each task, shape (m,)."""
        agents = np.concatenate([self.costs[:, at].argmin(axis=0) for at in blocks_of(self.costs)])
        return np.asarray(np.where(self.locked >= 0, self.locked, agents))

    @cached_property
    def _least_costs(self) -> NDArray[np.float64]:
        if self.looked is not None and self.looked.costs is self.costs:
            least = self.looked.least_of_tasks.copy()
        else:
            least = np.concatenate([self.costs[:, at].min(axis=0).astype(np.float64) for at in blocks_of(self.costs)])
        decided = np.flatnonzero(self.locked >= 0)
        least[decided] = self.costs[self.locked[decided], decided]
        return least

    def cost_of(self, assignment: NDArray[np.integer[Any]]) -> float:
        """Return the total cost of `assignment`, the agent of each task: the float nearest the exact sum."""
        nearest = self._added_up(assignment)[0] if self.costs.size >= IN_PLACE else None
        if nearest is not None:
            return nearest
        return math.fsum(chain.from_iterable(paid.tolist() for paid in _taken(self.costs, assignment)))

    def loads_of(self, assignment: NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Return the loads, shape (n,), of `assignment`, initial loads included."""
        if self.costs.size >= IN_PLACE:
            return self._added_up(assignment)[1]
        loads = self.initial_loads.copy()
        for at, taken in zip(blocks_of(assignment), _taken(self.burdens, assignment), strict=True):
            loads += np.bincount(assignment[at], taken, minlength=len(loads))
        return loads

    def cost_and_loads(self, assignment: NDArray[np.integer[Any]]) -> tuple[float, NDArray[np.float64]]:
        """Return :meth:`cost_of` and :meth:`loads_of` of an assignment; of a large table both in one pass."""
        cost, loads = self._added_up(assignment)
        return self.cost_of(assignment) if cost is None else cost, loads

    def _added_up(self, assignment: NDArray[np.integer[Any]]) -> tuple[float | None, NDArray[np.float64]]:
        """Return cost and loads from compensated sums; None for a cost that these do not tell how to round."""
        n, m = self.costs.shape
        agents = np.asarray(assignment, np.int64)
        tables = (self.costs, self.burdens, self.burdens is self.costs, agents)
        taken = np.zeros((PARTS, 2, n + 1))
        sizes = in_parts(lambda part, first, stop: take(*tables, first, stop, taken[part]), m)
        sums = [(each[0, n], each[1, n], size) for each, size in zip(taken, sizes, strict=False)]
        return nearest_of(sums, m), self.initial_loads + taken[:, :, :n].sum(axis=(0, 1))


def _taken(table: NDArray[np.float64], assignment: NDArray[np.integer[Any]]) -> Iterator[NDArray[np.float64]]:
    """Return the values of the pairs of `assignment`, block by block of its tasks."""
    for at in blocks_of(assignment):
        agents = assignment[at]
        yield table[agents, np.arange(at.start, at.start + len(agents))]


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
    table = as_table(costs, copy=False)
    burdens = table.burdens if burdens is None else burdens
    agents, tasks = table.agents, table.tasks
    value, costs, extent = checked_costs(table, maximise=maximise)
    if burdens is None:
        burden, carried = value, extent
        _check_shared(value, extent, costs, agents, tasks, maximise=maximise)
    else:
        burden, carried = checked_burdens(burdens, table, costs)
    apart = _differ(burden, value, costs)
    if not extent.finite:
        burden = zero_where_forbidden(burden, costs)
        carried = Extent.of(burden)
    check_sum(carried, burden.size, "burden")
    initial = initial_loads_of(initial_loads, agents)
    check_scales(extent.size, carried.largest, initial)
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
        looked=_looked(costs, burden, extent, carried) if not maximise else None,
    )


def _looked(costs: NDArray[np.float64], burdens: NDArray[np.float64], extent: Extent, carried: Extent) -> Looked | None:
    if extent.least_of_tasks is None:
        return None
    return Looked(costs, burdens, extent.least_of_tasks, carried.size, extent.finite)


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
    require_all_counted(entitlements)
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


def checked_costs(table: CostTable, *, maximise: bool) -> tuple[NDArray[np.float64], NDArray[np.float64], Extent]:
    """Return a table's values, the costs that they are (profits with the opposite sign), and the values' extent.

    Raises
    ------
    InputError
        If there are fewer than 2 agents or no task, a value is not a cost or profit, or nobody may do a task.
    """
    agents, tasks = table.agents, table.tasks
    _check_size(agents, tasks)
    value = in_place_or_copied(table.values)
    extent = Extent.of(value)
    _check_values(value, extent, agents, tasks, maximise=maximise)
    costs = _profits_as_costs(value) if maximise else value
    if not extent.finite:
        _check_every_task_possible(costs, tasks)
    return value, costs, extent


def checked_burdens(burdens: Any, table: CostTable, costs: NDArray[np.float64]) -> tuple[NDArray[np.float64], Extent]:
    """Return burdens that match the table of costs, shape (n, m), and their extent.

    Raises
    ------
    InputError
        If shape or names differ, or the burden of a pair that is allowed is no finite number from 0.
    """
    burden = _matching_burdens(burdens, table)
    carried = Extent.of(burden)
    _check_burdens(burden, carried, costs, table.agents, table.tasks)
    return burden, carried


def _check_size(agents: Sequence[str], tasks: Sequence[str]) -> None:
    if len(agents) < 2:
        raise InputError(f"costs: {len(agents)} agent; sharing needs at least 2 agents (one row for each)")
    if len(tasks) < 1:
        raise InputError("costs: no task; give at least one column")


def _check_values(
    values: NDArray[np.float64], extent: Extent, agents: Sequence[str], tasks: Sequence[str], *, maximise: bool
) -> None:
    """Raise `InputError` for a value that is not a number; costs and profits may have any sign, and inf forbids."""
    what = "profit" if maximise else "cost"
    if not extent.finite:
        wrong = first_pair(np.isnan if maximise else lambda some: np.isnan(some) | (some == -np.inf), values)
        _refuse(wrong, values, what, agents, tasks, "a number, or inf to forbid the pair")
    check_sum(extent, values.size, what)


def _check_shared(
    values: NDArray[np.float64],
    extent: Extent,
    costs: NDArray[np.float64],
    agents: Sequence[str],
    tasks: Sequence[str],
    *,
    maximise: bool,
) -> None:
    """Raise `InputError` for a negative cost or profit that is also a burden."""
    what = "profit" if maximise else "cost"
    right = f"a number >= 0, because the {what}s are also what is shared; give burdens (what is shared) of their own"
    if not extent.least >= 0.0:
        wrong = first_pair(lambda some, paid: np.isfinite(paid) & (some < 0.0), values, costs)
        _refuse(wrong, values, what, agents, tasks, right)


def _check_burdens(
    values: NDArray[np.float64],
    extent: Extent,
    costs: NDArray[np.float64],
    agents: Sequence[str],
    tasks: Sequence[str],
) -> None:
    if not (extent.finite and extent.least >= 0.0):
        wrong = first_pair(lambda some, paid: np.isfinite(paid) & ~(np.isfinite(some) & (some >= 0)), values, costs)
        _refuse(wrong, values, "burden", agents, tasks, "a finite number >= 0")


def _refuse(
    wrong: tuple[int, int] | None,
    values: NDArray[np.float64],
    what: str,
    agents: Sequence[str],
    tasks: Sequence[str],
    right: str,
) -> None:
    """Raise `InputError` for the `wrong` pair, if there is one."""
    if wrong is not None:
        agent, task = wrong
        raise InputError(
            f"{what} of task {tasks[task]!r} for agent {agents[agent]!r} is {values[agent, task]:g}; expected {right}"
        )


def check_sum(extent: Extent, pairs: int, what: str) -> None:
    """Raise `InputError` if the sum of a table of so many pairs would leave the range of floats."""
    if extent.size > np.finfo(np.float64).max / pairs:
        raise InputError(f"{what}s sum to more than a float can hold ({extent.size:g} is the largest); rescale them")


def _check_every_task_possible(costs: NDArray[np.float64], tasks: Sequence[str]) -> None:
    for at in blocks_of(costs):
        impossible = np.flatnonzero(~np.isfinite(costs[:, at]).any(axis=0))
        if impossible.size:
            raise InputError(
                f"task {tasks[at.start + int(impossible[0])]!r} is forbidden (cost inf) for every agent; "
                "allow at least one agent to do it"
            )


def _profits_as_costs(profits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return profits with the opposite sign; inf of either sign, which forbids a pair, becomes +inf."""
    costs = np.negative(profits)
    for at in blocks_of(costs):
        np.copyto(costs[:, at], np.inf, where=np.isinf(costs[:, at]))
    return costs


def _differ(burdens: NDArray[np.float64], values: NDArray[np.float64], costs: NDArray[np.float64]) -> bool:
    """Return whether the burdens are others than the table's own values anywhere that is allowed."""
    return burdens is not values and any(
        ((burdens[:, at] != values[:, at]) & np.isfinite(costs[:, at])).any() for at in blocks_of(costs)
    )


def zero_where_forbidden(burdens: NDArray[np.float64], costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return burdens that are 0 where the cost is inf: the table itself if they are."""
    if first_pair(lambda some, paid: (some != 0.0) & ~np.isfinite(paid), burdens, costs) is None:
        return burdens
    burdens = burdens.copy()
    for at in blocks_of(costs):
        np.copyto(burdens[:, at], 0.0, where=~np.isfinite(costs[:, at]))
    return burdens


def check_scales(cost: float, burden: float, initial: NDArray[np.float64]) -> None:
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


def _matching_burdens(burdens: Any, costs: CostTable) -> NDArray[np.float64]:
    table = as_table(burdens, source="burdens", copy=False)
    if table.values.shape != costs.values.shape:
        (n, m), (agents, tasks) = table.values.shape, costs.values.shape
        raise InputError(f"burdens are {n} agents x {m} tasks, costs {agents} x {tasks}; give both the same shape")
    check_same_names(costs, table)
    return in_place_or_copied(table.values)


def initial_loads_of(loads: ArrayLike | Mapping[str, float] | None, agents: Sequence[str]) -> NDArray[np.float64]:
    """Return the loads carried before, shape (n,), given in the order of the agents or by name; zeros for None."""
    if loads is None:
        return np.zeros(len(agents))
    given: Any = loads
    if hasattr(loads, "items"):
        given = [0.0] * len(agents)
        for name, load in loads.items():
            given[position_of(name, agents, "initial loads: agent")] = load
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
        task = position_of(task_key, tasks, "locked: task")
        agent = position_of(agent_key, agents, "locked: agent")
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


def position_of(key: Any, names: Sequence[Any], what: str) -> int:
    """Return the position of a name among `names`; a position is checked and returned as it is."""
    if isinstance(key, str):
        if key not in names:
            raise InputError(f"{what} {key!r} is not in the table; known are {', '.join(map(repr, names[:5]))}, ...")
        return names.index(key)
    if is_whole(key) and 0 <= key < len(names):
        return int(key)
    raise InputError(f"{what} {key!r} is neither a name nor a position from 0 to {len(names) - 1}")
