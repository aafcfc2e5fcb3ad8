"""Large tables are read where they stand: in any precision and order, from memory maps, and without a copy."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import evenhand
from evenhand.assignment import problem as problem_module, table_blocks
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.problem import Problem
from evenhand.assignment.table_blocks import Extent, blocks_of
from evenhand.errors import InputError
from evenhand.tables.default_names import DefaultNames

AGENTS, TASKS = 20, 60_000
FAIR = evenhand.EpsilonFairness(0.95, p=2)

Kind = Callable[[NDArray[np.float64], Path], NDArray[Any]]


def single(costs: NDArray[np.float64], _: Path) -> NDArray[Any]:
    return costs.astype(np.float32)


def by_task(costs: NDArray[np.float64], _: Path) -> NDArray[Any]:
    return np.asfortranarray(costs)


def mapped(costs: NDArray[np.float64], folder: Path) -> NDArray[Any]:
    np.save(folder / "costs.npy", costs)
    return np.load(folder / "costs.npy", mmap_mode="r")  # type: ignore[no-any-return]


def every_second(costs: NDArray[np.float64], _: Path) -> NDArray[Any]:
    return np.repeat(np.repeat(costs, 2, axis=0), 2, axis=1)[::2, 1::2]


def backwards(costs: NDArray[np.float64], _: Path) -> NDArray[Any]:
    return np.ascontiguousarray(costs[::-1, ::-1])[::-1, ::-1]


@pytest.fixture(scope="module")
def costs() -> NDArray[np.float64]:
    """Return distances of random points, shape (20, 60000), above the size from which tables are read in place."""
    random = np.random.default_rng(5)
    return np.asarray(np.linalg.norm(random.random((AGENTS, 1, 2)) - random.random((1, TASKS, 2)), axis=2))


@pytest.mark.parametrize("kind", [single, by_task, mapped, every_second, backwards], ids=lambda kind: kind.__name__)
def test_every_kind_of_array_gives_the_answer_of_a_plain_copy(
    kind: Kind, costs: NDArray[np.float64], tmp_path: Path
) -> None:
    """Bit for bit the same plan and bound, from the array itself, which stays as it was."""
    table = kind(costs, tmp_path)
    problem = build_problem(table)
    assert np.shares_memory(problem.costs, table)
    assert problem.burdens is problem.costs
    plain = np.array(table, dtype=np.float64, order="C")
    answer, expected = evenhand.assign(table, FAIR, gap=1e-4), evenhand.assign(plain, FAIR, gap=1e-4)
    assert (answer.assignment == expected.assignment).all()
    assert (answer.cost, answer.bound, answer.base_cost) == (expected.cost, expected.bound, expected.base_cost)
    assert (np.asarray(table) == plain).all()
    assert evenhand.verify(table, answer, fairness=FAIR, max_gap=1e-4)


def test_whole_numbers_and_other_floats_are_converted(costs: NDArray[np.float64]) -> None:
    """What the loops cannot read is copied once, without a change of value."""
    for dtype in (np.int16, np.dtype(">f8"), np.float16, np.longdouble):
        table = (100 * costs).astype(dtype)
        problem = build_problem(table)
        assert problem.costs.dtype == np.float64
        assert (problem.costs == table.astype(np.float64)).all()


@pytest.mark.parametrize("maximise", [False, True])
@pytest.mark.parametrize("with_burdens", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_problem_is_that_of_the_small_way(
    dtype: type, with_burdens: bool, maximise: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forbidden pairs, profits, burdens, loads and locked tasks mean the same in place, block by block, and copied."""
    random = np.random.default_rng(3)
    values = random.uniform(1, 9, (3, 50)).astype(dtype)
    values[1:][random.random((2, 50)) < 0.3] = np.inf
    given: dict[str, Any] = {"initial_loads": [1, 2, 3], "locked": {"task-7": "agent-1"}, "maximise": maximise}
    if with_burdens:
        given["burdens"] = random.uniform(1, 2, (3, 50)).astype(dtype)
        given["burdens"][~np.isfinite(values)] = np.nan
    before = values.copy()
    expected = build_problem(values, **given)
    monkeypatch.setattr(table_blocks, "IN_PLACE", 1)
    monkeypatch.setattr(table_blocks, "PAIRS", 21)  # seven tasks a block, the last of one task
    problem = build_problem(values, **given)
    assert np.array_equal(values, before)
    assert maximise or np.shares_memory(problem.costs, values)
    assert problem.costs.dtype == dtype
    for name in ("costs", "burdens", "initial_loads", "locked", "allowed", "cheapest"):
        assert np.array_equal(getattr(problem, name), getattr(expected, name)), name
    for name in ("base_cost", "base_bound", "size", "shares_burdens", "made_with", "agents", "tasks"):
        assert getattr(problem, name) == getattr(expected, name), name
    some = random.integers(0, 1, 50)
    assert problem.cost_of(some) == math.fsum(expected.costs[some, np.arange(50)].tolist())
    assert problem.loads_of(some) == pytest.approx(expected.loads_of(some), rel=1e-14)
    part = problem.part(np.array([3, 7, 40]), np.zeros(3))
    assert part.costs.dtype == part.burdens.dtype == np.float64
    assert np.array_equal(part.costs, expected.costs[:, [3, 7, 40]])
    assert np.array_equal(problem.in_doubles().burdens, expected.burdens)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"at": (2, 31), "value": np.nan}, "cost of task 'task-32' for agent 'agent-3' is nan"),
    ({"at": (2, 31), "value": -np.inf}, "cost of task 'task-32' for agent 'agent-3' is -inf"),
    ({"at": (1, 49), "value": -1.0}, "cost of task 'task-50' for agent 'agent-2' is -1; expected a number >= 0"),
    ({"at": (1, 49), "value": -1.0, "maximise": True}, "profit of task 'task-50' for agent 'agent-2' is -1"),
    ({"at": (slice(None), 48), "value": np.inf}, "task 'task-49' is forbidden (cost inf) for every agent"),
    ({"at": (0, 22), "value": 1e308}, "costs sum to more than a float can hold (1e+308 is the largest)"),
    ({"burden_at": (2, 31), "value": np.nan}, "burden of task 'task-32' for agent 'agent-3' is nan"),
    ({"burden_at": (2, 31), "value": np.inf}, "burden of task 'task-32' for agent 'agent-3' is inf"),
    ({"burden_at": (0, 31), "value": -1.0}, "burden of task 'task-32' for agent 'agent-1' is -1"),
]


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_a_wrong_value_is_named_whatever_block_it_stands_in(
    wrong: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line names the value, the agent and the task, the first agent's first."""
    monkeypatch.setattr(table_blocks, "IN_PLACE", 1)
    monkeypatch.setattr(table_blocks, "PAIRS", 21)
    values, burdens = np.full((3, 50), 2.0), np.full((3, 50), 2.0)
    if "at" in wrong:
        values[wrong["at"]] = wrong["value"]
    else:
        burdens[wrong["burden_at"]] = wrong["value"]
        burdens[2, 49] = -7.0  # of a later agent, or of a later task
    with pytest.raises(InputError) as caught:
        build_problem(values, None if "at" in wrong else burdens, maximise=wrong.get("maximise", False))
    assert str(caught.value).startswith(message)


def test_blocks_cover_a_table_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No column is left out or seen twice, and a block has one column at least."""
    for pairs, m in ((21, 50), (1, 4), (1000, 50), (21, 49)):
        monkeypatch.setattr(table_blocks, "PAIRS", pairs)
        columns = [column for at in blocks_of(np.zeros((3, m))) for column in range(m)[at]]
        assert columns == list(range(m))


def test_no_name_is_made_for_a_solve(costs: NDArray[np.float64], monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of tasks are made when somebody prints them, not before."""

    def asked(*_: Any) -> Any:
        raise AssertionError("somebody asked for names")

    for method in ("__iter__", "__getitem__", "__hash__"):
        monkeypatch.setattr(DefaultNames, method, asked)
    answer = evenhand.assign(costs, FAIR, gap=1e-3, locked={0: 1})
    monkeypatch.undo()
    assert answer.status == "optimal"
    assert answer.tasks[-1] == f"task-{TASKS}"
    assert answer.to_rows()[0]["agent"] == "agent-2"


MEASURE = """
import resource, sys
import numpy as np
import evenhand

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

random, fair = np.random.default_rng(1), evenhand.EpsilonFairness(0.9, p=float(sys.argv[1]))
evenhand.assign(random.random((20, 60_000)), fair, gap=1e-3)
agents, x, y = random.random((20, 2)), random.random(400_000), random.random(400_000)
costs = np.empty((20, 400_000))
for i in range(20):
    for at in range(0, 400_000, 50_000):
        costs[i, at : at + 50_000] = np.hypot(agents[i, 0] - x[at : at + 50_000], agents[i, 1] - y[at : at + 50_000])
before = peak()
answer = evenhand.assign(costs, fair, gap=1e-5)
assert answer.certified_gap <= 1e-5
print((peak() - before) / costs.nbytes)
"""


@pytest.mark.parametrize("p", ["2", "inf"])
def test_a_solve_takes_no_more_memory_than_the_table_itself(p: str) -> None:
    """The peak of a process of its own grows by about one table at most: twice the table in all."""
    run = subprocess.run([sys.executable, "-c", MEASURE, p], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) <= 1.25


def test_a_problem_reads_what_it_was_given_and_no_copy(costs: NDArray[np.float64]) -> None:
    """Burdens of their own are read in place too; costs that are given as burdens stay one array."""
    hours = np.ones_like(costs)
    problem: Problem = build_problem(costs, hours)
    assert problem.burdens is not problem.costs
    assert np.shares_memory(problem.burdens, hours)
    assert build_problem(costs, costs).burdens is costs
    small = build_problem(costs[:, :10])
    assert not np.shares_memory(small.costs, costs)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_large_table_is_looked_at_once(order: Any, kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Least, largest and least of each task, as NumPy finds them; what is no number is left to the search for it."""
    monkeypatch.setattr(table_blocks, "IN_PLACE", 1)
    table = np.array(np.random.default_rng(1).uniform(1, 9, (3, 5_001)), dtype=kind, order=order)
    table[1, 4_999] = np.inf
    extent = Extent.of(table)
    assert (extent.least, extent.largest, extent.size) == (table.min(), np.inf, table[np.isfinite(table)].max())
    assert np.array_equal(extent.least_of_tasks, table.min(axis=0))
    table[2, 17] = np.nan
    assert np.isnan(Extent.of(table).least)
    table[2, 17] = -np.inf
    assert Extent.of(table).least == -np.inf


@pytest.mark.parametrize("shared", [True, False])
def test_cost_and_loads_of_a_large_table_are_exact_sums(shared: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    costs = random.uniform(1, 9, (3, 5_001))
    hours = None if shared else random.uniform(1, 9, (3, 5_001))
    agents = random.integers(0, 3, 5_001)
    checked = build_problem(costs, hours, [1.0, 2.0, 3.0])
    monkeypatch.setattr(problem_module, "IN_PLACE", 1)
    cost, loads = checked.cost_and_loads(agents)
    burdens = costs if hours is None else hours
    taken = [burdens[i, agents == i].tolist() for i in range(3)]
    assert cost == checked.cost_of(agents) == math.fsum(costs[agents, np.arange(5_001)].tolist())
    assert loads == pytest.approx([math.fsum([*each, i + 1.0]) for i, each in enumerate(taken)], rel=1e-15)
    assert checked.loads_of(agents).tolist() == loads.tolist()


def test_what_was_seen_of_one_table_is_not_said_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_blocks, "IN_PLACE", 1)
    first = build_problem(np.array([[1.0, 2.0], [3.0, 1.0]]), locked={1: 0})
    assert first.base_cost == 3.0
    assert replace(first, costs=first.costs + 1.0).base_cost == 5.0
    assert build_problem(np.array([[1.0, 2.0], [3.0, 1.0]]), np.ones((2, 2)), maximise=True).base_cost == -5.0
