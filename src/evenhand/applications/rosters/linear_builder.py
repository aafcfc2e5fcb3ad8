"""Collect variables and rows of a linear model one by one."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from evenhand.modeling.library_imports import sparse
from evenhand.modeling.linear import LinearModel


class Expression:
    """A sum of variables with coefficients, and a constant."""

    __slots__ = ("constant", "terms")

    def __init__(self, terms: dict[int, float] | None = None, constant: float = 0.0) -> None:
        self.terms = {} if terms is None else terms
        self.constant = constant

    def add(self, other: Expression, factor: float = 1.0) -> Expression:
        """Add a multiple of another expression to this one, and return this one."""
        for column, coefficient in other.terms.items():
            self.terms[column] = self.terms.get(column, 0.0) + factor * coefficient
        self.constant += factor * other.constant
        return self

    @classmethod
    def sum(cls, parts: Iterable[Expression]) -> Expression:
        """Return the sum of several expressions."""
        total = cls()
        for part in parts:
            total.add(part)
        return total


class LinearBuilder:
    """Variables and rows of a model that is to be minimised."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.integer: list[bool] = []
        self.offset = 0.0
        self._row: list[int] = []
        self._column: list[int] = []
        self._value: list[float] = []
        self.row_lower: list[float] = []
        self.row_upper: list[float] = []

    def variable(
        self, cost: float = 0.0, lower: float = 0.0, upper: float = np.inf, *, integer: bool = False
    ) -> Expression:
        """Add a variable, and return it."""
        self.costs.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        self.integer.append(integer)
        return Expression({len(self.costs) - 1: 1.0})

    def binary(self) -> Expression:
        """Add a variable that is 0 or 1."""
        return self.variable(0.0, 0.0, 1.0, integer=True)

    def cost(self, expression: Expression, price: float) -> None:
        """Add the price times an expression to the objective."""
        for column, coefficient in expression.terms.items():
            self.costs[column] += price * coefficient
        self.offset += price * expression.constant

    def row(self, expression: Expression, lower: float = -np.inf, upper: float = np.inf) -> None:
        """Add the row lower <= expression <= upper; the row is kept if it has no variables, too."""
        position = len(self.row_lower)
        for column, coefficient in expression.terms.items():
            if coefficient:
                self._row.append(position)
                self._column.append(column)
                self._value.append(coefficient)
        self.row_lower.append(lower - expression.constant)
        self.row_upper.append(upper - expression.constant)

    def model(self) -> LinearModel:
        """Return the model."""
        shape = (len(self.row_lower), len(self.costs))
        matrix = sparse().csr_array((self._value, (self._row, self._column)), shape=shape)
        return LinearModel(
            self.costs, matrix, self.row_lower, self.row_upper, self.lower, self.upper, self.integer, self.offset
        )
