"""A Pyomo model as arrays, without the cones of its fairness blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.solve_model import Cone


def linear_model_of(model: Any, blocks: Sequence[Any]) -> tuple[LinearModel, Sequence[Any], bool]:
    """Return a Pyomo model as arrays to be minimised, without the cones of `blocks`; its variables; and its sense.

    Raises
    ------
    InputError
        If the model is not linear, or does not have exactly one objective.
    """
    from pyomo.common.errors import InvalidConstraintError, InvalidExpressionError
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    pyo = require("pyomo.environ")
    objectives = list(model.component_data_objects(pyo.Objective, active=True))
    if len(objectives) != 1:
        raise InputError(f"model has {len(objectives)} active objectives; it must have one")
    maximise = objectives[0].sense == pyo.maximize
    cones = [block.cone for block in blocks if block.component("cone") is not None and block.cone.active]
    for cone in cones:
        cone.deactivate()
    try:
        # Pyomo's mixed form has equalities and inequalities of both directions in one matrix.
        form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    except (InvalidConstraintError, InvalidExpressionError, ValueError) as error:
        raise InputError(f"model is not linear: {error}") from error
    finally:
        for cone in cones:
            cone.activate()
    sense = np.array([row.bound_type for row in form.rows])
    right = np.asarray(form.rhs, dtype=np.float64)
    costs = np.asarray(form.c.toarray(), dtype=np.float64).ravel()
    sign = -1.0 if maximise else 1.0
    bounds = np.array([_bounds(variable) for variable in form.columns], dtype=np.float64).reshape(-1, 2)
    linear = LinearModel(
        sign * costs,
        form.A,
        np.where(sense == 1, -np.inf, right),
        np.where(sense == -1, np.inf, right),
        bounds[:, 0],
        bounds[:, 1],
        np.array([not variable.is_continuous() for variable in form.columns], dtype=bool),
        sign * float(form.c_offset[0]),
    )
    return linear, form.columns, maximise


def in_units(linear: LinearModel, cones: Sequence[Cone], units: Array) -> tuple[LinearModel, list[Cone]]:
    """Return a model and its fairness constraints with each column divided by its unit."""
    scaled = LinearModel(
        linear.costs * units,
        linear.matrix * units,
        linear.row_lower,
        linear.row_upper,
        linear.lower / units,
        linear.upper / units,
        linear.integer,
        linear.offset,
    )
    rows_of: list[Cone] = [
        ([replace(row, coefficients=row.coefficients * units[row.columns]) for row in rows], fairness)
        for rows, fairness in cones
    ]
    return scaled, rows_of


def _bounds(variable: Any) -> tuple[float, float]:
    low, high = variable.bounds
    return -np.inf if low is None else low, np.inf if high is None else high
