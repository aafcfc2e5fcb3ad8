"""The page of the learners' results quotes the results that stand beside the benchmarks."""

from __future__ import annotations

from importlib import import_module

import pytest
from benchmarks.learning.pages import ROOT, quoted, saved
from benchmarks.learning.thresholds import good

TABLES = ("ablations", "algorithms", "certificates", "methods", "signs", "thresholds")


@pytest.mark.parametrize("name", TABLES)
def test_the_page_says_what_was_measured(name):
    """After a new measurement, `python -m benchmarks.learning.NAME` brings both together."""
    assert import_module(f"benchmarks.learning.{name}").text(saved(name)) == quoted(name)


def test_the_readme_counts_as_the_page_does():
    """How many of how many cases do what is asked of them."""
    rows = saved("thresholds")["rows"]
    assert f"{sum(map(good, rows))} of {len(rows)} meet their threshold" in (ROOT / "README.md").read_text("utf-8")
