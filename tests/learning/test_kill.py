"""A run killed at any moment, and resumed, is the run that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from tests.learning.small_run import SMALL, same

from evenhand.learning import checkpoint
from evenhand.learning.training import train

# Checkpoints at every report; kill -9 at the third: while learning goes on, or while its checkpoint is being written.
KILLED = """
import os, signal, sys
from tests.learning.small_run import SMALL
from evenhand.learning import run_folder
from evenhand.learning.training import train

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

reports = []

def progress(report):
    reports.append(report)
    if len(reports) == 3 and sys.argv[2] == "learning":
        kill()
    if len(reports) == 3 and sys.argv[2] == "writing":
        os.fsync = kill

run_folder.BETWEEN_CHECKPOINTS = 0.0
train(SMALL, folder=sys.argv[1], progress=progress)
"""


@pytest.fixture(scope="module")
def whole():
    """Return the run that nobody disturbed."""
    return train(SMALL)


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
@pytest.mark.parametrize("moment", [pytest.param("learning", marks=pytest.mark.slow), "writing"])
def test_killed_and_resumed_is_the_whole_run(whole, tmp_path, moment):
    """Every bit; the checkpoint before the third is whole, and the third leaves nothing that is taken for one."""
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    words = [sys.executable, "-c", KILLED, tmp_path / "run", moment]
    ran = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert [path.name for path in checkpoint.saved(tmp_path / "run")] == ["checkpoint-00000001", "checkpoint-00000002"]
    assert same(train(SMALL, folder=tmp_path / "run", resume=True).training, whole.training)
