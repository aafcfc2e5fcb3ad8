"""The office guide: its sheets are read, its commands run, and its plan is the cheapest that is fair."""

from __future__ import annotations

import itertools
import json

import pytest
from doc_pages import commands, tables

from evenhand.cli import main

openpyxl = pytest.importorskip("openpyxl")
PAGE = "how-to/office.md"


@pytest.fixture
def office(tmp_path, monkeypatch):
    """Make a folder with the page's two sheets as workbooks."""
    for name, rows in zip(("cost", "hours"), tables(PAGE), strict=False):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([number(cell) for cell in row])
        book.save(tmp_path / f"{name}.xlsx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def number(cell):
    return float(cell) if cell.isdigit() else cell or None


def cheapest_fair():
    """Return the least cost of all plans in which nobody works more than 1.2 times the mean, by trying each."""
    cost, hours = ([row[1:] for row in table[1:]] for table in tables(PAGE)[:2])
    long = [sum(float(part) / 60**place for place, part in enumerate(cell.split(":"))) for cell in hours[0]]
    best = float("inf")
    for plan in itertools.product(range(3), repeat=6):
        if any(cost[team][visit] == "" for visit, team in enumerate(plan)):
            continue
        loads = [sum(long[visit] for visit in range(6) if plan[visit] == team) for team in range(3)]
        if max(loads) <= 1.2 * sum(loads) / 3:
            best = min(best, sum(float(cost[team][visit]) for visit, team in enumerate(plan)))
    return best


def test_the_commands_of_the_page_run_and_the_plan_is_the_cheapest_fair_one(office, monkeypatch):
    said = commands(PAGE)
    assert [words[0] for words in said] == ["assign", "verify", "explain", "frontier", "open"]
    served = []
    monkeypatch.setenv("XDG_STATE_HOME", str(office / "state"))
    monkeypatch.setattr("evenhand.desk.server.application", lambda room, token, port: room)
    monkeypatch.setattr("evenhand.desk.serving.serve", lambda room, one, stop: served.append((room, one.close())))
    assert main([*said.pop(), "--no-browser"]) == 0
    assert served[0][0].present().costs.values.shape == (3, 6)
    for words in said:
        assert main([*words, "--quiet"] if words[0] == "assign" else words) in (0, 5)
    plan = json.loads((office / "plan.json").read_text(encoding="utf-8"))
    assert plan["cost"] == cheapest_fair()
    assert (office / "plan.csv").read_text(encoding="utf-8").count("\n") == 7
    assert "<html" in (office / "plan.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("option", "file", "text"),
    [
        ("--entitlements", "shares.csv", "North,1\nEast,1\nSouth,0.5\n"),
        ("--initial-loads", "carried.csv", "North,2\nEast,0\nSouth,0\n"),
        ("--locked", "fixed.csv", "Abbot,East\n"),
        ("--without", "East", None),
    ],
)
def test_what_weeks_bring(office, option, file, text):
    """Each remedy of the page's last table is taken, and answered."""
    if text is not None:
        (office / file).write_text(text, encoding="utf-8")
    words = ["assign", "cost.xlsx", "--burdens", "hours.xlsx", "--max-over-mean", "1.6", option, file, "--quiet"]
    assert main([*words, "--json", "plan.json"]) in (0, 3)
    plan = json.loads((office / "plan.json").read_text(encoding="utf-8"))
    assert plan["assignment"] is not None
    if option == "--locked":
        assert plan["agents"][plan["assignment"][0]] == "East"
    if option == "--without":
        assert plan["agents"] == ["North", "South"]
