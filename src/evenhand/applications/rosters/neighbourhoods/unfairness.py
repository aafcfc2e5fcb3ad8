"""By how much loads miss the fairness asked for, fast enough to be asked for every change of one person's load."""

from __future__ import annotations

import numpy as np

from evenhand.applications.rosters.fair_counts import FairCounts
from evenhand.applications.rosters.fairness_rows import allowances
from evenhand.arrays import Array
from evenhand.fairness.shares import shares_of


class Unfairness:
    """Loads of one count, and by how many units of load they miss its member in all; 0 if they are fair.

    Parameters
    ----------
    fair
        The fairness asked for.
    count
        Name of the count.
    """

    def __init__(self, fair: FairCounts, count: str) -> None:
        there, member = fair.loads[count], fair.members[count]
        n = len(there.people)
        self.count, self.member, self.unit = count, member, there.unit
        self.position = {person: position for position, person in enumerate(there.people)}
        self.loads = there.carried.astype(np.float64).copy()
        self._shares = shares_of(n, member.entitlements)
        self._power = member.power_form(n)
        rows = member.rows(n)
        self._rows: Array | None = None
        if rows is not None and not rows.auxiliaries:
            scale = np.abs(rows.loads).max(axis=1)
            self._rows = rows.loads / scale[:, np.newaxis]
            self._slack = self.unit * allowances(member, count, n) * _own(self._rows, n)

    def value(self) -> float:
        """Return by how much the loads miss."""
        return float(self._missed(self.loads[np.newaxis])[0])

    def values(self, person: int, added: Array) -> Array:
        """Return by how much they would miss if a person's load were larger by each of `added` (k,), shape (k,)."""
        distinct, where = np.unique(added, return_inverse=True)
        tried = np.repeat(self.loads[np.newaxis], len(distinct), axis=0)
        tried[:, self.position[person]] += distinct
        missed: Array = self._missed(tried)[where.ravel()]
        return missed

    def _missed(self, loads: Array) -> Array:
        if self._rows is not None:
            missing = np.maximum(0.0, -(loads @ self._rows.T) - self._slack - 1e-9 * self.unit)
            beyond: Array = missing.sum(axis=1) / self.unit
            return beyond
        total = loads.sum(axis=1)
        mean = total / loads.shape[1]
        if self._power is not None:
            order, limit = self._power
            relative = loads / (loads.shape[1] * self._shares) / np.where(mean > 0, mean, 1.0)[:, np.newaxis]
            excess = ((relative**order) @ self._shares) ** (1.0 / order) / limit - 1.0
        else:
            bound = max(self.member.bound(loads.shape[1]), 1e-3)
            excess = np.asarray(self.member.value(loads)) / np.where(mean > 0, mean, 1.0) / bound - 1.0
        return np.where((total > 0) & (excess > 1e-12), np.maximum(excess, 1e-6) * total / self.unit, 0.0)


def _own(rows: Array, n: int) -> Array:
    return np.abs(np.diag(rows) - rows[0, -1]) if len(rows) == n else np.zeros(len(rows))
