"""Lower convex hulls of (Jain, time), for one start and for the average over starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

Point = tuple[Fraction, Fraction]
"""Jain's index and time."""


def lower_hull(points: Iterable[Point]) -> list[Point]:
    """Return the vertices, quickest first, of the least mean time as a function of the mean index to reach.

    `points` are those of a staircase: both coordinates increase. A lottery between two plans reaches every point on the
    segment between theirs, so the least mean time is the lower convex hull (Andrew's monotone chain).
    """
    hull: list[Point] = []
    for point in points:
        while len(hull) >= 2 and _slope(hull[-2], hull[-1]) >= _slope(hull[-2], point):
            hull.pop()
        hull.append(point)
    return hull


def average_hull(hulls: Sequence[tuple[Fraction, Sequence[Point]]]) -> list[Point]:
    """Return the hull of the mean over starts, each with its probability.

    The lottery may differ from start to start. The least mean time for a mean index of at least tau then buys fairness
    at the starts where it is cheapest: by Lagrange's condition, the plans of all starts are at points of their hulls
    with the same slope (steps per unit of index). So the hull of the mean begins at the mean of the quickest plans, and
    its edges are those of all hulls, each scaled by its start's probability, in the order of their slopes. (It is the
    infimal convolution of the hulls.)
    """
    jain = sum((share * hull[0][0] for share, hull in hulls), Fraction(0))
    time = sum((share * hull[0][1] for share, hull in hulls), Fraction(0))
    edges = [
        (_slope(low, high), share * (high[0] - low[0]), share * (high[1] - low[1]))
        for share, hull in hulls
        for low, high in pairwise(hull)
    ]
    mean = [(jain, time)]
    last = None
    for slope, more_jain, more_time in sorted(edges):
        jain, time = jain + more_jain, time + more_time
        if slope == last:
            mean.pop()
        mean.append((jain, time))
        last = slope
    return mean


def _slope(low: Point, high: Point) -> Fraction:
    return (high[1] - low[1]) / (high[0] - low[0])
