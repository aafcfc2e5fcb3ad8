"""Whatever is done to a genuine file: a documented exit code, short lines, no traceback, and no false bound."""

from __future__ import annotations

import io
import json
import tempfile
from functools import cache, partial
from pathlib import Path
from random import Random

import numpy as np
import pytest
from tests.cli.cases import COSTS, VALUES, enumerate_best
from tests.cli.mutations import BYTES, CHECKPOINT, JSON
from tests.reproductions.reproduction_samples import make_document

import evenhand
from evenhand.cli.app import run
from evenhand.cli.door import leave
from evenhand.tables import CostTable, read_table, write_table

DOCUMENTED = {0, 1, 2, 3, 4, 5}
LONGEST = 1100
JAIN = 0.9

SWEEP = b"""task = "assign"
seeds = 3
timeout = 2.5
[fixed]
agents = 3
tasks = 8
p = 2
[grid]
epsilon = [0.1, 0.5, 0.9]
"""
TRAIN = b"""scenario = "rescue-breaths/specialist"
learner = "mappo"
tau = 0.85
steps = 200_000
seed = 3
[dual]
cap = 5.0
"""


@cache
def optimum():
    """Return the cost of the cheapest plan with Jain's index of at least JAIN, by trying all."""
    return enumerate_best(lambda loads: loads.sum() ** 2 >= JAIN * 2 * (loads**2).sum())[0]


@cache
def genuine_answer():
    return json.dumps(evenhand.assign(read_costs(), evenhand.JainAtLeast(JAIN)).to_dict()).encode()


def read_costs():
    names = COSTS.splitlines()
    return CostTable(VALUES, tuple(line.split(",")[0] for line in names[1:]), tuple(names[0].split(",")[1:]))


def verify(file):
    code = run(["verify", "costs.csv", str(file), "--jain", str(JAIN), "--json", "verdict.json"], process=False)
    if code in (0, 5):
        assert json.loads(file.read_bytes())  # as lenient as Python's parser
        verdict = json.loads((file.parent / "verdict.json").read_text())
        _check_no_false_claim(verdict, json.loads(file.read_bytes()))
    return code


def _check_no_false_claim(verdict, answer):
    if answer.get("status") == "infeasible":
        raise AssertionError("verified as infeasible, and there is a plan")
    assert verdict["bound"] is None or verdict["bound"] <= optimum() * (1 + 1e-9)
    agents = np.array(answer["assignment"])
    loads = np.bincount(agents, VALUES[agents, np.arange(5)], minlength=2)
    assert loads.sum() ** 2 >= JAIN * 2 * (loads**2).sum() * (1 - 1e-6)


def command(*words):
    return lambda file: run([*words, str(file)], process=False)


def reading(reader):
    def read(file):
        reader(file)
        return 0

    return read


def sweep(file):
    from evenhand.sweeps import Sweep

    Sweep.read(file)
    return 0


def configuration(file):
    from evenhand.learning.config import Config

    Config.read(file)
    return 0


def run_folder(file):
    from evenhand.learning.run_folder import read_config

    read_config(file.parent)
    return 0


def run_configuration():
    pytest.importorskip("pydantic")
    from evenhand.learning.config import Config

    return json.dumps({"config": Config().to_dict(), "versions": {"evenhand": "0.1.0"}}).encode()


def scenario():
    from importlib import resources

    return (resources.files("evenhand.hospital") / "scenarios" / "rescue-breaths.toml").read_bytes()


def load_scenario(file):
    from evenhand.hospital import load

    load(file)
    return 0


def sweep_table():
    pytest.importorskip("pyarrow")
    from evenhand.sweeps import Outcome, Trial
    from evenhand.sweeps.results_table import write_results

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.parquet"
        outcomes = [
            Outcome(Trial("t", {"p": p, "kind": "a"}), "done", {"cv": p / 7}, "", 2.0, 1.0, {"cores": 2}, "0.1.0")
            for p in range(3)
        ]
        write_results(file, outcomes)
        return file.read_bytes()


def read_sweep_table(file):
    from evenhand.report.sweeps import sweep_page
    from evenhand.sweeps import read_results

    sweep_page(read_results(file))
    return 0


def npy():
    stream = io.BytesIO()
    np.save(stream, VALUES)
    return stream.getvalue()


def state():
    """Return a state with the kinds of parts that a learner has."""
    weights = {"kernel": np.ones((2, 3), np.float32), "bias": np.zeros(3, np.float32)}
    return {"parameters": {"layer": weights}, "moments": (np.zeros(3), np.int32(4)), "key": np.array([1, 2], np.uint32)}


@cache
def checkpoint_file():
    pytest.importorskip("flax")
    from evenhand.learning import checkpoint

    with tempfile.TemporaryDirectory() as folder:
        return checkpoint.save(Path(folder), state(), 3, {"configuration": {"tau": 0.9}}).read_bytes()


def restore(file):
    from evenhand.learning import checkpoint

    read, iteration = checkpoint.restore(file, state(), {"configuration": {"tau": 0.9}})
    assert type(iteration) is int
    assert iteration >= 0
    assert np.isfinite(read["parameters"]["layer"]["kernel"]).all()
    return 0


def written(name, *libraries):
    """Return the bytes of the costs written to a file of this name."""

    def make():
        for library in libraries:
            pytest.importorskip(library)
        with tempfile.TemporaryDirectory() as folder:
            return write_table(Path(folder) / name, read_costs()).read_bytes()

    return cache(make)


@cache
def workbook():
    openpyxl = pytest.importorskip("openpyxl")
    stream = io.BytesIO()
    book = openpyxl.Workbook()
    for line in COSTS.splitlines():
        book.active.append(line.split(","))
    book.save(stream)
    return stream.getvalue()


def document(file):
    from reproductions.pages import page
    from reproductions.pages.reading import read_document

    page(read_document(file))
    return 0


# Name: how the genuine file is made, its name, what reads it, and by which mutators.
TARGETS = {
    "answer": (genuine_answer, "answer.json", verify, BYTES + JSON),
    "explained": (genuine_answer, "answer.json", command("explain", "costs.csv"), BYTES + JSON),
    "sweep": (lambda: SWEEP, "sweep.toml", sweep, BYTES),
    "configuration": (lambda: TRAIN, "train.toml", configuration, BYTES),
    "run": (run_configuration, "config.json", run_folder, BYTES + JSON),
    "scenario": (scenario, "ward.toml", load_scenario, BYTES),
    "csv": (COSTS.encode, "table.csv", reading(read_table), BYTES),
    "npy": (npy, "table.npy", reading(read_table), BYTES),
    "parquet": (written("table.parquet", "pyarrow"), "table.parquet", reading(read_table), BYTES),
    "workbook": (workbook, "table.xlsx", reading(read_table), BYTES),
    "checkpoint": (checkpoint_file, "checkpoint-00000003", restore, CHECKPOINT),
    "document": (lambda: json.dumps(make_document()).encode(), "document.json", document, BYTES + JSON),
    "sweep table": (sweep_table, "results.parquet", read_sweep_table, BYTES),
}


FEW = {"answer": 2000, "explained": 1000, "document": 200}
"""Mutations in the slow suite of those that take long, each."""


def attack(name, seeds, folder, capsys):
    """Mutate a target's file by each seed, and check what comes of it."""
    make, file, read, mutators = TARGETS[name]
    genuine = make()
    (folder / "costs.csv").write_text(COSTS)
    path = folder / file
    path.write_bytes(genuine)
    assert leave(partial(read, path)) in (0, 5), f"{name}, as it is: {capsys.readouterr().err}"
    for seed in seeds:
        random = Random(seed)
        data = genuine
        for k in range(random.choice([1, 1, 1, 2, 3])):
            # Those for documents first: bytes that were changed are a document no more.
            data = random.choice(mutators if k == 0 else BYTES)(random, data)
        path.write_bytes(data)
        capsys.readouterr()
        code = leave(partial(read, path))
        out, err = capsys.readouterr()
        case = f"{name}, seed {seed}: {data[:300]!r}: {err[:500]}"
        assert code in DOCUMENTED, case
        assert "Traceback" not in out + err, case
        assert all(len(line) <= LONGEST for line in (out + err).splitlines()), case
        assert all(line.startswith("evenhand: ") and line.isprintable() for line in err.splitlines()), case
        assert not list(folder.glob(".evenhand-*")), case


@pytest.mark.parametrize("name", TARGETS)
def test_a_few_mutations(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    attack(name, range(6 if name in FEW else 25), tmp_path, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_many_mutations(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    attack(name, range(1000, 1000 + FEW.get(name, 3000)), tmp_path, capsys)
