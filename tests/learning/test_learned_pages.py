"""The page of the learners' results quotes the results that stand beside the benchmarks."""

from __future__ import annotations

from importlib import import_module

import pytest
from benchmarks.learning.pages import quoted, saved

TABLES = ("ablations", "algorithms", "methods", "signs", "supervision", "thresholds", "wards")


@pytest.mark.parametrize("name", TABLES)
def test_the_page_says_what_was_measured(name):
    """After a new measurement, `python -m benchmarks.learning.NAME` brings both together."""
    assert import_module(f"benchmarks.learning.{name}").text(saved(name)) == quoted(name)
