"""Solve again from an earlier answer: matching, warm starts, and the limit on tasks that change hands."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.assignment.enumeration import Tiny, random_problem

import evenhand
from evenhand.assignment import large_tables
from evenhand.assignment.large_tables import LargeSolver
from evenhand.assignment.smooth_dual import Cone
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness, GiniAtMost, JainAtLeast, MaxOverMean
from evenhand.tables import CostTable

COSTS = np.array([[1.0, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 3, 3, 3, 3, 3]])
FAIR = MaxOverMean(1.5)


def named(values: NDArray[np.float64], tasks: str, agents: str = "ABC") -> CostTable:
    return CostTable(np.asarray(values, dtype=float), tuple(agents), tuple(tasks))


YESTERDAY = evenhand.assign(named(COSTS, "uvwxyz"), FAIR, gap=0)


# ---- matching -----------------------------------------------------------------------------------------------------


def test_tasks_and_agents_are_matched_by_name_in_any_order() -> None:
    shuffled = named(COSTS[::-1, ::-1], "zyxwvu", "CBA")
    answer = YESTERDAY.update(shuffled, gap=0)
    assert answer.changes is not None
    assert answer.cost == YESTERDAY.cost
    assert answer.changes.changed == 0
    held = {task: YESTERDAY.agents[i] for task, i in zip(YESTERDAY.tasks, YESTERDAY.assignment, strict=True)}
    assert [answer.agents[i] for i in answer.changes.before] == [held[task] for task in "zyxwvu"]


def test_new_tasks_and_agents_who_left_are_told_apart() -> None:
    answer = YESTERDAY.update(named(COSTS[:2, [0, 1, 2, 3]], "uvxn", "AB"), MaxOverMean(2), gap=0)
    assert answer.changes is not None
    with_c = [YESTERDAY.tasks[j] for j in np.flatnonzero(YESTERDAY.assignment == 2)]
    expected = [-1 if task == "n" else -2 if task in with_c else int(YESTERDAY.assignment["uvwxyz".index(task)])
                for task in "uvxn"]  # fmt: skip
    assert answer.changes.before.tolist() == expected
    assert answer.changes.changed == sum(
        old not in (-1, now) for old, now in zip(expected, answer.assignment, strict=True)
    )


def test_tables_without_names_are_matched_by_position_if_they_have_as_many_tasks() -> None:
    first = evenhand.assign(COSTS, FAIR)
    assert first.update(COSTS).changes.changed == 0
    with pytest.raises(InputError, match=r"the table has 5 tasks, the answer 6, and one of both does not name them"):
        first.update(COSTS[:, :5])


def test_changes_alone_make_the_same_table() -> None:
    first = evenhand.assign(COSTS, FAIR)
    added = np.array([[9.0, 1.0], [1.0, 9.0], [5.0, 5.0]])
    answer = first.update(COSTS, added=added, removed=["task-2", 3], gap=0)
    whole = np.column_stack([COSTS[:, [0, 2, 4, 5]], added])
    assert answer.tasks == ("task-1", "task-3", "task-5", "task-6", "task-7", "task-8")
    assert answer.cost == evenhand.assign(whole, FAIR, gap=0).cost
    assert answer.changes.before.tolist() == [*first.assignment[[0, 2, 4, 5]], -1, -1]
    assert evenhand.verify(named_like(whole, answer), answer, before=first).verified is True


def named_like(values: NDArray[np.float64], answer: Any) -> CostTable:
    return CostTable(values, tuple(answer.agents), tuple(answer.tasks))


def test_added_tasks_bring_burdens_and_agents_by_name() -> None:
    hours = np.ones((3, 6))
    table = CostTable(COSTS, tuple("ABC"), tuple("uvwxyz"), burdens=hours)
    more = CostTable(np.array([[7.0], [8.0], [9.0]]), tuple("CBA"), ("new",), burdens=np.full((3, 1), 2.0))
    both = table.with_tasks(more)
    assert both.values[:, 6].tolist() == [9.0, 8.0, 7.0]
    assert both.burdens is not None
    assert both.burdens[:, 6].tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(InputError, match="has no burdens"):
        table.with_tasks(named(np.ones((3, 1)), "n"))
    with pytest.raises(InputError, match="there is no agent 'A'"):
        table.with_tasks(CostTable(np.ones((3, 1)), tuple("XYZ"), ("n",), burdens=np.ones((3, 1))))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"costs": named(COSTS, "abcdef")}, r"the answer is about other tasks: it has 'u', ..., the table has 'a'"),
        ({"costs": named(COSTS, "uvwxyz", "DEF")}, r"about other agents"),
        ({"costs": named(COSTS, "uvwxyz"), "removed": ["q"]}, r"there is no task 'q' to leave out"),
        ({"costs": named(COSTS, "uvwxyz"), "removed": [6]}, r"position of a task is 6; .* from 0 to 5"),
        ({"costs": named(COSTS[:, :5], "uvwxy"), "removed": ["u"]}, r"must be that of the answer"),
        ({"costs": named(COSTS, "uvwxyz"), "change_at_most": -1}, r"change_at_most is -1; .* from 0"),
        ({"costs": named(COSTS, "uvwxyz"), "change_at_most": 1.5}, r"change_at_most is 1.5"),
        ({"costs": named(COSTS, "uvwxyz"), "change_at_most": 1, "certificate": "tree"}, r"cannot state a limit"),
        ({"costs": named(COSTS, "uvwxyz"), "epsilon": 0.5}, r"epsilon is 0.5, but the answer is about"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        YESTERDAY.update(**arguments)
    assert "\n" not in str(caught.value)


def test_an_answer_without_an_assignment_is_no_start() -> None:
    nothing = evenhand.assign([[1.0, 9.0], [1.0, 9.0]], MaxOverMean(1))
    assert nothing.status == "infeasible"
    with pytest.raises(InputError, match="holds no assignment, because its status is 'infeasible'"):
        nothing.update([[1.0, 9.0], [1.0, 9.0]])


# ---- warm starts --------------------------------------------------------------------------------------------------


def plane(n: int, m: int, seed: int) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    return np.asarray(np.linalg.norm(random.random((n, 1, 2)) - random.random((1, m, 2)), axis=2))


@pytest.mark.parametrize(
    "member",
    [EpsilonFairness(0.95, p=2), EpsilonFairness(0.9, p=5), EpsilonFairness(0.95, p=np.inf), JainAtLeast(0.99),
     EpsilonFairness(0.9, p=2, entitlements=(1, 2, 3, 1, 2, 1)), GiniAtMost(0.05)],
)  # fmt: skip
def test_an_update_takes_one_box_and_no_samples(member: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prices of the table before are near the new ones: nothing but the core is relaxed, once."""
    costs, later = plane(6, 6000, 1), plane(6, 6000, 1)
    later[:, ::100] = plane(6, 60, 2)
    first = evenhand.assign(costs, member, gap=1e-3)
    sizes: list[int] = []
    optimum_of = large_tables.optimum_of

    def noted(problem: Any, *rest: Any) -> Any:
        sizes.append(len(problem.tasks))
        return optimum_of(problem, *rest)

    monkeypatch.setattr(large_tables, "optimum_of", noted)
    monkeypatch.setattr(large_tables, "RESUMED", 100)
    answer = first.update(later, gap=2e-4)
    assert len(sizes) == 1
    assert sizes[0] < 6000
    assert answer.status == "optimal"
    assert answer.gap <= 2e-4
    verdict = evenhand.verify(later, answer, fairness=member, before=first)
    assert verdict.verified
    assert answer.cost <= evenhand.assign(later, member, gap=2e-4).cost * (1 + 2e-4)


def test_a_rule_that_moves_far_widens_the_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_tables, "RESUMED", 100)
    costs = plane(6, 6000, 3)
    first = evenhand.assign(costs, EpsilonFairness(0.3), gap=1e-3)
    answer = first.update(costs, epsilon=0.99, gap=2e-4)
    assert answer.fairness == EpsilonFairness(0.99)
    assert answer.status == "optimal"
    cold = evenhand.assign(costs, EpsilonFairness(0.99), gap=2e-4)
    assert answer.cost == pytest.approx(cold.cost, rel=4e-4)


def test_an_agent_who_arrives_takes_part() -> None:
    costs = plane(7, 700, 4)
    first = evenhand.assign(CostTable(costs[:6], tuple("ABCDEF"), names(700)), JainAtLeast(0.95), gap=1e-3)
    answer = first.update(CostTable(costs, tuple("GABCDEF"), names(700)), gap=1e-3)
    assert answer.status == "optimal"
    assert (np.bincount(answer.assignment, minlength=7) > 0).all()
    assert evenhand.verify(CostTable(costs, tuple("GABCDEF"), names(700)), answer, before=first).verified


def names(m: int) -> tuple[str, ...]:
    return tuple(f"job {j}" for j in range(m))


@pytest.mark.parametrize("member", [EpsilonFairness(0.9, p=2), EpsilonFairness(0.7, p=3), MaxOverMean(1.2)])
def test_newtons_variables_follow_from_prices(member: Any) -> None:
    cone = Cone.of(member, 4)
    assert cone is not None
    for w in np.array([[0.2, 1.0, 0.4, 0.05], [1.0, 1.0, 1e-6, 2.0], [1.0, 1e-6, 1e-6, 1e-6]]):
        price = cone.price(w)
        assert cone.price(np.maximum(cone.w_of(price), 1e-12)) == pytest.approx(price, rel=1e-5, abs=1e-5)


def test_the_table_itself_is_not_changed_by_an_update() -> None:
    costs = plane(4, 1000, 5)
    first = evenhand.assign(costs, FAIR, gap=1e-3)
    costs.flags.writeable = False
    first.update(costs, change_at_most=3, gap=1e-2)


def test_a_large_table_is_updated_by_a_large_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[LargeSolver] = []
    run = LargeSolver.run
    monkeypatch.setattr(LargeSolver, "run", lambda self, *known: (ran.append(self), run(self, *known))[1])
    costs = plane(4, 8000, 6)
    first = evenhand.assign(costs, FAIR, gap=1e-2)
    assert not ran
    first.update(costs, gap=1e-2)
    assert len(ran) == 1


# ---- the limit on changes -----------------------------------------------------------------------------------------


def everything(problem: Tiny) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
    """Return all allowed assignments of a tiny problem, their costs, and whether each is fair."""
    costs = np.asarray(problem.costs)
    n, m = costs.shape
    burdens = costs if problem.burdens is None else problem.burdens
    choices = [[problem.locked[j]] if j in problem.locked else np.flatnonzero(np.isfinite(costs[:, j]))
               for j in range(m)]  # fmt: skip
    every = np.array(list(itertools.product(*choices)))
    loads = np.tile(np.zeros(n) if problem.initial_loads is None else problem.initial_loads, (len(every), 1))
    for j in range(m):
        np.add.at(loads, (np.arange(len(every)), every[:, j]), burdens[every[:, j], j])
    return every, costs[every, np.arange(m)].sum(axis=1), np.asarray(problem.fairness.contains(loads))


def compare_with_enumeration(seed: int) -> str:
    """Update a random answer of other costs with a random limit, hold it against all assignments; return its status.

    Problems without any fair assignment are left out: limits have nothing to do with them.
    """
    random = np.random.default_rng([seed, 77])
    problem = random_problem(random, 6)
    every, paid, fair = everything(problem)
    if not fair.any():
        return "unfair"
    n, m = np.shape(problem.costs)
    before = evenhand.assign(random.uniform(1, 9, (n, m)), EpsilonFairness(0.0))
    most = int(random.integers(0, m + 1))
    question = {"burdens": problem.burdens, "initial_loads": problem.initial_loads, "locked": problem.locked}
    answer = before.update(problem.costs, problem.fairness, change_at_most=most, gap=0, **question)
    changed = (every != before.assignment).sum(axis=1)
    possible = fair & (changed <= most)
    verdict = evenhand.verify(
        problem.costs, json.loads(json.dumps(answer.to_dict())), fairness=problem.fairness, before=before,
        change_at_most=most, **question,
    )  # fmt: skip
    changes = answer.changes
    assert changes is not None
    if not possible.any():
        assert answer.status == "infeasible"
        assert verdict.outcome in ("verified", "infeasibility not proven"), verdict.reasons
        fewest = changed[fair].min()
        assert changes.refuted is not None
        assert most <= changes.refuted < fewest
        assert changes.reached is None or changes.reached == fewest
        return "infeasible"
    assert answer.status == "optimal"
    assert answer.cost == pytest.approx(paid[possible].min(), rel=1e-9)
    assert answer.bound <= paid[possible].min() * (1 + 1e-12)
    assert changes.changed == (answer.assignment != before.assignment).sum() <= most
    assert verdict.outcome in ("verified", "gap not proven"), verdict.reasons
    assert verdict.bound <= paid[possible].min() * (1 + 1e-9)
    return "optimal"


def test_limits_agree_with_enumeration() -> None:
    found = [compare_with_enumeration(seed) for seed in range(120)]
    assert found.count("optimal") >= 30
    assert found.count("infeasible") >= 15


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1040))
def test_many_limits_agree_with_enumeration(seed: int) -> None:
    for number in range(25):
        compare_with_enumeration(100 * seed + number)


def test_twins_with_different_holders_are_no_twins() -> None:
    """Four equal tasks, two of them with each agent before: no change is needed, and none made."""
    before = evenhand.assign([[1.0, 9.0, 1.0, 9.0], [9.0, 1.0, 9.0, 1.0]], MaxOverMean(1))
    assert before.assignment.tolist() == [0, 1, 0, 1]
    answer = before.update(np.full((2, 4), 2.0), change_at_most=0, gap=0)
    assert answer.assignment.tolist() == [0, 1, 0, 1]


def test_too_few_changes_are_proven_and_the_fewest_named() -> None:
    """Ann has all of four equal tasks; equal loads take two from her. One is too few, by the relaxation alone."""
    before = evenhand.assign(named(np.array([[1.0] * 4, [2.0] * 4]), "wxyz", "AB"), EpsilonFairness(0.0))
    even = named(np.ones((2, 4)), "wxyz", "AB")
    answer = before.update(even, MaxOverMean(1), change_at_most=1)
    assert answer.status == "infeasible"
    assert (answer.changes.refuted, answer.changes.reached) == (1, 2)
    assert answer.certificate.kind == "infeasible"
    verdict = evenhand.verify(even, answer, before=before, change_at_most=1)
    assert verdict.verified
    assert "no assignment with at most 1 change," in " ".join(verdict.proven)
    assert before.update(even, MaxOverMean(1), change_at_most=2).cost == 4.0


def test_changes_that_are_forced_count() -> None:
    """Ann may no longer do what she had: two tasks must change hands, and one is not enough."""
    before = evenhand.assign(named(np.array([[1.0, 1.0, 9.0], [9.0, 9.0, 1.0]]), "xyz", "AB"), EpsilonFairness(0.0))
    later = named(np.array([[np.inf, np.inf, 1.0], [1.0, 1.0, 1.0]]), "xyz", "AB")
    answer = before.update(later, change_at_most=1)
    assert (answer.status, answer.changes.refuted, answer.changes.reached) == ("infeasible", 1, 2)
    assert evenhand.verify(later, answer, before=before, change_at_most=1).verified
    assert before.update(later, change_at_most=2).changes.changed == 2


@pytest.mark.parametrize(("p", "most"), [(2.0, 8), (np.inf, 8), (2.0, 30)])
def test_a_middling_limit_is_closed_and_verified(p: float, most: int) -> None:
    costs = plane(5, 120, 7)
    first = evenhand.assign(costs, EpsilonFairness(0.9, p=p))
    later = costs * np.random.default_rng(7).uniform(0.7, 1.4, costs.shape)
    answer = first.update(later, change_at_most=most, gap=1e-3, time_limit=60)
    assert answer.status == "optimal"
    assert answer.changes.changed <= most
    assert first.update(later, gap=1e-3).changes.changed > most or answer.certificate.change_price == 0.0
    verdict = evenhand.verify(later, answer, before=first, change_at_most=most, max_gap=0.05)
    assert verdict.verified
    assert verdict.gap_proven


def test_a_limit_in_a_large_table_is_approached_by_prices_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_tables, "LARGE", 1)
    monkeypatch.setattr(large_tables, "TASKS_PER_AGENT", 0)
    costs, later = plane(5, 20_000, 8), plane(5, 20_000, 8)
    later[:, ::50] = plane(5, 400, 9)
    first = evenhand.assign(costs, JainAtLeast(0.98), gap=1e-4)
    free = first.update(later, gap=1e-4)
    answer = first.update(later, change_at_most=300, gap=1e-4, time_limit=60)
    assert free.changes.changed > 300
    assert 295 <= answer.changes.changed <= 300
    assert answer.status == "optimal"
    assert answer.certified_gap <= 1e-4
    assert answer.cost > free.bound
    assert evenhand.verify(later, answer, before=first, change_at_most=300, max_gap=1e-4).gap_proven


def test_a_limit_that_binds_nobody_changes_nothing() -> None:
    answer = YESTERDAY.update(named(COSTS, "uvwxyz"), change_at_most=6, gap=0)
    assert answer.cost == YESTERDAY.cost
    assert answer.certificate.change_price == 0.0


def test_the_limit_of_profits() -> None:
    profits, hours = np.array([[9.0, 8, 7, 6], [6, 7, 5, 1]]), np.ones((2, 4))
    first = evenhand.assign(profits, MaxOverMean(1), burdens=hours, maximise=True)
    # Equal hours. Swapped profits would move all four tasks; two may move, which brings the best pair of swaps.
    later = profits[::-1]
    answer = first.update(later, burdens=hours, change_at_most=2, gap=0)
    best = max(
        sum(later[i, j] for j, i in enumerate(plan))
        for plan in itertools.product(range(2), repeat=4)
        if sum(plan) == 2 and (np.array(plan) != first.assignment).sum() <= 2
    )
    assert answer.cost == best
    assert evenhand.verify(later, answer, burdens=hours, before=first, change_at_most=2).verified


# ---- verification refuses ------------------------------------------------------------------------------------------


def test_another_limit_or_another_day_is_another_question() -> None:
    table = named(COSTS[[1, 0, 2]], "uvwxyz")
    answer = YESTERDAY.update(table, change_at_most=2, gap=0)
    assert evenhand.verify(table, answer, before=YESTERDAY, change_at_most=2).verified
    fewer = evenhand.verify(table, answer, before=YESTERDAY, change_at_most=1)
    assert "at most 2 changes, asked is at most 1" in fewer.reasons[0]
    other = evenhand.assign(named(COSTS[[2, 1, 0]], "uvwxyz"), FAIR, gap=0)
    assert "before, task" in evenhand.verify(table, answer, before=other).reasons[0]
    alone = evenhand.verify(table, answer)
    assert alone.verified
    assert any("own word" in line for line in alone.on_trust)
    plain = evenhand.assign(table, FAIR)
    assert "does not say what changed hands" in evenhand.verify(table, plain, before=YESTERDAY).reasons[0]


def test_a_price_without_a_limit_proves_nothing() -> None:
    table = named(COSTS, "uvwxyz")
    data = YESTERDAY.to_dict()
    data["certificate"] = {**data["certificate"], "change_price": 1.0}
    assert "prices changes" in evenhand.verify(table, data).reasons[0]
    limited = YESTERDAY.update(table, change_at_most=2).to_dict()
    limited["certificate"] = {**limited["certificate"], "change_price": -1.0}
    assert "negative" in " ".join(evenhand.verify(table, limited, before=YESTERDAY).reasons)


def test_an_interrupted_update_keeps_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the solve without a limit: its plan is returned only if it is within the limit."""
    from evenhand.assignment import update

    solve = update.solve_in_full

    def stopped(*args: Any, **rest: Any) -> Any:
        return dataclasses.replace(solve(*args, **rest), interrupted=True, status="time_limit")

    monkeypatch.setattr(update, "solve_in_full", stopped)
    table = named(COSTS[[1, 0, 2]], "uvwxyz")
    few, many = (YESTERDAY.update(table, change_at_most=most) for most in (1, 6))
    assert (few.assignment, few.cost, few.changes.changed) == (None, None, None)
    assert many.assignment is not None
    assert evenhand.verify(table, few, before=YESTERDAY, change_at_most=1).reasons == ()


def test_a_time_limit_leaves_time_for_the_limit_on_changes() -> None:
    costs = plane(10, 400, 11)
    first = evenhand.assign(costs, EpsilonFairness(0.95, p=np.inf), gap=1e-2)
    later = costs * np.random.default_rng(1).uniform(0.8, 1.2, costs.shape)
    answer = first.update(later, change_at_most=20, gap=0, time_limit=0.5)
    assert answer.status in ("time_limit", "optimal"), "a quick machine may be done in time"
    if answer.assignment is not None and answer.status == "time_limit":  # a busy machine may find nothing in time
        assert answer.changes.changed <= 20
        assert answer.bound < answer.cost < 1.5 * answer.bound
        assert evenhand.verify(later, answer, before=first, change_at_most=20, max_gap=0.5).verified


def test_the_parameters_of_an_update_stand_in_one_place() -> None:
    """Help shows each with its default; the engine, which takes JSON too, has these and refuses others."""
    from evenhand.assignment import update

    shown = inspect.signature(evenhand.Assignment.update).parameters
    assert (shown["gap"].default, shown["change_at_most"].default, shown["removed"].default) == (1e-4, None, ())
    stated = json.loads(json.dumps(YESTERDAY.to_dict()))
    table = named(COSTS, "uvwxyz")
    assert update.update(stated, table, gap=0).cost == YESTERDAY.update(table, gap=0).cost
    with pytest.raises(TypeError, match="gaps"):
        update.update(stated, table, gaps=0)
