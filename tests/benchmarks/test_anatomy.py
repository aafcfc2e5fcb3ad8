"""The page on the search says what the committed measurement says."""

from __future__ import annotations

import json

from benchmarks.anatomy import PAGE, RESULT, quote
from benchmarks.quote import BEGIN, END


def test_the_page_quotes_the_result() -> None:
    quoted = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0].strip()
    assert quoted == quote(json.loads(RESULT.read_text("utf-8")))


def test_the_measurement_has_what_makes_sense() -> None:
    """A node looks at more than nothing, a pass at no more than a millisecond for each thousand pairs."""
    for row in json.loads(RESULT.read_text("utf-8"))["cases"]:
        assert 0 < row["pair_seconds"] < 1e-6
        assert row["relaxation_seconds"] > row["pass_seconds"]
