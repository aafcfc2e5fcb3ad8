"""The page of a sweep in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.report.browser import find_chromium, open_browser
from tests.report.sweep_samples import make_results
from tests.report.test_browser import DRAWN

from evenhand.report.sweeps import sweep_page

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = find_chromium()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium, chromium-browser or google-chrome here")


def test_a_sweep_is_drawn_and_fits_a_phone(tmp_path: Path) -> None:
    """Two results, two panels each; nothing complains, nothing is fetched, names of failures stay text."""
    assert CHROMIUM is not None
    file = tmp_path / "s.html"
    file.write_text(sweep_page(make_results(), command="evenhand report results"), encoding="utf-8")
    with open_browser(CHROMIUM) as tab:
        for scheme, width in (("light", 1200), ("dark", 360)):
            tab.colour_scheme(scheme)
            tab.open(file, width)
            pictures = tab.evaluate(DRAWN)
            assert [picture["name"] for picture in pictures] == [f"result-{k}-{n}" for k in (1, 2) for n in (1, 2)]
            assert all(picture["marks"] >= 8 and picture["width"] > 200 for picture in pictures)
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert tab.complaints() == []
            assert tab.requests() == []
        assert tab.evaluate("document.documentElement.dataset.owned") is None
        assert tab.evaluate("document.querySelectorAll('main img').length") == 0
        tab.evaluate("document.querySelector('#failures details').open = true")
        assert tab.evaluate("document.querySelector('#failures pre').getBoundingClientRect().height") > 40
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360
