"""Tours as sequences of nodes, from the number of times that each edge is travelled."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.salesmen.formulation import Formulation, Layout


def tours_of(formulation: Formulation, values: NDArray[np.float64], salesmen: int) -> tuple[tuple[int, ...], ...]:
    """Return the tour of each of the `salesmen` as positions in the towns, the depot first; () for an idle one."""
    x, _ = formulation.layout.split(values)
    tours = [tour for row in x for tour in _walks(formulation.layout, np.rint(row).astype(int)) or [()]]
    tours += [()] * (salesmen - len(tours))
    return tuple(tuple(formulation.order[node] for node in tour) for tour in tours)


def _walks(layout: Layout, travelled: NDArray[np.int_]) -> list[tuple[int, ...]]:
    """Return the closed walks from node 0 that use each edge as often as it is `travelled`."""
    neighbours: dict[int, list[int]] = defaultdict(list)
    for edge in np.flatnonzero(travelled):
        ends = int(layout.tail[edge]), int(layout.head[edge])
        for _ in range(int(travelled[edge])):
            neighbours[ends[0]].append(ends[1])
            neighbours[ends[1]].append(ends[0])
    walks = []
    while neighbours[0]:
        walk, node = [0], neighbours[0].pop()
        neighbours[node].remove(0)
        while node != 0:
            walk.append(node)
            following = neighbours[node].pop()
            neighbours[following].remove(node)
            node = following
        walks.append(tuple(walk))
    return walks
