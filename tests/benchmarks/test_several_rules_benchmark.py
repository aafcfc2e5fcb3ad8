"""The page on several rules says what the committed measurement says, and no solver found a better plan."""

from __future__ import annotations

import json

from benchmarks.several_rules import BEGIN, END, GAP, PAGE, PARTS, RESULT, quote


def test_the_page_quotes_the_result() -> None:
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == quote(json.loads(RESULT.read_text("utf-8")))


def test_plans_of_all_solvers_agree_within_their_gaps() -> None:
    rows = json.loads(RESULT.read_text("utf-8"))["cases"]
    assert sum(row["solver"] == "evenhand" for row in rows) == sum(part[3] for part in PARTS)
    for row in rows:
        for other in rows:
            same = all(row[key] == other[key] for key in ("agents", "tasks", "limited", "seed"))
            if same and row["gap"] is not None and other["cost"] is not None and row["gap"] <= GAP:
                assert row["cost"] * (1.0 - row["gap"]) <= other["cost"] * (1.0 + 1e-9)
