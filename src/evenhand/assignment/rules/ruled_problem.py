"""The assignment problem under several rules, checked and by position."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.case import Number
from evenhand.assignment.rules.exclusive_tasks import Cliques
from evenhand.fairness import Fairness
from evenhand.fairness.protocol import RELATIVE_TOLERANCE
from evenhand.tables.visit_times import Visit

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Row:
    """One rule, or one pair of limits, by position.

    Attributes
    ----------
    name
        Name of the rule, different from those of the others.
    burden
        Shape (n, u), not negative: what a unit adds to an agent's load. Finite everywhere, and without meaning where
        the pair is forbidden. It may be a view that repeats one row.
    carried
        Loads carried before, shape (n,).
    counted
        Positions of the agents that a rule of fairness compares, ascending; of all agents, for limits.
    fairness
        Member for the counted agents only, in their order; None for limits.
    least, most
        Limits, shape (n,): -inf and inf where nothing is asked, as everywhere in a rule of fairness.
    """

    name: str
    burden: Array
    carried: Array
    counted: NDArray[np.intp]
    fairness: Fairness | None
    least: Array
    most: Array

    def loads_of(self, plan: NDArray[np.integer[Any]]) -> Array:
        """Return the loads, shape (n,), of a plan of units, shape (u, k) with -1 for none, those carried included."""
        loads = self.carried.copy()
        for column in plan.reshape(len(plan), -1).T:
            units = np.flatnonzero(column >= 0)
            loads += np.bincount(column[units], self.burden[column[units], units], minlength=len(loads))
        return loads

    def kept_by(self, loads: Array) -> bool:
        """Return whether loads, shape (n,), keep the rule, within the relative tolerance of every fairness member."""
        if self.fairness is not None:
            return bool(self.fairness.contains(loads[self.counted]))
        slack = RELATIVE_TOLERANCE
        low = np.where(np.isfinite(self.least), self.least * (1.0 - slack), -np.inf)
        high = np.where(np.isfinite(self.most), self.most * (1.0 + slack), np.inf)
        return bool(((loads >= low) & (loads <= high)).all())


@dataclass(frozen=True, eq=False)
class RuledProblem:
    """A checked problem of n agents and u units of work under several rules; nothing changes it.

    A unit is a task, or several that stay together.

    Attributes
    ----------
    costs
        Cost of each unit for each agent, shape (n, u); inf if the pair is forbidden. Profits are stored with the
        opposite sign.
    rows
        The rules and limits, in the user's order.
    needs
        Number of different agents that each unit needs, shape (u,), at least 1.
    exclusive
        Cliques of units: an agent gets at most one unit of each.
    locked
        Pairs (agent, unit) that every plan contains.
    agents, tasks
        Names, lengths n and m.
    unit_of
        Unit of each task, shape (m,).
    named, maximise
        As in :class:`~evenhand.assignment.problem.Problem`.
    visits
        When each task begins and ends, length m, for words alone: `exclusive` says what follows; None if not given.
    """

    costs: Array
    rows: tuple[Row, ...]
    needs: NDArray[np.intp]
    exclusive: Cliques
    locked: tuple[tuple[int, int], ...]
    agents: Sequence[str]
    tasks: Sequence[str]
    unit_of: NDArray[np.intp]
    named: tuple[bool, bool] = (True, True)
    maximise: bool = False
    visits: Sequence[Visit | None] | None = None

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """Pairs that may be used, shape (n, u): not forbidden, and not crowded out by locked pairs."""
        allowed = np.isfinite(self.costs)
        agents = self.agents_locked_to
        for unit, locked in agents.items():
            if len(locked) == self.needs[unit]:
                allowed[:, unit] = False
                allowed[locked, unit] = True
        return allowed

    @cached_property
    def agents_locked_to(self) -> dict[int, list[int]]:
        """Agents that are locked to each unit that has any, ascending."""
        found: dict[int, list[int]] = {}
        for agent, unit in sorted(self.locked):
            found.setdefault(unit, []).append(agent)
        return found

    @cached_property
    def cheapest(self) -> NDArray[np.intp]:
        """The cheapest plan without any rule, shape (u, k): each unit's cheapest agents, ascending, -1 for none."""
        return self.plan_of_least(self.costs)

    def plan_of_least(self, priced: Array) -> NDArray[np.intp]:
        """Return the plan, shape (u, k), with the least sum of priced costs, shape (n, u); locked pairs are part of it.

        Ties go to the first agent.
        """
        ranked = np.where(self.allowed, priced, np.inf)
        for agent, unit in self.locked:
            ranked[agent, unit] = -np.inf
        most = int(self.needs.max())
        order = np.argsort(ranked, axis=0, kind="stable")[:most] if most > 1 else ranked.argmin(axis=0)[np.newaxis]
        taken = np.where(np.arange(most)[:, np.newaxis] < self.needs, order, len(self.agents))
        plan = np.sort(taken, axis=0).T
        return np.where(plan == len(self.agents), -1, plan)

    def cost_of(self, plan: NDArray[np.integer[Any]]) -> float:
        """Return the total cost of a plan of units, shape (u, k): the float nearest the exact sum."""
        return math.fsum(self._paid(plan))

    @cached_property
    def base_cost(self) -> float:
        """Cost of the cheapest plan without any rule."""
        return self.cost_of(self.cheapest)

    def _paid(self, plan: NDArray[np.integer[Any]]) -> Iterator[float]:
        for column in plan.reshape(len(plan), -1).T:
            units = np.flatnonzero(column >= 0)
            yield from self.costs[column[units], units].tolist()

    def of_tasks(self, plan: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
        """Return the agents of each task in a plan of units: shape (m,), or (m, k) if a task needs several agents."""
        agents = np.asarray(plan, np.intp)[self.unit_of]
        return agents[:, 0] if agents.shape[1] == 1 else agents

    def in_user_sign(self, value: Number) -> Number:
        """Return a cost, or a bound on one, with the sign of the user's table; or turn such a value back into a cost.

        Both flip the sign of profits.
        """
        return 0 - value if self.maximise else value


def made_with(problem: RuledProblem) -> dict[str, bool]:
    """Return which of the inputs besides costs and rules were given."""
    return {
        "needs": bool((problem.needs > 1).any()),
        "together": len(np.unique(problem.unit_of)) < len(problem.unit_of),
        "exclusive": bool(problem.exclusive),
        "locked": bool(problem.locked),
    }
