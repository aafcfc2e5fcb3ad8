"""A Ray cluster gives what the cores of this machine give: the same outcomes, the same files, the same table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.sweeps.processes import alive

from evenhand import ray_cluster
from evenhand.sweeps import Sweep, Trial, on_ray, read_results, run_all, run_sweep
from evenhand.sweeps.attempt import Terms
from evenhand.sweeps.results_table import NAME

pytest.importorskip("ray")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes as on POSIX")

ROOT = Path(__file__).parents[2]
TASK = 'task = "tests.sweeps.sweep_tasks:bad"\n'
SWEEP = TASK + 'timeout = 100\n[grid]\nway = ["well", "raise", "oom", "leave"]\n'
DIFFER = ("seconds", "processor_seconds", "machine")
"""What two runs of a trial do not have in common."""


def sweep(folder, text, address=None):
    """Sweep on Ray in a process of its own, which Ray's threads and signals end with; into the folder ``there``."""
    (folder / "sweep.toml").write_text(text)
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return subprocess.run(
        [sys.executable, "-m", "evenhand", "sweep", "sweep.toml", "--engine", "ray", "--out", "there"],
        cwd=folder,
        env=environment if address is None else environment | {"RAY_ADDRESS": address},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def without_times(values):
    return {key: value for key, value in values.items() if key not in DIFFER}


class _LostError(Exception):
    """Stands for what Ray raises when a machine has died."""


class _Cluster:
    """Stands for Ray: runs what was handed out when it is waited for, and loses the trial ``leave``."""

    exceptions = SimpleNamespace(RayError=_LostError)

    def __init__(self):
        self.open, self.most, self.cancelled = False, 0, []

    def is_initialized(self):
        return self.open

    def init(self, **_):
        self.open = True

    def shutdown(self):
        self.open = False

    def cluster_resources(self):
        return {"CPU": 2.0}

    def remote(self, function):
        task = SimpleNamespace(remote=lambda *given: _Handed(function, given))
        return SimpleNamespace(options=lambda **_: task)

    def wait(self, handed, num_returns):
        self.most = max(self.most, len(handed))
        return handed[-num_returns:], handed[:-num_returns]

    def get(self, handed):
        if handed.given[0].config["way"] == "leave":
            raise _LostError("a machine has died")
        return handed.function(*handed.given)

    def cancel(self, handed, force):
        self.cancelled.append(handed.given[0].config["way"])


class _Handed:
    """A trial that was handed out."""

    def __init__(self, function, given):
        self.function, self.given = function, given


def test_the_engine_hands_out_and_takes_in(tmp_path, monkeypatch):
    """Two at a time where two are asked for; what the cluster loses has failed, what raises has its own words."""
    cluster = _Cluster()
    monkeypatch.setattr(ray_cluster, "load", lambda: cluster)
    trials = [Trial("tests.sweeps.sweep_tasks:bad", {"way": way}) for way in ("well", "raise", "leave")]
    outcomes = run_all(trials, tmp_path, engine=on_ray.OnRay(), workers=2)
    assert [outcome.status for outcome in outcomes] == ["done", "failed", "failed"]
    assert outcomes[1].why == "ZeroDivisionError: on purpose"
    assert outcomes[2].trace == "Ray lost the trial: a machine has died"
    assert (cluster.most, cluster.open, cluster.cancelled) == (2, False, [])
    outcomes = on_ray.OnRay().run(trials, Terms(timeout=None, workers=None, folder=str(tmp_path), path=[]), print)
    next(outcomes)
    outcomes.close()
    assert (cluster.most, cluster.open, sorted(cluster.cancelled)) == (3, False, ["raise", "well"])


@pytest.mark.slow
def test_outcomes_and_table_are_those_of_this_machine(tmp_path):
    ended = sweep(tmp_path, SWEEP)
    assert ended.returncode == 1, ended.stderr
    assert "1 of 4 trials done" in ended.stdout
    assert "trial way=raise: failed: ZeroDivisionError: on purpose" in ended.stderr
    here, there = tmp_path / "here", tmp_path / "there"
    run_sweep(Sweep.read(tmp_path / "sweep.toml"), here)
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


@pytest.mark.slow
def test_a_hang_is_ended_and_nothing_of_it_is_left(tmp_path):
    pids = tmp_path / "pids"
    ended = sweep(tmp_path, f'{TASK}timeout = 60\n[fixed]\nway = "hang"\npids = "{pids}"\n')
    assert ended.returncode == 1, ended.stderr
    assert "timed_out: not done after 60 seconds" in ended.stderr
    assert not any(alive(int(pid)) for pid in pids.read_text().split())


def test_a_cluster_that_is_not_there_is_named(tmp_path):
    ended = sweep(tmp_path, SWEEP, address="127.0.0.1:1")
    assert ended.returncode == 2, ended.stderr
    assert "Ray cannot be reached: there is no answer from RAY_ADDRESS '127.0.0.1:1'" in ended.stderr
