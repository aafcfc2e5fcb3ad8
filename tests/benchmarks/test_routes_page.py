"""The page on routes says what the committed measurement says, and nobody is below a proven bound."""

from __future__ import annotations

import json

from benchmarks.routes import BEGIN, END, PAGE, RESULT, tables


def test_the_page_quotes_the_result() -> None:
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == tables(json.loads(RESULT.read_text("utf-8")))


def test_no_method_is_below_the_proven_bound() -> None:
    rows = json.loads(RESULT.read_text("utf-8"))["rows"]
    found = [row for row in rows if row["distance"] is not None]
    assert len(found) > 60
    assert all(row["distance"] >= row["bound"] - 1e-6 for row in found)
