"""The core of a problem: the tasks that reduced-cost fixing leaves open, given a cutoff on the cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.shared_arrays import Costs, Vertex, new_vertex, no_windows
from evenhand.assignment.kernels.sums import settle
from evenhand.assignment.kernels.vertex import SHORTENED, add_up
from evenhand.assignment.relaxation import Relaxation


@dataclass(frozen=True, slots=True)
class Core:
    """A smaller problem that contains every assignment cheaper than a cutoff.

    Attributes
    ----------
    tasks
        Positions of the core's tasks among all, shape (k,).
    costs, open_pairs, vertex
        The kernels' arrays, restricted to the core; the burdens of the other tasks are part of ``costs.initial``.
    fixed_cost
        Scaled cost of the tasks outside the core, rounded down.
    excluded
        Scaled lower bound on every assignment that the core leaves out.
    keys
        Agent of every task, shape (m,); valid for the tasks outside the core.
    """

    tasks: NDArray[np.intp]
    costs: Costs
    open_pairs: NDArray[np.bool_]
    vertex: Vertex
    fixed_cost: float
    excluded: float
    keys: NDArray[np.intp]

    def complete(self, core_keys: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the agent of every task, given those of the core's tasks."""
        assignment = self.keys.copy()
        assignment[self.tasks] = core_keys
        return assignment


def core_below(relaxation: Relaxation, cutoff: float) -> Core:
    """Return the core of all assignments with a scaled cost below `cutoff`.

    An assignment that uses a pair costs at least the bound that the prices prove, plus the pair's reduced cost. A pair
    for which that reaches `cutoff` is closed, and a task with only one open pair is decided.
    """
    return core_of(relaxation, relaxation.value + SHORTENED * relaxation.reduced_costs() < cutoff)


def core_of(relaxation: Relaxation, chosen: NDArray[np.bool_]) -> Core:
    """Return the core of all assignments that use only pairs that are `chosen`, shape (m, n), or the relaxation's own.

    Keys and ties stay open, so that the relaxation's vertex is a vertex of the core too, and warm-starts it.
    """
    scaled, vertex = relaxation.scaled, relaxation.vertex
    everyone = np.arange(len(vertex.key))
    with_pair = relaxation.value + SHORTENED * relaxation.reduced_costs()
    open_pairs = scaled.allowed & chosen
    open_pairs[everyone, vertex.key] = True
    size = int(vertex.size[0])
    open_pairs[vertex.tie_task[:size], vertex.tie_agent[:size]] = True
    left_out = scaled.allowed & ~open_pairs
    in_core = open_pairs.sum(axis=1) > 1
    tasks = np.flatnonzero(in_core)
    outside = np.flatnonzero(~in_core)
    keys = vertex.key[outside]
    carried = np.empty_like(scaled.costs.initial)
    fixed_cost = settle(scaled.costs, outside, keys, carried)
    costs = Costs(scaled.costs.cost[tasks], scaled.costs.burden[tasks], carried)
    return Core(
        tasks=tasks,
        costs=costs,
        open_pairs=open_pairs[tasks],
        vertex=_restrict(vertex, tasks, costs),
        fixed_cost=fixed_cost,
        excluded=float(with_pair[left_out].min(initial=np.inf)),
        keys=vertex.key.astype(np.intp),
    )


def _restrict(vertex: Vertex, tasks: NDArray[np.intp], costs: Costs) -> Vertex:
    """Return the same vertex over the core's tasks only, which include every task with a tie."""
    size = int(vertex.size[0])
    small = new_vertex(vertex.multiplier.shape[0], len(tasks), vertex.load.shape[0])
    small.multiplier[:] = vertex.multiplier
    small.key[:] = vertex.key[tasks]
    small.tie_task[:size] = np.searchsorted(tasks, vertex.tie_task[:size])
    small.tie_agent[:size] = vertex.tie_agent[:size]
    small.free_row[:size] = vertex.free_row[:size]
    small.size[0] = size
    small.price[:] = vertex.price
    np.add.at(small.tied, small.tie_task[:size], 1)
    add_up(costs, no_windows(*costs.cost.shape), small)
    return small
