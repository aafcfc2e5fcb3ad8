"""Which fairness the options ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evenhand.errors import InputError
from evenhand.tables.table import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evenhand.fairness import Fairness


def read_order(text: str) -> float:
    """Return the order p that `text` names, a number or ``inf``; its range is checked where it is used.

    Raises
    ------
    InputError
        If it is neither.
    """
    try:
        return float(text)
    except ValueError:
        raise InputError(f"--p {shown(text)} must be a number of at least 2, or inf") from None


def asked_fairness(
    options: Mapping[str, float | None], p: str | None, n: int, entitlements: tuple[float, ...] | None
) -> Fairness:
    """Return the member of the family that the options ask for.

    Parameters
    ----------
    options
        Value of each of ``epsilon``, ``jain``, ``cv``, ``max-over-mean``, ``gini``, ``hoover`` and ``range``;
        None where not given. Exactly one must be.
    p
        Order; with a target in other units, the smallest epsilon of this order that guarantees it is taken.
    n
        Number of agents.
    entitlements
        Length n, or None.

    Raises
    ------
    InputError
        If none or several are given, or a value is out of range.
    """
    from evenhand import fairness

    given = {name: value for name, value in options.items() if value is not None}
    if len(given) != 1:
        names = [f"--{name}" for name in (given or options)]
        many = "give exactly one measure of fairness, not" if given else "say how fair it must be: give one of"
        raise InputError(f"{many} {', '.join(names[:-1])} {'and' if given else 'or'} {names[-1]}")
    [(name, value)] = given.items()
    if name == "epsilon":
        order = 2.0 if p is None else read_order(p)
        return fairness.EpsilonFairness(value, order, entitlements=entitlements)
    if p is not None:
        return _through_epsilon(name, value, read_order(p), n, entitlements)
    members: dict[str, Callable[..., Fairness]] = {
        "jain": fairness.JainAtLeast,
        "cv": fairness.CVAtMost,
        "max-over-mean": fairness.MaxOverMean,
        "gini": fairness.GiniAtMost,
        "hoover": fairness.HooverAtMost,
        "range": fairness.RangeAtMost,
    }
    return members[name](value, entitlements=entitlements)


def _through_epsilon(name: str, value: float, p: float, n: int, entitlements: tuple[float, ...] | None) -> Fairness:
    from evenhand.fairness import EpsilonFairness, targets

    ways = {
        "jain": targets.epsilon_for_jain,
        "cv": targets.epsilon_for_cv,
        "max-over-mean": targets.epsilon_for_max_over_mean,
    }
    if name not in ways:
        raise InputError(f"--{name} has no order; leave out --p")
    if entitlements is not None:
        raise InputError(f"--{name} with --p is known for equal agents only; leave out --p or --entitlements")
    return EpsilonFairness(ways[name](value, n, p), p)
