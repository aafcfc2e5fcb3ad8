"""Answers under several rules are verified without the engine, and every forgery is refused."""

import copy
import json
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from ruled_cases import cheapest, drawn

import evenhand
from evenhand import InputError, JainAtLeast, Limits, MaxOverMean, Rule
from evenhand.assignment.rules import exhausted
from evenhand.assignment.rules.exact_ruled_bound import exact_ruled_bound
from evenhand.assignment.rules.problem_of import problem_of
from evenhand.assignment.rules.ruled_certificate import RowMultipliers, RuledCertificate

COSTS = np.array([[1.0, 2, 3, 4, 2], [2, 3, 4, 5, 9], [4, 1, 2, 2, 5]])
RULES = [
    Rule(np.arange(1.0, 16).reshape(3, 5), JainAtLeast(0.7), name="hours", initial_loads=[1, 0, 2]),
    Rule([0, 1, 1, 0, 1], MaxOverMean(1.5, entitlements=(1, None, 1)), name="nights"),
    Limits("tasks", least=1, most={0: 3}, name="visits"),
]
REST = {"conflicts": [(0, 1)], "needs": {2: 2}, "locked": {3: 2}, "maximise": False}


@pytest.fixture(scope="module")
def answer():
    """Return an answer's JSON."""
    return json.loads(json.dumps(evenhand.assign(COSTS, rules=RULES, **REST).to_dict()))


def verdict_on(data, rules=RULES, **changes):
    return evenhand.verify(COSTS, data, rules=rules, **{**REST, **changes})


def test_an_answer_is_verified(answer):
    """The plan, its loads and its rules are proven; the bound as far as the certificate goes."""
    verdict = verdict_on(answer)
    assert verdict.verified, verdict
    assert verdict.fair
    assert verdict.cost == answer["cost"]
    assert verdict.certified_gap is not None
    assert any("limits 'visits' are kept" in sentence for sentence in verdict.proven)
    assert not any("was not read" in sentence for sentence in verdict.on_trust), "every field is checked or known"


def test_a_multiplier_changes_what_is_proven(answer):
    """The certificate's gap is recomputed: with another multiplier it is not the stated one."""
    place, given = next((k, given) for k, given in enumerate(answer["certificate"]["rules"]) if any(given["least"]))
    agent = int(np.argmax(given["least"]))
    path = ("certificate", "rules", place, "least", agent)
    verdict = verdict_on(changed(answer, path, lambda value: value + 1.0))
    assert any("the stated certified_gap is" in reason for reason in verdict.reasons)
    assert verdict.bound <= answer["cost"]


def test_a_bound_beyond_the_certificate_is_not_proven(answer):
    """A forger who raises the bound to the cost, gap included, gets no proof of it."""
    forged = changed(changed(answer, ("bound",), answer["cost"]), ("gap",), 0.0)
    verdict = verdict_on(forged, max_gap=0.0)
    assert verdict.verified
    assert not verdict.gap_proven


def test_a_field_that_is_not_known_is_said(answer):
    """Whatever a forger adds is not silently accepted."""
    assert any("'blessed'" in sentence for sentence in verdict_on({**answer, "blessed": True}).on_trust)


def changed(data, path, value):
    """Return a copy of an answer in which the value at a path is another."""
    data = copy.deepcopy(data)
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value(place[path[-1]]) if callable(value) else value
    return data


FORGERIES = [
    (("rules", 0, "loads", 1), lambda load: load + 1, "rule 'hours': the stated load of agent agent-2"),
    (("rules", 2, "loads", 0), lambda load: load - 1, "rule 'visits': the stated load of agent agent-1"),
    (("rules", 0, "level"), lambda level: level + 0.01, "rule 'hours': the stated level"),
    (("rules", 0, "fairness", "jain"), 0.6, "rule 'hours': the answer is to another question"),
    (("rules", 0, "fairness", "jain"), 0.8, "rule 'hours': the answer is to another question"),
    (("rules", 1, "fairness"), {"name": "cv", "cv": 0.5, "entitlements": None}, "rule 'nights': .* another question"),
    (("rules", 1, "fairness", "entitlements"), [1, 2], "rule 'nights': .*entitlements differ"),
    (("rules", 1, "counted"), [0, 1], "rule 'nights': the answer counts other agents"),
    (("rules", 2, "least", 1), 0, "rule 'visits': the answer is to another question"),
    (("rules", 2, "most", 0), 4, "rule 'visits': the answer is to another question"),
    (("rules", 2, "name"), "calls", "it states a rule 'calls', asked is 'visits'"),
    (("cost",), lambda cost: cost - 1, "the stated cost is"),
    (("base_cost",), lambda cost: cost - 1, "the stated base_cost is"),
    (("price",), 0.0, "the stated price is"),
    (("gap",), 0.5, "the stated gap is"),
    (("certified_gap",), 0.0, "the stated certified_gap is"),
    (("bound",), lambda bound: bound + 5, "bound .* is above the cost"),
    (("maximise",), True, "takes the table for profits"),
    (("made_with", "needs"), False, "tasks that need several agents are given here"),
    (("made_with", "locked"), False, "locked tasks are given here"),
    (("tasks", 0), "other", "its table names no tasks, yet calls one 'other'"),
    (("status",), "infeasible", "the status is 'infeasible', yet there is an assignment"),
    (("assignment",), None, "the status is 'optimal', yet there is no assignment"),
    (("contradiction",), ["hours"], "contradiction is not one of rules asked for, in an infeasible answer"),
    (("certificate", "kind"), "infeasible", "the certificate is of kind 'infeasible'"),
    (("certificate", "rules", 2, "most", 0), -1.0, "a multiplier of the limits 'visits' is negative"),
    (("nearest",), [{"rule": "x", "what": "jain", "asked": 1, "reached": 1, "refuted": 1}], "nearest names 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), FORGERIES)
def test_forged_values_are_refused(answer, path, value, message):
    """Whatever is changed, the verdict says where the answer and the tables differ."""
    verdict = verdict_on(changed(answer, path, value))
    assert not verdict.verified
    assert any(re.search(message, reason) for reason in verdict.reasons), verdict.reasons


@pytest.mark.parametrize(
    ("task", "agents", "message"),
    [
        (3, [0, -1], "task task-4 is not with agent agent-3, to whom it is locked"),
        (2, [0, -1], "task task-3 has 1 agents; it needs 2"),
        (2, [0, 0], "task task-3 has 2 agents; it needs 2 different ones"),
        (4, [0, 1], "task task-5 has 2 agents; it needs 1"),
    ],
)
def test_plans_that_break_the_question_are_refused(answer, task, agents, message):
    """Locked tasks, numbers of agents and exclusions are checked task by task."""
    verdict = verdict_on(changed(answer, ("assignment", task), agents))
    assert any(message in reason for reason in verdict.reasons), verdict.reasons


def test_tasks_that_exclude_each_other(answer):
    """Both tasks of a conflict with one agent are refused."""
    both = changed(changed(answer, ("assignment", 0), [0, -1]), ("assignment", 1), [0, -1])
    assert any("task-1 and task-2, which exclude each other" in reason for reason in verdict_on(both).reasons)


def test_every_moved_task_is_found(answer):
    """A plan in which any one task is with another agent no longer fits its loads."""
    for task, agents in enumerate(answer["assignment"]):
        for agent in range(3):
            if agent not in agents:
                moved = changed(answer, ("assignment", task), sorted([agent, *agents[1:]], key=lambda a: (a < 0, a)))
                assert not verdict_on(moved).verified


def test_other_questions_are_not_answered(answer):
    """A rule more, less or different makes the answer one to another question; so do other loads carried before."""
    hours, nights, visits = RULES
    with pytest.raises(InputError, match="the answer keeps 3 rules, and the question has 2 rules; give the same"):
        verdict_on(answer, [hours, nights])
    stricter = Rule(hours.burden, JainAtLeast(0.99), name="hours", initial_loads=hours.initial_loads)
    assert not verdict_on(answer, [stricter, nights, visits]).verified
    otherwise = Rule(hours.burden, hours.fairness, name="hours", initial_loads=[0, 0, 0])
    assert not verdict_on(answer, [otherwise, nights, visits]).verified
    heavier = Rule(np.asarray(hours.burden) + 1, hours.fairness, name="hours", initial_loads=hours.initial_loads)
    assert not verdict_on(answer, [heavier, nights, visits]).verified
    with pytest.raises(InputError, match="was made without rules"):
        evenhand.verify(COSTS, evenhand.assign(COSTS, JainAtLeast(0.5)).to_dict(), rules=RULES)


@pytest.mark.parametrize("seed", range(0, 40, 3))
def test_no_multipliers_prove_more_than_the_optimum(seed):
    """Whatever non-negative multipliers a certificate holds, its exact bound is below the optimum by enumeration."""
    costs, call = drawn(seed)
    best = cheapest(costs, **call)
    problem = problem_of(costs, **call)
    random = np.random.default_rng(seed)
    rules = tuple(
        RowMultipliers(np.zeros(0), np.zeros((0, 3)), random.random(3) * 4, random.random(3) * 4)
        if row.fairness is None
        else RowMultipliers(random.random(2) * 3, random.random((2, len(row.counted))) * 5, np.zeros(0), np.zeros(0))
        for row in problem.rows
    )
    exclusive = random.random((len(problem.exclusive), 3)) * 2
    bound = exact_ruled_bound(problem, RuledCertificate("bound", rules, exclusive))
    assert bound <= (Fraction(best) if math.isfinite(best) else bound)
    if math.isfinite(best):
        assert exact_ruled_bound(problem, RuledCertificate("infeasible", rules, exclusive), costs=False) <= 1e-9


def test_the_exact_bound_by_hand():
    """Two agents, two tasks that cost 1 and 3: at most one each, with multipliers of 2, proves the 4 that it costs."""
    problem = problem_of([[1.0, 1], [3, 3]], [Limits("tasks", most=1)])
    certificate = RuledCertificate(
        "bound", (RowMultipliers(np.zeros(0), np.zeros((0, 2)), np.zeros(2), np.array([2.0, 0.0])),), np.zeros((0, 2))
    )
    assert exact_ruled_bound(problem, certificate) == 3 + 3 - 2 * 1
    assert exact_ruled_bound(problem, None) == 2
    assert cheapest(np.array([[1.0, 1], [3, 3], [9, 9]]), [Limits("tasks", most=1)]) == 4


def test_infeasibility_is_proven_or_not(monkeypatch):
    """A certificate proves it; with its multipliers gone, only going through all plans does, if they are few."""
    rules = [Limits("tasks", least=2, name="least")]
    data = evenhand.assign(np.ones((3, 5)), rules=rules).to_dict()
    assert evenhand.verify(np.ones((3, 5)), data, rules=rules).verified
    nothing = changed(data, ("certificate", "rules", 0, "least"), [0.0, 0.0, 0.0])
    verdict = evenhand.verify(np.ones((3, 5)), nothing, rules=rules)
    assert verdict.outcome == "verified"
    assert any("steps through the loads of all plans" in sentence for sentence in verdict.proven)
    monkeypatch.setattr(exhausted, "MOST_STEPS", 10)
    verdict = evenhand.verify(np.ones((3, 5)), nothing, rules=rules)
    assert verdict.outcome == "infeasibility not proven"


def test_an_unfair_plan_is_not_fair_within_the_tolerance():
    """A plan below the bound that breaks the rule is called unfair, and nothing else."""
    costs, rules = [[1.0, 1, 1, 1], [5, 5, 5, 5]], [Rule("tasks", MaxOverMean(1.0), name="visits")]
    data = json.loads(json.dumps(evenhand.assign(costs, rules=rules).to_dict()))
    for path, value in ((("assignment",), [0, 0, 0, 0]), (("cost",), 4.0), (("rules", 0, "loads"), [4.0, 0.0])):
        data = changed(data, path, value)
    verdict = evenhand.verify(costs, data, rules=rules)
    assert verdict.fair is False
    assert verdict.cost < verdict.bound
    assert not any("tolerance" in sentence for sentence in verdict.proven)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"conflicts": None}, "the answer was made with tasks that exclude each other, and none are given here"),
        ({"conflicts": [(0, 1), (2, 3)]}, "made with other times, conflicts or groups.*1 there, 2 here"),
        ({"needs": None}, "the answer was made with tasks that need several agents"),
    ],
)
def test_an_answer_made_with_other_times_is_refused_with_the_reason(answer, given, message):
    """The first reason is what differs, and not the shape of a certificate."""
    verdict = verdict_on(answer, **given)
    assert not verdict.verified
    assert re.search(message, verdict.reasons[0]), verdict.reasons


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("rules", 0, "loads"), [1.0], "rules\\[0\\].loads has 1 entries"),
        (("assignment", 0), "Ann", "assignment"),
        (("assignment", 0), [0], "rows of different lengths"),
        (("assignment", 0), [7, -1], "assignment\\[0\\] is 7"),
        (("bound",), None, "bound is null"),
        (("certificate", "rules"), [], "certificate.rules has 0 entries"),
        (("certificate", "exclusive", "shape"), [1, 4], "certificate.exclusive has shape"),
        (("certificate", "rules", 0, "multipliers"), [math.inf], "multipliers"),
        (("status",), "fine", "status is 'fine'"),
        (("made_with",), {}, "made_with.needs is missing"),
        (("bound",), 10**400, "bound is 1"),
    ],
)
def test_what_is_no_answer_is_refused_in_one_line(answer, path, value, message):
    """A field of a wrong type, length or range is named."""
    with pytest.raises(InputError, match=message):
        verdict_on(changed(answer, path, value))


def paths_of(data, path=()):
    """Yield the path of every value of a JSON document."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths_of(value, (*path, key))


def test_junk_anywhere_is_refused_in_one_line_or_not_verified(answer):
    """Whatever stands in place of a value, nothing but an InputError of one line comes out."""
    said = []
    for number, path in enumerate(paths_of(answer)):
        junk = [None, "x", -1, 10**400, [], {}, True, math.nan][number % 8]
        try:
            verdict_on(changed(answer, path, junk))
        except InputError as error:
            said.append(str(error))
    assert len(said) > 20
    assert not any("\n" in line for line in said)
