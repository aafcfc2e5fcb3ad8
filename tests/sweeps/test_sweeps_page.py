"""The page on sweeps: its file is a sweep, its example prints what it says, its function is a task."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

import pytest

from evenhand import __version__
from evenhand.sweeps import Outcome, Sweep, local, read_results, run_sweep, worker
from evenhand.sweeps.tasks import check, function_of

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "sweeps.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def in_this_process(trial, terms, **_):
    """Run a trial without a process of its own."""
    ended = worker._outcome({"task": trial.task, "config": trial.config})
    return Outcome(trial, seconds=0.1, processor_seconds=0.1, machine={}, version=__version__, **ended)


@pytest.mark.parametrize("attempt", [in_this_process, pytest.param(local.attempt, marks=pytest.mark.slow)])
def test_the_example_prints_what_it_says(tmp_path, monkeypatch, attempt):
    monkeypatch.setattr(local, "attempt", attempt)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep.toml").write_text(blocks("toml")[0])
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 8
    assert result.failed == 0


@pytest.fixture
def pump_study(tmp_path, monkeypatch):
    """Lay the page's task, and the game of the page on environments that it imports, where Python finds them."""
    [study] = [text for text in blocks("python") if text.startswith("# pump_study.py")]
    (tmp_path / "pump_study.py").write_text(study)
    page = PAGE.with_name("own-environment.md").read_text("utf-8")
    (tmp_path / "pump.py").write_text(re.search(r"```python\n(.*?)```", page, re.DOTALL)[1])
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("pump_study")
def test_each_file_is_a_sweep():
    assert [len(Sweep.from_dict(tomllib.loads(text)).trials) for text in blocks("toml")] == [12, 20, 12]


def test_the_function_is_a_task(tmp_path, monkeypatch):
    [text] = [text for text in blocks("python") if text.startswith("# my_study.py")]
    (tmp_path / "my_study.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    check("my_study:spread", {"n": 3, "power": 2}, "page")
    assert function_of("my_study:spread")({"n": 1, "power": 2})["cv"] == 0.0


@pytest.mark.slow
@pytest.mark.usefixtures("pump_study")
def test_a_sweep_over_an_environment_of_ones_own(tmp_path, monkeypatch):
    """The page's task trains the game of the page on environments, and its result is what the sweep keeps."""
    asked = tomllib.loads(blocks("toml")[-1]) | {"seeds": 1, "grid": {"tau": [0.85], "learning_rate": [2e-3]}}
    monkeypatch.chdir(tmp_path)
    run_sweep(Sweep.from_dict(asked), "results")
    [row] = read_results("results").to_rows()
    assert row["status"] == "done"
    assert row["success"] == 1.0
    assert row["jain"] > 0.84
    assert 4 < row["episode_steps"] < 6


def test_the_page_warns_of_what_a_sweep_file_does(tmp_path, monkeypatch):
    """A file from a stranger runs a stranger's code, as soon as it is checked."""
    assert "**A sweep file is a program.**" in PAGE.read_text("utf-8")
    (tmp_path / "strange_task.py").write_text(
        "import pathlib\npathlib.Path('ran').touch()\ndef run(config):\n    return {}\n"
    )
    (tmp_path / "sweep.toml").write_text('task = "strange_task:run"\ngrid.x = [1]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    run_sweep(Sweep.read("sweep.toml"), "results")
    assert (tmp_path / "ran").exists()
