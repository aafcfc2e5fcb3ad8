"""The pages of the reproductions say what their committed data say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from reproductions.pages.reading import read_document
from reproductions.publish import RESULTS, page_of, picture_of, text

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted(RESULTS.glob("*.json"))


def test_both_papers_are_there() -> None:
    assert [file.stem for file in FILES] == ["dispersion", "fair-gne"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_page_is_made_of_the_data(file: Path) -> None:
    told = read_document(file)
    assert page_of(told["name"]).read_text("utf-8") == text(told)
    assert not told["quick"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_figure_is_drawn(file: Path) -> None:
    told = read_document(file)
    drawn = [section for section in told["sections"] if section["figure"] and section["figure"]["chart"]]
    assert drawn
    for section in drawn:
        assert not section["rows"] or picture_of(told["name"], section).exists()
