"""A process that has solved a fair model ends as it would without: whatever else is imported, whatever dies first."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "docs/how-to/own-model.md"))
EXAMPLES = dict(re.findall(r"<summary><b>(\w+)</b></summary>\n\n```python\n(.*?)```", PAGES, re.DOTALL))
SCIP = EXAMPLES["PySCIPOpt"]
NAMES = {"CVXPY": "cvxpy", "Pyomo": "pyomo", "PySCIPOpt": "pyscipopt"}
OTHERS = [name for name in ("cvxpy", "jax", "pandas", "torch") if importlib.util.find_spec(name)]

KEPT = """
import sys

class Keeper:
    pass

keeper = Keeper()
keeper.itself, keeper.all = keeper, dict(globals())
sys.keeper = keeper  # nothing of it is freed before the last garbage collection
"""


def in_function(code: str) -> str:
    return "def main():\n" + textwrap.indent(code, "    ") + "\nmain()\n"


def kept(code: str) -> str:
    return code + KEPT


def late(code: str, call: str) -> str:
    """Return a program that makes a `call` of the code as ``main``; some libraries refuse to be imported as late."""
    imports = re.findall(r"^(?:import|from) .*\n", code, re.MULTILINE)
    return "".join([*imports, in_function(code).replace("\nmain()\n", call)])


def at_exit(code: str) -> str:
    """Return a program that solves within the function of `atexit` that is called last of all."""
    return "import atexit\natexit.register(lambda: main())\n" + late(code, "")


def used_at_exit(code: str) -> str:
    """Return a program whose results are read in the function of `atexit` that is called last of all."""
    head, _, last = code.rstrip().rpartition("\n")
    assert last.startswith("print(")
    return f"import atexit\n\n@atexit.register\ndef show():\n    {last}\n\n{head}\n{KEPT}"


def raising(code: str) -> str:
    """Return a program that ends with an exception whose traceback holds the model."""
    return in_function(code + "\nraise RuntimeError('on purpose')")


def in_thread(code: str) -> str:
    return late(code, "\nimport threading\nthreading.Thread(target=main).start()\n")


MANNERS = (str, in_function, kept, at_exit, used_at_exit, raising, in_thread)

IMPOSSIBLE = {"gurobipy": (used_at_exit,), "linopy": (at_exit, in_thread)}
"""Gurobi frees its models in a function of `atexit` of its own; linopy imports libraries that refuse to be so late."""


def ends_well(code: str, said: str) -> None:
    """Assert that the program prints what it says, and ends with 0, or with its own exception, and no word more."""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    errors = ran.stderr.strip().splitlines()
    assert ran.stdout.splitlines()[-1:] == [said], ran.stderr
    if "on purpose" in code:
        assert (ran.returncode, errors[0], errors[-1]) == (
            1,
            "Traceback (most recent call last):",
            "RuntimeError: on purpose",
        )
        assert "ignored" not in ran.stderr
    else:
        assert (ran.returncode, errors) == (0, [])


def in_parallel(programs: list[tuple[str, str]]) -> None:
    with ThreadPoolExecutor(2) as pool:
        for ended in [pool.submit(ends_well, *program) for program in programs]:
            ended.result()


def said_by(code: str) -> str:
    [said] = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)
    return str(said)


TWO_RULES = SCIP.replace("model.optimize()", "fair(model, hours[:2], EpsilonFairness(0.8, p=3))\nmodel.optimize()")
FREED = SCIP + "\nmodel.free()\n" + KEPT
DROPPED = SCIP + "\ndel model, hours\nimport gc\nassert gc.collect()\n"
COPIED = SCIP + "\ncopy = pyscipopt.Model(sourceModel=model)\ncopy.hideOutput()\ncopy.optimize()\n" + KEPT


BEFORE = [f"import {name}\n{SCIP}" for name in OTHERS if name in ("cvxpy", "jax")]
BY_ORDER = [manner(SCIP) for manner in (kept, at_exit, used_at_exit, raising)]


@pytest.mark.parametrize(
    "programs",
    [
        [used_at_exit(SCIP), kept(TWO_RULES), FREED, COPIED],
        pytest.param([*BEFORE, *BY_ORDER, DROPPED], marks=pytest.mark.slow),
    ],
    ids=["some", "others"],
)
def test_scip_models_outlive_the_interpreter(programs: list[str]) -> None:
    pytest.importorskip("pyscipopt")
    in_parallel([(program, "[5, 4, 3]") for program in programs])


@pytest.mark.slow
@pytest.mark.parametrize("library", EXAMPLES)
def test_every_example_ends_well_whatever_is_imported(library: str) -> None:
    pytest.importorskip(NAMES.get(library, library))
    code = EXAMPLES[library]
    manners = [manner for manner in MANNERS if manner not in IMPOSSIBLE.get(library, ())]
    programs = [
        (manner(program), said_by(code))
        for other, manner in product(OTHERS, manners)
        for program in (f"import {other}\n{code}", code.rstrip().replace("\nprint(", f"\nimport {other}\nprint("))
    ]
    in_parallel(programs)
