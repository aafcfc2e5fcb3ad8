"""A :class:`LinearModel` as a HiGHS model, and sparse rows in one."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.arrays import Array
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel


def highs_of(model: LinearModel) -> Any:
    """Return the model as a silent ``highspy.Highs``."""
    highspy = require("highspy")
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = model.matrix.shape
    program.col_cost_, program.offset_ = model.costs, model.offset
    program.col_lower_, program.col_upper_ = np.array(model.lower), np.array(model.upper)
    program.row_lower_, program.row_upper_ = np.array(model.row_lower), np.array(model.row_upper)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.num_row_, program.a_matrix_.num_col_ = model.matrix.shape
    program.a_matrix_.start_ = model.matrix.indptr
    program.a_matrix_.index_ = model.matrix.indices
    program.a_matrix_.value_ = model.matrix.data
    if model.integer.any():
        kinds = highspy.HighsVarType
        program.integrality_ = [kinds.kInteger if integer else kinds.kContinuous for integer in model.integer]
    highs = silent_highs()
    highs.passModel(program)
    return highs


def silent_highs() -> Any:
    """Return an empty ``highspy.Highs`` that prints nothing, its banner included."""
    return _silent_class()()


@cache
def _silent_class() -> Any:
    """Return a subclass of HiGHS's class that is silenced before its constructor prints a banner."""

    class SilentHighs(require("highspy").Highs):  # type: ignore[misc]
        def enableCallbacks(self) -> None:  # noqa: N802
            self.silent()
            super().enableCallbacks()

    return SilentHighs


def add_matrix(
    highs: Any, matrix: Any, columns: NDArray[np.int32], upper: NDArray[np.float64] | float = np.inf
) -> None:
    """Add the rows of a compressed sparse row matrix over `columns`, each between 0 and `upper`."""
    rows = matrix.shape[0]
    highs.addRows(
        *(rows, np.zeros(rows), np.array(np.broadcast_to(upper, rows), dtype=np.float64), matrix.nnz),
        *(matrix.indptr[:-1].astype(np.int32), columns[matrix.indices].astype(np.int32), matrix.data),
    )


def add_rows(highs: Any, rows: Array, columns: NDArray[np.int32], upper: Array | float = np.inf) -> None:
    """Add rows over `columns`, each between 0 and `upper`."""
    for row, limit in zip(rows, np.broadcast_to(upper, len(rows)), strict=True):
        kept = row != 0.0
        highs.addRow(0.0, float(limit), int(kept.sum()), columns[kept], row[kept])
