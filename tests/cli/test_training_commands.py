"""``evenhand train``, ``evaluate`` and ``play``: a tiny run from end to end, and one line for what is wrong."""

from __future__ import annotations

import json

import pytest

SETTINGS = """
learner = "parallel-vdn"
scenario = "fair-gne"
steps = 2000
[parallel]
episodes = 8
rollout = 8
width = 16
layers = 1
"""


@pytest.fixture
def trained(evenhand, tmp_path):
    """Return the command line and the folder of a run that has learned nothing yet."""
    (tmp_path / "small.toml").write_text(SETTINGS)
    ran = evenhand("train", "--config", "small.toml", "--tau", 0.75, "--seed", 3, "--out", "runs/a")
    assert ran.code == 0
    assert "0.00 M steps" in ran.err
    return evenhand


def test_a_run_from_end_to_end(trained, tmp_path):
    """Train, evaluate, play; options win over the file, and the run remembers both."""
    kept = json.loads((tmp_path / "runs/a/config.json").read_text())
    assert (kept["config"]["tau"], kept["config"]["seed"], kept["config"]["steps"]) == (0.75, 3, 2000)
    assert set(kept["versions"]) >= {"evenhand", "jax", "python"}
    ran = trained("evaluate", "runs/a", "--episodes", 40, "--multiplier", 0.5, "--json", "out.json")
    values = json.loads((tmp_path / "out.json").read_text())
    assert ran.code == (3 if values["constraint_unmet"] else 0)
    assert values["episodes"] == 40
    assert values["tau"] == 0.75
    assert values["lambda"]["mean"] == 0.5
    # A policy that has learned nothing does not succeed; whoever reads only the index must be told.
    assert values["success"]["mean"] < 0.5
    assert "the team fails" in ran.out
    ran = trained("play", "runs/a", "-o", "e.gif")
    assert ran.code == 0
    assert (tmp_path / "e.gif").read_bytes().startswith(b"GIF89a")
    ran = trained("train", "--config", "small.toml", "--out", "runs/a")
    assert (ran.code, ran.out) == (2, "")
    assert "holds a run already" in ran.err
    ran = trained("train", "--resume", "runs/a", "--tau", 0.8)
    assert ran.code == 2
    assert "as it is" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("train", "--out", "a", "--scenario", "rescue"), "no scenario is called 'rescue'"),
        (("train", "--out", "a", "--learner", "qmx"), "did you mean 'qmix'"),
        (("train", "--out", "a", "--steps", "1.5"), "not a whole number"),
        (("train", "--out", "a", "--tau", "0.2"), "asks nothing of 3 agents"),
        (("train",), "--out is missing"),
        (("train", "--resume", "nowhere"), "config.json is missing"),
        (("train", "--out", "costs.csv/a"), "cannot be made"),
        (("evaluate", "nowhere"), "config.json is missing"),
        (("play", "nowhere", "-o", "e.png"), "use .gif"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(evenhand, words, said):
    """Exit code 2, nothing on standard output."""
    ran = evenhand(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
