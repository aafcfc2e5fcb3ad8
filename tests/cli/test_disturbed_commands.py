"""Options for disturbances: what they ask for, and the one line for what makes no sense."""

from __future__ import annotations

import pytest
from tests.learning.small_run import SMALL, untrained

from evenhand.cli import main
from evenhand.cli.disturbances import in_words, level_of
from evenhand.learning.config import Config
from evenhand.learning.disturbance_level import Level
from evenhand.learning.settings import Disturbance


@pytest.fixture
def asked(monkeypatch):
    """Return what `train` would train with, without training."""
    found = []

    def train_one(config, *args, **kwargs):
        found.append(config)
        return 0

    monkeypatch.setattr("evenhand.cli.train._train_one", train_one)
    return found


def test_train_takes_ranges(asked):
    assert main(["train", "--delay", "0..2", "--noise", "0..0.1", "--absence", "0.3", "--out", "a"]) == 0
    assert asked[0].disturbance == Disturbance(delay=(0, 2), noise=(0.0, 0.1), absence=0.3)


def test_a_number_is_a_range_and_behaviour_an_option(asked):
    words = ["--delay", "1", "--absence", "0.5", "--absent-behaviour", "lazy"]
    assert main(["train", *words, "--out", "a"]) == 0
    assert asked[0].disturbance == Disturbance(delay=(1, 1), absence=0.5, absent_behaviour="lazy")


def test_options_change_what_a_file_says_and_leave_the_rest(asked, tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("steps = 5\n[disturbance]\ndelay = [0, 3]\nnoise = 0.2\n", encoding="utf-8")
    assert main(["train", "--config", str(path), "--noise", "0..0.1", "--out", "a"]) == 0
    assert asked[0] == Config(steps=5, disturbance=Disturbance(delay=(0, 3), noise=(0.0, 0.1)))
    assert main(["train", "--config", str(path), "--out", "a"]) == 0
    assert asked[1].disturbance == Disturbance(delay=(0, 3), noise=(0.2, 0.2))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--delay", "2..1"], "disturbance.delay is from 2 to 1; the low end must not be above the high end"),
        (["--delay", "-1"], "disturbance.delay is -1.0; it must be a whole number from 0 to 1,000"),
        (["--delay", "0.5"], "disturbance.delay is 0.5; it must be a whole number from 0 to 1,000"),
        (["--delay", "0..two"], "'two' is not a number"),
        (["--noise", "0.."], "'' is not a number"),
        (["--noise", "..1"], "'' is not a number"),
        (["--absence", "2"], "disturbance.absence is 2.0; it must be a number from 0 to 1"),
        (["--absent-behaviour", "lasy"], "disturbance.absent_behaviour is 'lasy'; did you mean 'lazy'?"),
        (["--absence", "0.2", "--method", "fair-efficient"], "fair-efficient is for whole teams"),
    ],
)
def test_nonsense_is_refused_before_training(asked, capsys, words, said):
    assert main(["train", *words, "--out", "a"]) == 2
    assert not asked
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert said in line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--absent", "agent1"], "absent is 'agent1'; did you mean 'agent_1'?"),
        (["--absent", "agent_1", "--absent", "agent_2"], "2 of 3 agents would be absent; at least 2 must be present"),
        (["--delay", "99"], "delay is up to 99; episodes of VectorizedHospital have at most"),
        (["--predict"], "predict is given without a delay"),
        (["--delay", "1", "--noise", "0.1", "--predict"], "which noise hides"),
    ],
)
@pytest.mark.parametrize("command", ["evaluate", "play"])
def test_levels_that_make_no_sense_are_refused(monkeypatch, capsys, command, words, said):
    monkeypatch.setattr("evenhand.learning.training.load", lambda folder: untrained(SMALL))
    assert main([command, "runs/a", *words]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert said in line


def test_without_options_a_team_plays_as_it_was_trained():
    assert level_of(None, None, None, None, False) is None
    assert level_of((1.0, 1.0), None, ["a"], None, False) == Level(delay=(1, 1), absent=("a",))
    assert level_of((0.0, 0.0), None, None, None, False) == Level()


def test_levels_in_words():
    assert in_words(Level()) == "none"
    assert in_words(Level(delay=(0, 2), noise=(0.1, 0.1), absent=("ann", "bob"))) == (
        "delay 0 to 2, noise 0.1, ann, bob absent (idle)"
    )
    assert in_words(Level(delay=1, predict=True)) == "delay 1, late states predicted from announced actions"
