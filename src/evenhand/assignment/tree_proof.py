"""Tree proofs: a search tree written down so that `evenhand.check` can follow it, in exact arithmetic.

The search itself leaves no proof behind: it looks through several windows, with costs perturbed and cuts weakened. Once
it has closed, its answer is proven again in one tree, whose only window goes up to the bound to be proven. Each node is
handed to a walk of the checker before it is written. So a node that the search closes and exact arithmetic does not is
noticed at once, and branched on instead. Most of the time goes into that arithmetic, not into the tree.
"""

from __future__ import annotations

import gzip
import io
import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.core import core_below
from evenhand.assignment.kernels import branching
from evenhand.assignment.kernels.shared_arrays import GROUPS, LOAD as LOAD_WINDOW, MOST_FREE_WINDOWS, TASKS
from evenhand.assignment.kernels.windows import BEYOND_ROUNDING
from evenhand.assignment.lattice_proof import Box, LoadBoxes
from evenhand.assignment.load_lattice import LoadLattice
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.proof_file import TreeProof, begin, line_of, question_and_answer
from evenhand.assignment.relaxation import Relaxation
from evenhand.assignment.tree import Branching, Tree
from evenhand.check import ALL_TASKS, LOAD, LOWER, UPPER, Walk
from evenhand.fairness import Fairness

ROOM, LEAST_ROOM = 1e-3, 2.0**-42
"""Room for rounding errors: as a fraction of the distance between the bound to be proven and the plan's cost; and if
that is tiny, at least this fraction of the costs, but never more than a quarter of the distance."""

RAY_SIZE = 1e13
"""Size of the largest price of a ray, in the proof's units: only its direction counts."""

LEAST_RAISED, RAISES = 2.0**-50, 24
"""Least amount by which prices are raised, relative to the largest, and number of attempts, each with eight times as
much."""


class NoProofError(Exception):
    """Raised if no proof can be written; the message says why."""


class TreeWriter:
    """Writes the proof of one answer.

    Parameters
    ----------
    problem, fairness
        The question.
    relaxation
        The problem's relaxation, solved, with its cuts.
    assignment
        The plan; None if the proof is to show that there is none.
    bound
        The bound to be proven, unscaled; None if there is no plan.
    clock
        Time limit and progress reports.
    """

    def __init__(
        self,
        problem: Problem,
        fairness: Fairness,
        relaxation: Relaxation,
        assignment: NDArray[np.intp] | None,
        bound: float | None,
        clock: Clock,
    ) -> None:
        self._problem, self._fairness, self._relaxation = problem, fairness, relaxation
        self._assignment, self._clock = assignment, clock
        self._head = question_and_answer(problem, fairness, assignment, bound)
        self._anchor = _anchor(fairness, len(problem.agents))
        self._cuts = np.zeros((0, len(problem.agents)))
        self._buffer = io.BytesIO()
        self._stream = gzip.GzipFile(fileobj=self._buffer, mode="wb", mtime=0)

    def write(self) -> TreeProof:
        """Prove the answer; return the proof.

        Raises
        ------
        NoProofError
            If the time limit expires, if a fair plan turns up that is cheaper than the bound, or if exact arithmetic
            cannot close the tree.
        """
        relaxation = self._relaxation
        vertex, scale = relaxation.vertex, relaxation.scaled.cost_scale
        nowhere = {"groups": [0] * len(self._problem.tasks), "digits": [0, 0]}
        cutoff = self._set_digits(begin({**self._head, **nowhere})) / scale
        tree = Tree(core_below(relaxation, cutoff), relaxation)
        self._head["groups"] = tree.groups
        self._outside = np.bincount(np.delete(tree.core.keys, tree.core.tasks), minlength=len(self._problem.agents))
        self._walk = begin(self._head)
        self._line(self._head)
        lattice = LoadLattice.of(self._problem)
        boxes = None if lattice is None else LoadBoxes(lattice, self._fairness)
        ray = self._multipliers(vertex.ray, vertex.ray_toll, ray=True)
        if relaxation.infeasible and (found := self._walk.relax(*ray))[0]:
            self._emit(ray, None, found)
        elif boxes is not None and self._assignment is None and boxes.lattice.limits(self._fairness) is None:
            self._exclude(boxes)
        else:
            limits, later = self._limit_loads(boxes)
            if limits is not None:
                tree.limit_loads(limits)
            tree.narrow(self._walk.present[0])
            root = self._multipliers(vertex.multiplier, np.zeros_like(tree.limits))
            found = self._walk.relax(*root)
            if not self._emit(root, ["same"], found):
                tree.narrow(found[1])
                self._follow(tree, cutoff)
            for node in reversed(later):
                self._emit(node, None)
        if self._walk.present is not None:
            raise NoProofError("the tree could not be closed in exact arithmetic")
        self._stream.close()
        return TreeProof(self._walk.nodes, self._buffer.getvalue())

    def _set_digits(self, walk: Walk) -> float:
        """Choose how many decimals prices and tolls get; return the cutoff of the tree, unscaled.

        All rounding together takes less than the room between the edge that bounds must exceed and the cutoff.
        """
        problem = self._problem
        tasks = len(problem.tasks)
        load = float(problem.initial_loads.sum() + problem.burdens.max(axis=0).sum()) or 1.0
        if walk.edge is None or self._assignment is None:
            edge, room = np.inf, 1.0
        else:
            edge = float(Fraction(walk.edge, 10**walk.unit))
            distance = problem.cost_of(self._assignment) - edge
            room = max(ROOM * distance, min(0.25 * distance, LEAST_ROOM * problem.size))
        self._digits = [_digits(room / (16.0 * load)), _digits(room / (64.0 * MOST_FREE_WINDOWS * tasks))]
        self._head["digits"] = self._digits
        return edge + room

    def _exclude(self, boxes: LoadBoxes) -> None:
        """Write a tree that splits loads only, and whose boxes are all unfair."""
        stack = [boxes.box(boxes.lattice.low, boxes.lattice.high)]
        while stack:
            self._check_clock()
            box = stack.pop()
            leaf = self._box_leaf(boxes, box) if boxes.unfair(box) else None
            if leaf is not None and (found := self._walk.relax(*leaf))[0]:
                self._emit(leaf, None, found)
                continue
            split = None if box.loads is None else boxes.split(box)
            if split is None:
                raise NoProofError("limits on loads do not exclude all load vectors")
            agent, steps = split
            low, high = box.low.copy(), box.high.copy()
            low[agent], high[agent] = steps + 1, steps
            stack += [boxes.box(low, box.high), boxes.box(box.low, high)]
            self._emit(self._nothing(), ["limit", agent, LOAD, steps])

    def _limit_loads(self, boxes: LoadBoxes | None) -> tuple[NDArray[np.float64] | None, list[list[Any]]]:
        """Write nodes that limit loads; return the limits, scaled, shape (n, 2), and leaves to write at the end."""
        later: list[list[Any]] = []
        if boxes is None:
            return None, later
        limits = np.tile((-np.inf, np.inf), (len(self._problem.agents), 1))
        for agent, side, steps in boxes.limits():
            state = self._walk.present
            branch = ["limit", agent, LOAD, steps - 1 + side]
            self._walk.present = self._walk.children(state, *branch)[side]
            leaf = self._box_leaf(boxes, boxes.beyond(agent, side, steps))
            closed = self._walk.relax(*leaf)[0]
            self._walk.present = state
            if not closed or self._walk.relax(*self._nothing())[0]:
                continue
            self._emit(self._nothing(), branch)
            if side:
                later.append(leaf)
            else:
                self._emit(leaf, None)
            value = boxes.lattice.initial[agent] + boxes.lattice.step * steps
            limits[agent, side] = value + (2 * side - 1) * BEYOND_ROUNDING * (value + boxes.lattice.step)
        return limits / self._relaxation.scaled.burden_scale, later

    def _box_leaf(self, boxes: LoadBoxes, box: Box) -> list[Any]:
        """Return the leaf of an unfair box, a ray, with tolls on those of its limits that the proof has set."""
        prices, tolls = boxes.multipliers(box)
        set_here = self._walk.present[4]
        places = [(agent, LOAD, LOWER if toll > 0.0 else UPPER) for agent, toll in enumerate(tolls.tolist())]
        kept = [agent for agent, place in enumerate(places) if tolls[agent] and place in set_here]
        on_load = np.ones(len(kept), dtype=bool)
        return self._written(
            prices, self._anchor, [places[agent] for agent in kept], np.abs(tolls[kept]), on_load, ray=True
        )

    def _nothing(self) -> list[Any]:
        """Return a node without prices, which only branches."""
        return [0, [0] * len(self._problem.agents), [], 0]

    def _check_clock(self) -> None:
        if self._clock.expired:
            raise NoProofError(f"the time limit expired after {self._walk.nodes} nodes of the proof")
        self._clock.report("proof", self._cost, self._bound, self._walk.nodes)

    def _follow(self, tree: Tree, cutoff: float) -> None:
        """Search the tree and write its nodes, children after parents, as the search visits them."""
        below = cutoff - tree.core.fixed_cost
        pending = None  # a node that the search has closed, but not exact arithmetic
        while True:
            tree.forget_ray()
            event = tree.advance(np.inf if pending else below, tree.nodes + 1)
            if event == branching.DONE:
                return
            self._check_clock()
            if event == branching.WAITING:
                continue
            if event == branching.CANDIDATE:
                self._judge(tree)
                continue
            node = pending or self._multipliers(tree.vertex.multiplier, tree.vertex.toll)
            pending = None if self._settle(tree, node, event) else node
            if pending:
                tree.branch_below()

    def _settle(self, tree: Tree, node: list[Any], event: int) -> bool:
        """Write the present node; return False if it has no branching yet, but needs one."""
        found = self._walk.relax(*node)
        split = tree.branching()
        if found[0]:
            if split is not None:
                tree.close()
            self._emit(node, None, found)
        elif split is None:
            vertex = tree.vertex
            ray = self._multipliers(vertex.ray, vertex.ray_toll, ray=True)
            if event == branching.BRANCHED:
                self._emit(self._decided(tree), None)
            elif (found := self._walk.relax(*ray))[0]:
                self._emit(ray, None, found)
            else:
                return False
        elif split.task is None:
            tree.keep(sorted(split.agents), found[1])
            self._emit(node, ["limit", split.agent, *self._limit(split)], found)
        elif split.task not in found[1]:
            raise NoProofError("exact arithmetic has decided a task that the search branches on")
        else:
            agents = [i for i in split.agents if i in found[1][split.task]]
            tree.keep(agents, found[1])
            self._emit(node, ["task", split.task, agents] if len(agents) > 1 else ["same"], found)
        return True

    def _judge(self, tree: Tree) -> None:
        """Judge an integral candidate: cut it off if it is unfair, and branch below it if no cut does."""
        problem, assignment = self._problem, tree.candidate()
        loads = problem.loads_of(assignment)
        if self._fairness.contains(loads):
            if self._bound is None or problem.cost_of(assignment) < self._bound:
                raise NoProofError("a fair plan turned up that is cheaper than the bound to be proven")
            tree.branch_below()
            return
        tree.reject(assignment, loads / self._relaxation.scaled.burden_scale)

    def _emit(self, node: list[Any], branch: list[Any] | None, found: Any = None) -> bool:
        """Write a node, as a leaf if exact arithmetic closes it; return whether it does."""
        try:
            found = found or self._walk.relax(*node)
            line = [*node, None if found[0] else branch]
            self._walk.step(line, found)
        except ValueError as error:
            raise NoProofError(str(error)) from error
        self._line(line)
        return bool(found[0])

    def _line(self, content: Any) -> None:
        self._stream.write(line_of(content))

    def _multipliers(self, weights: NDArray[np.float64], tolls: NDArray[np.float64], *, ray: bool = False) -> list[Any]:
        """Return a node of the proof without its branching: anchor, prices, tolls, whether it is a ray."""
        pool, scaled = self._relaxation.pool, self._relaxation.scaled
        while len(self._cuts) < len(pool):
            self._cuts = np.vstack([self._cuts, pool.fairness.cut(pool.points[len(self._cuts)])])
        rows = np.flatnonzero(weights[: len(pool)] > 0.0)
        weight = weights[rows] / np.array([pool.scales[k] for k in rows])
        rate = scaled.cost_scale / scaled.burden_scale
        paid = np.flatnonzero(tolls > 0.0)
        columns = len(tolls) // (2 * len(self._problem.agents)) or 1
        places = [(int(w) // 2 // columns, int(w) // 2 % columns, int(w) % 2) for w in paid]
        amounts = tolls[paid] * np.array(
            [rate if column == LOAD_WINDOW else scaled.cost_scale for _, column, _ in places]
        )
        on_load = np.array([column == LOAD_WINDOW for _, column, _ in places], dtype=bool)
        return self._written(
            rate * (weight @ self._cuts[rows]),
            rate * self._anchor * float(weight.sum()),
            [(agent, _what(column), side) for agent, column, side in places],
            amounts,
            on_load,
            ray=ray,
        )

    def _written(
        self,
        prices: NDArray[np.float64],
        anchor: float,
        places: list[tuple[int, int, int]],
        tolls: NDArray[np.float64],
        on_load: NDArray[np.bool_],
        *,
        ray: bool,
    ) -> list[Any]:
        """Round prices, tolls and anchor to whole units, so that the prices stay in the dual cone.

        Prices are raised by as little as exact arithmetic accepts: cuts are rounded, and so are parameters near those
        that ask for equality. If it accepts none, prices are zero, which it always does, and the node closes less.
        """
        price_unit, toll_unit = (10.0**-digits for digits in self._digits)
        prices, anchor = prices / price_unit, anchor / price_unit
        tolls = tolls / np.where(on_load, price_unit, toll_unit)
        if ray:
            sizes = [np.abs(part).max(initial=0.0) for part in (prices, tolls)]
            factor = RAY_SIZE / min((size for size in sizes if size > 0.0), default=RAY_SIZE)
            prices, anchor, tolls = prices * factor, anchor * factor, tolls * factor
        kept = [[*place, round(toll)] for place, toll in zip(places, tolls.tolist(), strict=True) if round(toll) > 0]
        raised = LEAST_RAISED * float(np.abs(prices).max())
        for _ in range(RAISES if anchor > 0.0 else 0):
            entries = [math.ceil(price + 2.0 * raised) + 2 for price in prices.tolist()]
            whole = self._whole_anchor(anchor + raised, entries)
            if self._walk.measure.in_dual_cone(Fraction(whole), entries):
                break
            raised *= 8.0
        else:
            entries, whole = [0] * len(prices), 0
        return [whole, entries, kept, int(ray)]

    def _whole_anchor(self, anchor: float, prices: list[int]) -> int:
        """Return the anchor of whole prices; about `anchor`, which belongs to them before they were rounded.

        For a standard deviation of at most s times the mean it is computed from the prices, where their mean square
        comes nearest to proving them: with a small s, it is so large that its own rounding would be, too.
        """
        measure = self._walk.measure
        if measure.name in ("cv", "jain"):
            square = Fraction(measure.beta) ** 2
            mean = Fraction(sum(share * price for share, price in zip(measure.shares, prices, strict=True)))
            return math.ceil(mean * square / (square - 1))
        return math.ceil(anchor) + 1

    def _limit(self, split: Branching) -> tuple[int, int]:
        """Return what a window is on, and the number of units that its child below may have at most.

        Windows count tasks of the core, and the proof all tasks.
        """
        if split.column != LOAD_WINDOW:
            outside = int(self._outside[split.agent]) if split.column == TASKS else 0
            return _what(split.column), round(split.most) + outside
        scaled = self._relaxation.scaled
        units = (split.most - scaled.costs.initial[split.agent]) / scaled.steps[split.agent]
        return LOAD, round(float(units))

    def _decided(self, tree: Tree) -> list[Any]:
        """Return the leaf of a node in which all is decided, but for the choice among equal tasks.

        Its plan is fair, and no cheaper than the bound: its cost is the bound. Or it is unfair: the cut at its loads is
        a ray. Tolls on numbers of tasks take from each pair what it costs, so that it does not matter which of equal
        tasks an agent gets.
        """
        problem = self._problem
        assignment = tree.candidate()
        loads = problem.loads_of(assignment)
        fair = bool(self._fairness.contains(loads))
        prices = np.zeros(len(loads)) if fair else self._fairness.cut(loads)
        anchor = 0.0 if fair else self._anchor
        places: list[tuple[int, int, int]] = []
        amounts: list[float] = []
        group = np.array(self._head["groups"])
        own = (np.zeros_like(problem.costs) if not fair else problem.costs) - prices[:, None] * problem.burdens
        for g in {int(group[task]) for task in self._walk.present[0]}:
            first = int(np.flatnonzero(group == g)[0])
            usable = np.flatnonzero(problem.allowed[:, first])
            most = float(np.abs(own[usable, first]).max())
            for agent in usable.tolist():
                if np.count_nonzero(assignment[group == g] == agent):
                    places.append((agent, g, LOWER))
                    amounts.append(float(own[agent, first]) + most)
        tolls = np.array(amounts)
        return self._written(prices, anchor, places, tolls, np.zeros(len(tolls), dtype=bool), ray=not fair)

    @property
    def _bound(self) -> float | None:
        """The bound to be proven, with the sign of a cost."""
        bound = self._head["bound"]
        return None if bound is None else self._problem.in_user_sign(bound)

    @property
    def _cost(self) -> float | None:
        return None if self._assignment is None else self._problem.cost_of(self._assignment)


def _what(column: int) -> int:
    """Return the checker's word for a column of an agent's windows."""
    if column == LOAD_WINDOW:
        return LOAD
    return ALL_TASKS if column == TASKS else column - GROUPS


def _anchor(fairness: Fairness, n: int) -> float:
    """Return a such that for the cut v at any point, a and v lie in the dual cone as `evenhand.check` decides it.

    A cut is bound / n - g, and the first term is the anchor.
    """
    only_equal = fairness.parameter == fairness.parameter_range(n)[1]
    return (1.0 if only_equal else fairness.bound(n)) / n


def _digits(unit: float) -> int:
    """Return the number of decimals of numbers that are written in units of at most `unit`."""
    return max(0, math.ceil(-math.log10(unit)))
