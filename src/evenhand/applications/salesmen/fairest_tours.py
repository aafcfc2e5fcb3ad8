"""The strictest fairness that the lengths of several salesmen's tours can meet."""

from __future__ import annotations

from evenhand.applications.salesmen.detours import Detours
from evenhand.applications.salesmen.formulation import formulate
from evenhand.applications.salesmen.solve_tours import check
from evenhand.applications.salesmen.subtours import Subtours
from evenhand.applications.towns import Towns
from evenhand.fairness import Fairness
from evenhand.modeling import Fairest, fairest

RESOLUTION = 1e-3
"""Default width of the bracket, relative to the parameter's range. It is coarse, because probes are harder the closer
they are to the strictest parameter."""


def fairest_tours(
    towns: Towns,
    salesmen: int,
    fairness: Fairness,
    *,
    least_load: float | None = None,
    all_used: bool = False,
    detours: bool = True,
    solver: str = "scip",
    resolution: float = RESOLUTION,
    time_limit: float | None = None,
) -> Fairest:
    """Find the strictest parameter of `fairness` that some tours meet, however long they are.

    With `detours`, tours may be longer than necessary, and nearly any fairness is possible. Without them, the result
    depends on how the towns can be divided.

    Parameters
    ----------
    towns, salesmen, least_load, all_used, detours, solver
        As for :func:`evenhand.applications.salesmen.solve`.
    fairness
        A member; its own parameter does not matter.
    resolution
        Width of the bracket at which bisection stops, relative to the parameter's range.
    time_limit
        Seconds after which the bracket so far is returned; None for no limit.

    Returns
    -------
    Fairest
        The parameters reached and refuted; ``loads`` are the lengths of the tours.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.

    Examples
    --------
    >>> from evenhand import MaxOverMean
    >>> from evenhand.applications import salesmen
    >>> towns = salesmen.generate_towns(7, seed=2)
    >>> best = salesmen.fairest_tours(towns, 2, MaxOverMean(1.0), detours=False, solver="highs")
    >>> best.status, round(best.reached, 3), best.loads.round().tolist()
    ('optimal', 1.037, [130.0, 140.0])
    """
    check(towns, salesmen, fairness, time_limit=time_limit, least_load=least_load)
    least = 0.0 if least_load is None else float(least_load)
    alike = fairness.entitlements is None
    model = formulate(towns, salesmen, least_load=least, all_used=all_used, alike=alike)
    lazy = Subtours(model.layout) if detours else Detours(model, towns)
    return fairest(
        model.model, model.loads, fairness, solver=solver, resolution=resolution, time_limit=time_limit, lazy=lazy
    )
