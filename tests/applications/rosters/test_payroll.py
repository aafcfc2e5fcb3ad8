"""Rows for payroll, with hours that were counted by hand."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from tests.applications.rosters.small_answers import SHIFTS, small_answer

from evenhand.applications.rosters import Shift
from evenhand.applications.rosters.payroll import payroll_rows, write_payroll
from evenhand.errors import InputError


def test_nights_weekends_and_breaks_are_told_apart() -> None:
    rows = [tuple(row.values()) for row in payroll_rows(small_answer())]
    assert rows == [
        # Friday night: seven hours from 23:00 to 06:00, six of the eight on Saturday.
        ("Zoë", "2026-03-27", "Night", "22:00", "06:00", 8.0, 7.0, 6.0, "no"),
        ("Zoë", "2026-03-28", "Night", "22:00", "06:00", 8.0, 7.0, 8.0, "yes"),
        ("Ben", "2026-03-27", "Early; A, B", "06:00", "14:00", 7.5, 0.0, 0.0, "no"),
        ("Ben", "2026-03-29", "Early; A, B", "06:00", "14:00", 7.5, 0.0, 7.5, "yes"),
    ]


def test_a_sunday_nights_hours_on_monday_are_no_weekend() -> None:
    plan = ((None, None, "Night"), (None, None, None))
    [row] = payroll_rows(small_answer(plan=plan))
    assert row["weekend hours"] == 2.0


def test_a_break_takes_its_part_of_night_hours() -> None:
    shift = Shift("Night", 420, 1320, pause=60.0)
    [row, *_] = payroll_rows(small_answer(plan=((shift.name, None, None), (None,) * 3), shifts=(shift, SHIFTS[0])))
    assert (row["hours"], row["night hours"]) == (7.0, pytest.approx(7 * 7 / 8))


def test_the_file_reads_back_and_formulas_are_defused(tmp_path: Path) -> None:
    path = write_payroll(tmp_path / "pay.csv", small_answer(names=("=SUM(A1)", "Ben, jun.")))
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [row["person"] for row in rows] == ["'=SUM(A1)", "'=SUM(A1)", "Ben, jun.", "Ben, jun."]
    assert sum(float(row["hours"]) for row in rows) == 31.0


def test_without_dates_and_starts_days_are_numbers() -> None:
    shifts = (replace(SHIFTS[0], start=None), SHIFTS[1])
    rows = payroll_rows(small_answer(first=None, shifts=shifts))
    assert [row["date"] for row in rows] == [0, 1, 0, 2]
    assert rows[-1] | {"hours": 7.5, "start": "", "night hours": "", "weekend hours": ""} == rows[-1]


def test_no_roster_pays_nobody() -> None:
    with pytest.raises(InputError, match="the answer is infeasible"):
        payroll_rows(replace(small_answer(), plan=None, status="infeasible"))
