"""The picture of a roster shows every shift, count and wish, and its letters tell shifts apart."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.applications.rosters.small_answers import small_answer

from evenhand.applications.rosters import Person, RosterProblem, Shift
from evenhand.applications.rosters.counts import counts_of
from evenhand.errors import InputError
from evenhand.fairness import EpsilonFairness
from evenhand.report.answer_charts import save_chart
from evenhand.report.roster_cells import shift_codes, shift_styles
from evenhand.report.roster_chart import roster_chart
from evenhand.report.roster_counts import shown_counts


def texts_of(spec: dict[str, Any]) -> Counter[str]:
    """Return how often each text stands in a picture; Altair keeps a layer's rows beside the layers."""
    return Counter(row["text"] for rows in spec["datasets"].values() for row in rows if "text" in row)


def test_the_picture_has_names_dates_letters_and_counts() -> None:
    texts = texts_of(roster_chart(small_answer()).to_dict())
    assert texts["Roster, 27 to 29 March 2026"] == 1
    assert {"Zoë", "Ben", "27", "28", "29", "Fr", "Sa", "Su", "Hours", "Nights", "Weekends", "Wishes"} <= set(texts)
    # Two shifts of each kind, and once more in the list of shifts.
    assert (texts["N"], texts["E"]) == (3, 3)
    assert "Late" not in texts
    # Saturday's early shift prefers one person and has none.
    assert texts["0/1"] == 1


def test_a_day_without_a_date_has_its_number() -> None:
    texts = texts_of(roster_chart(small_answer(first=None)).to_dict())
    assert texts["Roster of 3 days"] == 1
    assert {"Mo", "Tu", "We"} <= set(texts)


def test_two_months_and_years_are_named() -> None:
    texts = texts_of(roster_chart(small_answer(first=datetime.date(2026, 12, 30))).to_dict())
    assert texts["Roster, 30 December 2026 to 1 January 2027"] == 1
    assert texts["January"] == 1


def test_counts_are_hours_with_the_share_of_each_contract() -> None:
    answer = small_answer()
    people = (replace(answer.problem.people[0], contract=2.0), replace(answer.problem.people[1], contract=1.0))
    hours = shown_counts(replace(answer, problem=replace(answer.problem, people=people)))[0]
    assert (hours.title, hours.values) == ("Hours", (16.0, 15.0))
    assert [round(hours.rows[index].share, 9) for index in (0, 1)] == [round(31 * 2 / 3, 9), round(31 / 3, 9)]
    assert not hours.bounded


def test_a_band_is_what_the_rule_allows() -> None:
    answer = small_answer()
    member = EpsilonFairness(0.5, float("inf"), entitlements=(1.0, 1.0))
    nights = next(one for one in shown_counts(replace(answer, fairness={"nights": member})) if one.name == "nights")
    # phi = 1.5 and phi x_i <= sum x, which is two nights.
    assert nights.bounded
    assert nights.rows[0].high == pytest.approx(2 / 1.5)


def test_work_carried_over_counts_in_the_bars() -> None:
    answer = small_answer()
    people = (answer.problem.people[0], replace(answer.problem.people[1], carried={"nights": 3.0, "minutes": 120.0}))
    hours, nights, *_ = shown_counts(replace(answer, problem=replace(answer.problem, people=people)))
    assert (hours.carried[1], hours.rows[1].load) == (2.0, 17.0)
    assert (nights.values[1], nights.rows[1].load) == (0.0, 3.0)


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (["Early", "Late", "Night"], ["E", "L", "N"]),
        (["Early", "Evening", "Night"], ["Ea", "Ev", "N"]),
        (["Früh", "Früh 2", "Nacht"], ["F1", "F2", "N"]),
        (["06:00–14:00", "14:00–22:00"], ["0", "1"]),
        (["06:00–14:00", "08:00–16:00"], ["06", "08"]),
        (["D", "D1", "D 1"], ["D", "D1", "D2"]),
        (["e", "E"], ["E1", "E2"]),
        (["–", "…"], ["–", "…"]),
    ],
)
def test_codes_tell_shifts_apart(names: list[str], codes: list[str]) -> None:
    found = shift_codes(names)
    assert len(set(found.values())) == len(names)
    assert all(1 <= len(code) <= 3 for code in found.values())
    if names[0] != "D":
        assert list(found.values()) == codes


def test_kinds_have_different_colours() -> None:
    late, night = Shift("L", 480, kinds=frozenset({"late"})), Shift("N", 480, kinds=frozenset({"night"}))
    shifts = (Shift("A", 480), Shift("B", 480), late, night)
    problem = RosterProblem(1, shifts, (Person("Ada", {}, 0, 0, 1),))
    assert len({style.fill for style in shift_styles(problem).values()}) == 4


@pytest.mark.parametrize(("people", "days"), [(8, 14), (20, 28)])
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_picture_is_written(tmp_path: Path, people: int, days: int, ending: str) -> None:
    shifts = (Shift("Early", 480, 360), Shift("Night", 480, 1320, kinds=frozenset({"night"})))
    staff = tuple(Person(f"<b>Person {k}</b>", {"Early": days, "Night": days}, 0, 99_999, days) for k in range(people))
    problem = RosterProblem(days, shifts, staff, first_date=datetime.date(2026, 3, 2))
    plan = tuple(tuple(("Early", "Night", None)[(k + day) % 3] for day in range(days)) for k in range(people))
    answer = replace(small_answer(), plan=plan, problem=problem, counts=counts_of(problem, plan))
    content = save_chart(roster_chart(answer), tmp_path / f"r.{ending}").read_bytes()
    assert content.startswith(b"\x89PNG" if ending == "png" else b"<svg")
    if ending == "svg":
        assert content.count(b">N</text>") == sum(row.count("Night") for row in plan) + 1


def test_no_roster_is_not_drawn() -> None:
    with pytest.raises(InputError, match="the answer is infeasible; there is nothing to draw"):
        roster_chart(replace(small_answer(), plan=None, status="infeasible"))
