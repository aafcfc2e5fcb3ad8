"""Entitlements of unequal agents, and the shares of the whole that follow from them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fairness.protocol import Fairness
from evenhand.number_checks import as_number

LARGEST_RATIO = 1e12
"""Upper limit on the ratio of two entitlements: beyond it, the smaller one would be lost to rounding."""

Entitlements = tuple[float, ...] | None
GivenEntitlements = Sequence[float] | NDArray[Any] | Mapping[Any, float] | None
"""What users give: numbers in the order of the agents, or by their names."""

SHOWN = 5
"""Upper limit on the names that an error message lists."""


class NamedEntitlements(tuple[float, ...]):
    """Entitlements by agents' names, in the order in which they were given; :func:`for_agents` orders them.

    Parameters
    ----------
    values
        One positive number per agent.
    names
        Names of these agents, in the same order.
    """

    names: tuple[Any, ...]

    def __new__(cls, values: Iterable[float], names: Iterable[Any]) -> Self:
        """Return the entitlements of agents of these names."""
        self = super().__new__(cls, values)
        self.names = tuple(names)
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Return the arguments with which a copy is created."""
        return tuple(self), self.names

    def __eq__(self, other: object) -> bool:
        """Compare names and numbers: without names, the same numbers would be for agents in a given order."""
        return isinstance(other, NamedEntitlements) and self.names == other.names and super().__eq__(other)

    def __hash__(self) -> int:
        return hash((self.names, tuple(self)))


def checked_entitlements(entitlements: Any) -> Entitlements:
    """Return entitlements as a tuple of floats.

    Parameters
    ----------
    entitlements
        One positive, finite number per agent, in any unit, or a dictionary of them by the agents' names; None if all
        agents are equal. None for one agent means that it is not counted, which only a
        :class:`~evenhand.assignment.rules.rule.Rule` of several can ask.

    Raises
    ------
    InputError
        If a number is not positive and finite, or the largest is too far above the smallest; the message names them.
    """
    if entitlements is None:
        return None
    names = entitlements.names if isinstance(entitlements, NamedEntitlements) else None
    if isinstance(entitlements, Mapping):
        names, entitlements = tuple(entitlements), tuple(entitlements.values())
    try:
        places: Iterable[int | str] = range(len(entitlements)) if names is None else [repr(name) for name in names]
        values = tuple(_checked(place, value) for place, value in zip(places, entitlements, strict=True))
        counted = [value for value in values if value is not None]
    except TypeError:
        raise InputError(f"entitlements is {entitlements!r}; a sequence of one number per agent is needed") from None
    if len(counted) < 2:
        raise InputError(f"entitlements has {len(counted)} value(s); fairness needs at least two agents")
    if max(counted) / min(counted) > LARGEST_RATIO:
        raise InputError(
            f"entitlements range from {min(counted):g} to {max(counted):g}; "
            f"the largest may be at most {LARGEST_RATIO:g} times the smallest"
        )
    return values if names is None else NamedEntitlements(values, names)


def for_agents(fairness: Fairness, names: Iterable[Any] | None) -> Fairness:
    """Return `fairness` with its entitlements, if they are by name, in the order of the agents' `names`.

    Raises
    ------
    InputError
        If entitlements are by name and the agents have no names (None), or other ones.
    """
    entitlements = fairness.entitlements
    if not isinstance(entitlements, NamedEntitlements):
        return fairness
    agents = None if names is None else [str(name) for name in names]
    if agents is None:
        raise InputError(_needs_names(entitlements))
    given = dict(zip((str(name) for name in entitlements.names), entitlements, strict=True))
    for name in given:
        if name not in agents:
            raise InputError(f"entitlements name {name!r}, who is not among the agents ({_listed(agents)})")
    for name in agents:
        if name not in given:
            raise InputError(f"entitlements lack {name!r}; give one for each agent")
    return with_entitlements(fairness, tuple(given[name] for name in agents))


def with_entitlements(fairness: Fairness, entitlements: tuple[float, ...]) -> Fairness:
    """Return the same member with other entitlements, one for each agent."""
    changed: Fairness = dataclasses.replace(fairness, entitlements=entitlements)  # type: ignore[type-var]
    return changed


def _needs_names(entitlements: NamedEntitlements) -> str:
    return (
        f"entitlements are by name ({_listed(entitlements.names)}), loads are not; "
        "give loads by name, in a dictionary, or entitlements in their order"
    )


def _listed(names: Iterable[Any]) -> str:
    written = [str(name) for name in names]
    return ", ".join(written[:SHOWN]) + (", ..." if len(written) > SHOWN else "")


def _checked(position: int | str, value: Any) -> Any:
    if value is None:
        return None
    number = as_number(value)
    if not (math.isfinite(number) and number > 0.0):
        absent = "; leave an agent that is absent out, of the loads or costs too" if number == 0.0 else ""
        raise InputError(
            f"entitlements[{position}] is {value!r}; every entitlement must be a positive, finite number{absent}"
        )
    return number


def require_all_counted(entitlements: Entitlements) -> None:
    """Raise `InputError` if an entitlement is None: not counting an agent is for a rule beside others."""
    if entitlements is not None and None in entitlements:
        raise InputError(
            f"entitlements[{entitlements.index(None)}] is None; only a Rule may leave an agent uncounted, "
            "as in assign(costs, rules=[Rule(burdens, fairness)])"
        )


def require_agents(n: int, entitlements: Entitlements) -> None:
    """Check that `n` agents can be compared under `entitlements`.

    Raises
    ------
    InputError
        If n < 2, or the entitlements are for another number of agents.
    """
    if isinstance(entitlements, NamedEntitlements):
        raise InputError(_needs_names(entitlements))
    if n < 2:
        raise InputError(f"loads are for {n} agent(s); fairness needs at least two")
    if entitlements is not None and len(entitlements) != n:
        raise InputError(f"entitlements are for {len(entitlements)} agents, but the loads are for {n}")
    require_all_counted(entitlements)


@lru_cache(maxsize=256)
def shares_of(n: int, entitlements: Entitlements) -> NDArray[np.float64]:
    """Return the share of the whole that each agent is entitled to, shape (n,), with sum 1; read-only."""
    require_agents(n, entitlements)
    weights = np.ones(n) if entitlements is None else np.asarray(entitlements) / max(entitlements)
    shares: NDArray[np.float64] = weights / weights.sum()
    shares.setflags(write=False)
    return shares


@lru_cache(maxsize=256)
def exact_shares_of(n: int, entitlements: Entitlements) -> tuple[Fraction, ...]:
    """Return the shares of :func:`shares_of` as exact fractions; a float stands for its exact binary value."""
    require_agents(n, entitlements)
    weights = [Fraction(1)] * n if entitlements is None else [Fraction(value) for value in entitlements]
    total = sum(weights)
    return tuple(weight / total for weight in weights)
