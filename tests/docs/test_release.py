"""The release recipe: wheel and sdist are built, and the wheel works in an empty environment with each extra alone.

Downloads what each extra needs; without a package index the tests are skipped.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = """
import sys, evenhand
heavy = {"numba", "scipy", "jax", "pandas", "polars", "pyarrow", "typer", "rich"} & set(sys.modules)
assert not heavy, heavy
from evenhand.cli import main
assert main("generate --agents 3 --tasks 12 -o costs.csv -q".split()) == 0
assert main("assign costs.csv --max-over-mean 1.2 --json plan.json -q".split()) == 0
assert main("verify costs.csv plan.json --max-over-mean 1.2".split()) in (0, 5)
"""
TRIALS = {
    "": CORE,
    "tables": """
from evenhand.cli import main
assert main("generate --agents 3 --tasks 12 -o costs.parquet -q".split()) == 0
import openpyxl
from evenhand.tables import read_table
book = openpyxl.Workbook()
for row in (["", "a", "b"], ["x", 1, 2], ["y", 3, 4]):
    book.active.append(row)
book.save("costs.xlsx")
assert read_table("costs.parquet").values.shape == (3, 12)
assert read_table("costs.xlsx").values.tolist() == [[1.0, 2.0], [3.0, 4.0]]
""",
    "report": CORE
    + """
assert main("assign costs.csv --max-over-mean 1.2 --report page.html -q".split()) == 0
assert "<html" in open("page.html").read()
""",
    "desk": """
from evenhand.desk import server
room = server.Room(None)
assert server.application(room, "token", 1)
""",
    "learn": """
from evenhand.cli import main
assert main("train --scenario rescue-breaths/specialist --steps 4096 --out run -q".split()) == 0
assert main("play run -o episode.gif".split()) == 0
""",
    "routes": """
from evenhand.cli import main
assert main("solve example routes".split()) == 0
assert main("solve routes stops.csv vehicles.csv --cv 0.4 --time-limit 20 --json routes.json -q".split()) == 0
""",
    "models": """
import cvxpy as cp
from evenhand import EpsilonFairness
from evenhand.modeling.cvxpy import fair
hours = cp.Variable(3, nonneg=True)
cp.Problem(cp.Minimize(hours @ [1, 2, 4]), [cp.sum(hours) == 12, *fair(hours, EpsilonFairness(0.9))]).solve()
assert hours.value.round(2).tolist() == [5.28, 4.32, 2.39]
for name in ("pyomo", "pyscipopt", "highspy", "linopy"):
    __import__(f"evenhand.modeling.{name}")
""",
    "sweeps": """
from evenhand.sweeps import Sweep, read_results, run_sweep
asked = {"task": "assign", "fixed": {"agents": 3, "tasks": 12, "p": 2}, "grid": {"epsilon": [0.5, 0.9]}}
if __name__ == "__main__":
    run_sweep(Sweep.from_dict(asked), "results")
    assert [row["status"] for row in read_results("results").to_rows()] == ["done", "done"]
""",
    "distributed": """
import ray
from evenhand.sweeps import OnRay, Sweep
Sweep.from_dict({"task": "assign", "fixed": {"agents": 3, "tasks": 12, "p": 2}, "grid": {"epsilon": [0.5]}})
""",
    "gurobi": """
import gurobipy as gp
from evenhand import EpsilonFairness
from evenhand.modeling.gurobipy import fair
model = gp.Model()
model.Params.OutputFlag = 0
hours = model.addVars(3, vtype="I", obj=[1, 2, 4])
model.addConstr(hours.sum() == 12)
fair(model, hours, EpsilonFairness(0.9, p=2)).solve()
assert [round(load.X) for load in hours.values()] == [5, 4, 3]
""",
    "docs": "import furo, latex2mathml, myst_nb, numpydoc, sphinx, sphinx_copybutton, sphinx_design\n",
}
"""For each extra, a program that does what the extra promises."""


def pip(python, *words):
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build wheel and sdist from what git knows, as a release does."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    if pip(sys.executable, "download", "--no-deps", "--dest", source / "probe", "hatchling").returncode:
        pytest.skip("no package index can be reached")
    known = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, known.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    shutil.rmtree(source / "probe")
    subprocess.run([sys.executable, "-m", "build", "--outdir", out, source], capture_output=True, check=True)
    return out


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(built):
    [wheel] = built.glob("*.whl")
    held = zipfile.ZipFile(wheel).infolist()
    assert max(one.file_size for one in held) < 80_000  # code, templates and rules, but no data set, picture or model
    assert wheel.stat().st_size < 2_500_000
    names = [one.filename for one in held]
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"evenhand"}
    assert "evenhand/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".pyc", ".nbi", ".nbc"))]


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel(built, tmp_path):
    [wheel], [sdist] = built.glob("*.whl"), built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [folder] = tmp_path.iterdir()
    subprocess.run([sys.executable, "-m", "build", "--wheel", folder], capture_output=True, check=True)
    [again] = (folder / "dist").glob("*.whl")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


@pytest.mark.slow
@pytest.mark.parametrize("extra", TRIALS)
def test_the_wheel_works_with_each_extra_alone(built, tmp_path, extra):
    [wheel] = built.glob("*.whl")
    home = tmp_path / "env"
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    installed = pip(python, "install", f"{wheel}[{extra}]" if extra else wheel)
    assert installed.returncode == 0, installed.stderr
    program = tmp_path / "trial.py"
    program.write_text(TRIALS[extra], encoding="utf-8")
    ran = subprocess.run([python, "-I", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    shutil.rmtree(home)
    assert ran.returncode == 0, ran.stdout + ran.stderr
