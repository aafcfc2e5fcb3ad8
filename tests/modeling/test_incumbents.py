"""Fair solutions found beside the rounds, on staffing models, and rows that only fair loads meet."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest
from benchmarks.modeling.staffing import draw
from scipy import sparse

from evenhand.fairness import CVAtMost, EpsilonFairness, GiniAtMost, JainAtLeast
from evenhand.modeling import solve_fair_milp
from evenhand.modeling.highs_master import HighsMaster, add_columns
from evenhand.modeling.highs_model import add_matrix, highs_of
from evenhand.modeling.highspy import FairCone, columns_of
from evenhand.modeling.inner_rows import box, inner_rows
from evenhand.modeling.linear import LinearModel
from evenhand.modeling.loads import AffineRow
from evenhand.modeling.window_master import Probe

MEMBERS = [
    EpsilonFairness(0.9, p=2),
    EpsilonFairness(0.5, p=3),
    EpsilonFairness(0.8, p=10),
    CVAtMost(0.2),
    CVAtMost(0.3, entitlements=(1, 2, 3, 1, 0.5)),
    EpsilonFairness(0.7, p=4, entitlements=(1, 2, 3, 1, 0.5)),
]


def extreme(rows, direction):
    """Return the loads of sum 1, farthest in a direction, that meet the rows."""
    n = len(direction)
    highs = highs_of(LinearModel(-direction, np.ones((1, n)), 1.0, 1.0))
    columns = np.concatenate([np.arange(n, dtype=np.int32), add_columns(highs, rows.auxiliaries.shape[1])])
    add_matrix(highs, rows.matrix, columns, rows.upper)
    highs.run()
    return np.maximum(np.asarray(highs.getSolution().col_value)[:n], 0.0)


@pytest.mark.parametrize("fairness", MEMBERS, ids=str)
def test_inner_rows_hold_only_fair_loads_and_most_of_them(fairness) -> None:
    """Loads farthest in any direction are fair; no fair ones found by shrinking the direction are much farther."""
    rng = np.random.default_rng(0)
    rows = inner_rows(fairness, 5, np.empty((0, 5)))
    assert rows is not None
    for direction in rng.normal(size=(20, 5)):
        loads = extreme(rows, direction)
        assert fairness.contains(loads, 1e-6)
        equal = np.array(fairness.entitlements or np.ones(5), dtype=float)
        equal /= equal.sum()
        beyond = np.maximum(equal + 1.1 * (loads - equal), 0.0)
        assert loads.min() < 1e-9 or not fairness.contains(beyond / beyond.sum(), 0.0)


def test_a_cone_without_a_form_is_held_from_within_by_fair_loads() -> None:
    """Gini of many agents is neither rows nor a norm."""
    fairness, n = GiniAtMost(0.1), 250
    rows = inner_rows(fairness, n, np.empty((0, n)))
    assert rows is not None
    loads = extreme(rows, np.arange(n, dtype=float))
    assert fairness.contains(loads, 1e-6)
    assert loads.max() - loads.min() > 0.01 / n


def test_linear_members_need_no_inner_rows() -> None:
    assert inner_rows(EpsilonFairness(0.9, p=np.inf), 5, np.empty((0, 5))) is None


def test_a_box_ends_where_its_corners_are_no_longer_fair() -> None:
    """Of four loads, two are a tenth above the mean and two below: their CV is a tenth, and no other corner's more."""
    rows = box(CVAtMost(0.1), 4)
    assert rows.auxiliaries.toarray()[:, 0] == pytest.approx([-0.9 / 4] * 4 + [1.1 / 4] * 4)
    assert extreme(rows, np.array([1.0, 0, 0, 0])) == pytest.approx(np.array([1.1, 0.9, 0.9, 0.9]) / 3.8)


def unlike(seed, agents=10, tasks=50):
    """Draw tasks, each for one agent, which take each agent a time of its own."""
    rng = np.random.default_rng([8, seed])
    times = rng.integers(5, 50, (agents, tasks)) * rng.uniform(0.7, 1.3, (agents, 1)).round(1)
    once = sparse.csr_array(np.hstack([np.eye(tasks)] * agents))
    costs = rng.uniform(10, 60, agents * tasks).round(2)
    return LinearModel(costs, once, 1.0, 1.0, upper=1.0, integer=True), sparse.csr_array(
        sparse.block_diag(times[:, None])
    )


@pytest.mark.parametrize("fairness", [CVAtMost(0.05), JainAtLeast(0.99)], ids=str)
@pytest.mark.parametrize("seed", [21, 22])
def test_tight_rules_have_a_plan_soon(seed, fairness) -> None:
    """Half of such models had none within four seconds. The solve is ended with the first plan."""
    model, loads = unlike(seed)

    def stop(now) -> None:
        if now.objective is not None:
            raise KeyboardInterrupt

    answer = solve_fair_milp(model, loads, fairness, time_limit=20.0, progress=stop)
    assert answer.values is not None
    plan = np.round(answer.values)
    assert (model.matrix @ plan == 1.0).all()
    assert fairness.contains(loads @ plan, 1e-8)


def test_a_repair_moves_the_least_work_and_that_of_the_agents_asked_alone() -> None:
    """Tasks of 1, 1, 4, 4 all lie with the first of three agents; its load is a variable of the model's own."""
    agents, times = 3, np.array([1.0, 1, 4, 4])
    work = np.kron(np.eye(agents), times)
    matrix = np.vstack(
        [np.hstack([np.eye(4)] * agents + [np.zeros((4, 1))]), np.append(work[0], -1.0)[None]]  # each once; first load
    )
    model = LinearModel(
        np.ones(13), matrix, [1] * 4 + [0], [1] * 4 + [0], upper=[1] * 12 + [99], integer=[True] * 12 + [False]
    )
    rows = [AffineRow.of([12], [1.0]), *(AffineRow.of(range(4 * i, 4 * i + 4), times) for i in (1, 2))]
    cone = FairCone(highs_of(model), rows, CVAtMost(0.1))
    master = HighsMaster(*columns_of([cone]))
    assert master.apart(np.array([0])).tolist() == [False] * 4 + [True] * 8
    assert not master.apart(np.arange(3)).any()
    start = np.zeros(len(master.arrays().costs))
    start[:4] = 1.0
    fixed = master.apart(np.array([0, 1]))
    rows_of_box = box(CVAtMost(0.1), agents)
    status, found = master.probe(Probe(rows_of_box, fixed, start, True, 0.0, 20.0))
    assert status == "optimal"
    assert sorted(found[-1][cone.load_columns] * cone._unit) == pytest.approx([0.0, 5.0, 5.0])
    status, found = master.probe(Probe(rows_of_box, master.apart(np.arange(3)), start, True, 0.0, 20.0))
    assert sorted(found[-1][cone.load_columns] * cone._unit) == pytest.approx([2.0, 4.0, 4.0])


def test_a_repair_after_a_relaxation_is_integral() -> None:
    """Tasks of 3 and 1: halves would make two agents equal, whole ones leave 3 and 1.

    With SCIP, HiGHS solves only relaxations before a repair, which was then a relaxation, too, and searched for ever.
    """
    times = np.array([3.0, 1.0])
    model = LinearModel(np.ones(4), np.hstack([np.eye(2)] * 2), 1.0, 1.0, upper=1.0, integer=True)
    rows = [AffineRow.of(range(2 * i, 2 * i + 2), times) for i in range(2)]
    cone = FairCone(highs_of(model), rows, CVAtMost(0.1))
    master = HighsMaster(*columns_of([cone]))
    assert master.solve(relaxed=True, gap=0.0, time_limit=20.0) == "optimal"
    status, found = master.probe(Probe(box(CVAtMost(0.1), 2), None, None, True, 0.0, 20.0))
    assert status == "optimal"
    assert sorted(found[-1][cone.load_columns] * cone._unit) == pytest.approx([1.0, 3.0])


@pytest.mark.parametrize(
    ("kind", "solver"),
    [
        ("hours", "highs"),
        pytest.param("whole", "scip", marks=pytest.mark.slow),
        pytest.param("hours", "scip", marks=pytest.mark.slow),
        pytest.param("whole", "highs", marks=pytest.mark.slow),
    ],
)
def test_a_staff_model_has_a_fair_plan_within_a_minute(kind, solver) -> None:
    """The first one ends the search, after a second on an idle machine; it is checked here, row by row."""
    model, loads = draw(0, kind=kind).model()
    fairness = EpsilonFairness(0.9, p=2)
    answer = solve_fair_milp(model, loads, fairness, solver=solver, time_limit=60.0, gap=10.0)
    assert answer.values is not None
    plan = np.round(answer.values)
    assert answer.values == pytest.approx(plan, abs=1e-6)
    taken = model.matrix @ plan
    assert (taken >= model.row_lower - 1e-6).all()
    assert (taken <= model.row_upper + 1e-6).all()
    assert fairness.contains(loads @ plan, 1e-8)
    assert answer.objective == pytest.approx(float(model.costs @ plan))
    assert answer.bound <= answer.objective


def test_ctrl_c_while_fair_plans_are_looked_for_keeps_the_best() -> None:
    """It is pressed three seconds after the start: a look, or the search between two, is under way then."""
    model, loads = draw(1, kind="whole").model()
    timer = threading.Timer(3.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.perf_counter()
    answer = solve_fair_milp(model, loads, CVAtMost(0.4), time_limit=60.0, gap=0.0)
    timer.cancel()
    assert time.perf_counter() - start < 20.0
    assert answer.interrupted
    assert answer.status == "time_limit"
    assert answer.loads is None or CVAtMost(0.4).contains(answer.loads)
