"""Compute how unequal loads are, by every measure that a member bounds; all results take these numbers from here.

With entitlements each number is that of the relative loads, weighted by the shares, exactly as the member of that name
bounds it. So a plan with a ``cv`` of 0.2 is one that ``CVAtMost(0.2)`` with the same entitlements accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from evenhand.fairness.protocol import Fairness
from evenhand.fairness.registry import MEMBERS
from evenhand.fairness.selection import Among


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Measures of loads over entitlements, or of the loads themselves if all agents are equal.

    Each is the level of the member with the same name.

    Attributes
    ----------
    cv
        Population coefficient of variation, from 0 (equal).
    jain
        Jain's index, 1 / (1 + cv^2), up to 1 (equal).
    gini, hoover
        Gini and Hoover index, from 0 (equal).
    range
        Largest minus smallest, over the mean, from 0 (equal).
    max_over_mean
        Largest over the mean, from 1 (equal).
    least_over_mean
        Smallest over the mean, up to 1 (equal).
    """

    cv: float
    jain: float
    gini: float
    hoover: float
    range: float
    max_over_mean: float
    least_over_mean: float


def dispersion(loads: ArrayLike, fairness: Fairness | None = None) -> Dispersion:
    """Return every measure of `loads`, shape (n,), as `fairness` compares them.

    Parameters
    ----------
    loads
        The load of each agent. Negative loads, which are rounding errors of a solver, count as zero.
    fairness
        The member that was asked for: it has the entitlements, and says whether only the selected agents count (see
        :func:`evenhand.fairness.selection.among`). None compares the loads as they are.

    Examples
    --------
    Ann is entitled to twice as much as Bo, and carries twice as much:

    >>> from evenhand.fairness import CVAtMost
    >>> dispersion([2.0, 1.0], CVAtMost(0.1, entitlements=(2, 1))).cv
    0.0
    >>> round(dispersion([2.0, 1.0]).cv, 3)
    0.333
    """
    x = np.maximum(np.asarray(loads, dtype=np.float64), 0.0)
    if isinstance(fairness, Among):
        x = x[fairness.carriers(x)]
    shares = None if fairness is None else fairness.entitlements
    found = {}
    for measure in fields(Dispersion):
        member = MEMBERS[measure.name]
        found[measure.name] = float(member.from_option(member.equality, shares).level(x))
    return Dispersion(**found)
