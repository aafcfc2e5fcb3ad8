"""Visits at one time, through the front door: plans, proofs, shortages of agents by name, and groups."""

import itertools

import numpy as np
import pytest

import evenhand
from evenhand import MaxOverMean
from evenhand.assignment import explain_rules
from evenhand.errors import InputError

COSTS = [[4.0, 9.0, 3.0, 7.0], [8.0, 3.0, 6.0, 9.0]]
TIMES = [("10:00", "11:00"), ("10:15", "10:45"), ("09:30", "10:10"), ("11:00", "12:00")]
LOOSE = MaxOverMean(2.0)


def test_two_visits_at_one_time_are_with_different_agents():
    """The first three overlap but for the second and third; by hand: a, b to Ann and Bo (7), c to Bo (6), d to Ann."""
    answer = evenhand.assign(COSTS, LOOSE, times=TIMES, gap=0)
    assert (answer.status, answer.cost, answer.assignment.tolist()) == ("optimal", 20.0, [0, 1, 1, 0])
    assert evenhand.verify(COSTS, answer, fairness=LOOSE, times=TIMES).verified


def test_a_pause_makes_visits_overlap_that_only_touch():
    """With ten minutes on the way, the visit at eleven cannot follow the one that ends at eleven."""
    times = [(*TIMES[0], 10), *TIMES[1:]]
    answer = evenhand.assign(COSTS, LOOSE, times=times, gap=0)
    assert (answer.cost, answer.assignment.tolist()) == (22.0, [0, 1, 1, 1])


def test_conflicts_add_to_times():
    """Pairs exclude each other whenever they are, and make larger sets in conflict together with times."""
    answer = evenhand.assign(COSTS, LOOSE, times=TIMES, conflicts=[(1, 2)], gap=0)
    assert answer.status == "infeasible"  # a, b and c are then all in conflict, with two agents
    assert "need 3 different agents; only 2 may (agent-1 and agent-2)" in answer.shortage
    assert evenhand.assign(COSTS, LOOSE, conflicts=[(0, 3)], gap=0).cost == 4 + 3 + 3 + 9


def test_a_plan_with_two_visits_at_one_time_is_not_verified():
    """The agent and both tasks are named."""
    answer = evenhand.assign(COSTS, LOOSE, times=TIMES).to_dict()
    answer |= {"assignment": [0, 1, 0, 0], "cost": 17.0}
    verdict = evenhand.verify(COSTS, answer, fairness=LOOSE, times=TIMES)
    assert not verdict.verified
    assert "agent agent-1 has the tasks task-1 and task-3, which exclude each other" in verdict.reasons


def test_a_shortage_of_agents_is_proven_and_named():
    """At 10:15 three visits are under way; verify recounts what the answer says, and proves it by multipliers."""
    times = [TIMES[0], TIMES[1], ("09:30", "10:30"), TIMES[3]]
    answer = evenhand.assign(COSTS, LOOSE, times=times)
    said = "tasks task-1, task-2 and task-3 at 10:15 exclude each other and need 3 different agents; only 2 may"
    assert answer.status == "infeasible"
    assert answer.shortage == f"{said} (agent-1 and agent-2)"
    verdict = evenhand.verify(COSTS, answer, fairness=LOOSE, times=times)
    assert verdict.verified
    assert any("no plan" in line for line in verdict.proven)
    forged = answer.to_dict() | {"shortage": answer.shortage.replace("task-3", "task-4")}
    assert not evenhand.verify(COSTS, forged, fairness=LOOSE, times=times).verified


def test_those_who_are_forbidden_count_as_absent():
    """Two visits at one time that only one of three agents may make."""
    costs = np.array([[1.0, 1.0], [np.inf, np.inf], [np.inf, np.inf]])
    answer = evenhand.assign(costs, MaxOverMean(3.0), times=[("8:00", "9:00")] * 2)
    assert (
        answer.shortage
        == "tasks task-1 and task-2 at 8:00 exclude each other and need 2 different agents; only 1 may (agent-1)"
    )


def test_a_group_conflicts_with_what_any_of_its_tasks_does():
    """B and d stay together; a is in conflict with b: cost by enumeration of both ways."""
    answer = evenhand.assign(COSTS, LOOSE, conflicts=[(0, 1)], together=[(1, 3)], gap=0)
    least = min(
        sum(COSTS[agent][task] for task, agent in enumerate(plan))
        for plan in itertools.product((0, 1), repeat=4)
        if plan[0] != plan[1] == plan[3]
    )
    assert answer.cost == least
    assert answer.assignment[0] != answer.assignment[1] == answer.assignment[3]


def test_a_group_with_two_visits_at_one_time_is_refused():
    """Nobody can do both."""
    with pytest.raises(InputError, match="tasks task-1 and task-2 stay together, but exclude each other"):
        evenhand.assign(COSTS, LOOSE, times=TIMES, together=[(0, 1)])


@pytest.mark.parametrize("seed", range(12))
def test_plans_by_the_clock_cost_what_highs_finds(seed):
    """Thirty visits of four agents, with pauses, under a linear rule; clique rows in HiGHS, solved to 1e-6."""
    highspy = pytest.importorskip("highspy")
    random = np.random.default_rng(seed)
    n, m = 4, 30
    length, order = random.integers(20, 61, m), random.permutation(m)
    start = np.zeros(m, int)
    for chosen in np.array_split(order, n):  # a plan exists: each agent's visits one after the other
        at = 0
        for task in chosen:
            at += int(random.integers(0, 30))
            start[task] = at
            at += int(length[task]) + 5
    costs, hours = np.round(random.uniform(1, 9, (n, m)), 2), np.tile(length / 60, (n, 1))
    overlaps = [
        (a, b)
        for a, b in itertools.combinations(range(m), 2)
        if start[a] < start[b] + length[b] + 5 and start[b] < start[a] + length[a] + 5
    ]
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("mip_rel_gap", 1e-6)
    x = {pair: model.addBinary(costs[pair]) for pair in np.ndindex(n, m)}
    for task in range(m):
        model.addConstr(sum(x[agent, task] for agent in range(n)) == 1)
    for agent in range(n):
        for a, b in overlaps:
            model.addConstr(x[agent, a] + x[agent, b] <= 1)
        load = sum(hours[agent, task] * x[agent, task] for task in range(m))
        model.addConstr(load <= 1.2 * hours[0].sum() / n)
    model.run()
    rule = MaxOverMean(1.2)
    times = [(int(begin), int(begin + lasts), 5) for begin, lasts in zip(start, length, strict=True)]
    answer = evenhand.assign(costs, rule, burdens=hours, times=times, gap=1e-4)
    if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        assert answer.status == "infeasible"
        return
    least = model.getObjectiveValue()
    assert answer.status == "optimal"
    assert least * (1 - 1e-5) <= answer.cost <= least * (1 + 1.1e-4)
    assert answer.bound <= least * (1 + 1e-9)
    assert evenhand.verify(costs, answer, fairness=rule, burdens=hours, times=times).verified


def test_explain_says_when_an_exclusion_is_the_reason():
    """Without times each task goes to the cheaper agent, for 4 + 3 + 3 + 7 = 17 instead of 20; a and c share 10:00."""
    answer = evenhand.assign(COSTS, LOOSE, times=TIMES, gap=0)
    explanation = explain_rules(COSTS, answer, fairness=LOOSE, times=TIMES)
    price = explanation.rules[-1]
    assert (price.rule, price.binds, price.saving) == ("tasks that exclude each other", True, 3.0)
    assert price.detail == "tasks task-1 and task-3 at 10:00"
    assert explanation.binding == ("tasks that exclude each other",)
    assert explanation.to_dict()["rules"][-1]["detail"] == price.detail


def test_explain_is_silent_about_exclusions_that_cost_nothing():
    """Two visits that go to different agents anyway."""
    costs, times = [[1.0, 5.0], [5.0, 1.0]], [("8:00", "9:00")] * 2
    answer = evenhand.assign(costs, LOOSE, times=times, gap=0)
    price = explain_rules(costs, answer, fairness=LOOSE, times=times).rules[-1]
    assert (price.binds, price.saving, price.detail) == (False, 0.0, "")
