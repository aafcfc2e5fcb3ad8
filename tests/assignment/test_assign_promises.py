"""assign: what it promises beyond the tiny cases that enumeration settles."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import highspy
import numpy as np
import pytest

import evenhand
from evenhand.assignment.generated_instances import generate_plane

if TYPE_CHECKING:
    from evenhand.assignment import Progress

INF = float("inf")


def cheapest_by_highs(costs: np.ndarray, rows: np.ndarray) -> float:
    """Return the cost of the cheapest assignment whose loads satisfy ``rows @ loads >= 0``, by HiGHS's own search."""
    n, m = costs.shape
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    take = [[highs.addBinary(obj=float(costs[i, j])) for j in range(m)] for i in range(n)]
    for j in range(m):
        highs.addConstr(sum(take[i][j] for i in range(n)) == 1)
    for row in rows:
        highs.addConstr(sum(float(row[i] * costs[i, j]) * take[i][j] for i in range(n) for j in range(m)) >= 0)
    highs.run()
    return highs.getInfo().objective_function_value


@pytest.mark.parametrize("seed", range(6))
def test_largest_load_rule_agrees_with_a_mip_solver(seed: int) -> None:
    """Where the cone is n linear rows, a general MIP solver finds the same optimum (3 x 20, real costs)."""
    costs = np.round(np.random.default_rng(seed).uniform(1.0, 20.0, (3, 20)), 3)
    answer = evenhand.assign(costs, evenhand.MaxOverMean(1.02), gap=0.0)
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(cheapest_by_highs(costs, np.full((3, 3), 1.02 / 3) - np.eye(3)), rel=1e-6)


@pytest.mark.parametrize("p", [2, 3, 10, INF])
def test_middle_sized_answers_are_fair_close_and_verified(p: float) -> None:
    table = generate_plane(5, 120, seed=3).costs
    answer = evenhand.assign(table, evenhand.EpsilonFairness(0.95, p=p))
    assert answer.status == "optimal"
    assert answer.gap <= 1e-4
    assert evenhand.EpsilonFairness(0.95, p=p).contains(answer.loads)
    verdict = evenhand.verify(table, answer)
    assert verdict.verified, verdict.reasons


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_scale_changes_nothing_but_the_unit(scale: float) -> None:
    costs = np.random.default_rng(0).uniform(1.0, 9.0, (3, 12))
    plain = evenhand.assign(costs, evenhand.EpsilonFairness(0.97, p=10), gap=0.0)
    scaled = evenhand.assign(costs * scale, evenhand.EpsilonFairness(0.97, p=10), gap=0.0)
    assert scaled.assignment.tolist() == plain.assignment.tolist()
    assert scaled.cost == pytest.approx(plain.cost * scale)


def test_same_seed_same_answer_in_another_process() -> None:
    """The answer does not depend on hashing, threads or what ran before."""
    program = (
        "import evenhand; from evenhand.assignment.generated_instances import generate_plane;"
        "a = evenhand.assign(generate_plane(6, 60, seed=1).costs, evenhand.EpsilonFairness(0.99, p=3), seed=4);"
        "print(a.assignment.tolist(), a.cost.hex(), a.bound.hex())"
    )
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    here = evenhand.assign(generate_plane(6, 60, seed=1).costs, evenhand.EpsilonFairness(0.99, p=3), seed=4)
    assert there == f"{here.assignment.tolist()} {here.cost.hex()} {here.bound.hex()}\n"


@pytest.mark.usefixtures("processor_time")
def test_a_time_limit_leaves_the_best_so_far_with_its_true_gap() -> None:
    table = generate_plane(10, 200, seed=0).costs
    answer = evenhand.assign(table, evenhand.EpsilonFairness(0.95, p=2), gap=0.0, time_limit=0.5)
    assert answer.status == "time_limit"
    assert answer.assignment is not None
    assert answer.gap == pytest.approx((answer.cost - answer.bound) / answer.cost)
    assert evenhand.EpsilonFairness(0.95, p=2).contains(answer.loads)
    assert evenhand.verify(table, answer).verified


def test_ctrl_c_leaves_the_best_so_far() -> None:
    """KeyboardInterrupt during the search is answered with what is known, marked as interrupted."""

    def interrupt(progress: Progress) -> None:
        if progress.cost is not None:
            raise KeyboardInterrupt

    table = generate_plane(10, 200, seed=0).costs
    answer = evenhand.assign(table, evenhand.EpsilonFairness(0.95, p=2), gap=0.0, progress=interrupt)
    assert answer.interrupted
    assert answer.status == "time_limit"
    assert answer.assignment is not None


def test_ctrl_c_before_any_bound_still_leaves_an_answer_that_can_be_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cheapest assignment without fairness is a bound before the first pivot."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("evenhand.assignment.relaxation.Relaxation.solve", interrupted)
    costs = [[1.0, 2.0], [2.0, 3.0]]
    answer = evenhand.assign(costs, evenhand.EpsilonFairness(0.9))
    assert (answer.status, answer.interrupted, answer.bound) == ("time_limit", True, 3.0)
    assert evenhand.verify(costs, answer.to_dict()).bound == 3.0


@pytest.mark.usefixtures("processor_time")
def test_progress_tells_phase_bound_and_gap() -> None:
    heard: list[Progress] = []
    table = generate_plane(10, 200, seed=0).costs
    evenhand.assign(table, evenhand.EpsilonFairness(0.95, p=2), gap=0.0, time_limit=1.0, progress=heard.append)
    assert {"relaxation", "search"} <= {progress.phase for progress in heard}
    bounds = [progress.bound for progress in heard if progress.phase == "search"]
    assert bounds == sorted(bounds)


def test_infeasible_is_answered_with_the_fairest_that_is_possible() -> None:
    """One task of 9 and one of 1 between two agents: the larger load is at least 9 of 10, a CV of 0.8."""
    answer = evenhand.assign([[9.0, 1.0], [9.0, 1.0]], evenhand.CVAtMost(0.5))
    assert answer.status == "infeasible"
    assert answer.assignment is None
    assert answer.bound == INF
    assert answer.attainable.reached == pytest.approx(0.8)
    assert answer.attainable.refuted < 0.8


def test_zero_costs_and_a_single_task() -> None:
    free = evenhand.assign(np.zeros((3, 5)), evenhand.EpsilonFairness(1.0, p=2))
    assert (free.status, free.cost, free.gap) == ("optimal", 0.0, 0.0)
    single = evenhand.assign([[2.0], [1.0]], evenhand.EpsilonFairness(0.0, p=2))
    assert (single.status, single.cost) == ("optimal", 1.0)


def test_initial_loads_count_for_fairness_but_not_for_cost() -> None:
    """Agent 1 carries 4 already, so equal loads ask for both tasks of 2 to go to agent 2."""
    answer = evenhand.assign(
        [[1.0, 1.0], [3.0, 3.0]],
        evenhand.EpsilonFairness(1.0, p=2),
        burdens=[[2.0, 2.0], [2.0, 2.0]],
        initial_loads=[4.0, 0.0],
    )
    assert answer.assignment.tolist() == [1, 1]
    assert (answer.cost, answer.loads.tolist()) == (6.0, [4.0, 4.0])


def test_importing_evenhand_loads_numpy_and_nothing_heavier() -> None:
    program = (
        "import sys, evenhand;"
        "heavy = 'numba llvmlite scipy jax torch altair pandas polars pyarrow typer rich'.split();"
        "print(sorted(set(heavy) & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert run.stdout.strip() == "[]"
