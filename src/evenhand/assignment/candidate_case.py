"""A large table of candidates as `verify` reads it, independently of the solver: exact sums, outward-rounded bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evenhand.assignment.case import Case, position, positions, read_initial_loads
from evenhand.assignment.exact import Surcharge, exact_sums
from evenhand.errors import InputError
from evenhand.tables.candidate_table import CandidateTable

_BLOCK = 1 << 18
"""Number of tasks that are looked at together."""

_OUTWARD = 2.0**-51
"""Relative error, at most, of a reduced cost c - v b in floating point, relative to |c| + |v b|: three roundings."""

_TINY = 1e-300
"""Absolute error of one reduced cost, at most, where products underflow."""


@dataclass(frozen=True, slots=True)
class CandidateCase(Case):
    """A table of candidates, checked; its tables of all pairs are empty, and sums are made from the list.

    Attributes
    ----------
    pairs
        The pairs that are not forbidden; profits have the opposite sign.
    """

    pairs: CandidateTable | None = None

    @property
    def _table(self) -> CandidateTable:
        assert self.pairs is not None
        return self.pairs

    def misplaced(self, assignment: NDArray[np.intp]) -> str | None:
        """Return a line about the first task whose agent is no candidate, or not the locked one; None if none is."""
        wrong = np.flatnonzero(self._slots(assignment) < 0)
        for task in wrong[:1]:
            return f"task {self.tasks[task]} is with agent {self.agents[assignment[task]]}, who is forbidden to do it"
        for task, agent in self.locked.items():
            if assignment[task] != agent:
                name = self.agents[assignment[task]]
                return f"task {self.tasks[task]} is with agent {name}; it is locked to {self.agents[agent]}"
        return None

    def sums(self, assignment: NDArray[np.intp]) -> tuple[Fraction, list[Fraction]] | None:
        """Return the exact cost and loads (length n) of an assignment; None if one of its pairs is forbidden."""
        slots = self._slots(assignment)
        if (slots < 0).any():
            return None
        loads = exact_sums(self._burdens[slots], assignment, len(self.agents))
        cost = exact_sums(self._table.costs[slots], np.zeros(len(slots), np.int64), 1)[0]
        return cost, [load + Fraction(float(start)) for load, start in zip(loads, self.initial_loads, strict=True)]

    def least(self) -> Fraction:
        """Return the exact cost of the cheapest assignment without fairness."""
        parts = [
            np.minimum.reduceat(np.where(open_, self._table.costs[pairs], np.inf), starts)
            for pairs, starts, open_ in self._blocks()
        ]
        least = np.concatenate(parts)
        return exact_sums(least, np.zeros(len(least), np.int64), 1)[0]

    def reach(self) -> list[Fraction]:
        """Return the largest load that each agent can have, with every task it may do, length n."""
        open_ = np.concatenate([allowed for _, _, allowed in self._blocks()])
        loads = exact_sums(np.where(open_, self._burdens, 0.0), self._table.agent_of, len(self.agents))
        return [load + Fraction(float(start)) for load, start in zip(loads, self.initial_loads, strict=True)]

    def bound(self, dual: Sequence[Fraction], surcharge: Surcharge | None = None, *, costs: bool = True) -> Fraction:
        """Return a lower bound on sum_j min_i (c - v b) - v . x0, in floating point rounded outward.

        The dual vector is rounded up, which keeps it in the dual cone, and every reduced cost is lowered by more than
        its rounding error; the minima are added exactly.
        """
        if surcharge is not None:
            raise InputError("an answer with a limit on changes needs a full table")
        price = np.array([_above(entry) for entry in dual])
        total, table = Fraction(0), self._table
        for pairs, starts, open_ in self._blocks():
            worth = price[table.agent_of[pairs]] * self._burdens[pairs]
            cost = table.costs[pairs].astype(np.float64) if costs else np.zeros(len(worth))
            low = (cost - worth) - (_OUTWARD * (np.abs(cost) + np.abs(worth)) + _TINY)
            least = np.minimum.reduceat(np.where(open_, low, np.inf), starts)
            # A float below the exact sum of finitely many floats: their correctly rounded sum, and one step down.
            total += Fraction(math.nextafter(math.fsum(least.tolist()), -math.inf))
        carried = (Fraction(v) * Fraction(float(x)) for v, x in zip(price.tolist(), self.initial_loads, strict=True))
        return total - sum(carried, Fraction(0))

    @property
    def _burdens(self) -> NDArray[Any]:
        table = self._table
        return table.costs if table.burdens is None else table.burdens

    def _blocks(self) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.bool_]]]:
        """Yield the pairs of some tasks, where each task's begin among them, and which may be used."""
        table, m = self._table, len(self.tasks)
        decided = np.full(m, -1, np.int64)
        for task, agent in self.locked.items():
            decided[task] = agent
        for first in range(0, m, _BLOCK):
            edges = table.starts[first : first + _BLOCK + 1]
            pairs = slice(int(edges[0]), int(edges[-1]))
            wanted = np.repeat(decided[first : first + _BLOCK], np.diff(edges))
            yield pairs, edges[:-1] - edges[0], (wanted < 0) | (wanted == table.agent_of[pairs])

    def _slots(self, assignment: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return the position of each task's pair in the list, shape (m,); -1 if its agent is no candidate."""
        table = self._table
        slots = np.full(len(assignment), -1, np.int64)
        for first in range(0, len(assignment), _BLOCK):
            edges = table.starts[first : first + _BLOCK + 1]
            wanted = np.repeat(assignment[first : first + _BLOCK], np.diff(edges))
            hits = np.flatnonzero(table.agent_of[edges[0] : edges[-1]] == wanted) + edges[0]
            slots[np.searchsorted(table.starts, hits, "right") - 1] = hits
        return slots


def read_candidate_case(
    table: CandidateTable,
    *,
    initial_loads: ArrayLike | Mapping[str, float] | None = None,
    locked: Mapping[Any, Any] | None = None,
    maximise: bool = False,
) -> CandidateCase:
    """Check a large table of candidates; arguments as for :func:`evenhand.assignment.assign`.

    Raises
    ------
    InputError
        If a pair, a load or a locked task cannot be used; the message says where it stands.
    """
    n = len(table.agents)
    what = "profit" if maximise else "cost"
    forbidden = np.isinf(table.costs) if maximise else table.costs == np.inf
    shared = table.costs if table.burdens is None else table.burdens
    _refuse(table, ~forbidden & ~np.isfinite(table.costs), f"the {what} is no number")
    _refuse(table, ~forbidden & ~(np.isfinite(shared) & (shared >= 0)), "what is shared must be 0 or more")
    _refuse_repeated(table)
    apart = table.burdens is not None and bool((table.burdens != table.costs).any())
    signed = table.negated() if maximise else table
    if forbidden.any():
        signed = signed.kept(~forbidden)
    idle = np.flatnonzero(np.diff(signed.starts) == 0)
    if idle.size:
        raise InputError(
            f"{table.source}: task {table.tasks[int(idle[0])]} has no candidate; somebody must be able to do it"
        )
    pairs = _locked_pairs(locked, signed)
    none = np.zeros((n, 0))
    return CandidateCase(
        agents=table.agents,
        tasks=table.tasks,
        named=table.named,
        costs=none,
        burdens=none,
        initial_loads=read_initial_loads(initial_loads, table.agents),
        possible=none.astype(np.bool_),
        allowed=none.astype(np.bool_),
        locked=pairs,
        maximise=maximise,
        shares_burdens=apart,
        pairs=signed,
    )


def _refuse(table: CandidateTable, wrong: NDArray[np.bool_], what: str) -> None:
    if wrong.any():
        raise InputError(f"{table.place(int(np.argmax(wrong)))}: {what}")


def _refuse_repeated(table: CandidateTable) -> None:
    """Raise an InputError for a pair that is listed twice."""
    n, m = len(table.agents), len(table.tasks)
    for first in range(0, m, _BLOCK):
        edges = table.starts[first : first + _BLOCK + 1]
        keys = np.repeat(np.arange(len(edges) - 1), np.diff(edges)) * n + table.agent_of[edges[0] : edges[-1]]
        order = np.argsort(keys, kind="stable")
        again = np.flatnonzero(np.diff(keys[order]) == 0)
        if again.size:
            raise InputError(f"{table.place(int(edges[0] + order[again + 1].min()))}: the pair is listed already")


def _locked_pairs(locked: Mapping[Any, Any] | None, table: CandidateTable) -> dict[int, int]:
    if locked is None:
        return {}
    tasks, agents = positions(table.tasks), positions(table.agents)
    pairs = {position(task, tasks, "task"): position(agent, agents, "agent") for task, agent in locked.items()}
    for task, agent in pairs.items():
        if agent not in table.agent_of[table.starts[task] : table.starts[task + 1]]:
            raise InputError(f"task {table.tasks[task]} is locked to agent {table.agents[agent]}, who is no candidate")
    return pairs


def _above(value: Fraction) -> float:
    """Return the least float not below `value`."""
    nearest = float(value)
    return nearest if Fraction(nearest) >= value else math.nextafter(nearest, math.inf)
