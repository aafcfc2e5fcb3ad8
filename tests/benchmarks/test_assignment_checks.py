"""A wrong answer, or two that contradict each other, must not pass for a fast one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.assignment import __main__ as benchmark
from benchmarks.assignment.cases import ANCHORS, Case, Source, cost_of, known_costs, loads_of
from benchmarks.assignment.checks import anchored, contradictions, judged, published
from tests.benchmarks.assignment_rows import row

import evenhand

if TYPE_CHECKING:
    from pathlib import Path

CASE = Case("seed", Source("plane", 1, 3, 12), 2.0, 0.9, 1e-4, 10.0)


def told(assignment: list[int], cost: float) -> dict[str, Any]:
    """Return what a peer tells."""
    answer = {"status": "optimal", "cost": cost, "bound": cost, "assignment": assignment}
    return {"seconds": 0.1, "answer": answer}


@pytest.fixture(scope="module")
def ours() -> evenhand.Assignment:
    """Return the optimum of the case."""
    return evenhand.assign(CASE.source.instance().costs, CASE.fairness, gap=0.0)


def test_a_right_answer_is_not_wrong(ours: evenhand.Assignment) -> None:
    assert judged(CASE, "evenhand", {"seconds": 0.1, "answer": ours.to_dict()})["wrong"] == ""
    assert judged(CASE, "scip", told(ours.assignment.tolist(), ours.cost))["wrong"] == ""


def test_an_unfair_assignment_is_wrong() -> None:
    instance = CASE.source.instance()
    assert CASE.binds()
    cheapest = instance.costs.values.argmin(axis=0)
    assert not CASE.fairness.contains(loads_of(instance, cheapest))
    found = judged(CASE, "scip", told(cheapest.tolist(), cost_of(instance, cheapest)))
    assert found["wrong"] == "its assignment is not fair"


def test_a_cost_that_is_not_the_assignments_is_wrong(ours: evenhand.Assignment) -> None:
    assert "costs" in judged(CASE, "highs", told(ours.assignment.tolist(), ours.cost * 0.999))["wrong"]
    answer = {**ours.to_dict(), "cost": ours.cost * 0.999}
    assert judged(CASE, "evenhand", {"seconds": 0.1, "answer": answer})["wrong"] != ""


def test_a_solver_that_died_has_solved_nothing() -> None:
    assert judged(CASE, "scip", {"seconds": 10.0, "answer": None})["status"] == "died"


def test_intervals_that_overlap_agree() -> None:
    """Also over parts, and where one stopped at the cap."""
    rows = [row(), row(part="exact", bound=100.0), row(solver="scip", bound=None, cost=None, status="time_limit")]
    assert contradictions(rows) == []


@pytest.mark.parametrize(
    "other",
    [
        {"cost": 99.9, "bound": 99.8},
        {"cost": 101.0, "bound": 100.5},
        {"cost": None, "bound": None, "status": "infeasible"},
        {"cost": 99.98999, "bound": 99.0, "part": "exact"},
    ],
    ids=["cheaper than our bound", "bound above our cost", "infeasible", "in another part"],
)
def test_a_contradiction_is_found_and_its_case_named(other: dict[str, Any]) -> None:
    (line,) = contradictions([row(), row(solver="highs", **other)])
    assert line.startswith("plane 5x250 no. 1, p = 2, epsilon = 0.9: ")


def test_our_bounds_must_be_tighter_than_those_of_peers() -> None:
    """A bound one part in ten million above a cost is a peer's tolerance, and our mistake."""
    cost = 100.0
    assert contradictions([row(), row(solver="scip", bound=cost * (1 + 1e-7))]) == []
    assert len(contradictions([row(bound=cost * (1 + 1e-7)), row(solver="scip")])) == 2  # with both costs


def test_other_instances_do_not_contradict() -> None:
    assert (
        contradictions([row(), row(number=2, cost=50.0, bound=49.0), row(group="towns 5x250", cost=1.0, bound=0.5)])
        == []
    )


def test_known_optima_are_read() -> None:
    optima = known_costs(ANCHORS, "optimum")
    assert len(optima) == 24
    assert optima[1, float("inf"), 0.99] == 6470.9211


def test_answers_are_held_against_known_optima(tmp_path: Path) -> None:
    optimum = 6470.9211
    case = {"part": "exact", "p": "inf", "epsilon": 0.99}
    rows = [
        row(**case, cost=optimum, bound=optimum),
        row(**case, cost=optimum * 1.01, bound=optimum * 0.99, status="time_limit"),
        row(**case, cost=optimum * 1.0001, bound=optimum * 1.0001),
        row(**case, cost=optimum * 1.01, bound=optimum * 1.001, status="time_limit"),
    ]
    assert [found["agrees"] for found in anchored(rows, tmp_path)] == [True, True, False, False]
    assert anchored(rows, None) == []


def test_published_costs_are_counted(tmp_path: Path) -> None:
    (tmp_path / "published.csv").write_text("instance,p,epsilon,objective\n1,2,0.9,100\n2,2,0.9,99\n")
    found = published([row(cost=99.5), row(number=2)], tmp_path)
    assert found is not None
    assert (found["cases"], found["cheaper"]) == (2, 1)
    assert found["dearer"] == ["plane 5x250 no. 2, p = 2, epsilon = 0.9"]


def test_a_contradiction_makes_the_run_fail(capsys: pytest.CaptureFixture[str]) -> None:
    about: dict[str, Any] = {"published": None, "anchored": []}
    assert benchmark.failures([row()], about) == 0
    assert benchmark.failures([row(), row(solver="highs", cost=90.0, bound=80.0)], about) == 1
    assert "plane 5x250 no. 1" in capsys.readouterr().out
