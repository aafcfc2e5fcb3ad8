"""Answers by the clock say who is where and when: per day, by time, with the way to the next task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tests.report.test_answer_page import read

from evenhand import Limits, assign
from evenhand.assignment import explain_rules, verify
from evenhand.fairness import MaxOverMean
from evenhand.report import task_lists, timetable, write_report, write_rules_report
from evenhand.tables import CostTable
from evenhand.tables.visit_times import times_of

if TYPE_CHECKING:
    from pathlib import Path

TABLE = CostTable(np.array([[1.0, 9.0, 1.0, 9.0], [9.0, 1.0, 9.0, 1.0]]), ("Ann", "Bo"), ("a", "b", "c", "d"))
DATED = [
    ("2026-03-03 08:00", "2026-03-03 09:00", 15),
    ("2026-03-02 22:00", "2026-03-03 06:00"),
    ("2026-03-02 08:30", "2026-03-02 09:30"),
    None,
]
"""Ann has c and, a day later, a; Bo has b overnight, and d at any time."""


@pytest.mark.parametrize(
    ("hours", "said"),
    [(8.5, "08:30"), (0, "00:00"), (24, "24:00"), (26.75, "02:45 (next day)"), (48, "24:00 (next day)")],
)
def test_hours_as_a_clock_shows_them(hours: float, said: str) -> None:
    """Midnight ends the day that it follows."""
    assert timetable.clock(hours) == said


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (("8:00", "9:30", 15), ("", "08:00–09:30", "then 15 min", 8, 9.5, 9.75)),
        (("22:00", "30:00"), ("", "22:00–06:00 (next day)", "", 22, 30, 30)),
        (("2026-03-02 8:00", "2026-03-02 24:00"), ("Mon 2026-03-02", "08:00–24:00", "", 8, 24, 24)),
        ((1.5, 2.5, 0.5), ("", "1.5–2.5", "then 0.5", 1.5, 2.5, 3)),
    ],
)
def test_when_a_task_is_done(times: tuple[Any, ...], expected: tuple[Any, ...]) -> None:
    """Day, hours and pause in words, and as hours of that day."""
    (slot,) = timetable.slots_of(times_of([times], ("a",)), 1)
    assert slot == timetable.Slot(*expected)


def test_a_plan_is_handed_out_by_day_and_time(tmp_path: Path) -> None:
    """Each agent has tasks under the day, in the order of the clock, and those of any time last."""
    answer = assign(TABLE, MaxOverMean(1.9), times=DATED)
    handed = task_lists.handouts(answer, {"Ann": "2 hours"}, times=times_of(DATED, TABLE.tasks))
    assert [(person["agent"], person["said"]) for person in handed] == [("Ann", "2 tasks, 2 hours"), ("Bo", "2 tasks")]
    assert handed[0]["days"] == [
        ("Mon 2026-03-02", [("08:30–09:30", "c", "", "")]),
        ("Tue 2026-03-03", [("08:00–09:00", "a", "", "then 15 min")]),
    ]
    assert handed[1]["days"] == [
        ("Mon 2026-03-02", [("22:00–06:00 (next day)", "b", "", "")]),
        ("at any time", [("", "d", "", "")]),
    ]


def test_the_page_of_several_rules_has_a_timetable(tmp_path: Path) -> None:
    """A chart for each day, the hours in the list of tasks, and the lists to hand out with the loads of each rule."""
    rules: dict[str, Any] = {"rules": [Limits("tasks", most=3)], "times": DATED}
    answer = assign(TABLE, MaxOverMean(1.9), **rules)
    verdict = verify(TABLE, answer, fairness=MaxOverMean(1.9), **rules)
    explanation = explain_rules(TABLE, answer, fairness=MaxOverMean(1.9), **rules)
    times = times_of(DATED, TABLE.tasks)
    path = write_rules_report(
        tmp_path / "r.html", answer, table=TABLE, verdict=verdict, explanation=explanation, times=times
    )
    said = read(path).text
    for words in (
        "Who is where, and when",
        "What each rule costs",
        "2 tasks, costs 2, tasks 2",
        "22:00–06:00 (next day)",
        "Tue 2026-03-03 08:00–09:00",
        "at any time",
        "then 15 min",
    ):
        assert words in said
    assert path.read_text("utf-8").count('id="figure-timetable-') == 2


def test_pages_without_times_or_plans_have_no_timetable(tmp_path: Path) -> None:
    """The sections are left out, and an impossible question has a page, too."""
    answer = assign(TABLE, rules=[Limits("tasks", most=3)])
    assert "Who is where" not in read(write_rules_report(tmp_path / "a.html", answer, table=TABLE)).text
    refused = assign(TABLE, rules=[Limits("tasks", most=1)], times=DATED)
    said = read(write_rules_report(tmp_path / "b.html", refused, table=TABLE, times=times_of(DATED, TABLE.tasks))).text
    assert "What cannot be kept together" in said
    assert "To hand out" not in said


def test_the_page_of_one_rule_has_a_timetable_if_it_is_given_times(tmp_path: Path) -> None:
    """The demo's page is of this kind: loads stand beside the hours."""
    answer = assign(TABLE, MaxOverMean(1.9))
    path = write_report(tmp_path / "r.html", answer, table=TABLE, times=times_of(DATED, TABLE.tasks))
    said = read(path).text
    assert "Who is where, and when" in said
    assert "08:00–09:00 a 1, then 15 min" in " ".join(said.split())


def test_what_does_not_fit_on_a_page_is_not_drawn() -> None:
    """Of days with more agents than have a row each there are lists only; names are shortened to their bars."""
    agents = [f"agent {k}" for k in range(timetable.MOST_AGENTS + 1)]
    tasks = [f"a task with a long name {k}" for k in range(len(agents))]
    slots = timetable.slots_of(times_of([("8:00", "9:00")] * len(agents), tasks), len(agents))
    assert not timetable.day_figures(agents, tasks, [(k,) for k in range(len(agents))], slots)
    short = [*slots[:1], timetable.Slot("", "08:00–18:00", "", 8, 18, 18)]
    (drawn,) = timetable.day_figures(agents, tasks, [(0,), (1,)], short)
    (bars,) = drawn["chart"].to_dict()["datasets"].values()
    labels = [bar["label"] for bar in bars]
    assert labels == ["a task w…", "a task with a long name 1"]
