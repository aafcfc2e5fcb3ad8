"""The page quotes how far time limits were overrun, and none by more than is promised."""

from __future__ import annotations

import json

from benchmarks import time_limits


def test_the_page_quotes_the_result() -> None:
    """Every table stands on the page."""
    page = time_limits.PAGE.read_text("utf-8")
    assert time_limits.quote(json.loads(time_limits.RESULT.read_text("utf-8"))) in page


def test_no_limit_is_overrun_by_more_than_is_promised() -> None:
    """A tenth and two seconds; a frontier has as much for each of its levels."""
    for row in json.loads(time_limits.RESULT.read_text("utf-8"))["cases"]:
        times = len(time_limits.LEVELS) if row["call"].startswith("frontier") else 1
        assert row["over"] <= times * (0.1 * row["limit"] + 2.0), row
