"""Loads that can only take equally spaced values, because all their variables are integer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.modeling.loads import AffineRow

FINEST = 10_000
"""Largest denominator of a coefficient: 0.0001 hours is a step, and 1 / 7 too, but a Euclidean distance is none."""

EXACT = 1e-12
"""Relative error within which a coefficient is such a fraction."""


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Values ``offset + step * k`` of a load, for integers k: ``k = multiples @ x[columns]``.

    Attributes
    ----------
    offset
        Constant of the load, such as what an agent carries from before.
    step
        Distance of neighbouring values, positive.
    columns, multiples
        Columns of integer variables, and their integer coefficients in k.
    """

    offset: float
    step: Fraction
    columns: NDArray[np.int32]
    multiples: Array

    def range(self, lower: Array, upper: Array) -> tuple[float, float]:
        """Return the least and the largest k within the bounds of the variables."""
        return AffineRow(self.columns, self.multiples).range(lower, upper)


def lattices_of(rows: Sequence[AffineRow], integer: NDArray[np.bool_]) -> list[Lattice] | None:
    """Return the lattice of each load; None if a variable is not integer, or coefficients have no common step."""
    found = [_lattice(row, integer) for row in rows]
    return None if any(one is None for one in found) else found  # type: ignore[return-value]


def common_step(steps: Sequence[Fraction]) -> Fraction:
    """Return the largest number of which all `steps` are integer multiples."""
    denominator = math.lcm(*(step.denominator for step in steps))
    return Fraction(math.gcd(*(int(step * denominator) for step in steps)), denominator)


def _lattice(row: AffineRow, integer: NDArray[np.bool_]) -> Lattice | None:
    if not integer[row.columns].all():
        return None
    coefficients = [_fraction(value) for value in row.coefficients.tolist()]
    if not coefficients:
        return Lattice(row.constant, Fraction(1), row.columns, row.coefficients)
    known = [value for value in coefficients if value is not None]
    if len(known) < len(coefficients):
        return None
    step = common_step(known)
    return Lattice(row.constant, step, row.columns, np.array([float(value / step) for value in known]))


def _fraction(value: float) -> Fraction | None:
    """Return the number as a fraction with a small denominator; None if there is none so near."""
    fraction = Fraction(value).limit_denominator(FINEST)
    return fraction if fraction and abs(float(fraction) - value) <= EXACT * abs(value) else None
