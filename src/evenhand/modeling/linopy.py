"""Fairness in linopy models.

>>> import linopy
>>> from evenhand import EpsilonFairness
>>> from evenhand.modeling.linopy import fair
>>> model = linopy.Model()
>>> hours = model.add_variables(lower=0, coords=[range(3)], name="hours")
>>> _ = model.add_constraints(hours.sum() == 12)
>>> model.add_objective((hours * [1, 2, 4]).sum())
>>> answer = fair(model, hours, EpsilonFairness(0.9, p=2)).solve()
>>> answer.status, hours.solution.values.round(3).tolist()
('optimal', [5.284, 4.321, 2.395])
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.first_rows import first_rows
from evenhand.modeling.forms import Polyhedron
from evenhand.modeling.library_imports import require, sparse
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import (
    AffineRow,
    check_loads,
    check_ranges,
    constant_row,
    listed,
    names_of,
    require_model,
    require_present,
    unit_of,
)
from evenhand.modeling.model_arrays import Arrays
from evenhand.modeling.outer_approximation import TOLERANCE, Separator, check_limits, left_of
from evenhand.modeling.rounds import Progress
from evenhand.modeling.solution import FairSolution, as_maximised
from evenhand.modeling.solve_model import solve_cones
from evenhand.modeling.square_search import family_of


class FairCone:
    """A fairness constraint in a linopy model; :meth:`solve` solves the model under it."""

    def __init__(
        self, model: Any, loads: Sequence[AffineRow], fairness: Fairness, *, cuts: str, tolerance: float = TOLERANCE
    ) -> None:
        self._model, self.fairness, self._loads = model, fairness, loads  # columns of the rows are linopy's labels
        self.removed = False
        self._options: dict[str, Any] = {"cuts": cuts, "tolerance": tolerance}
        Separator(
            fairness, len(loads), family_of(cuts), tolerance
        )  # raises for unknown families now, not only in solve()
        self._rows_stated: list[str] = []
        self._variables_stated: list[str] = []
        self._state(first_rows(fairness, len(loads)))

    def solve(
        self,
        *,
        solver: str = "highs",
        gap: float = 1e-4,
        time_limit: float | None = None,
        progress: Callable[[Progress], None] | None = None,
        others: Sequence[FairCone] = (),
    ) -> FairSolution:
        """Solve the model with fair loads, and write the solution into its variables.

        Parameters
        ----------
        solver
            ``highs``, ``scip`` or ``gurobi``.
        gap
            Relative gap that must be proven.
        time_limit
            Seconds; None for no limit.
        progress
            Function that is called with progress reports.
        others
            Other fairness constraints of the same model, which must hold too.

        Returns
        -------
        FairSolution
            The solution, with ``values`` in the order of ``model.matrices.vlabels``. The model's variables and its
            objective get their values too, as after ``model.solve()``.

        Raises
        ------
        InputError
            If the model's objective is quadratic, or a variable of the loads or a constraint was removed.
        """
        check_limits(gap, time_limit)
        require_present([self, *others])
        start = time.perf_counter()
        matrices = self._model.matrices
        labels = np.asarray(matrices.vlabels)
        maximise = self._model.objective.sense == "max"
        linear = linear_model_of(self._model)
        cones = [(_over_columns(cone._loads, labels), cone.fairness) for cone in (self, *others)]
        for rows, _ in cones:
            check_ranges(rows, linear.lower, linear.upper)
        limits = {"gap": gap, "time_limit": left_of(time_limit, start), "progress": progress}
        solution = solve_cones(linear, cones, solver=solver, limits=limits, **self._options)
        solution = as_maximised(solution) if maximise else solution
        self._write_back(labels, solution)
        return solution

    def remove(self) -> None:
        """Remove the constraint from the model, with all variables and rows that it has added."""
        for name in self._rows_stated:
            self._model.remove_constraints(name)
        for name in self._variables_stated:
            self._model.remove_variables(name)
        self._rows_stated, self._variables_stated, self.removed = [], [], True

    def _state(self, rows: Polyhedron) -> None:
        """Add rows for ``model.solve()`` over new variables: the loads, divided by their unit, and auxiliaries."""
        model, array = self._model, require("xarray").DataArray
        unit = unit_of(self._loads)
        kept = [model.add_variables(lower=0.0, coords=[range(size)]) for size in rows.auxiliaries.shape[1:] if size]
        loads = model.add_variables(lower=0.0, coords=[range(len(self._loads))])
        self._variables_stated = [one.name for one in (*kept, loads)]
        own = loads.labels.values.tolist()
        defined = [
            (np.append(row.columns, place), np.append(row.coefficients / unit, -1.0), -row.constant / unit)
            for place, row in zip(own, self._loads, strict=True)
        ]
        columns = np.array([*own, *(label for one in kept for label in one.labels.values.tolist())], dtype=int)
        self._add([(labels, weights) for labels, weights, _ in defined], array([side for *_, side in defined]), "=")
        stated = [(columns[places], coefficients, upper) for places, coefficients, upper in rows.terms()]
        for sign, upper in (("=", 0.0), (">=", np.inf)):
            self._add([(labels, weights) for labels, weights, limit in stated if limit == upper], 0.0, sign)

    def _add(self, rows: Sequence[tuple[Any, Any]], side: Any, sign: str) -> None:
        """Add rows of labels and weights as one constraint of the model."""
        if not rows:
            return
        shape = len(rows), max(len(weights) for _, weights in rows)
        labels, coefficients = np.full(shape, -1), np.full(shape, np.nan)
        for at, (places, weights) in enumerate(rows):
            labels[at, : len(weights)], coefficients[at, : len(weights)] = places, weights
        dims = "dim_0", "_term"
        data = {"coeffs": (dims, coefficients), "vars": (dims, labels), "const": (dims[:1], np.zeros(len(rows)))}
        total = require("linopy").LinearExpression(require("xarray").Dataset(data), self._model)
        self._rows_stated.append(self._model.add_constraints(total, sign, side).name)

    def _write_back(self, labels: NDArray[Any], solution: FairSolution) -> None:
        """Give the model's variables and objective their values, as linopy does after a solve."""
        array = require("xarray").DataArray
        self._model.status = "ok" if solution.values is not None else "warning"
        self._model.termination_condition = solution.status
        if solution.values is None:
            return
        values = np.full(int(labels.max()) + 2, np.nan)  # the last entry is for the label -1, a masked variable
        values[labels] = solution.values
        for _, variable in self._model.variables.items():
            variable.solution = array(values[variable.labels.values], variable.coords, dims=variable.dims)
        self._model.objective._value = solution.objective


def fair(model: Any, loads: Any, fairness: Fairness, *, cuts: str = "auto", tolerance: float = TOLERANCE) -> FairCone:
    """Bound the dispersion of `loads` in a linopy model.

    Linear members are added as rows, which also hold in ``model.solve()``. Other members need cuts: call the result's
    ``solve()``, which passes the model to HiGHS, SCIP or Gurobi and writes the solution back. Some first rows are added
    at once: with these, ``model.solve()`` finds nearly fair loads (see :mod:`.first_rows`), and
    :func:`~evenhand.modeling.audit` reports how fair they are.

    Parameters
    ----------
    model
        A ``linopy.Model``, continuous or integer, with a linear objective.
    loads
        A variable or linear expression with one entry per agent, or a sequence of such and of numbers. The constraint
        also keeps loads non-negative. An entry with only masked variables is not an agent, and has no entitlement.
    fairness
        A member of :mod:`evenhand.fairness`.
    cuts
        ``auto``, ``squares`` or a family of cuts; see :func:`~evenhand.modeling.solve_fair_milp`.
    tolerance
        Relative excess of the measure over its bound that is tolerated.

    Returns
    -------
    FairCone
        The constraint.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    MissingExtraError
        If linopy is missing.
    """
    entries, fairness, _ = _rows(model, loads, fairness)
    return FairCone(model, entries, fairness, cuts=cuts, tolerance=tolerance)


def arrays_of(model: Any, loads: Any, fairness: Fairness) -> Arrays:
    """Return a linopy model and its loads as arrays."""
    entries, fairness, names = _rows(model, loads, fairness)
    rows = _over_columns(entries, np.asarray(model.matrices.vlabels))
    return Arrays(linear_model_of(model), rows, fairness, names, maximise=model.objective.sense == "max")


def _rows(model: Any, loads: Any, fairness: Fairness) -> tuple[list[AffineRow], Fairness, list[Any] | None]:
    """Return the loads as rows over linopy's labels, the member with entitlements in their order, and their names."""
    linopy = require("linopy")
    require_model(model, linopy.Model, "a linopy.Model")
    names = names_of(loads)
    if isinstance(loads, linopy.Variable | linopy.LinearExpression):
        parts = [("loads", loads)]
        names = _names_along(loads)
    else:
        parts = [(f"loads[{position}]", load) for position, load in enumerate(listed(loads, fairness))]
    entries: list[AffineRow] = []
    for position, (name, part) in enumerate(parts):
        fixed = constant_row(position, part)
        entries += _entries(linopy, model, name, part) if fixed is None else [fixed]
    names = names if names and len(names) == len(entries) else None
    _, fairness = check_loads(entries, fairness, names)
    return entries, fairness, names


def linear_model_of(model: Any) -> LinearModel:
    """Return a linopy model as arrays to be minimised.

    Raises
    ------
    InputError
        If the objective is quadratic, or the model has special constraints or variables that a linear model lacks.
    """
    if not model.is_linear:
        raise InputError("the objective of model is quadratic; cuts need a linear one (CVXPY takes quadratic ones)")
    for kind in ("sos", "semi_continuous"):
        for name in getattr(model.variables, kind, ()):
            raise InputError(f"variable {name!r} of model is {kind.replace('_', '-')}; write it with binaries")
    if len(getattr(model, "indicator_constraints", ())):
        raise InputError("model has indicator constraints; write them with binaries")
    matrices = model.matrices
    sense, right = np.asarray(matrices.sense), np.asarray(matrices.b, dtype=np.float64)
    costs = np.asarray(matrices.c, dtype=np.float64)
    return LinearModel(
        -costs if model.objective.sense == "max" else costs,
        sparse().csr_array((0, len(costs))) if matrices.A is None else matrices.A,  # linopy has None for no rows
        np.where(sense == "<", -np.inf, right),
        np.where(sense == ">", np.inf, right),
        matrices.lb,
        matrices.ub,
        np.isin(np.asarray(matrices.vtypes), ["B", "I"]),
    )


def _over_columns(loads: Sequence[AffineRow], labels: NDArray[Any]) -> list[AffineRow]:
    """Convert rows over linopy's labels to rows over the model's columns, whose labels are given in order."""
    place = {label: column for column, label in enumerate(labels.tolist())}
    rows = []
    for position, row in enumerate(loads):
        columns = [place.get(label) for label in row.columns.tolist()]
        if None in columns:
            raise InputError(f"load {position} uses a variable that was removed from model; call fair() anew")
        rows.append(AffineRow.of(columns, row.coefficients, row.constant))
    return rows


def _entries(linopy: Any, model: Any, name: str, load: Any) -> list[AffineRow]:
    """Return each entry of a load that is not masked, as a row over linopy's labels."""
    if isinstance(load, linopy.QuadraticExpression):
        raise InputError(f"{name} is quadratic; fairness is of affine expressions")
    if not isinstance(load, linopy.Variable | linopy.LinearExpression):
        raise InputError(f"{name} is {type(load).__name__}; give a variable or a linear expression of the model")
    if load.model is not model:
        raise InputError(f"{name} is an expression of another model")
    if isinstance(load, linopy.Variable):
        return [AffineRow.of([label], [1.0]) for label in load.labels.values.reshape(-1).tolist() if label >= 0]
    labels, weights = (array.transpose(..., "_term") for array in (load.vars, load.coeffs))
    constants, _ = require("xarray").broadcast(load.const, labels, exclude=["_term"])
    fixed = constants.transpose(*labels.dims[:-1]).values.reshape(-1)
    shape = len(fixed), labels.sizes["_term"]  # a constant expression has no terms
    entries = zip(fixed.tolist(), labels.values.reshape(shape), weights.values.reshape(shape), strict=True)
    rows = [_entry(f"{name}, entry {at}" if labels.ndim > 1 else name, *entry) for at, entry in enumerate(entries)]
    return [row for row in rows if row is not None]


def _names_along(loads: Any) -> list[Any] | None:
    """Return the coordinates of the loads that are not masked; None unless they have exactly one dimension."""
    dimensions = [dimension for dimension in loads.dims if dimension != "_term"]
    if len(dimensions) != 1 or dimensions[0] not in loads.coords:
        return None
    labels = loads.labels if hasattr(loads, "labels") else loads.vars.max("_term")
    return [
        name
        for name, label in zip(loads.coords[dimensions[0]].values.tolist(), labels.values.tolist(), strict=True)
        if label >= 0
    ]


def _entry(name: str, constant: float, labels: NDArray[Any], weights: NDArray[Any]) -> AffineRow | None:
    """Return one entry as a row over linopy's labels; None if it is masked."""
    live = labels >= 0
    if np.isnan(constant) or (labels.size and not live.any()):
        if constant and np.isfinite(constant):
            raise InputError(
                f"{name} is {constant:g} and masked variables; mask the whole, or give the number by itself"
            )
        return None
    if not (np.isfinite(constant) and np.isfinite(weights[live]).all()):
        raise InputError(f"{name} holds a number that is not finite")
    return AffineRow.of(labels[live], weights[live], constant)
