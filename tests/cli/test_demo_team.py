"""The second chapter of the demonstration: a team that learns, with a budget too small to learn anything."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

pytest.importorskip("altair")
pytest.importorskip("vl_convert")
pytest.importorskip("jax")

from evenhand.cli import demo
from evenhand.errors import MissingExtraError

TEAM = "evenhand-demo/fair-team"
PAGE = "evenhand-demo/report.html"
STEPS = 2048


@pytest.fixture
def short(evenhand, monkeypatch):
    """Return the command line, with a first chapter that plans for one level of fairness only."""
    monkeypatch.setattr(demo, "_LEVELS", (0.0, 0.5))
    return evenhand


def test_the_demo_trains_a_team_and_shows_it_on_the_same_page(short, tmp_path):
    """The run stays for other commands; a second demonstration replaces it, whatever its budget was."""
    ran = short("demo", "--steps", STEPS)
    assert ran.code == 0, ran.err
    assert "unconstrained" in ran.out
    assert ran.out.splitlines()[-1] == PAGE
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert page.count("data:image/gif;base64,") == 2
    assert 'href="#teams"' in page
    assert f"--steps {STEPS} --out {TEAM}" in page
    assert short("play", TEAM, "-o", "e.gif").code == 0
    kept = tmp_path / TEAM / "config.json"
    settings = json.loads(kept.read_text())
    settings["config"]["steps"] = 10 * STEPS
    kept.write_text(json.dumps(settings))
    assert short("demo", "--steps", STEPS).code == 0
    assert json.loads(kept.read_text())["config"]["steps"] == STEPS


def test_the_demo_replaces_no_other_run(short, tmp_path):
    """It says so before it does anything."""
    (tmp_path / TEAM).mkdir(parents=True)
    kept = tmp_path / TEAM / "config.json"
    kept.write_text(json.dumps({"config": {"scenario": "fair-gne"}}))
    ran = short("demo", "--steps", STEPS)
    assert (ran.code, ran.out) == (2, "")
    assert "holds another run" in ran.err
    assert json.loads(kept.read_text())["config"] == {"scenario": "fair-gne"}
    assert not (tmp_path / PAGE).exists()


def test_without_the_extra_the_demo_says_so_and_does_its_first_chapter(short, tmp_path, monkeypatch):
    def missing():
        raise MissingExtraError("pillow", "learn")

    monkeypatch.setattr("evenhand.hospital.drawing.canvas.pillow", missing)
    ran = short("demo")
    assert (ran.code, ran.err) == (0, "")
    assert "pip install 'evenhand[learn]'" in ran.out.splitlines()[0]
    assert 'href="#teams"' not in (tmp_path / PAGE).read_text(encoding="utf-8")


def test_whoever_interrupts_the_training_keeps_the_first_chapter(short, tmp_path, monkeypatch):
    monkeypatch.setattr("evenhand.learning.train.train", lambda *_, **__: SimpleNamespace(finished=False))
    ran = short("demo", "--steps", STEPS)
    assert ran.code == 130
    assert "stopped by Ctrl-C" in ran.err
    assert "This plan costs" in (tmp_path / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(("steps", "said"), [(-1, "steps is -1"), ("1.5", "not a whole number")])
def test_a_budget_that_is_none_is_refused(short, steps, said):
    ran = short("demo", "--steps", steps)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
