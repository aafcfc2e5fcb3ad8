"""The guide to several rules: its files are read, its commands run, and its plan is the cheapest of all 6,561."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from doc_pages import blocks, commands

from evenhand.cli import main

PAGE = "how-to/several-rules.md"
NIGHTS = np.array([0, 1, 0, 1, 0, 1, 1, 1])


def numbers(text):
    """Return the numbers of a table of the page."""
    return np.array([[float(cell) for cell in row.split(",")[1:]] for row in text.splitlines()[1:]])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Make a folder with the page's files; return costs and hours."""
    texts = blocks(PAGE, "text")
    for name, text in zip(("costs", "hours", "nights", "visits"), texts, strict=True):
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "rules.toml").write_text(blocks(PAGE, "toml")[0])
    monkeypatch.chdir(tmp_path)
    return numbers(texts[0]), numbers(texts[1])


def loads(plan, burden):
    return np.bincount(plan, burden[plan, range(8)], minlength=3)


def kept(plan, hours):
    """Return whether a plan keeps the rules of the page, from their definitions."""
    worked, visits = loads(plan, hours), np.bincount(plan, minlength=3)
    nights = np.array([1, 0, 1]) + np.bincount(plan, NIGHTS, minlength=3)
    return (
        worked.sum() ** 2 >= 0.95 * 3 * (worked**2).sum() - 1e-9
        and nights.max() <= 1.3 * nights.mean() + 1e-9
        and visits.min() >= 2
        and max(visits[0], visits[1]) <= 3
    )


def overlap(plan):
    """Return whether a nurse has two visits at one time: Barlow with Abbot or Carver, and so on."""
    pairs = [(0, 1), (0, 2), (1, 2), (3, 4), (5, 6)]
    return any(plan[a] == plan[b] for a, b in pairs)


def test_the_plans_of_the_page_are_the_cheapest(folder):
    """The first command's cost is the least of all plans that keep the rules; with times, of those without overlaps."""
    costs, hours = folder
    plans = [np.array(plan) for plan in itertools.product(range(3), repeat=8)]
    fair = [plan for plan in plans if kept(plan, hours)]
    cheapest = min(loads(plan, costs).sum() for plan in fair)
    apart = min(loads(plan, costs).sum() for plan in fair if not overlap(plan))
    assert costs.min(axis=0).sum() == 28
    found = {words[words.index("--json") + 1]: words for words in commands(PAGE) if "--json" in words}
    for name, expected in (("plan.json", cheapest), ("timed.json", apart)):
        assert main([*found[name], "--quiet"]) == 0
        assert json.loads(Path(name).read_text(encoding="utf-8"))["cost"] == pytest.approx(expected)
    assert (cheapest, apart) == (29, 31)


def test_the_commands_of_the_page_run(folder, capsys):
    """All end well but the last one, whose rules contradict each other."""
    codes = [main(words) for words in commands(PAGE)]
    assert codes[-1] == 3
    assert set(codes[:-1]) == {0}
    assert "cannot be kept" in capsys.readouterr().out


def test_the_code_of_the_page_runs(folder, capsys):
    """The plan of Python is that of the command line."""
    costs, hours = folder
    (code,) = blocks(PAGE, "python")
    exec(code, {})
    first, second = capsys.readouterr().out.splitlines()
    fair = [np.array(plan) for plan in itertools.product(range(3), repeat=8) if kept(np.array(plan), hours)]
    assert float(first.split()[0]) == min(loads(plan, costs).sum() for plan in fair)
    assert second == "True"
