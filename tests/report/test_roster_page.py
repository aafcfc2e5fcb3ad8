"""A roster's page has every shift, wish and change, and names of strangers do nothing in it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from tests.applications.rosters.small_answers import small_answer
from tests.report.browser import find_chromium, open_browser
from tests.report.samples import HOSTILE

from evenhand.applications.rosters import Cover, Violation
from evenhand.applications.rosters.last_plan import Change
from evenhand.fairness import EpsilonFairness
from evenhand.report.roster_page import write_roster_report


class Cells(HTMLParser):
    """The texts of the cells of each table, by the table's caption."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self._caption = ""
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Begin a table, a row or a cell."""
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        if tag in ("caption", "td", "th"):
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        """End what began."""
        if tag == self._inside:
            self._inside = ""
        if tag == "table":
            self.tables[self._caption] = [[" ".join(cell.split()) for cell in row] for row in self._rows]

    def handle_data(self, data: str) -> None:
        """Add text to the caption or the cell."""
        if self._inside == "caption":
            self._caption += data
        elif self._inside:
            self._rows[-1][-1] += data


def tables_of(path: Path) -> dict[str, list[list[str]]]:
    parser = Cells()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser.tables


def test_the_roster_stands_in_a_table(tmp_path: Path) -> None:
    rows = tables_of(write_roster_report(tmp_path / "r.html", small_answer()))[
        "The shift of each person on each day, with their counts"
    ]
    assert rows[0] == ["Person", "Fr27", "Sa28", "Su29", "Hours", "Nights", "Weekends", "Wishes"]
    night = "NNight 22:00–06:00"
    assert rows[1] == ["Zoë", f"{night}wish not-granted", night, "", "16", "2", "1", "0"]
    assert rows[2][1:4] == ["EEarly; A, B 06:00–14:00", "wish granted", "EEarly; A, B 06:00–14:00"]
    assert rows[3] == ["E Early; A, B 06:00–14:00", "1", "0/1", "1", "", "", "", ""]


def test_wishes_that_are_not_granted_come_first(tmp_path: Path) -> None:
    path = write_roster_report(tmp_path / "r.html", small_answer())
    assert tables_of(path)["Each wish and what became of it"][1:] == [
        ["Zoë", "2026-03-27 (Fri)", "a day off", "Night", "no", "2"],
        ["Ben", "2026-03-28 (Sat)", "a day off", "off", "yes", "3"],
    ]
    assert "1 of 2 wishes are granted. The others weigh 2 in all." in path.read_text(encoding="utf-8")


def test_changes_are_listed(tmp_path: Path) -> None:
    path = write_roster_report(tmp_path / "r.html", small_answer(), changes=[Change("Zoë", 1, None, "Night")])
    assert tables_of(path)["Each change against the last plan"][1] == ["Zoë", "2026-03-28 (Sat)", "off", "Night"]
    assert "1 shift changes, of 1 person." in path.read_text(encoding="utf-8")


def test_no_changes_are_said_to_be_none(tmp_path: Path) -> None:
    text = write_roster_report(tmp_path / "r.html", small_answer(), changes=[]).read_text(encoding="utf-8")
    assert "Nothing changes on the days that both plans have." in text
    assert "What changes" not in write_roster_report(tmp_path / "s.html", small_answer()).read_text(encoding="utf-8")


def test_the_price_of_fairness_and_the_rule_are_said(tmp_path: Path) -> None:
    member = EpsilonFairness(0.5, float("inf"), entitlements=(1.0, 1.0))
    answer = replace(small_answer(), fairness={"nights": member}, base_cost=5.0, base_found=5.0)
    text = write_roster_report(tmp_path / "r.html", answer).read_text(encoding="utf-8")
    assert re.search(r"This roster costs 7, 40\s%", text)
    assert "Rule for nights" in text
    assert text.index('id="figure-count-nights"') < text.index('id="figure-count-minutes"')


def test_what_is_missed_is_listed(tmp_path: Path) -> None:
    answer = small_answer()
    problem = replace(answer.problem, prices={"most_minutes": 1.0}, cover=(Cover(1, "Night", 3, 2.0),))
    answer = replace(answer, problem=problem, priced=(Violation("most_minutes", "Ben", None, None, 30.0),))
    text = write_roster_report(tmp_path / "r.html", answer).read_text(encoding="utf-8")
    assert "2026-03-28 (Sat), Night: 1 of 3 people." in text
    assert "Ben: most minutes, 30." in text


@pytest.mark.parametrize(
    ("status", "found", "said"),
    [
        ("infeasible", None, "No roster keeps all rules."),
        ("infeasible", 5.0, "No roster is as fair as asked."),
        ("time_limit", None, "stopped before it found a roster."),
        (
            "time_limit",
            5.0,
            "stopped before it found a roster that is fair. One without fairness, of cost 5, is known.",
        ),
    ],
)
def test_without_a_roster_the_page_says_why(tmp_path: Path, status: str, found: float | None, said: str) -> None:
    answer = replace(small_answer(), status=status, plan=None, cost=None, bound=None, counts={}, base_found=found)
    text = write_roster_report(tmp_path / "r.html", answer).read_text(encoding="utf-8")
    assert said in text
    assert "Who works when" not in text


def test_the_page_is_the_same_for_the_same_roster(tmp_path: Path) -> None:
    one = write_roster_report(tmp_path / "a.html", small_answer()).read_bytes()
    assert write_roster_report(tmp_path / "b.html", small_answer()).read_bytes() == one


@pytest.mark.skipif(find_chromium() is None, reason="no chromium, chromium-browser or google-chrome here")
def test_a_browser_draws_the_page_and_hostile_names_are_inert(tmp_path: Path) -> None:
    chromium = find_chromium()
    assert chromium is not None
    path = write_roster_report(tmp_path / "r.html", small_answer(names=(HOSTILE[0], HOSTILE[1])), command=HOSTILE[0])
    with open_browser(chromium) as page:
        for width in (1200, 390):
            page.open(path, width)
            assert page.complaints() == []
            assert page.requests() == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelectorAll('.roster tbody .shift').length") == 4
        assert page.evaluate("document.querySelectorAll('.chart svg.marks').length") == 4
