"""How a time limit is divided between the solve without fairness, which the price needs, and the fair one."""

from __future__ import annotations

SHARE = 0.2
"""Fraction of the time limit for the solve without fairness, where a fair one follows."""


def base_limit(time_limit: float | None, *, alone: bool) -> float | None:
    """Return the seconds for the solve without fairness: all of the limit if it is asked for `alone`."""
    return time_limit if alone or time_limit is None else SHARE * time_limit
