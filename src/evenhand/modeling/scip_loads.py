"""Loads that are expressions of a SCIP model: checks, conversion to rows, and variables equal to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.modeling.loads import AffineRow, constant_row


def row_of(position: int, load: Any, places: dict[int, int], known: dict[int, Any] | None = None) -> AffineRow:
    """Return a load as a row over columns; `places` maps variables, by their pointers, to columns, and is extended.

    Raises
    ------
    InputError
        If the load is not affine, or uses a variable that is not among those `known`, if these are given.
    """
    fixed = constant_row(position, load)
    if fixed is not None:
        return fixed
    terms = getattr(load, "terms", None)
    if terms is None or not hasattr(load, "degree"):
        raise InputError(f"loads[{position}] is {type(load).__name__}; give an affine expression of the SCIP model")
    if load.degree() > 1:
        raise InputError(f"loads[{position}] has degree {load.degree()}; fairness is of affine expressions")
    columns, coefficients, constant = [], [], 0.0
    for term, coefficient in terms.items():
        if not term.vartuple:
            constant += coefficient
            continue
        (variable,) = term.vartuple
        if known is not None and variable.ptr() not in known:
            raise InputError(f"loads[{position}] uses {variable.name!r}, a variable of another model")
        columns.append(places.setdefault(variable.ptr(), len(places)))
        coefficients.append(coefficient)
    return AffineRow.of(columns, coefficients, constant)


def bounds_of(model: Any, variables: Sequence[Any]) -> tuple[Array, Array]:
    """Return the bounds of variables as arrays, with infinity in the place of SCIP's large number for it."""
    lower = [-np.inf if model.isInfinity(-bound) else bound for bound in (x.getLbOriginal() for x in variables)]
    upper = [np.inf if model.isInfinity(bound) else bound for bound in (x.getUbOriginal() for x in variables)]
    return np.array(lower), np.array(upper)


def load_variable(model: Any, load: Any, unit: float) -> Any:
    """Return a new non-negative variable equal to `load` divided by `unit`."""
    variable = model.addVar(lb=0.0)
    model.addCons(variable == load * (1.0 / unit))
    return variable
