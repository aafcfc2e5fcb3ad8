"""Tasks that are nearly indifferent between a few agents at a relaxation's prices, in compressed rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import Pairs
from evenhand.assignment.optimum_of_core import CHOICES, Optimum, keys_and_margins, most_indifferent


@dataclass(frozen=True)
class Indifferent:
    """The tasks that a rounding may move, and the plan in which every task is with its agent of least reduced cost.

    Attributes
    ----------
    tasks
        Their positions among all tasks, shape (t,).
    moves
        Their pairs of least reduced costs, with these: one for each task, and others.
    slot
        Pair of least reduced cost for each of them, counted from its first pair, shape (t,).
    load
        Loads of all tasks in that plan, initial ones included, shape (n,).
    price, w, loads
        Prices of the optimum, Newton's variables, and fractional loads, shape (n,).
    cost, burden
        Typical cost and burden of a task.
    """

    tasks: NDArray[np.intp]
    moves: Pairs
    slot: NDArray[np.int32]
    load: NDArray[np.float64]
    price: NDArray[np.float64]
    w: NDArray[np.float64]
    loads: NDArray[np.float64]
    cost: float
    burden: float

    @classmethod
    def of(cls, optimum: Optimum, each: int = CHOICES) -> Indifferent:
        """Return the most indifferent tasks of an optimum that Newton's method has found; in its scaled units.

        `each` is the number of pairs per agent besides one for each task.
        """
        assert optimum.w is not None
        scaled, n = optimum.scaled, len(optimum.loads)
        cost, burden = scaled.costs.cost, scaled.costs.burden
        key, apart = keys_and_margins(scaled.costs, optimum.price)
        tasks = most_indifferent(apart, each * n)
        reduced = optimum.reduced_costs(tasks)
        values = reduced[np.isfinite(reduced)]
        last = min(len(values), len(tasks) + each * n) - 1
        near = reduced <= np.partition(values, last)[last]
        task, agent = np.nonzero(near)
        starts = np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64)
        moves = Pairs(starts, agent.astype(np.int32), reduced[near], burden[tasks][near])
        slot = np.flatnonzero(agent == key[tasks][task]) - starts[:-1]
        everyone = np.arange(len(key))
        served = burden[everyone, key]
        load = scaled.costs.initial + np.bincount(key, served, minlength=n)
        w = optimum.w / (scaled.cost_scale / scaled.burden_scale)
        sizes = float(np.abs(cost[everyone, key]).mean()), float(served.mean())
        return cls(tasks, moves, slot.astype(np.int32), load, optimum.price, w, np.maximum(optimum.loads, 0.0), *sizes)

    @property
    def task(self) -> NDArray[np.int64]:
        """The task of each pair, as a position among these tasks, shape (pairs,)."""
        return np.repeat(np.arange(len(self.tasks)), np.diff(self.moves.starts))

    def agents(self, slot: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the agent of each of these tasks, shape (t,), in the pairs at `slot`."""
        return np.asarray(self.moves.agents[self.moves.starts[:-1] + slot])

    def reduced(self, slot: NDArray[np.int32]) -> float:
        """Return the sum of the reduced costs of the pairs at `slot`."""
        return float(self.moves.costs[self.moves.starts[:-1] + slot].sum())
