"""The page on the assignment's speed quotes the committed measurement."""

from __future__ import annotations

from benchmarks.assignment.page import PAGE, RESULT, quote
from benchmarks.assignment.result import read


def test_the_page_says_what_was_measured() -> None:
    """After a new measurement, `python -m benchmarks.assignment.page` brings both together."""
    assert quote(read(RESULT)) in PAGE.read_text("utf-8")


def test_the_committed_result_holds_no_unstored_peer_and_no_path() -> None:
    text = RESULT.read_text("utf-8")
    assert "gurobi" not in text.lower()
    assert "/" not in read(RESULT)["command"].replace("FOLDER", "")
