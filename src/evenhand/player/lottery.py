"""The lottery between two multipliers that meets a threshold at the least cost, read from a trade-off curve."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from .refusals import InputError

logger = logging.getLogger(__name__)

WINDOW = 200
"""Number of episodes per window."""
SLACK = 0.01
"""Largest shortfall of a window's mean index below the threshold that is tolerated."""
WINDOWS = 0.995
"""Fraction of the windows that the default margin is meant to make fair enough."""
SHORTFALL = 0.005
"""Shortfall of the lottery's mean index below the target beyond which the constraint counts as unmet."""


class Vertex(NamedTuple):
    """A multiplier on the trade-off curve: mean and standard deviation of the index over a number of episodes."""

    multiplier: float
    mean: float
    deviation: float
    episodes: int


class Mixture(NamedTuple):
    """A lottery: `high` with probability `share`, otherwise `low`; the mean index it aims at, and the one it has."""

    low: float
    high: float
    share: float
    aim: float
    expected: float


def lottery_of(
    description: Mapping[str, Any],
    curve: Sequence[Mapping[str, Any]],
    *,
    tau: float | None = None,
    multiplier: float | None = None,
) -> Mixture:
    """Return the lottery of a team with a trade-off curve, the dictionaries of vertices.

    Other parameters and errors are those of :func:`evenhand.player.load`. If no multiplier is fair enough, that is
    logged as a warning.
    """
    if multiplier is not None:
        _check_multiplier(description, multiplier)
        return Mixture(float(multiplier), float(multiplier), 0.0, math.nan, math.nan)
    tau = check_tau(description, tau)
    target = description["fairness"]["target"] if description["fairness"]["target"] is not None else tau
    vertices = [Vertex(**vertex) for vertex in curve]
    if target is None or (len(vertices) == 1 and not description["conditioned"]):
        return Mixture(vertices[0].multiplier, vertices[0].multiplier, 0.0, math.nan, vertices[0].mean)
    found = mixture(vertices, target)
    if found.expected < target - SHORTFALL:
        logger.warning(
            "no multiplier is fair enough for %g; the fairest has a mean index of %.3f", target, found.expected
        )
    return found


def _check_multiplier(description: Mapping[str, Any], multiplier: float) -> None:
    """Raise an InputError unless the team can play under a multiplier."""
    cap = description["multiplier"]["cap"]
    if not (_is_number(multiplier) and 0.0 <= multiplier <= cap):
        raise InputError(f"multiplier is {multiplier!r}; it must be a number from 0 to {cap:g}")


def check_tau(description: Mapping[str, Any], tau: float | None) -> float | None:
    """Return the threshold to play for, the team's own if none is given.

    Raises
    ------
    InputError
        If the team was not trained for it.
    """
    fairness, n = description["fairness"], len(description["agents"])
    own: float | None = fairness["tau"]
    if tau is None or tau == own:
        return own
    if not (_is_number(tau) and 1.0 / n < tau <= 1.0):
        raise InputError(f"tau is {tau!r}; it must be a number above 1/{n}, which every team meets, and at most 1")
    if fairness["no_other"] is not None:
        raise InputError(f"tau is {tau:g}; {fairness['no_other']}")
    return float(tau)


def whole(name: str, value: Any) -> int:
    """Return a whole number from 0 as an int, or raise an InputError."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
        raise InputError(f"{name} is {value!r}; it must be a whole number from 0")
    return int(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def mixture(vertices: Sequence[Vertex], target: float, margin: float | None = None) -> Mixture:
    """Return the first lottery along the trade-off curve whose mean index reaches a target plus a margin.

    The curve goes from the highest reward to the highest index, so the first lottery that is fair enough is also the
    one with the highest reward. If none is, the last multiplier is returned, which is the fairest.

    Parameters
    ----------
    vertices
        The curve, at least one vertex.
    target
        The mean index to reach.
    margin
        Distance above the target to aim at; by default large enough for 99.5 % of the windows of 200 episodes to have a
        mean of at least the target less 0.01.
    """
    first, last = vertices[0], vertices[-1]
    over = _surplus(first, first, 0.0, target, margin)
    if over >= 0.0:
        return Mixture(first.multiplier, first.multiplier, 0.0, first.mean - over, first.mean)
    for low, high in pairwise(vertices):
        if _surplus(low, high, 1.0, target, margin) >= 0.0:
            share = _root(low, high, target, margin)
            if share == 1.0:
                return Mixture(high.multiplier, high.multiplier, 0.0, high.mean, high.mean)
            mean = low.mean + share * (high.mean - low.mean)
            return Mixture(low.multiplier, high.multiplier, share, mean, mean)
    return Mixture(last.multiplier, last.multiplier, 0.0, last.mean, last.mean)


def _surplus(low: Vertex, high: Vertex, share: float, target: float, margin: float | None) -> float:
    """Return the lottery's mean index less target and margin; `share` is the probability of `high`."""
    mean = (1.0 - share) * low.mean + share * high.mean
    if margin is None:
        # Variance of a window's mean: the lottery itself adds nothing, because its draws are spread evenly, so only the
        # variance of the episodes under each multiplier counts. To this is added the variance of the estimated means
        # that the choice rests on. The margin is the normal quantile of both together.
        weighed = ((1.0 - share, low), (share, high))
        window = sum(part * vertex.deviation**2 for part, vertex in weighed) / WINDOW
        choice = sum((part * vertex.deviation) ** 2 / vertex.episodes for part, vertex in weighed)
        margin = max(0.0, NormalDist().inv_cdf(WINDOWS) * math.sqrt(window + choice) - SLACK)
    return mean - target - margin


def _root(low: Vertex, high: Vertex, target: float, margin: float | None) -> float:
    """Return the smallest probability of `high` with a surplus of at least 0, by bisection.

    The surplus is convex in that probability and negative at 0, so it changes sign once.
    """
    without, enough = 0.0, 1.0
    for _ in range(40):
        middle = (without + enough) / 2.0
        if _surplus(low, high, middle, target, margin) >= 0.0:
            enough = middle
        else:
            without = middle
    return enough
