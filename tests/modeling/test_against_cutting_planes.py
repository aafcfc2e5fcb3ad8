"""Continuous models: every library beside cutting planes that share nothing with it but the members' own cuts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from problems import INFEASIBLE, ORDERS, convex_problems, cutting_plane_optimum
from tests.modeling.native import ADAPTERS


def differing(library: str, p: float, count: int) -> list[tuple[int, object, float]]:
    """Return the problems on which a library's optimum is another one, by more than a millionth."""
    pytest.importorskip(library)
    wrong = []
    for index, problem in enumerate(convex_problems(p, count)):
        expected = cutting_plane_optimum(problem)
        answer = ADAPTERS[library](problem.model, problem.loads, problem.fairness, problem.constants, gap=1e-9)
        found = INFEASIBLE if answer.objective is None else answer.objective + problem.model.offset
        agree = found == expected or abs(found - expected) <= 1e-6 * max(1.0, abs(expected))
        fair = answer.loads is None or problem.fairness.contains(np.maximum(answer.loads, 0.0), 1e-6)
        if not (agree and fair and answer.status in ("optimal", "infeasible")):
            wrong.append((index, answer, expected))
    return wrong


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("library", [library for library in ADAPTERS if library != "linopy"])
def test_optimum_is_that_of_cutting_planes(library: str, p: float) -> None:
    assert differing(library, p, 8) == []


@pytest.mark.parametrize("p", [2, math.inf])
def test_optimum_of_linopy_is_that_of_cutting_planes(p: float) -> None:
    """It takes ten times as long to write a model."""
    assert differing("linopy", p, 2) == []


@pytest.mark.slow
@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("library", ADAPTERS)
def test_optimum_is_that_of_cutting_planes_on_many(library: str, p: float) -> None:
    assert differing(library, p, 200) == []


@pytest.mark.parametrize("p", [2, 3, math.inf])
def test_the_block_of_pyomo_stands_alone(p: float) -> None:
    """A nonlinear solver takes the block as it is, without our cuts."""
    pyo = pytest.importorskip("pyomo.environ")
    from tests.modeling.native import pyomo_model

    solver = pyo.SolverFactory("scip_direct")
    if not solver.available(exception_flag=False):
        pytest.skip("Pyomo's interface to PySCIPOpt is not here")
    solved = 0
    for problem in convex_problems(p, 8, seed=3):
        expected = cutting_plane_optimum(problem)
        if expected == INFEASIBLE:
            continue
        solved += 1
        model = pyomo_model(problem.model, problem.loads, problem.fairness, problem.constants)
        solver.solve(model)
        assert pyo.value(model.cost) + problem.model.offset == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert solved >= 4
