"""What is done with each shard of a table: it is checked and sampled, screened by a box of prices, and written down.

Each pass is a small object that can be pickled, and is called with the number of a shard. A shard is added up in one
thread, and shards are added up in their order, so that sums have the same bits on any engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.screening import least_reduced, screen
from evenhand.assignment.shards.columns import Columns, hashes_of
from evenhand.assignment.shards.source import Shard, Source
from evenhand.assignment.table_blocks import Extent
from evenhand.errors import InputError

RUN = 16
"""Tasks are drawn in runs of so many neighbours, because memory is read in lines."""


@dataclass(frozen=True)
class Ready:
    """A shard as the compiled loops take it.

    Attributes
    ----------
    first
        Position of its first task in the whole table.
    costs, burdens
        Shape (n, k), burdens 0 where costs are +inf; the same array if `same`.
    same
        Whether costs are burdens.
    locked
        Agent of each task decided beforehand, shape (k,), or -1.
    """

    first: int
    costs: NDArray[np.floating[Any]]
    burdens: NDArray[np.floating[Any]]
    same: bool
    locked: NDArray[np.int64]

    @classmethod
    def of(cls, shard: Shard) -> Ready:
        """Prepare a shard."""
        costs, burdens = shard.costs, shard.burdens
        k = costs.shape[1]
        locked = np.full(k, -1, np.int64) if shard.locked is None else shard.locked
        if k and not np.isfinite(costs.max()):
            burdens = np.where(np.isinf(costs), costs.dtype.type(0.0), costs if burdens is None else burdens)
        same = burdens is None
        return cls(shard.first, costs, costs if burdens is None else burdens, same, locked)

    @property
    def tables(self) -> tuple[NDArray[Any], NDArray[Any], bool, NDArray[np.int64]]:
        """The arguments that all passes have in common."""
        return self.costs, self.burdens, self.same, self.locked

    def columns(self, tasks: NDArray[np.intp]) -> Columns:
        """Return some of the tasks, by place; a decided task is forbidden to all but its agent."""
        costs = self.costs[:, tasks]
        burdens = None if self.same else self.burdens[:, tasks]
        decided = np.flatnonzero(self.locked[tasks] >= 0)
        if decided.size:
            agents = self.locked[tasks[decided]]
            paid, carried = costs[agents, decided], (costs if burdens is None else burdens)[agents, decided]
            burdens = costs.copy() if burdens is None else burdens
            costs[:, decided], burdens[:, decided] = np.inf, 0.0
            costs[agents, decided], burdens[agents, decided] = paid, carried
        return Columns.of(costs, burdens)

    def screened(
        self, price: NDArray[np.float64], radius: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.intp], NDArray[np.float64]]:
        """Return all keys, places of tasks near a change of key, and loads and cost of the others, shape (2, n + 1)."""
        n, k = self.costs.shape
        key, near, fixed = np.empty(k, np.int32), np.empty(k, np.bool_), np.zeros((2, n + 1))
        screen(*self.tables, price, radius, 0, k, key, near, fixed)
        return key, np.flatnonzero(near), fixed


@dataclass(frozen=True)
class Surveyed:
    """What the first look at a shard has found.

    Attributes
    ----------
    cost, burden
        Largest sizes of a cost and of a burden.
    carried
        Sum of each agent's burdens, shape (n,), roughly.
    base
        Sum of the least costs: rounded, what rounding took from it, and the sum of their sizes.
    loads
        Loads of the tasks at their cheapest agents, shape (n,).
    decided, apart
        Whether a task is decided beforehand, and whether burdens differ from costs.
    sample
        Some of the tasks.
    """

    cost: float
    burden: float
    carried: NDArray[np.float64]
    base: tuple[float, float, float]
    loads: NDArray[np.float64]
    decided: bool
    apart: bool
    sample: Columns


@dataclass(frozen=True)
class Survey:
    """Checks every value of a shard, adds up what the cheapest plan costs, and draws a sample.

    Attributes
    ----------
    source
        The table.
    share
        Part of the tasks that are drawn; 1 for all.
    seed
        Seed of the sample.
    sign
        -1 if the costs are profits with the opposite sign, otherwise 1.
    """

    source: Source
    share: float
    seed: int
    sign: int = 1

    def __call__(self, k: int) -> Surveyed:
        """Survey shard `k`; raise an InputError if a value cannot be used, with its place."""
        shard = self.source.read(k)
        n, size = shard.costs.shape
        zero = np.zeros(n)
        if not size:
            nothing = np.zeros((n, 0), shard.costs.dtype)
            sample = Columns.of(nothing, None if shard.burdens is None else nothing)
            return Surveyed(0.0, 0.0, zero, (0.0, 0.0, 0.0), zero, False, False, sample)
        cost, burden = self._checked(k, shard)
        ready = Ready.of(shard)
        base = least_reduced(*ready.tables, zero, 0, size)
        if not math.isfinite(base[0]):
            self._refuse_impossible(k, ready)
        key, near, fixed = ready.screened(zero, zero)
        loads = fixed.sum(axis=0)[:n] + np.bincount(key[near], ready.burdens[key[near], near], minlength=n)
        decided = bool((ready.locked >= 0).any())
        apart = shard.burdens is not None and bool(
            ((shard.burdens != self.sign * shard.costs) & np.isfinite(shard.costs)).any()
        )
        carried = ready.burdens.sum(axis=1, dtype=np.float64)
        return Surveyed(cost, burden, carried, base, loads, decided, apart, ready.columns(self._drawn(k, size)))

    def _drawn(self, k: int, size: int) -> NDArray[np.intp]:
        if self.share >= 1.0:
            return np.arange(size)
        random = np.random.default_rng([self.seed, 3, k])
        runs = -(-size // RUN)
        begun = np.sort(random.choice(runs, random.binomial(runs, self.share), replace=False)) * RUN
        tasks = (begun[:, np.newaxis] + np.arange(RUN)).ravel()
        return tasks[tasks < size]

    def _checked(self, k: int, shard: Shard) -> tuple[float, float]:
        """Return the largest sizes of a cost and of a burden, once all are usable."""
        costs, burdens = shard.costs, shard.burdens
        extent = Extent.of(_as_given(costs))
        shared = burdens is None
        if not (extent.least >= 0.0 if shared else extent.least > -np.inf):
            right = "a number >= 0, or inf to forbid the pair" if shared else "a number, or inf to forbid the pair"
            self._refuse(k, shard, "cost", lambda block, _: ~(block >= 0.0 if shared else block > -np.inf), right)
        if math.isnan(extent.largest):
            self._refuse(k, shard, "cost", lambda block, _: np.isnan(block), "a number, or inf to forbid the pair")
        if burdens is None:
            return extent.size, extent.size
        other = Extent.of(_as_given(burdens))
        if not (other.least >= 0.0 and other.finite):
            usable = "a finite number >= 0"
            self._refuse(
                k,
                shard,
                "burden",
                lambda paid, block: np.isfinite(paid) & ~((block >= 0.0) & (block < np.inf)),
                usable,
            )
        return extent.size, other.size

    def _refuse(self, k: int, shard: Shard, what: str, wrong: Callable[[Any, Any], Any], right: str) -> None:
        """Raise an InputError for the first task with a `wrong` value, if there is one."""
        table = shard.costs if shard.burdens is None or what == "cost" else shard.burdens
        found = wrong(shard.costs, table)
        if not found.any():
            return
        place = int(np.argmax(found.any(axis=0)))
        agent = int(np.argmax(found[:, place]))
        raise InputError(
            f"{self.source.label(k)}: the {what} in row {shard.first + place + 1:,} of the table for agent "
            f"{self.source.agents[agent]!r} is {table[agent, place]:g}; expected {right}"
        )

    def _refuse_impossible(self, k: int, ready: Ready) -> None:
        """Raise an InputError for a task that nobody may do, or whose agent may not."""
        forbidden = ~np.isfinite(ready.costs)
        nobody = np.flatnonzero(forbidden.all(axis=0))
        if nobody.size:
            raise InputError(
                f"{self.source.label(k)}: row {ready.first + int(nobody[0]) + 1:,} of the table is forbidden (inf) for "
                "every agent; allow at least one agent to do it"
            )
        decided = np.flatnonzero(ready.locked >= 0)
        wrong = decided[forbidden[ready.locked[decided], decided]]
        if wrong.size:
            agent = self.source.agents[int(ready.locked[wrong[0]])]
            raise InputError(
                f"locked: row {ready.first + int(wrong[0]) + 1:,} of the table is decided for agent {agent!r}, but "
                "that pair is forbidden (inf); unlock it or allow the pair"
            )
        raise InputError(f"{self.source.label(k)}: its costs sum to more than a float can hold; rescale them")


@dataclass(frozen=True)
class ScreenPass:
    """Finds the core of a shard: the tasks whose agent may change inside a box of prices.

    Attributes
    ----------
    source
        The table.
    price, radius
        Middle and half the width of the box, shape (n,).
    """

    source: Source
    price: NDArray[np.float64]
    radius: NDArray[np.float64]

    def __call__(self, k: int) -> tuple[NDArray[np.float64], Columns]:
        """Return loads and cost of the other tasks, shape (2, n + 1), and the core."""
        ready = Ready.of(self.source.read(k))
        _, near, fixed = ready.screened(self.price, self.radius)
        return fixed, ready.columns(near)


@dataclass(frozen=True)
class RefutePass:
    """Adds up what a shard contributes to a bound with costs of zero: if it is positive, no plan is fair.

    Attributes
    ----------
    source
        The table.
    price
        Prices of the certificate, shape (n,).
    """

    source: Source
    price: NDArray[np.float64]

    def __call__(self, k: int) -> tuple[float, float, float]:
        """Return the sum over shard `k`, what rounding took from it, and the sum of the sizes of its terms."""
        ready = Ready.of(self.source.read(k))
        costs = np.where(np.isfinite(ready.costs), 0.0, np.inf)
        return least_reduced(costs, ready.burdens, False, ready.locked, self.price, 0, costs.shape[1])


@dataclass(frozen=True)
class Written:
    """The plan of a shard.

    Attributes
    ----------
    agents
        Position of the agent of each task, shape (k,), as the smallest unsigned type that holds all.
    totals
        Loads and, last, cost: rounded sums, and what rounding took from them, shape (2, n + 1).
    bound
        Sum of the least reduced costs, what rounding took from it, and the sum of their sizes.
    """

    agents: NDArray[np.unsignedinteger[Any]]
    totals: NDArray[np.float64]
    bound: tuple[float, float, float]


@dataclass(frozen=True)
class LastPass:
    """Gives every task of a shard its agent, and adds up the plan and the bound.

    Attributes
    ----------
    source
        The table.
    price, radius
        The box in which the core was found; tasks outside the core have their key at its middle.
    dealt
        Agents of each shard's core, and how many tasks in a row each gets, in the order of the columns' hashes; None
        if these have their keys too.
    proof
        Prices of the certificate, shape (n,).
    """

    source: Source
    price: NDArray[np.float64]
    radius: NDArray[np.float64]
    dealt: Sequence[tuple[NDArray[np.int32], NDArray[np.int64]]] | None
    proof: NDArray[np.float64]

    def __call__(self, k: int) -> Written:
        """Return the plan of shard `k`."""
        ready = Ready.of(self.source.read(k))
        n, size = ready.costs.shape
        key, near, _ = ready.screened(self.price, self.radius)
        if self.dealt is not None and near.size:
            agents, numbers = self.dealt[k]
            if int(numbers.sum()) != near.size:
                raise InputError(f"{self.source.label(k)}: has changed while it was worked on; begin again")
            hashes = hashes_of(ready.costs[:, near], None if ready.same else ready.burdens[:, near])
            key[near[np.argsort(hashes, kind="stable")]] = np.repeat(agents, numbers)
        bound = least_reduced(*ready.tables, self.proof, 0, size)
        return Written(key.astype(_small_type(n)), _totals(ready, key), bound)


def _small_type(n: int) -> np.dtype[np.unsignedinteger[Any]]:
    """Return the smallest unsigned type that holds the positions of n agents."""
    return np.min_scalar_type(n - 1)


def _as_given(table: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return a table as it is, for functions that say float64 and take single precision too."""
    return table  # type: ignore[return-value]


def _totals(ready: Ready, key: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return loads and cost of a plan with compensated sums, shape (2, n + 1)."""
    n, size = ready.costs.shape
    totals = np.zeros((2, n + 1))
    if size:
        screen(*ready.tables[:3], key.astype(np.int64), np.zeros(n), np.zeros(n), 0, size, np.empty(size, np.int32),
               np.empty(size, np.bool_), totals)  # fmt: skip
    return totals
