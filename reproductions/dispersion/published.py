"""Figures that the paper reports (arXiv 2510.23791v2), with medians from its authors' public data base of results.

All over 50 instances of 5 agents and 250 tasks, CPLEX 22.1 with a relative gap of 0.1 %.
"""

from __future__ import annotations

ORDERS = (2.0, 3.0, 5.0, 10.0, float("inf"))
EPSILONS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
GAP = 1e-3

PRICES: dict[float, tuple[float, ...]] = {
    2.0: (0.0, 0.0, 0.0, 0.286, 2.791, 6.054),
    3.0: (0.0, 0.0, 0.0, 0.967, 3.661, 6.405),
    5.0: (0.0, 0.0, 0.188, 1.768, 4.418, 6.710),
    10.0: (0.0, 0.0, 0.608, 2.431, 5.174, 7.033),
    float("inf"): (0.0, 0.055, 1.285, 3.217, 6.177, 7.636),
}
"""Median price of fairness in percent, at EPSILONS."""

CVS: dict[float, dict[float, float]] = {
    2.0: {0.5: 0.782, 0.9: 0.346, 0.99: 0.105},
    3.0: {0.5: 0.762, 0.9: 0.275, 0.99: 0.081},
    5.0: {0.5: 0.682, 0.9: 0.214, 0.99: 0.061},
    10.0: {0.5: 0.614, 0.9: 0.165, 0.99: 0.042},
    float("inf"): {0.5: 0.570, 0.9: 0.130, 0.99: 0.008},
}
"""Mean coefficient of variation; without fairness it is 0.782."""

SECONDS: dict[float, tuple[float, float, float]] = {
    2.0: (0.02, 0.09, 0.19),
    3.0: (0.02, 0.11, 0.44),
    5.0: (0.02, 0.13, 0.26),
    10.0: (0.02, 0.15, 33.65),
    float("inf"): (0.01, 0.09, 0.16),
}
"""Least and largest median over the epsilons, and the largest single time, on the authors' machine."""


def word(p: float) -> str:
    """Return an order as tables and files name it.

    Examples
    --------
    >>> word(2.0), word(float("inf"))
    ('2', 'inf')
    """
    return f"{p:g}"
