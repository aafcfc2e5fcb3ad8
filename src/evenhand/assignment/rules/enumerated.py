"""All plans of a small domain, cheapest branches first, for the search under several rules."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.plan_enumeration import DONE, LEAF, Tree, next_plan
from evenhand.assignment.kernels.row_dual import Point
from evenhand.assignment.kernels.ruled_annealing import Demands
from evenhand.assignment.rules.row_system import Domain, RowSystem


class Enumeration:
    """An enumeration of the plans of a domain that may keep all demands.

    Parameters
    ----------
    system
        The problem.
    domain
        The pairs that are left, fewer than all.
    multipliers
        Multipliers that price the costs and prove a bound.
    demands
        The demands of the heuristics.
    carried
        Loads carried before, scaled, shape (rules, n).
    """

    def __init__(
        self,
        system: RowSystem,
        domain: Domain,
        multipliers: Point,
        demands: Demands,
        carried: NDArray[np.float64],
    ) -> None:
        self._system, self._domain, self._demands = system, domain, demands
        self._rule_of = np.repeat(np.arange(len(demands.start) - 1), np.diff(demands.start)).astype(np.int64)
        reduced = system.priced(domain, multipliers)
        left = system.needs - domain.locked.sum(axis=1)
        n = reduced.shape[1]
        ranked = np.sort(reduced, axis=1)
        # Tasks first whose wrong choice costs, or burdens, most: branches end early.
        weight = np.where(np.isfinite(reduced), system.burden.sum(axis=0), 0.0).max(axis=1)
        tasks = np.flatnonzero(left > 0)
        tasks = tasks[np.argsort(-weight[tasks], kind="stable")]
        order = np.repeat(tasks, left[tasks])
        listed = {int(task): np.flatnonzero(np.isfinite(reduced[task])) for task in tasks}
        for task in tasks.tolist():
            if left[task] == 1:
                listed[task] = listed[task][np.argsort(reduced[task, listed[task]], kind="stable")]
        start = np.cumsum([0, *(len(listed[int(task)]) for task in order)]).astype(np.int64)
        agent = np.concatenate([listed[int(task)] for task in order]) if len(order) else np.zeros(0)
        price = np.concatenate([reduced[task, listed[int(task)]] for task in order]) if len(order) else np.zeros(0)
        least = ranked[order, 0] if len(order) else np.zeros(0)
        firsts = float(sum(ranked[task, : left[task]].sum() for task in tasks.tolist()))
        rest = np.append(np.cumsum(least[::-1])[::-1], 0.0)
        slots, rows, rules = len(order), len(demands.least), len(system.burden)
        gains = np.zeros((slots, rows))
        for q in range(rows):
            terms = demands.weight[q] * system.burden[self._rule_of[q]]
            most = np.where(np.isfinite(reduced), terms, -np.inf).max(axis=1)
            gains[:, q] = most[order]
        reach = np.vstack([np.cumsum(gains[::-1], axis=0)[::-1], np.zeros((1, rows))])
        load = np.zeros((slots + 1, rules, n))
        load[0] = carried + (domain.locked * system.burden).sum(axis=1)
        activity = np.zeros((slots + 1, rows))
        activity[0] = (demands.weight * load[0][self._rule_of]).sum(axis=1)
        paid = np.zeros(slots + 1)
        paid[0] = float(system.cost[domain.locked].sum())
        self._tree = Tree(
            order.astype(np.int64), start, agent.astype(np.int64), price.astype(np.float64), rest, reach,
            np.full(slots, -1, np.int64), np.zeros(1, np.int64), np.zeros(slots + 1), paid, load, activity,
        )  # fmt: skip
        self._offset = system.value(domain, multipliers) - firsts
        self.steps = 0
        self.complete = False

    def plans(self, limit: float, budget: int) -> Iterator[NDArray[np.bool_]]:
        """Yield tables of who does what, of a scaled cost below `limit`, for at most `budget` steps; see `lower`."""
        self._limit = limit
        while self.steps < budget:
            found, steps = next_plan(
                self._tree, self._system.cost, self._system.burden, self._rule_of, self._demands,
                self._limit - self._offset, self._limit, budget - self.steps,
            )  # fmt: skip
            self.steps += max(steps, 1)
            if found == DONE:
                self.complete = True
                return
            if found == LEAF:
                has = self._domain.locked.copy()
                has[self._tree.task, self._tree.agent[self._tree.start[:-1] + self._tree.chosen]] = True
                yield has

    def lower(self, limit: float) -> None:
        """Lower the scaled cost at which plans are of no use."""
        self._limit = limit
