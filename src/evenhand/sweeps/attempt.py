"""One trial, run in a process of its own behind a guard: what every engine does, wherever it does it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evenhand.sweeps.machine import describe
from evenhand.sweeps.trial import Outcome, Trial
from evenhand.version import __version__

GUARD = Path(__file__).with_name("guard.py")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Terms:
    """On which terms trials are run.

    Attributes
    ----------
    folder
        Of the sweep: compiled programs are shared there, where the folder can be reached.
    timeout
        Seconds for each trial; None for no limit.
    workers
        Most trials at a time; None for one per core.
    path
        Folders in which modules of the user's own are looked for, after the usual ones.
    """

    folder: str
    timeout: float | None = None
    workers: int | None = None
    path: tuple[str, ...] = ()


def attempt(
    trial: Trial,
    terms: Terms,
    *,
    threads: int = 1,
    core: int | None = None,
    started: Callable[[subprocess.Popen[str]], None] | None = None,
) -> Outcome:
    """Run a trial and return what came of it, whatever that is.

    Parameters
    ----------
    trial
        To be run.
    terms
        On which.
    threads
        How many the libraries below may use, unless the environment says it already.
    core
        The only one the trial may use; None for all.
    started
        Told of the guard's process: when its standard input is closed, the trial is ended.
    """
    job = {
        "task": trial.task,
        "config": trial.config,
        "timeout": terms.timeout,
        "path": terms.path,
        "core": core,
    }
    guard = subprocess.Popen(
        # -P: the folder of the script is not where modules are looked for.
        [sys.executable, "-P", str(GUARD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=_environment(terms.folder, threads),
        start_new_session=True,  # Ctrl-C on the terminal is for us alone
    )
    try:
        if started is not None:
            started(guard)
        ended = _ask(guard, job)
    finally:
        _close(guard)
    return Outcome(trial=trial, machine=_machine(), version=__version__, **ended)


def _ask(guard: subprocess.Popen[str], job: dict[str, Any]) -> dict[str, Any]:
    assert guard.stdin is not None
    assert guard.stdout is not None
    with contextlib.suppress(BrokenPipeError, ValueError):  # it has been ended already
        guard.stdin.write(json.dumps(job) + "\n")
        guard.stdin.flush()
    told = guard.stdout.read()
    ended: dict[str, Any] = {"status": "failed", "result": {}, "trace": "its guard was killed"} | _NO_TIME
    with contextlib.suppress(ValueError):  # nothing, or what a guard had said when it was killed
        ended = json.loads(told)
    return ended


_NO_TIME = {"seconds": 0.0, "processor_seconds": 0.0}


def _close(guard: subprocess.Popen[str]) -> None:
    for stream in (guard.stdin, guard.stdout):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
    guard.wait()


def _environment(folder: str, threads: int) -> dict[str, str]:
    """Return our environment, with as many threads as a trial has cores, and one cache of JAX for all."""
    ours = dict.fromkeys(THREADS, str(threads))
    if Path(folder).is_dir():
        ours["JAX_COMPILATION_CACHE_DIR"] = str(Path(folder) / "compiled")
        # Trials of one configuration share their compiled programs, so most of them spend no time on compiling.
        ours["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.3"
    return ours | os.environ


@cache
def _machine() -> dict[str, Any]:
    return describe()
