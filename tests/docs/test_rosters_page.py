"""The guide to rosters: its tables are those written, its headers are understood, its costs are what is found."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from doc_pages import blocks, commands, read, tables

from evenhand.applications.office_rows import IDLE
from evenhand.applications.rosters import check_roster, read_roster_tables
from evenhand.applications.rosters.roster_roles import PEOPLE, SHIFTS
from evenhand.cli import main
from evenhand.tables.header_words import roles_of

PAGE = "how-to/rosters.md"


@pytest.fixture
def ward(tmp_path, monkeypatch):
    """Write the page's ward, and return its folder."""
    monkeypatch.chdir(tmp_path)
    assert main(commands(PAGE)[0]) == 0
    return tmp_path / "ward"


def found(file: str):
    """Return a roster in a file, after it was checked from the plan alone, with the problem of the tables."""
    said = json.loads(Path(file).read_text(encoding="utf-8"))
    files = (f"ward/{name}.csv" for name in ("shifts", "people", "wishes", "absences"))
    problem = read_roster_tables(*files).problem
    checked = check_roster(problem, said["plan"])
    assert checked.violations == ()
    return said, checked.cost


def test_the_tables_on_the_page_are_those_that_are_written(ward) -> None:
    shifts, people, *_ = blocks(PAGE, "text")
    assert (ward / "shifts.csv").read_text(encoding="utf-8").startswith(shifts)
    assert (ward / "people.csv").read_text(encoding="utf-8").startswith(people)


def test_the_roster_without_fairness_costs_what_the_page_says(ward) -> None:
    assert main([*commands(PAGE)[1], "--quiet", "--json", "plain.json"]) == 0
    said, cost = found("plain.json")
    assert said["status"] == "optimal"
    assert cost == said["cost"] == 11
    assert "The first costs 11, the second 14" in read(PAGE)


def test_the_code_on_the_page_runs(ward) -> None:
    names = {}
    (code,) = blocks(PAGE, "python")
    exec(code, names)
    assert names["roster"].measured("nights").cv <= 0.5 + 1e-9
    assert len(list(Path("calendars").iterdir())) == 12
    assert Path("payroll.csv").stat().st_size > 1000


@pytest.mark.slow
def test_the_fair_roster_and_its_changes_are_what_the_page_says(ward) -> None:
    pytest.importorskip("altair")
    fair, again = commands(PAGE)[2:]
    assert main([*fair, "--quiet"]) == 0
    said, cost = found("ward/roster.json")
    assert cost == said["cost"] == 14
    assert said["price"] == pytest.approx(3 / 11)
    assert max(said["cv"].values()) <= 0.3 + 1e-9
    assert len(list((ward / "calendars").iterdir())) == 12
    [added] = re.findall(r'^echo "(.*)" >> ward/absences.csv', read(PAGE), re.MULTILINE)
    with (ward / "absences.csv").open("a", encoding="utf-8") as file:
        file.write(f"{added}\n")
    assert main([*again, "--quiet", "--json", "new.json"]) == 0
    said, cost = found("new.json")
    # Which of the rosters of cost 14 was found decides which shifts change, but never by many.
    assert said["status"] == "optimal"
    assert said["cost"] == cost + 2 * len(said["changes"])
    assert 1 <= len(said["changes"]) <= 20
    assert said["plan"][said["people"].index("Kim")][9:11] == [None, None]
    assert "That costs 21: 15 for the roster, and 2 for each change." in read(PAGE)


@pytest.mark.parametrize(("table", "roles"), [(1, SHIFTS), (2, PEOPLE)])
def test_the_headers_on_the_page_are_understood(table, roles) -> None:
    rows = tables(PAGE)[table][1:]
    assert len(rows) >= 7
    for _, examples, _ in rows:
        for header in re.findall(r"`([^`;]+)`", examples):
            if header in ("weekends", "late", "hours"):  # said of what is carried over
                header = f"{header} carried"
            columns = roles_of([header], roles, "page", empty=IDLE)
            assert columns.place, header
