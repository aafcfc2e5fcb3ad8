"""Every way to share few towns among salesmen, and every tour through each share, by permutations."""

from __future__ import annotations

from itertools import pairwise, permutations, product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.applications.towns import Towns


def lengths_of_every_tour(towns: Towns, visited: Sequence[int]) -> list[float]:
    """Return the different lengths of closed tours through the depot and the `visited`, shortest first."""
    if not visited:
        return [0.0]
    first, *others = visited
    found = set()
    for rest in permutations(others):
        for at in range(len(rest) + 1):
            stops = [towns.depot, *rest[:at], first, *rest[at:], towns.depot]
            found.add(sum(float(towns.distances[a, b]) for a, b in pairwise(stops)))
    return sorted(found)


def every_plan(towns: Towns, salesmen: int, *, shortest_only: bool = False) -> np.ndarray:
    """Return the lengths of all plans, shape (plans, salesmen), without repetitions."""
    known: dict[tuple[int, ...], list[float]] = {}
    plans: set[tuple[float, ...]] = set()
    for who in product(range(salesmen), repeat=len(towns.customers)):
        shares = [
            tuple(town for town, one in zip(towns.customers, who, strict=True) if one == salesman)
            for salesman in range(salesmen)
        ]
        for share in shares:
            if share not in known:
                known[share] = lengths_of_every_tour(towns, share)
        choices = [known[share][:1] if shortest_only else known[share] for share in shares]
        plans.update(product(*choices))
    return np.array(sorted(plans))


def least_total(plans: np.ndarray, allowed: np.ndarray) -> float | None:
    """Return the least sum of lengths of the plans `allowed`, None where there is none."""
    return float(plans[allowed].sum(axis=1).min()) if allowed.any() else None
