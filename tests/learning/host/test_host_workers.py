"""Worker processes give what one process gives, come back once, and never outlive the learner."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from tests.learning.host.host_camp import Camp

from evenhand.errors import InputError
from evenhand.learning.host.error import HostError
from evenhand.learning.host.game import Terms
from evenhand.learning.host.survey import facts_of
from evenhand.learning.host.workers import Workers, survey

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers inherit descriptors, as on POSIX")

SHOWN = ("seed", "age", "past", "seen", "world", "mask", "work", "reward", "done", "success", "worked")
ENVIRONMENTS, STEPS = 5, 9


def make():
    """Return a camp from which Ann leaves, with masks."""
    return Camp(leaves=True, masks=True)


@contextlib.contextmanager
def workers_of(workers, made=make, like=make):
    """Yield environments of the camp that have just begun; what is known about them is known of another camp."""
    started = Workers(made, Terms(), facts_of(like, Terms()), ENVIRONMENTS, workers)
    try:
        started.table.seed[:], started.table.active[:] = np.arange(ENVIRONMENTS), True
        started.recall()
        yield started
    finally:
        started.close()


def play(workers, steps, first=0):
    """Play some steps of possible actions; return what is shown after each."""
    shown = []
    for step in range(first, first + steps):
        table = workers.table
        generator = np.random.default_rng(step)
        table.actions[:] = [[generator.choice(np.flatnonzero(row)) for row in rows] for rows in table.mask]
        table.next_seed[:] = generator.integers(1000, size=ENVIRONMENTS)
        workers.step()
        shown.append({name: getattr(table, name).copy() for name in SHOWN})
    return shown


def same(one, other):
    """Tell whether two playings show the same."""
    return all(np.array_equal(a[name], b[name]) for a, b in zip(one, other, strict=True) for name in SHOWN)


@pytest.fixture(scope="module")
def alone():
    """Return what the environments show in this process."""
    with workers_of(0) as workers:
        return play(workers, STEPS)


def pids(workers):
    """Return the numbers of the worker processes."""
    return [process._process.pid for process in workers._processes]


def gone(pid, seconds=10.0):
    """Tell whether a process ends within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_every_number_of_workers_shows_the_same(alone, workers):
    """Environment by environment; more workers than environments are as many."""
    with workers_of(workers) as started:
        assert len(pids(started)) == min(workers, ENVIRONMENTS)
        assert same(play(started, STEPS), alone)
        left = pids(started)
    assert all(gone(pid) for pid in left)


def test_episodes_are_recalled_by_their_seeds_and_actions(alone):
    """Other environments, brought to the state of these, go on as they do."""
    with workers_of(0) as one, workers_of(0) as other:
        play(one, 6)
        for name in ("seed", "age", "past"):
            getattr(other.table, name)[:] = getattr(one.table, name)
        other.recall()
        assert same(play(other, STEPS - 6, first=6), alone[6:])


def test_a_worker_that_dies_is_started_again_once(alone, caplog):
    """Nothing is lost; the second death is named, with its process and how it died."""
    with workers_of(2) as started, caplog.at_level(logging.WARNING):
        shown = play(started, 3)
        os.kill(pids(started)[1], signal.SIGKILL)
        shown += play(started, STEPS - 3, first=3)
        assert same(shown, alone)
        assert [record.getMessage() for record in caplog.records] == [
            "camp: worker process 2 died, by signal SIGKILL; it is started again"
        ]
        os.kill(pids(started)[1], signal.SIGKILL)
        with pytest.raises(
            HostError,
            match=r"^camp: worker process 2 of 2 \(environments 2 to 4\) died a second time, by signal SIGKILL$",
        ):
            play(started, 1)


def test_an_environment_that_ends_its_process_is_named():
    """It dies in step 3, is brought back by its actions, and dies again."""
    with (
        workers_of(1, lambda: Camp("dies"), Camp) as started,
        pytest.raises(HostError, match=r"time, with exit code 7$"),
    ):
        play(started, 3)


def test_a_look_at_the_environment_is_taken_again_once(tmp_path, caplog):
    """As for the workers that train: a process that was killed was perhaps killed by chance."""
    mark = tmp_path / "killed"

    class Fragile(Camp):
        def reset(self, seed=None, options=None):
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().reset(seed)

    with caplog.at_level(logging.WARNING):
        assert survey(Fragile, Terms(), apart=True) == facts_of(Camp, Terms())
    assert [record.getMessage() for record in caplog.records] == [
        "the process that looks at the environment died, by signal SIGKILL; it is started again"
    ]


def test_what_goes_wrong_in_a_worker_is_said_as_here():
    with (
        workers_of(2, lambda: Camp("raises"), Camp) as started,
        pytest.raises(HostError, match=r"the camp burns at .*step 3"),
    ):
        play(started, 3)
    with pytest.raises(InputError, match=r"^camp: agent 'bob' acts in MultiDiscrete"):
        survey(lambda: Camp("several"), Terms(), apart=True)
    with pytest.raises(InputError, match=r"^the process that looks at the environment died a second time, with exit"):
        survey(lambda: Camp("dies"), Terms(), apart=True)
    with pytest.raises(InputError, match=r"^the environment cannot be made: ZeroDivisionError: division by zero$"):
        survey(lambda: 1 / 0, Terms(), apart=True)
    lock = threading.Lock()
    with pytest.raises(InputError, match=r"^the function that makes the environment cannot be sent to a worker"):
        survey(lambda: lock, Terms(), apart=True)


LEARNER = """
import os, sys, time
import numpy as np
from tests.learning.host.host_camp import Camp
from evenhand.learning.host.game import Terms
from evenhand.learning.host.survey import facts_of
from evenhand.learning.host.workers import Workers

class Sleepy(Camp):
    def step(self, actions):
        while True:
            time.sleep(0.01)

workers = Workers(Sleepy, Terms(), facts_of(Camp, Terms()), 2, 2)
print(*[process._process.pid for process in workers._processes], flush=True)
workers.table.active[:] = True
if sys.argv[1] == "busy":
    workers.recall()
    workers.step()
time.sleep(60)
"""


@pytest.mark.parametrize("moment", ["idle", "busy"])
def test_no_worker_outlives_a_learner_that_is_killed(moment):
    """Not even in the midst of a step that never ends."""
    surroundings = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    words = [sys.executable, "-c", LEARNER, moment]
    with subprocess.Popen(words, env=surroundings, stdout=subprocess.PIPE, text=True) as learner:
        left = [int(word) for word in learner.stdout.readline().split()]
        time.sleep(0.5 if moment == "busy" else 0.0)
        assert len(left) == 2
        assert not any(gone(pid, 0.0) for pid in left)
        learner.kill()
    assert all(gone(pid) for pid in left)


def test_the_memory_and_the_processes_go_with_the_workers():
    """Closed, or only forgotten."""
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None  # noqa: PTH208, PTH112
    started = Workers(make, Terms(), facts_of(make, Terms()), 2, 2)
    left = pids(started)
    del started
    assert all(gone(pid) for pid in left)
    if before is not None:
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
