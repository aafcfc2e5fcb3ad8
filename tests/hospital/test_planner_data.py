"""The published curves are those of the scenarios as they are, and the page shows what the files say.

After a change of scenarios or rules, `python -m docs.trade_off` brings all together.
"""

from __future__ import annotations

import doctest
import json

import pytest
from docs.trade_off import BEGIN, DATA, PAGE, Searched, built_in, data_file, fingerprint, table
from docs.trade_off_pictures import IMAGES, labelled

from evenhand import hospital
from evenhand.hospital.planner import TradeOff, trade_off

QUICK = [name for name in built_in() if not name.startswith(("full-code", "lone-expert"))]


def _published(name: str) -> Searched:
    written = json.loads(data_file(name).read_text("utf-8"))
    return Searched(TradeOff.from_dict(written["trade_off"]), written["seconds"])


def test_every_scenario_for_three_agents_has_its_file_and_no_other_has() -> None:
    assert {data_file(name) for name in built_in()} == set(DATA.glob("*"))


@pytest.mark.parametrize("name", built_in())
def test_files_are_about_the_scenarios_as_they_are(name: str) -> None:
    assert json.loads(data_file(name).read_text("utf-8"))["scenario_sha256"] == fingerprint(hospital.load(name))
    assert _published(name).curve.every_start


@pytest.mark.parametrize("name", QUICK)
def test_the_search_still_finds_what_is_published(name: str) -> None:
    assert trade_off(hospital.load(name)) == _published(name).curve


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(built_in()) - set(QUICK)))
def test_the_search_still_finds_what_is_published_of_larger_scenarios(name: str) -> None:
    assert trade_off(hospital.load(name)) == _published(name).curve


def test_the_page_shows_what_the_files_say() -> None:
    assert f"{BEGIN}\n{table([_published(name) for name in built_in()])}\n" in PAGE.read_text("utf-8")


def test_the_pages_example_prints_what_it_says() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 6
    assert result.failed == 0


def test_the_picture_names_every_curve_that_differs() -> None:
    drawn = (IMAGES / "trade-off.svg").read_text("utf-8")
    families: dict[str, list[TradeOff]] = {}
    for name in built_in():
        families.setdefault(name.partition("/")[0], []).append(_published(name).curve)
    assert all(f">{family}<" in drawn for family in families)
    assert all(f">{teams}<" in drawn for curves in families.values() for teams in labelled(curves))
