"""The page of the learners' results quotes the results that stand beside the benchmarks."""

from __future__ import annotations

from importlib import import_module

import pytest
from benchmarks.learning.disturbed_teams import PAGE, good as holds, planned, text
from benchmarks.learning.pages import ROOT, quoted, saved
from benchmarks.learning.thresholds import good

TABLES = ("ablations", "algorithms", "certificates", "methods", "signs", "thresholds", "wards")


@pytest.mark.parametrize("name", TABLES)
def test_the_page_says_what_was_measured(name):
    """After a new measurement, `python -m benchmarks.learning.NAME` brings both together."""
    assert import_module(f"benchmarks.learning.{name}").text(saved(name)) == quoted(name)


def test_the_readme_counts_as_the_page_does():
    """How many of how many cases do what is asked of them."""
    rows = saved("thresholds")["rows"]
    assert f"{sum(map(good, rows))} of {len(rows)} meet their threshold" in (ROOT / "README.md").read_text("utf-8")


def test_the_page_on_disturbances_says_what_was_measured():
    assert text(saved("disturbed_teams")) == quoted("disturbed_teams", PAGE)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"repicked_success": 0.98}, False),
        ({"repicked_potential": 0.844}, False),
        ({"repicked_episode_steps": 11.1}, False),
        ({"level": "undisturbed", "trained_undisturbed": 10.4}, True),
        ({"level": "undisturbed", "trained_undisturbed": 10.3}, False),
    ],
)
def test_what_is_asked_of_a_team_at_a_level(change, expected):
    row = {"level": "delay 1", "planned": 10.0, "trained_undisturbed": 9.0}
    row |= {"repicked_success": 0.99, "repicked_potential": 0.845, "repicked_episode_steps": 10.9}
    assert holds(row | change) is expected


def test_a_plan_beside_an_idle_agent_is_that_of_the_two_others():
    """Without the able agent, who alone is quick at compressions, any two need longer than the three."""
    least = planned("rescue-breaths/specialist")
    assert least["delay 2"] == least["noise 0.1"] == least["undisturbed"]
    assert least["undisturbed"] < min(least[f"agent {agent} idle"] for agent in (1, 2, 3))
    assert least["agent 1 idle"] == pytest.approx(8.64)
