"""How unequal loads are, in every unit that a member bounds: the one place where results get these numbers from.

With entitlements each number is of the relative loads, weighted by the shares, exactly as the member of that name
bounds it. So a plan whose ``cv`` is shown as 0.2 is what ``CVAtMost(0.2)`` with the same entitlements accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from evenhand.fairness.registry import MEMBERS
from evenhand.fairness.selection import Among

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from evenhand.fairness.protocol import Fairness


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Measures of loads over entitlements, or of the loads as they are where all agents are equal.

    Each is the level of the member of its name.

    Attributes
    ----------
    cv
        Population coefficient of variation, from 0 (equal).
    jain
        Jain's index, 1 where equal: 1 / (1 + cv^2).
    gini, hoover
        Gini and Hoover index, from 0 (equal).
    range
        Largest minus smallest, over the mean, from 0 (equal).
    max_over_mean
        Largest over the mean, from 1 (equal).
    least_over_mean
        Smallest over the mean, 1 where equal.
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
        What each agent carries. A solver's loads a rounding error below zero count as zero.
    fairness
        The member that was asked for: it tells the entitlements, and whether only those selected count (see
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
