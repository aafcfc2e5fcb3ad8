"""The checked problem, and its linear model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.modeling import LinearModel
from evenhand.modeling.library_imports import sparse


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A checked problem of n agents and m tasks: costs, sizes and burdens, shape (n, m), and capacities, shape (n,).

    Raises
    ------
    InputError
        If a value cannot be used; the message names it.
    """

    costs: Array
    sizes: Array
    capacities: Array
    burdens: Array

    @classmethod
    def of(cls, costs: ArrayLike, sizes: ArrayLike, capacities: ArrayLike, burdens: ArrayLike | None = None) -> Problem:
        """Return the problem; `burdens` are the sizes by default. A cost of infinity forbids a pair."""
        paid = np.asarray(costs, dtype=np.float64)
        if paid.ndim != 2 or len(paid) < 2 or not paid.size:
            raise InputError(f"costs have shape {paid.shape}; a row for each of two agents or more is needed")
        taken = _table("sizes", sizes, paid.shape)
        carried = taken if burdens is None else _table("burdens", burdens, paid.shape)
        limits = np.asarray(capacities, dtype=np.float64)
        if limits.shape != (len(paid),) or not np.all(limits >= 0.0):
            raise InputError(f"capacities must be {len(paid)} numbers of at least 0, one for each agent")
        if np.isnan(paid).any() or np.isneginf(paid).any():
            raise InputError("costs hold a nan or -inf; use inf to forbid a pair")
        alone = np.flatnonzero(~np.isfinite(paid).any(axis=0))
        if alone.size:
            raise InputError(f"costs forbid every agent for task {alone[0]}; each task needs one")
        return cls(paid, taken, limits, carried)


def model_of(problem: Problem) -> tuple[LinearModel, Any]:
    """Return the model without fairness, with variables x ordered by agent and then by task, and its loads' rows."""
    n, m = problem.costs.shape
    stack, allowed = sparse(), np.isfinite(problem.costs)
    once = stack.hstack([stack.eye_array(m)] * n, format="csr")
    capacity, carried = (_by_agent(table) for table in (problem.sizes, problem.burdens))
    model = LinearModel(
        np.where(allowed, problem.costs, 0.0).ravel(),
        stack.vstack([once, capacity], format="csr"),
        np.concatenate([np.ones(m), np.full(n, -np.inf)]),
        np.concatenate([np.ones(m), problem.capacities]),
        upper=allowed.astype(np.float64).ravel(),
        integer=True,
    )
    return model, carried


def _by_agent(table: Array) -> Any:
    """Return the matrix that sums `table` times x for each agent, over x ordered by agent."""
    n, m = table.shape
    columns = np.arange(n * m)
    return sparse().csr_array((table.ravel(), (columns // m, columns)), shape=(n, n * m))


def _table(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    table = np.asarray(values, dtype=np.float64)
    if table.shape != shape:
        raise InputError(f"{name} have shape {table.shape}, the costs {shape}; they must be alike")
    bad = np.argwhere(~(np.isfinite(table) & (table >= 0.0)))
    if bad.size:
        i, j = bad[0]
        raise InputError(f"{name}[{i}, {j}] is {table[i, j]}; it must be a finite number of at least 0")
    return table
