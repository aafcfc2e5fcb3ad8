"""The page on rosters says what the committed measurement says, and no solver is below another's bound."""

from __future__ import annotations

import json

from benchmarks.roster_page import BEGIN, END, quote
from benchmarks.roster_rules import PAGE, RESULT


def test_the_page_quotes_the_result() -> None:
    """The tables are made from the result alone."""
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == quote(json.loads(RESULT.read_text("utf-8")))


def test_no_cost_is_below_a_bound_that_was_proven_for_it() -> None:
    """Bounds without fairness hold for all rosters of an instance, and those of a rule for all that meet it."""
    rows = json.loads(RESULT.read_text("utf-8"))["cases"]
    assert {row["instance"] for row in rows} == {"1", "2", "3", "ward"}
    for row in rows:
        for other in rows:
            holds = other["rule"] is None or (other["rule"], other["count"]) == (row["rule"], row["count"])
            if holds and row["instance"] == other["instance"] and None not in (row["cost"], other["bound"]):
                assert other["bound"] <= row["cost"] + 1e-6, (row, other)


def test_rosters_under_a_bound_on_the_cv_have_such_a_cv() -> None:
    """The CV is recounted from the plan."""
    rows = json.loads(RESULT.read_text("utf-8"))["cases"]
    found = [row for row in rows if str(row["rule"]).startswith("CVAtMost") and row["cost"] is not None]
    assert len(found) >= 6
    assert all(row["cv"] <= float(row["rule"][9:-1]) + 1e-9 for row in found)
