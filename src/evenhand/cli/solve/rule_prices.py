"""The options that give a roster's rules, and extra people, a price."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from evenhand.applications.rosters import RULES, RosterProblem
from evenhand.errors import InputError, choices
from evenhand.tables.cost_table import shown
from evenhand.tables.numbers import to_number


def with_prices(problem: RosterProblem, prices: Sequence[str], over_cost: float | None) -> RosterProblem:
    """Return the problem with prices of rules, and another cost of people above the preferred number.

    Parameters
    ----------
    problem
        The problem.
    prices
        Values of ``--price``, such as ``longest-run=50``.
    over_cost
        Value of ``--over-cost``; None to leave all as it is.

    Raises
    ------
    InputError
        If a value cannot be used.
    """
    found, given = dict(problem.prices), set[str]()
    for value in prices:
        name, equals, number = value.partition("=")
        rule = name.strip().replace("-", "_")
        if not equals:
            raise InputError(f"--price {shown(value)} has no '='; write it like --price longest-run=50")
        if rule not in RULES:
            known = [one.replace("_", "-") for one in RULES]
            raise InputError(f"--price {shown(value)}: no rule {shown(name)}; {choices(name, known, quoted=False)}")
        if rule in given:
            raise InputError(f"--price {shown(value)}: {shown(name)} has a price already; give it one")
        given.add(rule)
        try:
            found[rule] = to_number(number)
        except ValueError:
            raise InputError(f"--price {shown(value)}: {shown(number)} is not a number") from None
        if not found[rule] >= 0:
            raise InputError(f"--price {shown(value)}: {shown(number)} must be a number of at least 0")
    cover = problem.cover
    if over_cost is not None:
        if over_cost < 0:
            raise InputError(f"--over-cost is {over_cost:g}; it must be at least 0")
        cover = tuple(dataclasses.replace(need, over_cost=over_cost) for need in cover)
    return dataclasses.replace(problem, prices=found, cover=cover)
