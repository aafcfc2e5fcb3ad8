"""A :class:`LinearModel` as a SCIP model."""

from __future__ import annotations

from typing import Any

import numpy as np

from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel


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
