"""What drivers carried yesterday counts today."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.applications.routes.test_check_routes import on_a_line

from evenhand.applications.routes import with_day_before
from evenhand.applications.routes.user_units import OFFICE
from evenhand.errors import InputError

MONDAY = {"burden": "duration", "vehicles": ["Ada", "Zoë"], "loads": [2.5, 1.0]}


def _written(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "monday.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_hours_of_yesterday_are_carried(tmp_path: Path) -> None:
    problem, notes = with_day_before(on_a_line(), _written(tmp_path, MONDAY), "duration", OFFICE)
    assert [vehicle.carried for vehicle in problem.vehicles] == [2.5 * 3600, 0.0]
    assert ["'Ben' is not there and begins with 0" in notes[0], "'Zoë' is not among" in notes[1]] == [True, True]


def test_of_several_days_the_last_counts(tmp_path: Path) -> None:
    week = {**MONDAY, "vehicles": ["Ada", "Ben"], "days": {"loads": [[1.0, 2.0], [4.0, 3.0]]}}
    problem, notes = with_day_before(on_a_line(), _written(tmp_path, week), "duration", OFFICE)
    assert [vehicle.carried for vehicle in problem.vehicles] == [4.0 * 3600, 3.0 * 3600]
    assert notes == ()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "is no answer of solve routes"),
        ({**MONDAY, "loads": None}, "has no load for each"),
        ({**MONDAY, "loads": [1.0, -2.0]}, "has no load for each"),
        ({**MONDAY, "loads": [1.0, "2"]}, "has no load for each"),
        ({**MONDAY, "days": {"loads": [3]}}, "has no load for each"),
        ({**MONDAY, "burden": "load"}, "shares the 'load', and --burden is duration"),
    ],
)
def test_what_is_no_day_before_is_refused(data: object, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        with_day_before(on_a_line(), _written(tmp_path, data), "duration", OFFICE)


def test_nothing_is_carried_twice(tmp_path: Path) -> None:
    problem = on_a_line()
    busy = replace(problem, vehicles=tuple(replace(vehicle, carried=1.0) for vehicle in problem.vehicles))
    with pytest.raises(InputError, match="'Ada' carries something already"):
        with_day_before(busy, _written(tmp_path, MONDAY), "duration", OFFICE)
