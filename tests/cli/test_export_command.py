"""``evenhand export``: a file that plays, or one line and no file."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest
from tests.learning.small_run import SMALL, with_short_episodes

from evenhand.learning import load, train
from evenhand.player import load as load_player

pytestmark = pytest.mark.usefixtures("few_episodes")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return the folder of a run of one iteration."""
    folder = tmp_path_factory.mktemp("kept")
    scenario = with_short_episodes(folder, "fair-gne", 20)
    train(dataclasses.replace(SMALL, scenario=str(scenario), steps=64), folder=folder / "a")
    return folder / "a"


@pytest.fixture
def run(evenhand, kept, tmp_path):
    """Return the command line, in a folder with the run."""
    shutil.copytree(kept, tmp_path / "runs/a")
    return evenhand


def test_a_team_is_written_and_plays(run, tmp_path):
    """For the threshold that is asked for; the run keeps what was played for it."""
    ran = run("export", "runs/a", "team.safetensors", "--tau", 0.7)
    assert ran.code == 0
    assert "picking multipliers" in ran.err
    assert " ".join(ran.out.split()).startswith(
        "run runs/a: VectorizedHospital, parallel-vdn, fair-gne file team.safet"
    )
    player = load_player(tmp_path / "team.safetensors")
    assert player.description["fairness"]["tau"] == 0.7
    ours = load(tmp_path / "runs/a").player(tau=0.7)
    assert player.lottery == ours.lottery
    size = player.description["observation_size"]
    seen, mask = np.random.default_rng(0).random((50, 3, size)), np.ones((3, player.description["n_actions"]))
    np.testing.assert_array_equal(player.act(seen, mask=mask), ours.act(seen, mask=mask))
    ran = run("export", "runs/a", "team.safetensors", "--quiet")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert load_player(tmp_path / "team.safetensors").description["fairness"]["tau"] == 0.85
    ran = run("export", "runs/a", "team.stablehlo", "--tau", 0.7)
    assert ran.code == 0
    assert (tmp_path / "team.stablehlo").read_bytes().startswith(b"ML\xefR"), "the bytecode of MLIR"
    assert json.loads((tmp_path / "team.stablehlo.json").read_text())["program"]["returns"][0]["name"] == "actions"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere", "t.safetensors"), "nowhere: no run here (config.json is missing)"),
        (("runs", "t.safetensors"), "runs: no run here (config.json is missing)"),
        (("costs.csv", "t.safetensors"), "costs.csv: no run here"),
        (("runs/a", "t.onnx"), "FILE t.onnx: unknown ending '.onnx'; use .safetensors or .stablehlo"),
        (
            ("runs/a", "nowhere/t.safetensors"),
            "nowhere/t.safetensors: cannot be written, the folder nowhere does not exist",
        ),
        (("runs/a", "runs.safetensors/t.safetensors"), "the folder runs.safetensors does not exist"),
        (("runs/a", "t.safetensors", "--tau", "0.2"), "tau is 0.2; it must be a number above 1/3"),
        (("runs/a", "t.safetensors", "--tau", "1.5"), "tau is 1.5; it must be a number above 1/3"),
        (("runs/a", "t.safetensors", "--tau", "x"), "'x' is not a number"),
        (("runs/a",), "Missing argument 'FILE'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run, tmp_path, words, said):
    """Exit code 2, nothing on standard output, and no file."""
    before = sorted(tmp_path.rglob("*"))
    ran = run("export", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_team_of_ones_own_environment_is_exported_from_python(run, tmp_path):
    """The command line cannot make the environment; it says which call can."""
    path = tmp_path / "runs/a/config.json"
    path.write_text(path.read_text().replace('"versions"', '"environment": "my.Pump", "versions"'))
    ran = run("export", "runs/a", "t.safetensors")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "run = evenhand.learning.load('runs/a', env=Pump(...)), then " in ran.err
    assert "evenhand.learning.export(run, 'team.safetensors') exports" in ran.err


def test_ctrl_c_leaves_no_file(run, tmp_path, monkeypatch):
    def press(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("evenhand.learning.acting.settled_curve", press)
    ran = run("export", "runs/a", "t.safetensors")
    assert ran.code == 130
    assert not list(tmp_path.glob("t.*"))
