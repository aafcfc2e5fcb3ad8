"""Constraint handlers that separate unfair loads, and a model's own lazy rows, in SCIP's tree."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from weakref import WeakSet

import numpy as np
from pyscipopt import Conshdlr
from pyscipopt.scip import PY_SCIP_RESULT as RESULT

from evenhand.arrays import Array
from evenhand.modeling.linear import LazyRows
from evenhand.modeling.outer_approximation import COARSE, Separator


class _Registry:
    """The handlers of models that may be alive when the interpreter ends."""

    def __init__(self) -> None:
        self._handlers: WeakSet[Any] = WeakSet()
        self._ended = False
        atexit.register(self._leave_all)

    def add(self, handler: Any) -> None:
        """Register the handler of a model; if the interpreter is ending already, release its model at once."""
        self._handlers.add(handler)
        if self._ended:
            self._leave_all()

    def _leave_all(self) -> None:
        self._ended = True
        for handler in self._handlers:
            if handler.model is not None:
                handler.model._freescip = False


left_at_exit = _Registry()
"""The registry of this process."""


VISIBLE = 2e-9
"""Violation of a row that exceeds SCIP's feasibility tolerance."""


class _Handler(Conshdlr):
    """Lazy rows over `variables`, separated when a solution violates them."""

    def __init__(self, variables: Sequence[Any]) -> None:
        self._variables = list(variables)
        self.removed = False

    def _rows(self, solution: Any, *, integral: bool) -> list[tuple[Any, Any, float, float]]:
        """Return (columns, coefficients, lower, upper) of rows that `solution`, None for the relaxation, violates."""
        raise NotImplementedError

    def _allowed(self, solution: Any) -> bool:
        """Return whether an integral `solution` is allowed."""
        raise NotImplementedError

    def _branches(self) -> bool:
        """Return whether an integer variable is left to branch on."""
        return bool(self.model.getPseudoBranchCands()[1] > 0)

    def _values(self, solution: Any) -> Array:
        return np.array([self.model.getSolVal(solution, variable) for variable in self._variables])

    def conscheck(self, constraints: Any, solution: Any, *_: Any, **__: Any) -> dict[str, Any]:
        """Judge a candidate solution."""
        return {"result": RESULT.FEASIBLE if self._allowed(solution) else RESULT.INFEASIBLE}

    def consenfolp(self, constraints: Any, useful: int, infeasible: bool) -> dict[str, Any]:
        """Judge an integral relaxation, and cut it off if it is not allowed."""
        if self._allowed(None):
            return {"result": RESULT.FEASIBLE}
        # If no row cuts the point off, SCIP branches. With all integers fixed, the node holds nothing else: it is
        # pruned.
        left = RESULT.INFEASIBLE if self._branches() else RESULT.CUTOFF
        return {"result": self._add(self._rows(None, integral=True)) or left}

    def consenfops(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Judge a node without a relaxation: if it is not allowed, SCIP branches, or else solves the relaxation."""
        if self._allowed(None):
            return {"result": RESULT.FEASIBLE}
        return {"result": RESULT.INFEASIBLE if self._branches() else RESULT.SOLVELP}

    def conssepalp(self, constraints: Any, useful: int) -> dict[str, Any]:
        """Separate a fractional relaxation."""
        return {"result": self._add(self._rows(None, integral=False)) or RESULT.DIDNOTFIND}

    def conslock(self, constraint: Any, locktype: Any, positive: int, negative: int) -> None:
        """Tell SCIP that raising or lowering any of the variables may violate a row, so that it fixes none of them."""
        for variable in self._variables:
            self.model.addVarLocksType(variable, locktype, positive + negative, positive + negative)

    def _add(self, rows: Sequence[tuple[Any, Any, float, float]]) -> Any:
        """Add globally valid rows; return the result for the node, None if there were no rows."""
        found = None
        for columns, coefficients, lower, upper in rows:
            row = self.model.createEmptyRowUnspec(
                self.name,
                lhs=None if np.isneginf(lower) else float(lower),
                rhs=None if np.isposinf(upper) else float(upper),
                local=False,
                removable=True,
            )
            self.model.cacheRowExtensions(row)
            for column, coefficient in zip(columns, coefficients, strict=True):
                transformed = self.model.getTransformedVar(self._variables[int(column)])
                self.model.addVarToRow(row, transformed, float(coefficient))
            self.model.flushRowExtensions(row)
            cut_off = self.model.addCut(row, forcecut=True)
            if not cut_off:
                self.model.addPoolCut(row)
            self.model.releaseRow(row)
            if cut_off:
                return RESULT.CUTOFF
            found = RESULT.SEPARATED
        return found


class FairHandler(_Handler):
    """Keeps loads in a fairness cone; `variables` are the loads and the auxiliary variables of their cuts."""

    name = "fair"

    def __init__(self, separator: Separator, variables: Sequence[Any]) -> None:
        super().__init__(variables)
        self._separator = separator

    def _allowed(self, solution: Any) -> bool:
        """Return whether loads are fair; if continuous variables affect them, whether no row is visibly violated.

        SCIP can keep such loads in the cone only up to its feasibility tolerance.
        """
        if self.removed or self._separator.satisfied(self._values(solution)[: self._separator.n]):
            return True
        return not self._settled and not self._rows(solution, integral=True)

    @cached_property
    def _settled(self) -> bool:
        """Whether the integer variables determine all loads, directly or through linear equations.

        An equation with one undetermined variable determines that, and so on until nothing changes.
        """
        known = {variable.ptr() for variable in self.model.getVars(False) if variable.vtype() != "CONTINUOUS"}
        equations = [
            {variable.ptr() for variable in self.model.getConsVars(row)}
            for row in self.model.getConss(False)
            if row.isLinear() and self.model.getLhs(row) == self.model.getRhs(row)
        ]
        before = -1
        while len(known) > before:
            before = len(known)
            for equation in equations:
                unknown = equation - known
                if len(unknown) == 1:
                    known |= unknown
        return all(variable.ptr() in known for variable in self._variables[: self._separator.n])

    def _rows(self, solution: Any, *, integral: bool) -> list[tuple[Any, Any, float, float]]:
        values, n = self._values(solution), self._separator.n
        if self.removed or (not integral and self._separator.satisfied(values[:n], COARSE)):
            return []
        columns = range(len(values))
        # SCIP removes rows from its relaxation at will: a row is returned again whenever it is visibly violated.
        rows = self._separator.cuts(values[:n], values[n:], again=True)
        return [(columns, row, 0.0, np.inf) for row in rows if float(row @ values) < -VISIBLE]


class LazyHandler(_Handler):
    """Separates the lazy rows of the user's model."""

    name = "lazy"

    def __init__(self, lazy: LazyRows, variables: Sequence[Any]) -> None:
        super().__init__(variables)
        self._lazy = lazy

    def _allowed(self, solution: Any) -> bool:
        return not self._lazy(self._values(solution), True)

    def _rows(self, solution: Any, *, integral: bool) -> list[tuple[Any, Any, float, float]]:
        return list(self._lazy(self._values(solution), integral))
