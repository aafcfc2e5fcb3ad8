"""The burden of each pair of a list of candidates, from whatever a rule gives, matched by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.several_agents import Array
from evenhand.assignment.rules.build_ruled_problem import burden_per_task
from evenhand.assignment.rules.rule import COUNT
from evenhand.errors import InputError
from evenhand.tables.candidate_table import CandidateTable, as_candidates
from evenhand.tables.cost_table import CostTable, shown
from evenhand.tables.data_frames import as_table


def burden_of_pairs(burden: Any, table: CandidateTable) -> Array:
    """Return the burden of each pair of a list, shape (k,).

    Parameters
    ----------
    burden
        Another list that has all these pairs, or a full table, both matched by name where both have names; one number
        for each pair, or for each task; or the word ``tasks``.
    table
        The list of costs.

    Raises
    ------
    InputError
        If a pair has no number, or one that is not finite and at least 0; the message names task and agent.
    """
    k, m = len(table.costs), len(table.tasks)
    source = "burden"
    if isinstance(burden, np.ndarray) and burden.shape == (k,) != (m,):
        values = np.asarray(burden, np.float64)
    elif (other := as_candidates(burden, source=source)) is not None:
        values, source = _of_list(other, table), other.source
    else:
        per_task = burden_per_task(burden, table.tasks)
        if per_task is not None:
            values = np.repeat(per_task, np.diff(table.starts))
        elif np.ndim(getattr(burden, "values", burden)) == 2:
            full = as_table(burden, copy=False)
            values, source = _of_full(full, table), full.source if isinstance(burden, CostTable) else source
        else:
            raise InputError(
                f"burden is a {type(burden).__name__}; give the pairs' own list of candidates, one number for "
                f"each pair, one for each task, or the word {COUNT!r}"
            )
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0.0)))
    if wrong.size:
        pair = int(wrong[0])
        raise InputError(
            f"{source}: the burden of {_named(table, pair)} is {values[pair]:g}; expected a finite number >= 0"
        )
    return values


def _named(table: CandidateTable, pair: int) -> str:
    """Return the task and the agent of a pair, by name."""
    return f"task {table.tasks[table.task_of(pair)]!r} and agent {table.agents[int(table.agent_of[pair])]!r}"


def _task_of_each(table: CandidateTable) -> NDArray[np.int64]:
    """Return the task of each pair, by position, shape (k,)."""
    return np.repeat(np.arange(len(table.tasks)), np.diff(table.starts))


def _of_full(full: CostTable, table: CandidateTable) -> Array:
    """Return the values that a full table has for the pairs of a list."""
    shape = len(table.agents), len(table.tasks)
    if full.values.shape != shape:
        raise InputError(f"{full.source} has shape {full.values.shape}; expected {shape}, agents x tasks")
    agent_at, task_at = _places(full, table)
    values = np.empty(shape)
    values[np.ix_(agent_at, task_at)] = full.values
    return values[table.agent_of, _task_of_each(table)]


def _of_list(other: CandidateTable, table: CandidateTable) -> Array:
    """Return the values that another list of candidates has for the pairs of a list."""
    if other is table:
        return np.asarray(table.costs, np.float64)
    agent_at, task_at = _places(other, table)
    n = len(table.agents)
    ours = _task_of_each(table) * n + table.agent_of
    theirs = task_at[_task_of_each(other)] * n + agent_at[other.agent_of]
    order = np.argsort(theirs, kind="stable")
    theirs = theirs[order]
    twice = np.flatnonzero(theirs[1:] == theirs[:-1])
    if twice.size:
        raise InputError(
            f"{other.source}: {_named(other, int(order[twice[0] + 1]))} are listed twice; give each pair one number"
        )
    at = np.minimum(np.searchsorted(theirs, ours), len(theirs) - 1)
    missing = np.flatnonzero(theirs[at] != ours) if theirs.size else np.arange(len(ours))
    if missing.size:
        pair = _named(table, int(missing[0]))
        raise InputError(f"{other.source} has no number for {pair}, a pair of the costs; add it")
    return np.asarray(other.costs[order[at]], np.float64)


def _places(other: CandidateTable | CostTable, table: CandidateTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the positions of another table's agents, and of its tasks, among those of a list.

    Raises
    ------
    InputError
        If one has no such position: the message names it, or the numbers of both if one of both tables has no names.
    """
    return (
        _place_of(other.agents, table.agents, other, "agent", named=other.named[0] and table.named[0]),
        _place_of(other.tasks, table.tasks, other, "task", named=other.named[1] and table.named[1]),
    )


def _place_of(
    theirs: Sequence[str], ours: Sequence[str], other: CandidateTable | CostTable, kind: str, *, named: bool
) -> NDArray[np.int64]:
    if not named:
        if len(theirs) != len(ours):
            raise InputError(f"{other.source} has {len(theirs)} {kind}s, the costs have {len(ours)}; give the same")
        return np.arange(len(ours))
    place = {name: position for position, name in enumerate(ours)}
    unknown = next((name for name in theirs if name not in place), None)
    if unknown is not None:
        raise InputError(f"{other.source}: no {kind} of the costs is called {shown(unknown)}; both need the same")
    return np.array([place[name] for name in theirs], np.int64)
