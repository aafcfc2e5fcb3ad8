"""Bounds on the sum of the loads of all fair solutions, from linear relaxations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.fairness import Fairness
from evenhand.modeling.first_rows import first_rows
from evenhand.modeling.highs_master import DEFINED, add_columns
from evenhand.modeling.highs_model import add_matrix, highs_of
from evenhand.modeling.highs_run import run_through
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow, unit_of

MARGIN = 1e-7
"""Relative error of a relaxation's optimum that is allowed for."""


def range_of_total(
    model: LinearModel, rows: Sequence[AffineRow], fairness: Fairness, time_limit: float | None = None
) -> tuple[float, float]:
    """Return bounds on the sum of the loads: those of the relaxation with the first rows of the fairness cone.

    Where a relaxation is not solved, within `time_limit` seconds or at all, the variables' bounds are used instead. If
    the relaxation is infeasible, the least sum is infinite.
    """
    ranges = np.array([row.range(model.lower, model.upper) for row in rows])
    least, most = max(float(ranges[:, 0].sum()), 0.0), float(ranges[:, 1].sum())
    unit = unit_of(rows)
    highs = _relaxation(model, rows, fairness, unit)
    senses = require("highspy").ObjSense
    for sense in (senses.kMinimize, senses.kMaximize):
        highs.changeObjectiveSense(sense)
        if time_limit is not None:
            highs.setOptionValue("time_limit", highs.getRunTime() + 0.5 * time_limit)
        status = run_through(highs)
        if status == "infeasible":
            return math.inf, -math.inf
        if status == "optimal":
            value = float(highs.getInfo().objective_function_value) * unit
            margin = MARGIN * max(abs(value), unit)
            least = max(least, value - margin) if sense == senses.kMinimize else least
            most = min(most, value + margin) if sense == senses.kMaximize else most
    return least, most


def _relaxation(model: LinearModel, rows: Sequence[AffineRow], fairness: Fairness, unit: float) -> Any:
    """Return the relaxation in HiGHS, with the sum of the loads, in `unit`, as its objective."""
    none = np.zeros(len(model.costs))
    highs = highs_of(replace(model, costs=none, offset=0.0, integer=none > 0.0))
    places = add_columns(highs, len(rows))
    for place, row in zip(places.tolist(), rows, strict=True):
        fixed, columns = -row.constant / unit, np.append(row.columns, place).astype(np.int32)
        highs.addRow(fixed, fixed, len(columns), columns, np.append(row.coefficients / unit, DEFINED))
    first = first_rows(fairness, len(rows))
    add_matrix(
        highs, first.matrix, np.concatenate([places, add_columns(highs, first.auxiliaries.shape[1])]), first.upper
    )
    highs.changeColsCost(len(places), places, np.ones(len(places)))
    return highs
