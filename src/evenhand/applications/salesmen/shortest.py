"""The shortest tour through few nodes, exactly, with which the tours of fair solutions are compared.

References
----------
Held and Karp, A dynamic programming approach to sequencing problems, 1962.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evenhand.applications.salesmen.engine import solve_formulation
from evenhand.applications.salesmen.formulation import formulate_total, tours_of
from evenhand.applications.towns import Towns
from evenhand.arrays import Array

MOST_BY_SUBSETS = 12
"""Number of nodes besides the first up to which dynamic programming over subsets is used; beyond, a solver is
faster."""


def shortest_tour(
    towns: Towns, nodes: Sequence[int], *, time_limit: float | None = None
) -> tuple[tuple[int, ...], bool]:
    """Return the shortest closed tour through `nodes`, starting at the first of them, and whether that is proven.

    Parameters
    ----------
    towns
        The towns, with their distances.
    nodes
        Positions of the nodes, each once; their order is the tour that is returned if none is shorter.
    time_limit
        Seconds for the solver, which is used for more than :data:`MOST_BY_SUBSETS` nodes besides the first.
    """
    if len(nodes) <= 3:
        return tuple(nodes), True
    if len(nodes) - 1 <= MOST_BY_SUBSETS:
        return tuple(nodes[place] for place in _by_subsets(towns.distances[np.ix_(nodes, nodes)])), True
    part = Towns(towns.distances[np.ix_(nodes, nodes)], 0, tuple(towns.names[node] for node in nodes))
    formulation = formulate_total(part, 1)
    found = solve_formulation(formulation, None, gap=0.0, time_limit=time_limit)
    if found.values is None:
        return tuple(nodes), False
    (tour,) = tours_of(formulation, found.values, 1)
    better = tuple(nodes[place] for place in tour)
    return (better if towns.length(better) < towns.length(nodes) else tuple(nodes)), found.status == "optimal"


def _by_subsets(distances: Array) -> list[int]:
    """Return the shortest tour from node 0 by Held and Karp's dynamic programming over subsets of the other nodes.

    ``best[subset, last]`` is the length of the shortest path from node 0 through the subset to its node `last`.
    """
    count = len(distances) - 1
    step = distances[1:, 1:]
    best = np.full((1 << count, count), np.inf)
    best[1 << np.arange(count), np.arange(count)] = distances[0, 1:]
    before = np.zeros((1 << count, count), dtype=np.int8)
    bits = 1 << np.arange(count)
    for subset in range(1, 1 << count):
        inside = (subset & bits) > 0
        outside = np.flatnonzero(~inside)
        ways = best[subset, inside, np.newaxis] + step[np.ix_(inside, outside)]
        last = ways.argmin(axis=0)
        # The entry of a larger subset and its last node has exactly one predecessor subset, and is written once.
        best[subset | bits[outside], outside] = ways[last, np.arange(len(outside))]
        before[subset | bits[outside], outside] = np.flatnonzero(inside)[last]
    subset = (1 << count) - 1
    node = int((best[subset] + distances[1:, 0]).argmin())
    tour = []
    while subset:
        tour.append(node + 1)
        subset, node = subset & ~(1 << node), int(before[subset, node])
    return [0, *reversed(tour)]
