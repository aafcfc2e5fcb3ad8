"""The command line where no extra is installed: what needs none works, what needs one names it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXTRAS = (
    "altair cloudpickle cvxpy flax gymnasium highspy jax jinja2 optax openpyxl pettingzoo pyarrow pyomo "
    "pyscipopt ray scipy starlette tensorboardX uvicorn vl_convert"
)
BLOCKED = f"""
import importlib.abc, importlib.util, sys
blocked, find_spec = set("{EXTRAS}".split()), importlib.util.find_spec
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
importlib.util.find_spec = lambda name, package=None: None if name.partition(".")[0] in blocked else find_spec(name)
from evenhand.cli import main
sys.exit(main(sys.argv[1:]))
"""


def without_extras(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", BLOCKED, *words], capture_output=True, text=True, check=False)


def test_what_needs_no_extra_works_without_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("agent,a,b,c,d\nAnn,1,1,1,1\nBo,2,2,2,2\n", "utf-8")
    for words in (
        ["--version"],
        ["--help"],
        ["generate", "--agents", "3", "--tasks", "5", "-o", "g.csv"],
        ["assign", "t.csv", "--max-over-mean", "1.2", "--json", "a.json"],
        ["verify", "t.csv", "a.json"],
        ["explain", "t.csv", "a.json"],
        ["frontier", "t.csv", "--max-over-mean", "1.5,1.2"],
        ["measure", "1", "2"],
    ):
        ran = without_extras(*words)
        assert ran.returncode in (0, 5), (words, ran.stderr)


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["assign", "t.csv", "--max-over-mean", "1.2", "--report", "r.html"], "report"),
        (["open", "t.csv"], "desk"),
        (["train", "--scenario", "lone-expert", "--steps", "10", "--out", "run"], "learn"),
    ],
)
def test_what_needs_an_extra_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], extra: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text("agent,a,b\nAnn,1,1\nBo,2,2\n", "utf-8")
    ran = without_extras(*words)
    assert ran.returncode == 2
    assert f"pip install '.[{extra}]'" in ran.stderr
    assert ran.stderr.count("\n") == 1
