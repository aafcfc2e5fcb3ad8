r"""The dual of the (epsilon, p) cone: the vectors v with :math:`v \cdot x \ge 0` for every fair x.

With shares :math:`s_i` and 1/p + 1/q = 1, duality of norms gives the power mean as
:math:`M_p(u) = \max \{\sum_i s_i u_i w_i : \|w\|_{q,s} \le 1\}`. The cone is therefore the set where
:math:`\beta \bar x \ge \sum_i s_i u_i w_i` for all such w, and v lies in its dual if and only if
:math:`v \ge \tau (\beta - w)` for some :math:`\tau \ge 0` and some such w. With :math:`t = \tau \beta` that is
:math:`\|(t - v)_+\|_{q,s} \le t / \beta`. Without entitlements, and with w = 1 - v, it is
:math:`\|(w - (1 - t))_+\|_q \le t \varphi`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_DOUBLINGS = 60
_BISECTIONS = 120


def dual_excess(v: NDArray[np.float64], shares: NDArray[np.float64], p: float, bound: float) -> float:
    r"""Return the least :math:`\|(t - v)_+\|_{q,s} - t / \beta` over t >= 0: at most 0 if v lies in the dual.

    The function of t is convex. An interval that contains its minimum is found by doubling, and then bisected.

    Parameters
    ----------
    v
        Normal of an inequality, shape (n,).
    shares
        Shares of the agents, shape (n,), with sum 1.
    p
        Order of the cone, from 2 to infinity.
    bound
        Bound beta on the power mean over the mean, at least 1.
    """
    size = float(np.abs(v).max())
    if size == 0.0:
        return 0.0
    normal, q = v / size, 1.0 if math.isinf(p) else p / (p - 1.0)
    if bound == 1.0:
        return -float(normal @ shares) * size  # the limit for large t
    high = 1.0
    for _ in range(_DOUBLINGS):
        if _excess_and_slope(high, normal, shares, q, bound)[1] >= 0.0:
            break
        high *= 2.0
    low = 0.0
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        if _excess_and_slope(middle, normal, shares, q, bound)[1] >= 0.0:
            high = middle
        else:
            low = middle
    return size * min(_excess_and_slope(t, normal, shares, q, bound)[0] for t in (0.0, low, high))


def _excess_and_slope(
    t: float, v: NDArray[np.float64], shares: NDArray[np.float64], q: float, bound: float
) -> tuple[float, float]:
    """Return the convex function of t to be minimised, and its derivative."""
    part = np.maximum(t - v, 0.0)
    norm = float(part**q @ shares) ** (1.0 / q)
    if norm == 0.0:
        return -t / bound, -1.0 / bound
    active = np.where(part > 0.0, (part / norm) ** (q - 1.0), 0.0)
    return norm - t / bound, float(active @ shares) - 1.0 / bound
