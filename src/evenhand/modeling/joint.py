"""Several fairness constraints of one model, treated as one over all their loads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from evenhand.arrays import Array
from evenhand.fairness.shares import shares_of
from evenhand.modeling.audit import Audit, audit
from evenhand.modeling.forms import Polyhedron
from evenhand.modeling.inner_rows import inner_rows
from evenhand.modeling.library_imports import sparse
from evenhand.modeling.outer_approximation import Separator


class Joint:
    """The cuts of several cones over all their loads, then all their auxiliary variables.

    It has the methods of a :class:`~evenhand.modeling.outer_approximation.Separator` that solvers use.
    """

    def __init__(self, separators: Sequence[Separator]) -> None:
        self._separators = list(separators)
        self.n = sum(one.n for one in separators)
        self.auxiliaries = sum(one.auxiliaries for one in separators)
        loads = np.cumsum([0, *(one.n for one in separators)])
        parts = self.n + np.cumsum([0, *(one.auxiliaries for one in separators)])
        self._loads = [slice(*ends) for ends in pairwise(loads)]
        self._parts = [slice(*ends) for ends in pairwise(parts)]

    @property
    def made(self) -> int:
        """Number of cuts made so far."""
        return sum(one.made for one in self._separators)

    def equalities(self) -> Array:
        """Return rows that must equal 0, shape (e, n + auxiliaries)."""
        return self._gather(lambda one, _: one.equalities())

    def initial(self) -> Array:
        """Return the first rows, shape (r, n + auxiliaries)."""
        return self._gather(lambda one, _: one.initial())

    def satisfied(self, loads: Array, tolerance: float = 0.0) -> bool:
        """Return whether all `loads`, shape (n,), are fair within the larger of `tolerance` and each cone's own."""
        pairs = zip(self._separators, self._loads, strict=True)
        return all(one.satisfied(loads[own], tolerance) for one, own in pairs)

    def hidden(self, loads: Array) -> bool:
        """Return whether `loads`, shape (n,), are so close to all cones that a solver overlooks every violated row."""
        return all(one.hidden(loads[own]) for one, own in zip(self._separators, self._loads, strict=True))

    def cuts(self, loads: Array, auxiliaries: Array | None = None) -> Array:
        """Return new cuts that separate `loads`, shape (n,), from the cones they violate, (r, n + auxiliaries)."""
        point = np.concatenate([loads, np.zeros(self.auxiliaries) if auxiliaries is None else auxiliaries])
        return self._gather(lambda one, at: one.cuts(point[self._loads[at]], point[self._parts[at]]))

    def inner(self, wanted: Array, step: float | None) -> Polyhedron | None:
        """Return rows over all loads, and over new auxiliary variables, that only fair loads satisfy.

        None if every cone is a polyhedron, so that the model has all rows already. The rows should not exclude loads
        close to `wanted`, shape (k, n); see :func:`.inner_rows.inner_rows`.
        """
        pairs = zip(self._separators, self._loads, strict=True)
        found = [(at, inner_rows(one.fairness, one.n, wanted[:, at], step)) for one, at in pairs]
        known = [(at, rows) for at, rows in found if rows is not None]
        if not known:
            return None
        loads = [np.zeros((len(rows.upper), self.n)) for _, rows in known]
        for part, (at, rows) in zip(loads, known, strict=True):
            part[:, at] = rows.loads
        auxiliaries = sparse().block_diag([rows.auxiliaries for _, rows in known], format="csr")
        return Polyhedron(np.vstack(loads), auxiliaries, np.concatenate([rows.upper for _, rows in known]))

    def deviations(self, loads: Array) -> Array:
        """Return the relative deviation of each of all `loads`, shape (n,), from equal loads of its cone, plus 1e-3."""
        parts = []
        for one, own in zip(self._separators, self._loads, strict=True):
            equal = shares_of(one.n, one.fairness.entitlements) * max(float(loads[own].sum()), 1e-9)
            parts.append(np.abs(loads[own] / equal - 1.0) + 1e-3)
        return np.concatenate(parts)

    def rules(self, loads: Array) -> tuple[Audit, ...]:
        """Return the report of each cone on its own part of all `loads`, shape (n,)."""
        pairs = zip(self._separators, self._loads, strict=True)
        return tuple(audit(loads[own], one.fairness) for one, own in pairs)

    def _gather(self, rows_of: Callable[[Separator, int], Array]) -> Array:
        """Return the rows of all cones, padded with zeros to all columns."""
        gathered = [np.empty((0, self.n + self.auxiliaries))]
        for at, one in enumerate(self._separators):
            own = rows_of(one, at)
            rows = np.zeros((len(own), self.n + self.auxiliaries))
            rows[:, self._loads[at]], rows[:, self._parts[at]] = own[:, : one.n], own[:, one.n :]
            gathered.append(rows)
        return np.vstack(gathered)
