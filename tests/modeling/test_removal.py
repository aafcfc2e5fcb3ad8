"""A rule that is removed holds no more; what the model was before, it is again."""

from __future__ import annotations

import pytest

from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, MaxOverMean

RULES = [MaxOverMean(1.2), GiniAtMost(0.1), EpsilonFairness(0.9), EpsilonFairness(0.9, 4), CVAtMost(0.1)]


class _Highs:
    def __init__(self, kind: str) -> None:
        import highspy

        self.model = highspy.Highs()
        self.model.silent()
        add = self.model.addIntegral if kind == "integer" else self.model.addVariable
        self.hours = [add(lb=0, obj=price) for price in (1, 2, 4)]
        self.model.addConstr(self.hours[0] + self.hours[1] + self.hours[2] == 12)

    def fair(self, fairness):
        from evenhand.modeling.highspy import fair

        return fair(self.model, self.hours, fairness)

    def solve(self) -> float:
        self.model.run()
        return self.model.getObjectiveValue()


class _Gurobi:
    def __init__(self, kind: str) -> None:
        gurobipy = pytest.importorskip("gurobipy")
        self.model = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
        self.hours = self.model.addVars(3, obj=[1, 2, 4], vtype="I" if kind == "integer" else "C")
        self.model.addConstr(self.hours.sum() == 12)

    def fair(self, fairness):
        from evenhand.modeling.gurobipy import fair

        return fair(self.model, self.hours, fairness)

    def solve(self) -> float:
        self.model.optimize()
        return self.model.ObjVal


class _Scip:
    def __init__(self, kind: str) -> None:
        import pyscipopt

        self.model = pyscipopt.Model()
        self.model.hideOutput()
        self.hours = [self.model.addVar(obj=price, vtype="I" if kind == "integer" else "C") for price in (1, 2, 4)]
        self.model.addCons(pyscipopt.quicksum(self.hours) == 12)

    def fair(self, fairness):
        from evenhand.modeling.pyscipopt import fair

        self.model.freeTransform()
        return fair(self.model, self.hours, fairness)

    def solve(self) -> float:
        self.model.freeTransform()
        self.model.optimize()
        return self.model.getObjVal()


class _Linopy:
    def __init__(self, kind: str) -> None:
        import linopy

        self.model = linopy.Model()
        integer = kind == "integer"
        self.hours = self.model.add_variables(lower=0, coords=[range(3)], name="hours", integer=integer)
        self.model.add_constraints(self.hours.sum() == 12)
        self.model.add_objective((self.hours * [1, 2, 4]).sum())

    def fair(self, fairness):
        from evenhand.modeling.linopy import fair

        return fair(self.model, self.hours, fairness)

    def solve(self) -> float:
        self.model.solve("highs", output_flag=False)
        return self.model.objective.value


@pytest.mark.parametrize("library", [_Highs, _Gurobi, _Scip, _Linopy])
@pytest.mark.parametrize("kind", ["continuous", "integer"])
def test_what_is_removed_holds_no_more(library, kind: str) -> None:
    case = library(kind)
    for fairness in RULES:
        rule = case.fair(fairness)
        assert rule.solve().objective > 13.0
        if library is _Scip:
            case.model.freeTransform()
        rule.remove()
        assert case.solve() == pytest.approx(12.0)  # all of it by the cheapest


@pytest.mark.parametrize("library", [_Highs, _Gurobi, _Scip, _Linopy])
def test_the_other_rule_stays(library) -> None:
    case = library("integer")
    largest, curved = case.fair(MaxOverMean(1.5)), case.fair(EpsilonFairness(0.9))
    assert curved.solve(others=[largest]).objective == pytest.approx(25.0)  # 5, 4 and 3 hours
    if library is _Scip:
        case.model.freeTransform()
    curved.remove()
    assert case.solve() == pytest.approx(18.0)  # 6, 6 and 0


@pytest.mark.parametrize("library", [_Highs, _Gurobi, _Scip, _Linopy])
@pytest.mark.parametrize("fairness", [MaxOverMean(1.2), EpsilonFairness(0.9)])
def test_a_removed_rule_is_not_solved(library, fairness) -> None:
    """It would be solved with it, without it, or end in the library's own error; a second removal changes nothing."""
    case = library("integer")
    rule, other = case.fair(fairness), case.fair(MaxOverMean(2.0))
    rule.remove()
    for solve in (rule.solve, lambda: other.solve(others=[rule])):
        with pytest.raises(InputError, match=r"removed from the model; call fair\(\) anew"):
            solve()
    rule.remove()
    assert other.solve().objective == pytest.approx(16.0)  # 8, 4 and 0 hours


def test_a_solved_model_of_scip_says_what_to_call() -> None:
    case = _Scip("integer")
    rule = case.fair(EpsilonFairness(0.9))
    rule.solve()
    with pytest.raises(ValueError, match=r"call model\.freeTransform\(\) before the rule is removed"):
        rule.remove()
