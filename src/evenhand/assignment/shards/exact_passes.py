"""Sums over a shard and its plan for `verify`: exact ones, and lower bounds of rounded ones. Nothing of the solver."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.shards.plan_parts import PlanParts
from evenhand.assignment.shards.source import Shard, Source
from evenhand.errors import InputError

BLOCK = 1 << 18
"""Number of pairs that are worked on at a time."""

ROUNDING = 2.0**-51
"""Upper limit on the relative error of a product and a difference, each rounded once, against the sizes of both."""

_HALF, _BITS = 26, 53


def exact_sums(values: NDArray[np.float64], groups: NDArray[np.integer[Any]], n: int) -> list[Fraction]:
    """Return the exact sum of the finite `values`, shape (k,), of each of n groups.

    A float is a whole number of 53 bits times a power of two. Upper and lower halves of these numbers are added up for
    each exponent and group; as there are fewer than 2^26 values, these sums are exact in floating point.
    """
    found = [Fraction(0)] * n
    used = np.flatnonzero(values)
    if not used.size:
        return found
    mantissas, exponents = np.frexp(values[used])
    whole = np.ldexp(mantissas, _BITS).astype(np.int64)
    least = int(exponents.min())
    width = int(exponents.max()) - least + 1
    place = groups[used].astype(np.int64) * width + (exponents - least)
    upper = np.bincount(place, whole >> _HALF, minlength=n * width)
    lower = np.bincount(place, whole & ((1 << _HALF) - 1), minlength=n * width)
    for at in np.flatnonzero((upper != 0) | (lower != 0)).tolist():
        units = (int(upper[at]) << _HALF) + int(lower[at])
        exponent = least + at % width - _BITS
        found[at // width] += Fraction(units << exponent) if exponent >= 0 else Fraction(units, 1 << -exponent)
    return found


@dataclass(frozen=True)
class Counted:
    """What a shard and its part of the plan add up to.

    Attributes
    ----------
    cost, loads
        Exact sums; loads of length n. None if the plan has none, or a task is with an agent who may not do it.
    base
        Exact sum of the least costs.
    bound
        A lower bound on the sum of the least reduced costs.
    carried
        Sum of all burdens of pairs that may be used, roughly.
    wrong
        A line about the first task that is with an agent who may not do it; None if there is none.
    decided, apart
        Whether a task is decided beforehand, and whether burdens differ from costs.
    """

    cost: Fraction | None
    loads: list[Fraction] | None
    base: Fraction
    bound: Fraction
    carried: float
    wrong: str | None
    decided: bool
    apart: bool


@dataclass(frozen=True)
class ExactPass:
    """Adds up a shard and its part of the plan.

    Attributes
    ----------
    source
        The table, of costs.
    plan
        The plan's parts; None if the answer has none.
    price
        Prices in the dual cone, shape (n,).
    costly
        Whether the bound counts costs; without, it is one on zero.
    sign
        -1 if the costs are profits with the opposite sign, otherwise 1.
    """

    source: Source
    plan: PlanParts | None
    price: NDArray[np.float64]
    costly: bool
    sign: int = 1

    def __call__(self, k: int) -> Counted:
        """Add up shard `k`; raise an InputError for a value that cannot be used, with its place."""
        shard = self.source.read(k)
        size = shard.costs.shape[1]
        agents = None if self.plan is None else self.plan.read(k, size)
        n = len(self.price)
        cost, loads = Fraction(0), [Fraction(0)] * n
        base, bound, carried = Fraction(0), Fraction(0), 0.0
        wrong, apart = None, False
        for at in _blocks(n, size):
            costs = shard.costs[:, at].astype(np.float64)
            burdens = costs if shard.burdens is None else shard.burdens[:, at].astype(np.float64)
            possible = costs != np.inf
            self._check(k, shard, at, costs, burdens, possible)
            apart = apart or bool(((burdens != self.sign * costs) & possible).any())
            allowed = _allowed(shard, at, possible)
            self._check_allowed(k, shard.first + at.start, allowed)
            zero = np.zeros(costs.shape[1], np.int64)
            base += exact_sums(np.where(allowed, costs, np.inf).min(axis=0), zero, 1)[0]
            bound += self._bound(costs if self.costly else None, burdens, allowed)
            carried += float(burdens[allowed].sum())
            if agents is None or wrong is not None:
                continue
            with_whom = agents[at].astype(np.int64)
            tasks = np.arange(len(with_whom))
            wrong = self._misplaced(k, shard.first + at.start, with_whom, possible, allowed)
            if wrong is None:
                cost += exact_sums(costs[with_whom, tasks], zero, 1)[0]
                new = exact_sums(burdens[with_whom, tasks], with_whom, n)
                loads = [load + more for load, more in zip(loads, new, strict=True)]
        counted = agents is not None and wrong is None
        return Counted(
            cost if counted else None, loads if counted else None, base, bound, carried, wrong,
            shard.locked is not None and bool((shard.locked >= 0).any()), apart,
        )  # fmt: skip

    def _bound(
        self, costs: NDArray[np.float64] | None, burdens: NDArray[np.float64], allowed: NDArray[np.bool_]
    ) -> Fraction:
        """Return a lower bound on the sum of min_i (cost - price * burden), exact up to outward rounding."""
        moved = self.price[:, np.newaxis] * np.where(allowed, burdens, 0.0)
        reduced = -moved if costs is None else np.where(allowed, costs, 0.0) - moved
        error = np.where(allowed, np.abs(moved) + np.abs(reduced), 0.0).max(axis=0)
        least = np.where(allowed, reduced, np.inf).min(axis=0)
        rounded = math.fsum(least.tolist())
        errors = math.fsum(error.tolist()) * ROUNDING + len(least) * 1e-300
        return Fraction(float(np.nextafter(rounded, -np.inf))) - Fraction(errors)

    def _check(
        self,
        k: int,
        shard: Shard,
        at: slice,
        costs: NDArray[np.float64],
        burdens: NDArray[np.float64],
        possible: NDArray[np.bool_],
    ) -> None:
        shared = shard.burdens is None
        fine = (burdens >= 0.0) & (burdens < np.inf) & np.isfinite(costs)
        wrong = possible & ~fine
        if not wrong.any():
            return
        task = int(np.argmax(wrong.any(axis=0)))
        agent = int(np.argmax(wrong[:, task]))
        paid = shared or not math.isfinite(costs[agent, task])
        what, value = ("cost", costs[agent, task]) if paid else ("burden", burdens[agent, task])
        raise InputError(
            f"{self.source.label(k)}: the {what} in row {shard.first + at.start + task + 1:,} of the table for agent "
            f"{self.source.agents[agent]!r} is {value:g}; it should be a number{' >= 0' if shared or not paid else ''}"
        )

    def _check_allowed(self, k: int, first: int, allowed: NDArray[np.bool_]) -> None:
        nobody = np.flatnonzero(~allowed.any(axis=0))
        if nobody.size:
            raise InputError(
                f"{self.source.label(k)}: nobody may do the task in row {first + int(nobody[0]) + 1:,} of the table"
            )

    def _misplaced(
        self, k: int, first: int, agents: NDArray[np.int64], possible: NDArray[np.bool_], allowed: NDArray[np.bool_]
    ) -> str | None:
        """Return a line about the first task whose agent may not do it; None if there is none."""
        tasks = np.arange(len(agents))
        wrong = np.flatnonzero(~allowed[agents, tasks])
        if not wrong.size:
            return None
        task = int(wrong[0])
        name = self.source.agents[int(agents[task])]
        why = "it is locked to another" if possible[agents[task], task] else "who is forbidden to do it"
        assert self.plan is not None
        return f"{self.plan.label(k)}: row {first + task + 1:,} of the table is with agent {name!r}, {why}"


def _allowed(shard: Shard, at: slice, possible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pairs that may be used: those possible, and for a decided task only that with its agent."""
    if shard.locked is None:
        return possible
    locked = shard.locked[at]
    decided = np.flatnonzero(locked >= 0)
    allowed = possible.copy()
    allowed[:, decided] = False
    allowed[locked[decided], decided] = possible[locked[decided], decided]
    return allowed


def _blocks(n: int, size: int) -> Iterator[slice]:
    width = max(1, BLOCK // n)
    return (slice(first, min(first + width, size)) for first in range(0, size, width))
