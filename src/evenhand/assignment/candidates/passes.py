"""Passes over a table of candidates: what is done with each shard, and how the results are put together.

Each kind of pass is a small object that a worker can be given: it holds the source, and reads its shard itself.
Results are put together in the order of the shards, so that they do not depend on the number of workers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import (
    Pairs,
    gather,
    least_of_candidates,
    screen_candidates,
    settle_candidates,
    survey_candidates,
)
from evenhand.assignment.kernels.vertex import OUTWARD, TINY
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.shards.candidates import CandidateSource
from evenhand.assignment.shards.engine import LocalEngine

Found = TypeVar("Found")


class LateError(Exception):
    """Raised if the time is up before the end of a pass."""


def over_shards(work: Callable[[int], Found], source: CandidateSource, clock: Clock) -> list[Found]:
    """Return the result of `work` for each shard, in order; raise `LateError` if the clock expires before the last."""
    found = list(LocalEngine().map(work, range(len(source.sizes)), clock))
    if len(found) < len(source.sizes):
        raise LateError
    return found


class Survey(NamedTuple):
    """What the first pass learns.

    Attributes
    ----------
    costs
        Sums over the tasks, compensated, shape (2, 3): least costs, their sizes, and the largest costs.
    burdens
        Sums over all pairs of each agent, compensated, shape (2, n).
    load
        Loads of the cheapest plan, compensated, shape (2, n).
    sample
        Pairs of the tasks that were drawn.
    """

    costs: NDArray[np.float64]
    burdens: NDArray[np.float64]
    load: NDArray[np.float64]
    sample: Pairs


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The first pass: sums without prices, and the tasks of a sample; `drawn` are their positions in the table."""

    source: CandidateSource
    drawn: NDArray[np.int64]

    def __call__(self, k: int) -> Survey:
        """Survey shard `k`."""
        shard, n = self.source.read(k), len(self.source.agents)
        costs, burdens, load = np.zeros((2, 3)), np.zeros((2, n)), np.zeros((2, n))
        survey_candidates(shard.pairs, costs, burdens, load)
        edges = np.searchsorted(self.drawn, [shard.first, shard.first + len(shard.starts) - 1])
        tasks = self.drawn[edges[0] : edges[1]] - shard.first
        return Survey(costs, burdens, load, part_of(shard.pairs, tasks))


class Screen(NamedTuple):
    """What screening finds in one shard: keys of all tasks, tasks near a change, their pairs, loads of the others."""

    slot: NDArray[np.int32]
    near: NDArray[np.int64]
    core: Pairs
    load: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Screened:
    """The pass that fixes every task whose key is the same at all prices of a box."""

    source: CandidateSource
    price: NDArray[np.float64]
    radius: NDArray[np.float64]

    def __call__(self, k: int) -> Screen:
        """Screen shard `k`."""
        shard = self.source.read(k)
        m = len(shard.starts) - 1
        slot, near, load = np.empty(m, np.int32), np.empty(m, np.bool_), np.zeros((2, len(self.price)))
        screen_candidates(shard.pairs, self.price, self.radius, 0, m, slot, near, load)
        tasks = np.flatnonzero(near)
        return Screen(slot, tasks + shard.first, part_of(shard.pairs, tasks), load)


@dataclass(frozen=True, slots=True)
class Valued:
    """The pass that proves the bound of some prices; with `free`, costs count as 0."""

    source: CandidateSource
    price: NDArray[np.float64]
    free: bool = False

    def __call__(self, k: int) -> NDArray[np.float64]:
        """Return the sums of shard `k`: rounded sum, what rounding took, and sizes of terms."""
        shard, sums = self.source.read(k), np.zeros(3)
        pairs = shard.pairs
        if self.free:
            pairs = Pairs(pairs.starts, pairs.agents, np.zeros_like(pairs.costs), pairs.burdens)
        least_of_candidates(pairs, self.price, 0, len(shard.starts) - 1, sums)
        return sums


@dataclass(frozen=True, slots=True)
class Settled:
    """The pass that adds up the loads and the cost of a plan; `slot` is each task's position among its candidates."""

    source: CandidateSource
    slot: NDArray[np.int32]

    def __call__(self, k: int) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        """Return the agents of shard `k`, loads (2, n) and cost (2,): rounded sums, and what rounding took."""
        shard = self.source.read(k)
        chosen = self.slot[shard.first : shard.first + len(shard.starts) - 1]
        load, cost = np.zeros((2, len(self.source.agents))), np.zeros(2)
        settle_candidates(shard.pairs, chosen, load, cost)
        return shard.agents[shard.starts[:-1] + chosen], load, cost


def value_of(
    source: CandidateSource,
    price: NDArray[np.float64],
    initial_loads: NDArray[np.float64],
    clock: Clock,
    *,
    free: bool = False,
) -> float:
    """Return sum_j min_i (c - v b) over the candidates, minus v . initial loads, rounded down: a pass over the table.

    With `free`, costs count as 0: a positive value then proves that no assignment is fair.
    """
    sums = np.array(over_shards(Valued(source, price, free), source, clock))
    carried = price * initial_loads
    total = np.concatenate([sums[:, 0], sums[:, 1], -carried])
    return math.fsum(total.tolist()) - OUTWARD * (float(sums[:, 2].sum() + np.abs(carried).sum()) + TINY)


def part_of(pairs: Pairs, tasks: NDArray[np.int64]) -> Pairs:
    """Return the pairs of some tasks, by position."""
    starts = np.zeros(len(tasks) + 1, np.int64)
    np.cumsum(pairs.starts[tasks + 1] - pairs.starts[tasks], out=starts[1:])
    size = int(starts[-1])
    costs = np.empty(size, pairs.costs.dtype)
    burdens = costs if pairs.burdens is pairs.costs else np.empty(size, pairs.burdens.dtype)
    into = Pairs(starts, np.empty(size, np.int32), costs, burdens)
    gather(pairs, tasks, into)
    return into


def joined(parts: list[Pairs]) -> Pairs:
    """Return the pairs of several lists of tasks, one after the other."""
    ends = np.cumsum([0, *(int(part.starts[-1]) for part in parts)])
    starts = [part.starts[:-1] + end for part, end in zip(parts, ends, strict=False)]
    agents, costs = (np.concatenate([part[k] for part in parts]) for k in (1, 2))
    shared = all(part.burdens is part.costs for part in parts)
    burdens = costs if shared else np.concatenate([part.burdens for part in parts])
    return Pairs(np.concatenate([*starts, ends[-1:]]), agents, costs, burdens)
