"""Shards on a Ray cluster: the results of this machine, in order, whatever happens to workers and machines."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from benchmarks.ray_nodes import ENVIRONMENT, Nodes
from tests.assignment.ray_pass import Work

from evenhand import ray_cluster
from evenhand.assignment.progress_clock import Clock
from evenhand.assignment.shards import ray_engine
from evenhand.assignment.shards.ray_engine import RayEngine
from evenhand.errors import InputError

pytest.importorskip("ray")


class _LostError(Exception):
    """Stands for what Ray raises when a worker was lost."""


class _WorkError(_LostError):
    """Stands for what Ray raises when the work raised."""

    def __init__(self, cause):
        super().__init__("a long traceback")
        self.cause = cause


class _Cluster:
    """Stands for Ray: works on what was handed out when it is waited for, the newest first."""

    exceptions = SimpleNamespace(RayTaskError=_WorkError, RayError=_LostError)

    def __init__(self, **cores):
        self.cores, self.open, self.handed, self.cancelled, self.most, self.puts = cores, False, [], [], {}, 0
        self.sleeps, self.newest_first = False, True

    def is_initialized(self):
        return self.open

    def init(self, **_):
        self.open = True

    def shutdown(self):
        self.open = False

    def nodes(self):
        # Ray's names of nodes have 56 hexadecimal digits; here all of them are the same one.
        return [
            {"NodeID": 56 * name[0], "Resources": {"CPU": float(n)}, "Alive": n >= 0} for name, n in self.cores.items()
        ]

    def put(self, value):
        self.puts += 1
        return value

    def remote(self, function):
        def options(num_cpus, max_retries, scheduling_strategy):
            assert (num_cpus, max_retries, scheduling_strategy.soft) == (1, 3, True)
            return SimpleNamespace(remote=lambda *given: self._hand(scheduling_strategy.node_id[0], function, given))

        return SimpleNamespace(options=options)

    def _hand(self, machine, function, given):
        handed = SimpleNamespace(machine=machine, function=function, given=given)
        self.handed.append((machine, given[3]))
        return _Handed(handed)

    def wait(self, running, num_returns, timeout):
        assert (num_returns, timeout) == (1, ray_engine.PAUSE)
        for name in self.cores:
            here = sum(one.handed.machine == name for one in running)
            self.most[name] = max(self.most.get(name, 0), here)
        if self.sleeps:
            return [], running
        return (running[-1:], running[:-1]) if self.newest_first else (running[:1], running[1:])

    def get(self, reference):
        try:
            return reference.handed.function(*reference.handed.given)
        except _LostError:
            raise
        except Exception as error:
            raise _WorkError(error) from None

    def cancel(self, reference, force):
        assert force
        self.cancelled.append(reference.handed.given[3])


class _Handed:
    """A reference to a result that is not there yet."""

    def __init__(self, handed):
        self.handed = handed


@pytest.fixture
def pretend(monkeypatch):
    def start(**cores):
        cluster = _Cluster(**cores)
        monkeypatch.setattr(ray_cluster, "load", lambda: cluster)
        return cluster

    return start


def double(shard):
    return 2 * shard


def test_results_come_in_the_order_of_the_shards(pretend):
    cluster = pretend(a=1, b=2)
    shards = [5, 3, 4, 0, 1, 2, *range(10, 40)]
    with RayEngine() as engine:
        assert list(engine.map(double, shards)) == [2 * shard for shard in shards]
        assert list(engine.map(double, [])) == []
        assert cluster.open
    assert not cluster.open
    assert sorted(shard for _, shard in cluster.handed) == sorted(shards)
    assert cluster.puts == 2


def test_two_in_flight_per_core_and_never_far_ahead(pretend):
    """The first shard is the last to end here: whoever waits for it must not keep the results of all the others."""
    cluster = pretend(a=1, b=2)
    with RayEngine() as engine:
        taken = engine.map(double, range(1000))
        assert next(taken) == 0
        assert cluster.most == {"a": 2, "b": 4}
        assert max(shard for _, shard in cluster.handed) < ray_engine.AHEAD * 2 * 3
        taken.close()


def test_a_shard_has_its_machine_in_every_pass_unless_that_is_busy(pretend):
    cluster = pretend(a=1, b=1)
    with RayEngine() as engine:
        for shards in ([0, 1, 2, 3], [3, 0], [2, 1]):
            cluster.handed.clear()
            list(engine.map(double, shards))
            assert {shard: machine for machine, shard in cluster.handed} == {k: "ab"[k % 2] for k in shards}
        cluster.handed.clear()
        list(engine.map(double, [0, 2, 4, 6]))
        assert cluster.handed[:3] == [("a", 0), ("a", 2), ("b", 4)]


def test_the_error_of_the_first_bad_shard_is_raised_and_the_rest_is_cancelled(pretend):
    cluster = pretend(a=1)
    cluster.newest_first = False

    def work(shard):
        if shard >= 1:
            raise InputError(f"part-{shard}.npy: NaN in row 7")
        return shard

    with RayEngine() as engine:
        results = engine.map(work, range(9))
        assert next(results) == 0
        with pytest.raises(InputError, match=r"^part-1\.npy: NaN in row 7$"):
            next(results)
    assert cluster.cancelled == [2]


def test_a_bug_is_raised_as_on_this_machine(pretend):
    pretend(a=1)
    with RayEngine() as engine, pytest.raises(ZeroDivisionError) as raised:
        list(engine.map(lambda shard: 1 // shard, [0]))
    assert isinstance(raised.value.__cause__, _WorkError)


def test_a_shard_that_kills_its_workers_is_named(pretend):
    pretend(a=1)

    def work(shard):
        raise _LostError("out of memory\nand a page more")

    with (
        RayEngine() as engine,
        pytest.raises(
            InputError, match=r"^shard 8 was begun 4 times, and Ray lost its worker each time: out of memory$"
        ),
    ):
        list(engine.map(work, [7]))


def test_another_version_of_evenhand_is_refused(pretend, monkeypatch):
    pretend(a=1)
    monkeypatch.setattr(ray_engine, "__version__", "0.0.1")
    attempt = ray_engine._attempt
    with pytest.raises(InputError, match=r"of the Ray cluster has evenhand 0\.0\.1, the caller's 0\.0\.2; install"):
        attempt("0.0.2", ".", double, 1)
    with RayEngine() as engine:
        assert list(engine.map(double, [1])) == [2]


def test_a_machine_without_evenhand_is_refused(pretend):
    """The sentence is Ray's, in `ray/_private/function_manager.py`."""
    pretend(a=1)

    def work(shard):
        raise RuntimeError("The remote function failed to import on the worker. This may be because ...\n\nTraceback")

    with RayEngine() as engine, pytest.raises(InputError, match=r"^a machine of the Ray cluster cannot load evenhand;"):
        list(engine.map(work, [0]))


@pytest.mark.parametrize("cores", [{}, {"head": 0}, {"head": 0, "dead": -1}])
def test_a_cluster_without_machines_is_refused(pretend, cores):
    pretend(**cores)
    with RayEngine() as engine, pytest.raises(InputError, match="no machine with a core is left in the Ray cluster"):
        list(engine.map(double, [1]))


def test_the_loss_of_all_machines_is_noticed(pretend, monkeypatch):
    monkeypatch.setattr(ray_engine, "SILENCE", 0.05)
    cluster = pretend(a=1)
    cluster.sleeps = True
    with RayEngine() as engine:
        results = engine.map(double, [1, 2])
        cluster.wait = lambda running, **_: (cluster.cores.update(a=-1), time.sleep(0.01), ([], running))[-1]
        with pytest.raises(InputError, match="no machine with a core is left"):
            next(results)
    assert cluster.cancelled == [1, 2]


def test_an_expired_clock_ends_a_pass_and_cancels_what_runs(pretend):
    cluster = pretend(a=1)
    cluster.sleeps = True
    with RayEngine() as engine:
        assert list(engine.map(double, range(5), Clock(0.05, None))) == []
    assert cluster.cancelled == [0, 1]


def run_pass(address, way, folder, shards=6):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.assignment.ray_pass", address, way, folder.name, str(shards)],
        cwd=folder.parent,  # so that the name of the folder means something in the caller's folder alone
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )


def printed(process):
    """Return what a pass printed, which is one line: Ray's own news do not appear on the user's terminal."""
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err, out.count("\n")) == (0, "", 1), (out, err)
    return json.loads(out)


def begun(folder, number):
    """Wait until workers have begun a number of shards, and return the shard and the worker of the last."""
    end = time.monotonic() + patience(60.0)
    while time.monotonic() < end:
        files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        if len(files) >= number:
            shard, pid = files[-1].name.split(".")
            return int(shard), int(pid)
        time.sleep(0.02)
    raise AssertionError("no worker has begun")


def patience(seconds):
    """Return the time that something may take which takes `seconds` at most if the machine does nothing else."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def command_of(pid):
    """Return the command line of a process; empty if it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture(scope="module")
def nodes():
    with Nodes(1, 1) as nodes:
        yield nodes


HERE = {"found": [Work.result(shard) for shard in range(40)]}


@pytest.mark.slow
def test_results_have_the_bits_of_this_machine(nodes, tmp_path):
    answer = printed(run_pass(nodes.address, "well", tmp_path))
    assert answer["found"] == HERE["found"][:6]
    assert len({file.name.split(".")[1] for file in tmp_path.iterdir()}) == 2, "both nodes took part"


@pytest.mark.slow
def test_an_error_is_the_same_line_that_this_machine_says(nodes, tmp_path):
    assert printed(run_pass(nodes.address, "bad", tmp_path))["said"] == "InputError: part-2.npy: row 7 has NaN"
    assert printed(run_pass(nodes.address, "bug", tmp_path))["said"] == "ZeroDivisionError: on purpose"


@pytest.mark.slow
def test_a_killed_worker_costs_a_retry_and_changes_no_bit(nodes, tmp_path):
    process = run_pass(nodes.address, "slow", tmp_path, 12)
    shard, pid = begun(tmp_path, 3)
    os.kill(pid, signal.SIGKILL)
    assert printed(process)["found"] == HERE["found"][:12]
    assert len(list(tmp_path.glob(f"{shard}.*"))) == 2, "the shard was begun twice"


@pytest.mark.slow
def test_ctrl_c_ends_a_pass_and_its_workers(nodes, tmp_path):
    process = run_pass(nodes.address, "hang", tmp_path)
    _, pid = begun(tmp_path, 1)
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=200)
    assert time.monotonic() - pressed < patience(2.0)
    assert "KeyboardInterrupt" in err
    while command_of(pid) and time.monotonic() - pressed < patience(4.0):
        time.sleep(0.05)
    assert not command_of(pid)


@pytest.mark.slow
def test_a_time_limit_ends_a_pass_and_its_workers(nodes, tmp_path):
    process = run_pass(nodes.address, "hang", tmp_path)
    _, pid = begun(tmp_path, 1)
    answer = printed(process)
    assert answer["found"] == []
    assert answer["seconds"] < 10.0 + patience(2.0)
    assert not command_of(pid)


def assign(folder, *options):
    """Assign the table ``costs`` in the folder by the command line, in a process of its own."""
    words = ["assign", "costs", "--p", "2", "--epsilon", "0.999", *options, "-q"]
    return subprocess.Popen(
        [sys.executable, "-m", "evenhand", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
    )


def worker_in(folder, command):
    """Wait until a worker of Ray works in the folder, as it does for a command that runs there; return its number."""
    end = time.monotonic() + patience(60.0)
    while time.monotonic() < end:
        assert command.poll() is None, command.communicate()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if "ray::" in command_of(process.name) and (process / "cwd").resolve() == folder.resolve():
                    return int(process.name)
        time.sleep(0.02)
    raise AssertionError("no worker is in the folder")


def contents(folder):
    """Return the files of a plan, and the answer without its times."""
    files = {file.name: file.read_bytes() for file in folder.glob("part-*")}
    answer = json.loads((folder / "plan.json").read_text())
    return files, {key: value for key, value in answer.items() if key not in ("seconds", "output")}


@pytest.mark.slow
def test_a_plan_has_the_bytes_of_this_machine_though_a_worker_is_killed(nodes, tmp_path):
    (tmp_path / "costs").mkdir()
    for k in range(30):
        np.save(tmp_path / f"costs/part-{k}.npy", np.random.default_rng(k).random((5, 20_000), np.float32))
    local = assign(tmp_path, "--out", "here")
    assert local.communicate(timeout=500) == ("", "")
    on_ray = assign(tmp_path, "--out", "there", "--engine", "ray", "--address", nodes.address)
    os.kill(worker_in(tmp_path, on_ray), signal.SIGKILL)
    assert on_ray.communicate(timeout=500) == ("", "")
    assert on_ray.returncode == 0
    files, answer = contents(tmp_path / "here")
    assert len(files) == 30
    assert contents(tmp_path / "there") == (files, answer)
    assert answer["status"] == "optimal"


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_no_worker_and_goes_on_from_there(nodes, tmp_path, stop):
    (tmp_path / "costs").mkdir()
    for k in range(30):
        np.save(tmp_path / f"costs/part-{k}.npy", np.random.default_rng(k).random((5, 20_000), np.float32))
    options = ("--out", "plan", "--engine", "ray", "--address", nodes.address)
    process = assign(tmp_path, *options)
    pid = worker_in(tmp_path, process)
    pressed = time.monotonic()
    process.send_signal(stop)
    out, err = process.communicate(timeout=200)
    assert time.monotonic() - pressed < patience(2.0)
    assert (process.returncode, out) == (130 if stop == signal.SIGINT else 143, "")
    assert "the same command goes on from there" in err
    while command_of(pid) and time.monotonic() - pressed < patience(4.0):
        time.sleep(0.05)
    assert not command_of(pid)
    again = assign(tmp_path, *options)
    assert again.communicate(timeout=500) == ("", "")
    assert again.returncode == 0


@pytest.mark.slow
def test_a_lost_node_costs_a_retry_and_changes_no_bit(tmp_path):
    with Nodes(1, 1) as nodes:
        process = run_pass(nodes.address, "slow", tmp_path, 12)
        begun(tmp_path, 4)
        nodes.kill(1)
        assert printed(process)["found"] == HERE["found"][:12]
        nodes.kill(0)
        answer = printed(run_pass(nodes.address, "well", tmp_path, 2))
        assert answer["said"].startswith("InputError: no machine with a core is left in the Ray cluster")


@pytest.mark.slow
def test_a_temporary_cluster_leaves_no_process(tmp_path):
    process = run_pass("local", "well", tmp_path)
    _, pid = begun(tmp_path, 1)
    raylet = parent_of(pid)
    assert "raylet" in command_of(raylet)
    assert printed(process)["found"] == HERE["found"][:6]
    assert not command_of(pid)
    assert not command_of(raylet)
