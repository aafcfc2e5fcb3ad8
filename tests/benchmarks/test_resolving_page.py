"""The page on planning again says what the committed measurement says, and limits were kept in it."""

from __future__ import annotations

import json

from benchmarks.resolving import BEGIN, CASES, END, PAGE, RESULT, quote


def test_the_page_quotes_the_result() -> None:
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == quote(json.loads(RESULT.read_text("utf-8")))


def test_every_case_was_measured_to_its_gap_within_its_limit() -> None:
    rows = json.loads(RESULT.read_text("utf-8"))["cases"]
    assert len(rows) == len(CASES) + sum(case[-1] is not None for case in CASES)
    for row in rows:
        assert row["limit"] is None or row["changed"] <= row["limit"]
        if row["limit"] is None:
            assert row["reached_gap"] <= row["gap"]
