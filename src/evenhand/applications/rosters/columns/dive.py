"""Dive from a solution of the master to a plan: fix rows with large weights, generate rows for the rest, repeat."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evenhand.applications.rosters.columns.generation import generate
from evenhand.applications.rosters.columns.master import Master, Relaxed
from evenhand.applications.rosters.columns.roster_rows import RosterRows
from evenhand.arrays import Array

ROUNDS = 8
"""Upper limit on the rounds of generation after each step of a dive."""

FIRM = 0.8
"""Weight from which a column is fixed together with the largest one."""


def dive(
    rows: RosterRows,
    master: Master,
    fixed: dict[int, int],
    relaxed: Relaxed,
    stop: Callable[[float], bool],
    random: np.random.Generator,
) -> dict[int, int] | None:
    """Return the position of a column for each person; None if the dive was stopped or failed.

    Parameters
    ----------
    rows, master
        All rows, and the master, fixed as `fixed` says.
    fixed
        Positions of columns by person; changed in place.
    relaxed
        The master's solution.
    stop
        Called with the master's objective after each step; ends the dive where it returns True.
    random
        Breaks ties.
    """
    now: Relaxed | None = relaxed
    while now is not None and len(fixed) < len(master.people):
        if stop(now.objective):
            return None
        _fix_next(master, fixed, now.weights * (1.0 + 1e-6 * random.random(len(now.weights))))
        master.fix(fixed)
        rounds = 0

        def done(_: Relaxed, __: float) -> bool:
            nonlocal rounds
            rounds += 1
            return rounds >= ROUNDS

        now = generate(rows, master, fixed, done).relaxed
    return fixed if now is not None and not stop(now.objective) else None


def _fix_next(master: Master, fixed: dict[int, int], weights: Array) -> None:
    """Fix the column of a free person with the largest weight, and all others that are nearly whole."""
    free = [k for k in np.argsort(-weights).tolist() if master.columns[k].person not in fixed]
    for k in free:
        if k != free[0] and weights[k] < FIRM:
            break
        fixed.setdefault(master.columns[k].person, k)
