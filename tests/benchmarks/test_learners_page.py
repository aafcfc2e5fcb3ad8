"""The page on the learners' speed quotes the committed measurement."""

from __future__ import annotations

import json

from benchmarks.learners_table import PAGE, RESULT, quote

from benchmarks import hospital_twin, host


def test_the_page_says_what_was_measured() -> None:
    """After a new measurement, `python -m benchmarks.learners_table` brings both together."""
    assert quote(json.loads(RESULT.read_text("utf-8"))) in PAGE.read_text("utf-8")


def test_the_page_says_what_was_measured_in_plain_python() -> None:
    """After a new measurement, `python -m benchmarks.host --page` brings both together."""
    assert host.quote(json.loads(host.RESULT.read_text("utf-8"))) in host.PAGE.read_text("utf-8")


def test_the_page_says_how_the_twins_came_out() -> None:
    """After a new measurement, `python -m benchmarks.hospital_twin --page` brings both together."""
    result = json.loads(hospital_twin.RESULT.read_text("utf-8"))
    assert hospital_twin.quote(result) in hospital_twin.PAGE.read_text("utf-8")
    assert {row["where"] for row in result["rows"]} == hospital_twin.TRAINED_IN.keys()
