"""The page on applications says what the committed results say, and its examples run."""

from __future__ import annotations

import doctest
import json

import pytest
from benchmarks.applications_page import PAGE, SALESMEN, SHEDDING, shedding, tours


@pytest.fixture(scope="module")
def result():
    return json.loads(SHEDDING.read_text("utf-8"))


def test_the_page_is_the_result(result) -> None:
    """After a new measurement, `python -m benchmarks.applications_page` brings both together."""
    assert shedding(result) in PAGE.read_text("utf-8")


def test_every_level_asked_for_was_solved(result) -> None:
    for part in ("all", "study"):
        assert result[part]["solved"] == result[part]["asked"]
        assert result[part]["prices fall"] == 0, "a stricter rule is never cheaper"


def test_the_published_prices_and_counts_come_out(result) -> None:
    study, published = result["study"], result["published"]
    assert study["kept"] == published["kept"]
    assert [round(price, 2) for price in study["largest price"][:9]] == published["prices"][:9]
    assert study["largest price"][9] == pytest.approx(published["prices"][9], abs=0.011)
    last = ("1.0", "never")
    assert set(study["first infeasible"]) == set(published["first infeasible"])
    for level in set(published["first infeasible"]) - set(last):
        assert study["first infeasible"][level] == published["first infeasible"][level]
    ours, theirs = (sum(part["first infeasible"][level] for level in last) for part in (study, published))
    assert ours == theirs


def test_the_second_solver_agrees(result) -> None:
    assert result["checked"]["disagree"] == []
    assert result["checked"]["gave up"] <= result["checked"]["sample"] // 20


def test_published_totals_of_the_salesmen_come_out_or_are_beaten() -> None:
    study = json.loads(SALESMEN.read_text("utf-8"))
    assert tours(study) in PAGE.read_text("utf-8")
    rows = study["cases"]
    assert {row["status"] for row in rows} == {"optimal"}
    exact = [row for row in rows if (row["instance"], row["salesmen"]) in (("burma14", 3), ("gr17", 3), ("gr21", 3))]
    assert len(exact) == 33
    assert all(row["total"] == row["published"] for row in exact)
    beaten = [row["case"] for row in rows if row["total"] < row["published"]]
    assert len(beaten) == 3
    assert all(row["total"] <= row["published"] for row in rows)
    [gr17] = [check for check in study["enumeration"] if check["instance"] == "gr17"]
    assert [total for total in gr17["without_detours"] if total in (2326.0, 3020.0, 2788.0)] == [2326.0, 3020.0, 2788.0]


def test_the_examples_of_the_page_run() -> None:
    outcome = doctest.testfile(str(PAGE), module_relative=False)
    assert outcome.attempted >= 10
    assert outcome.failed == 0
