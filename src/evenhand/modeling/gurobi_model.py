"""A :class:`LinearModel` as a Gurobi model."""

from __future__ import annotations

from typing import Any

import numpy as np

from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel


def gurobi_of(model: LinearModel) -> tuple[Any, Any]:
    """Return the model as a silent ``gurobipy.Model``, and its variables in order."""
    gurobipy = require("gurobipy")
    built = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
    variables = built.addMVar(len(model.costs), lb=model.lower, ub=model.upper, obj=model.costs)
    variables.vtype = np.where(model.integer, "I", "C")
    closed_below, closed_above = np.isfinite(model.row_lower), np.isfinite(model.row_upper)
    for chosen, bound, sense in ((closed_below, model.row_lower, ">"), (closed_above, model.row_upper, "<")):
        if chosen.any():
            built.addMConstr(model.matrix[chosen], variables, sense, bound[chosen])
    built.ObjCon = model.offset
    built.update()
    return built, variables
