"""The page on rosters says what the committed measurement says, and no cost is below a bound."""

from __future__ import annotations

import json

from benchmarks.roster_page import BEGIN, BEST_KNOWN, END, PAGE, RESULT, quote


def test_the_page_quotes_the_result() -> None:
    """The tables are made from the result alone."""
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == quote(json.loads(RESULT.read_text("utf-8")))


def test_bounds_and_costs_enclose_the_best_costs_that_are_published() -> None:
    """All 24 instances have a roster, and none is cheaper than what is published."""
    rows = json.loads(RESULT.read_text("utf-8"))["parts"]["free"]["rows"]
    assert {row["name"] for row in rows} == set(BEST_KNOWN)
    for row in rows:
        assert (row["bound"] or 0.0) <= BEST_KNOWN[row["name"]] + 1e-6, row
        assert row["cost"] is None or row["cost"] >= BEST_KNOWN[row["name"]] - 1e-6, row


def test_no_cost_is_below_a_bound_that_was_proven_under_the_same_rule() -> None:
    """CP-SAT's rosters that keep a rule are no cheaper than our bound, and ours keep it."""
    parts = json.loads(RESULT.read_text("utf-8"))["parts"]
    rows = [row for name in ("rules", "wards") if name in parts for row in parts[name]["rows"]]
    assert len(rows) >= 30
    bounds = {(row["name"], row["count"], row["rule"]): row for row in rows if row["solver"] == "evenhand"}
    for row in rows:
        ours = bounds[row["name"], row["count"], row["rule"]]
        if row.get("keeps"):
            assert ours["status"] != "infeasible"
            assert row["cost"] >= (ours["bound"] or 0.0) - 1e-6, row
        else:
            assert row["cost"] is None or row["solver"] == "CP-SAT"
