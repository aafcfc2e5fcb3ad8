"""Compile the loops before any clock runs: seconds at the very first use on a machine, a fraction of one afterwards."""

from __future__ import annotations

import functools

import numpy as np

from evenhand.assignment.kernels import ascent, branching, local, state, sums
from evenhand.assignment.kernels import stack as stacks
from evenhand.assignment.kernels import vertex as vertices


@functools.cache
def warm_up() -> None:
    """Run every compiled loop once on a toy problem, so that what it costs to load them is not taken for solving."""
    m, n = 3, 2
    costs = state.Costs(np.arange(1.0, 7.0).reshape(m, n), np.ones((m, n)), np.zeros(n))
    open_pairs = np.ones((m, n), np.bool_)
    rows = state.new_rows(4, n)
    rows.matrix[0] = (1.0, -1.0)
    rows.in_use[0] = 1
    vertex, work, tasks = state.new_vertex(4, m, n), state.new_work(m), np.arange(m)
    vertices.start(costs, open_pairs, vertex)
    ascent.ascend(costs, open_pairs, rows, vertex, work, tasks, np.inf, 1.0, ascent.most_pivots(rows, n))
    vertices.fractional_load(costs, vertex, np.empty(n))
    vertices.dual_value(costs, open_pairs, vertex.price)
    sums.settle(costs, tasks, vertex.key, np.empty(n))
    local.iterate(costs, open_pairs, rows, np.zeros(m, np.int64), 1.0, tasks, tasks, 1, np.ones(1, np.uint64))
    stack = stacks.new_stack(m + 1, 4, m, n)
    trail, control, proven = np.zeros(m * n + 1, np.int64), np.zeros(stacks.PLACES, np.int64), np.full(2, np.inf)
    buffer = np.zeros(m, np.int64)
    branching.branch_and_bound(
        costs, open_pairs, rows, vertex, work, stack, trail, control, proven, buffer, np.inf, 1.0, 10
    )
