"""Answers under several rules are optimal by enumeration, verified, and say what contradicts what."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from ruled_cases import cheapest, drawn, keeps, plans_of

import evenhand
from evenhand import EpsilonFairness, InputError, JainAtLeast, Limits, MaxOverMean, Rule
from evenhand.assignment import frontier
from evenhand.assignment.rules import dial
from evenhand.assignment.rules.solve_rules import solve_rules

COSTS = np.array([[1.0, 2, 3, 4], [2, 3, 4, 5]])


@pytest.mark.parametrize("seed", range(24))
def test_answers_are_the_cheapest_of_all_plans(seed):
    """Cost, or infeasibility, is that of enumeration; the answer is verified from its JSON."""
    costs, call = drawn(seed)
    expected = cheapest(costs, **call)
    answer = evenhand.assign(costs, **call, gap=1e-9)
    assert answer.status == ("infeasible" if math.isinf(expected) else "optimal")
    if not math.isinf(expected):
        assert answer.cost == pytest.approx(expected, abs=1e-9)
        assert answer.bound <= expected + 1e-9
    verdict = evenhand.verify(costs, json.loads(json.dumps(answer.to_dict())), **call)
    assert verdict.reasons == () or verdict.unshown, verdict


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_contradictions_are_irreducible(seed):
    """The rules that are named cannot be kept together, and without any one of them the others can; by enumeration."""
    costs, call = drawn(seed)
    call["rules"] = [
        *call["rules"],
        Limits("tasks", least=2, name="two each"),
        Limits(np.ones(5), most=1, name="one each"),
    ]
    named = {rule.name: rule for rule in call["rules"]}
    answer = evenhand.assign(costs, **call)
    assert answer.status == "infeasible"
    assert answer.irreducible
    rest = {key: value for key, value in call.items() if key != "rules"}
    assert math.isinf(cheapest(costs, [named[name] for name in answer.contradiction], **rest))
    for spared in answer.contradiction:
        others = [named[name] for name in answer.contradiction if name != spared]
        assert math.isfinite(cheapest(costs, others, **rest))


def test_a_rule_that_cannot_be_kept_alone_is_the_one_named():
    """Three locked tasks leave one: two each is impossible alone, and so is one each; the first of both is named."""
    rules = [
        Limits("tasks", least=1, name="each one"),
        Limits("tasks", least=2, most=2, name="each two"),
        Limits("tasks", most=1, name="one each"),
    ]
    answer = evenhand.assign(np.ones((2, 4)), rules=rules, locked={0: 0, 1: 0, 2: 0})
    assert answer.contradiction == ("each two",)
    assert answer.irreducible
    assert evenhand.verify(np.ones((2, 4)), answer, rules=rules, locked={0: 0, 1: 0, 2: 0}).verified


def test_nearest_limits_that_can_be_met():
    """Five tasks for two agents: at least 3 each is impossible, 2 is the most; at most 2 each, 3 is the least."""
    costs = np.ones((2, 5))
    answer = evenhand.assign(costs, rules=[Limits("tasks", least=3, name="least")])
    assert answer.contradiction == ("least",)
    (nearest,) = answer.nearest
    assert (nearest.what, nearest.asked, nearest.reached, nearest.refuted) == ("least", 3, 2, 3)
    (nearest,) = evenhand.assign(costs, rules=[Limits("tasks", most=2)]).nearest
    assert (nearest.what, nearest.asked, nearest.reached, nearest.refuted) == ("most", 2, 3, 2)


def test_nearest_level_that_can_be_met():
    """Three equal tasks for two agents: the largest load is at least 4/3 of the mean, whatever is asked."""
    (nearest,) = evenhand.assign(np.ones((2, 3)), rules=[Rule("tasks", MaxOverMean(1.2), name="even")]).nearest
    assert nearest.reached == pytest.approx(4 / 3, rel=1e-9)
    assert 1.33 < nearest.refuted < 4 / 3


def test_limits_give_way_beside_the_other_rules():
    """Ann may do one task only, by another rule: of five tasks, Bo's most must rise to 4."""
    rules = [Limits("tasks", most={"agent-1": 1}, name="Ann"), Limits("tasks", most={"agent-2": 3}, name="Bo")]
    answer = evenhand.assign(np.ones((2, 5)), rules=rules)
    assert answer.contradiction == ("Ann", "Bo")
    assert [(one.rule, one.reached) for one in answer.nearest] == [("Ann", 2), ("Bo", 4)]


def test_impossible_without_any_rule():
    """Three tasks that exclude each other, two agents: no rule is to blame."""
    answer = evenhand.assign(np.ones((2, 3)), rules=[Limits("tasks", most=3)], conflicts=[(0, 1), (0, 2), (1, 2)])
    assert (answer.status, answer.contradiction, answer.nearest) == ("infeasible", (), ())


def test_a_fairness_beside_the_rules_is_the_first_of_them():
    """Its burdens and initial loads are those of the call."""
    answer = evenhand.assign(
        COSTS, JainAtLeast(0.95), burdens=np.ones((2, 4)), initial_loads=[2, 0], rules=[Limits("tasks", most=3)]
    )
    assert [rule.name for rule in answer.rules] == ["burdens", "tasks"]
    assert answer.rules[0].loads.tolist() == [3, 3]
    assert answer.cost == 1 + 3 + 4 + 5
    assert answer.price == pytest.approx(0.3)


def test_fairest_of_one_rule_beside_others():
    """The level that is reached is the best of all plans that keep the other rule, by enumeration."""
    nights = Rule([0, 1, 1, 0], MaxOverMean(1), name="nights")
    answer = evenhand.assign(COSTS, JainAtLeast(0.3), burdens=COSTS**2, rules=[nights], fairest=True)
    levels = [
        float(JainAtLeast(0.3).level([sum(COSTS[a, t] ** 2 for t in range(4) if plan[t] == a) for a in (0, 1)]))
        for plan in itertools.product((0, 1), repeat=4)
        if plan[1] != plan[2]
    ]
    assert answer.rules[0].level == pytest.approx(max(levels), abs=1e-9)
    (found,) = answer.nearest
    assert found.reached == pytest.approx(max(levels), abs=1e-9)
    assert found.refuted is None or max(levels) < found.refuted
    verdict = evenhand.verify(COSTS, answer.to_dict(), fairness=JainAtLeast(0.3), burdens=COSTS**2, rules=[nights])
    assert verdict.verified, verdict


def test_fairest_within_a_price():
    """Within 10 % of the cheapest plan, 10, one task may go to the second agent: the last one makes 6 and 5."""
    answer = evenhand.assign(COSTS, JainAtLeast(0.1), rules=[Limits("tasks", least=1)], fairest=True, max_price=0.1)
    assert (answer.cost, answer.rules[0].loads.tolist()) == (11, [6, 5])
    with pytest.raises(InputError, match="a price of 5 % does not allow"):
        evenhand.assign(COSTS, JainAtLeast(0.9), rules=[Limits("tasks", least=1)], fairest=True, max_price=0.05)


def test_profits():
    """The most of all plans that keep the rules, by enumeration."""
    profits = np.array([[9.0, 8, 7, 6], [6, 7, 5, 1]])
    rules = [Limits("tasks", least=2)]
    best = max(
        sum(profits[agent, task] for task, agent in enumerate(plan))
        for plan in itertools.product((0, 1), repeat=4)
        if sum(plan) == 2
    )
    answer = evenhand.assign(profits, rules=rules, maximise=True)
    assert (answer.cost, answer.base_cost) == (best, 30)
    assert answer.bound >= best
    assert evenhand.verify(profits, answer, rules=rules).verified


def test_only_exclusions():
    """Without any rule, tasks that overlap in time are with different agents, as cheaply as that can be."""
    times = [(8, 9), (8.5, 9.5), (10, 11), (10, 11)]
    answer = evenhand.assign(COSTS, times=times)
    assert answer.cost == 10 + 2
    assert answer.assignment[0] != answer.assignment[1]
    assert answer.assignment[2] != answer.assignment[3]


def test_several_agents_for_a_task():
    """Every plan of the enumeration costs at least as much; -1 stands where a task needs one agent."""
    costs = np.array([[1.0, 5], [2, 4], [9, 6]])
    rules = [Limits("tasks", most=1)]
    answer = evenhand.assign(costs, rules=rules, needs=[2, 1])
    expected = min(
        sum(costs[agent, task] for task, agents in enumerate(plan) for agent in agents)
        for plan in plans_of(costs, {0: 2})
        if keeps(rules[0], plan)
    )
    assert (answer.cost, expected) == (9, 9)
    assert answer.assignment.tolist() == [[0, 1], [2, -1]]
    assert answer.to_rows() == [
        {"task": "task-1", "agent": "agent-1"},
        {"task": "task-1", "agent": "agent-2"},
        {"task": "task-2", "agent": "agent-3"},
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"workers": 2}, "workers 2: with rules, one thread searches"),
        ({"certificate": "tree"}, "certificate 'tree': with rules, an answer is certified by multipliers"),
        ({"burdens": COSTS}, "burdens belong to a fairness beside the rules"),
        ({"initial_loads": [1, 2]}, "initial_loads belong to a fairness beside the rules"),
        ({"fairest": True}, "fairest needs one rule to improve, and the rules of fairness are none"),
        ({"max_price": 0.1}, "max_price limits the price of the fairest"),
        ({"gap": -1}, "gap is -1"),
        ({"times": [(1, 2)]}, "times: 1 given for 4 tasks"),
        ({"conflicts": [(0, 9)]}, "conflicts: there is no task 9"),
    ],
)
def test_options_without_meaning_are_refused(call, message):
    """One line says which option, and what would be right."""
    with pytest.raises(InputError, match=message):
        evenhand.assign(COSTS, rules=[Limits("tasks", most=3)], **call)


def test_the_price_of_a_rule_beside_others():
    """Each level's cost is the least of all plans with one of the middle tasks each, by enumeration."""
    nights = Rule([0, 1, 1, 0], MaxOverMean(1), name="nights")
    levels = [JainAtLeast(0.5), JainAtLeast(0.9), JainAtLeast(0.99)]
    found = frontier(COSTS, levels, rules=[nights], gap=1e-9)
    plans = [plan for plan in itertools.product((0, 1), repeat=4) if plan[1] != plan[2]]
    loads = [np.bincount(plan, COSTS[plan, range(4)], minlength=2) for plan in plans]
    expected = [min(load.sum() for load in loads if level.contains(load)) for level in levels]
    assert [point.cost for point in found] == expected
    assert found.points[0].price == pytest.approx(expected[0] / 10 - 1)
    with pytest.raises(InputError, match="workers is 0"):
        frontier(COSTS, levels, rules=[nights], workers=0)


def test_the_largest_epsilon_beside_rules():
    """It is that of the fairest of all plans with one of the middle tasks each, by enumeration."""
    nights = Rule([0, 1, 1, 0], MaxOverMean(1), name="nights")
    found = evenhand.max_epsilon(COSTS, burdens=COSTS**2, rules=[nights])
    levels = [
        float(EpsilonFairness(0).level(np.bincount(plan, COSTS[plan, range(4)] ** 2, minlength=2)))
        for plan in itertools.product((0, 1), repeat=4)
        if plan[1] != plan[2]
    ]
    assert found.reached == pytest.approx(max(levels), abs=1e-9)
    assert found.refuted is None or found.refuted > max(levels)
    assert found.assignment[1] != found.assignment[2]
    with pytest.raises(InputError, match="no plan keeps the rules"):
        evenhand.max_epsilon(COSTS, rules=[Limits("tasks", least=3)])


def test_prices_and_explanations_take_rules_too():
    """The doors of one rule lead to those of several: without the limit, 1 + 2 would be paid in place of 1 + 4."""
    costs, rules = [[1.0, 2], [3, 4]], [Limits("tasks", most=1)]
    explanation = evenhand.explain(costs, evenhand.assign(costs, rules=rules), rules=rules)
    assert explanation.rules[0].saving == pytest.approx(2)
    prices = evenhand.price_of_fairness(costs, 2, [0.0], rules=rules)
    assert prices.points[0].cost == 5
    with pytest.raises(InputError, match="other: has no meaning under several rules"):
        evenhand.explain(costs, evenhand.assign(costs, rules=rules), rules=rules, other={})


def test_an_interrupted_search_for_the_fairest_returns_what_is_known(monkeypatch):
    """Ctrl-C in the second look leaves the plan of the first, with the bound that every plan has: 10."""
    looks = itertools.count()

    def solve(*arguments, **options):
        outcome = solve_rules(*arguments, **options)
        return replace(outcome, interrupted=True) if next(looks) == 1 else outcome

    monkeypatch.setattr(dial, "solve_rules", solve)
    rules = [Limits("tasks", least=1)]
    answer = evenhand.assign(COSTS, JainAtLeast(0.5), rules=rules, fairest=True)
    assert (answer.status, answer.interrupted, answer.bound) == ("time_limit", True, 10)
    assert answer.cost >= 10
    assert evenhand.verify(COSTS, answer, fairness=JainAtLeast(0.5), rules=rules).verified


def test_an_interrupted_contradiction_is_still_a_proof(monkeypatch):
    """Ctrl-C while rules are spared leaves them all named; that nothing keeps them is proven already."""

    def solve(*arguments, **options):
        return replace(solve_rules(*arguments, **options), interrupted=True)

    monkeypatch.setattr(dial, "solve_rules", solve)
    answer = evenhand.assign(
        COSTS, rules=[Limits("tasks", least=3, name="least"), Limits("tasks", most=4, name="most")]
    )
    assert (answer.status, answer.contradiction, answer.nearest) == ("infeasible", ("least", "most"), ())
    assert not answer.irreducible
