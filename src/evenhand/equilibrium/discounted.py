r"""Discounted decision problems: values of policies and best responses, by iteration with MacQueen's bounds.

With T the operator of a policy (or of the best action) and d = T V - V, the value lies between
:math:`T V + \gamma / (1 - \gamma) \min d` and :math:`T V + \gamma / (1 - \gamma) \max d`. Moving V to the middle of
these bounds in each sweep removes the slowest error, a constant, at once; their distance says when to stop.

References
----------
MacQueen, A modified dynamic programming method for Markovian decision problems, J. Math. Anal. Appl. 14, 1966.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evenhand.equilibrium.decision import Floats
from evenhand.equilibrium.loops import Rows, expectations

PRECISION = 1e-12
"""Distance of the bounds, relative to the largest value, at which iteration ends."""

ROUNDINGS = 8.0
"""Rounding errors of a sweep, in units of the machine's precision and the largest value."""


def evaluated(rows: Rows, features: Floats, discount: float) -> Floats:
    """Return the discounted sums of features (S, F) of a Markov chain, from each state: shape (S, F)."""

    def operator(values: Floats) -> Floats:
        return features + discount * expectations(*rows, values)

    return _iterated(operator, np.zeros_like(features), float(np.abs(features).max()), discount)


def best_actions(rows: Rows, rewards: Floats, allowed: Floats, discount: float) -> Floats:
    """Return the value of each action, shape (S, A), if actions that are best among the `allowed` follow.

    Parameters
    ----------
    rows
        Transitions of all pairs of a state and an action.
    rewards
        Shape (S, A).
    allowed
        Shape (S, A): 0, or -inf for an action that is not allowed.
    discount
        The discount.
    """

    def of_actions(values: Floats) -> Floats:
        return rewards + allowed + discount * expectations(*rows, values).reshape(rewards.shape)

    best = _iterated(
        lambda values: of_actions(values).max(axis=1, keepdims=True),
        np.zeros((len(rewards), 1)),
        float(np.abs(rewards).max()),
        discount,
    )
    return of_actions(best)


def _iterated(operator: Callable[[Floats], Floats], values: Floats, largest: float, discount: float) -> Floats:
    """Return the fixed point of a contraction, column by column, where `largest` is the largest reward of a step."""
    limit = max(PRECISION, ROUNDINGS * float(np.finfo(np.float64).eps) / (1.0 - discount)) * largest
    for _ in range(_most_sweeps(discount)):
        after = operator(values)
        rise = after - values
        low, high = rise.min(axis=0), rise.max(axis=0)
        values = after + discount / (1.0 - discount) * (low + high) / 2.0
        if float((high - low).max()) <= limit:
            break
    return values


def _most_sweeps(discount: float) -> int:
    """Return after how many sweeps the contraction alone has brought any error below rounding."""
    return math.ceil(math.log(1e-18) / math.log(discount)) + 10
