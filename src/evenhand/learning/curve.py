"""What each multiplier does with one policy, and which multipliers no lottery between others beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.learning.allowed import COUNT, check
from evenhand.learning.conditioning import SMALLEST
from evenhand.learning.episodes import play_episodes
from evenhand.statistics import Estimate, mean_estimate, share_estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evenhand.fair_gne import Constraint
    from evenhand.learning.episodes import Episodes, Learner, Played

GRID = 24
"""Number of positive multipliers of the usual grid."""


@dataclass(frozen=True)
class Point:
    """What one multiplier does.

    Attributes
    ----------
    multiplier
        In force.
    jain, success, steps, reward
        Means over the episodes; the reward without what the multiplier adds.
    potential
        What the constraint asks the mean of; with its usual form and Jain's index, `jain` again.
    deviation
        Standard deviation of that over the episodes.
    episodes
        How many were played.
    """

    multiplier: float
    jain: Estimate
    success: Estimate
    steps: Estimate
    reward: Estimate
    potential: Estimate
    deviation: float
    episodes: int

    def to_dict(self) -> dict[str, Any]:
        """Return the point as JSON values."""
        estimates = {
            name: getattr(self, name).to_dict() for name in ("jain", "success", "steps", "reward", "potential")
        }
        return {"lambda": self.multiplier, **estimates}


def usual_grid(cap: float, number: int = GRID) -> NDArray[np.float64]:
    """Return 0 and `number` multipliers up to the cap in equal ratios, from where training draws enough."""
    return np.concatenate([[0.0], cap * np.geomspace(SMALLEST, 1.0, number)])


def trade_off_curve(
    learner: Learner,
    parameters: Any,
    *,
    multipliers: Sequence[float] | NDArray[np.float64] | None = None,
    episodes: int = 500,
    seed: int = 0,
    tau: float | None = None,
    progress: Played | None = None,
) -> tuple[Point, ...]:
    """Return what each multiplier does, on the same random starts for all.

    Parameters
    ----------
    learner, parameters
        The policy.
    multipliers
        In rising order; default :func:`usual_grid`.
    episodes
        For each multiplier.
    seed
        Of the starts.
    tau
        Threshold, of use where the constraint's form is ``share``; default the constraint's own.
    progress
        As in :func:`~evenhand.learning.episodes.play_episodes`.
    """
    episodes = check("episodes", episodes, COUNT)
    grid = usual_grid(learner.team.cap) if multipliers is None else np.asarray(multipliers, dtype=np.float64)
    starts = np.tile(np.arange(episodes), grid.size)
    played = play_episodes(learner, parameters, np.repeat(grid, episodes), seed=seed, starts=starts, progress=progress)
    constraint = learner.team.constraint
    parts = (played[k * episodes : (k + 1) * episodes] for k in range(grid.size))
    return tuple(_point(force, part, constraint, tau) for force, part in zip(grid.tolist(), parts, strict=True))


def hull(points: Sequence[Point]) -> list[Point]:
    """Return the vertices of the largest mean reward for a mean potential of at least so much, best rewarded first.

    A lottery between two multipliers reaches every point between theirs, so these are the vertices of the upper concave
    hull from the highest reward on (Andrew's monotone chain). What a learner has learned for a larger multiplier may be
    worse in both respects than for a smaller one; such points are not on the hull.
    """
    chain: list[Point] = []
    for point in sorted(points, key=_rank):
        while chain and (
            point.reward.value >= chain[-1].reward.value
            or (len(chain) > 1 and _slope(chain[-2], point) >= _slope(chain[-2], chain[-1]))
        ):
            chain.pop()
        chain.append(point)
    return chain


def _rank(point: Point) -> tuple[float, float, float]:
    """Order by potential, then reward, then the smaller multiplier, which is the last of equals and stays."""
    return point.potential.value, point.reward.value, -point.multiplier


def _slope(low: Point, high: Point) -> float:
    return (high.reward.value - low.reward.value) / (high.potential.value - low.potential.value)


def _point(force: float, played: Episodes, constraint: Constraint, tau: float | None) -> Point:
    potential = np.asarray(constraint.potential(played.workload, tau), dtype=np.float64)
    return Point(
        multiplier=force,
        jain=mean_estimate(played.jain),
        success=share_estimate(played.success),
        steps=mean_estimate(played.steps),
        reward=mean_estimate(played.reward),
        potential=mean_estimate(potential),
        deviation=float(potential.std()),
        episodes=len(played),
    )
