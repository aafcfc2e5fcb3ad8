"""CP-SAT, a second solver, finds what HiGHS and column generation prove."""

from __future__ import annotations

import pytest
from tests.applications.rosters.small_rosters import SMALL

from evenhand.applications.rosters import check_roster, parse_shift_benchmark, solve
from evenhand.applications.rosters.counts import counts_of

pytest.importorskip("ortools")
pytest.importorskip("highspy")


def test_without_a_weight_the_least_cost_is_ours() -> None:
    """Both prove it."""
    from benchmarks.rosters_cpsat import solve_with_cpsat

    problem = parse_shift_benchmark(SMALL.replace("3,L,2,7,1", "3,L,3,7,1\n4,E,3,9,1"))
    plan, bound = solve_with_cpsat(problem, "late", 0.0, 30.0, 1)
    ours = solve(problem)
    assert plan is not None
    checked = check_roster(problem, plan)
    assert not checked.violations
    assert checked.cost == pytest.approx(ours.cost)
    assert bound == pytest.approx(ours.bound)


def test_a_large_weight_evens_the_counts_out() -> None:
    """The objective is cost plus weight times the difference."""
    from benchmarks.rosters_cpsat import solve_with_cpsat

    problem = parse_shift_benchmark(SMALL)
    plan, bound = solve_with_cpsat(problem, "late", 1000.0, 30.0, 1)
    assert plan is not None
    late = counts_of(problem, plan)["late"]
    assert bound == pytest.approx(check_roster(problem, plan).cost + 1000.0 * (late.max() - late.min()))
