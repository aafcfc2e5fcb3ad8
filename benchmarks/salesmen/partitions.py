"""All ways to share few towns among salesmen, each travelling the shortest tour: a second answer, without a solver.

Tours that are longer than need be are not among them, so a total found here is an upper bound on the model's, and
equal to it wherever no detour pays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from evenhand.applications.salesmen import Towns
    from evenhand.fairness import Fairness

MOST_TOWNS = 16


def least_totals(towns: Towns, salesmen: int, members: list[Fairness | None]) -> tuple[int, list[float | None]]:
    """Return the number of ways, and the least total among those that each member allows; None where it allows none."""
    best = [np.inf] * len(members)
    count = 0
    for lengths in _shared(shortest_lengths(towns), len(towns) - 1, salesmen):
        count += len(lengths)
        totals = lengths.sum(axis=1)
        for place, member in enumerate(members):
            candidates = totals < best[place]
            if member is not None and candidates.any():
                candidates[candidates] = member.contains(lengths[candidates])
            if candidates.any():
                best[place] = float(totals[candidates].min())
    return count, [None if np.isinf(total) else total for total in best]


def shortest_lengths(towns: Towns) -> NDArray[np.float64]:
    """Return the length of the shortest tour through the depot and each subset of the other nodes (a bit mask)."""
    others = np.array(towns.customers)
    if len(others) > MOST_TOWNS:
        raise ValueError(f"{len(others)} towns are too many to enumerate")
    between, home = towns.distances[np.ix_(others, others)], towns.distances[towns.depot, others]
    paths = np.full((1 << len(others), len(others)), np.inf)
    for subset in range(1, 1 << len(others)):
        inside = [town for town in range(len(others)) if subset >> town & 1]
        for last in inside:
            before = subset ^ (1 << last)
            paths[subset, last] = home[last] if not before else (paths[before] + between[:, last]).min()
    lengths = (paths + home).min(axis=1)
    lengths[0] = 0.0
    return lengths


def _shared(lengths: NDArray[np.float64], towns: int, salesmen: int) -> Iterator[NDArray[np.float64]]:
    """Yield the lengths of the ways, shape (ways, salesmen); each first town that is left goes to the next salesman."""
    everyone = (1 << towns) - 1
    stack: list[tuple[int, list[float]]] = [(everyone, [])]
    while stack:
        left, taken = stack.pop()
        if not left:
            yield np.array([[*taken, *[0.0] * (salesmen - len(taken))]])
            continue
        shares = _subsets_with_first(left)
        if len(taken) == salesmen - 2:
            rest = left ^ shares
            yield np.column_stack([*(np.full(len(shares), length) for length in taken), lengths[shares], lengths[rest]])
            continue
        stack += [(left ^ int(share), [*taken, float(lengths[share])]) for share in shares]


def _subsets_with_first(members: int) -> NDArray[np.int64]:
    """Return the subsets of a set that hold its first member."""
    bits = [1 << place for place in range(members.bit_length()) if members >> place & 1]
    subsets = np.array([bits[0]], dtype=np.int64)
    for bit in bits[1:]:
        subsets = np.concatenate([subsets, subsets | bit])
    return subsets


def checked(
    towns: Towns, instance: str, salesmen: int, rows: list[dict[str, Any]], members: list[Fairness | None]
) -> dict[str, Any]:
    """Return what enumeration says of measured `rows`, one for each member: the same, or more where tours waste."""
    count, totals = least_totals(towns, salesmen, members)
    agree = []
    for row, total in zip(rows, totals, strict=True):
        straight = row["without_detours"] or row
        agree.append(straight["total"] == total)
    return {"instance": instance, "salesmen": salesmen, "ways": count, "without_detours": totals, "agree": agree}
