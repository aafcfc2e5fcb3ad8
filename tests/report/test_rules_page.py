"""The page of an answer under several rules says what it costs, what each rule allows, and what contradicts what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from tests.report.test_answer_page import read

from evenhand import Limits, assign
from evenhand.assignment import verify
from evenhand.report import Units, write_rules_report
from evenhand.tables import CostTable

if TYPE_CHECKING:
    from pathlib import Path

TABLE = CostTable(np.array([[1.0, 1.0], [5.0, 5.0]]), ("Ann", "Bo"), ("a", "b"), source="t.csv")
ONE_EACH = [Limits("tasks", most=1, name="one each")]


def test_cost_price_and_certainty(tmp_path: Path) -> None:
    """One task each costs 1 + 5; both with Ann would cost 2, a third of that."""
    answer = assign(TABLE, rules=ONE_EACH)
    verdict = verify(TABLE, answer, rules=ONE_EACH)
    said = read(write_rules_report(tmp_path / "r.html", answer, table=TABLE, verdict=verdict, units=Units("EUR"))).text
    for words in (
        "This plan costs 6 EUR, 200 % more than the cheapest plan.",
        "No plan that keeps all rules is cheaper.",
        "Asked of every agent: at most 1.",
        "Verified: recomputed in exact arithmetic",
    ):
        assert words in said.replace("\u202f", " ")


def test_an_early_end_is_said_as_under_one_rule(tmp_path: Path) -> None:
    """With a bound of 4.5 below a cost of 6, a quarter may still be saved."""
    answer = replace(assign(TABLE, rules=ONE_EACH), status="time_limit", bound=4.5)
    said = read(write_rules_report(tmp_path / "r.html", answer, table=TABLE)).text.replace("\u202f", " ")
    assert "The search was stopped early: no plan that keeps all rules is cheaper than 4.5" in said
    assert "could still save up to 25 %" in said


def test_a_contradiction_is_named(tmp_path: Path) -> None:
    """Three tasks for two agents with one each cannot be had."""
    three = CostTable(np.ones((2, 3)), ("Ann", "Bo"), ("a", "b", "c"))
    said = read(write_rules_report(tmp_path / "r.html", assign(three, rules=ONE_EACH), table=three)).text
    assert "No plan keeps all rules." in said
    assert "one each cannot be kept, even without the other rules." in said
    assert "The nearest for one each, beside all other rules: at most 2." in said
