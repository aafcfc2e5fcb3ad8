"""Plans of other programs, read for a problem of three stops."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.applications.routes.test_check_routes import on_a_line

from evenhand.applications.routes import Vehicle, read_finished_plan
from evenhand.errors import InputError

VROOM = {
    "code": 0,
    "routes": [
        {"vehicle": 2, "steps": [{"type": "start"}, {"type": "job", "id": 3}, {"type": "end"}]},
        {"vehicle": 1, "steps": [{"type": "job", "id": 1}, {"type": "job", "description": "b"}]},
    ],
}


@pytest.mark.parametrize(
    "text",
    [
        "Route #1: 1 2\nRoute #2: 3\nCost 100\n",
        json.dumps(VROOM),
        json.dumps({"routes": [["a", "b"], ["c"]]}),
        json.dumps({"routes": [["depot", "a", "b", "depot"], ["depot", "c"]]}),
        json.dumps({"routes": {"Ben": ["c"], "Ada": ["a", "b"]}}),
    ],
)
def test_formats_say_the_same(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan"
    path.write_text(text, encoding="utf-8")
    assert read_finished_plan(path, on_a_line()) == ((1, 2), (3,))


def test_nobody_is_left_out_of_a_plan_with_fewer_routes(tmp_path: Path) -> None:
    path = tmp_path / "plan.sol"
    path.write_text("Route #1: 1 2 3\n", encoding="utf-8")
    assert read_finished_plan(path, on_a_line()) == ((1, 2, 3), ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Route #1: 1 4\n", "line 1: '4' is no stop from 1 to 3"),
        ("nothing", "no line such as"),
        ('{"routes": [["a", "z"]]}', "stop 'z' is unknown"),
        ('{"routes": {"Cem": []}}', "vehicle 'Cem' is unknown"),
        ('{"routes": ', "not JSON"),
        ('{"plan": 3}', "has no list 'routes'"),
        ("Route #1: \u00b2\n", "line 1: '\u00b2' is no stop"),
        ('{"routes": [{"vehicle": 1, "steps": "x"}]}', "must be a list of objects"),
        ('{"routes": [{"vehicle": 1, "steps": [{"type": "pickup", "id": 1}]}]}', "has the type 'pickup'"),
        ("[" * 100_000, "deep"),
    ],
)
def test_each_fault_is_named(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "plan"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_finished_plan(path, on_a_line())


def test_unlike_vehicles_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.sol"
    path.write_text("Route #1: 1 2 3\n", encoding="utf-8")
    problem = on_a_line()
    unlike = replace(problem, vehicles=(Vehicle("Ada", 0, (4,)), Vehicle("Ben", 0, (6,))))
    with pytest.raises(InputError, match="does not say whose they are"):
        read_finished_plan(path, unlike)
