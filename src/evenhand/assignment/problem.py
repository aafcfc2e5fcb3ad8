"""The assignment problem as checked arrays, which all other code trusts, with values derived from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.screening import take
from evenhand.assignment.parts import PARTS, in_parts
from evenhand.assignment.rounding import nearest_of, sum_below, total
from evenhand.assignment.table_blocks import IN_PLACE, blocks_of
from evenhand.tables.default_names import DefaultNames


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
