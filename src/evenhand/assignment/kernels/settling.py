"""Settle the loads of many agents one after the other, each by the best exchange with all who are not settled yet.

An agent with too much or too little load may have nothing to exchange with those who lack or offer it. So what is left
over is passed on: every agent, when its turn comes, gives up to two tasks to agents whose turn is later and takes up to
two from them. Of all such exchanges, hundreds of thousands, the best is found by merging two sorted lists (Horowitz and
Sahni, 1974). The last agents should be such to whom a load more or less means little.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.candidates import Pairs
from evenhand.numba_decorators import entry, inner

LARGE = 1.5
"""An agent's distance from its target is first closed by single moves, down to this multiple of the cheapest one's
burden."""


class Board(NamedTuple):
    """A plan of tasks that are nearly indifferent between a few agents each.

    Attributes
    ----------
    moves
        The pairs that may be used, with reduced costs.
    task
        Task of each pair, shape (pairs,).
    first, pairs
        Positions of each agent's pairs in `moves`: pairs[first[i]:first[i + 1]]; shapes (n + 1,) and (pairs,).
    slot
        Pair in use for each task, counted from its first one, shape (tasks,).
    load
        Loads of the whole plan, shape (n,).
    """

    moves: Pairs
    task: NDArray[np.int64]
    first: NDArray[np.int64]
    pairs: NDArray[np.int64]
    slot: NDArray[np.int32]
    load: NDArray[np.float64]


class Listed(NamedTuple):
    """Moves in the order of their costs, and all combinations of two of them at most; `by` has their order by amounts.

    Attributes
    ----------
    cost, amount, pair
        Rise of the reduced costs, burden that changes hands, and pair that is used afterwards, shape (listed,).
    sum_cost, sum_amount
        Those of combinations, shape (1 + listed + listed (listed - 1) / 2,).
    one, two
        Moves of each combination; -1 if there is none.
    """

    cost: NDArray[np.float64]
    amount: NDArray[np.float64]
    pair: NDArray[np.int64]
    sum_cost: NDArray[np.float64]
    sum_amount: NDArray[np.float64]
    one: NDArray[np.int64]
    two: NDArray[np.int64]


def space(listed: int) -> Listed:
    """Return space for as many moves, and their combinations."""
    sums = 1 + listed + listed * (listed - 1) // 2
    costs, amounts, pairs = np.empty(listed), np.empty(listed), np.empty(listed, np.int64)
    combined = np.empty(sums), np.empty(sums), np.empty(sums, np.int64), np.empty(sums, np.int64)
    return Listed(costs, amounts, pairs, *combined)


@entry
def settle(
    board: Board,
    target: NDArray[np.float64],
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    order: NDArray[np.int64],
    given: Listed,
    taken: Listed,
) -> None:
    """Settle all agents but the last, in an `order`, shape (n,); the slots and loads of `board` are changed in place.

    What is least for each agent is the rise of the reduced costs, plus `above` per unit of load above the agent's
    target, or `below` per unit below it, all of shape (n,). `given` and `taken` are space for lists.
    """
    n = board.load.shape[0]
    turn = np.empty(n, np.int64)
    for t in range(n):
        turn[order[t]] = t
    for t in range(n - 1):
        i = order[t]
        while True:
            offers, chances = _list(board, turn, i, given, taken)
            excess = board.load[i] - target[i]
            gives = offers > 0 and excess > LARGE * given.amount[0]
            takes = chances > 0 and -excess > LARGE * taken.amount[0]
            if gives and given.cost[0] < above[i] * given.amount[0]:
                _use(board, given.pair[0])
            elif takes and taken.cost[0] < below[i] * taken.amount[0]:
                _use(board, taken.pair[0])
            else:
                break
        away, back = _combine(board, offers, given), _combine(board, chances, taken)
        by = np.argsort(taken.sum_amount[:back])
        a, b = _best(excess, above[i], below[i], given, away, taken, by)
        for pair in (given.one[a], given.two[a]):
            if pair >= 0:
                _use(board, given.pair[pair])
        for pair in (taken.one[b], taken.two[b]):
            if pair >= 0:
                _use(board, taken.pair[pair])


@inner
def _use(board: Board, pair: int) -> None:
    """Give the task of a pair to its agent."""
    moves, j = board.moves, board.task[pair]
    now = moves.starts[j] + board.slot[j]
    board.load[moves.agents[now]] -= moves.burdens[now]
    board.load[moves.agents[pair]] += moves.burdens[pair]
    board.slot[j] = pair - moves.starts[j]


@inner
def _list(board: Board, turn: NDArray[np.int64], i: int, given: Listed, taken: Listed) -> tuple[int, int]:
    """List the cheapest moves of agent `i` to agents whose turn is later, and from them; return how many there are."""
    moves = board.moves
    offers, chances = 0, 0
    for t in range(board.first[i], board.first[i + 1]):
        pair = board.pairs[t]
        j = board.task[pair]
        now = moves.starts[j] + board.slot[j]
        if now == pair:
            for other in range(moves.starts[j], moves.starts[j + 1]):
                if turn[moves.agents[other]] > turn[i]:
                    more = moves.costs[other] - moves.costs[now]
                    offers = _insert(given, offers, more, moves.burdens[now], other)
        elif turn[moves.agents[now]] > turn[i]:
            more = moves.costs[pair] - moves.costs[now]
            chances = _insert(taken, chances, more, moves.burdens[pair], pair)
    return offers, chances


@inner
def _insert(listed: Listed, count: int, cost: float, amount: float, pair: int) -> int:
    """Insert a move into the first `count` of a list, in the order of costs; return how many there are then."""
    place = count
    if count == listed.cost.shape[0]:
        if not cost < listed.cost[count - 1]:
            return count
        place = count - 1
    else:
        count += 1
    while place > 0 and listed.cost[place - 1] > cost:
        listed.cost[place], listed.amount[place] = listed.cost[place - 1], listed.amount[place - 1]
        listed.pair[place] = listed.pair[place - 1]
        place -= 1
    listed.cost[place], listed.amount[place], listed.pair[place] = cost, amount, pair
    return count


@inner
def _combine(board: Board, count: int, listed: Listed) -> int:
    """Write all combinations of at most two of the first `count` moves; return their number."""
    listed.sum_cost[0], listed.sum_amount[0], listed.one[0], listed.two[0] = 0.0, 0.0, -1, -1
    size = 1
    for a in range(count):
        listed.sum_cost[size], listed.sum_amount[size] = listed.cost[a], listed.amount[a]
        listed.one[size], listed.two[size] = a, -1
        size += 1
        for b in range(a):
            if board.task[listed.pair[a]] != board.task[listed.pair[b]]:
                listed.sum_cost[size] = listed.cost[a] + listed.cost[b]
                listed.sum_amount[size] = listed.amount[a] + listed.amount[b]
                listed.one[size], listed.two[size] = a, b
                size += 1
    return size


@inner
def _best(
    excess: float, above: float, below: float, given: Listed, away: int, taken: Listed, by: NDArray[np.int64]
) -> tuple[int, int]:
    """Return which of the first `away` combinations of gifts, and which of those taken, cost least together.

    `by` is the order of those taken by their amounts.
    """
    back = by.shape[0]
    least = np.inf
    for b in range(back):
        least = min(least, taken.sum_cost[b])
    best, chosen, reply = np.inf, 0, 0
    for a in range(away):
        base = given.sum_cost[a]
        if base + least >= best:
            continue
        rest = excess - given.sum_amount[a]
        low, high = 0, back
        while low < high:  # the first that leaves the agent at its target, or above
            middle = (low + high) // 2
            if rest + taken.sum_amount[by[middle]] < 0.0:
                low = middle + 1
            else:
                high = middle
        for side in range(2):
            place = low if side == 0 else low - 1
            while 0 <= place < back:
                distance = rest + taken.sum_amount[by[place]]
                price = above * distance if side == 0 else -below * distance
                if base + least + price >= best:
                    break
                value = base + taken.sum_cost[by[place]] + price
                if value < best:
                    best, chosen, reply = value, a, by[place]
                place += 1 if side == 0 else -1
    return chosen, reply
