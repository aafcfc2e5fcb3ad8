"""The page about equilibria is true: every number in its examples is what the code gives."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest

from evenhand.hospital.planner import TradeOff

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "explanation" / "equilibrium.md"


def test_the_page_about_equilibria_is_true():
    """Each sentence about a theorem stands beside a game that shows it."""
    results = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert results.failed == 0
    assert results.attempted > 30


def test_the_curve_of_the_lone_expert_is_the_one_that_is_quoted():
    """Return 2 - 0.03 T at an index of 0.85: with a lottery, and at the nearest vertex above."""
    written = json.loads((DOCS / "data" / "trade-off" / "lone-expert-default.json").read_text(encoding="utf-8"))
    curve = TradeOff.from_dict(written["trade_off"])
    quoted = "is 1.5877 with a lottery and 1.5373 without"
    assert quoted in PAGE.read_text(encoding="utf-8")
    assert 2.0 - 0.03 * curve.time_at(0.85) == pytest.approx(1.5877, abs=5e-5)
    assert 2.0 - 0.03 * min(time for index, time in curve.hull if index >= 0.85) == pytest.approx(1.5373, abs=5e-5)
