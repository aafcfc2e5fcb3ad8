"""Mixed-integer linear models with fair loads, solved by HiGHS, SCIP or Gurobi."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.errors import InputError, choices
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.modeling.forms import Norm, form_of
from evenhand.modeling.linear import LazyRow, LazyRows, LinearModel
from evenhand.modeling.loads import AffineRow, check_loads, rows_of
from evenhand.modeling.outer_approximation import TOLERANCE, check_limits, left_of
from evenhand.modeling.rounds import Progress
from evenhand.modeling.solution import FairSolution

Cone = tuple[Sequence[AffineRow], Fairness]


def solve_fair_milp(
    model: LinearModel,
    loads: Any,
    fairness: Fairness | None,
    *,
    solver: str = "highs",
    gap: float = 1e-4,
    time_limit: float | None = None,
    cuts: str = "auto",
    tolerance: float = TOLERANCE,
    lazy: LazyRows | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> FairSolution:
    """Minimise a mixed-integer linear model with fair loads.

    Parameters
    ----------
    model
        The model without its fairness constraint.
    loads
        Matrix, shape (n, k), dense or sparse, or a pair of it and n constants: load i is ``matrix[i] @ x +
        constants[i]``. The constraint also keeps loads non-negative.
    fairness
        A member of :mod:`evenhand.fairness`; None for no fairness.
    solver
        ``highs`` (cuts in rounds); ``scip`` or ``gurobi`` (cuts in their tree, after HiGHS has cut the relaxation).
    gap
        Relative gap that must be proven.
    time_limit
        Seconds after which the best solution so far is returned; None for no limit.
    cuts
        Family of cuts; see :mod:`evenhand.modeling.cut_families`. ``squares``, with HiGHS only: a bounded CV of
        integral loads as rows of one integer program, without cuts where that is possible; see
        :mod:`evenhand.modeling.squares`. ``auto``: these rows if loads have few steps, such as counts of shifts,
        otherwise the family ``supporting``.
    tolerance
        Relative excess of the measure over its bound that is tolerated.
    lazy
        Function that returns the lazy rows that a point violates; see :class:`evenhand.modeling.linear.LazyRows`.
    progress
        Function that is called with progress reports.

    Returns
    -------
    FairSolution
        The solution, with ``values`` in the order of the model's variables.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    MissingExtraError
        If the solver's library is missing.

    Examples
    --------
    Six tasks for two agents, of whom the second is dearer; variables are ordered by agent, then by task:

    >>> import numpy as np
    >>> costs = np.array([[4.0, 3, 5, 2, 6, 4], [5, 4, 6, 3, 7, 5]])
    >>> each_task_once = np.hstack([np.eye(6), np.eye(6)])
    >>> model = LinearModel(costs.ravel(), each_task_once, 1, 1, upper=1, integer=True)
    >>> loads = np.kron(np.eye(2), np.ones(6)) * costs.ravel()
    >>> answer = solve_fair_milp(model, loads, EpsilonFairness(0.99, p=2))
    >>> answer.status, answer.objective, answer.loads.tolist()
    ('optimal', 26.0, [13.0, 13.0])
    """
    if not isinstance(model, LinearModel):
        raise InputError(f"model is {type(model).__name__}; give a LinearModel, or use the library's own `fair`")
    rows = rows_of(loads, len(model.costs))
    member = EpsilonFairness(0.0) if fairness is None else fairness
    check_loads(rows, member)
    solution = solve_cones(
        model,
        [(rows, member)],
        solver=solver,
        cuts=cuts,
        tolerance=tolerance,
        lazy=lazy,
        limits={"gap": gap, "time_limit": time_limit, "progress": progress},
    )
    return replace(solution, rules=()) if fairness is None else solution


def solve_cones(
    model: LinearModel,
    cones: Sequence[Cone],
    *,
    solver: str,
    limits: dict[str, Any],
    cuts: str = "auto",
    tolerance: float = TOLERANCE,
    lazy: LazyRows | None = None,
) -> FairSolution:
    """Minimise a linear model under one or several fairness constraints; see :func:`solve_fair_milp`."""
    if solver not in SOLVERS:
        raise InputError(f"solver is {solver!r}; {choices(solver, SOLVERS, quoted=False)}")
    check_limits(limits.get("gap", 0.0), limits.get("time_limit"))
    from evenhand.modeling.continuous import MANY, solve_continuous
    from evenhand.modeling.highs_model import highs_of
    from evenhand.modeling.highspy import FairCone, columns_of
    from evenhand.modeling.square_search import SQUARES, family_of, solve_with_squares
    from evenhand.modeling.tree_master import TreeMaster

    if cuts == SQUARES and (solver != "highs" or lazy is not None):
        raise InputError("cuts is 'squares', which needs the solver 'highs' and no lazy rows")
    if solver == "highs" and lazy is None:
        start = time.perf_counter()
        answer = solve_with_squares(model, cones, tolerance=tolerance, cuts=cuts, **limits)
        if answer is not None:
            return answer
        limits = {**limits, "time_limit": left_of(limits.get("time_limit"), start)}
    cuts = family_of(cuts)
    (rows, fairness), *more = cones
    if len(rows) > MANY and not (more or lazy or model.integer.any()) and cuts == "supporting":
        answer = solve_continuous(model, rows, fairness, tolerance, limits.get("time_limit"))
        if answer is not None:
            return answer
        if isinstance(form_of(fairness, len(rows)), Norm):
            cuts = "disaggregated"  # many rounds, too, but in the hundreds, not thousands
    options: dict[str, Any] = {"cuts": cuts, "tolerance": tolerance}
    highs = highs_of(model)
    own = None if lazy is None else _of_first(lazy, len(model.costs))
    attached = [FairCone(highs, rows, fairness, lazy=own, **options) for rows, fairness in cones]
    first, *others = attached
    attach = SOLVERS[solver]
    if attach is None or not model.integer.any():
        solution = first.solve(others=others, **limits)
    else:
        members = [(cone.load_columns, cone.fairness) for cone in attached]
        master = TreeMaster(partial(attach, options), members, *columns_of(attached))
        solution = first.search(master, others=others, **limits)
    if solution.values is None:
        return solution
    return replace(solution, values=solution.values[: len(model.costs)])


def _of_first(lazy: LazyRows, size: int) -> LazyRows:
    """Return `lazy` for a model whose first `size` columns are the user's; columns added by us follow."""

    def separate(values: NDArray[np.float64], integral: bool, /) -> Sequence[LazyRow]:
        return lazy(values[:size], integral)

    return separate


def _in_scip(
    options: dict[str, Any], model: LinearModel, cones: Sequence[Cone], lazy: LazyRows | None
) -> Sequence[Any]:
    from evenhand.modeling.pyscipopt import FairCone, include_lazy
    from evenhand.modeling.scip_model import expression, scip_of

    scip, variables = scip_of(model)

    def load_of(row: AffineRow) -> Any:
        entries = zip(row.columns.tolist(), row.coefficients.tolist(), strict=True)
        return expression(entries, variables, row.constant)

    attached = [FairCone(scip, [load_of(row) for row in rows], fairness, **options) for rows, fairness in cones]
    attached[0].variables = variables
    if lazy is not None:
        include_lazy(scip, variables, lazy)
    return attached


def _in_gurobi(
    options: dict[str, Any], model: LinearModel, cones: Sequence[Cone], lazy: LazyRows | None
) -> Sequence[Any]:
    from evenhand.modeling.gurobi_master import gurobi_of
    from evenhand.modeling.gurobipy import FairCone

    gurobi, variables = gurobi_of(model)

    def load_of(row: AffineRow) -> Any:
        return (row.coefficients @ variables[row.columns] + row.constant).item()

    return [
        FairCone(gurobi, [load_of(row) for row in rows], fairness, lazy=lazy, **options) for rows, fairness in cones
    ]


SOLVERS: dict[str, Callable[..., Sequence[Any]] | None] = {"highs": None, "scip": _in_scip, "gurobi": _in_gurobi}
"""Functions that build a model with fairness constraints in each solver; None for HiGHS, which has the model
already."""
