"""Compile the loops before any clock runs: a matter of seconds at the first use on a machine, much less afterwards."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels import (
    annealing,
    ascent,
    balancing,
    branching,
    candidate_moves,
    candidates,
    evening,
    linear_systems,
    meeting,
    plan_enumeration,
    row_dual,
    row_interior,
    ruled_annealing,
    screening,
    settling,
    shared_arrays,
    smoothing,
    stack as stacks,
    sums,
    towards_targets,
    vertex as vertices,
)
from evenhand.assignment.kernels.candidates import Pairs
from evenhand.assignment.kernels.unfairness_penalty import Rule, penalty_of
from evenhand.assignment.kernels.windows import new_pseudocosts


@functools.cache
def warm_up() -> None:
    """Run every compiled loop once on a toy problem, so that no solve is charged with the time that loading takes."""
    m, n = 3, 2
    costs = shared_arrays.Costs(np.arange(1.0, 7.0).reshape(m, n), np.ones((m, n)), np.zeros(n))
    open_pairs = np.ones((m, n), np.bool_)
    rows = shared_arrays.new_rows(4, n)
    rows.matrix[0] = (1.0, -1.0)
    rows.in_use[0] = 1
    vertex, work, tasks = shared_arrays.new_vertex(4, m, n), shared_arrays.new_work(m), np.arange(m)
    none = shared_arrays.no_windows(m, n)
    vertices.start(costs, open_pairs, none, vertex)
    ascent.pivots_within(m, n)
    ascent.ascend(costs, open_pairs, rows, none, vertex, work, tasks, np.inf, 1.0, ascent.most_pivots(rows, n))
    vertices.fractional_load(costs, vertex, np.empty(n))
    vertices.add_up(costs, none, vertex)
    vertices.dual_value(costs, open_pairs, vertex.price)
    vertices.regrets(costs, open_pairs, vertex)
    vertices.settle_keys(costs, open_pairs, none, vertex)
    rule = Rule(np.ones((1, n)), np.ones(1), np.zeros(1), 2.0, 1.0, np.full(n, 1 / n), np.ones(n), 1.0, 0.0)
    choices = annealing.Choices(np.arange(0, m * n + 1, n), np.tile(np.arange(n), m), np.repeat(tasks, n))
    keys = np.zeros(m, np.int64)
    annealing.anneal(costs, rule, choices, keys, keys.copy(), 1.0, 0.1, 8, np.ones(1, np.uint64))
    penalty_of(rule, np.ones(n))
    _warm_up_meeting(costs, rule)
    evening.even_out(costs.cost.T.copy(), costs.burden.T.copy(), np.full(m, -1), keys, np.zeros(n))
    towards_targets.approach(costs, np.zeros(n), keys, np.zeros(n), np.zeros(n), 1.0, 1.0, 1, 2, 0, m)
    sums.settle(costs, tasks, vertex.key, np.empty(n))
    windows = shared_arrays.new_windows(np.zeros(m, np.int64), np.zeros(n))
    stack = stacks.new_stack(m + 1, 4, m, n, len(windows.limit))
    trail, control, proven = np.zeros(m * n + 1, np.int64), np.zeros(stacks.PLACES, np.int64), np.full(2, np.inf)
    buffer = np.zeros(m, np.int64)
    branching.branch_and_bound(
        costs,
        open_pairs,
        rows,
        windows,
        vertex,
        work,
        stack,
        trail,
        control,
        proven,
        buffer,
        np.zeros(1, np.bool_),
        new_pseudocosts(len(windows.limit)),
        buffer.copy(),
        np.inf,
        1.0,
        10,
    )


@functools.cache
def warm_up_rules() -> None:
    """Do the same for the loops of several rules."""
    m, n = 3, 2
    tables = row_dual.Tables(np.arange(1.0, 7.0).reshape(m, n), np.ones((1, m, n)), np.ones(m, np.int64))
    rows = row_dual.LoadRows(np.zeros(1, np.int64), np.array([[1.0, -1.0]]), np.array([-1.0]))
    none = np.zeros(0, np.int64)
    cliques = row_dual.CliqueRows(np.zeros(1, np.int64), none, np.zeros(m + 1, np.int64), none)
    point = row_dual.Point(np.zeros((m, n)), np.zeros(1), np.zeros((0, n)), np.zeros(0))
    row_dual.priced_costs(tables, rows, cliques, point, np.zeros((m, n)))
    row_dual.bound_of(tables, rows, point, np.zeros((m, n)))
    row_interior.solve_relaxation(tables, rows, cliques, point.part, point, np.zeros(1), -np.inf, np.inf, 1e-6, 5)
    share, one, zero = np.zeros((1, n)), np.ones(1), np.zeros(1)
    start = np.array([0, 1])
    demands = ruled_annealing.Demands(start, rows.weight, rows.least, one, zero, zero, share, share, one)
    choices = annealing.Choices(np.arange(0, m * n + 1, n), np.tile(np.arange(n), m), np.repeat(np.arange(m), n))
    fixed, has = np.zeros((2, m, n), np.bool_)
    has[:, 0] = True
    carried, state = np.zeros((1, n)), np.ones(1, np.uint64)
    ruled_annealing.anneal_ruled(
        tables, carried, demands, choices, fixed, has, has.copy(), np.inf, -np.inf, 1.0, 0.1, 8, state
    )
    tree = plan_enumeration.Tree(
        np.zeros(1, np.int64), np.array([0, n]), np.arange(n), np.zeros(n), np.zeros(2), np.zeros((2, 1)),
        np.full(1, -1), np.zeros(1, np.int64), np.zeros(2), np.zeros(2), np.zeros((2, 1, n)), np.zeros((2, 1)),
    )  # fmt: skip
    plan_enumeration.next_plan(tree, tables.cost, tables.burden, np.zeros(1, np.int64), demands, 1.0, 1.0, 5)


def warm_up_large_tables(costs: NDArray[np.floating[Any]], burdens: NDArray[np.floating[Any]]) -> None:
    """Do the same for the loops of large tables, in the precision and order of `costs` and `burdens`."""
    tables = (costs, burdens, costs is burdens, np.full(1, -1))
    prices, fixed = np.zeros(len(costs)), np.zeros((2, len(costs) + 1))
    screening.screen(*tables, prices, prices, 0, 1, np.zeros(1, np.int32), np.zeros(1, np.bool_), fixed)
    screening.least_reduced(*tables, prices, 0, 1)
    screening.look(costs, 0, 1, np.zeros(1))
    screening.take(costs, burdens, costs is burdens, np.zeros(1, np.int64), 0, 1, fixed)
    sums.add_all(np.zeros(1), 0, 1)
    screening.hash_columns(*tables, 0, 1, np.zeros(1, np.int64))
    screening.are_copies(*tables, 0, 1, np.zeros(1, np.int64))
    by_task, price, loads = np.arange(1.0, 7.0).reshape(3, 2), np.zeros(2), np.zeros((2, 2))
    smoothing.soft_dual(by_task, by_task, price, 1.0, 0, 3, np.zeros(2), loads)
    linear_systems.solve_positive(np.eye(2), np.zeros(2))
    near = Pairs(np.array([0, 2, 4, 6]), np.zeros(6, np.int32), np.zeros(6), np.zeros(6))
    candidates.count_near(by_task, by_task, price, 9.0, 0, 3, np.zeros(3, np.int64))
    candidates.list_near(by_task, by_task, price, 9.0, 0, 3, near)
    candidates.soft_dual_of_candidates(near, price, 1.0, 0, 3, np.zeros(2), loads, np.zeros(2))
    warm_up_roundings()
    balancing.balance(by_task, by_task, np.zeros(3, np.int64), np.zeros(2), price, price, price, price, 2, 1)


def warm_up_roundings() -> None:
    """Do the same for the loops that move tasks among the agents to whom they are nearly indifferent."""
    values, two = np.array([1.0, 2.0, 3.0]), np.zeros(2)
    moves = Pairs(np.array([0, 2, 3]), np.array([0, 1, 1], np.int32), values, values)
    slot, aim, none = (
        np.zeros(2, np.int32),
        candidate_moves.Aim(two, two, two, np.zeros(1), 1.0, 1.0),
        np.zeros(0, np.int64),
    )
    candidate_moves.sweep(moves, slot, np.zeros(2), aim, none)
    candidate_moves.exchange(moves, slot, np.zeros(2), aim, none, 1)
    board = settling.Board(moves, np.array([0, 0, 1]), np.array([0, 1, 3]), np.arange(3), slot, np.zeros(2))
    settling.settle(board, two, two, two, np.arange(2), settling.space(2), settling.space(2))


def _warm_up_meeting(costs: shared_arrays.Costs, rule: Rule) -> None:
    loads = np.array([[-1.0, 1.0]])
    steps = meeting.Steps(np.ones(1), np.zeros(1, np.int64), np.ones(1), loads)
    listed = meeting.room_for(4, 2)
    count = meeting.list_cheapest(steps, 2.0, listed)
    meeting.write_activities(np.zeros((meeting.DIMENSIONS, 2)), count, listed)
    grid = meeting.make_grid(np.ones(meeting.DIMENSIONS), count, listed)
    rest = (np.arange(2), costs.initial, np.zeros(meeting.DIMENSIONS), listed, count, listed, grid, 1.0, 10)
    meeting.best_pair(rule, *rest)
