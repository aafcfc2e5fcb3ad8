"""Tasks of few kinds: equal columns are one column with a multiplicity, of which agents get whole numbers of copies.

With thousands of copies of a task, all of them are indifferent at once, so that neither a sample nor a smoothed dual
tells much. But the relaxation of a table of few kinds is that of one task per kind, with the costs and burdens of all
its copies: a small one, which is solved to the end. Of its optimum each agent keeps all but a few whole copies. These
few are a small table of their own, with nearly all loads carried already, which is rounded and searched as any other.

Loads are then sums of few numbers, and may be unable to come close to the optimum's: such a gap between certificate and
optimum is real, and no rounding closes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.screening import are_copies, hash_columns
from evenhand.assignment.parts import in_parts
from evenhand.assignment.problem import Problem
from evenhand.assignment.relaxation import Relaxation

MOST_KINDS, COPIES = 2_000, 20
"""Most kinds of tasks that a table may have to be grouped, and the fewest copies of each, on average."""

LOOK = 4_096
"""Number of tasks that tell whether looking at all of them is worth it."""


@dataclass(frozen=True)
class Kinds:
    """The kinds of a table's tasks: tasks of a kind are equal in costs, burdens and lock.

    Attributes
    ----------
    first, count
        Position of the first task of each kind, and number of its tasks, shape (k,).
    kind
        Kind of each task, shape (m,).
    """

    first: NDArray[np.intp]
    count: NDArray[np.intp]
    kind: NDArray[np.intp]

    @classmethod
    def of(cls, problem: Problem) -> Kinds | None:
        """Return the kinds of a table's tasks; None if there are too many."""
        m = problem.costs.shape[1]
        some = problem.part(np.arange(0, m, max(1, m // LOOK)), problem.initial_loads)
        if len(np.unique(_hashes(some))) > min(MOST_KINDS, some.costs.shape[1] // 2):
            return None
        _, first, kind, count = np.unique(_hashes(problem), return_index=True, return_inverse=True, return_counts=True)
        if len(first) > min(MOST_KINDS, m // COPIES):
            return None
        original, tables = first[kind], _tables(problem)
        alike = in_parts(lambda _, begin, stop: bool(are_copies(*tables, begin, stop, original)), m)
        return cls(first, count, kind) if all(alike) else None

    def together(self, problem: Problem) -> Problem:
        """Return the problem with one task per kind, which stands for all its copies and may be split."""
        one = problem.part(self.first, problem.initial_loads)
        costs = one.costs * self.count
        return replace(one, costs=costs, burdens=costs if one.burdens is one.costs else one.burdens * self.count)

    def without_few(
        self, problem: Problem, relaxation: Relaxation, few: int
    ) -> tuple[NDArray[np.intp], NDArray[np.int32], Problem, float]:
        """Return the copies that are left free, the agents of the others, and what the free ones have to share.

        Of each kind, an agent keeps the whole copies of its part of the relaxation's optimum but `few`.

        Returns
        -------
        tuple
            Positions of the free tasks; agent of every task, shape (m,), 0 for the free ones; the problem of the free
            ones, with the loads of the others as initial loads; and the cost of the others.
        """
        numbers = np.maximum(np.floor(_shares(relaxation) * self.count[:, np.newaxis]) - few, 0.0).astype(np.intp)
        k, n = numbers.shape
        left = self.count - numbers.sum(axis=1)
        # Kind after kind: the tasks of the first agent, of the second, ..., and those of nobody, -1.
        agents = np.repeat(np.tile(np.append(np.arange(n), -1), k), np.column_stack([numbers, left]).ravel())
        key = np.empty(len(self.kind), np.int32)
        key[np.argsort(self.kind, kind="stable")] = agents
        free = np.flatnonzero(key < 0)
        key[free] = 0
        one = problem.part(self.first, problem.initial_loads)
        carried = problem.initial_loads + (numbers.T * one.burdens).sum(axis=1)
        paid = float((numbers.T * np.where(numbers.T > 0, one.costs, 0.0)).sum())
        return free, key, problem.part(free, carried), paid


def _tables(
    problem: Problem,
) -> tuple[NDArray[np.float64], NDArray[np.float64], bool, NDArray[np.intp]]:
    return problem.costs, problem.burdens, problem.burdens is problem.costs, problem.locked


def _hashes(problem: Problem) -> NDArray[np.int64]:
    m, tables = problem.costs.shape[1], _tables(problem)
    hashes = np.empty(m, np.int64)
    in_parts(lambda _, begin, stop: hash_columns(*tables, begin, stop, hashes), m)
    return hashes


def _shares(relaxation: Relaxation) -> NDArray[np.float64]:
    """Return the agents' shares of each task at the relaxation's vertex, shape (k, n)."""
    vertex, k = relaxation.vertex, len(relaxation.vertex.key)
    shares = np.zeros((k, len(relaxation.loads)))
    shares[np.arange(k), vertex.key] = 1.0
    for tie in range(int(vertex.size[0])):
        task, agent, share = vertex.tie_task[tie], vertex.tie_agent[tie], vertex.share[tie]
        shares[task, agent] += share
        shares[task, vertex.key[task]] -= share
    return np.clip(shares, 0.0, 1.0)
