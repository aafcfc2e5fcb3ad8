"""A trained team beside a slider: the multiplier follows the threshold, and the animation follows the multiplier."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("starlette", reason="the extra desk is not installed")
pytest.importorskip("jax", reason="the extra learn is not installed")

from tests.desk.reader import Reader
from tests.desk.test_desk_server import Caller
from tests.learning.small_run import untrained, with_short_episodes

from evenhand.desk.stage import Stage
from evenhand.desk.team_server import team_application
from evenhand.errors import InputError
from evenhand.learning.config import Config
from evenhand.learning.multiplier_curve import Point
from evenhand.statistics import Estimate

pytestmark = pytest.mark.usefixtures("few_episodes")


def point(multiplier: float, jain: float, reward: float) -> Point:
    """Return a multiplier with what it reaches, in 100,000 episodes of no spread, so that no margin is needed."""

    def sure(value: float) -> Estimate:
        return Estimate(value, value, value)

    return Point(multiplier, sure(jain), sure(1.0), sure(9.0), sure(reward), sure(jain), 0.0, 100_000)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a team that has learned nothing, with a curve of three multipliers written down by hand."""
    config = Config(scenario=str(with_short_episodes(tmp_path, "fair-gne", 6)), steps=2000)
    one = Stage(untrained(config), "a")
    one._curve = (point(0.0, 0.6, 3.0), point(1.0, 0.8, 2.0), point(2.0, 0.9, 1.0))
    return one


@pytest.fixture
def caller(stage: Stage) -> Iterator[Caller]:
    with contextlib.closing(Caller(stage, team_application)) as one:
        yield one


def test_the_multiplier_follows_the_threshold(caller: Caller) -> None:
    """Between 0.6 under no multiplier and 0.8 under 1, a threshold of 0.7 takes each in half of the episodes."""
    state = caller.get("state").json()
    assert state["levels"] == sorted(state["levels"])
    assert state["levels"][0] == 0.5
    assert state["levels"][-1] == 1
    half = caller.get("at?tau=0.7").json()
    assert (half["low"], half["high"], half["share"]) == (0, 1, pytest.approx(0.5, abs=0.06))
    assert half["unmet"] is False
    assert caller.get("at?tau=0.5").json()["multiplier"] == 0
    strict = caller.get("at?tau=0.99").json()
    assert (strict["multiplier"], strict["unmet"]) == (2, True)
    film = caller.get("film?multiplier=1&seed=2")
    assert film.content.startswith(b"GIF89a")
    assert 1 <= len(caller.get("deeds?multiplier=1&seed=2").json()["deeds"]) <= 6
    for path, reason in (
        ("at?tau=x", "should be a finite number"),
        ("at?tau=nan", "should be a finite number"),
        ("at?tau=7", "jain is 7.0"),
        ("film?multiplier=-1&seed=0", "multiplier -1 should be from 0"),
        ("film?multiplier=1&seed=-1", "seed -1 should be from 0"),
    ):
        assert reason in caller.get(path).json()["error"]
    assert caller.call("GET", "/state").status_code == 404


def test_the_page_plays_what_the_slider_asks(browser: Any, caller: Caller) -> None:
    reader = Reader(browser, caller)
    reader.until(lambda: reader.text("multiplier") != "–")
    reader.page.locator("#tau").fill("0")
    reader.until(lambda: reader.text("multiplier") == "0")
    reader.until(lambda: "multiplier=0&" in str(reader.page.get_attribute("#film", "src")))
    reader.page.focus("#tau")
    reader.page.keyboard.press("End")
    reader.until(
        lambda: reader.text("multiplier") == "2" and "multiplier=2&" in str(reader.page.get_attribute("#film", "src"))
    )
    assert "does not get there" in reader.text("said")
    assert reader.page.locator("#deeds li").count() >= 1
    reader.page.click("#again")
    reader.until(lambda: "seed=1" in str(reader.page.get_attribute("#film", "src")))
    assert reader.said == []
    assert all(url.startswith((f"http://127.0.0.1:{caller.port}/", "data:")) for url in reader.asked)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from evenhand.cli.app import app

    for words, reason in (
        ([str(tmp_path)], "config.json"),
        ([str(tmp_path), "--burdens", "h.csv"], "is a folder, of a trained team; --burdens is for a table of costs"),
    ):
        result = CliRunner().invoke(app, ["open", *words, "--no-browser"])
        assert isinstance(result.exception, InputError)
        assert reason in str(result.exception)
