r"""Fair multiple travelling salesmen as a linear model.

Salesmen v = 1..n leave one depot and return to it; each town i is visited by exactly one of them. Variables are defined
over the undirected edges e of the complete graph, of which :math:`\delta(S)` leave the set S of towns, and
:math:`E(S)` lie within it:

- :math:`x_e^v`, the number of times that v travels e: 0 or 1, and up to 2 between depot and town (there and back);
- :math:`y_i^v`, whether v visits i; and :math:`u^v`, whether v leaves the depot at all;
- :math:`l_v = \sum_e c_e x_e^v`, the length of the tour of v, which is its load.

.. math::

    \min \sum_v l_v \quad \text{s.t.} \quad
    & \sum_{e \in \delta(i)} x_e^v = 2 y_i^v, \quad \sum_{e \in \delta(0)} x_e^v = 2 u^v, \quad \sum_v y_i^v = 1, \\
    & x_{0i}^v \le 2 y_i^v, \quad y_i^v \le u^v, \\
    & x^v(E(S)) \le \sum_{i \in S} y_i^v - y_k^v \quad (k \in S,\ \text{made when violated: } \texttt{subtours}).

This is the formulation of the study of fair salesmen (arXiv 2404.08157), with three changes. First, :math:`u^v`
replaces the study's fixed :math:`y_0^v = 1`. Second, the rows :math:`x_e^v \le y_i^v` are the last rows above for sets
S of two towns, and are lazy like the others. Third, if salesmen are alike, their symmetry is broken by towns instead of
lengths (:math:`l_1 \ge l_2 \ge \dots`): among n towns far from the depot and from each other, the k-th is visited by
one of the first k salesmen. That excludes only permuted copies of solutions. It is also faster, because a relaxation
satisfies any order of lengths by making them equal.

Without fairness, salesmen need not be distinguished: a far smaller model has one :math:`x_e` for all of them, with
degree 2 at each town, and an even degree of at most 2n at the depot (exactly 2n if all must leave).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.applications.towns import Towns
from evenhand.arrays import Array
from evenhand.modeling import LinearModel
from evenhand.modeling.library_imports import sparse


@dataclass(frozen=True, slots=True)
class Layout:
    """The order of the variables: for each salesman x over the edges, then y over the nodes; u is y of the depot.

    Attributes
    ----------
    nodes
        Number of nodes. In the model, the depot is node 0 and the towns are 1 to nodes - 1.
    salesmen
        Number of salesmen, each of whom has a copy of the variables.
    tail, head
        Ends of each edge, tail < head; the depot's edges come first.
    """

    nodes: int
    salesmen: int
    tail: NDArray[np.intp]
    head: NDArray[np.intp]

    @classmethod
    def of(cls, nodes: int, salesmen: int) -> Layout:
        """Return the layout for a number of nodes and of salesmen."""
        tail, head = np.triu_indices(nodes, 1)
        return cls(nodes, salesmen, tail, head)

    @property
    def block(self) -> int:
        """Number of variables of one salesman."""
        return len(self.tail) + self.nodes

    @property
    def variables(self) -> int:
        """Number of all variables."""
        return self.salesmen * self.block

    def split(self, values: Array) -> tuple[Array, Array]:
        """Return x, shape (salesmen, edges), and y, shape (salesmen, nodes)."""
        # A solver's values may include variables that it has added after the model's own.
        blocks = np.asarray(values)[: self.variables].reshape(self.salesmen, self.block)
        return blocks[:, : len(self.tail)], blocks[:, len(self.tail) :]

    def edges_within(self, inside: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the edges with both ends inside."""
        return np.flatnonzero(inside[self.tail] & inside[self.head])

    def edges_leaving(self, inside: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the edges with one end inside."""
        return np.flatnonzero(inside[self.tail] != inside[self.head])

    def x(self, salesman: int, edges: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the columns of x for the given edges."""
        return salesman * self.block + edges

    def y(self, salesman: int, nodes: Any) -> NDArray[np.intp]:
        """Return the columns of y for the given nodes."""
        return salesman * self.block + len(self.tail) + np.asarray(nodes)


@dataclass(frozen=True, slots=True, eq=False)
class Formulation:
    """A model, the matrix of its loads, and the order of its variables.

    Attributes
    ----------
    model
        The model without subtour elimination.
    loads
        Rows of the tours' lengths, sparse, shape (salesmen, variables).
    layout
        Order of the variables.
    order
        Position in the towns of each node of the model: the depot first.
    lengths
        Length of each edge.
    """

    model: LinearModel
    loads: Any
    layout: Layout
    order: tuple[int, ...]
    lengths: Array


def formulate(
    towns: Towns, salesmen: int, *, least_load: float = 0.0, all_used: bool = False, alike: bool = True
) -> Formulation:
    """Return the model that distinguishes salesmen; see the module.

    Parameters
    ----------
    towns
        Nodes and distances.
    salesmen
        Number of salesmen.
    least_load
        Least length of each tour.
    all_used
        Whether each salesman must leave the depot.
    alike
        Whether salesmen are interchangeable, so that their symmetry may be broken.
    """
    order = (towns.depot, *towns.customers)
    distances = towns.distances[np.ix_(order, order)]
    layout = Layout.of(len(towns), salesmen)
    lengths = distances[layout.tail, layout.head]
    costs = np.concatenate([lengths, np.zeros(len(towns))])
    loads = sparse().csr_array(sparse().kron(sparse().eye_array(salesmen), costs[np.newaxis]))
    rows = [*_tours(layout), (_once(layout), 1.0, 1.0), (loads, least_load, np.inf)]
    lower, upper = np.zeros(layout.variables), np.tile(_most(layout), salesmen)
    for salesman in range(salesmen):
        lower[layout.y(salesman, 0)] = float(all_used)
    if alike:
        for first, town in enumerate(_far_apart(distances, salesmen)):
            for salesman in range(first + 1, salesmen):
                upper[layout.y(salesman, town)] = 0.0
    return Formulation(_model(rows, np.tile(costs, salesmen), lower, upper), loads, layout, order, lengths)


def formulate_total(towns: Towns, salesmen: int, *, all_used: bool = False) -> Formulation:
    """Return the model of the least total length, which does not distinguish salesmen; y of the depot counts them.

    It has two loads: the length travelled on edges of the depot, and that travelled between towns.
    """
    order = (towns.depot, *towns.customers)
    layout = Layout.of(len(towns), 1)
    lengths = towns.distances[np.ix_(order, order)][layout.tail, layout.head]
    costs = np.concatenate([lengths, np.zeros(len(towns))])
    at_depot = np.concatenate([layout.tail == 0, np.zeros(len(towns), dtype=bool)])
    loads = sparse().csr_array(np.stack([np.where(at_depot, costs, 0.0), np.where(at_depot, 0.0, costs)]))
    lower, upper = np.zeros(layout.variables), _most(layout)
    lower[layout.y(0, np.arange(len(towns)))] = 1.0
    upper[layout.y(0, 0)] = salesmen
    if all_used:
        lower[layout.y(0, 0)] = salesmen
    return Formulation(_model([_degrees(layout)], costs, lower, upper), loads, layout, order, lengths)


_Rows = tuple[Any, float, float]
"""Matrix of some rows, and their common lower and upper bound."""


def _tours(layout: Layout) -> list[_Rows]:
    """Return the rows of degrees, and those that allow trips there and back, and visits at all, only where y does."""
    at_depot, town = layout.tail == 0, np.arange(1, layout.nodes)
    edge, node = np.eye(len(layout.tail)), np.eye(layout.nodes)
    back = _stack(edge[at_depot], -2.0 * node[layout.head[at_depot]])
    visits = _stack(np.zeros((len(town), len(edge))), node[town] - node[0])
    return [_degrees(layout), (_repeated(layout, sparse().vstack([back, visits])), -np.inf, 0.0)]


def _degrees(layout: Layout) -> _Rows:
    """Return the rows that make the degree of each salesman at each node equal to 2 y."""
    ends = np.eye(layout.nodes)
    return _repeated(layout, _stack((ends[layout.tail] + ends[layout.head]).T, -2.0 * ends)), 0.0, 0.0


def _once(layout: Layout) -> Any:
    """Return the rows that count the salesmen who visit each town."""
    one = _stack(np.zeros((layout.nodes - 1, len(layout.tail))), np.eye(layout.nodes)[1:])
    return sparse().hstack([one] * layout.salesmen)


def _most(layout: Layout) -> Array:
    """Return the upper bounds of one salesman's variables."""
    return np.concatenate([np.where(layout.tail == 0, 2.0, 1.0), np.ones(layout.nodes)])


def _far_apart(distances: Array, count: int) -> list[int]:
    """Return up to `count` towns, each the farthest from the depot and from the ones before (its nearest of these)."""
    chosen: list[int] = []
    while len(chosen) < min(count, len(distances) - 1):
        nearest = distances[[0, *chosen]].min(axis=0)
        nearest[[0, *chosen]] = -1.0
        chosen.append(int(nearest.argmax()))
    return chosen


def _stack(x: Array, y: Array) -> Any:
    return sparse().hstack([sparse().csr_array(x), sparse().csr_array(y)])


def _repeated(layout: Layout, rows: Any) -> Any:
    return sparse().kron(sparse().eye_array(layout.salesmen), rows)


def _model(rows: list[_Rows], costs: Array, lower: Array, upper: Array) -> LinearModel:
    counts = [matrix.shape[0] for matrix, _, _ in rows]
    return LinearModel(
        costs,
        sparse().vstack([matrix for matrix, _, _ in rows], format="csr"),
        row_lower=np.repeat([low for _, low, _ in rows], counts),
        row_upper=np.repeat([high for _, _, high in rows], counts),
        lower=lower,
        upper=upper,
        integer=True,
    )


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
