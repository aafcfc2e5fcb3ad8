"""Pick the multipliers under which a trained policy meets a threshold at the least cost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from evenhand.errors import InputError
from evenhand.fair_gne import Constraint
from evenhand.learning.conditioning import SMALLEST
from evenhand.learning.episodes import Learner, Played
from evenhand.learning.evaluation import SHORTFALL
from evenhand.learning.lottery import Lottery
from evenhand.learning.multiplier_curve import Point, hull, trade_off_curve
from evenhand.player.lottery import Vertex, mixture

HALVINGS = 3
"""Number of bisection steps between the two multipliers found on the grid."""
FRESH = 4
"""Fresh episodes per multiplier on which the choice is settled, as a multiple of those on the grid."""
FAILURES = 0.01
"""Largest drop in success rate below the best on the curve at which a multiplier may still be picked."""


@dataclass(frozen=True)
class Picked:
    """The multipliers picked for a threshold.

    Attributes
    ----------
    lottery
        Lottery from which each episode draws its multiplier.
    tau
        The threshold.
    aim
        The mean index that the lottery aims at: the constraint's target plus the margin or, if that is out of reach,
        the best mean found.
    expected
        The mean index that the lottery reached on the curve.
    constraint_unmet
        Whether all multipliers stay more than 0.005 below the target, those left out aside.
    best
        The best mean index on the curve, over all multipliers but those left out.
    left_out
        Multipliers that were not considered because the team succeeds too rarely under them. They may look fair: a
        team that does nothing is perfectly fair.
    """

    lottery: Lottery
    tau: float
    aim: float
    expected: float
    constraint_unmet: bool
    best: float
    left_out: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the choice as JSON values."""
        values = {name: getattr(self, name) for name in ("tau", "aim", "expected", "constraint_unmet", "best")}
        return {"lottery": self.lottery.to_dict(), **values, "left_out": list(self.left_out)}


def pick(
    learner: Learner,
    parameters: Any,
    *,
    tau: float | None = None,
    margin: float | None = None,
    episodes: int = 500,
    seed: int = 0,
    curve: Sequence[Point] | None = None,
    progress: Played | None = None,
) -> Picked:
    """Find the lottery between two multipliers that meets a threshold with the highest mean reward.

    Success comes first: only multipliers whose success rate is within 0.01 of the best are considered. If none of them
    is fair enough, the fairest is picked, and the constraint is reported as unmet.

    The search plays a grid of multipliers, then bisects between the two that it finds. The winner is chosen on episodes
    that happened to favour it (the winner's curse), so its probability is settled on fresh episodes, four times as
    many.

    A multiplier that gives both a higher reward and a higher index than a smaller one is preferred to it, even if the
    threshold asks for nothing: the policy may have learned to act under one multiplier better than under another.

    Parameters
    ----------
    learner, parameters
        A policy that was trained under all multipliers.
    tau
        Threshold; default the constraint's own.
    margin
        Distance above the constraint's target to aim at, in the unit of the index. The default is large enough for
        99.5 % of the windows of 200 episodes to have a mean of at least the target less 0.01, given how much the index
        varies both within those windows and in the episodes on which the choice is based.
    episodes
        Number of episodes per multiplier of the grid.
    seed
        Seed of the episodes' starts.
    curve
        A stored curve to read the lottery from, instead of playing.
    progress
        As in :func:`~evenhand.learning.episodes.play_episodes`; counts from 0 again in each round of play.
    """
    constraint = learner.team.constraint
    tau = constraint.tau if tau is None else tau
    if curve is not None:
        return pick_from(curve, constraint, tau=tau, margin=margin)
    fresh, left_out = settled_curve(
        learner, parameters, tau=tau, margin=margin, episodes=episodes, seed=seed, progress=progress
    )
    settled = pick_from(fresh, constraint, tau=tau, margin=margin)
    return replace(settled, left_out=tuple(sorted({*left_out, *settled.left_out})))


def settled_curve(
    learner: Learner,
    parameters: Any,
    *,
    tau: float,
    margin: float | None = None,
    episodes: int = 500,
    seed: int = 0,
    progress: Played | None = None,
) -> tuple[tuple[Point, ...], tuple[float, ...]]:
    """Return the curve on which :func:`pick` settles its choice, and the multipliers left out of the first one.

    It has the multipliers that a lottery may draw for some threshold, most densely around `tau`, each played in fresh
    episodes; parameters as in :func:`pick`.
    """
    constraint = learner.team.constraint
    points = trade_off_curve(learner, parameters, episodes=episodes, seed=seed, tau=tau, progress=progress)
    for _ in range(HALVINGS):
        found = pick_from(points, constraint, tau=tau, margin=margin).lottery
        if found.share == 0.0:
            break
        middle = middle_of(found, learner.team.cap)
        halved = trade_off_curve(
            learner, parameters, multipliers=middle, episodes=episodes, seed=seed, tau=tau, progress=progress
        )
        points = tuple(sorted((*points, *halved), key=lambda point: point.multiplier))
    first = pick_from(points, constraint, tau=tau, margin=margin)
    again = sorted(point.multiplier for point in hull(_successful(points)))
    fresh = trade_off_curve(
        learner, parameters, multipliers=again, episodes=FRESH * episodes, seed=seed + 1, tau=tau, progress=progress
    )
    return fresh, first.left_out


def frontier(points: Sequence[Point]) -> list[Vertex]:
    """Return the multipliers that a lottery may draw, from the highest reward to the highest index."""
    return [point.vertex for point in hull(_successful(points))]


def pick_from(
    points: Sequence[Point], constraint: Constraint, *, tau: float | None = None, margin: float | None = None
) -> Picked:
    """Read the lottery from a measured curve.

    Parameters
    ----------
    points
        The curve.
    constraint
        The constraint under which it was measured.
    tau, margin
        As in :func:`pick`.

    Raises
    ------
    InputError
        If the curve has no points.
    """
    if not points:
        raise InputError("the curve has no points; play it with at least one multiplier")
    tau = constraint.tau if tau is None else tau
    target = float(constraint.target(tau))
    kept = _successful(points)
    best = max(point.potential.value for point in kept)
    found = mixture(frontier(points), target, margin)
    return Picked(
        lottery=Lottery(found.low, found.high, found.share),
        tau=tau,
        aim=found.aim,
        expected=found.expected,
        constraint_unmet=found.expected < target - SHORTFALL,
        best=best,
        left_out=tuple(point.multiplier for point in points if point not in kept),
    )


def _successful(points: Sequence[Point]) -> tuple[Point, ...]:
    floor = max(point.success.value for point in points) - FAILURES
    return tuple(point for point in points if point.success.value >= floor)


def middle_of(lottery: Lottery, cap: float) -> list[float]:
    """Return the geometric mean of a lottery's multipliers; 0 counts as half the smallest positive one of the grid."""
    low, high = sorted((lottery.low, lottery.high))
    return [math.sqrt(max(low, SMALLEST * cap / 2.0) * high)]
