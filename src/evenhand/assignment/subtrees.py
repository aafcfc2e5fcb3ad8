"""A large tree in parts: open subtrees that are searched in rounds, each by itself, and merged in their order.

Within a round a subtree depends on nothing that another one does: not on its cuts, its candidates, or what it learns
about limits. How many threads work on the subtrees, and which of them is the fastest, then changes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from evenhand.assignment.kernels import branching
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.tree import Tree
from evenhand.assignment.worker_threads import run_all

SUBTREES, DIVE = 8, 2
"""Number of subtrees of one round, if the tree can be divided into so many: more than threads, so that the threads are
done at about the same time although subtrees close early. The first gets one node in DIVE, the others equal parts of
the rest: it is where depth-first search would be, and the likeliest to find a candidate. Neither may depend on the
number of threads."""

GOING_ON = (branching.BUDGET, branching.BRANCHED, branching.WAITING)
"""Events after which a subtree is searched on."""


class Subtrees:
    """The open subtrees of one tree, which together hold all that the tree has not explored.

    Parameters
    ----------
    tree
        The tree to divide. From now on it is one of the subtrees.
    clock
        Ends a round when it expires.
    chunk
        Number of nodes between two checks of the clock.
    workers
        Number of threads.

    Attributes
    ----------
    open
        The open subtrees, in their order.
    candidates
        Those that wait for the judgement of a candidate, after a round.
    proven
        Least bound over all that is closed, scaled; see :attr:`~evenhand.assignment.tree.Tree.proven`.
    """

    def __init__(self, tree: Tree, clock: Clock, chunk: int, workers: int) -> None:
        self.open = [tree]
        self.candidates: list[Tree] = []
        self.proven = np.inf
        self._clock, self._chunk, self._workers = clock, chunk, workers
        self._closed_nodes = 0
        self._learnt = copy.deepcopy(tree.pseudocosts)

    @property
    def nodes(self) -> int:
        """Number of nodes processed so far, in closed subtrees too."""
        return self._closed_nodes + sum(tree.nodes for tree in self.open)

    @property
    def explored(self) -> float:
        """Explored part of the whole tree, between 0 and 1, if all children of a node held equally many nodes."""
        return 1.0 - sum(tree.unexplored for tree in self.open)

    def search(
        self, cutoff: float, nodes: int, beside: Sequence[Callable[[], None]], report: Callable[[], None]
    ) -> None:
        """Search for one round of `nodes` nodes in all, and run the tasks `beside` at the same time.

        A subtree stops early if it is explored or has a candidate. If the round is interrupted by an exception, it
        counts as far as it has come.
        """
        self.candidates = []
        self._divide()
        for tree in self.open:
            tree.read_cuts()
            for own, learnt in zip(tree.pseudocosts, self._learnt, strict=True):
                own[:] = learnt
        shares, events = _shares(nodes, len(self.open)), [branching.BUDGET] * len(self.open)

        def resume(k: int, tree: Tree, budget: int) -> None:
            while events[k] in GOING_ON and tree.nodes < budget:
                if self._clock.expired:
                    break
                events[k] = tree.resume(cutoff, min(budget, tree.nodes + self._chunk))

        tasks = [partial(resume, k, tree, tree.nodes + shares[k]) for k, tree in enumerate(self.open)]
        try:
            run_all([*beside, *tasks], self._workers, report, self._clock.stop)
        finally:
            self._merge(events)

    def _divide(self) -> None:
        """Divide the subtree with the largest part that can be split off, until there are enough, if possible."""
        while len(self.open) < SUBTREES:
            parts = [tree.divisible for tree in self.open]
            largest = int(np.argmax(parts))
            if parts[largest] == 0.0:
                break
            self.open.insert(largest + 1, self.open[largest].divide())

    def _merge(self, events: list[int]) -> None:
        """Add up what the subtrees have learnt, in their order; remove those that are explored."""
        before = copy.deepcopy(self._learnt)
        for tree in self.open:
            for own, learnt, known in zip(tree.pseudocosts, self._learnt, before, strict=True):
                np.add(learnt, own - known, out=learnt)
        ended = dict(zip(self.open, events, strict=True))
        self.candidates = [tree for tree in self.open if ended[tree] == branching.CANDIDATE]
        for tree in [tree for tree in self.open if ended[tree] == branching.DONE]:
            self.open.remove(tree)
            self._closed_nodes += tree.nodes
            self.proven = min(self.proven, tree.proven)


def _shares(nodes: int, subtrees: int) -> list[int]:
    """Return how many of the nodes of a round each subtree gets."""
    first = nodes if subtrees == 1 else -(-nodes // DIVE)
    each, more = divmod(nodes - first, max(1, subtrees - 1))
    return [first] + [each + (k < more) for k in range(subtrees - 1)]
