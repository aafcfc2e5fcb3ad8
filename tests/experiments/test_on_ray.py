"""A Ray cluster gives what the cores of this machine give: the same outcomes, the same files, the same table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.experiments.processes import alive

from evenhand.experiments.sweeps import Sweep, read_results, run_sweep
from evenhand.experiments.sweeps.table import NAME

pytest.importorskip("ray")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes as on POSIX")

ROOT = Path(__file__).parents[2]
SWEEP = """
task = "tests.experiments.sweep_tasks:bad"
timeout = 5
[[cases]]
way = "well"
[[cases]]
way = "raise"
[[cases]]
way = "oom"
[[cases]]
way = "hang"
pids = "pids"
"""
DIFFER = ("seconds", "processor_seconds", "machine")
"""What two runs of a trial do not have in common."""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Run the sweep on Ray, in a process of its own, which Ray's threads and signals end with."""
    folder = tmp_path_factory.mktemp("ray")
    (folder / "sweep.toml").write_text(SWEEP.replace('"pids"', f'"{folder / "pids"}"'))
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    ended = subprocess.run(
        [sys.executable, "-m", "evenhand", "sweep", str(folder / "sweep.toml"), "--engine", "ray", "--out", "there"],
        cwd=folder,
        env=environment | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return folder, ended


def without_times(values):
    return {key: value for key, value in values.items() if key not in DIFFER}


def test_the_command_says_what_the_other_engine_says(ran):
    _, ended = ran
    assert ended.returncode == 1, ended.stderr
    assert "1 of 4 trials done" in ended.stdout
    assert "trial way=raise: failed: ZeroDivisionError: on purpose" in ended.stderr
    assert "timed_out: not done after 5 seconds" in ended.stderr


def test_outcomes_and_table_are_those_of_this_machine(ran):
    folder, _ = ran
    here, there = folder / "here", folder / "there"
    run_sweep(Sweep.read(folder / "sweep.toml"), here)
    names = sorted(file.name for file in (here / "trials").iterdir())
    assert len(names) == 4
    assert sorted(file.name for file in (there / "trials").iterdir()) == names
    for name in names:
        one, other = (json.loads((where / "trials" / name).read_text()) for where in (here, there))
        assert without_times(one) == without_times(other)
        assert one.keys() == other.keys()
    tables = [read_results(where / NAME).table for where in (here, there)]
    assert tables[0].schema.equals(tables[1].schema, check_metadata=True)
    assert tables[0].drop_columns(DIFFER).equals(tables[1].drop_columns(DIFFER))


def test_nothing_of_a_hang_is_left_running(ran):
    folder, _ = ran
    assert not any(alive(int(pid)) for pid in (folder / "pids").read_text().split())


def test_a_cluster_that_is_not_there_is_named(tmp_path):
    (tmp_path / "sweep.toml").write_text('task = "tests.experiments.sweep_tasks:square"\nfixed.x = 1')
    ended = subprocess.run(
        [sys.executable, "-m", "evenhand", "sweep", "sweep.toml", "--engine", "ray"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]), "RAY_ADDRESS": "127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert "Ray cannot be reached: RAY_ADDRESS is '127.0.0.1:1', and nobody answers" in ended.stderr
