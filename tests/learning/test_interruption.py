"""Ctrl-C reaches training even where Python would lose it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

import pytest
from tests.learning.small_run import SMALL

from evenhand.cli.door import leave
from evenhand.cli.exits import INTERRUPTED, TERMINATED
from evenhand.learning import checkpoint
from evenhand.learning.interruption import Interruption
from evenhand.learning.training import train

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


def press():
    os.kill(os.getpid(), signal.SIGINT)


def some_gc_callback():
    os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_is_raised_at_once_and_again_when_asked():
    """Whoever catches it by mistake does not swallow it for good."""
    before = signal.getsignal(signal.SIGINT)
    with Interruption() as ctrl_c:
        ctrl_c.check()
        with pytest.raises(KeyboardInterrupt):
            press()
        with pytest.raises(KeyboardInterrupt):
            ctrl_c.check()
    assert signal.getsignal(signal.SIGINT) is before


def test_in_a_callback_of_the_garbage_collector_it_waits():
    """There Python would print a KeyboardInterrupt and go on."""
    with Interruption() as ctrl_c:
        some_gc_callback()
        with pytest.raises(KeyboardInterrupt):
            ctrl_c.check()


def test_training_in_a_thread_leaves_signals_alone():
    """Only the main thread may set a handler."""
    seen = []

    def enter():
        with Interruption() as ctrl_c:
            ctrl_c.check()
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_swallowed_ctrl_c_still_stops_training():
    """After the report under way."""

    def progress(report):
        with contextlib.suppress(KeyboardInterrupt):
            press()

    run = train(SMALL, progress=progress)
    assert not run.finished
    assert len(run.reports) == 1


def test_sigterm_saves_what_was_learned(tmp_path):
    """On the command line it ends training as Ctrl-C does: a checkpoint, and the exit code 143."""
    folder = tmp_path / "run"

    def training():
        def progress(report):
            os.kill(os.getpid(), signal.SIGTERM)

        run = train(SMALL, folder=folder, progress=progress)
        assert not run.finished
        return INTERRUPTED

    before = signal.getsignal(signal.SIGTERM)
    assert leave(training) == TERMINATED == 143
    assert [path.name for path in checkpoint.saved(folder)] == ["checkpoint-00000001"]
    assert signal.getsignal(signal.SIGTERM) is before
