"""The page of a reproduction as a reader meets it: in a real browser, without a network."""

from __future__ import annotations

import csv
import time
from typing import TYPE_CHECKING

import pytest
from reproductions.pages import page as reproduction_page
from tests.report.browser import find_chromium, open_browser
from tests.report.samples import HOSTILE
from tests.report.test_browser import DRAWN
from tests.reproductions.reproduction_samples import cv_rows, make_document, make_section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.report.browser import Page

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome here")

# Panels of each figure of the sample, in order: orders, dimensions by orders, measures.
PANELS = {
    "cv": 3,
    "price": 1,
    "times": 2,
    "geometry": 4,
    "largest": 1,
    "lines": 2,
    "intervals": 2,
    "thresholds": 2,
    "profiles": 1,
    "trace": 2,
    "unheard-of": 1,
}


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """One browser for all tests of this file."""
    assert CHROMIUM is not None
    with open_browser(CHROMIUM) as opened:
        yield opened


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a page with every kind of figure."""
    path = tmp_path_factory.mktemp("reproduction") / "r.html"
    path.write_text(reproduction_page(make_document(quick=True)), encoding="utf-8")
    return path


def downloaded(tab: Page, link: str, file: Path) -> Path:
    """Click a link that saves `file`, and wait for it."""
    tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(file.parent))
    tab.evaluate(f"{link}.click()")
    until = time.monotonic() + 20
    while not file.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return file


# Names of drawings that are wider than their panel.
CUT_OFF = """[...document.querySelectorAll('.chart')].filter((chart) => {
  const right = (element) => element.getBoundingClientRect().right;
  return right(chart.querySelector('svg')) > right(chart.parentElement) + 1;
}).map((chart) => chart.dataset.name)"""


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("light", 360), ("dark", 360)])
def test_every_panel_is_drawn_and_fits(tab: Page, file: Path, scheme: str, width: int) -> None:
    """Each panel has marks and room, nothing complains, nothing is fetched, and nothing sticks out."""
    tab.colour_scheme(scheme)
    tab.open(file, width)
    pictures = tab.evaluate(DRAWN)
    names = [f"{name}-{k}" if n > 1 else name for name, n in PANELS.items() for k in range(1, n + 1)]
    assert [picture["name"] for picture in pictures] == names
    for picture in pictures:
        assert picture["marks"] >= 1, picture
        assert picture["width"] > 200, picture
        assert picture["height"] > 60, picture
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("document.documentElement.clientWidth") >= width - 20
    assert tab.evaluate(CUT_OFF) == []
    assert tab.complaints() == []
    assert tab.requests() == []


def test_every_picture_has_an_alternative_text_that_names_its_panel(tab: Page, file: Path) -> None:
    tab.colour_scheme("light")
    tab.open(file)
    said = tab.evaluate(
        "[...document.querySelectorAll('.panel')].map((p) => [p.querySelector('.panel-title')?.textContent ?? '',"
        "p.querySelector('.chart-wrapper').getAttribute('aria-label')])"
    )
    assert all(title in text and len(text) > 20 for title, text in said)
    assert tab.evaluate("document.querySelectorAll('h1').length") == 1
    assert tab.evaluate(
        "[...document.querySelectorAll('section, figure')]"
        ".every((s) => s.querySelector(`#${CSS.escape(s.getAttribute('aria-labelledby'))}`))"
    )


def test_the_table_of_claims_is_a_table_on_a_phone_too(tab: Page, file: Path) -> None:
    """Rows are cards there; a reader that speaks still hears a table, with headers and verdicts in words."""
    tab.open(file, 360)
    assert tab.evaluate("getComputedStyle(document.querySelector('#claims tr')).display") == "block"
    tree = tab.call("Accessibility.getFullAXTree")["nodes"]
    roles = [node["role"]["value"] for node in tree if not node["ignored"]]
    assert roles.count("columnheader") >= 5
    assert roles.count("rowheader") >= 4
    texts = tab.evaluate("[...document.querySelectorAll('#claims .badge')].map((b) => b.textContent)")
    assert texts == ["✓ holds", "◐ partly", "✕ differs", "– not tested"]


def test_a_claim_leads_to_its_section(tab: Page, file: Path) -> None:
    tab.open(file)
    tab.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    tab.evaluate("document.querySelector('#claims a').click()")
    tab.wait_for("Math.abs(document.getElementById('section-cv').getBoundingClientRect().top) < 2")


def test_the_link_saves_the_rows_as_csv(tab: Page, file: Path, tmp_path: Path) -> None:
    """Clicked, it leaves a file whose numbers are those of the document, bit for bit."""
    tab.open(file)
    tab.evaluate("document.querySelector('#figure-cv details').open = true")
    saved = downloaded(tab, "document.querySelector('#figure-cv a.csv')", tmp_path / "evenhand-cv.csv")
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8").splitlines()))
    assert [row["p"] for row in rows] == [row["p"] for row in cv_rows()]
    assert [float(row["bound_sharp"]) for row in rows] == [row["bound_sharp"] for row in cv_rows()]
    assert tab.complaints() == []


def test_a_saved_picture_says_which_panel_it_is(tab: Page, file: Path, tmp_path: Path) -> None:
    tab.open(file)
    place = "document.querySelector('[data-name=cv-2]')"
    tab.evaluate(f"{place}.querySelector('summary').click()")
    tab.wait_for(f"{place}.dataset.saved === 'ready'")
    saved = downloaded(tab, f"{place}.querySelector('.vega-actions a')", tmp_path / "evenhand-cv-2.svg")
    assert ">p = 5</text>" in saved.read_text(encoding="utf-8")


def test_hostile_names_are_inert(tab: Page, tmp_path: Path) -> None:
    """Every text of a document tries to become markup or code; none does."""
    pairs = zip(HOSTILE, HOSTILE[::-1], strict=True)
    rows = [{"x": k, "y": float(k), "series": name, "facet": other} for name, other in pairs for k in range(3)]
    claim = dict(zip(("claim", "published", "ours", "why"), HOSTILE, strict=True)) | {"verdict": "differs"}
    section = make_section("lines", rows) | {
        "title": HOSTILE[0],
        "question": HOSTILE[1],
        "notes": list(HOSTILE),
        "failed": list(HOSTILE),
        "claims": [claim],
        "tables": [{"title": HOSTILE[1], "columns": [HOSTILE[0]], "rows": [[HOSTILE[1]]]}],
    }
    path = tmp_path / "h.html"
    path.write_text(reproduction_page(make_document(title=HOSTILE[1], sections=[section])), encoding="utf-8")
    tab.open(path)
    assert tab.evaluate("document.documentElement.dataset.owned") is None
    assert tab.evaluate("document.querySelectorAll('main img, main iframe').length") == 0
    assert HOSTILE[0] in tab.evaluate("document.body.textContent")
    assert [picture["marks"] > 0 for picture in tab.evaluate(DRAWN)] == [True] * 4
    assert tab.complaints() == []
