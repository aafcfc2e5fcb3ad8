r"""Best responses under a constraint: the secant method on the multiplier.

One agent may choose among finitely many deterministic plans, each of which reaches a utility U and an index J, and
among lotteries over them. The largest U with J of at least tau is then a point on the upper concave hull of all pairs
(J, U): a mixture of the two vertices on both sides of tau, and the slope between them is the multiplier.

1. Vertex a maximises U, and J among the plans with this U (with the lowest J of a tie, the mixture would be wrong). If
   its index is at least tau, the constraint does not bind. Vertex b maximises J, and then U.
2. The slope mu of the chord from a to b is tried as the multiplier: a plan that maximises U + mu J is either not above
   the chord, and then a and b are the two vertices; or it is a vertex between them, and replaces one of the two.

Each trial is one backward induction, and each finds a new vertex nearer to tau: ten suffice in the median of random
games, fewer where the hull has few vertices. By weak duality, max (U + mu J) - mu tau bounds the value from above at
every mu, so that the last trial proves the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from evenhand.equilibrium.certificate import Plan
from evenhand.equilibrium.decision import TOLERANCE, Decision, Floats, Response

MOST_TRIALS = 1000
"""Upper limit on the trials of one secant search; a hull has far fewer vertices near one point."""


class Point(NamedTuple):
    """What plans reach: expected features, one plan for each outcome of the public lottery, which of them are cut."""

    features: Floats
    plans: tuple[Plan, ...]
    cut: tuple[bool, ...]


@dataclass(frozen=True)
class Best:
    """A best mixture of two points.

    Attributes
    ----------
    first, second
        The points.
    share
        Probability of `second`.
    multiplier
        Price of the constraint.
    trials
        Number of backward inductions.
    """

    first: Point
    second: Point
    share: float
    multiplier: float
    trials: int

    @property
    def features(self) -> Floats:
        """Expected features of the mixture."""
        if self.share == 0.0:
            return self.first.features
        return self.first.features + self.share * (self.second.features - self.first.features)

    @property
    def cut(self) -> tuple[bool, ...]:
        """For each outcome of the lottery, whether a plan enters states that were not enumerated."""
        parts = (self.first,) if self.share == 0.0 else (self.first, self.second)
        return tuple(any(flags) for flags in zip(*(part.cut for part in parts), strict=True))


class Deviations:
    """All that one agent can do in a public lottery over profiles: a decision problem for each of its outcomes.

    Parameters
    ----------
    probabilities
        Probability of each outcome, shape (K,).
    decisions
        K decision problems.
    present
        Shape (K, F): features of the profiles as they are, which the agent can keep in each outcome; None if there is
        nothing to keep.
    """

    def __init__(self, probabilities: Floats, decisions: list[Decision], present: Floats | None) -> None:
        self._probabilities, self.decisions, self._present = probabilities, decisions, present

    @property
    def states(self) -> int:
        """Number of states that are enumerated."""
        return sum(decision.states for decision in self.decisions)

    def tolerance(self, weights: Floats) -> float:
        """Return the difference below which two values of these weights count as equal."""
        size = np.max([decision.magnitude for decision in self.decisions], axis=0)
        return TOLERANCE * float(np.abs(weights) @ size)

    def best(self, first: Floats, second: Floats, *, optimistic: bool) -> Point:
        """Maximise `first` and, among the maximisers, `second`, in every outcome of the lottery.

        The present policy is a candidate, and stays where nothing is better.
        """
        ties = self.tolerance(first), self.tolerance(second)
        found = []
        for place, decision in enumerate(self.decisions):
            response = decision.best(first, second, optimistic=optimistic)
            if self._present is not None:
                kept = Response(self._present[place], None, False)
                if response is None or not _is_better(response.features - kept.features, first, second, ties):
                    response = kept
            assert response is not None
            found.append(response)
        features, plans, cut = zip(*found, strict=True)
        return Point(self._probabilities @ np.array(features), plans, cut)


def _is_better(more: Floats, first: Floats, second: Floats, ties: tuple[float, float]) -> bool:
    gain = float(first @ more)
    return gain > ties[0] or (gain >= -ties[0] and float(second @ more) > ties[1])


def unconstrained(deviations: Deviations, utility: Floats, index: Floats, *, optimistic: bool) -> Best:
    """Return the best plan without a constraint."""
    point = deviations.best(utility, index, optimistic=optimistic)
    return Best(point, point, 0.0, 0.0, 1)


def constrained(deviations: Deviations, utility: Floats, index: Floats, tau: float, *, optimistic: bool) -> Best | None:
    """Return the best mixture with an expected index of at least `tau`; None if no plan reaches that.

    A plan that misses `tau` by rounding only, such as a sum of the same numbers in another order, reaches it.
    """
    enough = tau - deviations.tolerance(index)
    free = unconstrained(deviations, utility, index, optimistic=optimistic)
    a = free.first
    if float(index @ a.features) >= enough:
        return free
    b = deviations.best(index, utility, optimistic=optimistic)
    if float(index @ b.features) < enough:
        return None
    multiplier, trials = 0.0, 2
    while trials < MOST_TRIALS:
        chord = b.features - a.features
        multiplier = max(0.0, -float(utility @ chord) / float(index @ chord))
        lagrangian = utility + multiplier * index
        trial = deviations.best(lagrangian, index, optimistic=optimistic)
        trials += 1
        if float(lagrangian @ (trial.features - a.features)) <= deviations.tolerance(lagrangian):
            break
        if float(index @ trial.features) >= enough:
            b = trial
        else:
            a = trial
    share = (tau - float(index @ a.features)) / float(index @ (b.features - a.features))
    return Best(a, b, min(1.0, share), multiplier, trials)


def certified(
    deviations: Deviations, solve: Callable[[bool], Best], utility: Floats, deepen: Callable[[tuple[bool, ...]], bool]
) -> tuple[Best, float]:
    """Return a best deviation that can be played, and an upper bound on the utility of all deviations.

    Parameters
    ----------
    deviations
        What the agent can do.
    solve
        Function that returns the best deviation, with an upper bound on what is not enumerated (True) or without it.
    utility
        Weights of the utility.
    deepen
        Function that enumerates more where the flags say so; it returns False once it may not.
    """
    while True:
        if all(decision.complete for decision in deviations.decisions):
            best = solve(True)
            return best, float(utility @ best.features)
        bound = solve(True)
        upper = float(utility @ bound.features)
        if not any(bound.cut):
            return bound, upper
        # Its multiplier is the one that proves the bound.
        proven = replace(solve(False), multiplier=bound.multiplier)
        if upper - float(utility @ proven.features) <= deviations.tolerance(utility):
            return proven, float(utility @ proven.features)
        if not deepen(bound.cut):
            return proven, upper
