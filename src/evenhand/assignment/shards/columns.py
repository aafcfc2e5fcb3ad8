"""Some tasks of a table as columns, equal ones together: a sample, or the core that a pass leaves.

Tables of costs that are looked up have few different tasks, of which millions may be indifferent at the optimum. A
column stands for all its copies. To the relaxation they are one task; to be given whole to agents they are cut into
*pieces* of falling sizes down to single tasks, so that loads can still be met to within one of these.

Columns are equal if a hash of 64 bits of theirs is. If it ever was for unequal ones, a plan would be judged by other
costs than it has, and the last pass, which adds up the plan as it is, would find out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.problem import Problem
from evenhand.tables.default_names import DefaultNames

PIECES = 4
"""Pieces of one size, per agent, before the size falls."""

_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
"""Multipliers of the hash, those of SplitMix64."""


@dataclass(frozen=True)
class Columns:
    """Different tasks, in the order of their hashes.

    Attributes
    ----------
    costs, burdens
        Shape (n, k); burdens are None if they are the costs.
    counts
        Number of copies of each, shape (k,).
    hashes
        Shape (k,), ascending.
    """

    costs: NDArray[np.floating[Any]]
    burdens: NDArray[np.floating[Any]] | None
    counts: NDArray[np.int64]
    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, costs: NDArray[np.floating[Any]], burdens: NDArray[np.floating[Any]] | None) -> Columns:
        """Gather tasks given by costs and burdens, shape (n, k)."""
        hashes = hashes_of(costs, burdens)
        different, place, counts = np.unique(hashes, return_index=True, return_counts=True)
        return cls(costs[:, place], None if burdens is None else burdens[:, place], counts, different)

    @classmethod
    def together(cls, parts: Sequence[Columns]) -> tuple[Columns, list[NDArray[np.intp]]]:
        """Return the columns of all parts, and where those of each part are among them."""
        hashes = np.concatenate([part.hashes for part in parts])
        different, place, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        counts = np.zeros(len(different), np.int64)
        np.add.at(counts, inverse, np.concatenate([part.counts for part in parts]))
        costs = np.concatenate([part.costs for part in parts], axis=1)[:, place]
        burdens = None
        if any(part.burdens is not None for part in parts):
            given = [part.costs if part.burdens is None else part.burdens for part in parts]
            burdens = np.concatenate(given, axis=1)[:, place]
        edges = np.cumsum([len(part.hashes) for part in parts])[:-1]
        return cls(costs, burdens, counts, different), np.split(inverse, edges)

    @property
    def tasks(self) -> int:
        """Number of tasks, copies counted."""
        return int(self.counts.sum())

    @property
    def pairs(self) -> int:
        """Number of pairs of agent and column."""
        return self.costs.size

    def thinned(self, share: float, seed: int) -> Columns:
        """Return about a `share` of the tasks, drawn at random."""
        counts = np.random.default_rng(seed).binomial(self.counts, share)
        kept = np.flatnonzero(counts)
        burdens = None if self.burdens is None else self.burdens[:, kept]
        return Columns(self.costs[:, kept], burdens, counts[kept], self.hashes[kept])

    def radius_of(self, price: NDArray[np.float64], share: float) -> float:
        """Return half the width of a box around `price`, shape (n,), inside which this `share` of the tasks may change.

        A task may if its least reduced cost and another one meet: at the step (difference) / (sum of both burdens).
        """
        costs = self.costs.astype(np.float64)
        burdens = costs if self.burdens is None else self.burdens.astype(np.float64)
        burdens = np.where(np.isfinite(costs), burdens, 0.0)
        reduced = costs - price[:, np.newaxis] * burdens
        key, every = reduced.argmin(axis=0), np.arange(costs.shape[1])
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = (reduced - reduced[key, every]) / (burdens + burdens[key, every])
        steps[key, every] = np.inf
        step = np.nan_to_num(steps.min(axis=0), nan=np.inf, posinf=np.inf)
        order = np.argsort(step)
        place = np.searchsorted(np.cumsum(self.counts[order]), share * self.tasks)
        found = step[order[min(int(place), len(order) - 1)]]
        return float(found) if np.isfinite(found) else float(step[np.isfinite(step)].max(initial=0.0))

    def problem(
        self, agents: Sequence[str], initial_loads: NDArray[np.float64], pieces: float = PIECES
    ) -> tuple[Problem, NDArray[np.intp], NDArray[np.int64]]:
        """Return the problem of all pieces, and the column and size of each.

        `pieces` of one size are made per agent before the size falls: none for whole columns, inf for single tasks.
        """
        column, size = np.arange(len(self.counts)), self.counts
        if pieces and (self.counts > 1).any():
            same = min(pieces * len(self.costs), self.tasks)
            sizes = [_piece_sizes(int(count), int(same)) for count in self.counts]
            column = np.repeat(column, [len(some) for some in sizes])
            size = np.concatenate([np.array(some, np.int64) for some in sizes])
        costs = np.multiply(self.costs[:, column], size, dtype=np.float64)
        burdens = costs
        if self.burdens is not None:
            burdens = np.multiply(self.burdens[:, column], size, dtype=np.float64)
        free = np.full(len(column), -1, np.intp)
        names = DefaultNames("task", len(column))
        return Problem(costs, burdens, initial_loads, free, tuple(agents), names), column, size


@cache
def _piece_sizes(count: int, same: int) -> tuple[int, ...]:
    """Return sizes that sum to `count`, falling to 1, of which at least `same` in a row are equal.

    Of 20 tasks, by two: 5, 5, 2, 2, and six times 1.
    """
    sizes: list[int] = []
    while count:
        size = max(1, count // (2 * same))
        taken = min(same, count // size)
        sizes += [size] * taken
        count -= size * taken
    return tuple(sizes)


def hashes_of(costs: NDArray[np.floating[Any]], burdens: NDArray[np.floating[Any]] | None) -> NDArray[np.uint64]:
    """Return a hash of each column, shape (k,)."""
    found = np.zeros(costs.shape[1], np.uint64)
    for table in (costs,) if burdens is None else (costs, burdens):
        for row in table:
            bits: NDArray[Any] = np.ascontiguousarray(row).view(np.uint32 if row.dtype == np.float32 else np.uint64)
            found = np.bitwise_xor(found, bits) * _ODD
            found ^= found >> np.uint64(29)
            found *= _OTHER
            found ^= found >> np.uint64(32)
    return found


def dealt(
    column: NDArray[np.intp],
    size: NDArray[np.int64],
    agents: NDArray[np.integer[Any]],
    places: Sequence[NDArray[np.intp]],
    counts: Sequence[NDArray[np.int64]],
) -> list[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Deal the pieces' agents out to the shards: agents, and how many tasks in a row each gets, of each shard.

    Parameters
    ----------
    column, size, agents
        Column, number of tasks and agent of each piece, shape (pieces,).
    places, counts
        The columns of each shard, and their numbers of copies there.
    """
    order = np.argsort(column, kind="stable")
    first = np.searchsorted(column[order], np.arange(column.max(initial=-1) + 2))
    by_column = agents[order].astype(np.int32)
    alike = np.ones(len(first) - 1, np.bool_)
    differ = np.flatnonzero(by_column[1:] != by_column[:-1]) + 1
    split = np.setdiff1d(differ, first)
    alike[column[order][split]] = False
    left = {int(c): _amounts(by_column[first[c] : first[c + 1]], size[order][first[c] : first[c + 1]])
            for c in np.flatnonzero(~alike)}  # fmt: skip
    found = []
    for place, count in zip(places, counts, strict=True):
        values, repeats = by_column[first[place]], count.astype(np.int64)
        if not alike[place].all():
            values, repeats = _with_split(place, values, repeats, left)
        found.append((values, repeats))
    return found


def _amounts(agents: NDArray[np.int32], sizes: NDArray[np.int64]) -> list[list[int]]:
    """Return agents and their numbers of tasks, to be taken from the end."""
    total = np.bincount(agents, sizes).astype(np.int64)
    return [[int(agent), int(total[agent])] for agent in np.flatnonzero(total)[::-1]]


def _with_split(
    place: NDArray[np.intp], values: NDArray[np.int32], repeats: NDArray[np.int64], left: dict[int, list[list[int]]]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the runs of a shard, taking those of columns that several agents share from what is `left` of them."""
    agents: list[int] = []
    numbers: list[int] = []
    for column, agent, number in zip(place.tolist(), values.tolist(), repeats.tolist(), strict=True):
        if column not in left:
            agents.append(agent)
            numbers.append(number)
            continue
        while number:
            amount = left[column][-1]
            taken = min(number, amount[1])
            agents.append(amount[0])
            numbers.append(taken)
            number -= taken
            amount[1] -= taken
            if not amount[1]:
                left[column].pop()
    return np.array(agents, np.int32), np.array(numbers, np.int64)
