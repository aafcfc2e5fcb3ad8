"""What fairness asks of loads, in the form in which loops can ask it millions of times a second.

Linear rows, each with a price for what is missing to its margin, and, where the member is a power mean of finite order,
that mean itself: then the rows, which only enclose it, are not needed. What is missing, priced, is the *penalty* of
loads. Margins keep a random walk, which misses every row a little, on the fair side of most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evenhand.assignment.kernels.compiled import entry, inner

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Rule(NamedTuple):
    """Rows and a power mean over n agents; ``order`` is 0 where there is no mean.

    With u[i] = x[i] stretch[i], it asks (sum_i share[i] u[i]^order)^(1/order) <= limit * sum_i share[i] u[i].
    """

    matrix: NDArray[np.float64]  # (rows, n)
    price: NDArray[np.float64]  # (rows,) of a unit missing to the margin
    margin: NDArray[np.float64]  # (rows,) activity from which nothing is missing, at least 0
    order: float
    limit: float
    share: NDArray[np.float64]  # (n,)
    stretch: NDArray[np.float64]  # (n,)
    toll: float  # price of a unit of the power mean beyond its limit, less the spare
    spare: float  # at least 0


class Standing(NamedTuple):
    """Where loads stand: the loads, the activity of each row, and the two sums that the power mean needs."""

    load: NDArray[np.float64]  # (n,)
    activity: NDArray[np.float64]  # (rows,)
    sums: NDArray[np.float64]  # (2,) sum of share u^order, sum of share u


class Change(NamedTuple):
    """What a step does to the loads of up to three agents; an agent of -1 means none."""

    first: int
    by_first: float
    second: int
    by_second: float
    third: int
    by_third: float


@inner
def power(rule: Rule, agent: int, load: float) -> float:
    """Return share u^order of one agent."""
    u = max(0.0, load) * rule.stretch[agent]
    return float(rule.share[agent] * (u * u if rule.order == 2.0 else u**rule.order))


@inner
def stand(rule: Rule, standing: Standing) -> float:
    """Write what follows from ``standing.load``; return the penalty."""
    total = 0.0
    for r in range(rule.matrix.shape[0]):
        activity = 0.0
        for i in range(rule.matrix.shape[1]):
            activity += rule.matrix[r, i] * standing.load[i]
        standing.activity[r] = activity
        total += rule.price[r] * max(0.0, rule.margin[r] - activity)
    standing.sums[0] = standing.sums[1] = 0.0
    if rule.order > 0.0:
        for i in range(rule.share.shape[0]):
            standing.sums[0] += power(rule, i, standing.load[i])
            standing.sums[1] += rule.share[i] * rule.stretch[i] * standing.load[i]
        total += mean_penalty(rule, standing.sums[0], standing.sums[1])
    return total


@inner
def mean_penalty(rule: Rule, powers: float, mean: float) -> float:
    """Return the price of what the power mean exceeds its limit, less the spare, by."""
    return float(rule.toll * max(0.0, excess(rule, powers, mean) + rule.spare))


@inner
def excess(rule: Rule, powers: float, mean: float) -> float:
    """Return what the power mean exceeds its limit by, negative where it is below."""
    reached = powers**0.5 if rule.order == 2.0 else powers ** (1.0 / rule.order)
    return float(reached - rule.limit * mean)


@inner
def is_fair(rule: Rule, standing: Standing) -> bool:
    """Tell whether no row is below 0 and the power mean within its limit, margins apart."""
    for r in range(rule.matrix.shape[0]):
        if standing.activity[r] < 0.0:
            return False
    return rule.order == 0.0 or excess(rule, standing.sums[0], standing.sums[1]) <= 0.0


@entry
def penalty_of(rule: Rule, load: NDArray[np.float64]) -> float:
    """Return the penalty of loads, shape (n,)."""
    return float(stand(rule, Standing(load, np.empty(rule.matrix.shape[0]), np.zeros(2))))


@inner
def penalty_after(rule: Rule, standing: Standing, change: Change) -> float:
    """Return the penalty once loads have changed."""
    total = 0.0
    first, second, third = change.first, change.second, change.third
    for r in range(rule.matrix.shape[0]):
        after = standing.activity[r] + rule.matrix[r, first] * change.by_first
        after += rule.matrix[r, second] * change.by_second
        if third >= 0:
            after += rule.matrix[r, third] * change.by_third
        if after < rule.margin[r]:
            total += rule.price[r] * (rule.margin[r] - after)
    if rule.order > 0.0:
        powers, mean = sums_after(rule, standing, first, change.by_first, standing.sums[0], standing.sums[1])
        powers, mean = sums_after(rule, standing, second, change.by_second, powers, mean)
        if third >= 0:
            powers, mean = sums_after(rule, standing, third, change.by_third, powers, mean)
        total += mean_penalty(rule, powers, mean)
    return total


@inner
def sums_after(
    rule: Rule, standing: Standing, agent: int, by: float, powers: float, mean: float
) -> tuple[float, float]:
    """Return both sums once one agent's load has changed."""
    load = standing.load[agent]
    powers += power(rule, agent, load + by) - power(rule, agent, load)
    return max(0.0, powers), mean + rule.share[agent] * rule.stretch[agent] * by


@inner
def apply_change(rule: Rule, standing: Standing, change: Change) -> None:
    """Change the loads and what follows from them."""
    apply_to_one(rule, standing, change.first, change.by_first)
    apply_to_one(rule, standing, change.second, change.by_second)
    if change.third >= 0:
        apply_to_one(rule, standing, change.third, change.by_third)


@inner
def apply_to_one(rule: Rule, standing: Standing, agent: int, by: float) -> None:
    """Change one agent's load and what follows from it."""
    if rule.order > 0.0:
        powers, mean = sums_after(rule, standing, agent, by, standing.sums[0], standing.sums[1])
        standing.sums[0], standing.sums[1] = powers, mean
    standing.load[agent] += by
    for r in range(rule.matrix.shape[0]):
        standing.activity[r] += rule.matrix[r, agent] * by
