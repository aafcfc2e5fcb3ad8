"""Narrow a domain of plans: pairs that cannot be, or must be, in a plan that is wanted."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from evenhand.assignment.rules.row_system import Domain, Relaxed, RowSystem
from evenhand.assignment.rules.ruled_problem import RuledProblem
from evenhand.fairness.protocol import RELATIVE_TOLERANCE


def narrow(system: RowSystem, domain: Domain) -> bool:
    """Close what locked pairs and limits exclude, and lock what is left without a choice; False if nothing is."""
    conflicts = system.conflicts
    handled = np.zeros(domain.locked.shape, np.bool_)
    while True:
        for task, agent in zip(*np.nonzero(domain.locked & ~handled), strict=True):
            others = conflicts.task[conflicts.start[task] : conflicts.start[task + 1]]
            if domain.locked[others, agent].any():
                return False
            domain.open[others, agent] = False
        handled |= domain.locked
        if not _within_limits(system.problem, domain):
            return False
        left = system.needs - domain.locked.sum(axis=1)
        choices = domain.open.sum(axis=1)
        if (choices < left).any() or (left < 0).any():
            return False
        domain.open[left == 0] = False
        forced = (choices == left) & (left > 0)
        if not forced.any():
            return True
        domain.locked[forced] |= domain.open[forced]
        domain.open[forced] = False


def _within_limits(problem: RuledProblem, domain: Domain) -> bool:
    """Close pairs that exceed a limit; return False if locked pairs do, or all open pairs do not reach one."""
    for row in problem.rows:
        if row.fairness is not None:
            continue
        burden = row.burden.T
        carried = row.carried + np.where(domain.locked, burden, 0.0).sum(axis=0)
        most = np.where(np.isfinite(row.most), row.most * (1.0 + 2.0 * RELATIVE_TOLERANCE), np.inf)
        if (carried > most).any():
            return False
        domain.open[domain.open & (carried + burden > most)] = False
        reach = carried + np.where(domain.open, burden, 0.0).sum(axis=0)
        least = np.where(np.isfinite(row.least), row.least * (1.0 - 2.0 * RELATIVE_TOLERANCE), -np.inf)
        if (reach < least).any():
            return False
    return True


def fix_pairs(system: RowSystem, domain: Domain, found: Relaxed, bound: float, limit: float) -> float:
    """Close and lock pairs whose reduced costs leave no choice; return the least bound of what that cuts off."""
    reduced = system.priced(domain, found.best)
    left = system.needs - domain.locked.sum(axis=1)
    ranked = np.sort(reduced, axis=1)
    rows = np.arange(len(reduced))
    last = ranked[rows, np.maximum(left - 1, 0)]
    following = np.where(left < ranked.shape[1], ranked[rows, np.minimum(left, ranked.shape[1] - 1)], np.inf)
    some = (left > 0)[:, np.newaxis] & domain.open
    with np.errstate(invalid="ignore"):
        dearer = found.bound + np.maximum(reduced - last[:, np.newaxis], 0.0)
        without = found.bound + np.maximum(following[:, np.newaxis] - reduced, 0.0)
    closing = some & (dearer >= limit) & (reduced > last[:, np.newaxis])
    locking = some & (without >= limit) & (reduced <= last[:, np.newaxis]) & ~closing
    least = math.inf
    if closing.any():
        least = min(least, float(dearer[closing].min()))
    if locking.any():
        least = min(least, float(without[locking].min()))
    domain.open[closing | locking] = False
    domain.locked[locking] = True
    return max(least, bound)


def largest(system: RowSystem, wished: NDArray[np.float64], domain: Domain) -> NDArray[np.bool_]:
    """Return the plan with the largest entries of `wished`, besides the locked pairs."""
    has = domain.locked.copy()
    left = system.needs - has.sum(axis=1)
    order = np.argsort(-wished, axis=1, kind="stable")
    for task in np.flatnonzero(left):
        has[task, order[task, : left[task]]] = True
    return has


def number_of_plans(system: RowSystem, domain: Domain) -> float:
    """Return an upper limit on the number of plans in a domain."""
    left = system.needs - domain.locked.sum(axis=1)
    choices = np.maximum(domain.open.sum(axis=1), 1)
    return math.exp(min(float((left * np.log(choices)).sum()), 700.0))
