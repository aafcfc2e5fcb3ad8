"""The backward search (dynamic programming): the splits of the remaining work that are possible within k steps.

For k = 0, 1, 2, ... and every state without its workloads (node of the graph, places of the agents), a bit set has the
splits of the remaining units with which the team can finish within k steps. Within 0 steps that is only the split (0,
..., 0), in the node where nothing remains. Within k + 1 steps it is the union, over all joint actions, of the splits of
the next state within k steps, with the units just done added to the agents that did them. That is a plain enumeration
of the rules and prunes nothing. The only reductions are those that :mod:`situations` justifies: conflicts, energy that
no longer matters, and items put down where no step happens. One pass serves all starts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.planner.backward_step import sweep
from evenhand.hospital.planner.graph import Graph
from evenhand.hospital.planner.places import Places
from evenhand.hospital.planner.splits import Splits


class Table:
    """For every state the set of splits within `time` steps, extended one step at a time.

    Parameters
    ----------
    graph, places, splits
        The situations and turns, the places of agents, and the meaning of the bits.
    keep
        Whether to keep the sets of all earlier times, from which a plan can be read.
    """

    def __init__(self, graph: Graph, places: Places, splits: Splits, *, keep: bool = False) -> None:
        self.graph, self.places, self.splits = graph, places, splits
        stands = splits.ways_to_stand(len(places))
        self.time = 0
        self.rows = np.zeros((len(graph), stands, splits.words), dtype=np.uint64)
        self.rows[graph.end, :, 0] = 1
        self.changed = np.zeros(len(graph), dtype=np.bool_)
        self.changed[graph.end] = True
        largest = max(np.diff(graph.levels))
        self._fresh = np.empty((largest, *self.rows.shape[1:]), dtype=np.uint64)
        self._changing = self.changed.copy()
        # With a single place (see places.NOWHERE) all agents act there.
        self._at = np.minimum(graph.at, len(places) - 1) if len(places) == 1 else graph.at
        self._shift = (graph.credit @ splits.step).astype(np.int32)
        self._moves = (places.group, places.first, places.member)
        self._kept: list[list[tuple[int, NDArray[np.uint64]]]] | None = (
            [[] for _ in range(len(graph))] if keep else None
        )
        self._keep()

    @property
    def settled(self) -> bool:
        """Whether no set will ever grow again, because none grew in the last step."""
        return not self.changed.any()

    def step(self) -> None:
        """Extend every set from `time` steps to one more."""
        graph = self.graph
        for begin, end in zip(graph.levels[:-1], graph.levels[1:], strict=True):
            sweep(
                self.rows,
                self._fresh,
                begin,
                end,
                self.changed,
                self._changing,
                graph.first,
                graph.after,
                self._at,
                self._shift,
                self._moves,
            )
            # Nodes with fewer units left still hold their old sets, so what was read was k steps, not k + 1.
            grown = np.flatnonzero(self._changing[begin:end])
            self.rows[begin + grown] = self._fresh[grown]
        self.changed, self._changing = self._changing, self.changed
        self.time += 1
        self._keep()

    def row(self, stands: Sequence[int]) -> int:
        """Return the row of the sets for agents at these places."""
        row = 0
        for place in stands:
            row = row * len(self.places) + place
        return row

    def within(self, time: int, node: int, row: int) -> NDArray[np.uint64]:
        """Return the set of a state within an earlier number of steps, shape (words,); needs ``keep``."""
        assert self._kept is not None
        for kept_at, rows in reversed(self._kept[node]):
            if kept_at <= time:
                found: NDArray[np.uint64] = rows[row]
                return found
        return np.zeros(self.splits.words, dtype=np.uint64)

    def _keep(self) -> None:
        if self._kept is not None:
            for node in np.flatnonzero(self.changed):
                self._kept[node].append((self.time, self.rows[node].copy()))
