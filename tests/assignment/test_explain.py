"""Explanations, on an answer small enough to explain by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from evenhand.assignment.assignment_result import Assignment, Certificate
from evenhand.assignment.explain import explain
from evenhand.errors import InputError
from evenhand.fairness import MaxOverMean
from evenhand.tables import CostTable

# As in test_verify: Ann charges 1 a task, Bo 2; a largest load of 1.2 times the mean leaves loads (3, 2),
# cost 5.
TABLE = CostTable(
    np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]]), ("Ann", "Bo"), ("north", "east", "south", "west")
)


def answer(**changes: Any) -> Assignment:
    fields: dict[str, Any] = {
        "status": "optimal",
        "assignment": np.array([0, 0, 1, 0]),
        "loads": np.array([3.0, 2.0]),
        "cost": 5.0,
        "bound": 5.0,
        "certified_gap": 0.0,
        "fairness": MaxOverMean(1.2),
        "certificate": Certificate("bound", np.array([0.625]), np.array([[1.0, 0.0]])),
        "seconds": 0.0,
        "agents": TABLE.agents,
        "tasks": TABLE.tasks,
    }
    return Assignment(**{**fields, **changes})


def test_shadow_prices_are_what_the_bound_loses_per_unit_of_burden() -> None:
    """v = 0.625 (0.6 - 1, 0.6): a unit off Ann saves 0.25, a unit off Bo costs 0.375."""  # noqa: D403
    shares = explain(TABLE, answer()).shares
    assert [share.price for share in shares] == pytest.approx([0.25, -0.375])
    assert [share.pressure for share in shares] == pytest.approx([0.4, -0.6])
    assert [(share.agent, share.tasks, share.cost, share.load) for share in shares] == [
        ("Ann", 3, 3.0, 3.0),
        ("Bo", 1, 2.0, 2.0),
    ]
    assert [share.of_mean for share in shares] == pytest.approx([1.2, 0.8])


def test_binding_agents_are_those_with_a_price() -> None:
    assert explain(TABLE, answer()).binding == ("Ann",)
    slack = Certificate("bound", np.zeros(0), np.zeros((0, 2)))
    assert explain(TABLE, answer(certificate=slack)).binding == ()


def test_binding_without_certificate_is_told_by_the_margin() -> None:
    assert explain(TABLE, answer(certificate=None)).binding == ("Ann",)
    loose = explain(TABLE, answer(certificate=None, fairness=MaxOverMean(1.5)))
    assert loose.binding == ()
    assert loose.margin == pytest.approx(0.2)


def test_a_move_tells_its_cost_and_whether_it_stays_fair() -> None:
    move = explain(TABLE, answer()).move("east", "Bo")
    assert (move.task, move.source, move.target) == ("east", "Ann", "Bo")
    assert (move.cost_change, move.fair, move.loads) == (1.0, False, (2.0, 4.0))
    assert move.margin == pytest.approx(1 - (4 / 3) / 1.2)
    assert explain(TABLE, answer(fairness=MaxOverMean(1.4))).move(1, 1).fair


@pytest.mark.parametrize(
    ("task", "agent", "message"),
    [
        ("east", "Ann", "already"),
        ("west", "Bo", "forbidden to agent Bo"),
        ("north", "Bo", "is locked"),
        ("up", "Bo", "no task 'up'"),
        ("east", 2, "no agent 2"),
    ],
)
def test_impossible_moves_are_refused(task: str, agent: str | int, message: str) -> None:
    costs = TABLE.values.copy()
    costs[1, 3] = np.inf
    table = CostTable(costs, TABLE.agents, TABLE.tasks)
    with pytest.raises(InputError, match=message):
        explain(table, answer(), locked={"north": "Ann"}).move(task, agent)


def test_cheapest_moves_agree_with_trying_them_all() -> None:
    """The k cheapest moves out of each agent cost what a loop over all pairs finds."""
    rng = np.random.default_rng(5)
    costs = rng.integers(1, 30, (3, 12)).astype(float)
    costs[rng.random((3, 12)) < 0.2] = np.inf
    costs[0] = np.where(np.isfinite(costs).any(axis=0), costs[0], 3.0)
    chosen = costs.argmin(axis=0)
    loads = np.bincount(chosen, costs.min(axis=0), 3)
    table = CostTable(costs, ("a", "b", "c"), tuple(f"t{j}" for j in range(12)))
    fairness = MaxOverMean(float(loads.max() / loads.mean()) * 1.05)
    given = answer(
        assignment=chosen,
        loads=loads,
        fairness=fairness,
        certificate=None,
        agents=table.agents,
        tasks=table.tasks,
    )
    explanation = explain(table, given, locked={0: int(chosen[0])})
    for fair_only in (False, True):
        expected = []
        for source in range(3):
            moves = [
                explanation.move(j, i)
                for j in range(1, 12)
                for i in range(3)
                if chosen[j] == source != i and np.isfinite(costs[i, j])
            ]
            changes = sorted(move.cost_change for move in moves if move.fair or not fair_only)
            expected += changes[:4]
        assert [move.cost_change for move in explanation.cheapest_moves(4, fair_only=fair_only)] == expected
        assert expected


def test_two_assignments_are_compared_by_name() -> None:
    other = answer(assignment=np.array([0, 1, 1, 0]), loads=np.array([2.0, 4.0]), cost=6.0)
    comparison = explain(TABLE, answer(), other=other).comparison
    assert comparison is not None
    assert (comparison.cost_change, comparison.load_changes) == (1.0, (-1.0, 2.0))
    assert [(h.task, h.before, h.after, h.cost_change) for h in comparison.handovers] == [("east", "Ann", "Bo", 1.0)]


def test_what_holds_no_assignment_is_not_explained() -> None:
    nothing = answer(
        status="infeasible",
        assignment=None,
        loads=None,
        cost=None,
        certified_gap=None,
        bound=np.inf,
    )
    with pytest.raises(InputError, match="nothing to explain"):
        explain(TABLE, nothing)


def test_explanation_reads_well_and_travels() -> None:
    other = answer(assignment=np.array([0, 1, 1, 0]), loads=np.array([2.0, 4.0]), cost=6.0)
    explanation = explain(TABLE, answer().to_dict(), other=other.to_dict())
    text = explanation.summary()
    assert "The load of Ann binds: 1 unit of load less for Ann would save about 0.25." in text
    assert "Prices are those of the relaxation" in text
    assert "north from Ann to Bo: cost +1, would be unfair." in text
    assert "The other assignment costs +1; 1 of 4 tasks change hands:" in text
    data = json.loads(json.dumps(explanation.to_dict()))
    assert data["binding"] == ["Ann"]
    assert data["comparison"]["load_changes"] == [-1.0, 2.0]
    assert [row["agent"] for row in explanation.to_rows()] == ["Ann", "Bo"]
    assert repr(explanation).startswith("Explanation(cost 5, margin ")


def test_an_agent_without_tasks_has_no_moves() -> None:
    """Two moves out of Ann, none out of Bo."""
    idle = answer(assignment=np.zeros(4, dtype=int), loads=np.array([4.0, 0.0]), cost=4.0)
    assert [move.source for move in explain(TABLE, idle).cheapest_moves(2)] == ["Ann", "Ann"]


def test_zero_loads_are_explained() -> None:
    table = CostTable(np.zeros((2, 4)), TABLE.agents, TABLE.tasks)
    explanation = explain(table, answer(cost=0.0, loads=np.zeros(2), certificate=None))
    assert [share.of_mean for share in explanation.shares] == [1.0, 1.0]
    assert explanation.margin == 0.0


def test_an_answer_about_another_table_is_not_explained() -> None:
    """In another order the same positions are other people; without the burdens, other loads."""
    swapped = CostTable(TABLE.values[::-1].copy(), TABLE.agents[::-1], TABLE.tasks)
    with pytest.raises(InputError, match="the answer is not about this table: agent 0 is 'Bo' in the table and 'Ann'"):
        explain(swapped, answer())
    with pytest.raises(InputError, match="the other answer is not about this table"):
        explain(TABLE, answer(), other=answer(tasks=TABLE.tasks[::-1]))
    with_hours = answer(made_with={"burdens": True, "initial_loads": False, "locked": False})
    with pytest.raises(InputError, match="the answer was made with burdens, and none are given here"):
        explain(TABLE, with_hours)
