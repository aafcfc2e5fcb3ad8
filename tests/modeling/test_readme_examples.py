"""The lines for each library in README and guide run as they stand, and print what they say; so do docstrings."""

from __future__ import annotations

import contextlib
import doctest
import importlib
import io
import re
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/how-to/own-model.md"))
EXAMPLES = dict(re.findall(r"<summary><b>(\w+)</b></summary>\n\n```python\n(.*?)```", PAGES, re.DOTALL))
MODULES = {"CVXPY": "cvxpy", "Pyomo": "pyomo", "PySCIPOpt": "pyscipopt"}
DOCTESTS = (
    "audit",
    "fairest",
    "gurobipy",
    "highspy",
    "linear_welfare",
    "linopy",
    "model_frontier",
    "pyomo",
    "pyscipopt",
    "solve_model",
    "welfare",
)


def test_there_is_one_for_each_library() -> None:
    assert sorted(EXAMPLES) == ["CVXPY", "PySCIPOpt", "Pyomo", "gurobipy", "highspy", "linopy"]


@pytest.mark.parametrize("library", EXAMPLES)
def test_it_runs_and_prints_what_it_says(library: str) -> None:
    module = MODULES.get(library, library)
    pytest.importorskip(module)
    code = EXAMPLES[library]
    [said] = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the libraries among themselves
        exec(compile(code, f"example, {library}", "exec"), {})
    assert printed.getvalue().splitlines()[-1] == said


@pytest.mark.parametrize("name", DOCTESTS)
def test_the_examples_of_the_module_run(name: str) -> None:
    if name == "gurobipy":
        pytest.importorskip(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = doctest.testmod(importlib.import_module(f"evenhand.modeling.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_the_page_for_modellers_prints_what_it_says() -> None:
    result = doctest.testfile(str(ROOT / "docs" / "how-to" / "own-model.md"), module_relative=False)
    assert result.attempted >= 20
    assert result.failed == 0
