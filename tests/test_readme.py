"""What the README says is true: its example runs, its figures are the committed ones, its files are there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
from benchmarks.assignment.result import read
from benchmarks.quote import RESULT, quote

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_python_example_prints_what_it_says() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted >= 7
    assert result.failed == 0


def test_the_figures_are_those_of_the_committed_result() -> None:
    """After a new measurement, `python -m benchmarks.quote` brings both together."""
    assert quote(read(RESULT)) in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)  # code may call what it has indexed
    targets = [target for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []
