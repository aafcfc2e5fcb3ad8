"""The command line where no extra is installed: what needs none works, what needs one names it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

EXTRAS = (
    "altair cloudpickle cvxpy flax gymnasium highspy jax jinja2 optax openpyxl pettingzoo pyarrow pyomo "
    "pyscipopt ray scipy starlette tensorboardX uvicorn vl_convert"
)
BLOCKED = f"""
import importlib.abc, importlib.util, json, sys
blocked, find_spec = set("{EXTRAS}".split()), importlib.util.find_spec
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
importlib.util.find_spec = lambda name, package=None: None if name.partition(".")[0] in blocked else find_spec(name)
from evenhand.cli import main
for words in json.loads(sys.argv[1]):
    print(main(words), file=sys.stderr)
"""


def without_extras(folder: Path, *commands: str) -> list[str]:
    """Return the lines on standard error of commands that one process runs in turn, with the exit code below each."""
    given = [sys.executable, "-c", BLOCKED, json.dumps([words.split() for words in commands])]
    return subprocess.run(given, capture_output=True, text=True, check=True, cwd=folder).stderr.splitlines()


def test_what_needs_no_extra_works_without_any(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("agent,a,b,c,d\nAnn,1,1,1,1\nBo,2,2,2,2\n", "utf-8")
    commands = (
        "--version",
        "--help",
        "generate --agents 3 --tasks 5 -o g.csv",
        "assign t.csv --max-over-mean 1.2 --json a.json",
        "verify t.csv a.json",
        "explain t.csv a.json",
        "frontier t.csv --max-over-mean 1.5,1.2",
        "measure 1 2",
    )
    said = without_extras(tmp_path, *commands)
    assert [line for line in said if line.isdigit()] == ["0"] * len(commands), said


def test_what_needs_an_extra_names_it(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("agent,a,b\nAnn,1,1\nBo,2,2\n", "utf-8")
    said = without_extras(
        tmp_path,
        "assign t.csv --max-over-mean 1.2 --report r.html",
        "open t.csv",
        "train --scenario lone-expert --steps 10 --out run",
    )
    assert said[1::2] == ["2", "2", "2"], said
    for line, extra in zip(said[::2], ("report", "desk", "learn"), strict=True):
        assert f"pip install '.[{extra}]'" in line
