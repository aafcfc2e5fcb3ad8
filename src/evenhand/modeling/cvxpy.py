"""Fairness in CVXPY models.

>>> import cvxpy as cp
>>> from evenhand import EpsilonFairness
>>> from evenhand.modeling.cvxpy import evaluate, fair, shadow_price
>>> hours = cp.Variable(3, nonneg=True)
>>> cone = fair(hours, EpsilonFairness(0.9, p=2))
>>> problem = cp.Problem(cp.Minimize(hours @ [1, 2, 4]), [cp.sum(hours) == 12, *cone])
>>> value = problem.solve(solver="CLARABEL")
>>> hours.value.round(3).tolist()
[5.284, 4.321, 2.395]
>>> evaluate(hours, EpsilonFairness(0.9, p=2)).satisfied
True
>>> round(shadow_price(problem, cone), 2)  # derivative of the cost with respect to epsilon
23.97

For a frontier, one problem with a parameter is compiled only once:

>>> epsilon = cp.Parameter(nonneg=True)
>>> cone = fair(hours, EpsilonFairness(0, p=2), parameter=epsilon)
>>> problem = cp.Problem(cp.Minimize(hours @ [1, 2, 4]), [cp.sum(hours) == 12, *cone])
>>> for epsilon.value in (0.5, 0.9, 0.99):
...     print(f"{epsilon.value}: {problem.solve(solver='CLARABEL'):.3f}")
0.5: 16.392
0.9: 23.505
0.99: 26.620

Linear members (p = inf, largest or least over mean, top share, range, Hoover, Gini, and equality) keep a linear model
linear: HiGHS solves it, also with integers. Order 2 is a second-order cone, which SCIP and Gurobi support also with
integers. Other orders are power cones if the loads' variables are continuous (Clarabel, SCS, MOSEK), and second-order
cones if some are integer (SCIP, Gurobi). For integer models, the cuts of :func:`evenhand.modeling.solve_fair_milp` are
faster.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, Fairness
from evenhand.fairness.selection import stated
from evenhand.modeling.audit import TOLERANCE, Audit, audit
from evenhand.modeling.cvxpy_cones import epigraph_constraints, parameter_factors
from evenhand.modeling.cvxpy_loads import known_nonnegative, loads_of, unit_of
from evenhand.modeling.epigraphs import epigraph_of, limit_over_mean, limit_slope
from evenhand.modeling.forms import Polyhedron, asks_all_or_nothing, form_of
from evenhand.modeling.library_imports import require
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow, brief, names_of, require_model
from evenhand.modeling.model_arrays import Arrays
from evenhand.modeling.solution import FairSolution, as_maximised
from evenhand.modeling.solve_model import solve_fair_milp

__all__ = ["FairConstraints", "evaluate", "fair", "shadow_price", "solve"]

LINEAR = "HIGHS"
"""CVXPY's name of the solver whose standard form is used to convert linear problems to arrays."""

STATUSES = {
    "optimal": "optimal",
    "optimal_inaccurate": "optimal",
    "infeasible": "infeasible",
    "infeasible_inaccurate": "infeasible",
    "unbounded": "unbounded",
    "unbounded_inaccurate": "unbounded",
    "infeasible_or_unbounded": "infeasible_or_unbounded",
    "user_limit": "time_limit",
}


class _NotOne(type):
    """Metaclass of :class:`FairConstraints`: without a star, CVXPY's error prints the class, and so this advice."""

    def __str__(cls) -> str:
        return "FairConstraints, which is a list: put a star before it, as in [..., *fair(loads, fairness)]"


class FairConstraints(list[Any], metaclass=_NotOne):
    """The CVXPY constraints of a member, as a list.

    Attributes
    ----------
    fairness, agents
        The member, and the number of loads.
    tie
        The constraint that contains the bound, measure <= beta * mean; None if nothing or equality is asked for.
    """

    def __init__(self, fairness: Fairness, agents: int) -> None:
        super().__init__()
        self.fairness, self.agents = fairness, agents
        self.tie: Any = None
        self._tightening: Callable[[], float] = float

    def tied(self, tie: Any, tightening: Callable[[], float]) -> None:
        """Append the constraint that contains the bound, with a function for its derivative; see :meth:`tightening`."""
        self.append(tie)
        self.tie, self._tightening = tie, tightening

    def tightening(self) -> float:
        """Return the derivative of the tie's left minus right side with respect to the parameter, at the solution."""
        return self._tightening()


def fair(loads: Any, fairness: Fairness, *, parameter: Any = None) -> FairConstraints:
    """Return the constraints that keep `loads` fair.

    Parameters
    ----------
    loads
        Affine expression with one entry per agent, of shape (n,) or (n, 1), or a list of n scalar ones. Loads must be
        non-negative: unless CVXPY can prove it, the constraints say so. Loads may have any unit, but the model's
        variables should have sizes near 1, as for every conic solver.
    fairness
        A member of :mod:`evenhand.fairness`.
    parameter
        A scalar ``cp.Parameter(nonneg=True)`` that replaces the member's own parameter (epsilon, cv, gini, ...), which
        is then ignored. The constraints are DPP: a new value does not compile the problem again. Its value should not
        ask for equality, where cones have no interior; for that, use a member with that parameter, which is written as
        equations.

    Returns
    -------
    FairConstraints
        A list of CVXPY constraints, which :func:`shadow_price` also takes.

    Raises
    ------
    InputError
        If loads are not affine, of a wrong shape, fewer than two or never positive; or if the member or the parameter
        cannot be used.
    MissingExtraError
        If CVXPY is missing.
    """
    cp = require("cvxpy")
    vector, fairness = loads_of(loads, fairness)
    nonnegative = known_nonnegative(vector)
    vector = vector / unit_of(vector)
    n = vector.shape[0]
    constraints = FairConstraints(fairness, n)
    if not nonnegative:
        constraints.append(vector >= 0)
    if parameter is not None:
        _check_parameter(parameter)
        return _with_parameter(constraints, vector, parameter)
    member = stated(fairness, n)
    if asks_all_or_nothing(member, n):
        form = form_of(member, n)
        if isinstance(form, Polyhedron) and len(form.loads):
            constraints.append(form.loads @ vector == 0)
        return constraints
    limit, mean = cp.Variable(), cp.sum(vector) / n
    constraints += epigraph_constraints(vector, limit, epigraph_of(member, n))
    constraints.tied(limit <= limit_over_mean(member, n) * mean, lambda: -limit_slope(fairness, n) * float(mean.value))
    return constraints


def _with_parameter(constraints: FairConstraints, vector: Any, parameter: Any) -> FairConstraints:
    cp = require("cvxpy")
    n = vector.shape[0]
    (a, b), (c, d) = parameter_factors(constraints.fairness, n)
    limit, mean = cp.Variable(), cp.Variable()
    # The mean is a variable: loads may contain parameters, and DPP allows no product of two parameters.
    constraints.append(mean == cp.sum(vector) / n)
    # For epsilon, the bound on the power mean is linear in the parameter; that on the standard deviation is not.
    constraints += epigraph_constraints(vector, limit, epigraph_of(constraints.fairness, n, deviation=d != 0.0))
    constraints.tied(
        (a + b * parameter) * limit <= (c + d * parameter) * mean,
        lambda: b * float(limit.value) - d * float(mean.value),
    )
    return constraints


def _check_parameter(parameter: Any) -> None:
    if not isinstance(parameter, require("cvxpy").Parameter):
        raise InputError(f"parameter is {brief(repr(parameter))}; give a cp.Parameter(nonneg=True)")
    if parameter.size != 1 or parameter.ndim != 0:
        raise InputError(f"parameter has shape {parameter.shape}; it must be a scalar")
    if not parameter.is_nonneg():
        raise InputError("parameter may be negative; declare it as cp.Parameter(nonneg=True)")


def shadow_price(problem: Any, constraints: FairConstraints) -> float:
    r"""Return the derivative of the optimal value with respect to the member's parameter, from the solver's duals.

    By the envelope theorem: if the bound is in a constraint :math:`g(x, q) \le 0` with dual multiplier :math:`\lambda`,
    the derivative of a minimum with respect to q is :math:`\lambda\, \partial g / \partial q`, and that of a maximum
    the opposite. It is 0 if the bound is not binding. For epsilon in a minimisation it is never negative: it is the
    marginal price of fairness per unit of epsilon.

    Parameters
    ----------
    problem
        A solved, continuous CVXPY problem.
    constraints
        The list that :func:`fair` returned; `problem` must contain all of it.

    Raises
    ------
    InputError
        If the problem has no solution or no duals, or does not contain the constraints; or if the member asks for
        equality, where the derivative does not exist.
    """
    cp = require("cvxpy")
    require_model(problem, cp.Problem, "a cp.Problem", "problem")
    if not isinstance(constraints, FairConstraints):
        raise InputError(f"constraints is {type(constraints).__name__}; give the very list that fair(...) returned")
    held = {constraint.id for constraint in problem.constraints}
    if any(constraint.id not in held for constraint in constraints):
        raise InputError("constraints are not all in the problem; add *fair(...) to its constraints")
    if problem.status not in ("optimal", "optimal_inaccurate"):
        raise InputError(f"problem has the status {problem.status}; solve it before its price is asked")
    if constraints.tie is None:
        return _price_without_tie(constraints)
    if constraints.tie.dual_value is None:
        raise InputError("problem has no duals; integer models have none, and its solver must be one that gives them")
    price = float(constraints.tie.dual_value) * constraints.tightening()
    return -price if isinstance(problem.objective, cp.Maximize) else price


def solve(problem: Any, loads: Any, fairness: Fairness | None = None, **options: Any) -> FairSolution:
    """Solve a problem with fair loads; the result is the same as that of other libraries' ``solve``.

    A linear problem with integers is solved by HiGHS with cuts, whatever the member. Other problems are solved by CVXPY
    with the constraints of :func:`fair`.

    Parameters
    ----------
    problem
        A ``cp.Problem`` without the fairness constraint.
    loads, fairness
        As for :func:`fair`; a `fairness` of None means no constraint.
    options
        Options of :func:`~evenhand.modeling.solve_fair_milp` for a linear problem with integers (``gap``,
        ``time_limit``, ...), and of ``problem.solve`` for other problems (``solver``, ...).

    Returns
    -------
    FairSolution
        The solution, without `values`: the problem's variables have their values, as after ``problem.solve``.

    Raises
    ------
    InputError
        If an argument cannot be used; the message names it.
    """
    cp = require("cvxpy")
    member = EpsilonFairness(0.0) if fairness is None else fairness
    vector, member = loads_of(loads, member)
    arrays = arrays_of(problem, loads, member) if problem.is_mixed_integer() and is_linear(problem) else None
    if arrays is not None:
        return _solve_arrays(problem, arrays, fairness is None, options)
    start = time.perf_counter()
    asked = cp.Problem(problem.objective, [*problem.constraints, *fair(loads, member)])
    try:
        asked.solve(**options)
    except (cp.SolverError, cp.DCPError) as error:
        raise InputError(f"problem cannot be solved: {brief(error)}") from error
    status = STATUSES.get(asked.status, "numerical_trouble")
    seconds = time.perf_counter() - start
    if vector.value is None:
        return FairSolution(status, None, None, None, seconds=seconds)
    value, solved = float(asked.value), np.asarray(vector.value, dtype=np.float64)
    rules = () if fairness is None else (audit(solved, member),)
    bound = value if status == "optimal" and not problem.is_mixed_integer() else None
    return FairSolution(status, value, bound, solved, rules=rules, seconds=seconds)


def _solve_arrays(problem: Any, arrays: Arrays, free: bool, options: dict[str, Any]) -> FairSolution:
    """Solve a linear problem with integers by cuts, and write the values into its variables."""
    found = solve_fair_milp(arrays.model, arrays.loads, None if free else arrays.fairness, **options)
    if found.values is not None:
        places = problem.get_problem_data(LINEAR)[0]["param_prob"].var_id_to_col
        for variable in problem.variables():
            at = places[variable.id]
            variable.save_value(found.values[at : at + variable.size].reshape(variable.shape, order="F"))
    found = replace(found, values=None)
    return as_maximised(found) if arrays.maximise else found


def arrays_of(problem: Any, loads: Any, fairness: Fairness) -> Arrays:
    """Return a linear CVXPY problem and its loads as arrays."""
    cp = require("cvxpy")
    vector, fairness = loads_of(loads, fairness)
    if not is_linear(problem):
        raise InputError("problem is not linear; solve it by CVXPY, with *fair(...) among its constraints")
    tied = cp.Variable(vector.shape[0])
    compiled, _, inverse = cp.Problem(problem.objective, [*problem.constraints, tied == vector]).get_problem_data(
        LINEAR
    )
    size, equal = len(compiled["c"]), compiled["dims"].zero
    right = np.asarray(compiled["b"], dtype=np.float64)
    lower, upper = (compiled.get(f"{side}_bounds") for side in ("lower", "upper"))
    binary, integer = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    binary[list(compiled["bool_vars_idx"])] = True
    integer[list(compiled["int_vars_idx"])] = True
    linear = LinearModel(
        compiled["c"],
        compiled["A"],
        np.where(np.arange(len(right)) < equal, right, -np.inf),
        right,
        np.maximum(np.where(binary, 0.0, -np.inf), -np.inf if lower is None else lower),
        np.minimum(np.where(binary, 1.0, np.inf), np.inf if upper is None else upper),
        binary | integer,
        float(inverse[-1].get("offset", 0.0)),
    )
    first = compiled["param_prob"].var_id_to_col[tied.id]
    rows = [AffineRow.of([first + at], [1.0]) for at in range(vector.shape[0])]
    return Arrays(linear, rows, fairness, names_of(loads), maximise=isinstance(problem.objective, cp.Maximize))


def is_linear(problem: Any) -> bool:
    """Return whether a problem is linear, with or without integers, so that HiGHS can solve it."""
    cp = require("cvxpy")
    if not problem.is_dcp():
        return False
    try:
        return "P" not in problem.get_problem_data(LINEAR)[0]
    except cp.SolverError:
        return False


def _price_without_tie(constraints: FairConstraints) -> float:
    fairness = constraints.fairness
    if fairness.parameter == fairness.parameter_range(constraints.agents)[1]:
        raise InputError(f"{fairness!r} asks for equality, where no price exists; ask at a parameter a little off it")
    return 0.0


def evaluate(loads: Any, fairness: Fairness, tolerance: float = TOLERANCE) -> Audit:
    """Report how fair the loads of a solved model are, and whether they satisfy `fairness`.

    Parameters
    ----------
    loads
        As for :func:`fair`.
    fairness
        A member of :mod:`evenhand.fairness`, the one that the model has or any other.
    tolerance
        Relative excess of the measure over its bound that is tolerated.

    Raises
    ------
    InputError
        If the loads have no values, because the model was not solved or has no solution.
    """
    vector, fairness = loads_of(loads, fairness)
    if vector.value is None:
        raise InputError("loads have no values; solve the problem first, and see whether it has a solution")
    return audit(vector.value, fairness, tolerance)
