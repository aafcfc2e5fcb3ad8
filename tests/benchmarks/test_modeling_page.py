"""The page on plain models says what the committed result says, and the result holds no contradiction."""

from __future__ import annotations

import json

import pytest
from benchmarks.modeling.page import OURS, PAGE, README, RESULT, STAFF, excerpt, quote, quote_staff, ratio


@pytest.fixture(scope="module")
def result():
    return json.loads(RESULT.read_text("utf-8"))


def test_the_page_is_the_result(result) -> None:
    """After a new measurement, `python -m benchmarks.modeling.page` brings both together."""
    assert quote(result) in PAGE.read_text("utf-8")
    assert excerpt(result) in README.read_text("utf-8")


def test_no_answer_contradicts_another(result) -> None:
    assert [fault for row in result["rows"] for fault in row["faults"]] == []


def test_ours_are_all_solved_and_fair(result) -> None:
    ours = [row for row in result["rows"] if row["entrant"] in OURS]
    assert len(ours) > 100
    assert {row["status"] for row in ours} == {"optimal"}
    assert all(row["cost"] - row["bound"] <= (result["gap"] + 1e-9) * row["cost"] for row in ours)


def test_a_ratio_is_a_geometric_mean() -> None:
    rows = [
        {"p": 2, "instance": 1, "epsilon": level, "entrant": name, "seconds": seconds}
        for level, pair in ((0.1, (1.0, 2.0)), (0.3, (1.0, 8.0)))
        for name, seconds in zip(("a", "b"), pair, strict=True)
    ]
    assert ratio(rows, "a", "b", 2) == pytest.approx((4.0, 2.0, 8.0, 2))
    assert ratio(rows, "a", "c", 2) is None


def test_the_staff_models_are_on_the_page_and_each_has_a_fair_plan() -> None:
    result = json.loads(STAFF.read_text("utf-8"))
    assert quote_staff(result) in PAGE.read_text("utf-8")
    ours = [row for row in result["rows"] if row["entrant"] == "evenhand with HiGHS"]
    assert len(ours) == 50
    assert all(row["cost"] is not None and row["fault"] is None for row in result["rows"] if row in ours)
    assert max(row["seconds"] for row in ours) <= 1.1 * result["limit"]
