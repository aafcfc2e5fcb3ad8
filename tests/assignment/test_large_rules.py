"""Tasks of several agents through `assign` and `verify`: lists of candidates, fairness of tasks, locks, refusals."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from benchmarks.reviewer_instances import conference

import evenhand
from evenhand.errors import InputError
from evenhand.tables.candidate_table import CandidateTable

AFFINITIES = np.array([[0.9, 0.8, 0.1, 0.4], [0.7, np.inf, 0.6, 0.3], [0.5, 0.6, 0.2, np.inf], [0.1, 0.9, 0.3, 0.2]])


def _papers(ratio: float) -> evenhand.Rule:
    """Return the rule that no paper's affinity falls below `ratio` times the mean."""
    return evenhand.Rule(AFFINITIES, evenhand.LeastOverMean(ratio), over="tasks", name="papers")


def _question(ratio: float, most: int) -> dict[str, Any]:
    rules = [_papers(ratio), evenhand.Limits("tasks", most=most)]
    return {"rules": rules, "needs": 2, "maximise": True}


def _best(ratio: float, most: int) -> float:
    """Return the largest profit of all plans of two different agents a task."""
    best = -np.inf
    pairs = list(itertools.combinations(range(4), 2))
    for plan in itertools.product(pairs, repeat=4):
        totals = np.array([AFFINITIES[list(two), task].sum() for task, two in enumerate(plan)])
        counts = np.bincount(np.concatenate(plan), minlength=4)
        if np.isfinite(totals).all() and counts.max() <= most and totals.min() >= ratio * totals.mean() - 1e-12:
            best = max(best, float(totals.sum()))
    return best


@pytest.mark.parametrize(("ratio", "most"), [(0.0, 2), (0.5, 2), (0.6, 3), (0.0, 4)])
def test_a_small_table_is_solved_as_by_enumeration(ratio: float, most: int) -> None:
    question = _question(ratio, most)
    answer = evenhand.assign(AFFINITIES, gap=1e-2, time_limit=5, **question)
    assert answer.bound >= _best(ratio, most) - 1e-9
    assert answer.cost == pytest.approx(_best(ratio, most), rel=0.1)
    assert answer.rules[0].over == "tasks"
    assert answer.rules[0].loads is not None
    assert answer.rules[0].loads.sum() == pytest.approx(answer.cost)
    verdict = evenhand.verify(AFFINITIES, json.loads(json.dumps(answer.to_dict())), **question)
    assert verdict.verified, verdict.reasons


def _table() -> CandidateTable:
    return conference(60, 40, 3, fewest=8, most=14)


def _asked(table: CandidateTable, member: Any, **limits: int) -> dict[str, Any]:
    rules = [evenhand.Rule(table, member, over="tasks", name="papers"), evenhand.Limits("tasks", **limits)]
    return {"rules": rules, "needs": 3, "maximise": True}


@pytest.mark.parametrize(
    "member",
    [evenhand.LeastOverMean(0.75), evenhand.CVAtMost(0.12), evenhand.GiniAtMost(0.07), evenhand.MaxOverMean(1.2)],
)
def test_verify_accepts_the_answer_and_its_json(member: Any) -> None:
    table = _table()
    question = _asked(table, member, least=2, most=6)
    answer = evenhand.assign(table, gap=1e-2, time_limit=20, **question)
    assert answer.status == "optimal"
    verdict = evenhand.verify(table, json.loads(json.dumps(answer.to_dict())), max_gap=1e-2, **question)
    assert verdict, verdict.reasons
    assert verdict.certified_gap == pytest.approx(answer.certified_gap, abs=1e-9)


def _forged(answer: Any, **changes: Any) -> dict[str, Any]:
    return json.loads(json.dumps(answer.to_dict())) | changes


def test_verify_refuses_forgeries() -> None:
    table = _table()
    question = _asked(table, evenhand.LeastOverMean(0.75), most=6)
    answer = evenhand.assign(table, gap=1e-2, time_limit=20, **question)
    data = _forged(answer)
    plan = [list(row) for row in data["assignment"]]
    stranger = next(i for i in range(40) if i not in table.agent_of[table.starts[0] : table.starts[1]])
    twice = [[plan[0][0], plan[0][0], plan[0][1]], *plan[1:]]
    forgeries = [
        {"cost": data["cost"] + 0.01},
        {"assignment": [[stranger, *plan[0][1:]], *plan[1:]]},
        {"assignment": twice},
        {"bound": data["cost"] - 0.1},
        {"base_cost": data["base_cost"] + 1.0},
        {"status": "infeasible"},
        {"contradiction": ["papers"]},
        {"nearest": [{"rule": "papers", "what": "ratio", "asked": 0.75, "reached": 0.8, "refuted": None}]},
        {"status": "time_limit", "assignment": None},
    ]
    for forgery in forgeries:
        assert not evenhand.verify(table, _forged(answer, **forgery), **question), forgery
    negative = data["certificate"] | {"corners": [-1.0, *data["certificate"]["corners"][1:]]}
    assert not evenhand.verify(table, _forged(answer, certificate=negative), **question)
    other = _asked(table, evenhand.LeastOverMean(0.8), most=6)
    assert not evenhand.verify(table, data, **other).verified
    tighter = _asked(table, evenhand.LeastOverMean(0.75), most=5)
    assert not evenhand.verify(table, data, **tighter).verified


def test_locked_agents_are_in_the_plan_and_in_the_bound() -> None:
    table = _table()
    question = _asked(table, evenhand.JainAtLeast(0.95), most=6)
    first = slice(int(table.starts[0]), int(table.starts[1]))
    worst = int(table.agent_of[first][np.argmin(table.costs[first])])
    free = evenhand.assign(table, gap=1e-3, time_limit=20, **question)
    answer = evenhand.assign(table, gap=1e-3, time_limit=20, locked={0: [worst]}, **question)
    assert worst in answer.agents_of(0)
    assert worst not in free.agents_of(0)
    assert answer.cost < free.cost
    assert evenhand.verify(table, answer, locked={0: [worst]}, **question).verified
    assert not evenhand.verify(table, answer, **question).verified


def test_too_few_reviewers_are_named_with_a_proof() -> None:
    table = _table()
    question = _asked(table, evenhand.LeastOverMean(0.5), most=4)  # 180 reviews, 40 x 4 = 160 places
    answer = evenhand.assign(table, **question)
    assert answer.status == "infeasible"
    assert answer.contradiction == ("tasks",)
    assert answer.shortage.endswith("and together they may take 160")
    assert "180 times" in answer.shortage
    for forgery in ({"shortage": "nobody is short"}, {"contradiction": ["calls"]}, {"bound": 3.0}, {"cost": 3.0}):
        assert not evenhand.verify(table, _forged(answer, **forgery), **question), forgery
    assert evenhand.verify(table, answer, **question)


def test_a_paper_with_too_few_candidates_is_refused_by_name() -> None:
    affinities = np.array([[0.5, 0.2], [0.4, np.inf], [np.inf, np.inf]])
    with pytest.raises(InputError, match="task 'task-2' needs 2 agents and has 1 candidates"):
        evenhand.assign(
            affinities, rules=[evenhand.Rule(affinities, evenhand.LeastOverMean(0.1), over="tasks")], needs=2
        )


def test_what_needs_a_full_table_is_refused_in_one_line() -> None:
    table = _table()
    question = _asked(table, evenhand.LeastOverMean(0.5), most=6)
    for more, word in (
        ({"together": [(0, 1)]}, "together"),
        ({"conflicts": [(0, 1)]}, "conflicts"),
        ({"fairest": True}, "fairest"),
        ({"rules": [*question["rules"], evenhand.Limits([1.0] * 60, most=3)]}, "limits on the number of tasks"),
    ):
        with pytest.raises(InputError, match=word) as refused:
            evenhand.assign(table, **(question | more))
        assert "\n" not in str(refused.value)
    question = _question(0.5, 2)
    for more, word in (
        ({"conflicts": [(0, 1)]}, "conflicts: a rule over tasks does not go with it"),
        ({"fairest": True}, "fairest: a rule over tasks does not go with it"),
        ({"fairness": evenhand.JainAtLeast(0.5)}, "a rule over tasks takes one measure"),
        ({"rules": [*question["rules"], evenhand.Limits([1.0] * 4, most=3)]}, "a rule over tasks goes with limits on"),
    ):
        with pytest.raises(InputError, match=word):
            evenhand.assign(AFFINITIES, **(question | more))
    with pytest.raises(InputError, match="over is 'papers'"):
        evenhand.Rule("tasks", evenhand.LeastOverMean(0.5), over="papers")


def test_reviewers_without_candidates_and_equal_affinities_are_no_trouble() -> None:
    affinities = np.full((6, 8), 0.5)
    affinities[5] = np.inf
    question: dict[str, Any] = {
        "rules": [
            evenhand.Rule(affinities, evenhand.LeastOverMean(1.0), over="tasks"),
            evenhand.Limits("tasks", most=4),
        ],
        "needs": 2,
        "maximise": True,
    }
    answer = evenhand.assign(affinities, **question)
    assert answer.cost == pytest.approx(8.0)
    assert answer.certified_gap <= 1e-4
    assert evenhand.verify(affinities, answer, **question)
