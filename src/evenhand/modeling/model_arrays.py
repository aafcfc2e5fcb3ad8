"""A model of any library and its loads as arrays, for the functions that treat all libraries alike."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.library_imports import sparse
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow

LIBRARIES = ("cvxpy", "gurobipy", "highspy", "linopy", "pyomo", "pyscipopt")
"""Libraries for which :mod:`evenhand.modeling` has a module of the same name."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrays:
    """A linear model and its loads.

    Attributes
    ----------
    model
        The linear model, to be minimised.
    rows
        The loads, over the model's columns.
    fairness
        The fairness member asked for, with its entitlements in the order of the loads.
    names
        Names of the loads; None if they have none.
    maximise
        Whether the objective was to be maximised, and is negated in `model`.
    """

    model: LinearModel
    rows: Sequence[AffineRow]
    fairness: Fairness
    names: Sequence[Any] | None
    maximise: bool

    @property
    def loads(self) -> tuple[Any, Any]:
        """The matrix of the loads, and their constants."""
        columns = np.concatenate([np.empty(0, dtype=np.int32), *(row.columns for row in self.rows)])
        values = np.concatenate([np.empty(0), *(row.coefficients for row in self.rows)])
        ends = np.cumsum([0, *(len(row.columns) for row in self.rows)])
        shape = len(self.rows), len(self.model.costs)
        return sparse().csr_array((values, columns, ends), shape=shape), np.array([row.constant for row in self.rows])


def library_of(model: Any) -> str | None:
    """Return the name of the library that a model belongs to; None if it is not one of :data:`LIBRARIES`."""
    roots = [kind.__module__.partition(".")[0] for kind in type(model).__mro__]
    return next((root for root in roots if root in LIBRARIES), None)


def arrays_of(model: Any, loads: Any, fairness: Fairness) -> Arrays:
    """Return a model of one of the libraries, and its loads, as arrays.

    Raises
    ------
    InputError
        If the model belongs to none of them, or is not linear.
    """
    library = library_of(model)
    if library is None:
        raise InputError(
            f"model is {type(model).__name__}; give a LinearModel, or a model of {', '.join(LIBRARIES[:-1])} or "
            f"{LIBRARIES[-1]}"
        )
    arrays: Arrays = importlib.import_module(f"evenhand.modeling.{library}").arrays_of(model, loads, fairness)
    return arrays
