"""Whole tasks under a power mean or a cap, near an optimum that Newton's method has found; for few agents or many.

What a plan costs above the bound of the prices v = beta N*(w) - w is the sum of its reduced costs and

    v . x = D(x) + N*(w) (beta sum x - N(x)),    D(x) = N*(w) N(x) - w . x >= 0,

for loads x of norm N(x) <= beta sum x. D is 0 on the ray of the optimum:

- For a power mean it grows with the square of the distance from that ray, as slowly as N is curved: load for load by
  about (p - 1) N*(w) / (s N) (x / (s N))^(p - 2) / 2. Moves, and chains of two, lower the sum of reduced costs and D.
  In the end, the second term is priced, too, which makes the plan fair, and hardly fairer.
- For a cap, D is what loads below it cost, w for each unit. Every agent has to come close to the cap from below, and
  a move between two who both have too much is of no use: the loads are settled one agent after the other, and what is
  left over goes to agents who are below the cap at the optimum. Moves change the sum of the loads, and with it the cap,
  so that the cap aimed at follows the one that was reached.

Plans differ by the order in which tasks and agents take turns; of many, the cheapest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.indifferent import Indifferent
from evenhand.assignment.kernels.candidate_moves import Aim, exchange, sweep
from evenhand.assignment.kernels.settling import Board, settle, space
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.smooth_dual import Cone

TRIALS, FRUITLESS, FRUITLESS_CAP = 400, 6, 40
"""Upper limits on the plans that are made, and on those in a row that are no cheaper than one before: under a power
mean, and under a cap, whose plans differ more."""

SWEEPS, EXCHANGES, LISTED = 20, 10, 100
"""Upper limits on the sweeps and on the rounds of exchanges for one aim, and on the tasks that each agent exchanges."""

FEW = 0.02
"""Sweeps and exchanges end when they change fewer than this part of as many tasks as there are agents."""

EVENING = 0.1
"""Weight of squared distances from the cap before the loads are settled, in a task's cost per squared burden."""

STEPS, FIRM_EDGE, SPARE = 6, 3.0, 0.1
"""Upper limit on the rounds that bring one plan to the edge of the rule, what a unit of cost costs by which it is
missed meanwhile, and the part of what a plan costs above the bound that it may cost to be fairer than asked for."""

SETTLED, FIRM, FOLLOWED = 32, 1e3, 0.5
"""Number of the moves that one agent combines, price of load above the cap, in a task's cost per burden, and how far
the cap aimed at follows the one that was reached."""

SLOPE = 0.5
"""Price of a distance from the ray when loads are settled, that of a square at this distance in burdens."""

FREE = 2.0
"""Distance from the cap, in burdens, from which on an agent takes what is left over."""


Plans = Iterator[tuple[float, NDArray[np.int32] | None]]
"""What plans cost above the bound, and the pairs that they use; None if a plan is unfair."""


class ConeRounding:
    """Makes whole plans near one optimum, one after the other.

    Parameters
    ----------
    found
        The tasks that may move.
    cone
        The cone of the rule.
    clock
        Ends the search.

    Attributes
    ----------
    least
        What the cheapest plan so far costs above the bound of the prices, in the unit of `found`; inf without one.
    """

    def __init__(self, found: Indifferent, cone: Cone, clock: Clock) -> None:
        self._found = found
        self._cone = cone
        self._clock = clock
        self._order = np.inf if cone.order == 1.0 else cone.order / (cone.order - 1.0)
        self._worth = cone.norm(np.maximum(found.w, 1e-300))[0]
        moves, n = found.moves, len(found.load)
        by_agent = np.argsort(moves.agents, kind="stable")
        first = np.searchsorted(moves.agents[by_agent], np.arange(n + 1))
        self._board = Board(moves, found.task, first, by_agent, found.slot.copy(), found.load.copy())
        self.least = np.inf

    def search(self, offer: Callable[[NDArray[np.int32]], bool], done: Callable[[], bool], seed: int) -> None:
        """Make plans until none has become cheaper for a while.

        Parameters
        ----------
        offer
            Function that takes a plan, the slots of the tasks that may move, shape (t,), and returns whether the loads
            of all tasks are fair. It is called for plans cheaper than all before that are fair, but for rounding.
        done
            Function that returns whether to stop.
        seed
            Seed of the order in which tasks and agents take turns.
        """
        if not self._found.loads.any():
            return
        random = np.random.default_rng([seed, 3])
        plans = self._below_a_cap(random) if self._cone.order == 1.0 else self._near_the_ray(random)
        fruitless, most = 0, FRUITLESS_CAP if self._cone.order == 1.0 else FRUITLESS
        for _, (excess, slot) in zip(range(TRIALS), plans, strict=False):
            fruitless += 1
            if slot is not None and excess < self.least and offer(slot.copy()):
                self.least, fruitless = excess, 0
            if done() or self._clock.expired or fruitless == most:
                return

    def _near_the_ray(self, random: np.random.Generator) -> Plans:
        """Yield a plan for each order of turns, with loads near the optimum's ray, and no fairer than asked for."""
        found, board, lack = self._found, self._board, np.zeros(1)
        free = Aim(found.loads, self._curvature(), found.price, lack, 0.0, 0.0)
        edge = free._replace(firm=FIRM_EDGE, loose=1.0)
        slope, spaces = SLOPE * free.weight * found.burden, (space(SETTLED), space(SETTLED))
        while True:
            self._begin()
            self._approach(free, random)
            # Agents who share no task with those who could take theirs: what moves and chains of two cannot even out.
            last = np.arange(len(slope)) == random.integers(len(slope))
            settle(board, found.loads, slope, slope, self._turns(last, random), *spaces)
            short = 0.0
            for number in range(STEPS):
                # Chains take longer than all the rest: the plan before them counts, too.
                self._approach(edge, random, short, exchanges=EXCHANGES if number else 0)
                missed, excess = self._lack(), self._excess()
                yield excess, board.slot if missed <= 0.0 else None
                if number and -SPARE * excess <= missed <= 0.0:
                    break
                short += missed

    def _curvature(self) -> NDArray[np.float64]:
        """Return the weights (n,) of the squared distances from the optimum's loads that D has to second order."""
        found, share = self._found, self._cone.share
        p, norm = self._order, self._norm(found.loads)
        relative = found.loads / (share * norm)
        return np.asarray((p - 1.0) * self._worth / (norm * share) * relative ** (p - 2.0))

    def _below_a_cap(self, random: np.random.Generator) -> Plans:
        """Yield a plan for each order of turns, with loads close to the cap from below."""
        found, share, n = self._found, self._cone.share, len(self._found.load)
        cap = float(self._cone.bound * found.loads.sum())
        firm, below = np.full(n, FIRM * found.cost / (found.burden or 1.0)), np.maximum(found.w, 0.0)
        weight = np.full(n, EVENING * found.cost / (found.burden or 1.0) ** 2)
        free = found.loads < cap * share - FREE * found.burden
        if not free.any():
            free[np.argmax(cap * share - found.loads)] = True
        none, eager, spaces = np.zeros(n), 0.0, (space(SETTLED), space(SETTLED))
        while True:
            self._begin()
            target = np.where(free, np.minimum(found.loads, cap * share), cap * share)
            self._approach(Aim(target, weight, none, np.zeros(1), 0.0, 0.0), random)
            settle(self._board, cap * share, firm, np.maximum(below, eager), self._turns(free, random), *spaces)
            fair = self._lack() <= 0.0
            if not eager:
                cap += FOLLOWED * (float(self._cone.bound * self._board.load.sum()) - cap)
            yield self._excess(), self._board.slot if fair else None
            # What is left over may find nobody: as long as no plan is fair, in every other one all below the cap take.
            eager = 0.0 if eager or self.least < np.inf else float(firm[0]) / FIRM

    def _turns(self, free: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.int64]:
        """Return an order of the agents, shape (n,), in which each has later ones to exchange tasks with.

        It is the reverse of the order in which a tree grows from the free agents to those who share most tasks with it
        (Prim's algorithm), with random weights.
        """
        moves, board, n = self._found.moves, self._board, len(free)
        now = moves.starts[:-1] + board.slot
        more = np.abs(moves.costs - moves.costs[now][board.task])
        apart = np.median(more[more > 0.0]) if more.any() else 1.0
        between = moves.agents[now][board.task].astype(np.int64) * n + moves.agents
        pairs = np.bincount(between, 1.0 / (1.0 + more / apart), minlength=n * n).reshape(n, n)
        shared = (pairs + pairs.T) * random.uniform(0.5, 1.0, (n, n))
        order = np.flatnonzero(free)[np.argsort((self._found.loads / self._cone.share)[free])].tolist()
        closest = np.where(free, -1.0, shared[free].max(axis=0))
        while len(order) < n:
            agent = int(closest.argmax())
            order.append(agent)
            closest = np.where(closest < 0.0, -1.0, np.maximum(closest, shared[agent]))
            closest[agent] = -1.0
        return np.array(order[::-1])

    def _begin(self) -> None:
        self._board.slot[:], self._board.load[:] = self._found.slot, self._found.load

    def _approach(self, aim: Aim, random: np.random.Generator, short: float = 0.0, exchanges: int = 0) -> None:
        """Bring the loads close to their targets, by sweeps of single moves, and by chains of two if these are allowed.

        The rule counts as missed by `short` more than it is.
        """
        moves, slot, load = self._found.moves, self._board.slot, self._board.load
        enough = FEW * len(load)
        for _ in range(SWEEPS):
            self._clock.check()
            aim.lack[0] = self._lack() + short
            if sweep(moves, slot, load, aim, random.permutation(len(slot))) < enough:
                break
        for _ in range(exchanges):
            self._clock.check()
            aim.lack[0] = self._lack() + short
            order = np.argsort(-np.abs(load - aim.target), kind="stable")
            if exchange(moves, slot, load, aim, order, LISTED) < enough:
                break

    def _norm(self, loads: NDArray[np.float64]) -> float:
        """Return N of loads, shape (n,)."""
        relative = np.maximum(loads, 0.0) / self._cone.share
        largest = float(relative.max())
        if self._cone.order == 1.0 or largest == 0.0:
            return largest
        mean = float(self._cone.share @ (relative / largest) ** self._order)
        return float(largest * mean ** (1.0 / self._order))

    def _lack(self) -> float:
        """Return by how much the loads miss the rule, in units of cost; at most 0 if they are fair."""
        load = self._board.load
        return float(self._worth * (self._norm(load) - self._cone.bound * float(load.sum())))

    def _excess(self) -> float:
        """Return what the plan costs above the bound of the prices."""
        return self._found.reduced(self._board.slot) + float(self._found.price @ self._board.load)
