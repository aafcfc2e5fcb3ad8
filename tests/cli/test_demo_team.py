"""The second chapter of the demonstration: a team that learns, with a budget too small to learn anything."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import pytest

pytest.importorskip("altair")
pytest.importorskip("vl_convert")
pytest.importorskip("jax")

from tests.learning.small_run import untrained, with_short_episodes

from evenhand.cli import demo, demo_team
from evenhand.errors import MissingExtraError
from evenhand.learning import checkpoint, training
from evenhand.learning.config import Config
from evenhand.learning.run_folder import owner_of, prepare, read_config

TEAM = "evenhand-demo/fair-team"
PAGE = "evenhand-demo/report.html"
STEPS = 2048


@pytest.fixture
def short(evenhand, tmp_path, monkeypatch, few_episodes):
    """Return the command line, with few levels in the first chapter and few and short episodes in the second."""
    monkeypatch.setattr(demo_team, "SCENARIO", str(with_short_episodes(tmp_path, "lone-expert", 12)))
    monkeypatch.setattr(demo, "_LEVELS", (0.0, 0.5))
    monkeypatch.setattr(demo_team, "_EPISODES", 30)
    monkeypatch.setattr(demo_team, "_EACH", 10)
    return evenhand


def write_config(folder, config):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"config": config}))


def as_begun(config, *, folder, progress):
    """Return a run that was not trained, in its folder: to compile the loop takes longer than all that follows."""
    run = untrained(config)
    checkpoint.save(prepare(folder, config, resume=False), run.training, 0, owner_of(config, run.learner.team.env))
    return dataclasses.replace(run, folder=folder, finished=True)


@pytest.mark.parametrize("trained", [as_begun, pytest.param(training.train, marks=pytest.mark.slow)])
def test_the_demo_trains_two_teams_and_shows_them_on_the_same_page(short, tmp_path, monkeypatch, trained):
    """Runs of an earlier demonstration are replaced, whatever their length; the new ones stay for other commands."""
    monkeypatch.setattr(training, "train", trained)
    earlier = Config(scenario=demo_team.SCENARIO, tau=demo_team.TAU, steps=10 * STEPS)
    write_config(tmp_path / TEAM, earlier.to_dict())
    ran = short("demo", "--steps", STEPS)
    assert ran.code == 0, ran.err
    assert "unconstrained" in ran.out
    assert ran.out.splitlines()[-1] == PAGE
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert page.count("data:image/gif;base64,") == 2
    assert 'href="#teams"' in page
    for words in ("--method none --steps 2048 --out evenhand-demo/unconstrained-team", f"--steps 2048 --out {TEAM}"):
        assert words in page
    assert read_config(tmp_path / TEAM).steps == STEPS
    assert short("play", TEAM, "-o", "e.gif").code == 0


def test_the_demo_replaces_no_other_run(short, tmp_path):
    """It says so before it does anything."""
    write_config(tmp_path / TEAM, {"scenario": "fair-gne"})
    ran = short("demo", "--steps", STEPS)
    assert (ran.code, ran.out) == (2, "")
    assert "holds another run" in ran.err
    assert read_config(tmp_path / TEAM).scenario == "fair-gne"
    assert not (tmp_path / PAGE).exists()


def test_without_the_extra_the_demo_says_so_and_does_its_first_chapter(short, tmp_path, monkeypatch):
    def missing():
        raise MissingExtraError("pillow", "learn")

    monkeypatch.setattr("evenhand.hospital.drawing.canvas.pillow", missing)
    ran = short("demo")
    assert (ran.code, ran.err) == (0, "")
    assert "pip install '.[learn]'" in ran.out.splitlines()[0]
    assert 'href="#teams"' not in (tmp_path / PAGE).read_text(encoding="utf-8")


def test_whoever_interrupts_the_training_keeps_the_first_chapter(short, tmp_path, monkeypatch):
    monkeypatch.setattr("evenhand.learning.training.train", lambda *_, **__: SimpleNamespace(finished=False))
    ran = short("demo", "--steps", STEPS)
    assert ran.code == 130
    assert "stopped by Ctrl-C" in ran.err
    assert "This plan costs" in (tmp_path / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(("steps", "said"), [(-1, "steps is -1"), ("1.5", "not a whole number")])
def test_a_budget_that_is_none_is_refused(short, steps, said):
    ran = short("demo", "--steps", steps)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
