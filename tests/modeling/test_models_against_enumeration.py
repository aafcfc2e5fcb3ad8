"""Integer models: every library, solver and family of cuts against trying everything."""

from __future__ import annotations

import numpy as np
import pytest
from tests.modeling.native import ADAPTERS
from tests.modeling.shared_tasks import draw

from evenhand.modeling import solve_fair_milp
from evenhand.modeling.forms import Norm, form_of

SEEDS = 100


def agrees(answer, optimum: float) -> bool:
    if np.isinf(optimum):
        return answer.status == "infeasible" and answer.objective is None
    return answer.status == "optimal" and answer.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6)


@pytest.fixture(scope="module")
def problems():
    """Draw a hundred problems with their optima; some have none."""
    drawn = [(problem, problem.optimum()) for problem in map(draw, range(SEEDS))]
    assert 5 <= sum(np.isinf(optimum) for _, optimum in drawn) <= SEEDS // 2
    return drawn


EVERY = {"linopy": 25, "pyomo": 5}
"""Of how many problems the quick suite takes one: these libraries take long to write a model."""


@pytest.mark.parametrize("every", ["some", pytest.param("all", marks=pytest.mark.slow)])
@pytest.mark.parametrize("library", ADAPTERS)
def test_the_library_finds_the_optimum(library: str, every: str, problems) -> None:
    pytest.importorskip(library)
    for problem, optimum in problems[:: EVERY.get(library, 3) if every == "some" else 1]:
        answer = ADAPTERS[library](problem.model, problem.loads, problem.fairness, gap=1e-9)
        assert agrees(answer, optimum), (problem.fairness, answer, optimum)


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("cuts", ["gradient", "supporting", "disaggregated"])
@pytest.mark.parametrize("solver", ["highs", "scip", "gurobi"])
def test_every_family_of_cuts_finds_the_optimum(solver: str, cuts: str, every: int, problems) -> None:
    if solver == "gurobi":
        pytest.importorskip("gurobipy")
    solved = 0
    for problem, optimum in problems[1::every]:
        if cuts == "disaggregated" and not isinstance(form_of(problem.fairness, len(problem.loads)), Norm):
            continue  # test_cut_families.py has the refusal
        answer = solve_fair_milp(problem.model, problem.loads, problem.fairness, solver=solver, cuts=cuts, gap=1e-9)
        solved += 1
        assert agrees(answer, optimum), (problem.fairness, answer, optimum)
    assert solved >= 10


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_maximising_is_minimising_the_negative(solver: str, problems) -> None:
    """Costs may have any sign: the dearest fair assignment is found, too."""
    for problem, _ in problems[:12]:
        turned = type(problem)(-problem.costs, problem.burdens, problem.fairness)
        answer = solve_fair_milp(turned.model, turned.loads, turned.fairness, solver=solver, gap=1e-9)
        assert agrees(answer, turned.optimum())
