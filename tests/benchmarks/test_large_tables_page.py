"""The page on the search says what the committed measurement of large tables says."""

from __future__ import annotations

import json

from benchmarks.large_tables import BEGIN, CASES, END, PAGE, RESULT, quote


def test_the_page_quotes_the_result() -> None:
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == quote(json.loads(RESULT.read_text("utf-8")))


def test_every_case_was_measured_and_proven_to_some_gap() -> None:
    rows = json.loads(RESULT.read_text("utf-8"))["cases"]
    assert len(rows) == len(CASES)
    for row in rows:
        assert 0.0 <= row["certified_gap"] < 1e-3
