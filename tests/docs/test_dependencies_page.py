"""The page on dependencies names each one, and no other."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

from doc_pages import tables

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGE = "explanation/dependencies.md"


def test_each_dependency_stands_on_the_page_under_its_extra():
    base, extras, house = tables(PAGE)
    asked = {extra: set(map(name, wanted)) for extra, wanted in PROJECT["optional-dependencies"].items()}
    named = {extra: set() for extra in asked}
    for libraries, into, *_ in extras[1:]:
        for extra in quoted(into):
            named[extra] |= quoted(libraries)
    ours = {"all", "dev", "docs", "bench"}
    assert {extra: wanted - {"evenhand"} for extra, wanted in asked.items() if extra not in ours} == {
        extra: wanted for extra, wanted in named.items() if extra not in ours
    }
    assert set(chain.from_iterable(quoted(row[0]) for row in base[1:])) == set(map(name, PROJECT["dependencies"]))
    tools = set(chain.from_iterable(quoted(row[0]) for row in house[1:]))
    assert tools == (asked["docs"] | asked["dev"] | asked["bench"]) - {"evenhand"}


def quoted(cell):
    return set(re.findall(r"`(.*?)`", cell))


def name(requirement):
    return re.match(r"[A-Za-z0-9_-]+", requirement)[0]
