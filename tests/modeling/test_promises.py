"""What the docs promise of every library, library by library."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from evenhand import assign
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast, MaxOverMean
from evenhand.modeling import LinearModel, among, audit, fairest, frontier

LIBRARIES = ["cvxpy", "gurobipy", "highspy", "linopy", "pyomo", "pyscipopt"]
PEOPLE = ("Ann", "Bo", "Cy")
PRICES = (1, 2, 4)
HOURS, MOST = 12, 2
"""Hours of work, and how many of them Cy can take."""


class Case:
    """Twelve hours for three people, in one library: `loads` by name, and the rule added, by its own words."""

    def __init__(self, library: str, *, integer: bool, maximise: bool = False, base: float = 0.0) -> None:
        pytest.importorskip(library)
        self.library, self.integer, self.maximise, self.base = library, integer, maximise, base
        getattr(self, f"_{library}")(*(-price if maximise else price for price in PRICES))

    def _cvxpy(self, *prices: int) -> None:
        import cvxpy as cp

        x = cp.Variable(3, integer=self.integer)
        cost = x @ np.array(prices) + (-self.base if self.maximise else self.base)
        self.model = cp.Problem(
            cp.Maximize(cost) if self.maximise else cp.Minimize(cost), [cp.sum(x) == HOURS, x >= 0, x[2] <= MOST]
        )
        self.loads = {name: x[i] for i, name in enumerate(PEOPLE)}

    def _gurobipy(self, *prices: int) -> None:
        import gurobipy

        self.model = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
        self.loads = self.model.addVars(PEOPLE, vtype="I" if self.integer else "C")
        self.loads["Cy"].UB = MOST
        self.model.addConstr(self.loads.sum() == HOURS)
        cost = sum(a * x for a, x in zip(prices, self.loads.values(), strict=True))
        cost += -self.base if self.maximise else self.base
        self.model.setObjective(cost, gurobipy.GRB.MAXIMIZE if self.maximise else gurobipy.GRB.MINIMIZE)

    def _highspy(self, *prices: int) -> None:
        import highspy

        self.model = highspy.Highs()
        self.model.silent()
        add = self.model.addIntegral if self.integer else self.model.addVariable
        x = [add(lb=0, ub=MOST if name == "Cy" else HOURS) for name in PEOPLE]
        self.model.addConstr(x[0] + x[1] + x[2] == HOURS)
        cost = prices[0] * x[0] + prices[1] * x[1] + prices[2] * x[2] + (-self.base if self.maximise else self.base)
        kinds = highspy.ObjSense
        self.model.setObjective(cost, kinds.kMaximize if self.maximise else kinds.kMinimize)
        self.loads = dict(zip(PEOPLE, x, strict=True))

    def _linopy(self, *prices: int) -> None:
        import linopy
        import xarray

        self.model = linopy.Model()
        upper = xarray.DataArray([HOURS, HOURS, MOST], {"people": list(PEOPLE)})
        self.loads = self.model.add_variables(0, upper, name="hours", integer=self.integer)
        self.model.add_constraints(self.loads.sum() == HOURS)
        self.model.add_objective((self.loads * list(prices)).sum(), sense="max" if self.maximise else "min")
        self.base = 0.0  # linopy has no constants in objectives

    def _pyomo(self, *prices: int) -> None:
        import pyomo.environ as pyo

        self.model = pyo.ConcreteModel()
        domain = pyo.NonNegativeIntegers if self.integer else pyo.NonNegativeReals
        self.model.hours = self.loads = pyo.Var(PEOPLE, domain=domain)
        self.loads["Cy"].setub(MOST)
        self.model.demand = pyo.Constraint(expr=sum(self.loads.values()) == HOURS)
        cost = sum(a * x for a, x in zip(prices, self.loads.values(), strict=True))
        cost += -self.base if self.maximise else self.base
        self.model.cost = pyo.Objective(expr=cost, sense=pyo.maximize if self.maximise else pyo.minimize)

    def _pyscipopt(self, *prices: int) -> None:
        import pyscipopt

        self.model = pyscipopt.Model()
        self.model.hideOutput()
        x = [
            self.model.addVar(ub=MOST if name == "Cy" else None, vtype="I" if self.integer else "C") for name in PEOPLE
        ]
        self.model.addCons(pyscipopt.quicksum(x) == HOURS)
        cost = pyscipopt.quicksum(a * y for a, y in zip(prices, x, strict=True)) + (
            -self.base if self.maximise else self.base
        )
        self.model.setObjective(cost, "maximize" if self.maximise else "minimize")
        self.loads = dict(zip(PEOPLE, x, strict=True))

    def solve(self, fairness):
        """Add the rule as the README does, and solve."""
        if self.library == "cvxpy":
            from evenhand.modeling.cvxpy import solve

            return solve(self.model, self.loads, fairness)
        if self.library == "pyomo":
            from evenhand.modeling.pyomo import fair, solve

            self.model.fair = fair(self.loads, fairness)
            return solve(self.model)
        from importlib import import_module

        return import_module(f"evenhand.modeling.{self.library}").fair(self.model, self.loads, fairness).solve()

    def quadratic(self):
        """Return loads of which the first is quadratic, and long."""
        if self.library == "linopy":
            return self.loads * self.loads
        if self.library == "highspy":  # which has no products; a comparison is no load either
            return [self.loads["Ann"] <= 1, self.loads["Bo"]]
        first, *rest = self.loads.values()
        return [sum((k + 1) * first * first for k in range(300)), *rest]


def plans():
    """Return every whole-numbered way to share the hours."""
    return [plan for plan in product(range(HOURS + 1), repeat=3) if sum(plan) == HOURS and plan[2] <= MOST]


def cheapest(fairness) -> float:
    return min(float(np.dot(PRICES, plan)) for plan in plans() if fairness is None or fairness.contains(plan))


@pytest.fixture(params=LIBRARIES)
def library(request) -> str:
    return request.param


@pytest.mark.parametrize("fairness", [EpsilonFairness(0.6), EpsilonFairness(0.6, 3), GiniAtMost(0.2)], ids=repr)
def test_the_rule_holds_in_an_integer_model(library: str, fairness) -> None:
    answer = Case(library, integer=True).solve(fairness)
    assert (answer.status, answer.objective) == ("optimal", pytest.approx(cheapest(fairness)))
    assert answer.rules[0].satisfied


@pytest.mark.parametrize("fairness", [MaxOverMean(1), EpsilonFairness(0), JainAtLeast(1), GiniAtMost(0)], ids=repr)
def test_the_fairest_of_an_integer_model(library: str, fairness) -> None:
    case = Case(library, integer=True)
    found = fairest(case.model, case.loads, fairness)
    levels = [float(fairness.level(plan)) for plan in plans()]
    loosest, strictest = fairness.parameter_range(3)
    assert found.status == "optimal"
    assert found.reached == pytest.approx(max(levels) if strictest > loosest else min(levels), abs=1e-5)
    assert found.loads.round(6).tolist() == [5, 5, 2]


def test_the_fairest_of_a_continuous_model(library: str) -> None:
    """5, 5 and 2 of 12: the largest is 1.25 of the mean."""
    case = Case(library, integer=False)
    found = fairest(case.model, case.loads, MaxOverMean(1))
    assert (found.status, found.reached) == ("optimal", pytest.approx(1.25, abs=1e-5))
    assert found.refuted == pytest.approx(1.25, abs=1e-4)
    assert found.loads == pytest.approx([5, 5, 2], abs=1e-3)


def test_asking_for_the_fairest_leaves_the_model_as_it_was(library: str) -> None:
    case = Case(library, integer=True)
    fairest(case.model, case.loads, CVAtMost(1))
    rule = EpsilonFairness(0.6)
    frontier(case.model, [rule], loads=case.loads)
    assert case.solve(rule).objective == pytest.approx(cheapest(rule))


@pytest.mark.parametrize("maximise", [False, True])
@pytest.mark.parametrize("base", [0.0, 7.0])
def test_a_frontier(library: str, maximise: bool, base: float) -> None:
    case = Case(library, integer=True, maximise=maximise, base=base)
    sign = -1.0 if maximise else 1.0
    rules = [JainAtLeast(level) for level in (0.8, 0.5)]
    line = frontier(case.model, rules, loads=case.loads)
    assert line.agents == PEOPLE
    assert line.base_cost == pytest.approx(sign * (cheapest(None) + case.base))
    assert [point.parameter for point in line] == [0.5, 0.8]
    for point in line:
        cost = cheapest(JainAtLeast(point.parameter)) + case.base
        assert point.cost == pytest.approx(sign * cost)
        assert point.price == pytest.approx(cost / (cheapest(None) + case.base) - 1.0)


def test_a_frontier_of_a_continuous_model(library: str) -> None:
    """With the largest at 1.5 of the mean, 6 and 6 hours cost 18; at 1.25, 5, 5 and 2 cost 23."""
    case = Case(library, integer=False)
    line = frontier(case.model, [MaxOverMean(1.5), MaxOverMean(1.25)], loads=case.loads)
    assert [point.cost for point in line] == pytest.approx([18.0, 23.0], abs=1e-4)


def test_a_frontier_of_a_model_needs_its_loads(library: str) -> None:
    with pytest.raises(InputError, match=r"loads is missing; frontier\(model, fairnesses, loads=...\)"):
        frontier(Case(library, integer=True).model, [CVAtMost(0.5)])


@pytest.mark.parametrize("order", [PEOPLE, PEOPLE[::-1]])
def test_entitlements_by_name(library: str, order) -> None:
    """Bo is entitled to twice as much: 3, 6 and 3 hours would be equal, were it not for the 2 that Cy can take."""
    shares = {"Ann": 1.0, "Bo": 2.0, "Cy": 1.0}
    named = MaxOverMean(1.2, entitlements={name: shares[name] for name in order})
    ordered = MaxOverMean(1.2, entitlements=tuple(shares[name] for name in PEOPLE))
    answer = Case(library, integer=True).solve(named)
    assert answer.objective == pytest.approx(cheapest(ordered))
    assert answer.rules[0].satisfied
    case = Case(library, integer=True)
    found = fairest(case.model, case.loads, named)
    assert found.reached == pytest.approx(min(float(ordered.level(plan)) for plan in plans()), abs=1e-5)
    assert frontier(case.model, [named], loads=case.loads).points[0].cost == pytest.approx(cheapest(ordered))


def test_names_that_are_not_the_loads_are_refused(library: str) -> None:
    case = Case(library, integer=True)
    for shares, said in (
        ({"Ann": 1, "Bo": 2, "Di": 1}, r"entitlements name 'Di', who is not among the agents \(Ann, Bo, Cy\)"),
        ({"Ann": 1, "Bo": 2}, "entitlements lack 'Cy'; give one for each agent"),
    ):
        with pytest.raises(InputError, match=said):
            case.solve(CVAtMost(0.5, entitlements=shares))


def test_names_without_named_loads_are_refused(library: str) -> None:
    case = Case(library, integer=True)
    case.loads = [case.loads.loc[name] for name in PEOPLE] if library == "linopy" else list(case.loads.values())
    with pytest.raises(
        InputError, match=r"entitlements are by name \(Ann, Bo, Cy\), loads are not; give loads by name"
    ):
        case.solve(CVAtMost(0.5, entitlements=dict.fromkeys(PEOPLE, 1.0)))


def test_a_quadratic_load_is_refused_in_a_short_line(library: str) -> None:
    case = Case(library, integer=False)
    case.loads = case.quadratic()
    with pytest.raises(InputError) as raised:
        case.solve(CVAtMost(0.5))
    assert len(str(raised.value)) <= 200
    assert "\n" not in str(raised.value)


def test_arguments_in_the_wrong_order_are_refused_in_a_short_line(library: str) -> None:
    case = Case(library, integer=False)
    for loads, fairness in (
        (CVAtMost(0.5), case.loads),
        (case.loads, None),
        (case.loads, 0.5),
        (3, CVAtMost(0.5)),
        ({}, CVAtMost(0.5)),
    ):
        case.loads = loads
        with pytest.raises(InputError) as raised:
            case.solve(fairness) if fairness is not None else fairest(case.model, loads, None)
        assert len(str(raised.value)) <= 200
        assert "\n" not in str(raised.value)


def test_a_class_is_no_member(library: str) -> None:
    case = Case(library, integer=False)
    with pytest.raises(InputError, match=r"fairness is <class .*CVAtMost'>; give a member such as"):
        case.solve(CVAtMost)


@pytest.mark.parametrize("library", ["gurobipy", "linopy", "pyomo", "pyscipopt"])
def test_loads_of_another_model_are_refused(library: str) -> None:
    """In CVXPY variables are of no model, in highspy they are mere numbers of columns."""
    own, other = Case(library, integer=False), Case(library, integer=False)
    with pytest.raises(InputError, match="of another model"):
        fairest(own.model, other.loads, CVAtMost(0.5))
    own.loads = other.loads
    with pytest.raises(InputError, match="of another model"):
        own.solve(CVAtMost(0.5))


def test_members_of_two_kinds_are_no_frontier(library: str) -> None:
    case = Case(library, integer=False)
    with pytest.raises(InputError, match=r"frontier: .* is not .* at another parameter; give one member at several"):
        frontier(case.model, [CVAtMost(0.5), MaxOverMean(2)], loads=case.loads)


def test_a_model_with_a_rule_already(library: str) -> None:
    """Pyomo's block is refused; elsewhere its rows cut off nothing that is fairer, and the fairest is the same."""
    case = Case(library, integer=True)
    rule = EpsilonFairness(0.6)
    if library == "cvxpy":
        import cvxpy as cp

        from evenhand.modeling.cvxpy import fair

        case.model = cp.Problem(case.model.objective, [*case.model.constraints, *fair(case.loads, rule)])
    else:
        case.solve(rule)
    if library == "pyomo":
        with pytest.raises(InputError, match=r"model has a rule already; leave it out first: fair\.deactivate\(\)"):
            fairest(case.model, case.loads, rule)
        case.model.fair.deactivate()
    assert fairest(case.model, case.loads, rule).reached == pytest.approx(float(rule.level([5, 5, 2])), abs=1e-5)


def test_a_model_of_no_library_is_refused() -> None:
    with pytest.raises(InputError, match=r"model is dict; give a LinearModel, or a model of cvxpy, .* or pyscipopt"):
        fairest({}, [1, 2], CVAtMost(0.5))


def test_a_function_that_returns_a_number_is_refused() -> None:
    with pytest.raises(InputError, match="solve returned float; it must return a FairSolution"):
        frontier(lambda _: 3.0, [CVAtMost(0.5)])


def test_a_missing_star_is_said_in_cvxpys_own_error() -> None:
    import cvxpy as cp

    from evenhand.modeling.cvxpy import fair

    x = cp.Variable(3, nonneg=True)
    with pytest.raises(ValueError, match=r"put a star before it, as in \[\.\.\., \*fair\(loads, fairness\)\]"):
        cp.Problem(cp.Minimize(cp.sum(x)), [cp.sum(x) == 1, fair(x, CVAtMost(0.5))])


def test_an_integer_cone_of_cvxpy_is_bisected() -> None:
    """X'x <= 70 leaves 5, 5 and 4 of 14 as the fairest whole hours; 6, 4 and 4 have 68, 5, 5 and 4 have 66."""
    import cvxpy as cp

    x = cp.Variable(3, integer=True)
    problem = cp.Problem(cp.Minimize(x[0]), [cp.sum(x) == 14, x >= 0, cp.sum_squares(x) <= 70])
    found = fairest(problem, x, MaxOverMean(1), resolution=1e-3)
    assert found.status == "optimal"
    assert sorted(found.loads.round(3)) == [4, 5, 5]


def test_the_fairest_among_the_selected_ends() -> None:
    """Six hours each for the two of three who carry anything."""
    model = LinearModel([1, 2, 4], [[1, 1, 1]], 12, 12, upper=[12, 12, 2], integer=True)
    found = fairest(model, np.eye(3), among(MaxOverMean(1), selected=2, candidates=3))
    assert (found.status, found.reached) == ("optimal", pytest.approx(1.0, abs=1e-5))


def test_audit_takes_loads_and_entitlements_by_name() -> None:
    rule = MaxOverMean(1.0, entitlements={"Bo": 2, "Ann": 1})
    assert audit({"Ann": 2.0, "Bo": 4.0}, rule).satisfied
    assert not audit({"Ann": 4.0, "Bo": 2.0}, rule).satisfied
    pandas = pytest.importorskip("pandas")
    assert audit(pandas.Series({"Ann": 2.0, "Bo": 4.0}), rule).satisfied
    with pytest.raises(InputError, match="entitlements are by name"):
        audit([2.0, 4.0], rule)


def test_what_cvxpy_refuses_is_said_in_a_line() -> None:
    import cvxpy as cp

    x = cp.Variable(2)
    for problem, options in (
        (cp.Problem(cp.Minimize(0), [cp.norm(x) >= 1]), {}),
        (cp.Problem(cp.Minimize(0), [x >= 1]), {"solver": "NOPE"}),
    ):
        with pytest.raises(InputError, match="problem cannot be solved: ") as raised:
            frontier(problem, [CVAtMost(0.5)], loads=x, **options)
        assert "\n" not in str(raised.value)
        assert len(str(raised.value)) <= 200


def test_members_by_name_are_copied_and_compared_with_their_names() -> None:
    rule = CVAtMost(0.9, entitlements={"Bo": 1, "Ann": 2})
    assert pickle.loads(pickle.dumps(rule)) == copy.deepcopy(rule) == rule
    assert rule != CVAtMost(0.9, entitlements=(1, 2))
    assert rule.to_dict()["entitlements"] == {"Bo": 1.0, "Ann": 2.0}
    with pytest.raises(InputError, match="entitlements are by name"):
        rule.level([1.0, 2.0])


def test_assign_takes_entitlements_by_name() -> None:
    pandas = pytest.importorskip("pandas")
    costs = pandas.DataFrame([[1.0, 2, 3, 4], [2, 2, 2, 2]], index=["Ann", "Bo"])
    answer = assign(costs, CVAtMost(0.5, entitlements={"Bo": 1, "Ann": 2}))
    assert answer.fairness.entitlements == (2.0, 1.0)
    with pytest.raises(InputError, match=r"entitlements name 'Zed', who is not among the agents \(Ann, Bo\)"):
        assign(costs, CVAtMost(0.5, entitlements={"Bo": 1, "Zed": 2}))


def test_nothing_is_printed_but_what_the_example_prints() -> None:
    code = """
import pyomo.environ as pyo
from evenhand import EpsilonFairness
from evenhand.modeling.pyomo import fair, solve
model = pyo.ConcreteModel()
model.hours = pyo.Var(range(3), domain=pyo.NonNegativeIntegers)
model.demand = pyo.Constraint(expr=sum(model.hours.values()) == 12)
model.cost = pyo.Objective(expr=model.hours[0] + 2 * model.hours[1] + 4 * model.hours[2])
model.fair = fair(model.hours, EpsilonFairness(0.9, p=2))
solve(model)
print([round(load.value) for load in model.hours.values()])
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert (ran.stdout, ran.stderr) == ("[5, 4, 3]\n", "")
