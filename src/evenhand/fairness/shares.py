"""Entitlements of unequal agents, as shares of the whole."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_RATIO = 1e12
"""Entitlements further apart than this would drown in rounding."""

Entitlements = tuple[float, ...] | None


def checked_entitlements(entitlements: Any) -> Entitlements:
    """Return entitlements as a tuple of floats.

    Parameters
    ----------
    entitlements
        One positive, finite number per agent, in any unit; None where all agents are equal.

    Raises
    ------
    InputError
        Naming the first number that is not positive and finite, or the extremes where they are too far apart.
    """
    if entitlements is None:
        return None
    try:
        values = tuple(_checked(position, value) for position, value in enumerate(entitlements))
    except TypeError:
        raise InputError(f"entitlements is {entitlements!r}; a sequence of one number per agent is needed") from None
    if len(values) < 2:
        raise InputError(f"entitlements has {len(values)} value(s); fairness needs at least two agents")
    if max(values) / min(values) > LARGEST_RATIO:
        raise InputError(
            f"entitlements range from {min(values):g} to {max(values):g}; "
            f"the largest may be at most {LARGEST_RATIO:g} times the smallest"
        )
    return values


def _checked(position: int, value: Any) -> float:
    number = as_number(value)
    if not (math.isfinite(number) and number > 0.0):
        absent = "; leave an agent that is absent out, of the loads or costs too" if number == 0.0 else ""
        raise InputError(
            f"entitlements[{position}] is {value!r}; every entitlement must be a positive, finite number{absent}"
        )
    return number


def as_number(value: Any) -> float:
    """Return a number of any type as a float; NaN for what is none, text and booleans included."""
    if isinstance(value, str | bytes | bool | np.bool_):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan
    except OverflowError:
        return math.inf


def checked_whole(name: str, value: Any, least: int, what: str) -> int:
    """Return a whole number of any type as an int.

    Raises
    ------
    InputError
        Where it is none, or below `least`; `what` says what it counts.
    """
    try:
        whole = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        whole = None
    if whole is None or whole < least:
        raise InputError(f"{name} is {value!r}; it must be {what}, a whole number from {least}")
    return whole


def require_agents(n: int, entitlements: Entitlements) -> None:
    """Check that `n` agents can be compared under `entitlements`.

    Raises
    ------
    InputError
        Where n < 2, or the entitlements are for another number of agents.
    """
    if n < 2:
        raise InputError(f"loads are for {n} agent(s); fairness needs at least two")
    if entitlements is not None and len(entitlements) != n:
        raise InputError(f"entitlements are for {len(entitlements)} agents, but the loads are for {n}")


@lru_cache(maxsize=256)
def shares_of(n: int, entitlements: Entitlements) -> NDArray[np.float64]:
    """Return the share of the whole each agent is entitled to, shape (n,), summing to 1; read-only."""
    require_agents(n, entitlements)
    weights = np.ones(n) if entitlements is None else np.asarray(entitlements) / max(entitlements)
    shares: NDArray[np.float64] = weights / weights.sum()
    shares.setflags(write=False)
    return shares


@lru_cache(maxsize=256)
def exact_shares_of(n: int, entitlements: Entitlements) -> tuple[Fraction, ...]:
    """Return the shares of :func:`shares_of` as fractions (a float stands for its exact binary value)."""
    require_agents(n, entitlements)
    weights = [Fraction(1)] * n if entitlements is None else [Fraction(value) for value in entitlements]
    total = sum(weights)
    return tuple(weight / total for weight in weights)
