"""Loads in any unit, integers between fractional bounds, and lazy rows where nothing is integral."""

from __future__ import annotations

import numpy as np
import pytest
from tests.modeling.native import ADAPTERS
from tests.modeling.shared_tasks import draw

from evenhand.fairness import CVAtMost, EpsilonFairness, HooverAtMost, JainAtLeast
from evenhand.modeling import LinearModel, solve_fair_milp


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e5, 1e7, 1e9])
@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_the_unit_of_the_loads_does_not_matter(unit: float, solver: str) -> None:
    """Four, six and two of twelve tasks make equal loads; nothing else does."""
    model = LinearModel([1.0, 2, 3], [[1.0, 1, 1]], 12, 12, integer=True)
    answer = solve_fair_milp(model, np.diag([3.0, 2, 6]) * unit, HooverAtMost(0), solver=solver)
    assert (answer.status, answer.objective) == ("optimal", pytest.approx(22.0))
    assert answer.loads == pytest.approx([12 * unit] * 3)


UNITS = [1e-6, 1.0, 1e6, 1e9]


def _each_library_in_two_units():
    """Return all pairs; the quick suite takes each library in two units, and each unit in at least two libraries."""
    pairs = [(place, library, unit) for place, library in enumerate(ADAPTERS) for unit in UNITS]
    return [
        pytest.param(library, unit, marks=[pytest.mark.slow] * (UNITS.index(unit) % 2 != place % 2))
        for place, library, unit in pairs
    ]


@pytest.mark.parametrize(("library", "unit"), _each_library_in_two_units())
def test_each_library_finds_the_optimum_in_any_unit(library: str, unit: float) -> None:
    """By enumeration; the loads are told in the unit in which they were given."""
    pytest.importorskip(library)
    for problem in map(draw, range(3 if library == "linopy" else 12)):  # linopy takes ten times as long to write
        optimum = problem.optimum()
        answer = ADAPTERS[library](problem.model, problem.loads * unit, problem.fairness, gap=1e-9)
        if np.isinf(optimum):
            assert answer.status == "infeasible", (problem.fairness, answer)
            continue
        assert answer.objective == pytest.approx(optimum, rel=1e-6, abs=1e-6), (problem.fairness, answer)
        assert problem.fairness.contains(np.maximum(answer.loads, 0.0), 1e-6)
        owed = (problem.loads * unit) @ answer.values[: problem.loads.shape[1]]
        assert library in ("pyscipopt", "pyomo") or answer.loads == pytest.approx(owed, rel=1e-6)


@pytest.mark.parametrize("large", [1.0, 1e6, 1e9])
@pytest.mark.parametrize("library", ADAPTERS)
def test_small_terms_of_large_loads_count(library: str, large: float) -> None:
    """Blocks of a gigawatt beside watts: two and a half are equally shared by a block and a quarter each."""
    pytest.importorskip(library)
    if (library, large) == ("pyscipopt", 1e9):
        pytest.skip("the model's own row, 2.5e9 to within 1e-9, is beyond SCIP's LP solver, which says so")
    costs = [1e6, 1.5e6, 3e6 / large, 4e6 / large]
    upper = [1, 1, large / 2, large / 2]
    model = LinearModel(costs, [[large, large, 1, 1]], 2.5 * large, 2.5 * large, 0, upper, [True, True, False, False])
    loads = np.array([[large, 0, 1, 0], [0, large, 0, 1.0]])
    for fairness, expected in ((HooverAtMost(0), 4.25), (JainAtLeast(0.999), 4.25 - _freedom(0.999))):
        answer = ADAPTERS[library](model, loads, fairness, gap=1e-9)
        assert answer.objective == pytest.approx(1e6 * expected, rel=1e-6), fairness


def _freedom(index: float) -> float:
    """Return half the distance of two loads of 2.5 in all at a Jain's index: a unit that moves saves one."""
    return 1.25 * (1.0 / index - 1.0) ** 0.5


def test_a_bound_holds_in_large_units() -> None:
    loads = np.array([[1.0, 0, 0], [2, 6, 1], [0, 6, 2]]) * 1e6
    model = LinearModel([3.0, -5, -2], [[0, -3, -2.0]], -np.inf, 10, 0, [3, 2, 2], True)
    answer = solve_fair_milp(model, loads, HooverAtMost(0.3), gap=0.05)
    assert answer.bound <= -9.0 <= answer.objective + 1e-6 + 0.05 * 9


def test_tiny_loads_are_not_taken_for_none() -> None:
    model = LinearModel([1.0, 2, 4], [[1.0, 1, 1]], 12, 12)
    plain, tiny = (solve_fair_milp(model, np.eye(3) * unit, EpsilonFairness(0.9)) for unit in (1.0, 1e-9))
    assert tiny.objective == pytest.approx(plain.objective)
    assert tiny.shadow_price == pytest.approx(plain.shadow_price, rel=1e-6)


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_integers_stay_within_fractional_bounds(solver: str) -> None:
    above = LinearModel([-1.0, -1, -1], [[1.0, 1, 1]], -np.inf, 100, 0, 1.5, True)
    below = LinearModel([1.0, 1, 1], [[1.0, 1, 1]], -np.inf, 100, 0.5, 5, True)
    for model, expected in ((above, -3.0), (below, 3.0)):
        answer = solve_fair_milp(model, np.eye(3), None, solver=solver)
        assert (answer.objective, answer.bound) == pytest.approx((expected, expected))


def test_lazy_rows_hold_in_continuous_models() -> None:
    def lazy(values, integral):
        return [([0], [1.0], 2.0, np.inf)] if integral and values[0] < 2.0 - 1e-9 else []

    answer = solve_fair_milp(LinearModel([1.0, 1], [[1.0, 1]], 1), np.eye(2), CVAtMost(0.5), lazy=lazy)
    assert answer.loads == pytest.approx([2.0, 2 / 3])
