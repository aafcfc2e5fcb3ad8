"""Loads as a CVXPY expression: checks, and what CVXPY knows about their sign and size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.fairness.shares import for_agents, require_agents
from evenhand.modeling.library_imports import require
from evenhand.modeling.loads import brief, names_of, require_member

SHAPES = "give a vector with one load per agent (n or n x 1), or a list of scalar expressions"


def loads_of(loads: Any, fairness: Any) -> tuple[Any, Fairness]:
    """Return `loads` as one affine expression of shape (n,), and the member with its entitlements in their order.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names the entry, and what would be right.
    """
    require_member(fairness)
    vector = vector_of(loads, "loads")
    fairness = for_agents(fairness, names_of(loads))
    require_agents(vector.shape[0], fairness.entitlements)
    _require_sign(vector)
    return vector, fairness


def vector_of(loads: Any, name: str) -> Any:
    """Return `loads` as one affine expression of shape (n,); error messages call them `name`.

    Raises
    ------
    InputError
        If they are not a vector, or not affine.
    """
    cp = require("cvxpy")
    if names_of(loads) is not None:
        loads = list(loads.values() if isinstance(loads, Mapping) else loads)
    if isinstance(loads, np.ndarray) and loads.dtype != object:
        loads = cp.Constant(loads)
    if isinstance(loads, cp.Expression):
        _require_affine(loads, name)
        if loads.ndim == 1:
            return loads
        if loads.ndim == 2 and loads.shape[1] == 1:
            return loads[:, 0]
        raise InputError(f"{name} has shape {loads.shape}; {SHAPES}")
    if not isinstance(loads, (list, tuple, np.ndarray)):
        raise InputError(f"{name} is {type(loads).__name__}; {SHAPES}")
    if len(loads) < 2:
        raise InputError(f"{name} has {len(loads)} entries; fairness needs at least two")
    return cp.hstack([_scalar(entry, f"{name}[{place}]") for place, entry in enumerate(loads)])


def known_nonnegative(vector: Any) -> bool:
    """Return whether CVXPY can prove that every entry of `vector` is non-negative, by its sign or its bounds."""
    if vector.is_nonneg():
        return True
    bounds = _bounds(vector)
    return bounds is not None and bool(np.all(bounds[0] >= 0.0))


def unit_of(vector: Any) -> float:
    """Return a power of ten near the largest coefficient of `vector`.

    Fairness does not depend on the unit of the loads, but solvers enforce rows to an absolute tolerance: loads in
    grammes or in megatonnes would be constrained far too strictly, or hardly at all. If the coefficients contain
    parameters, the unit is 1.
    """
    variables = vector.variables()
    if vector.parameters() or any(variable.attributes.get("sparsity") for variable in variables):
        return 1.0
    entries = [np.abs(slopes.data) for slopes in _slopes(vector, variables) if slopes is not None]
    largest = max((float(entry.max(initial=0.0)) for entry in entries), default=0.0)
    return float(10.0 ** round(math.log10(largest))) if largest > 0.0 else 1.0


def _slopes(vector: Any, variables: list[Any]) -> list[Any]:
    """Return the coefficients of an affine expression: its gradient, for which the variables are zero for a moment."""
    before = [variable.value for variable in variables]
    try:
        for variable in variables:
            variable.save_value(np.zeros(variable.shape))
        return list(vector.grad.values())
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.save_value(value)


def has_integers(vector: Any) -> bool:
    """Return whether a variable of `vector` is integer or boolean."""
    return any(variable.attributes["integer"] or variable.attributes["boolean"] for variable in vector.variables())


def _scalar(entry: Any, name: str) -> Any:
    cp = require("cvxpy")
    if isinstance(entry, (int, float, np.number)):
        entry = cp.Constant(entry)
    if not isinstance(entry, cp.Expression):
        raise InputError(f"{name} is {type(entry).__name__}; it must be a number or a scalar CVXPY expression")
    if entry.size != 1:
        raise InputError(f"{name} has shape {entry.shape}; it must be a scalar")
    _require_affine(entry, name)
    _require_entry_sign(entry, name)
    return cp.sum(entry)


def _require_affine(expression: Any, name: str) -> None:
    if expression.is_complex():
        raise InputError(f"{name} is complex; loads are real")
    if not expression.is_affine():
        kind = name.partition("[")[0]
        raise InputError(f"{name} is {expression.curvature.lower()}; {kind} must be affine in the model's variables")
    if expression.is_constant() and not expression.parameters() and not np.isfinite(expression.value).all():
        raise InputError(f"{name} holds a number that is not finite")


def _require_entry_sign(entry: Any, name: str) -> None:
    if entry.is_nonpos() and not entry.is_zero():
        raise InputError(f"{name} is never above 0 ({brief(entry)}); fairness is of non-negative loads")


def _require_sign(vector: Any) -> None:
    """Raise `InputError` for loads that can only be negative, because of a wrong sign."""
    bounds = _bounds(vector)
    if bounds is not None:
        negative = np.flatnonzero((bounds[1] <= 0.0) & (bounds[0] < 0.0))
        if negative.size:
            place = int(negative[0])
            raise InputError(f"loads[{place}] is at most {bounds[1][place]:g}; fairness is of non-negative loads")
    _require_entry_sign(vector, "loads")


def _bounds(vector: Any) -> tuple[Any, Any] | None:
    """Return bounds of the entries of a constant or of a variable, if this version of CVXPY provides them.

    CVXPY's bounds of other expressions are unreliable: an infinite bound times 0 is NaN, which CVXPY 1.9 treats as 0 in
    a quotient.
    """
    if vector.is_constant() and not vector.parameters():
        return vector.value, vector.value
    if not isinstance(vector, require("cvxpy").Variable) or not hasattr(vector, "get_bounds"):
        return None
    low, high = vector.get_bounds()
    return np.broadcast_to(low, vector.shape), np.broadcast_to(high, vector.shape)
