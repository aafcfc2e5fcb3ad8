"""The fairest direction of a continuous model: the least measure among loads of mean 1, whatever their scale."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from evenhand.modeling.forms import Norm, form_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evenhand.fairness import Fairness
    from evenhand.modeling.forms import Form
    from evenhand.modeling.homogenised import Homogenised
    from evenhand.modeling.linear import LinearModel

    Array = NDArray[np.float64]

PRECISION = 1e-9
"""Relative distance of the measure from its lower bound at which the homogenised model is solved."""

BESIDE = 1e-8
"""How much lower the measure of loads of mean 1 may be than that of a conic solver's, which are feasible to 1e-9."""

ROUNDS = 1000
"""Most rounds of subgradients; the bracket is what is known by then."""


def fairest_direction(
    model: LinearModel, rows: Any, fairness: Fairness, time_limit: float = np.inf
) -> tuple[float, Array, Array] | None:
    """Return the least measure of loads of mean 1 in the homogenised model.

    Returns
    -------
    tuple or None
        A proven lower bound on the measure, the loads (n,) and the variables (k,), of a solution or, where the least
        is only approached, of a direction; None where no loads of positive sum exist.
    """
    from evenhand.modeling.homogenised import Homogenised

    homogenised = Homogenised(model, rows)
    form = _between(fairness, len(rows))
    bound = _by_cone(homogenised, fairness, form) if isinstance(form, Norm) else None
    if bound is None:
        bound = _by_subgradients(homogenised, fairness, time.perf_counter() + time_limit)
    if not homogenised.solved:
        return None
    return (bound, *homogenised.real())


def _between(fairness: Fairness, n: int) -> Form:
    """Return the form of the member at a parameter that asks for something, but not for equality."""
    return form_of(fairness.with_parameter(0.5 * sum(fairness.parameter_range(n))), n)


def _by_cone(homogenised: Homogenised, fairness: Fairness, form: Norm) -> float | None:
    """Solve in one go; return a lower bound on the measure."""
    gap = homogenised.solve_conic(form)
    # Whether the measure is a power mean or a deviation, it grows no faster than what was minimised.
    return None if gap is None else float(fairness.value(homogenised.loads())) - gap - BESIDE


def _by_subgradients(homogenised: Homogenised, fairness: Fairness, deadline: float) -> float:
    """Hold the measure above ever more of its subgradients; return a lower bound on it."""
    bound = 0.0
    for _ in range(ROUNDS):
        if time.perf_counter() > deadline or not homogenised.solve():
            break
        loads = homogenised.loads()
        bound, value = homogenised.measure(), float(fairness.value(loads))
        if value <= bound * (1.0 + PRECISION) + PRECISION:
            break
        homogenised.add_subgradient(fairness.subgradient(loads))
    return bound
