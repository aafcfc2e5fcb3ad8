"""The gallery: its code draws, its commands run, and each of its pictures is there."""

from __future__ import annotations

import re

import pytest
from doc_pages import DOCS, blocks, commands, read

from evenhand.cli import main

pytest.importorskip("altair")
PAGE = "gallery.md"


def test_its_code_draws_four_pictures(tmp_path, monkeypatch):
    """On a smaller day than the page's, so that it is quick."""
    monkeypatch.chdir(tmp_path)
    main(["generate", "--kind", "nursing", "--agents", "3", "--tasks", "20", "-o", "day.csv", "--quiet"])
    main(["generate", "--agents", "3", "--tasks", "20", "-o", "towns.txt", "--quiet"])
    exec("".join(blocks(PAGE, "python")), {})
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [
        "dispersion.svg",
        "loads.svg",
        "map.svg",
        "price.svg",
    ]


@pytest.mark.slow
def test_its_commands_run(tmp_path, monkeypatch):
    pytest.importorskip("highspy")
    pytest.importorskip("PIL")
    monkeypatch.chdir(tmp_path)
    for words in commands(PAGE):
        assert main(words) == 0
    made = [
        "fair.gif",
        "protocol.svg",
        "quickest.gif",
        "try/capacities.svg",
        "try/roster.svg",
        "try/shed.svg",
        "try/tours.svg",
    ]
    assert all((tmp_path / name).stat().st_size > 1000 for name in made)


def test_each_picture_says_in_words_what_it_shows():
    pictures = re.findall(r"!\[(.*?)\]\((.*?)\)", read(PAGE))
    assert len(pictures) >= 12
    for words, path in pictures:
        assert len(words.split()) > 3
        assert (DOCS / path).is_file()
