"""Integral assignments near a relaxation's optimum, by the cheapest changes among tasks that are nearly indifferent.

The optimum of a relaxation splits about n tasks. These are given to one agent each, and moves and swaps bring the loads
back to those of the optimum, or a small step inside the cone. What an assignment costs above the bound is the sum of
its reduced costs, and v . x: what its distance from the optimal ray costs at the prices v. Weights of the distances
rise, so that large ones are closed by cheap changes. How far they rise depends on the cone:

- A power mean is flat across the ray: distances of a fraction of a task hardly cost anything, and low weights do.
- A limit on the largest load counts for each agent who is at it. Loads above it cost firmly, loads below it the price
  of what the limit is worth, and agents below it without such a price are free.
- Of other members only the loads of the optimum are known; distances are closed at nearly any price.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.cone_annealing import anneal_cone
from evenhand.assignment.cone_rounding import ConeRounding
from evenhand.assignment.indifferent import Indifferent
from evenhand.assignment.kernels.balancing import balance
from evenhand.assignment.optimum_of_core import CHOICES, Optimum, keys_and_margins, most_indifferent
from evenhand.assignment.penalty_from_relaxation import HIGHEST_ORDER
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.smooth_dual import Cone
from evenhand.fairness import Fairness
from evenhand.fairness.shares import shares_of

GENTLE = (0.1, 1.0, 10.0)
"""First weights of the squared distances of loads from targets, in units of a typical cost per squared burden."""

FIRM = (1e2, 1e3, 1e4, 1e5)
"""Further weights, for members of which only the optimum's loads are known."""

LIMITS = ((300.0, 3e3), (1e2, 1e3, 1e4, 1e5))
"""Further weights of loads above a limit; roundings take these in turn, for either finds what the other does not."""

LISTED, CHANGES = 24, 4_000
"""Number of tasks that each agent offers each other agent, and upper limit on the changes for one weight."""

TRIALS, WIDER_STEP, SHAKEN = 40, 4.0, 12
"""Upper limit on the roundings, factor by which their steps grow until one is fair, and number of roundings after which
they begin with other agents for some tasks, at random."""

WORK = 100_000_000
"""Changes that are weighed between two looks at the clock: some tenths of a second."""

FIRST_STEP = 2e-3
"""First step inside the cone, in tasks of an agent with an average load."""


def round_optimum(
    optimum: Optimum,
    fairness: Fairness,
    clock: Clock,
    offer: Callable[[NDArray[np.int64]], tuple[bool, bool]],
    done: Callable[[], bool],
    seed: int,
) -> None:
    """Look for whole plans near an optimum that are fair and cheap.

    Parameters
    ----------
    optimum, fairness, clock
        Optimum of the relaxation, of k tasks; the member that the loads must satisfy; ends the search.
    offer
        Function that takes the agents of the tasks, shape (k,), and returns whether the whole plan is fair, and whether
        it is cheaper than all before.
    done, seed
        Function that returns whether to stop, and seed of random numbers.
    """
    cone = Cone.of(fairness, len(optimum.loads))
    if cone is None or optimum.w is None:
        Rounding(optimum, fairness, clock).search(offer, done, seed)
        return
    found = Indifferent.of(optimum)

    def offer_some(those: Indifferent, agents: NDArray[np.integer[Any]]) -> tuple[bool, bool]:
        rounded = optimum.agents.copy()
        rounded[those.tasks] = agents
        return offer(rounded)

    rounding = ConeRounding(found, cone, clock)
    rounding.search(lambda slot: offer_some(found, found.agents(slot))[0], done, seed)
    order = cone.order / (cone.order - 1.0) if cone.order > 1.0 else np.inf
    if order <= HIGHEST_ORDER and found.loads.any() and not done():
        anneal_cone(lambda each: Indifferent.of(optimum, each), cone, offer_some, done, clock, seed)


class Rounding:
    """Rounds one optimum again and again, each time aimed at other loads.

    Parameters
    ----------
    optimum
        Optimum of the relaxation, of k tasks.
    fairness
        The member that the loads must satisfy.
    clock
        Ends a rounding with an `OutOfTimeError`.

    Attributes
    ----------
    first_step
        A step, as :meth:`at` takes them, that moves an average load by a small part of a task.
    """

    def __init__(self, optimum: Optimum, fairness: Fairness, clock: Clock) -> None:
        self._clock = clock
        scaled, n = optimum.scaled, len(optimum.loads)
        cost, burden = scaled.costs.cost, scaled.costs.burden
        self._optimum = optimum
        self._loads = np.maximum(optimum.loads, 0.0)
        self._share = shares_of(n, fairness.entitlements)
        self._cone = Cone.of(fairness, n)
        self._chosen = most_indifferent(keys_and_margins(scaled.costs, optimum.price)[1], CHOICES * n)
        self._reduced = optimum.reduced_costs(self._chosen)
        self._burden = burden[self._chosen]
        everyone = np.arange(len(optimum.agents))
        served = burden[everyone, optimum.agents]
        self._load = scaled.costs.initial + np.bincount(optimum.agents, served, minlength=n)
        self._unit = float(served.mean()) or 1.0
        self._weight = (float(np.abs(cost[everyone, optimum.agents]).mean()) or 1.0) / self._unit**2
        self.first_step = FIRST_STEP * self._unit * n / (float(self._load.sum()) or 1.0)
        self._turn = 0

    def search(
        self, offer: Callable[[NDArray[np.int64]], tuple[bool, bool]], done: Callable[[], bool], seed: int
    ) -> None:
        """Look for the least step inside the cone from which a fair assignment is reached.

        The step grows until one is fair, and is then drawn between the last unfair and the least fair one. What comes
        of a step is partly chance, so that later roundings begin elsewhere, with steps around the best one.

        Parameters
        ----------
        offer
            Function that takes the agents of a rounding, shape (k,), and returns whether the whole assignment is fair,
            and whether it is cheaper than all before.
        done
            Function that returns whether to stop.
        seed
            Seed of where later roundings begin.
        """
        random = np.random.default_rng([seed, 3])
        unfair, fair, best, step = 0.0, np.inf, 0.0, 0.0
        for trial in range(TRIALS):
            is_fair, is_cheaper = offer(self.at(step, random if trial >= SHAKEN else None))
            fair, unfair = (min(fair, step), unfair) if is_fair else (fair, max(unfair, step))
            best = step if is_cheaper else best
            if done():
                return
            if fair == np.inf:
                step = min(1.0, max(self.first_step, WIDER_STEP * step))
            elif trial < SHAKEN and unfair < fair:
                step = math.sqrt(max(unfair, 0.25 * self.first_step) * fair)
            else:
                step = best * WIDER_STEP ** random.uniform(-1.0, 0.25)

    def at(self, step: float, random: np.random.Generator | None = None) -> NDArray[np.int64]:
        """Return the agents of the core's tasks, shape (k,), with loads a `step` in [0, 1] inside the cone.

        The step is relative to the limit on the largest load, or a part of the way to loads in proportion to shares.
        With `random` numbers, some tasks begin with their second agents.
        """
        agents = self._optimum.agents[self._chosen]
        load = self._load.copy()
        if random is not None:
            self._shake(agents, load, random)
        limited = self._cone is not None and self._cone.order == 1.0
        target = self._loads if limited else (1.0 - step) * self._loads + step * self._loads.sum() * self._share
        none = np.zeros(len(load))
        for weight in GENTLE if self._cone is not None else (*GENTLE, *FIRM):
            firm = np.full(len(load), weight * self._weight)
            self._balance(agents, load, target, firm, firm, none)
        if self._cone is not None and limited:
            price = self._optimum.price.max() - self._optimum.price
            for _ in range(2):  # the limit moves with the sum of the loads
                limit = (1.0 - step) * self._cone.bound * self._cone.share * load.sum()
                for weight in LIMITS[self._turn % len(LIMITS)]:
                    firm = np.full(len(load), weight * self._weight)
                    self._balance(agents, load, limit, firm, none, price)
        self._turn += 1
        rounded = self._optimum.agents.copy()
        rounded[self._chosen] = agents
        return rounded

    def _balance(
        self,
        agents: NDArray[np.int64],
        load: NDArray[np.float64],
        target: NDArray[np.float64],
        above: NDArray[np.float64],
        below: NDArray[np.float64],
        price: NDArray[np.float64],
    ) -> None:
        """Bring loads to their targets, a number of changes at a time.

        Every change makes the best ones of two agents stale, with all others: their lists are weighed again.
        """
        at_once = max(1, WORK // (2 * len(load) * LISTED**2))
        for begin in range(0, CHANGES, at_once):
            self._clock.check()
            most = min(at_once, CHANGES - begin)
            aim = (target, above, below, price)
            if balance(self._reduced, self._burden, agents, load, *aim, LISTED, most) < most:
                return

    def _shake(self, agents: NDArray[np.int64], load: NDArray[np.float64], random: np.random.Generator) -> None:
        """Give a task per agent, random ones of the most indifferent, to the agent of the next least reduced cost."""
        moved = random.choice(len(agents), min(len(load), len(agents)), replace=False)
        others = self._reduced[moved].copy()
        others[np.arange(len(moved)), agents[moved]] = np.inf
        after = others.argmin(axis=1)
        after = np.where(np.isfinite(others.min(axis=1)), after, agents[moved])
        np.subtract.at(load, agents[moved], self._burden[moved, agents[moved]])
        np.add.at(load, after, self._burden[moved, after])
        agents[moved] = after
