"""Several rules, as users give them, become positions, or are refused in one line that names rule, agent or task."""

import numpy as np
import pytest

from evenhand import CVAtMost, InputError, JainAtLeast, Limits, MaxOverMean, Rule
from evenhand.assignment.build_problem import build_problem
from evenhand.assignment.named_agents import check_fairness
from evenhand.assignment.rules.build_ruled_problem import build_ruled_problem
from evenhand.tables import CostTable

COSTS = CostTable(
    np.array([[1.0, 2, 3, 4], [2, 3, 4, 5], [9, 9, np.inf, 9]]), ("Ann", "Bo", "Cy"), ("a", "b", "c", "d")
)
COUNTED = Rule("tasks", JainAtLeast(0.5))


def test_forms_of_burdens():
    """A table, a row for all agents, a mapping by task and a count give the same loads as sums by hand."""
    table = np.arange(12.0).reshape(3, 4)
    rules = [
        Rule(table, JainAtLeast(0.5), name="hours", initial_loads={"Bo": 2}),
        Rule([0, 1, 1, 0], JainAtLeast(0.5)),
        Rule({"d": 5, "c": 1, "b": 0, "a": 0}, JainAtLeast(0.5)),
        Limits("tasks", most=3),
    ]
    problem = build_ruled_problem(COSTS, rules)
    plan = np.array([[0], [1], [1], [2]])
    assert [row.loads_of(plan).tolist() for row in problem.rows] == [[0, 13, 11], [0, 2, 0], [0, 1, 5], [1, 2, 1]]
    assert [row.name for row in problem.rows] == ["hours", "rule 2", "rule 3", "tasks"]
    assert problem.cost_of(plan) == 1 + 3 + 4 + 9


def test_agents_who_are_not_counted():
    """An entitlement of None leaves the agent out of the member; the others keep theirs."""
    given = [(1, None, 0.5), {"Cy": 0.5, "Ann": 1, "Bo": None}]
    for entitlements in given:
        (row,) = build_ruled_problem(COSTS, [Rule("tasks", MaxOverMean(1.2, entitlements=entitlements))]).rows
        assert row.counted.tolist() == [0, 2]
        assert row.fairness == MaxOverMean(1.2, entitlements=(1.0, 0.5))
        assert row.kept_by(np.array([2.0, 100.0, 1.0]))
        assert not row.kept_by(np.array([1.0, 100.0, 2.0]))


def test_only_rules_leave_agents_out():
    """A member that counts a part of the agents is refused everywhere else."""
    member = MaxOverMean(1.2, entitlements=(1, None, 1))
    for use in (lambda: member.contains([1, 2, 3]), lambda: check_fairness(member, COSTS.agents)):
        with pytest.raises(InputError, match=r"entitlements\[1\] is None; only a Rule may leave an agent uncounted"):
            use()


def test_limits_by_agent():
    """A number is for all, a mapping for those it names, None for nobody; both ends are included."""
    limits = [Limits("tasks", least={"Bo": 1}, most=2), Limits("tasks", most=[None, 0, 3], initial_loads=[1, 0, 0])]
    first, second = build_ruled_problem(COSTS, limits).rows
    assert first.least.tolist() == [-np.inf, 1, -np.inf]
    assert first.most.tolist() == [2, 2, 2]
    assert second.most.tolist() == [np.inf, 0, 3]
    assert (first.name, second.name) == ("tasks", "tasks (2)")
    assert first.kept_by(np.array([0.0, 1.0, 2.0]))
    assert not first.kept_by(np.array([0.0, 0.0, 2.0]))
    assert not first.kept_by(np.array([0.0, 1.0, 3.0]))
    assert second.carried.tolist() == [1, 0, 0]


def test_groups_are_units():
    """Columns of tasks that stay together add up, in costs and burdens; groups that share a task are one."""
    rules = [Limits("tasks", most=4), Limits(np.arange(12.0).reshape(3, 4), most=99), Limits([1, 2, 4, 8], most=99)]
    problem = build_ruled_problem(
        COSTS, rules, together=[("d", "a"), (1, "d")], locked={"b": "Bo"}, exclusive=((0, 2),)
    )
    assert problem.unit_of.tolist() == [0, 0, 1, 0]
    assert problem.costs.tolist() == [[7, 3], [10, 4], [27, np.inf]]
    assert [row.burden.tolist() for row in problem.rows] == [
        [[3, 1]] * 3,
        [[0 + 1 + 3, 2], [4 + 5 + 7, 6], [8 + 9 + 11, 0]],  # forbidden: 0
        [[11, 4]] * 3,
    ]
    assert problem.locked == ((1, 0),)
    assert problem.exclusive == ((0, 1),)
    assert problem.allowed.tolist() == [[False, True], [True, True], [False, False]]
    assert problem.of_tasks(np.array([[1], [0]])).tolist() == [1, 1, 0, 1]


def test_several_agents_for_a_task():
    """The cheapest plan takes each task's cheapest agents, and the locked ones; -1 stands where fewer are needed."""
    problem = build_ruled_problem(COSTS, [COUNTED], needs={"b": 2, "c": 2}, locked={"b": "Cy", "d": ["Bo"]})
    assert problem.needs.tolist() == [1, 2, 2, 1]
    assert problem.cheapest.tolist() == [[0, -1], [0, 2], [0, 1], [1, -1]]
    assert problem.base_cost == 1 + 2 + 9 + 3 + 4 + 5
    assert problem.of_tasks(problem.cheapest).shape == (4, 2)
    assert problem.rows[0].loads_of(problem.cheapest).tolist() == [3, 2, 1]


def test_profits():
    """Profits are costs with the opposite sign; a forbidden pair stays forbidden."""
    problem = build_ruled_problem(COSTS, [COUNTED], maximise=True)
    assert problem.costs[0].tolist() == [-1, -2, -3, -4]
    assert not problem.allowed[2, 2]
    assert problem.in_user_sign(problem.base_cost) == 9 + 9 + 4 + 9


def test_costs_may_be_negative():
    """Costs are not shared, so they may have any sign, unlike in a call with one rule and no burdens."""
    assert build_ruled_problem([[-1.0, 2], [3, 4]], [COUNTED]).base_cost == -1 + 2
    with pytest.raises(InputError, match="expected a number >= 0"):
        build_problem([[-1.0, 2], [3, 4]])


WRONG = [
    ([], {}, r"rules is '\[\]'; give a list"),
    (COUNTED, {}, "rules is .*; give a list"),
    ([JainAtLeast(0.5)], {}, r"rules\[0\] is 'JainAtLeast\(0.5\)'; expected Rule"),
    ([COUNTED, Limits("tasks", 1, name="x"), Limits("tasks", 1, name="x")], {}, "two rules are called 'x'"),
    ([Rule("hours", JainAtLeast(0.5))], {}, "rule 'tasks': burden is 'hours'; expected a table"),
    ([Rule([1, 2, 3], JainAtLeast(0.5), name="n")], {}, "rule 'n': burden has 3 numbers for 4 tasks"),
    ([Rule([1, -2, 3, 0], JainAtLeast(0.5), name="n")], {}, "rule 'n': burden of task 'b' is '-2'; expected a finite"),
    ([Rule([1, "two", 3, 0], JainAtLeast(0.5), name="n")], {}, "rule 'n': burden of task 'b' is 'two'"),
    ([Rule({"a": 1, "b": 1, "c": 1}, JainAtLeast(0.5), name="n")], {}, "rule 'n': burden has no task 'd'"),
    ([Rule({"e": 1}, JainAtLeast(0.5), name="n")], {}, "rule 'n': burden: task 'e' is not in the table"),
    ([Rule(np.ones((3, 3)), JainAtLeast(0.5), name="n")], {}, "rule 'n': burdens are 3 agents x 3 tasks, costs 3 x 4"),
    ([Rule(-np.ones((3, 4)), JainAtLeast(0.5), name="n")], {}, "rule 'n': burden of task 'a' for agent 'Ann' is -1"),
    ([Rule("tasks", CVAtMost(0.5, entitlements=(1, 1)))], {}, "rule 'tasks': entitlements: 2 given for 3 agents"),
    ([Rule("tasks", CVAtMost(0.5, entitlements={"Ann": 1, "Bo": 1}))], {}, "rule 'tasks': entitlements lack 'Cy'"),
    ([Rule("tasks", CVAtMost(0.5), initial_loads=[1, 2, -3])], {}, "rule 'tasks': initial load of agent 'Cy' is -3"),
    ([Limits("tasks", least=[1, 2])], {}, "rule 'tasks': least has 2 numbers for 3 agents"),
    ([Limits("tasks", least={"Di": 2})], {}, "rule 'tasks': least: agent 'Di' is not in the table"),
    ([Limits("tasks", most={"Bo": "two"})], {}, "rule 'tasks': most of agent 'Bo' is 'two'; expected a finite number"),
    ([Limits("tasks", most=-1)], {}, "rule 'tasks': most of agent 'Ann' is '-1'"),
    ([Limits("tasks", most=float("nan"))], {}, "rule 'tasks': most of agent 'Ann' is 'nan'"),
    ([Limits("tasks", least={"Bo": 3}, most=2)], {}, "rule 'tasks': least is 3 and most is 2 for agent 'Bo'"),
    ([COUNTED], {"needs": 4}, "needs of task 'a' is 4; it must be the number of different agents"),
    ([COUNTED], {"needs": 3}, "task 'c' needs 3 agents, but only 2 may do it"),
    ([COUNTED], {"needs": [1, 2]}, "needs has 2 numbers for 4 tasks"),
    ([COUNTED], {"needs": {"e": 2}}, "needs: task 'e' is not in the table"),
    ([COUNTED], {"needs": 1.5}, "needs of task 'a' is 1.5"),
    ([COUNTED], {"needs": {"a": 2}, "together": [("a", "b")]}, "tasks 'a' and 'b' stay together, but need 2 and 1"),
    ([COUNTED], {"together": "ab"}, r"together is 'ab'; give groups of tasks"),
    ([COUNTED], {"together": 3}, r"together is '3'; give groups of tasks"),
    ([Limits([[1, 2], [3]], most=1, name="n")], {}, "rule 'n': burdens: not a rectangular array"),
    ([COUNTED], {"together": ["ab"]}, r"together\[0\] is 'ab'; give a group"),
    ([COUNTED], {"together": [("a", "x")]}, r"together\[0\]: task 'x' is not in the table"),
    ([COUNTED], {"together": [("a", "b")], "exclusive": ((0, 1),)}, "tasks a and b stay together, but exclude"),
    ([COUNTED], {"locked": {"a": ["Ann", "Bo"]}}, "task 'a' is decided for 'Ann', 'Bo', but needs 1"),
    ([COUNTED], {"locked": {"a": "Ann", "b": "Bo"}, "together": [("a", "b")]}, "task 'b' is decided for 'Ann', 'Bo'"),
    ([COUNTED], {"locked": {"c": "Cy"}}, "task 'c' is decided for agent 'Cy', but that pair is forbidden"),
    ([COUNTED], {"locked": ["a"]}, "locked is a list"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "options", "message"), WRONG)
def test_wrong_input_is_named(rules, options, message):
    """One line says which rule and value is wrong."""
    with pytest.raises(InputError, match=message) as caught:
        build_ruled_problem(COSTS, rules, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Limits("tasks"), "neither least nor most is given"),
        (lambda: Rule("tasks", JainAtLeast), "fairness is .*expected a member"),
        (lambda: Rule("tasks", 0.9), "fairness is '0.9'"),
        (lambda: Rule("tasks", JainAtLeast(0.9), name=""), "the name of a rule is ''"),
        (lambda: Limits("tasks", 1, name=3), "the name of a rule is 3"),
    ],
)
def test_rules_that_ask_nothing(make, message):
    """A rule itself says what it lacks."""
    with pytest.raises(InputError, match=message):
        make()
