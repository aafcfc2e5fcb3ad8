"""``evenhand train`` as processes of its own: two in one folder, and SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest
from tests.cli.test_training_commands import SETTINGS
from tests.learning.small_run import same
from tests.sweeps.processes import until

from evenhand.learning import checkpoint
from evenhand.learning.config import Config
from evenhand.learning.run_folder import seeds_in
from evenhand.learning.training import load, train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX"),
]


@pytest.fixture
def start(tmp_path):
    """Start ``evenhand`` with these words in an empty folder that holds ``small.toml``."""
    (tmp_path / "small.toml").write_text(SETTINGS)
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    running = []

    def started(*words):
        command = [sys.executable, "-m", "evenhand", *map(str, words)]
        pipe = subprocess.PIPE
        running.append(subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=pipe, stderr=pipe, text=True))
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate()


def ended(process):
    """Return exit code, standard output and standard error of a process, once it has ended."""
    out, said = process.communicate(timeout=300)
    return process.returncode, out, said


@pytest.mark.parametrize("seeds", [1, 2])
def test_of_two_trainings_in_one_folder_one_finishes(start, tmp_path, seeds):
    """The other says in one line that it is taken, or holds a run already; the folder is that of a run alone."""
    words = ("train", "--config", "small.toml", "--seeds", seeds, "--quiet", "--out", "run")
    one, other = sorted(map(ended, [start(*words), start(*words)]))
    assert (one[0], other[0]) == (0, 2), (one, other)
    assert other[1] == ""
    assert re.fullmatch(r"evenhand: run: (is in use by process \d+ on .+|holds .+ already.*)\n", other[2])
    alone = Config.read(tmp_path / "small.toml")
    for home in seeds_in(tmp_path / "run") or [tmp_path / "run"]:
        kept = load(home)
        assert kept.finished
        if kept.config.seed == 0:
            assert same(kept.training, train(alone).training)


def test_sigterm_saves_a_checkpoint_that_goes_on(start, tmp_path):
    """Exit code 143; meanwhile the folder is taken, for `--resume` too; resumed, it is the run that was not stopped."""
    asked = ("train", "--config", "small.toml", "--steps", "4e5")
    first = start(*asked, "--out", "run")
    first.stderr.readline()  # a report: training is under way
    for words in ((*asked, "--out", "run"), ("train", "--resume", "run")):
        code, out, said = ended(start(*words))
        assert (code, out) == (2, "")
        assert re.fullmatch(rf"evenhand: run: is in use by process {first.pid} on .+\n", said)
    assert first.poll() is None, "it has ended before it could be stopped"
    first.send_signal(signal.SIGTERM)
    code, out, said = ended(first)
    assert code == 143
    assert "evenhand train --resume run" in out
    assert said.splitlines()[-1] == "evenhand: stopped by SIGTERM"
    stopped = load(tmp_path / "run")
    assert not stopped.finished
    assert int(stopped.training.iteration) > 0
    assert ended(start("train", "--resume", "run", "--quiet"))[0] == 0
    resumed = load(tmp_path / "run")
    assert resumed.finished
    assert same(resumed.training, train(resumed.config).training)


def test_sigterm_before_the_first_report_leaves_a_folder_that_goes_on(start, tmp_path):
    """As soon as there is a configuration, while its loop is being compiled."""
    first = start("train", "--config", "small.toml", "--out", "run")
    until(lambda: (tmp_path / "run" / "config.json").exists())
    first.send_signal(signal.SIGTERM)
    assert ended(first)[0] == 143
    assert not load(tmp_path / "run").finished if checkpoint.saved(tmp_path / "run") else True
    assert ended(start("train", "--resume", "run", "--quiet"))[0] == 0
    assert load(tmp_path / "run").finished
