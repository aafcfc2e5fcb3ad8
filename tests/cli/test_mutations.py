"""Whatever is done to a genuine file: a documented exit code, short lines, no traceback, and no false bound."""

from __future__ import annotations

import json
from functools import cache, partial
from random import Random

import numpy as np
import pytest
from tests.cli.cases import COSTS, VALUES, enumerate_best
from tests.cli.mutations import BYTES, JSON

import evenhand
from evenhand.cli.app import run
from evenhand.cli.door import leave
from evenhand.tables import read_table

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
    from evenhand.tables import CostTable

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
    from evenhand.experiments.sweeps import Sweep

    Sweep.read(file)
    return 0


def configuration(file):
    from evenhand.learning.config import Config

    Config.read(file)
    return 0


def run_folder(file):
    from evenhand.learning.folder import read_config

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
    import tempfile
    from pathlib import Path

    from evenhand.experiments.sweeps import Outcome, Trial
    from evenhand.experiments.sweeps.table import write_results

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.parquet"
        outcomes = [
            Outcome(Trial("t", {"p": p, "kind": "a"}), "done", {"cv": p / 7}, "", 2.0, 1.0, {"cores": 2}, "0.1.0")
            for p in range(3)
        ]
        write_results(file, outcomes)
        return file.read_bytes()


def read_sweep_table(file):
    from evenhand.experiments.sweeps import read_results
    from evenhand.report.sweeps import sweep_page

    sweep_page(read_results(file))
    return 0


def npy():
    import io

    stream = io.BytesIO()
    np.save(stream, VALUES)
    return stream.getvalue()


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
    "sweep table": (sweep_table, "results.parquet", read_sweep_table, BYTES),
}


def attack(name, seeds, folder, capsys):
    """Mutate a target's file by each seed, and check what comes of it."""
    make, file, read, mutators = TARGETS[name]
    genuine = make()
    (folder / "costs.csv").write_text(COSTS)
    path = folder / file
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
    attack(name, range(25 if name != "sweep table" else 6), tmp_path, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_many_mutations(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    attack(name, range(1000, 4000 if name != "sweep table" else 1100), tmp_path, capsys)
