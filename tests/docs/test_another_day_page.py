"""The guide to planning again: its tables are read, its commands run, and its costs are those of all plans tried."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from doc_pages import blocks, commands, read

from evenhand.cli import main

PAGE = "how-to/another-day.md"
RATIO = 1.2


@pytest.fixture
def days(tmp_path, monkeypatch):
    """Make a folder with the page's two tables; return their numbers."""
    tables = []
    for name, text in zip(("monday", "tuesday"), blocks(PAGE, "text"), strict=True):
        (tmp_path / f"{name}.csv").write_text(text)
        tables.append(np.array([[float(cell) for cell in row.split(",")[1:]] for row in text.splitlines()[1:]]))
    monkeypatch.chdir(tmp_path)
    return tables


def cheapest(costs, before, most):
    """Return the least cost of a fair plan that changes at most so many of the six tasks that stay, or None."""
    best = None
    for plan in itertools.product(range(3), repeat=8):
        loads = np.bincount(plan, costs[plan, range(8)], minlength=3)
        changed = sum(plan[j] != before[j] for j in range(6))
        if loads.max() > RATIO * loads.mean() + 1e-9 or changed > most:
            continue
        best = loads.sum() if best is None else min(best, loads.sum())
    return best


def test_commands_and_costs_of_the_page(days, capsys):
    for words in commands(PAGE):
        assert main(words) == 0, words
    out = " ".join(capsys.readouterr().out.split())
    assert "2 of 6 tasks, of at most 2; 2 more are new" in out
    monday, tuesday = (json.loads(Path(f"{day}.json").read_text()) for day in ("monday", "tuesday"))
    by_changes = [cheapest(days[1], monday["assignment"], most) for most in range(7)]
    assert by_changes == [None, 240, 230, 225, 225, 225, 225]
    assert tuesday["cost"] == 230
    assert "At most two changes cost 230, one change 240; three or more cost 225, and without any" in read(PAGE)
    none = ["assign", "tuesday.csv", "--from", "monday.json", "--change-at-most", "0", "-q"]
    assert main(none) == 3


def test_the_python_of_the_page(days, capsys):
    for block in blocks(PAGE, "python"):
        exec(block, {})
    assert capsys.readouterr().out.split() == ["230.0", "2"]
