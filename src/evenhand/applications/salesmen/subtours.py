r"""Subtour elimination: for each salesman v, a set S of towns and k in S, :math:`x^v(\delta(S)) \ge 2 y_k^v`.

Together with the degree rows this is equivalent to :math:`x^v(E(S)) \le \sum_{i \in S} y_i^v - y_k^v`; each row is
written in the shorter of both forms. Separation: at an integral point, the components of a salesman's graph without the
depot are the violated sets. At a fractional point, the most violated S for a given k is the far side of a minimum cut
between the depot and k.

References
----------
Padberg, Hong, On the symmetric travelling salesman problem: a computational study, Mathematical Programming Study 12,
1980.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.salesmen.formulation import Layout
from evenhand.arrays import Array
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LazyRow

LEAST_VIOLATION = 0.05
"""Least violation of a row by a fractional point for which it is added."""
UNITS = 1_000_000
"""Number of units per 1 in which capacities are rounded to integers, which SciPy's maximum flow requires."""
MOST_ROWS = 30
"""Upper limit on the rows added for one point, the most violated ones."""


class Subtours:
    """Lazy rows of the salesmen's model.

    Parameters
    ----------
    layout
        Order of the variables.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def __call__(self, values: Array, integral: bool) -> list[LazyRow]:
        """Return violated rows; see :class:`evenhand.modeling.linear.LazyRows`."""
        x, y = self.layout.split(values)
        found: list[tuple[float, LazyRow]] = []
        if not integral:
            found = [pair for salesman in range(self.layout.salesmen) for pair in self._pairs(salesman, x, y)]
            if found:
                # Minimum cuts take longer, and their rows are better once a point violates no row of a pair.
                return _most_violated(found)
        for salesman in range(self.layout.salesmen):
            parts = self._apart(x[salesman], y[salesman], 0.5 if integral else 1e-6)
            found += [self._row(salesman, part, x[salesman], y[salesman]) for part in parts]
            if not integral and not parts:
                sets = self._cut_sets(x[salesman], y[salesman])
                found += [self._row(salesman, inside, x[salesman], y[salesman]) for inside in sets]
        least = 1e-6 if integral else LEAST_VIOLATION
        return _most_violated([pair for pair in found if pair[0] > least])

    def _pairs(self, salesman: int, x: Array, y: Array) -> list[tuple[float, LazyRow]]:
        """Return the violated rows x_e <= y_i for edges e between towns: those of sets of two towns."""
        layout, found = self.layout, []
        for end in (layout.tail, layout.head):
            excess = np.where(layout.tail > 0, x[salesman] - y[salesman, end], 0.0)
            for edge in np.flatnonzero(excess > LEAST_VIOLATION / 2.0):
                columns = np.concatenate([layout.x(salesman, np.array([edge])), layout.y(salesman, end[[edge]])])
                found.append((2.0 * float(excess[edge]), (columns, np.array([1.0, -1.0]), -np.inf, 0.0)))
        return found

    def _apart(self, x: Array, y: Array, least: float) -> list[NDArray[np.bool_]]:
        """Return the connected components of two or more towns that do not contain the depot."""
        used = x > least
        graph = require("scipy.sparse").coo_array(
            (np.ones(used.sum()), (self.layout.tail[used], self.layout.head[used])), shape=(self.layout.nodes,) * 2
        )
        count, label = require("scipy.sparse.csgraph").connected_components(graph, directed=False)
        parts = [label == part for part in range(count) if part != label[0]]
        return [part for part in parts if part.sum() > 1 and y[part].max() > least]

    def _cut_sets(self, x: Array, y: Array) -> list[NDArray[np.bool_]]:
        """Return the far sides of violated minimum cuts between the depot and each town, the most visited towns first.

        Towns in a set that was found already are skipped.
        """
        layout, flow_library = self.layout, require("scipy.sparse.csgraph")
        used = x > 0.5 / UNITS
        ends = layout.tail[used], layout.head[used]
        capacity = np.rint(x[used] * UNITS).astype(np.int32)
        graph = require("scipy.sparse").csr_array(
            (np.tile(capacity, 2), (np.concatenate(ends), np.concatenate(ends[::-1]))), shape=(layout.nodes,) * 2
        )
        covered = np.zeros(layout.nodes, dtype=bool)
        sets = []
        for town in 1 + np.argsort(-y[1:], kind="stable"):
            if y[town] <= LEAST_VIOLATION / 2.0:
                break
            if covered[town]:
                continue
            flow = flow_library.maximum_flow(graph, 0, int(town))
            if flow.flow_value / UNITS < 2.0 * y[town] - LEAST_VIOLATION:
                left = graph - flow.flow
                left.data[left.data < 0] = 0
                left.eliminate_zeros()
                near = flow_library.breadth_first_order(left, 0, return_predecessors=False)
                inside = np.ones(layout.nodes, dtype=bool)
                inside[near] = False
                covered |= inside
                sets.append(inside)
        return sets

    def _row(self, salesman: int, inside: NDArray[np.bool_], x: Array, y: Array) -> tuple[float, LazyRow]:
        """Return the row of a set with its violation; k is the most visited town of the set."""
        layout = self.layout
        towns = np.flatnonzero(inside)
        k = towns[y[towns].argmax()]
        leaving = layout.edges_leaving(inside)
        violation = float(2.0 * y[k] - x[leaving].sum())
        within, others = layout.edges_within(inside), towns[towns != k]
        if len(within) + len(others) < len(leaving) + 1:
            columns = np.concatenate([layout.x(salesman, within), layout.y(salesman, others)])
            coefficients = np.concatenate([np.ones(len(within)), -np.ones(len(others))])
            return violation, (columns, coefficients, -np.inf, 0.0)
        columns = np.concatenate([layout.x(salesman, leaving), [layout.y(salesman, k)]])
        return violation, (columns, np.concatenate([np.ones(len(leaving)), [-2.0]]), 0.0, np.inf)


def _most_violated(found: list[tuple[float, LazyRow]]) -> list[LazyRow]:
    return [row for _, row in sorted(found, key=lambda pair: -pair[0])[:MOST_ROWS]]
