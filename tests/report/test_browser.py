"""The page as a reader meets it: in a real browser, without a network."""

from __future__ import annotations

import base64
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.report.browser import find_chromium, open_browser
from tests.report.samples import HOSTILE, make_answer, make_frontier, make_table

from evenhand.fairness import Frontier, FrontierPoint
from evenhand.report import write_frontier_report, write_report
from evenhand.report.units import Units

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.report.browser import Page

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome here")

# For each picture: its name, its size, and how many marks of positive size it has.
DRAWN = """[...document.querySelectorAll('.chart')].map((place) => {
  const svg = place.querySelector('svg.marks');
  const marks = svg ? [...svg.querySelectorAll('.role-mark path, .role-mark line, .role-mark text')] : [];
  const sized = marks.filter((mark) => { const b = mark.getBBox(); return b.width + b.height > 0; });
  const size = {width: svg?.clientWidth ?? 0, height: svg?.clientHeight ?? 0};
  return {name: place.dataset.name, ...size, marks: sized.length};
})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """One browser for all tests of this file."""
    assert CHROMIUM is not None
    with open_browser(CHROMIUM) as tab:
        yield tab


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report with every kind of picture."""
    table = make_table()
    frontiers = [make_frontier(p, table.agents) for p in (2, math.inf)]
    path = tmp_path_factory.mktemp("report") / "r.html"
    return write_report(path, make_answer(table), table=table, frontiers=frontiers)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report in which every name tries to become markup or code."""
    table = make_table(4, 12, HOSTILE)
    table = replace(table, tasks=tuple(f"{j}{HOSTILE[j % 4]}" for j in range(12)), source=HOSTILE[1])
    path = tmp_path_factory.mktemp("hostile") / "r.html"
    frontiers = [make_frontier(3, HOSTILE)]
    return write_report(path, make_answer(table), table=table, frontiers=frontiers, command=HOSTILE[0])


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report with a chapter about teams that learn."""
    pytest.importorskip("jax")
    from tests.report.team_samples import CURVE, PLANNER, make_records

    from evenhand.report.teams import team_chapter

    table = make_table()
    chapter = team_chapter(make_records(), curve=CURVE, planner=PLANNER, commands=["evenhand demo"])
    path = tmp_path_factory.mktemp("teams") / "r.html"
    return write_report(path, make_answer(table), table=table, chapters=[chapter])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_every_picture_is_drawn_and_nothing_complains(page: Page, report: Path, scheme: str, width: int) -> None:
    page.colour_scheme(scheme)
    page.open(report, width)
    pictures = page.evaluate(DRAWN)
    assert [picture["name"] for picture in pictures] == [
        "loads",
        "map",
        "price-epsilon",
        "dispersion-2",
        "dispersion-inf",
    ]
    for picture in pictures:
        assert picture["marks"] >= 4, picture
        assert picture["width"] > 200, picture
        assert picture["height"] > 100, picture
    assert page.complaints() == []
    assert page.requests() == []


def test_a_phone_needs_no_sideways_scrolling(page: Page, report: Path) -> None:
    page.open(report, 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_frontier_report_is_drawn(page: Page, tmp_path: Path) -> None:
    table = make_table()
    frontiers = [make_frontier(p, table.agents) for p in (2, 10)]
    page.open(write_frontier_report(tmp_path / "f.html", frontiers, table=table))
    assert [picture["name"] for picture in page.evaluate(DRAWN)] == [
        "price-epsilon",
        "dispersion-2",
        "dispersion-10",
    ]
    assert page.complaints() == []


def test_the_reader_slides_over_the_levels_that_were_solved(page: Page, tmp_path: Path) -> None:
    """Loads 40 and 10, then 25 and 25, then none: bars of 100 % and 25 %, then 62.5 % twice; opened from a file."""
    table = replace(
        make_table(), values=np.ones((2, 2)), agents=("<b>Ann</b>", "Bo"), tasks=("a", "b"), agent_xy=None, task_xy=None
    )
    points = (
        FrontierPoint(2.0, "optimal", 100.0, 100.0, 0.0, (40.0, 10.0), 0.6, 0.7, 40.0, 0.0, 0.1),
        FrontierPoint(1.5, "optimal", 103.0, 102.9, 1e-3, (25.0, 25.0), 0.0, 1.0, 25.0, 0.03, 0.1),
        FrontierPoint(1.0, "infeasible", None, None, None, (), None, None, None, None, 0.1),
    )
    frontier = Frontier("max_over_mean", None, table.agents, 100.0, points)
    path = write_frontier_report(tmp_path / "f.html", [frontier], table=table, units=Units("EUR", "h"))
    page.open(path)
    seen = []
    for level in range(3):
        page.evaluate(
            f"(() => {{ const field = document.querySelector('.slider input'); field.value = {level};"
            "field.dispatchEvent(new Event('input')); })()"
        )
        seen.append(
            page.evaluate(
                "[document.querySelector('.slider p').textContent, [...document.querySelectorAll('.slider dl div')]"
                ".map((row) => [row.children[0].textContent, row.children[2].textContent,"
                "row.children[1].style.getPropertyValue('--share')])]"
            )
        )
    assert [said.replace("\u202f", " ") for said, _ in seen] == [
        "Largest load over the mean 2: 100 EUR, 0 % more than the cheapest plan.",
        "Largest load over the mean 1.5: 103 EUR, 3 % more than the cheapest plan.",
        "Largest load over the mean 1: no plan is that fair.",
    ]
    assert seen[0][1] == [["<b>Ann</b>", "40\u202fh", "1"], ["Bo", "10\u202fh", "0.25"]]
    assert [row[2] for row in seen[1][1]] == ["0.625", "0.625"]
    assert [row[1:] for row in seen[2][1]] == [["–", "0"], ["–", "0"]]
    assert page.complaints() == []


def test_each_picture_can_be_saved_as_png_and_svg(page: Page, report: Path) -> None:
    """The menu of each picture offers two files; opened, they hold a PNG and an SVG."""
    page.colour_scheme("dark")
    page.open(report)
    menus = page.evaluate(
        "[...document.querySelectorAll('.chart')].map((c) => [...c.querySelectorAll('.vega-actions a')]"
        ".map((a) => [a.textContent, a.download]))"
    )
    assert len(menus) == 5
    assert menus[0] == [["Save as SVG", "evenhand-loads.svg"], ["Save as PNG", "evenhand-loads.png"]]
    assert all([label for label, _ in menu] == ["Save as SVG", "Save as PNG"] for menu in menus)
    for k in range(5):
        place = f"document.querySelectorAll('.chart')[{k}]"
        page.evaluate(f"{place}.querySelector('summary').click()")
        page.wait_for(f"{place}.dataset.saved === 'ready'")
        links = f"[...{place}.querySelectorAll('.vega-actions a')].map((a) => a.href)"
        svg, png = page.evaluate(links)
        assert base64.b64decode(png.partition("base64,")[2]).startswith(b"\x89PNG")
        assert svg.startswith(("data:image/svg+xml", "blob:"))
    assert page.complaints() == []
    assert page.requests() == []


def test_hostile_names_are_inert(page: Page, hostile: Path) -> None:
    """Nothing owned the page, not even a tooltip, and the names are there to read."""
    page.colour_scheme("light")
    page.open(hostile)
    box = page.evaluate(
        "(() => { const bar = document.querySelector('#figure-loads path[aria-roledescription=bar]');"
        "bar.scrollIntoView({block: 'center', behavior: 'instant'}); const b = bar.getBoundingClientRect();"
        "return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    )
    for shift in (0, 2):
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0] + shift, y=box[1])
    page.wait_for("document.querySelector('#vg-tooltip-element.visible')")
    assert page.evaluate("document.querySelectorAll('#vg-tooltip-element script, #vg-tooltip-element img').length") == 0
    assert page.evaluate("document.documentElement.dataset.owned") is None
    assert page.evaluate("document.querySelectorAll('main img, main iframe').length") == 0
    assert page.evaluate("document.querySelector('pre code').textContent") == HOSTILE[0]
    assert page.complaints() == []


def test_injected_code_would_not_run(page: Page, report: Path) -> None:
    """Were a name ever to slip through, the page's policy would still stop it."""
    page.open(report)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `<button id=b onclick='window.owned = 1'>`)")
    page.evaluate("document.getElementById('b').click()")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.owned = 1'}))")
    assert page.evaluate("window.owned === undefined")


def test_the_table_is_searched(page: Page, report: Path) -> None:
    """Twelve visits among four teams in turn: three belong to team 2, two are called visit 1-something."""
    page.open(report)
    for wanted, shown in (("team 2", 3), ("VISIT 1", 3), ("nobody", 0), ("", 12)):
        page.evaluate(
            "((text) => { const f = document.getElementById('search'); f.value = text;"
            f"f.dispatchEvent(new Event('input')); }})('{wanted}')"
        )
        assert (
            page.evaluate("[...document.querySelectorAll('#tasks tbody tr')].filter((r) => !r.hidden).length") == shown
        )


def test_readers_of_other_senses_find_names_and_tables(page: Page, report: Path) -> None:
    """One main heading, a named section for each part, a label on each picture, and a table behind it."""
    page.open(report)
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert page.evaluate(
        "[...document.querySelectorAll('section')]"
        ".every((s) => s.querySelector(`#${s.getAttribute('aria-labelledby')}`))"
    )
    assert page.evaluate(
        "[...document.querySelectorAll('.chart-wrapper')].every((s) => s.getAttribute('aria-label')?.length > 20)"
    )
    assert page.evaluate("[...document.querySelectorAll('figcaption')].every((f) => f.querySelector('table, .aside'))")


def test_a_change_to_dark_redraws(page: Page, report: Path) -> None:
    page.colour_scheme("light")
    page.open(report)
    ground = "document.querySelector('svg.marks').style.backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.colour_scheme("dark")
    page.wait_for(f"{ground} === 'rgb(27, 30, 35)'")
    assert page.complaints() == []


@pytest.mark.parametrize("width", [1200, 390])
def test_the_chapter_about_teams_is_drawn(page: Page, teams: Path, width: int) -> None:
    """Five pictures and two animations, nothing fetched, no complaint, no sideways scrolling."""
    page.colour_scheme("light")
    page.open(teams, width)
    pictures = [picture for picture in page.evaluate(DRAWN) if picture["name"].startswith("teams-")]
    names = ["work", "price", "success", "jain", "multiplier"]
    assert [picture["name"] for picture in pictures] == [f"teams-{name}" for name in names]
    for picture in pictures:
        assert picture["marks"] >= 1, picture
        assert picture["width"] > 150, picture
    films = page.evaluate("[...document.querySelectorAll('.film img')].map((film) => film.naturalWidth)")
    assert films == [640, 640]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints() == []
    assert page.requests() == []


def test_the_link_at_the_top_leads_to_the_chapter(page: Page, teams: Path) -> None:
    page.open(teams)
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    page.evaluate("document.querySelector('nav a').click()")
    page.wait_for("Math.abs(document.getElementById('teams').getBoundingClientRect().top) < 2")


def test_who_wants_less_motion_sees_a_still_picture(page: Page, teams: Path) -> None:
    page.open(teams)
    shown = "document.querySelector('.film img').currentSrc.slice(0, 14)"
    assert page.evaluate(shown) == "data:image/gif"
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    page.wait_for(f"{shown} === 'data:image/png'")
    page.call("Emulation.setEmulatedMedia", features=[])
