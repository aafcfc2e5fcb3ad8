"""Tables in shards: the same answers as in memory, whatever the shards are and wherever they stand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shard_tables import plan_of, points, streamed, write_npy, write_parquet

import evenhand
from evenhand.assignment import ShardedAssignment, assign_shards, verify_plan
from evenhand.assignment.shards.computed_shards import DistanceShards
from evenhand.assignment.shards.engine import LocalEngine
from evenhand.errors import InputError
from evenhand.fairness import CVAtMost, EpsilonFairness, Fairness, GiniAtMost, MaxOverMean

TIGHT = {"gap": 1e-9}


def check(answer: ShardedAssignment, table: np.ndarray, fairness: Fairness, burdens: np.ndarray | None = None) -> None:
    """Check a plan against its table by plain sums."""
    plan = plan_of(answer.output)
    tasks = np.arange(table.shape[1])
    carried = table if burdens is None else burdens
    loads = [math.fsum(carried[i, plan == i].tolist()) for i in range(len(table))]
    assert answer.cost == pytest.approx(math.fsum(table[plan, tasks].tolist()), rel=1e-14)
    assert answer.loads is not None
    assert answer.loads.tolist() == pytest.approx(loads, rel=1e-14)
    assert fairness.contains(np.array(loads))


MEMBERS = [
    EpsilonFairness(0.9, p=2),
    EpsilonFairness(0.5, p=5),
    EpsilonFairness(0.99, p=math.inf),
    EpsilonFairness(0.0),
    CVAtMost(0.05),
    GiniAtMost(0.02),
]


@pytest.mark.parametrize("fairness", MEMBERS, ids=repr)
def test_bounds_agree_with_those_in_memory(fairness: Fairness, tmp_path: Path) -> None:
    """The streamed bound is below what the other engine's plan costs, and the streamed plan above its bound."""
    table = points(4, 4000)
    with streamed():
        answer = assign_shards(write_npy(tmp_path / "c", table, [1, 0, 2999, 1000]), fairness, tmp_path / "p", **TIGHT)
    check(answer, table, fairness)
    other = evenhand.assign(table, fairness, gap=1e-4)
    assert answer.cost is not None
    assert other.cost is not None
    assert answer.bound is not None
    assert answer.bound <= other.cost
    assert answer.cost >= other.bound
    assert answer.gap is not None
    assert answer.gap < 2e-4


def test_small_tables_are_solved_as_in_memory(tmp_path: Path) -> None:
    """The search closes a gap that rounding alone would leave open."""
    table = points(3, 40, seed=3)
    answer = assign_shards(write_npy(tmp_path / "c", table, [10, 30]), EpsilonFairness(0.95), tmp_path / "p", **TIGHT)
    other = evenhand.assign(table, EpsilonFairness(0.95), gap=1e-9)
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(other.cost, rel=1e-9)
    check(answer, table, EpsilonFairness(0.95))


def test_shards_and_formats_do_not_matter(tmp_path: Path) -> None:
    """C and Fortran order, rows and columns, Parquet, and an array in memory state one bound; so do other shards."""
    table = points(3, 2000, seed=1)
    fairness = EpsilonFairness(0.9)
    sources: list[tuple[Any, dict[str, Any]]] = [
        (table, {}),
        (write_npy(tmp_path / "c", table, [2000]), {}),
        (write_npy(tmp_path / "f", table, [2000], order="F"), {}),
        (write_npy(tmp_path / "t", table.T.copy().reshape(2000, 3), [3]), {"tasks_in_rows": True}),
        (write_parquet(tmp_path / "q", table, [700, 1300]), {}),
    ]
    found = []
    for k, (source, rest) in enumerate(sources):
        with streamed():
            found.append(assign_shards(source, fairness, tmp_path / f"plan{k}", **TIGHT, **rest))
        check(found[-1], table, fairness)
    costs = [answer.cost for answer in found]
    assert costs[:4] == [costs[0]] * 4
    assert costs[4] == pytest.approx(costs[0], rel=1e-3)


def test_single_precision_is_read_as_it_is(tmp_path: Path) -> None:
    """Sums are of the numbers in the file, in double precision."""
    table = points(3, 3000).astype(np.float32)
    with streamed():
        answer = assign_shards(write_npy(tmp_path / "c", table, [3000]), MaxOverMean(1.01), tmp_path / "p")
    check(answer, table.astype(np.float64), MaxOverMean(1.01))


def test_burdens_initial_loads_locked_tasks_and_forbidden_pairs(tmp_path: Path) -> None:
    """All rules at once hold, and the bound agrees with the other engine's."""
    random = np.random.default_rng(5)
    costs, burdens = random.random((3, 3000)) - 0.2, random.random((3, 3000)) + 0.1
    costs[0, ::7] = np.inf
    initial, locked = [30.0, 0.0, 5.0], {3: 1, 2999: "agent-3", 8: 2}
    fairness = EpsilonFairness(0.95)
    c = write_npy(tmp_path / "c", costs, [1000, 2000])
    b = write_npy(tmp_path / "b", burdens, [1000, 2000])
    with streamed():
        answer = assign_shards(c, fairness, tmp_path / "p", burdens=b, initial_loads=initial, locked=locked, gap=1e-9)
    plan = plan_of(answer.output)
    assert plan[[3, 8, 2999]].tolist() == [1, 2, 2]
    assert not (plan[::7] == 0).any()
    loads = np.array(initial) + [burdens[i, plan == i].sum() for i in range(3)]
    assert fairness.contains(loads)
    assert answer.loads is not None
    assert answer.loads.tolist() == pytest.approx(loads.tolist())
    other = evenhand.assign(costs, fairness, burdens=burdens, initial_loads=initial, locked=locked, gap=1e-4)
    assert other.cost is not None
    assert answer.bound is not None
    assert answer.cost is not None
    assert answer.bound <= other.cost
    assert answer.cost >= other.bound
    assert answer.made_with == {"burdens": True, "initial_loads": True, "locked": True}


def test_profits_are_maximised(tmp_path: Path) -> None:
    """Cost, bound and base have the sign of the table."""
    profits = points(3, 2000, seed=2)
    with streamed():
        answer = assign_shards(profits, EpsilonFairness(0.9), tmp_path / "p", burdens=np.ones((3, 2000)), maximise=True)
    other = evenhand.assign(profits, EpsilonFairness(0.9), burdens=np.ones((3, 2000)), maximise=True, gap=1e-4)
    assert answer.cost is not None
    assert answer.bound is not None
    assert other.cost is not None
    assert answer.base_cost == pytest.approx(profits.max(axis=0).sum())
    assert other.cost <= answer.bound * (1 + 1e-12)
    assert answer.cost <= other.bound
    assert answer.gap is not None
    assert 0 <= answer.gap < 1e-3


def test_equal_columns_in_thousands(tmp_path: Path) -> None:
    """Ten kinds of tasks, of which the relaxation splits a few: whole copies are dealt out to within one task."""
    kinds = np.random.default_rng(1).random((4, 10))
    table = kinds[:, np.arange(50_000) % 10]
    fairness = EpsilonFairness(0.99)
    with streamed():
        answer = assign_shards(write_npy(tmp_path / "c", table, [20_000, 30_000]), fairness, tmp_path / "p")
    check(answer, table, fairness)
    assert answer.gap is not None
    assert answer.gap < 1e-4


def test_copies_of_one_task_among_others(tmp_path: Path) -> None:
    """Half of the tasks are copies of one, which the relaxation splits; the others are all different."""
    table = points(4, 60_000, seed=1)
    table[:, ::2] = table[:, :1]
    fairness = EpsilonFairness(0.99)
    with streamed():
        answer = assign_shards(write_npy(tmp_path / "c", table, [20_000, 40_000]), fairness, tmp_path / "p", gap=1e-6)
    check(answer, table, fairness)
    assert answer.gap is not None
    assert answer.gap < 1e-4


def test_distances_are_computed_when_they_are_needed(tmp_path: Path) -> None:
    """Points of tasks in a file, and a function for their distances, give the plan of the table of distances."""
    random = np.random.default_rng(0)
    agents, tasks = random.random((3, 2)), random.random((2000, 2))
    np.save(tmp_path / "tasks.npy", tasks)
    table = np.linalg.norm(agents[:, None] - tasks, axis=2)
    with streamed():
        answer = assign_shards(DistanceShards(agents, tmp_path / "tasks.npy"), EpsilonFairness(0.9), tmp_path / "p")
    check(answer, table, EpsilonFairness(0.9))


def test_names_of_tasks_and_agents_are_passed_through(tmp_path: Path) -> None:
    """A Parquet column of names becomes the plan's."""
    import pyarrow.parquet

    table = points(2, 100)
    names = [f"parcel {j}" for j in range(100)]
    source = write_parquet(tmp_path / "q", table, [60, 40], names)
    answer = assign_shards(source, EpsilonFairness(0.9), tmp_path / "p")
    rows = [
        row for part in sorted(answer.output.glob("*.parquet")) for row in pyarrow.parquet.read_table(part).to_pylist()
    ]
    assert [row["task"] for row in rows] == names
    assert {row["agent"] for row in rows} == {"a0", "a1"}


def test_the_engine_changes_no_bit(tmp_path: Path) -> None:
    """One thread and many give the same cost, bound and plan."""
    table = points(5, 5000)
    c = write_npy(tmp_path / "c", table, [500] * 10)
    found = []
    for workers in (1, 4):
        with streamed():
            engine = LocalEngine(workers)
            found.append(assign_shards(c, EpsilonFairness(0.9), tmp_path / str(workers), engine=engine))
    assert found[0].cost == found[1].cost
    assert found[0].bound == found[1].bound
    assert plan_of(found[0].output).tolist() == plan_of(found[1].output).tolist()


@pytest.mark.parametrize("whole", [True, False])
def test_an_impossible_rule_is_proven_or_said_plainly(whole: bool, tmp_path: Path) -> None:
    """An agent who carries more than its fair share before can never be fair."""
    table = points(3, 1000)
    initial = [1e6, 0.0, 0.0]
    if whole:
        answer = assign_shards(table, EpsilonFairness(0.9), tmp_path / "p", initial_loads=initial)
    else:
        with streamed():
            answer = assign_shards(table, EpsilonFairness(0.9), tmp_path / "p", initial_loads=initial)
    assert answer.status == "infeasible"
    assert answer.certificate is not None
    assert answer.certificate.kind == "infeasible"
    assert answer.cost is None


def test_one_agent_or_no_task_is_refused(tmp_path: Path) -> None:
    """Sharing needs two agents and a task."""
    with pytest.raises(InputError, match="at least 2 agents"):
        assign_shards(points(1, 5), EpsilonFairness(0.9), tmp_path / "p")
    with pytest.raises(InputError, match="no task"):
        assign_shards(write_npy(tmp_path / "c", points(2, 0), [0]), EpsilonFairness(0.9), tmp_path / "p")


@pytest.mark.parametrize(
    ("n", "m", "epsilon"), [(2, 1, 0.5), (2, 7, 0.99), (3, 60, 1.0), (200, 3000, 0.9), (20, 20_000, 0.5)]
)
def test_extreme_shapes(n: int, m: int, epsilon: float, tmp_path: Path) -> None:
    """One task, equal loads, many agents, a shard of one task and one of none: a plan is right or absent."""
    # Equal loads are there if the tasks are alike.
    table = np.ones((n, m)) if epsilon == 1.0 else points(n, m, seed=4)
    source = write_npy(tmp_path / "c", table, [1, 0, m - 1])
    answer = assign_shards(source, EpsilonFairness(epsilon), tmp_path / "p", gap=1e-2, time_limit=60.0)
    if answer.cost is None:
        assert answer.status in ("infeasible", "unknown")
        assert m < 100
        return
    check(answer, table, EpsilonFairness(epsilon))
    assert answer.bound is not None
    assert answer.bound <= answer.cost


@pytest.mark.slow
def test_ten_million_tasks(tmp_path: Path) -> None:
    """The plan is verified, its gap is small, and memory stays far below the table's in double precision."""
    costs = tmp_path / "c"
    costs.mkdir()
    agents = np.random.default_rng(1).random((5, 2, 1))
    for k in range(10):
        tasks = np.random.default_rng([2, k]).random((2, 1_000_000))
        np.save(costs / f"part-{k}.npy", np.hypot(*(agents - tasks).transpose(1, 0, 2)).astype(np.float32))
    for k, fairness in enumerate((EpsilonFairness(0.99), EpsilonFairness(0.99, p=math.inf))):
        answer = assign_shards(costs, fairness, tmp_path / str(k), gap=1e-7)
        assert answer.status == "optimal"
        assert answer.passes <= 5
        verdict = verify_plan(costs, answer, fairness=fairness, max_gap=1e-7)
        assert verdict.reasons == ()
        assert verdict
