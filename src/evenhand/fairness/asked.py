"""Construct a member from names and numbers: from options of the command line, or from keys of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from evenhand.errors import InputError
from evenhand.fairness import targets
from evenhand.fairness.epsilon import EpsilonFairness
from evenhand.fairness.protocol import Fairness
from evenhand.fairness.registry import MEMBERS

TARGETS: dict[str, Callable[[float, int, float], float]] = {
    "jain": targets.epsilon_for_jain,
    "cv": targets.epsilon_for_cv,
    "max_over_mean": targets.epsilon_for_max_over_mean,
}
"""For each name of a target: the function that returns the smallest epsilon of an order that guarantees it."""


def asked_fairness(
    asked: Mapping[str, Any],
    p: float | None,
    n: int,
    entitlements: tuple[float, ...] | None = None,
    *,
    option: Callable[[str], str] = str,
) -> Fairness:
    """Return the member that names and values ask for.

    Parameters
    ----------
    asked
        Values by names of :data:`evenhand.fairness.MEMBERS`; None or absent if not given. Exactly one must be given.
    p
        Order of an epsilon; 2 if None. For another measure, an order asks for the smallest epsilon of this order that
        guarantees the value.
    n
        Number of agents.
    entitlements
        Length n, or None.
    option
        Function that returns a name as the user wrote it, such as ``--jain``, for messages.

    Raises
    ------
    InputError
        If none or several are given, or a value is out of range.

    Examples
    --------
    >>> asked_fairness({"jain": 0.9}, None, 5)
    JainAtLeast(0.9)
    """
    given = {name: value for name, value in asked.items() if value is not None}
    if len(given) != 1:
        names = [option(name) for name in (given or MEMBERS)]
        many = "give exactly one measure of fairness, not" if given else "say how fair it must be: give one of"
        raise InputError(f"{many} {', '.join(names[:-1])} {'and' if given else 'or'} {names[-1]}")
    [(name, value)] = given.items()
    if name == "epsilon":
        return EpsilonFairness(value, 2.0 if p is None else p, entitlements=entitlements)
    if p is None:
        return MEMBERS[name].from_option(value, entitlements)
    if name not in TARGETS:
        raise InputError(f"{option(name)} has no order; leave out {option('p')}")
    if entitlements is not None:
        raise InputError(
            f"{option(name)} with {option('p')} is known for equal agents only; "
            f"leave out {option('p')} or {option('entitlements')}"
        )
    return EpsilonFairness(TARGETS[name](value, n, p), p)
