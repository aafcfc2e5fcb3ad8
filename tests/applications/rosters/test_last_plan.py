"""A new roster against the last: changes, their cost, and the days before the first."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from tests.applications.rosters.small_answers import small_answer

from evenhand.applications.rosters import check_roster
from evenhand.applications.rosters.last_plan import (
    Change,
    LastPlan,
    change_rows,
    changes_since,
    continued,
    read_last_plan,
    unlike,
    with_change_cost,
)
from evenhand.errors import InputError

EARLY = "Early; A, B"
FRIDAY = datetime.date(2026, 3, 27)
NEW = (("Night", EARLY, None), (EARLY, None, "Night"))


def last(first: datetime.date | None = FRIDAY, **rows: tuple[str | None, ...]) -> LastPlan:
    return LastPlan("last.json", first, rows)


def test_a_roster_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(small_answer().to_dict()), encoding="utf-8")
    assert read_last_plan(path) == LastPlan(
        str(path), FRIDAY, {"Zoë": ("Night", "Night", None), "Ben": (EARLY, None, EARLY)}
    )


def test_changes_are_the_days_that_differ() -> None:
    problem = small_answer().problem
    before = last(Zoë=("Night", "Night", None), Ben=(EARLY, None, EARLY), Gone=("Night", None, None))
    found = changes_since(problem, NEW, before)
    assert found == (Change("Zoë", 1, "Night", EARLY), Change("Ben", 2, EARLY, "Night"))
    assert change_rows(problem, found)[0] == {
        "person": "Zoë",
        "day": 1,
        "date": "2026-03-28",
        "before": "Night",
        "after": EARLY,
    }


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (last(FRIDAY - datetime.timedelta(days=2), Zoë=("Night", None), Ben=(None, None)), []),
        (last(FRIDAY - datetime.timedelta(days=3), Zoë=("Night", None)), ["none of its days"]),
        (last(FRIDAY + datetime.timedelta(days=3), Zoë=("Night", None)), ["none of its days"]),
        (
            last(Zoë=("Day", None, None), Eve=("Night",) * 3),
            ["not among the people: 'Eve'", "the shifts: 'Day'; changes"],
        ),
    ],
)
def test_what_of_the_last_plan_is_not_used_is_said(before, said) -> None:
    found = unlike(small_answer().problem, before)
    assert len(found) == len(said)
    assert all(words in note for words, note in zip(said, found, strict=True))


def test_only_days_that_both_have_are_compared() -> None:
    before = last(FRIDAY - datetime.timedelta(days=2), Zoë=(EARLY, EARLY, "Night", None))
    assert changes_since(small_answer().problem, NEW, before) == (Change("Zoë", 1, None, EARLY),)


def test_each_change_costs_and_no_change_does_not() -> None:
    answer = small_answer()
    before = last(Zoë=("Night", "Night", None), Ben=(EARLY, None, EARLY))
    priced = with_change_cost(answer.problem, before, 10.0)
    kept = check_roster(answer.problem, answer.plan or ()).cost
    assert check_roster(priced, answer.plan or ()).cost == kept
    # One change of shift, one day of work taken away, one added.
    plan = ((None, EARLY, None), (EARLY, None, EARLY))
    assert check_roster(priced, plan).cost == check_roster(answer.problem, plan).cost + 2 * 10.0
    assert priced.wishes == answer.problem.wishes


def test_a_shift_that_is_no_more_costs_nothing_to_change() -> None:
    priced = with_change_cost(small_answer().problem, last(Zoë=("Old", None, None)), 10.0)
    assert [(one.day, one.wanted) for one in priced.requests if not one.counted] == [(1, False), (2, False)]


def test_the_days_before_go_on() -> None:
    before = last(FRIDAY - datetime.timedelta(days=3), Zoë=(None, EARLY, "Night"), Ben=("Old", EARLY, EARLY))
    zoe, ben = continued(small_answer().problem, before).people
    assert zoe.last_days == (None, EARLY, "Night")
    assert ben.last_days == (EARLY, EARLY)


def test_a_plan_that_ends_days_before_says_nothing_of_them() -> None:
    before = last(FRIDAY - datetime.timedelta(days=5), Zoë=(None, EARLY, "Night"))
    assert [person.last_days for person in continued(small_answer().problem, before).people] == [(), ()]


def test_the_same_dates_have_no_days_before() -> None:
    assert continued(small_answer().problem, last(Zoë=("Night", "Night", None))).people[0].last_days == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"plan": None, "status": "infeasible"}, "holds no plan; its status is 'infeasible'"),
        ({"plan": [["Night"]]}, "a row of equal length for each of 2 different people"),
        ({"plan": [["Night"], [3]]}, "plan"),
        ({"people": ["Zoë", "Zoë"]}, "2 different people"),
        ({"first_date": "tomorrow"}, "first_date is 'tomorrow'; it must be a date such as 2026-03-02"),
        ({"first_date": 3}, "first_date"),
    ],
)
def test_what_is_no_roster_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(small_answer().to_dict() | change), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_last_plan(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_another_commands_answer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"status": "optimal", "assignment": []}', encoding="utf-8")
    with pytest.raises(InputError, match="is no roster; give the JSON that evenhand solve rosters --json wrote"):
        read_last_plan(path)


def test_dates_on_one_side_alone_are_refused() -> None:
    with pytest.raises(InputError, match=r"last\.json: the days of last\.json have no dates"):
        changes_since(small_answer().problem, NEW, last(None, Zoë=("Night",)))
