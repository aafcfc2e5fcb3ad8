"""Several workers search a large tree in parts; the answer is that of one worker, bit for bit."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.assignment.enumeration import enumerate_all, random_problem
from tests.assignment.lattice_cases import lattice_case

import evenhand
from evenhand.assignment import search, solve_assignment
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.generated_instances import generate_plane
from evenhand.assignment.kernels import branching
from evenhand.assignment.progress_clock import Clock, Progress
from evenhand.assignment.subtrees import SUBTREES, Subtrees
from evenhand.assignment.tree import Tree
from evenhand.assignment.worker_threads import run_all
from evenhand.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

STRICT = evenhand.EpsilonFairness(0.99, p=np.inf)


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search in parts from the third node on, in rounds so short that small trees take many."""
    monkeypatch.setattr(search, "LONG", 2)
    monkeypatch.setattr(search, "BEGUN", 2)
    monkeypatch.setattr(search, "ROUND", 24)


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the number of subtrees of each round, in the order in which the rounds end."""
    ended: list[int] = []
    merge = Subtrees._merge

    def counted(parts: Subtrees, events: list[int]) -> None:
        ended.append(len(events))
        merge(parts, events)

    monkeypatch.setattr(Subtrees, "_merge", counted)
    return ended


def solved(
    workers: int, costs: Any, fairness: evenhand.Fairness, gap: float = 1e-9, node_limit: float = np.inf, **given: Any
) -> list[str]:
    """Solve with so many workers; return all of the answer and of the search that must not depend on them."""
    searches = []

    class Recorded(search.Search):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            searches.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve_assignment, "Search", Recorded)
        problem = build_problem(costs, *(given.get(name) for name in ("burdens", "initial_loads", "locked")))
        rest = {"gap": gap, "clock": Clock(None, None), "node_limit": node_limit, "workers": workers}
        answer, _ = solve_assignment.solve(problem, fairness, **rest)
    told = answer.to_dict()
    del told["seconds"]
    pool = searches[0].relaxation.pool
    return [repr(told), float(answer.bound).hex(), str(searches[0].nodes), repr(pool.rows.matrix.tolist())]


def drawn(number: int) -> tuple[Any, evenhand.Fairness, dict[str, Any]]:
    """Draw a case: every member; forbidden and locked pairs, initial loads; every third one a lattice."""
    if number % 3 == 0:
        case = lattice_case(number, 4, 14)
        return case.costs, case.fairness, case.given
    tiny = random_problem(np.random.default_rng([number, 6]))
    return (
        tiny.costs,
        tiny.fairness,
        {"burdens": tiny.burdens, "initial_loads": tiny.initial_loads, "locked": tiny.locked},
    )


@pytest.mark.usefixtures("early")
@pytest.mark.parametrize("cases", [range(20), pytest.param(range(20, 100), marks=pytest.mark.slow)], ids=str)
def test_one_worker_and_two_find_the_same(rounds: list[int], cases: range) -> None:
    """Random cases: assignment, cost, bound, certificate, nodes and cuts to the last bit."""
    in_parts = 0
    statuses = set()
    for number in cases:
        costs, fairness, given = drawn(number)
        rounds.clear()
        alone = solved(1, costs, fairness, node_limit=1000, **given)
        in_parts += bool(rounds)
        statuses.add(alone[0].split("'")[3])
        assert solved(2, costs, fairness, node_limit=1000, **given) == alone, number
    assert in_parts >= len(cases) // 5
    assert statuses >= {"optimal", "infeasible"}


@pytest.mark.usefixtures("early")
def test_in_parts_nothing_is_lost() -> None:
    """The optimum, or that there is none, is what enumeration finds: no subtree is forgotten."""
    for number in range(60):
        tiny = random_problem(np.random.default_rng([number, 16]))
        given = {"burdens": tiny.burdens, "initial_loads": tiny.initial_loads, "locked": tiny.locked}
        problem = build_problem(tiny.costs, *given.values())
        answer, _ = solve_assignment.solve(problem, tiny.fairness, gap=1e-9, clock=Clock(None, None), workers=2)
        known = enumerate_all(tiny)
        if known.assignment is None:
            assert answer.status == "infeasible", number
        else:
            assert answer.status == "optimal", number
            assert answer.cost == pytest.approx(known.cost, rel=3e-9), number
            assert answer.bound <= known.cost * (1.0 + 1e-12), number


def hard() -> Any:
    """Return a table whose tree takes some thousand nodes under a strict cap."""
    return generate_plane(5, 60, seed=2).costs


@pytest.mark.usefixtures("early")
def test_a_long_tree_is_searched_by_all_workers(rounds: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Three threads work on the same rounds; the answer is that of one, however fast each of them is.

    Nor does it depend on how often the clock is looked at.
    """
    alone = solved(1, hard(), STRICT, 1e-4)
    assert max(rounds) == SUBTREES
    threads = set()
    resume = Tree.resume

    def slow(tree: Tree, cutoff: float, budget: float) -> int:
        threads.add(threading.current_thread().name)
        time.sleep(0.002 * (int(budget) % 3))
        return resume(tree, cutoff, budget)

    monkeypatch.setattr(Tree, "resume", slow)
    monkeypatch.setattr(search, "PATIENCE", 0.0)
    assert solved(3, hard(), STRICT, 1e-4) == alone
    assert len(threads) == 3


def test_a_small_tree_takes_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "Subtrees", None)
    assert evenhand.assign(generate_plane(4, 20, seed=1).costs, evenhand.EpsilonFairness(0.9), workers=2).gap <= 1e-4


def test_dividing_leaves_nothing_out_and_nothing_twice() -> None:
    """The parts of a tree sum to what was left of it, and each goes on where it was: in a subset of the pairs."""
    searched: list[Tree] = []

    class Kept(Subtrees):
        def __init__(self, tree: Tree, *rest: Any) -> None:
            super().__init__(tree, *rest)
            searched.append(tree)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "LONG", 300)
        patch.setattr(search, "Subtrees", Kept)
        patch.setattr(search.Search, "_round", lambda self, *_, **__: self._clock.stop())
        evenhand.assign(hard(), STRICT)
    tree = searched[0]
    left = tree.unexplored
    assert 0.0 < left < 1.0
    parts = [tree]
    while tree.divisible:
        part = tree.divisible
        parts.append(tree.divide())
        assert parts[-1].unexplored == pytest.approx(part)
    assert len(parts) > 2
    assert sum(one.unexplored for one in parts) == pytest.approx(left)
    assert [one.divisible for one in parts[1:]] == [0.0] * (len(parts) - 1)  # each has one frame, not entered yet


@pytest.mark.usefixtures("early", "processor_time")
def test_a_limit_leaves_the_best_so_far(rounds: list[int]) -> None:
    """It is one of all threads together."""
    table, fairness = generate_plane(10, 200, seed=0).costs, evenhand.EpsilonFairness(0.95, p=2)
    begun = time.process_time()
    answer = evenhand.assign(table, fairness, gap=0.0, time_limit=1.0, workers=2)
    assert time.process_time() - begun < 10.0
    assert rounds
    assert answer.status == "time_limit"
    assert fairness.contains(answer.loads)
    assert evenhand.verify(table, answer).verified


def test_a_node_limit_holds_exactly(rounds: list[int]) -> None:
    """Probes stop at so many nodes, and so does the round in which that happens."""
    searches = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search.Search, "_stopped", lambda self: searches.append(self) or self.nodes >= self._node_limit)
        problem = build_problem(generate_plane(10, 200, seed=0).costs)
        rest = {"gap": 0.0, "clock": Clock(None, None), "node_limit": 4321, "workers": 2}
        solve_assignment.solve(problem, STRICT, **rest)
    assert searches[-1].nodes == 4321
    assert rounds


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_ctrl_c_leaves_the_best_at_once(rounds: list[int]) -> None:
    """It is pressed while two threads search; both have ended when the answer is there."""
    pressed: list[float] = []

    def press(progress: Progress) -> None:
        if rounds and progress.cost is not None and not pressed:
            pressed.append(time.process_time())
            os.kill(os.getpid(), signal.SIGINT)

    before = threading.active_count()
    answer = evenhand.assign(generate_plane(10, 500, seed=1).costs, STRICT, workers=2, progress=press)
    assert time.process_time() - pressed[0] < 5.0  # it is some 0.1 s
    assert threading.active_count() == before
    assert (answer.status, answer.interrupted) == ("time_limit", True)
    assert STRICT.contains(answer.loads)


@pytest.mark.usefixtures("early")
def test_what_a_round_has_found_by_ctrl_c_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fair candidate that waits for the end of its round is judged, though Ctrl-C ends the round."""
    judged: list[bool] = []
    round_of = search.Search._round

    def interrupted(self: search.Search, parts: Subtrees, *rest: Any, **more: Any) -> None:
        monkeypatch.setattr(Tree, "resume", lambda tree, *_: branching.CANDIDATE)
        monkeypatch.setattr(self._clock, "report", raising(KeyboardInterrupt))
        monkeypatch.setattr(search.Search, "_judge", lambda *_: judged.append(True))
        round_of(self, parts, *rest, **more)

    monkeypatch.setattr(search.Search, "_round", interrupted)
    answer = evenhand.assign(hard(), STRICT)
    assert answer.interrupted
    assert judged


def raising(error: type[BaseException]) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.usefixtures("early")
@pytest.mark.parametrize("place", ["helper", "caller"])
def test_an_error_in_any_thread_reaches_the_caller(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resume = Tree.resume

    def here() -> bool:
        return (threading.current_thread() is threading.main_thread()) == (place == "caller")

    def broken(tree: Tree, cutoff: float, budget: float) -> int:
        if threading.active_count() > before and here():
            raise ZeroDivisionError("in a subtree")
        time.sleep(0.01)
        return resume(tree, cutoff, budget)

    before = threading.active_count()
    monkeypatch.setattr(Tree, "resume", broken)
    with pytest.raises(ZeroDivisionError, match="in a subtree"):
        evenhand.assign(hard(), STRICT, workers=2)
    assert threading.active_count() == before


@pytest.mark.usefixtures("early")
def test_progress_comes_from_the_callers_thread_alone() -> None:
    heard: list[tuple[threading.Thread, Progress]] = []

    def hear(progress: Progress) -> None:
        heard.append((threading.current_thread(), progress))
        if len(heard) > 10 and "of its tree" in progress.detail:
            raise KeyboardInterrupt

    answer = evenhand.assign(generate_plane(10, 200, seed=0).costs, STRICT, workers=2, progress=hear)
    assert answer.interrupted
    assert {thread for thread, _ in heard} == {threading.main_thread()}
    nodes = [progress.nodes for _, progress in heard]
    assert nodes == sorted(nodes)
    explored = [float(progress.detail.split()[-4][:-1]) for _, progress in heard if "of its tree" in progress.detail]
    assert all(0.0 <= part <= 100.0 for part in explored)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_all_tasks_run_once(workers: int) -> None:
    done: list[int] = []
    run_all([lambda k=k: done.append(k) for k in range(20)], workers, lambda: None, raising(AssertionError))
    assert sorted(done) == list(range(20))


def test_after_an_error_no_task_is_begun_and_those_that_run_are_stopped() -> None:
    stopped, done = threading.Event(), []

    def fail() -> None:
        raise ZeroDivisionError

    def wait() -> None:
        done.append(stopped.wait(10.0))

    with pytest.raises(ZeroDivisionError):
        run_all([wait, fail, wait, wait], 2, lambda: None, stopped.set)
    assert done == [True]


@pytest.mark.parametrize("workers", [0, -1, True, 1.5, "two", None])
def test_workers_are_a_whole_number_from_one(workers: Any) -> None:
    told = r"workers is .*; it must be the number of threads, a whole number from 1"
    for solve in (
        lambda: evenhand.assign([[1.0, 2.0], [2.0, 1.0]], STRICT, workers=workers),
        lambda: evenhand.price_of_fairness([[1.0, 2.0], [2.0, 1.0]], 2, [0.5], workers=workers),
    ):
        with pytest.raises(InputError, match=told):
            solve()


@pytest.mark.usefixtures("early")
def test_a_frontier_is_the_same_with_two_workers(rounds: list[int]) -> None:
    told = []
    for workers in (1, 2):
        points = evenhand.price_of_fairness(hard(), np.inf, [0.9, 0.99], workers=workers)
        told.append([(point.cost, point.bound, tuple(point.loads)) for point in points])
    assert told[0] == told[1]
    assert rounds
