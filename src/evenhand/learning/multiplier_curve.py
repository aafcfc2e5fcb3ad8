"""The trade-off curve of a policy over the multipliers, and its concave hull."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.fair_gne import Constraint
from evenhand.learning.allowed_ranges import COUNT, check
from evenhand.learning.conditioning import SMALLEST
from evenhand.learning.episodes import Episodes, Learner, Played, play_episodes
from evenhand.player.lottery import Vertex
from evenhand.statistics import Estimate, mean_estimate, share_estimate

GRID = 24
"""Default number of positive multipliers on the grid."""


@dataclass(frozen=True)
class Point:
    """A policy under one multiplier.

    Attributes
    ----------
    multiplier
        The multiplier.
    jain, success, episode_steps, reward
        Means over the episodes of Jain's index, success, length, and the sum of rewards without the fairness bonus.
    potential
        Mean over the episodes of the quantity that the constraint bounds; with the form ``expectation`` and a threshold
        of Jain's index the same as `jain`.
    deviation
        Standard deviation of that quantity over the episodes.
    episodes
        Number of episodes played.
    """

    multiplier: float
    jain: Estimate
    success: Estimate
    episode_steps: Estimate
    reward: Estimate
    potential: Estimate
    deviation: float
    episodes: int

    @property
    def vertex(self) -> Vertex:
        """The numbers by which lotteries are chosen."""
        return Vertex(self.multiplier, self.potential.value, self.deviation, self.episodes)

    def to_dict(self) -> dict[str, Any]:
        """Return the point as JSON values."""
        estimates = {
            name: getattr(self, name).to_dict() for name in ("jain", "success", "episode_steps", "reward", "potential")
        }
        return {"multiplier": self.multiplier, **estimates}


def usual_grid(cap: float, number: int = GRID) -> NDArray[np.float64]:
    """Return 0 and a geometric sequence of `number` multipliers up to the cap.

    The sequence begins at the fraction SMALLEST of the cap, below which training draws few multipliers.
    """
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
    """Measure a policy under each of several multipliers.

    All multipliers are played with the same random starts, so that differences between them are not due to chance.

    Parameters
    ----------
    learner, parameters
        The policy.
    multipliers
        Multipliers in ascending order; default :func:`usual_grid`.
    episodes
        Number of episodes per multiplier.
    seed
        Seed of the episodes' starts.
    tau
        Threshold, which matters only if the constraint's form is ``share``; default the constraint's own.
    progress
        As in :func:`~evenhand.learning.episodes.play_episodes`.

    Returns
    -------
    tuple of Point
        One for each multiplier, in their order.
    """
    episodes = check("episodes", episodes, COUNT)
    grid = usual_grid(learner.team.cap) if multipliers is None else np.asarray(multipliers, dtype=np.float64)
    starts = np.tile(np.arange(episodes), grid.size)
    played = play_episodes(learner, parameters, np.repeat(grid, episodes), seed=seed, starts=starts, progress=progress)
    constraint = learner.team.constraint
    parts = (played[k * episodes : (k + 1) * episodes] for k in range(grid.size))
    return tuple(_point(force, part, constraint, tau) for force, part in zip(grid.tolist(), parts, strict=True))


def hull(points: Sequence[Point]) -> list[Point]:
    """Return the Pareto-optimal vertices of the concave hull of (potential, reward), highest reward first.

    A lottery between two multipliers reaches every point on the segment between theirs, so the best mean reward for a
    given mean potential lies on the upper concave hull, which Andrew's monotone chain (1979) finds in one pass over the
    sorted points. Only the part from the highest reward on is returned: a point with both less potential and less
    reward than another is of no use, and a policy may well have learned to act that badly under some multiplier.
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
    """Return the sort key: potential, then reward, then the multiplier in descending order.

    Of equal points the last one stays on the hull, so it is the one with the smallest multiplier.
    """
    return point.potential.value, point.reward.value, -point.multiplier


def _slope(low: Point, high: Point) -> float:
    return (high.reward.value - low.reward.value) / (high.potential.value - low.potential.value)


def _point(force: float, played: Episodes, constraint: Constraint, tau: float | None) -> Point:
    potential = np.asarray(constraint.potential(played.workload, tau, played.present), dtype=np.float64)
    return Point(
        multiplier=force,
        jain=mean_estimate(played.jain),
        success=share_estimate(played.success),
        episode_steps=mean_estimate(played.episode_steps),
        reward=mean_estimate(played.reward),
        potential=mean_estimate(potential),
        deviation=float(potential.std()),
        episodes=len(played),
    )
