r"""Other linear models of fairness as rows and columns of a :class:`LinearModel`, for any solver, and with integers.

Each function returns a new model: the columns of the given one, followed by those that it adds. Four measures of loads
(less is better) can be bounded or minimised, in the unit of the loads (those of :mod:`evenhand.fairness` are relative
to the mean); n is the number of agents. If agents have entitlements, relative loads take the place of loads:

==================  ==========================================  ============================================
``largest``         :math:`\max_i x_i` (minimax)                n rows
``range``           :math:`\max_i x_i - \min_i x_i`             2 n + 1 rows
``mean_deviation``  :math:`\frac1n \sum_i |x_i - \bar x|`       n + 1 rows
``mean_difference`` :math:`\frac{1}{2n^2} \sum_{ij}|x_i-x_j|`   n (n - 1) / 2 + 1 rows
==================  ==========================================  ============================================

The least utility (maximin) can be bounded from below or maximised. Members of :mod:`evenhand.fairness` that are linear
(p = inf, the largest over the mean; range, Hoover, Gini; equality) become rows by :func:`with_fairness`. Formulas are
those of V. Xinying Chen and J. N. Hooker, A guide to formulating fairness in an optimization model, Annals of
Operations Research 326, 2023.

Examples
--------
Twelve hours for two agents, of whom the second costs twice as much: cheapest plan, bounded range, least range.

>>> from evenhand.modeling.solve_model import solve_fair_milp
>>> model = LinearModel([1.0, 2.0], [[1.0, 1.0]], 12, 12, upper=10)
>>> loads = [[1.0, 0.0], [0.0, 1.0]]
>>> for one in (model, bound(model, loads, "range", 4), minimise(model, loads, "range")):
...     answer = solve_fair_milp(one, padded(loads, one), None)
...     print(answer.loads.round(6).tolist())
[10.0, 2.0]
[8.0, 4.0]
[6.0, 6.0]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evenhand.arrays import Array
from evenhand.errors import InputError, choices
from evenhand.fairness import Fairness, GiniAtMost, HooverAtMost, MaxOverMean, RangeAtMost
from evenhand.modeling.epigraphs import LinearEpigraph, epigraph_of
from evenhand.modeling.forms import Polyhedron, form_of
from evenhand.modeling.library_imports import sparse
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import check_loads, check_ranges, rows_of

__all__ = ["bound", "bound_least", "maximise_least", "minimise", "padded", "with_fairness"]


@dataclass(frozen=True, slots=True)
class _Measure:
    """A measure as a multiple of that of a fairness member, which is created at the parameter `equality`."""

    member: type[Any]
    equality: float
    multiple: float


MEASURES = {
    "largest": _Measure(MaxOverMean, 1.0, 1.0),
    "range": _Measure(RangeAtMost, 0.0, 1.0),
    "mean_deviation": _Measure(HooverAtMost, 0.0, 2.0),
    "mean_difference": _Measure(GiniAtMost, 0.0, 1.0),
}
"""The measures of loads, by name."""


def bound(model: LinearModel, loads: Any, measure: str, limit: float, *, entitlements: Any = None) -> LinearModel:
    """Return the model with a bound on a measure of its loads: at most `limit`, in the unit of the loads.

    Parameters
    ----------
    model
        A linear model.
    loads
        Matrix, shape (n, k), dense or sparse, or a pair of it and n constants. The rows also keep loads non-negative.
    measure
        ``largest``, ``range``, ``mean_deviation`` or ``mean_difference``.
    limit
        Bound on the measure, at least 0; absolute, unlike that of :class:`~evenhand.fairness.RangeAtMost`, which is
        relative to the mean.
    entitlements
        One positive number per agent; None if all are equal.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    """
    if not 0.0 <= limit < np.inf:
        raise InputError(f"limit is {limit!r}; it must be a finite number, at least 0")
    return _with_measure(model, loads, measure, entitlements, upper=limit, costs=model.costs, weight=0.0)


def minimise(
    model: LinearModel, loads: Any, measure: str, *, weight: float | None = None, entitlements: Any = None
) -> LinearModel:
    """Return the model with a measure of its loads as objective, alone or added to its costs.

    Parameters
    ----------
    model, loads, measure, entitlements
        As for :func:`bound`.
    weight
        Cost of a unit of the measure, above 0; None leaves the model's own costs out.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    """
    costs = _costs(model, weight)
    return _with_measure(
        model, loads, measure, entitlements, upper=np.inf, costs=costs, weight=1.0 if weight is None else weight
    )


def bound_least(model: LinearModel, utilities: Any, limit: float) -> LinearModel:
    """Return the model with every utility at least `limit`; other arguments are those of :func:`maximise_least`."""
    if not np.isfinite(limit):
        raise InputError(f"limit is {limit!r}; it must be a finite number")
    matrix, constants = _affine(utilities, len(model.costs))
    return _extended(model, model.costs, model.offset, matrix, limit - constants, np.full(len(constants), np.inf))


def maximise_least(model: LinearModel, utilities: Any, *, weight: float | None = None) -> LinearModel:
    """Return the model that maximises the least utility, alone or together with its costs.

    The objective, to be minimised, is minus the weight times the least utility, plus the costs if `weight` is given.

    Parameters
    ----------
    model
        A linear model.
    utilities
        Matrix, shape (n, k), dense or sparse, or a pair of it and n constants; of any sign.
    weight
        Value of a unit of the least utility, above 0; None leaves the model's own costs out.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    """
    costs = _costs(model, weight)
    matrix, constants = _affine(utilities, len(model.costs))
    n = len(constants)
    rows = sparse().hstack([matrix, np.full((n, 1), -1.0)], format="csr")
    return _extended(
        model,
        np.append(costs, -1.0 if weight is None else -weight),
        0.0 if weight is None else model.offset,
        rows,
        -constants,
        np.full(n, np.inf),
        lower=[-np.inf],
        upper=[np.inf],
    )


def with_fairness(model: LinearModel, loads: Any, fairness: Fairness) -> LinearModel:
    """Return the model with a linear fairness member written as rows.

    Parameters
    ----------
    model, loads
        As for :func:`bound`.
    fairness
        A linear member: infinite order, largest over mean, range, Hoover or Gini; or any member that asks for equality.

    Raises
    ------
    InputError
        If the member is not linear, or another argument cannot be used.
    """
    rows = rows_of(loads, len(model.costs))
    check_loads(rows, fairness)
    form = form_of(fairness, len(rows))
    if not isinstance(form, Polyhedron):
        raise InputError(f"fairness is {fairness!r}, which is not linear; use solve_fair_milp")
    model = _with_nonnegative(model, loads)
    matrix, constants = _affine(padded(loads, model), len(model.costs))
    fixed = form.loads @ constants
    width = form.auxiliaries.shape[1]
    return _extended(
        model,
        np.append(model.costs, np.zeros(width)),
        model.offset,
        sparse().hstack([sparse().csr_array(form.loads) @ matrix, form.auxiliaries], format="csr"),
        -fixed,
        form.upper - fixed,
        lower=np.zeros(width),
        upper=np.full(width, np.inf),
    )


def padded(loads: Any, model: LinearModel) -> Any:
    """Return `loads` padded with zeros to the columns of `model`, which a function of this module returned."""
    matrix, constants = loads if isinstance(loads, tuple) else (loads, None)
    rows = sparse().csr_array(matrix, dtype=np.float64)
    missing = len(model.costs) - rows.shape[1]
    if missing < 0:
        raise InputError(f"loads has {rows.shape[1]} columns, but model has {len(model.costs)} variables only")
    wide = sparse().hstack([rows, sparse().csr_array((rows.shape[0], missing))], format="csr") if missing else rows
    return wide if constants is None else (wide, constants)


def _with_measure(
    model: LinearModel, loads: Any, name: str, entitlements: Any, *, upper: float, costs: Array, weight: float
) -> LinearModel:
    """Return the model with a column for the measure, at most `upper`, and the rows that keep it above the measure."""
    if name not in MEASURES:
        raise InputError(f"measure is {name!r}; {choices(name, MEASURES, quoted=False)}")
    measure = MEASURES[name]
    member = measure.member(measure.equality, entitlements=entitlements)
    check_loads(rows_of(loads, len(model.costs)), member)
    offset = model.offset if costs is model.costs else 0.0
    model = _with_nonnegative(model, loads)
    matrix, constants = _affine(loads, len(model.costs))
    epigraph = epigraph_of(member, len(constants))
    assert isinstance(epigraph, LinearEpigraph)
    held = sparse().csr_array(epigraph.loads) @ matrix
    column = sparse().csr_array(epigraph.limit[:, np.newaxis] / measure.multiple)
    width = epigraph.auxiliaries.shape[1]
    return _extended(
        model,
        np.concatenate([costs, [weight], np.zeros(width)]),
        offset,
        sparse().hstack([held, column, epigraph.auxiliaries], format="csr"),
        -(epigraph.loads @ constants),
        np.full(len(epigraph.limit), np.inf),
        lower=np.zeros(width + 1),
        upper=np.append(upper, np.full(width, np.inf)),
    )


def _with_nonnegative(model: LinearModel, loads: Any) -> LinearModel:
    """Return the model with non-negative loads: with a row for each load that could be negative within its bounds."""
    rows = rows_of(loads, len(model.costs))
    check_ranges(rows, model.lower, model.upper)
    open_ = [place for place, row in enumerate(rows) if row.range(model.lower, model.upper)[0] < 0.0]
    matrix, constants = _affine(loads, len(model.costs))
    return _extended(model, model.costs, model.offset, matrix[open_], -constants[open_], np.full(len(open_), np.inf))


def _costs(model: LinearModel, weight: float | None) -> Array:
    if weight is None:
        return np.zeros(len(model.costs))
    if not 0.0 < weight < np.inf:
        raise InputError(f"weight is {weight!r}; it must be a finite number above 0, or None")
    return model.costs


def _affine(loads: Any, size: int) -> tuple[Any, Array]:
    """Return the matrix and the constants of checked loads."""
    rows_of(loads, size)
    matrix, constants = loads if isinstance(loads, tuple) else (loads, None)
    rows = sparse().csr_array(matrix, dtype=np.float64)
    return rows, np.zeros(rows.shape[0]) if constants is None else np.asarray(constants, dtype=np.float64)


def _extended(
    model: LinearModel,
    costs: Array,
    offset: float,
    rows: Any,
    row_lower: Array,
    row_upper: Array,
    *,
    lower: Any = (),
    upper: Any = (),
) -> LinearModel:
    """Return the model with added columns and rows; `rows`, shape (r, k + q), are over the old and new columns."""
    extra = len(costs) - len(model.costs)
    old = sparse().hstack([model.matrix, sparse().csr_array((model.matrix.shape[0], extra))]) if extra else model.matrix
    return LinearModel(
        costs,
        sparse().vstack([old, rows], format="csr"),
        np.append(model.row_lower, row_lower),
        np.append(model.row_upper, row_upper),
        np.append(model.lower, lower),
        np.append(model.upper, upper),
        np.append(model.integer, np.zeros(extra, dtype=bool)),
        offset,
    )
