"""Solve a formulation in a solver's tree, with lazy rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evenhand.applications.salesmen.formulation import Formulation
from evenhand.applications.salesmen.subtours import Subtours
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.modeling import FairSolution
from evenhand.modeling.linear import LazyRows
from evenhand.modeling.solve_model import solve_fair_milp


def solve_formulation(
    formulation: Formulation,
    fairness: Fairness | None,
    *,
    solver: str = "scip",
    gap: float = 1e-6,
    time_limit: float | None = None,
    lazy: LazyRows | None = None,
) -> FairSolution:
    """Solve with lazy subtour elimination, or with other `lazy` rows that include it.

    SCIP gets the whole model at once. Other solvers get it through :func:`evenhand.modeling.solve_fair_milp`,
    which first searches small windows above the relaxation. Without subtour elimination the relaxation is far below the
    optimum, so that windows are of little use here.
    """
    lazy = lazy or Subtours(formulation.layout)
    if solver != "scip":
        return solve_fair_milp(
            formulation.model, formulation.loads, fairness, solver=solver, gap=gap, time_limit=time_limit, lazy=lazy
        )
    from evenhand.modeling.loads import rows_of
    from evenhand.modeling.pyscipopt import fair, include_lazy
    from evenhand.modeling.scip_model import expression, scip_of

    scip, variables = scip_of(formulation.model)
    loads = [
        expression(zip(row.columns.tolist(), row.coefficients.tolist(), strict=True), variables)
        for row in rows_of(formulation.loads, len(variables))
    ]
    cone = fair(scip, loads, EpsilonFairness(0.0) if fairness is None else fairness)
    include_lazy(scip, variables, lazy)
    found = cone.solve(gap=gap, time_limit=time_limit)
    if found.objective is None:
        return found
    # SCIP sorts its variables by type, so that their order differs from the model's.
    best = scip.getBestSol()
    return replace(found, values=np.array([scip.getSolVal(best, variable) for variable in variables]))
