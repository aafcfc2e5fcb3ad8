"""The guide to visits that have their times: its files are read, its commands run, and its plans are the cheapest."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from doc_pages import blocks, commands, read

from evenhand.cli import main

PAGE = "how-to/visits-at-one-time.md"
OVERLAPS = [(0, 1), (0, 2), (2, 3), (2, 5), (3, 4), (3, 5), (4, 5)]
"""From the table by hand: a visit with its drive reaches beyond the start of the other."""


@pytest.fixture
def costs(tmp_path, monkeypatch):
    """Make a folder with the page's files; return the costs."""
    texts = blocks(PAGE, "text")
    for name, text in zip(("costs", "visits"), texts, strict=True):
        (tmp_path / f"{name}.csv").write_text(text)
    monkeypatch.chdir(tmp_path)
    return np.array([[float(cell) for cell in row.split(",")[1:]] for row in texts[0].splitlines()[1:]])


def cheapest(costs, pairs):
    """Return the least cost of the plans in which nobody has more than 1.5 times the mean, and no pair of tasks."""
    least = np.inf
    for plan in map(np.array, itertools.product(range(3), repeat=6)):
        loads = np.bincount(plan, costs[plan, range(6)], minlength=3)
        if loads.max() <= 1.5 * loads.mean() + 1e-9 and all(plan[a] != plan[b] for a, b in pairs):
            least = min(least, loads.sum())
    return least


def test_the_plan_of_the_page_is_the_cheapest_without_overlaps(costs):
    """The costs on the page are those of enumeration, with and without times."""
    assert main([*commands(PAGE)[0], "--quiet"]) == 0
    plan = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    assert plan["cost"] == cheapest(costs, OVERLAPS) == 28
    assert cheapest(costs, []) == 25
    assert "The plan costs 28. Without times it would cost 25" in read(PAGE)


def test_the_commands_of_the_page_say_what_it_says(costs, capsys):
    """All end well but the last, which names the visits at one time."""
    assert [main(words) for words in commands(PAGE)] == [0, 0, 0, 3]
    said = " ".join(capsys.readouterr().out.split())
    (quoted,) = (line[2:] for line in read(PAGE).splitlines() if line.startswith("> "))
    assert quoted in said
    assert "is that of tasks Abbot and Carver at 09:00." in said


def test_the_code_of_the_page_runs(costs, capsys):
    """Times and pairs in Python mean the same."""
    (code,) = blocks(PAGE, "python")
    exec(code, {})
    first, second = capsys.readouterr().out.splitlines()
    assert first == "28.0 True"
    assert float(second) == cheapest(costs, [(0, 2), (3, 5)])
