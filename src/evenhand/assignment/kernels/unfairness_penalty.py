"""The fairness of loads as a penalty that compiled loops can evaluate millions of times a second.

Fairness is a set of linear rows; or, for a power mean of finite order, that mean itself, which needs no rows: they
would only enclose it. The *penalty* of loads is the violation of each row, or of the mean, times its price, an exact
penalty in terms of cost. Violations are measured against a margin inside the cone, because annealing at a positive
temperature always violates active rows a little: with a margin, most of its assignments are fair nevertheless.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evenhand.numba_decorators import entry, inner

BEYOND_ROUNDING = 1.0 + 1e-9
"""Factor by which a sum of powers must exceed what is allowed before it counts as too large without taking its root."""


class Rule(NamedTuple):
    """Rows and a power mean over n agents; ``order`` is 0 if there is no mean.

    Rows require  matrix @ x >= 0.  With u[i] = x[i] stretch[i], the mean requires
    (sum_i share[i] u[i]^order)^(1/order) <= limit * sum_i share[i] u[i].
    """

    matrix: NDArray[np.float64]  # (rows, n)
    price: NDArray[np.float64]  # (rows,) penalty per unit of activity below the margin
    margin: NDArray[np.float64]  # (rows,) activity at and above which a row has no penalty, at least 0
    order: float
    limit: float
    share: NDArray[np.float64]  # (n,) fair shares, which sum to 1
    stretch: NDArray[np.float64]  # (n,)
    toll: float  # penalty per unit by which the power mean exceeds its limit minus `spare`
    spare: float  # margin of the power mean, at least 0


class Standing(NamedTuple):
    """The loads, the activity of each row, and the two sums of the power mean, which every change updates."""

    load: NDArray[np.float64]  # (n,)
    activity: NDArray[np.float64]  # (rows,)
    sums: NDArray[np.float64]  # (2,) sum of share * u^order, sum of share * u


class Change(NamedTuple):
    """Changes of the loads of two or three agents by one step; `third` is -1 if there are only two."""

    first: int
    by_first: float
    second: int
    by_second: float
    third: int
    by_third: float


@inner
def raised(base: float, order: float) -> float:
    """Return base^order, for a whole order by repeated squaring: a few products instead of a logarithm."""
    left = int(order)
    if left != order:
        return float(base**order)
    result = 1.0
    while left > 0:
        if left % 2 == 1:
            result *= base
        base *= base
        left //= 2
    return result


@inner
def power(rule: Rule, agent: int, load: float) -> float:
    """Return share * u^order of one agent."""
    return float(rule.share[agent] * raised(max(0.0, load) * rule.stretch[agent], rule.order))


@inner
def stand(rule: Rule, standing: Standing) -> float:
    """Compute activities and sums from ``standing.load``, and return the penalty."""
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
    """Return the penalty of the power mean, given its two sums."""
    return float(rule.toll * max(0.0, excess(rule, powers, mean) + rule.spare))


@inner
def excess(rule: Rule, powers: float, mean: float) -> float:
    """Return by how much the power mean exceeds its limit, negative if it is below."""
    reached = powers**0.5 if rule.order == 2.0 else powers ** (1.0 / rule.order)
    return float(reached - rule.limit * mean)


@inner
def costs_more(rule: Rule, powers: float, mean: float, most: float) -> bool:
    """Return whether the power mean costs a penalty of more than `most`, given its two sums.

    Powers are compared, which takes no root; where rounding might decide, the answer is no.
    """
    reach = rule.limit * mean - rule.spare + most / rule.toll
    return bool(powers > BEYOND_ROUNDING * raised(max(0.0, reach), rule.order))


@inner
def is_fair(rule: Rule, standing: Standing) -> bool:
    """Return whether the loads are fair: no row below 0, and the power mean within its limit. Margins do not matter."""
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
    """Return the penalty that loads would have after `change`, without making it."""
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
    """Return both sums of the power mean after one agent's load has changed by `by`."""
    load = standing.load[agent]
    powers += power(rule, agent, load + by) - power(rule, agent, load)
    return max(0.0, powers), mean + rule.share[agent] * rule.stretch[agent] * by


@inner
def apply_change(rule: Rule, standing: Standing, change: Change) -> None:
    """Change the loads, the activities and the sums."""
    apply_to_one(rule, standing, change.first, change.by_first)
    apply_to_one(rule, standing, change.second, change.by_second)
    if change.third >= 0:
        apply_to_one(rule, standing, change.third, change.by_third)


@inner
def apply_to_one(rule: Rule, standing: Standing, agent: int, by: float) -> None:
    """Change one agent's load, and with it the activities and the sums."""
    if rule.order > 0.0:
        powers, mean = sums_after(rule, standing, agent, by, standing.sums[0], standing.sums[1])
        standing.sums[0], standing.sums[1] = powers, mean
    standing.load[agent] += by
    for r in range(rule.matrix.shape[0]):
        standing.activity[r] += rule.matrix[r, agent] * by
