"""What cannot be used is refused in one line that names the argument, in every library."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

from evenhand.errors import InputError, MissingExtraError
from evenhand.fairness import EpsilonFairness
from evenhand.modeling import LinearModel, fairest, frontier, solve_fair_milp

FAIR = EpsilonFairness(0.9)


def _highspy():
    import highspy

    from evenhand.modeling.highspy import fair

    def model():
        highs = highspy.Highs()
        highs.silent()
        return highs, [highs.addVariable(lb=0, ub=9) for _ in range(3)]

    return fair, model, lambda x: x[0] <= x[1]


def _pyscipopt():
    import pyscipopt

    from evenhand.modeling.pyscipopt import fair

    def model():
        scip = pyscipopt.Model()
        return scip, [scip.addVar(lb=0, ub=9) for _ in range(3)]

    return fair, model, lambda x: x[0] * x[1]


def _gurobipy():
    import gurobipy

    from evenhand.modeling.gurobipy import fair

    def model():
        gurobi = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
        variables = [gurobi.addVar(lb=0, ub=9) for _ in range(3)]
        gurobi.update()
        return gurobi, variables

    return fair, model, lambda x: x[0] * x[1]


def _linopy():
    import linopy

    from evenhand.modeling.linopy import fair

    def model():
        built = linopy.Model()
        return built, [built.add_variables(lower=0, upper=9) for _ in range(3)]

    return fair, model, lambda x: x[0] * x[1]


LIBRARIES = {"highspy": _highspy, "pyscipopt": _pyscipopt, "gurobipy": _gurobipy, "linopy": _linopy}


@pytest.fixture(params=LIBRARIES)
def library(request):
    pytest.importorskip(request.param)
    return LIBRARIES[request.param]()


def refused(call, words: str) -> None:
    with pytest.raises(InputError, match=words) as raised:
        call()
    assert "\n" not in str(raised.value)


def test_arguments_of_the_wrong_kind_are_named(library) -> None:
    fair, make, nonlinear = library
    model, x = make()
    refused(lambda: fair("model", x, FAIR), "is str; give a")
    refused(lambda: fair(model, x, 0.9), re.escape("fairness is 0.9; give a member such as"))
    refused(lambda: fair(model, 7, FAIR), "loads is int")
    refused(lambda: fair(model, x[:1], FAIR), "at least two")
    refused(lambda: fair(model, [x[0], "three"], FAIR), re.escape("loads[1] is str"))
    refused(lambda: fair(model, [x[0], nonlinear(x)], FAIR), re.escape("loads[1]"))
    refused(lambda: fair(model, [x[0], float("nan")], FAIR), re.escape("loads[1] is nan; it must be a finite number"))
    refused(lambda: fair(model, x, EpsilonFairness(0.9, entitlements=(1, 2))), "entitlements are for 2 agents")
    refused(lambda: fair(model, x, FAIR, cuts="tangents"), "cuts is 'tangents'; known are")


def test_variables_of_another_model_are_refused(library) -> None:
    fair, make, _ = library
    if fair.__module__.endswith("highspy"):
        pytest.skip("a variable of highspy does not know its model; places beyond the model's end are refused")
    (model, x), (_, y) = make(), make()
    refused(lambda: fair(model, [x[0], y[1]], FAIR), re.escape("loads[1]"))


def test_highs_refuses_columns_it_does_not_have() -> None:
    import highspy

    from evenhand.modeling.highspy import fair

    small, large = highspy.Highs(), highspy.Highs()
    x = [small.addVariable(lb=0), *[large.addVariable(lb=0) for _ in range(3)][1:]]
    refused(lambda: fair(small, x[:2], FAIR), re.escape("loads[1] uses column 1, which this model does not have"))


@pytest.mark.parametrize("name", ["highspy", "pyscipopt", "gurobipy"])
def test_loads_that_are_never_positive_are_refused(name: str) -> None:
    pytest.importorskip(name)
    fair, make, _ = LIBRARIES[name]()
    model, x = make()
    refused(lambda: fair(model, [x[1], x[0] * 1.0 - 10.0], FAIR), re.escape("loads[1] is at most -1"))
    refused(lambda: fair(model, [x[1], -3], FAIR), re.escape("loads[1] is at most -3"))


def test_pyomo_names_what_is_wrong() -> None:
    pyo = pytest.importorskip("pyomo.environ")
    from evenhand.modeling.pyomo import fair, solve

    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(3), bounds=(0, 9))
    refused(lambda: fair([model.x[0], "two"], FAIR), re.escape("loads[1] is str"))
    refused(lambda: fair([model.x[0], model.x[1] * model.x[2]], FAIR), "fairness is of affine expressions")
    refused(lambda: fair([model.x], FAIR), "at least two")
    refused(lambda: solve(model), "no active fairness block")
    refused(lambda: solve("model"), "give a Pyomo ConcreteModel")
    model.fair = fair(model.x, FAIR)
    refused(lambda: solve(model), "0 active objectives")
    model.cost = pyo.Objective(expr=model.x[0] ** 2)
    refused(lambda: solve(model), "not linear")


def test_semi_continuous_variables_of_linopy_are_refused() -> None:
    pytest.importorskip("linopy")
    fair, make, _ = _linopy()
    model, x = make()
    try:
        model.add_variables(lower=3, upper=10, semi_continuous=True, name="z")
    except TypeError:
        pytest.skip("this linopy has no semi-continuous variables")
    model.add_objective(x[0] * 1.0)
    refused(lambda: fair(model, x, FAIR).solve(), "'z' of model is semi-continuous")


def test_a_quadratic_linopy_model_is_refused() -> None:
    _linopy_fair, make, _ = _linopy()
    model, x = make()
    model.add_objective(x[0] * x[0])
    refused(lambda: _linopy_fair(model, x, FAIR).solve(), "quadratic")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"costs": [1.0, np.nan]}, r"costs\[1\] is nan"),
        ({"matrix": [[1.0, 1.0, 1.0]]}, "a column for each of the 2 costs"),
        ({"matrix": [[1.0, np.inf]]}, "must be a finite number"),
        ({"row_lower": [1.0, 2.0]}, r"row_lower has shape \(2,\)"),
        ({"lower": 3.0, "upper": [4.0, 2.0]}, r"lower\[1\] is 3, above upper\[1\], 2"),
        ({"row_lower": 5.0, "row_upper": 4.0}, r"row_lower\[0\] is 5, above row_upper\[0\], 4"),
        ({"upper": np.nan}, "upper holds a nan"),
    ],
)
def test_a_linear_model_checks_its_arrays(change, words) -> None:
    given = {"costs": [1.0, 2.0], "matrix": [[1.0, 1.0]], "row_lower": 1.0, **change}
    refused(lambda: LinearModel(**given), words)


def test_the_engine_names_what_is_wrong() -> None:
    model = LinearModel([1.0, 2.0], [[1.0, 1.0]], 1.0)
    loads = np.eye(2)
    refused(lambda: solve_fair_milp("model", loads, FAIR), "model is str; give a LinearModel")
    refused(lambda: solve_fair_milp(model, np.eye(3), FAIR), "a column for each of the 2 variables")
    refused(lambda: solve_fair_milp(model, (loads, [1.0]), FAIR), "2 rows, but constants of shape")
    refused(lambda: solve_fair_milp(model, loads * np.nan, FAIR), "not finite")
    refused(lambda: solve_fair_milp(model, loads, FAIR, solver="cplex"), "solver is 'cplex'; known are")
    refused(lambda: solve_fair_milp(model, loads, "fair"), "fairness is 'fair'")
    refused(lambda: fairest(model, np.eye(3), FAIR), "a column for each")
    solve = lambda fairness: solve_fair_milp(model, loads, fairness)  # noqa: E731
    refused(lambda: frontier(solve, []), "no level given")
    refused(lambda: frontier(solve, [FAIR, EpsilonFairness(0.5, 3)]), "give one member at several")
    refused(lambda: frontier(solve, [FAIR], names=["one"]), "names has 1 entries; the model has 2 loads")


@pytest.mark.parametrize("name", ["highspy", "pyscipopt", "gurobipy", "linopy", "pyomo", "cvxpy"])
def test_a_missing_library_names_its_extra(name: str, monkeypatch) -> None:
    """Importing the adapter needs no library; calling it does."""
    import importlib

    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, f"{name}.environ", None)
    adapter = importlib.import_module(f"evenhand.modeling.{name}")
    extra = "gurobi" if name == "gurobipy" else "models"
    arguments = ([1, 2], FAIR) if name in ("pyomo", "cvxpy") else (object(), [1, 2], FAIR)
    with pytest.raises(MissingExtraError, match=re.escape(f"pip install '.[{extra}]'")):
        adapter.fair(*arguments)


def test_infeasible_fairness_is_a_status_and_the_fairest_is_reported() -> None:
    """Ten hours, at most two for the second: the fairest split is 8 to 2."""
    model = LinearModel([1.0, 1.0], [[1.0, 1.0]], 10, 10, upper=[9, 2])
    asked = EpsilonFairness(0.9)
    answer = solve_fair_milp(model, np.eye(2), asked)
    assert (answer.status, answer.objective, answer.loads) == ("infeasible", None, None)
    best = fairest(model, np.eye(2), asked)
    assert best.loads == pytest.approx([8.0, 2.0])
    assert best.reached == pytest.approx(asked.level([8.0, 2.0]), abs=1e-6)
    assert best.reached <= best.refuted <= best.reached + 1e-6


def test_a_matrix_of_gurobi_variables_is_no_list_of_loads() -> None:
    """Its rows have several variables each: NumPy's own error came from within."""
    fair, model, _ = _gurobipy()
    gurobi, _ = model()
    with pytest.raises(InputError, match=r"loads\[0\] is MVar; give a linear expression"):
        fair(gurobi, gurobi.addMVar((3, 4)), FAIR)
