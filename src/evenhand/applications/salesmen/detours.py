r"""Lazy rows against detours: tours that are longer than necessary, only to make the lengths equal.

If salesman v visits exactly the towns S, the length must be that of the shortest tour through them, T(S):

.. math:: l_v \le T(S) + M \Big(|S| - \sum_{i \in S} y_i^v + \sum_{i \notin S} y_i^v\Big),

with M at least the length of any tour minus T(S), so that the row says nothing about other sets of towns. A row is
added for all salesmen when a tour violates it. Such big-M rows are weak where y is fractional, so that a search without
detours visits many sets and takes longer.
"""

from __future__ import annotations

import numpy as np

from evenhand.applications.salesmen.formulation import Formulation, tours_of
from evenhand.applications.salesmen.shortest import shortest_tour
from evenhand.applications.salesmen.subtours import Subtours
from evenhand.applications.towns import Towns
from evenhand.arrays import Array
from evenhand.modeling.linear import LazyRow


class Detours:
    """Lazy rows against subtours, and if there are none, against detours.

    Parameters
    ----------
    formulation
        The salesmen's model.
    towns
        Its towns.
    """

    def __init__(self, formulation: Formulation, towns: Towns) -> None:
        self._formulation, self._towns = formulation, towns
        self._subtours = Subtours(formulation.layout)
        self._shortest: dict[frozenset[int], float] = {}
        self._place = {town: node for node, town in enumerate(formulation.order)}
        # No tour is longer than this: each node is left once, by its longest edge at most.
        self._longest = float(towns.distances.max(axis=1).sum())

    def __call__(self, values: Array, integral: bool) -> list[LazyRow]:
        """Return violated rows; see :class:`evenhand.modeling.linear.LazyRows`."""
        rows = self._subtours(values, integral)
        if rows or not integral or not self._are_tours(values):
            return rows
        tours = tours_of(self._formulation, values, self._formulation.layout.salesmen)
        for tour in tours:
            length = self._towns.length(tour)
            least = self._least(tour)
            if length > least + 1e-9 * max(1.0, length):
                rows += self._rows(tour, least)
        return rows

    def _are_tours(self, values: Array) -> bool:
        """Return whether all degrees are right: solvers also pass points that violate the model's own rows."""
        layout = self._formulation.layout
        x, y = layout.split(np.rint(values))
        degrees = np.zeros_like(y)
        for salesman, travelled in enumerate(x):
            for ends in (layout.tail, layout.head):
                degrees[salesman] += np.bincount(ends, travelled, minlength=layout.nodes)
        return bool((degrees == 2.0 * y).all() and (y[:, 1:].sum(axis=0) == 1.0).all())

    def _least(self, tour: tuple[int, ...]) -> float:
        """Return the length of the shortest tour through the nodes of `tour`."""
        nodes = frozenset(tour)
        if nodes not in self._shortest:
            found, _ = shortest_tour(self._towns, tour)
            self._shortest[nodes] = self._towns.length(found)
        return self._shortest[nodes]

    def _rows(self, tour: tuple[int, ...], least: float) -> list[LazyRow]:
        layout, lengths = self._formulation.layout, self._formulation.lengths
        visited = np.array([self._place[town] for town in tour if self._place[town] != 0])
        apart = self._longest - least
        weights = np.full(layout.nodes - 1, -apart)
        weights[visited - 1] = apart
        rows: list[LazyRow] = []
        for salesman in range(layout.salesmen):
            edges, towns = np.arange(len(lengths)), np.arange(1, layout.nodes)
            columns = np.concatenate([layout.x(salesman, edges), layout.y(salesman, towns)])
            rows.append((columns, np.concatenate([lengths, weights]), -np.inf, least + apart * len(visited)))
        return rows
