"""Column generation: rows that are cheap at the master's prices are added until none improves it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evenhand.applications.rosters.columns.master import Master, Relaxed
from evenhand.applications.rosters.columns.roster_rows import RosterRows

SMOOTHING = 0.7
"""Weight of the prices with the best bound so far in those at which rows are priced; the rest is the master's. Prices
of the master alone jump from end to end (Wentges 1997, Weighted Dantzig-Wolfe decomposition)."""

LEAST_GAIN = 1e-7
"""Reduced cost, relative to the size of the objective and at least 1, below which a row counts as an improvement."""


@dataclass(slots=True)
class Generated:
    """Result of column generation.

    Attributes
    ----------
    relaxed
        The last solution of the master; None if it has none.
    bound
        Lower bound on all plans in which the fixed people keep their rows.
    converged
        Whether no row improves the master any more.
    """

    relaxed: Relaxed | None
    bound: float
    converged: bool


def generate(
    rows: RosterRows, master: Master, fixed: Mapping[int, int], done: Callable[[Relaxed, float], bool]
) -> Generated:
    """Add rows of the people who are not fixed until none improves the master, or until `done`.

    Parameters
    ----------
    rows, master
        All rows, and the master with some of them, fixed for everybody else.
    fixed
        By person, position of the column that they keep.
    done
        Called with the master's solution and the bound so far; ends the generation where it returns True.
    """
    best, best_prices = -math.inf, np.zeros(len(master.lower))
    people = [person for person in master.people.tolist() if person not in fixed]
    kept = [master.columns[k] for k in fixed.values()]
    relaxed = master.solve()
    smoothing = 0.0
    while relaxed is not None:
        least = -LEAST_GAIN * max(1.0, abs(relaxed.objective))
        prices = smoothing * best_prices + (1.0 - smoothing) * relaxed.prices
        bound = master.common_bound(prices)
        bound += sum(column.cost - float(prices[column.at] @ column.values) for column in kept)
        new = []
        for person in people:
            found = rows.cheapest(person, prices)
            if found is None:
                return Generated(None, math.inf, converged=True)
            bound += found.value
            column = rows.column(person, found.shifts)
            if master.reduced_cost(column, relaxed) < least:
                new.append(column)
        if bound > best:
            best, best_prices = bound, prices
        added = master.add(new)
        if not added and smoothing == 0.0:
            return Generated(relaxed, best, converged=True)
        if done(relaxed, best):
            return Generated(relaxed, best, converged=False)
        smoothing = SMOOTHING if added else 0.0
        if added:
            relaxed = master.solve()
    return Generated(None, best, converged=False)
