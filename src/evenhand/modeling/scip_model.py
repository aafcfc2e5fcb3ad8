"""A :class:`LinearModel` as a SCIP model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow, constant_row


def scip_of(model: LinearModel) -> tuple[Any, list[Any]]:
    """Return the model as a silent ``pyscipopt.Model``, and its variables in order."""
    scip = require("pyscipopt")
    built = scip.Model()
    built.hideOutput()
    variables = [
        built.addVar(
            vtype="I" if integer else "C",
            lb=None if np.isneginf(low) else low,
            ub=None if np.isposinf(high) else high,
            obj=cost,
        )
        for cost, low, high, integer in zip(
            model.costs.tolist(), model.lower.tolist(), model.upper.tolist(), model.integer.tolist(), strict=True
        )
    ]
    matrix = model.matrix
    for row, (low, high) in enumerate(zip(model.row_lower.tolist(), model.row_upper.tolist(), strict=True)):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        total = expression(zip(matrix.indices[entries].tolist(), matrix.data[entries].tolist(), strict=True), variables)
        if low == high:
            built.addCons(total == low)
        elif np.isneginf(low) and np.isposinf(high):
            continue
        elif np.isneginf(low):
            built.addCons(total <= high)
        elif np.isposinf(high):
            built.addCons(total >= low)
        else:
            built.addCons((total <= high) >= low)
    if model.offset:
        built.addObjoffset(model.offset)
    return built, variables


def expression(entries: Any, variables: list[Any], constant: float = 0.0) -> Any:
    """Return the sum of coefficients times variables, given as (column, coefficient) pairs, plus a constant."""
    scip = require("pyscipopt")
    return scip.quicksum(coefficient * variables[column] for column, coefficient in entries) + constant


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
