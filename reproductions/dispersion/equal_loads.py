"""Assignments whose loads are equal to the last digit, in tables of decimals.

A solver's tolerance can neither find nor refute them. With hundreds of tasks there are astronomically many, and the
generalised birthday problem (Wagner, A generalized birthday problem, CRYPTO 2002) finds one: tasks are put into groups,
each group gets a list of ways to change hands, and the lists are merged in pairs; each round of merges makes one more
difference between two agents' loads vanish exactly. All arithmetic is in integers. Five agents' lists take
about a gigabyte; each further agent doubles them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int32]
    Whole = NDArray[np.signedinteger[Any]]

DECIMALS = 4
"""Of the costs that are taken as exact."""
WAYS = 1 << 20
"""Ways to change hands that a group's list holds, and most sums that a merge keeps."""
CHANGES = 5
"""Upper limit on the tasks of a group that change hands; with fewer, the sums are closer together."""
PARTNERS = 4
"""Most sums that are made of one row."""
TRIALS = 6
"""Number of random draws after which the search gives up."""


@dataclass(frozen=True)
class _Sums:
    """Differences of loads to the last agent's, shape (K, n - 1), and which rows of the two parents made them.

    What a group can do by itself has no parents; its rows are its own.
    """

    differences: Whole
    left: Rows
    right: Rows


def whole_costs(costs: NDArray[np.float64]) -> Whole:
    """Return the costs in units of their last decimal, exactly.

    Raises
    ------
    ValueError
        Where a cost has more decimals.
    """
    units = np.rint(costs * 10.0**DECIMALS)
    if not np.array_equal(np.round(units / 10.0**DECIMALS, DECIMALS), costs):
        raise ValueError(f"costs must have at most {DECIMALS} decimals")
    return units.astype(np.int64)


def equal_loads(costs: Whole, start: NDArray[np.intp], seed: int = 0) -> NDArray[np.intp] | None:
    """Search for an assignment near `start` with equal loads; None if none is found, which proves nothing.

    Parameters
    ----------
    costs
        Cost of each task for each agent, whole numbers, shape (n, m).
    start
        Agent of each task, shape (m,); loads that are nearly equal already help.
    seed
        Seed of the random draws.

    Returns
    -------
    Agent of each task, shape (m,).
    """
    agents = len(costs)
    groups = 1 << (agents - 1)
    if int(costs.max(initial=0)) * costs.shape[1] < np.iinfo(np.int32).max:
        costs = costs.astype(np.int32)  # half the memory
    if costs.shape[1] < groups * (CHANGES + 1):
        return None
    rng = np.random.default_rng(seed)
    for _ in range(TRIALS):
        tasks = np.array_split(rng.permutation(costs.shape[1]), groups)
        drawn = [_ways(costs, start, some, rng) for some in tasks]
        offset = _differences(costs, start)
        tree = _merged([_own(_effect(costs, start, *ways)) for ways in drawn], offset, rng)
        if tree is not None:
            return _applied(costs, start, drawn, tree)
    return None


def _differences(costs: Whole, assignment: NDArray[np.intp]) -> Whole:
    loads = np.zeros(len(costs), dtype=costs.dtype)
    np.add.at(loads, assignment, costs[assignment, np.arange(assignment.size)])
    return np.asarray(loads[:-1] - loads[-1])


def _own(differences: Whole) -> _Sums:
    rows = np.arange(len(differences), dtype=np.int32)
    return _Sums(differences, rows, rows)


def _ways(
    costs: Whole, start: NDArray[np.intp], tasks: NDArray[np.intp], rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
    """Return which tasks change hands, shape (WAYS, CHANGES), and to whom; the last entries may change nothing."""
    choices = np.array(list(combinations(range(tasks.size), CHANGES)))
    changed = tasks[choices[rng.integers(0, len(choices), WAYS)]]
    steps = rng.integers(0, len(costs), changed.shape)  # 0: stays
    return changed, ((start[changed] + steps) % len(costs)).astype(np.int8)


def _effect(costs: Whole, start: NDArray[np.intp], changed: NDArray[np.intp], hands: NDArray[np.int8]) -> Whole:
    """Return what each way adds to the loads' differences."""
    added = np.zeros((len(changed), len(costs)), dtype=costs.dtype)
    rows = np.arange(len(changed))
    for tasks, agents in zip(changed.T, hands.T, strict=True):
        added[rows, start[tasks]] -= costs[start[tasks], tasks]
        added[rows, agents] += costs[agents, tasks]
    return added[:, :-1] - added[:, -1:]


def _merged(lists: list[_Sums], offset: Whole, rng: np.random.Generator) -> list[list[_Sums]] | None:
    """Merge the lists in pairs until one is left, whose sums cancel the offset; None where there is none.

    Each round but the last makes one more difference nearly vanish: as nearly as keeps the lists long. The last takes
    the remainders away together with the last difference.
    """
    lists[0] = _own(lists[0].differences + offset)
    levels = [lists]
    for dimension in range(offset.size):
        last = dimension == offset.size - 1
        pairs = zip(levels[-1][::2], levels[-1][1::2], strict=True)
        merged = [_cancelled(*pair) if last else _nearly_cancelled(*pair, dimension, rng) for pair in pairs]
        if any(len(sums.differences) == 0 for sums in merged):
            return None
        levels.append(merged)
    return levels


def _nearly_cancelled(one: _Sums, other: _Sums, dimension: int, rng: np.random.Generator) -> _Sums:
    """Return sums of pairs whose entries in this dimension nearly cancel: about WAYS of them."""
    order = np.argsort(other.differences[:, dimension])
    asking = np.argsort(-one.differences[:, dimension])  # searches in order stay in the cache
    there, wanted = other.differences[order, dimension], -one.differences[asking, dimension]
    width = 0
    while True:
        first = np.searchsorted(there, wanted - width, "left")
        counts = np.searchsorted(there, wanted + width, "right") - first
        found = int(np.minimum(counts, PARTNERS).sum())
        if found >= WAYS or width > int(np.abs(wanted).max()):
            break
        width = 2 * width + 1
    left, within = _repeated(np.minimum(counts, PARTNERS))
    right = order[first[left] + (within + rng.integers(0, 1 << 30, left.size)) % counts[left]]
    if left.size > WAYS:
        kept = rng.choice(left.size, WAYS, replace=False)
        left, right = left[kept], right[kept]
    return _summed(one, other, asking[left], right)


def _cancelled(one: _Sums, other: _Sums) -> _Sums:
    """Return the sums of pairs that cancel in every dimension."""
    farthest = np.maximum(np.abs(one.differences).max(axis=0), np.abs(other.differences).max(axis=0))
    spans = 1 + 2 * farthest.astype(np.int64)
    if float(np.prod(spans.astype(np.float64))) >= 2.0**63:
        return _summed(one, other, np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp))
    radix = np.concatenate([[1], np.cumprod(spans[:-1])])  # one number for each row: sums of rows are sums of numbers
    there, wanted = other.differences @ radix, -(one.differences @ radix)
    order, asking = np.argsort(there), np.argsort(wanted)
    first = np.searchsorted(there[order], wanted[asking], "left")
    counts = np.minimum(np.searchsorted(there[order], wanted[asking], "right") - first, PARTNERS)
    left, within = _repeated(counts)
    return _summed(one, other, asking[left], order[first[left] + within])


def _repeated(counts: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return each position as often as it counts, and the number of the repetition."""
    positions = np.repeat(np.arange(counts.size), counts)
    return positions, np.arange(positions.size) - np.repeat(np.cumsum(counts) - counts, counts)


def _summed(one: _Sums, other: _Sums, left: NDArray[np.intp], right: NDArray[np.intp]) -> _Sums:
    return _Sums(one.differences[left] + other.differences[right], left.astype(np.int32), right.astype(np.int32))


def _applied(
    costs: Whole,
    start: NDArray[np.intp],
    drawn: list[tuple[NDArray[np.intp], NDArray[np.int8]]],
    levels: list[list[_Sums]],
) -> NDArray[np.intp]:
    """Return the cheapest of the assignments that the last merge has found."""
    found = len(levels[-1][0].differences)
    chosen: list[NDArray[Any]] = [np.arange(found)]
    for level in reversed(levels[1:]):
        chosen = [
            rows for sums, some in zip(level, chosen, strict=True) for rows in (sums.left[some], sums.right[some])
        ]
    assignments = np.tile(start, (found, 1))
    for (changed, hands), rows in zip(drawn, chosen, strict=True):
        np.put_along_axis(assignments, changed[rows], hands[rows].astype(np.intp), axis=1)
    totals = costs[assignments, np.arange(start.size)].sum(axis=1)
    return np.asarray(assignments[int(totals.argmin())])
