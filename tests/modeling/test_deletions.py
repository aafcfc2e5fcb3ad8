"""Columns and rows that a user deletes between two solves of one constraint."""

from __future__ import annotations

import numpy as np
import pytest

from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, MaxOverMean

MEMBERS = (EpsilonFairness(0.9), MaxOverMean(1.2))


def hours(fairness):
    """Return a model of twelve hours, with a column and a row before them and behind them, and its constraint."""
    import highspy

    from evenhand.modeling.highspy import fair

    highs = highspy.Highs()
    highs.silent()
    before = highs.addVariable(lb=0, ub=1, obj=-1)
    x = [highs.addVariable(lb=0, obj=price) for price in (1, 2, 4)]
    after = highs.addVariable(lb=0, ub=1, obj=-1)
    highs.addConstr(before + after <= 5)
    highs.addConstr(x[0] + x[1] + x[2] == 12)
    return highs, fair(highs, x, fairness)


def deleted(highs, kind: str, places) -> None:
    where = np.array(places, dtype=np.int32)
    (highs.deleteCols if kind == "columns" else highs.deleteRows)(len(where), where)


# Columns 0 to 4 and rows 0 to 1 are the model's, columns 5 to 7 the loads, rows 2 to 4 their definitions.
@pytest.mark.parametrize("solved", [False, True])
@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("columns", [0]),
        ("columns", [4]),
        ("columns", [6]),
        ("columns", [7]),
        ("rows", [0]),
        ("rows", [3]),
        ("rows", [4]),
    ],
)
def test_what_moves_the_loads_is_refused(kind: str, places: list[int], solved: bool) -> None:
    for fairness in MEMBERS:
        highs, cone = hours(fairness)
        if solved:
            assert cone.solve().status == "optimal"
        deleted(highs, kind, places)
        with pytest.raises(InputError, match="columns or rows of the model were deleted: load ") as raised:
            cone.solve()
        assert "\n" not in str(raised.value)


def test_a_model_that_was_cleared_is_refused() -> None:
    highs, cone = hours(MEMBERS[0])
    highs.clear()
    with pytest.raises(InputError, match="load 0 is no longer column 5"):
        cone.solve()


@pytest.mark.parametrize("fairness", MEMBERS)
def test_columns_and_rows_behind_the_loads_may_go(fairness) -> None:
    """All cuts go, too, and are made again; a later column of the user's goes."""
    highs, cone = hours(fairness)
    first = cone.solve()
    late = highs.addVariable(lb=0, ub=1, obj=-1)
    assert cone.solve().objective == pytest.approx(first.objective - 1.0)
    deleted(highs, "columns", [late.index])
    deleted(highs, "rows", range(5, highs.getNumRow()))
    again = cone.solve()
    assert again.objective == pytest.approx(first.objective)
    assert again.loads == pytest.approx(first.loads, abs=1e-3)  # the optimum is flat
    assert fairness.contains(again.loads, 1e-8)


@pytest.mark.filterwarnings("ignore:Removing variable")
def test_variables_that_go_from_a_linopy_model() -> None:
    """Those of loads are refused by name of the load; others may go, and loads keep to their own."""
    linopy = pytest.importorskip("linopy")
    from evenhand.modeling.linopy import fair

    model = linopy.Model()
    idle = model.add_variables(lower=0, upper=1, name="idle")
    x = [model.add_variables(lower=0, name=name) for name in "abc"]
    model.add_constraints(x[0] + x[1] + x[2] == 12)
    model.add_objective(x[0] + 2 * x[1] + 4 * x[2] + 0 * idle)
    cone = fair(model, x, MEMBERS[0])
    first = cone.solve()
    model.remove_variables("idle")
    assert cone.solve().loads == pytest.approx(first.loads)
    model.remove_variables("b")
    with pytest.raises(InputError, match="load 1 uses a variable that was removed"):
        cone.solve()


def test_cuts_that_go_from_a_gurobi_model_are_made_again() -> None:
    gurobipy = pytest.importorskip("gurobipy")
    from evenhand.modeling.gurobipy import fair

    model = gurobipy.Model(env=gurobipy.Env(params={"OutputFlag": 0}))
    x = [model.addVar(obj=price) for price in (1, 2, 4)]
    model.addConstr(gurobipy.quicksum(x) == 12)
    cone = fair(model, x, MEMBERS[0])
    own = model.NumConstrs
    first = cone.solve()
    model.remove(model.getConstrs()[own:])
    again = cone.solve()
    assert again.objective == pytest.approx(first.objective)
    assert MEMBERS[0].contains(again.loads, 1e-8)
