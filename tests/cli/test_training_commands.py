"""``evenhand train``, ``evaluate`` and ``play``: a tiny run from end to end, and one line for what is wrong."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pytest
from jax.tree import leaves
from tests.learning.small_run import SMALL, same, untrained, with_short_episodes
from tests.report.test_answer_page import Visible

from evenhand.learning import checkpoint
from evenhand.learning.run_folder import owner_of, prepare
from evenhand.learning.training import load

SETTINGS = """
learner = "parallel-vdn"
scenario = "fair-gne.toml"
tau = 0.6
steps = 2000
[parallel]
num_envs = 8
num_steps = 8
hidden_size = 16
num_layers = 1
"""
TRAIN = ("train", "--config", "small.toml", "--tau", 0.75)
"""Training in these tests; runs that differ by their seed share what is compiled."""

pytestmark = pytest.mark.usefixtures("few_episodes")


@pytest.fixture
def evenhand(evenhand, tmp_path):
    """Return the command line, in a folder with the settings of a small run."""
    with_short_episodes(tmp_path, "fair-gne", 20)
    (tmp_path / "small.toml").write_text(SETTINGS)
    return evenhand


@pytest.fixture
def trained(evenhand):
    """Return the command line, and a run that has learned nothing yet."""
    ran = evenhand(*TRAIN, "--seed", 3, "--out", "runs/a")
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
    assert values["multiplier"]["mean"] == 0.5
    # A policy that has learned nothing does not succeed; whoever reads only the index must be told.
    assert values["success"]["mean"] < 0.5
    assert "the team fails" in ran.out
    ran = trained("play", "runs/a", "-o", "e.gif")
    assert ran.code == 0
    assert (tmp_path / "e.gif").read_bytes().startswith(b"GIF89a")
    ran = trained(*TRAIN, "--out", "runs/a")
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
        ((*TRAIN, "--out", "costs.csv/a"), "cannot be used as a folder"),
        (("train", "--out", "a", "--tau", "1.5"), "tau is 1.5; it must be a number above 0, at most 1"),
        (("train", "--out", "a", "--steps", "1e30"), "steps is 1e+30; with 2048 steps an iteration it must be at most"),
        (("train", "--out", "a", "--seed", "-1"), "seed is -1; it must be a whole number from 0"),
        (("train", "--out", "a", "--seeds", "0"), "--seeds is 0"),
        (("train", "--out", "a", "--config", "nowhere.toml"), "nowhere.toml: there is no such file"),
        (("evaluate", "nowhere"), "config.json is missing"),
        (("evaluate", "nowhere", "--episodes", "0"), "episodes is 0; it must be a whole number from 1"),
        (("evaluate", "nowhere", "--tau", "1.5"), "tau is 1.5"),
        (("evaluate", "nowhere", "--multiplier", "-1"), "multiplier is -1.0; it must be a number from 0"),
        (("evaluate", "nowhere", "--margin", "nan"), "margin is nan"),
        (("evaluate", "nowhere", "--seed", "99999999999999999999"), "seed is 99999999999999999999"),
        (("play", "nowhere", "--seed", "-1"), "seed is -1"),
        (("play", "nowhere", "-o", "e.png"), "use .gif"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(evenhand, tmp_path, words, said):
    """Exit code 2, nothing on standard output, no folder left behind."""
    ran = evenhand(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "a").exists()


def test_several_seeds_from_end_to_end(evenhand, tmp_path):
    """Trained one after the other, then told in one table; the same from their folder, and as JSON."""
    ran = evenhand(*TRAIN, "--seed", 9, "--seeds", 2, "--out", "runs")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()[2:8]] == ["seed", "9", "10", "together", "low", "high"]
    assert "seed 10: 0.00 of 0.00 M steps" in ran.err
    ran = evenhand("evaluate", "runs", "--episodes", 20, "--multiplier", 0, "--json", "out.json")
    values = json.loads((tmp_path / "out.json").read_text())
    assert ran.code == (3 if any(one["constraint_unmet"] for one in values["seeds"]) else 0)
    assert [(one["seed"], one["episodes"]) for one in values["seeds"]] == [(9, 20), (10, 20)]
    low, high = sorted(one["jain"]["mean"] for one in values["seeds"])
    together = values["together"]["jain"]
    assert (together["mean"], together["low"], together["high"]) == pytest.approx(((low + high) / 2, low, high))
    ran = evenhand("play", "runs")
    assert (ran.code, ran.out) == (2, "")
    assert "name one, runs/seed-9 for instance" in ran.err


def test_an_interrupted_run_says_how_to_go_on(evenhand, tmp_path, monkeypatch):
    """Ctrl-C, exit code 130; evaluated as it is, it says that it is not finished; resumed, it ends."""
    shown = []

    def press(self, report, before=""):
        shown.append(report)
        if len(shown) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("evenhand.cli.train.ProgressLine.__call__", press)
    ran = evenhand(*TRAIN, "--seeds", 2, "--out", "runs")
    assert ran.code == 130
    assert "evenhand train --resume runs" in ran.out
    ran = evenhand("evaluate", "runs/seed-0", "--episodes", 20, "--multiplier", 0)
    assert "not trained to the end" in ran.out
    assert "too few episodes for a window of 200" in " ".join(ran.out.split())
    ran = evenhand("evaluate", "runs", "--episodes", 20, "--multiplier", 0)
    assert (ran.code, ran.out) == (2, "")
    assert "seed-1: no checkpoint here yet" in ran.err
    ran = evenhand("evaluate", "runs/seed-0", "--json", "runs/seed-0/config.json")
    assert ran.code == 2
    assert "would replace the run's configuration" in ran.err
    ran = evenhand("train", "--resume", "runs", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    assert "together" in ran.out


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Return the folder of a run that was stopped before its first iteration."""
    run = untrained(dataclasses.replace(SMALL, steps=64))
    folder = prepare(tmp_path_factory.mktemp("runs") / "short", run.config, resume=False)
    checkpoint.save(folder, run.training, 0, owner_of(run.config, run.learner.team.env))
    return folder


def test_a_run_goes_on_to_more_steps(trained, tmp_path):
    """The folder says so from then on; fewer than it had are refused, and nothing is changed."""
    ran = trained("train", "--resume", "runs/a", "--steps", "2.7e3")
    assert ran.code == 0
    kept = json.loads((tmp_path / "runs/a/config.json").read_text())["config"]
    assert (kept["steps"], kept["seed"], kept["tau"]) == (2700, 3, 0.75)
    run = load(tmp_path / "runs/a")
    assert run.finished
    # 64 steps an iteration: 43 of them are the first to reach 2,700.
    assert int(run.training.iteration) == 43
    ran = trained("train", "--resume", "runs/a", "--steps", 2000)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "evenhand: runs/a: the run there is for 2,700 steps; resume takes as many or more\n"
    assert json.loads((tmp_path / "runs/a/config.json").read_text())["config"] == kept
    ran = trained("train", "--resume", "runs/a")
    assert "already complete" in ran.out


def apart(one, other):
    """Return the Euclidean distance of two sets of parameters."""
    return sum(float(((a - b) ** 2).sum()) for a, b in zip(leaves(one), leaves(other), strict=True)) ** 0.5


def test_a_run_starts_from_another_run(trained, tmp_path):
    """Its settings and parameters, but for what is given beside it; the other run stays as it is."""
    before = checkpoint.latest(tmp_path / "runs/a").read_bytes()
    ran = trained("train", "--from", "runs/a", "--tau", 0.8, "--seed", 5, "--steps", 640, "--out", "runs/b")
    assert ran.code == 0
    kept = json.loads((tmp_path / "runs/b/config.json").read_text())
    assert kept["from"] == "runs/a"
    assert (kept["config"]["tau"], kept["config"]["seed"], kept["config"]["steps"]) == (0.8, 5, 640)
    assert kept["config"]["parallel"]["hidden_size"] == 16
    first = load(tmp_path / "runs/a")
    run = load(tmp_path / "runs/b")
    assert run.finished
    begun, done = checkpoint.restore(
        checkpoint.saved(tmp_path / "runs/b")[0], run.training, owner_of(run.config, run.learner.team.env)
    )
    assert done <= 1, "how soon the first checkpoint is due depends on the machine"
    # One iteration moves the parameters little; those that seed 5 would have begun with are far away.
    assert apart(begun.parameters, first.parameters) < 0.2 * apart(begun.parameters, run.learner.init(5).parameters)
    assert not same(run.parameters, first.parameters)
    assert checkpoint.latest(tmp_path / "runs/a").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "runs/a", "--out", "runs/b", "--learner", "mappo"), "its parameters do not fit this run"),
        (
            ("--from", "runs/a", "--out", "runs/b", "--seeds", "2"),
            "--from starts a single run; it cannot be combined with --seeds",
        ),
        (("--from", "runs/a", "--out", "runs/a"), "runs/a: holds a run already"),
        (("--from", "runs", "--out", "runs/b"), "runs: no run here (config.json is missing)"),
        (("--from", "runs/a"), "--out is missing"),
        (("--resume", "runs/a", "--from", "runs/a"), "--resume continues a run as it is"),
        (("--resume", "runs/a", "--steps", "2000", "--seeds", "2"), "--resume continues a run as it is"),
        (("--resume", "runs/a", "--steps", "0"), "steps"),
    ],
)
def test_what_does_not_go_on_is_said_in_one_line(evenhand, short, tmp_path, words, said):
    """Exit code 2, and what is there is left alone; no training is needed for that."""
    shutil.copytree(short, tmp_path / "runs/a")
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    ran = evenhand("train", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_a_run_becomes_a_page_with_the_figures_of_evaluate(trained, tmp_path):
    """The same seed plays the same episodes; beside the team stands its network without a bound."""
    pytest.importorskip("altair")
    trained("evaluate", "runs/a", "--episodes", 40, "--tau", 0.7, "--json", "out.json")
    values = json.loads((tmp_path / "out.json").read_text())
    ran = trained("report", "runs/a", "--episodes", 40, "--tau", 0.7)
    assert (ran.code, ran.out) == (0, "runs/a/report.html\n")
    page = (tmp_path / "runs/a/report.html").read_text(encoding="utf-8")
    shown = Visible(page)
    assert {values[name]["mean"] for name in ("jain", "episode_steps", "success")} <= set(shown.exact)
    assert "A run of parallel-vdn in fair-gne" in shown.text
    assert "The unconstrained team." in shown.text
    assert "at least 0.7 asked" in shown.text
    assert page.count("data:image/gif;base64,") == 2
    assert "How it was learned" in shown.text, "the reports that training left in the folder"
    assert "evenhand report runs/a --tau 0.7 --episodes 40" in shown.text
    for words, said in (
        (("runs/a", "--x", "tau"), "--x is for a sweep; runs/a holds a run"),
        (("runs/a", "--out", "runs/a/config.json"), "would replace the results"),
        (("runs/a", "--tau", "0"), "tau is 0.0; it must be a number above 0"),
        (("runs",), "holds no results; a sweep's results.parquet or a run's config.json is expected"),
    ):
        ran = trained("report", *words)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert said in ran.err
    (tmp_path / "runs/a").rename(tmp_path / "runs/seed-3")
    assert "runs: holds runs of several seeds; name one, runs/seed-3 for instance" in trained("report", "runs").err


@pytest.mark.slow
def test_a_run_that_learned_no_other_multiplier_is_shown_alone(evenhand, tmp_path):
    pytest.importorskip("altair")
    assert evenhand("train", "--config", "small.toml", "--method", "none", "--out", "b", "-q").code == 0
    assert evenhand("report", "b", "--episodes", 30, "-o", "b.html").code == 0
    page = (tmp_path / "b.html").read_text(encoding="utf-8")
    assert page.count("data:image/gif;base64,") == 1
    assert "What the team does" in page
    assert "without a bound" not in page


def test_several_seeds_go_on_to_more_steps(evenhand, tmp_path):
    """Each to as many as asked, and each is the seed that it was."""
    assert evenhand(*TRAIN, "--seeds", 2, "--out", "runs", "--quiet").code == 0
    ran = evenhand("train", "--resume", "runs", "--steps", 2700)
    assert ran.code == 0
    assert "seed 1: 0.00 of 0.00 M steps" in ran.err
    assert "together" in ran.out
    for seed in (0, 1):
        run = load(tmp_path / f"runs/seed-{seed}")
        assert (run.config.seed, run.config.steps, int(run.training.iteration)) == (seed, 2700, 43)
        assert run.finished
    ran = evenhand("train", "--resume", "runs", "--steps", 2000)
    assert (ran.code, ran.out) == (2, "")
    assert "seed-0: the run there is for 2,700 steps" in ran.err
    ran = evenhand("train", "--from", "runs", "--out", "b")
    assert (ran.code, ran.out) == (2, "")
    assert "there are several seeds: name one, runs/seed-0 for instance" in ran.err
    assert evenhand("train", "--from", "runs/seed-1", "--steps", 2000, "--out", "b", "--quiet").code == 0
    assert load(tmp_path / "b").config.seed == 1
