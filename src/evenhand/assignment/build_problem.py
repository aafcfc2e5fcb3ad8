"""Building the assignment problem: user input is checked here once, so that all other code can trust its arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.named_agents import initial_loads_of, locked_agents
from evenhand.assignment.problem import Looked, Problem
from evenhand.assignment.table_blocks import Extent, blocks_of, first_pair, in_place_or_copied
from evenhand.errors import InputError
from evenhand.tables import CostTable, as_table
from evenhand.tables.cost_table import check_same_names

FARTHEST = 900
"""Largest ratio, as a power of two, between costs and burdens: multipliers, a cost per burden, must be floats."""


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
        locked=locked_agents(locked, costs, agents, tasks),
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
