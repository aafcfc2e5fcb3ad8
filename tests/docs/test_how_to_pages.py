"""What the how-to pages on trained teams and on other people's learners show is what happens."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from doc_pages import blocks, commands, read

from evenhand.cli import main

pytest.importorskip("jax")


def run(page, infos, names=None):
    """Run a page's blocks of code from top to bottom; return what they print and their names."""
    names = {} if names is None else names
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for info in infos:
            for block in blocks(page, info):
                exec(block, names)
    return printed.getvalue(), names


def test_the_wrapper_prices_the_porters_of_the_page():
    """Both carry all the time: 4 and 2 boxes, Jain's index 36 / 40, below the threshold."""
    printed, names = run("how-to/other-learners.md", ["python"])
    index, priced = printed.split()
    assert float(index) == pytest.approx(0.9)
    assert priced == "True"
    assert names["env"].observation_space("strong").shape == (2 + 2 + 1,)


@pytest.mark.slow
def test_the_learner_of_the_page_learns_to_share():
    """Without the price both would carry always, which is quickest: an index of 0.9."""
    pytest.importorskip("torch", reason="PyTorch is not installed: the page's learner is not trained")
    printed, _ = run("how-to/other-learners.md", ["python", "python torch"])
    first, last = (float(word) for word in printed.splitlines()[-1].split() if word[0] == "0")
    assert last > max(first, 0.93)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train the page's team, for fewer steps."""
    folder = tmp_path_factory.mktemp("trained")
    words = [
        "train",
        "--scenario",
        "rescue-breaths/specialist",
        "--steps",
        "60000",
        "--out",
        str(folder / "runs" / "a"),
    ]
    assert main([*words, "--quiet"]) == 0
    return folder


@pytest.mark.slow
def test_the_code_on_trained_teams_runs(trained, monkeypatch):
    monkeypatch.chdir(trained)
    printed, names = run("how-to/trained-team.md", ["python"])
    assert printed.splitlines()[1].startswith("True")
    assert names["result"].success.value > 0.95


@pytest.mark.slow
def test_the_commands_on_trained_teams_run(trained, monkeypatch):
    monkeypatch.chdir(trained)
    for words in commands("how-to/trained-team.md"):
        assert main(words) in (0, 3)
    assert json.loads((trained / "out.json").read_text(encoding="utf-8"))["episodes"] == 1000
    assert "<html" in (trained / "runs" / "a" / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_keys_of_progress_are_all_on_the_page(trained):
    [line, *_] = (trained / "runs" / "a" / "progress.jsonl").read_text(encoding="utf-8").splitlines()
    page = read("how-to/trained-team.md")
    assert [key for key in json.loads(line) if f"`{key}`" not in page] == []


@pytest.mark.slow
def test_the_page_on_disturbances_does_what_it_shows(tmp_path, monkeypatch):
    """With fewer steps; the first command trains, the others and the code are of its team."""
    monkeypatch.chdir(tmp_path)
    train, *others = commands("how-to/disturbances.md")
    words = [*train, "--quiet"]
    words[words.index("--steps") + 1] = "60000"
    assert main(words) == 0
    for words in others:
        assert main(words) in (0, 3)
    values = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert values["disturbance"]["absent"] == ["agent_1"]
    assert values["under_undisturbed_multipliers"]["success"]["mean"] <= 1.0
    assert (tmp_path / "episode.gif").stat().st_size > 10_000
    printed, _ = run("how-to/disturbances.md", ["python"])
    assert printed.startswith("Evaluation(1000 episodes")
