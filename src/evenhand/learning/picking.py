"""Pick the multipliers that meet a threshold at least cost: one policy, every threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from evenhand.errors import InputError
from evenhand.learning.conditioning import SMALLEST
from evenhand.learning.curve import Point, hull, trade_off_curve
from evenhand.learning.evaluation import SHORTFALL
from evenhand.learning.lottery import Lottery
from evenhand.learning.windows import SLACK, WINDOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evenhand.fair_gne import Constraint
    from evenhand.learning.episodes import Learner, Played

WINDOWS = 0.995
"""Share of the windows that a margin makes sure of."""
HALVINGS = 3
"""Multipliers tried between the two that were found on the grid."""
FRESH = 4
"""So many times more episodes for the multipliers that are left."""
FAILURES = 0.01
"""Largest drop in success rate, below the best on the curve, at which a multiplier may still be picked."""


@dataclass(frozen=True)
class Picked:
    """Multipliers for a threshold.

    Attributes
    ----------
    lottery
        What to draw the multiplier of each episode from.
    tau
        The threshold that was asked for.
    aim
        The mean that the lottery aims at: the constraint's target and the margin, or the best there is.
    expected
        The mean that it reached on the curve.
    constraint_unmet
        Whether no multiplier under which the team succeeds as often as it can comes within 0.005 of the target.
    best
        The best mean on the curve, of the multipliers that were not left out.
    left_out
        Multipliers that were not considered because the team succeeds too rarely under them, however fair it is: a
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

    Success comes first: only multipliers whose success rate is within 0.01 of the best are considered. Where none of
    these is fair enough, the fairest of them is taken, and the constraint is reported as unmet.

    First the usual grid, then halvings between the two multipliers found. The choice among these is made on episodes
    that flatter the winner; its share is therefore settled on fresh ones, four times as many.

    A multiplier that does better in both respects than a smaller one is preferred to it, even where the threshold asks
    for nothing: a learner may have learned the answer to 0 less well than another.

    Parameters
    ----------
    learner, parameters
        A policy that was trained for every multiplier.
    tau
        Threshold; default the constraint's own.
    margin
        By how much to aim above the constraint's target. Default: so much that 99.5 % of the windows of 200 episodes
        should have a mean of at least the target less 0.01, given how the index scatters, in the windows and in the
        episodes that the choice rests on.
    episodes
        For each multiplier of the grid.
    seed
        Of the starts.
    curve
        One that was stored, from which the lottery is read without playing.
    progress
        As in :func:`~evenhand.learning.episodes.play_episodes`, anew for each round of play.
    """
    constraint = learner.team.constraint
    threshold = constraint.threshold if tau is None else tau
    if curve is not None:
        return pick_from(curve, constraint, tau=threshold, margin=margin)
    points = trade_off_curve(learner, parameters, episodes=episodes, seed=seed, tau=threshold, progress=progress)
    for _ in range(HALVINGS):
        found = pick_from(points, constraint, tau=threshold, margin=margin).lottery
        if found.share == 0.0:
            break
        middle = _middle(found, learner.team.cap)
        halved = trade_off_curve(
            learner, parameters, multipliers=middle, episodes=episodes, seed=seed, tau=threshold, progress=progress
        )
        points = tuple(sorted((*points, *halved), key=lambda point: point.multiplier))
    first = pick_from(points, constraint, tau=threshold, margin=margin)
    again = sorted(point.multiplier for point in hull(_successful(points)))
    fresh = trade_off_curve(
        learner,
        parameters,
        multipliers=again,
        episodes=FRESH * episodes,
        seed=seed + 1,
        tau=threshold,
        progress=progress,
    )
    settled = pick_from(fresh, constraint, tau=threshold, margin=margin)
    return replace(settled, left_out=tuple(sorted({*first.left_out, *settled.left_out})))


def pick_from(
    points: Sequence[Point], constraint: Constraint, *, tau: float | None = None, margin: float | None = None
) -> Picked:
    """Read the lottery from a curve that has been played; parameters as in :func:`pick`.

    Raises
    ------
    InputError
        Where the curve has no points.
    """
    if not points:
        raise InputError("the curve has no points; play it with at least one multiplier")
    threshold = constraint.threshold if tau is None else tau
    target = float(constraint.target(threshold))
    kept = _successful(points)
    best = max(point.potential.value for point in kept)
    lottery, aim, expected = _walk(hull(kept), target, margin)
    return Picked(
        lottery=lottery,
        tau=threshold,
        aim=aim,
        expected=expected,
        constraint_unmet=expected < target - SHORTFALL,
        best=best,
        left_out=tuple(point.multiplier for point in points if point not in kept),
    )


def _successful(points: Sequence[Point]) -> tuple[Point, ...]:
    floor = max(point.success.value for point in points) - FAILURES
    return tuple(point for point in points if point.success.value >= floor)


def _walk(vertices: Sequence[Point], target: float, margin: float | None) -> tuple[Lottery, float, float]:
    """Go along the hull until the mean reaches the target and the margin; return lottery, aim and mean."""
    first, last = vertices[0], vertices[-1]
    if _surplus(first, first, 0.0, target, margin) >= 0.0:
        mean = first.potential.value
        return Lottery.always(first.multiplier), mean - _surplus(first, first, 0.0, target, margin), mean
    for low, high in pairwise(vertices):
        if _surplus(low, high, 1.0, target, margin) >= 0.0:
            share = _root(low, high, target, margin)
            if share == 1.0:
                return Lottery.always(high.multiplier), high.potential.value, high.potential.value
            mean = low.potential.value + share * (high.potential.value - low.potential.value)
            return Lottery(low.multiplier, high.multiplier, share), mean, mean
    return Lottery.always(last.multiplier), last.potential.value, last.potential.value


def _surplus(low: Point, high: Point, share: float, target: float, margin: float | None) -> float:
    """Return by how much the mean of a lottery is above the target and the margin."""
    mean = (1.0 - share) * low.potential.value + share * high.potential.value
    if margin is None:
        # The draws are spread evenly, so that what scatters in a window is the episodes under each multiplier.
        weighed = ((1.0 - share, low), (share, high))
        window = sum(part * point.deviation**2 for part, point in weighed) / WINDOW
        choice = sum((part * point.deviation) ** 2 / point.episodes for part, point in weighed)
        margin = max(0.0, NormalDist().inv_cdf(WINDOWS) * math.sqrt(window + choice) - SLACK)
    return mean - target - margin


def _root(low: Point, high: Point, target: float, margin: float | None) -> float:
    """Return the smallest share of `high` with a surplus; the surplus is convex in it, and below 0 at 0."""
    without, enough = 0.0, 1.0
    for _ in range(40):
        middle = (without + enough) / 2.0
        if _surplus(low, high, middle, target, margin) >= 0.0:
            enough = middle
        else:
            without = middle
    return enough


def _middle(lottery: Lottery, cap: float) -> list[float]:
    """Return the multiplier between the two of a lottery, in ratio; 0 counts as half the smallest that is drawn."""
    low, high = sorted((lottery.low, lottery.high))
    return [math.sqrt(max(low, SMALLEST * cap / 2.0) * high)]
