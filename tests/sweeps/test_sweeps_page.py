"""The page on sweeps: its file is a sweep, its example prints what it says, its function is a task."""

from __future__ import annotations

import doctest
import re
import tomllib
from pathlib import Path

from evenhand.sweeps import Sweep
from evenhand.sweeps.tasks import check, function_of

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "sweeps.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_example_prints_what_it_says(tmp_path):
    (tmp_path / "sweep.toml").write_text(blocks("toml")[0])
    result = doctest.testfile(str(PAGE), module_relative=False, globs={"here": tmp_path})
    assert result.attempted >= 8
    assert result.failed == 0


def test_each_file_is_a_sweep():
    assert [len(Sweep.from_dict(tomllib.loads(text)).trials) for text in blocks("toml")] == [12, 20]


def test_the_function_is_a_task(tmp_path, monkeypatch):
    [text] = [text for text in blocks("python") if text.startswith("# my_study.py")]
    (tmp_path / "my_study.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    check("my_study:spread", {"n": 3, "power": 2}, "page")
    assert function_of("my_study:spread")({"n": 1, "power": 2})["cv"] == 0.0
