"""Find the strictest fairness that a model allows, for models of every supported library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evenhand.errors import InputError
from evenhand.fairness import Fairness
from evenhand.modeling.linear import LazyRows, LinearModel
from evenhand.modeling.linear_fairest import RESOLUTION, Fairest, fairest_linear
from evenhand.modeling.model_arrays import arrays_of, library_of
from evenhand.number_checks import check_time_limit


def fairest(
    model: Any,
    loads: Any,
    fairness: Fairness,
    *,
    solver: str = "highs",
    resolution: float = RESOLUTION,
    time_limit: float | None = None,
    lazy: LazyRows | None = None,
    progress: Callable[[Fairest], None] | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that some solution of `model` meets, whatever it costs.

    Parameters
    ----------
    model
        A :class:`~evenhand.modeling.LinearModel`, or a model of CVXPY, gurobipy, highspy, linopy, Pyomo or PySCIPOpt,
        without the fairness constraint in question. It must be linear; a CVXPY model may be convex.
    loads
        As for :func:`~evenhand.modeling.solve_fair_milp`, or as for ``fair`` of the model's library.
    solver, lazy
        As for :func:`~evenhand.modeling.solve_fair_milp`. The costs do not matter.
    fairness
        A member; its own parameter does not matter.
    resolution
        Width of the bracket at which bisection stops, relative to the parameter's range, for integer models.
    time_limit
        Seconds; None for no limit. The last probes of an integer model are the hardest, and may take hours.
    progress
        Function that is called with the bracket so far before each probe of an integer model.

    Returns
    -------
    Fairest
        The bracket: the strictest parameter lies between `reached` and `refuted`. It is closed only if the status is
        ``optimal``: after a time limit or Ctrl-C, `reached` is the fairest found, and all up to `refuted` is open.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.

    Examples
    --------
    Ten hours, at most seven for the first of two people and four for the other:

    >>> from evenhand import EpsilonFairness
    >>> model = LinearModel([1.0, 1.0], [[1.0, 1.0]], 10, 10, upper=[7, 4])
    >>> answer = fairest(model, [[1.0, 0.0], [0.0, 1.0]], EpsilonFairness(0, p=float("inf")))
    >>> answer.status, round(answer.reached, 4), answer.loads.round(4).tolist()
    ('optimal', 0.6667, [6.0, 4.0])
    """
    check_time_limit(time_limit)
    how: dict[str, Any] = {"solver": solver, "resolution": resolution, "time_limit": time_limit}
    how["progress"] = progress
    if isinstance(model, LinearModel):
        return fairest_linear(model, loads, fairness, lazy=lazy, **how)
    if lazy is not None:
        raise InputError("lazy is for a LinearModel; a model of another library has its own lazy rows")
    if library_of(model) == "cvxpy":
        from evenhand.modeling.cvxpy_fairest import fairest as fairest_convex

        return fairest_convex(model, loads, fairness, **how)
    arrays = arrays_of(model, loads, fairness)
    return fairest_linear(arrays.model, arrays.loads, arrays.fairness, **how)
