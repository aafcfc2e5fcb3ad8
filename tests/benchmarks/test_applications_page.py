"""The page on applications says what the committed results say, and its examples run."""

from __future__ import annotations

import doctest
import json

import pytest
from benchmarks.applications_page import PAGE, SHEDDING, shedding


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


def test_the_examples_of_the_page_run() -> None:
    outcome = doctest.testfile(str(PAGE), module_relative=False)
    assert outcome.attempted >= 10
    assert outcome.failed == 0
