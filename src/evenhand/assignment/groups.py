"""Groups of like tasks, whose numbers the search branches on; and steps, of which burdens are multiples."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.kernels.shared_arrays import Costs
from evenhand.assignment.problem import Problem
from evenhand.assignment.progress_clock import UNLIMITED, Clock

MOST_KINDS = 12
"""Upper limit on the groups of tasks with equal burdens. If there are more kinds, or more than half as many as tasks,
tasks are grouped by likeness."""

CLUSTERS = (4, 6, 8)
"""Number of groups by likeness in successive trials. With few, tasks that differ are counted as one; with many, numbers
are branched on for long where single tasks should be decided. Which number suits a case shows only in its tree."""

ROUNDS = 5
"""Upper limit on the rounds of k-means."""

FINEST = 64
"""Largest ratio of an agent's mean burden to its step at which the step is used: loads on a finer grid tell nothing."""

SAMPLES = (16, 4096)
"""Numbers of values that are looked at first: of most tables they are too fine already."""


def step_of(values: NDArray[np.float64]) -> float:
    """Return the largest number of which all `values`, >= 0, are multiples as written in decimals; 0 if it is too fine.

    Floats are taken for the shortest decimal that rounds to them: 0.1, 0.3 and 1.2 are multiples of 0.1.
    """
    mean = float(values.mean()) if values.size else 0.0
    kinds = values[:0]
    for some in (*(values[:size] for size in SAMPLES), values):
        kinds = np.unique(some[some > 0.0])
        # No step is longer than the least value and the least difference of two.
        if len(kinds) and mean > FINEST * float(np.diff(kinds, prepend=0.0).min()):
            return 0.0
    if not len(kinds):
        return 0.0
    exact = [Fraction(repr(float(value))) for value in kinds]
    denominator = math.lcm(*(value.denominator for value in exact))
    step = Fraction(math.gcd(*(int(value * denominator) for value in exact)), denominator)
    return float(step) if mean <= FINEST * step else 0.0


def steps_of(problem: Problem, clock: Clock = UNLIMITED) -> Iterator[float]:
    """Yield the step of each agent's burdens over its allowed tasks; 0 for none.

    Raises
    ------
    OutOfTimeError
        If the `clock` expires between two agents.
    """
    for burden, allowed in zip(problem.burdens, problem.allowed, strict=True):
        clock.check()
        yield step_of(burden if allowed.all() else burden[allowed])


def group_tasks(
    own: Costs, scaled: Costs, allowed: NDArray[np.bool_], trial: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the group of each task, shape (m,), and which groups hold tasks that are equal in every respect.

    Tasks with equal burdens form a group, if there are few kinds of them; otherwise tasks are grouped by the likeness
    of their costs and burdens. What is equal is decided by the problem's `own` numbers over all pairs that are
    `allowed`, shape (m, n), since scaling may round the smallest and lowers the largest; likeness by `scaled` ones.
    """
    columns = np.where(allowed, own.burden, -1.0)
    kind_of: dict[bytes, int] = {}
    group = np.array([kind_of.setdefault(column.tobytes(), len(kind_of)) for column in columns], np.int64)
    if len(kind_of) > min(MOST_KINDS, len(group) // 2):
        features = (_standard(np.where(allowed, values, np.nan)) for values in (scaled.cost, scaled.burden))
        group = _clusters(np.hstack(list(features)), CLUSTERS[trial % len(CLUSTERS)])
        return group, np.zeros(int(group.max()) + 1, np.bool_)
    kinds = range(max(1, len(kind_of)))
    return group, np.array([bool((own.cost[group == g] == own.cost[group == g][:1]).all()) for g in kinds])


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return values over their spread; NaN, a pair that is not allowed, counts as the largest. No square overflows."""
    largest = float(np.nanmax(np.abs(values)))
    part = np.nan_to_num(values / largest if largest > 0.0 else values, nan=1.0)
    spread = float(part.std())
    return np.asarray(part / spread if spread > 0.0 else np.zeros_like(part))


def _clusters(features: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Group rows by k-means, begun at rows far from each other, shape (m,)."""
    own = (features**2).sum(axis=1)
    centres = features[:1].copy()
    for _ in range(count - 1):
        centres = np.vstack([centres, features[np.argmax(own + _distances(features, centres).min(axis=1))]])
    group = _distances(features, centres).argmin(axis=1)
    for _ in range(ROUNDS):
        member = group[:, None] == np.arange(count)
        size = member.sum(axis=0)
        centres = np.where(size[:, None] > 0, member.T @ features / np.maximum(size, 1)[:, None], centres)
        nearest = _distances(features, centres).argmin(axis=1)
        if (nearest == group).all():
            break
        group = nearest
    return np.asarray(group, np.int64)


def _distances(features: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return squared distances of rows to centres, shape (rows, centres), less each row's own square."""
    return np.asarray((centres**2).sum(axis=1) - 2.0 * features @ centres.T)
