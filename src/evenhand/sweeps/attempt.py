"""Run one trial behind a guard, in separate processes; all engines use this, on whichever machine."""

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

from evenhand.errors import InputError
from evenhand.sweeps.machine import describe
from evenhand.sweeps.trial import Outcome, Trial
from evenhand.version import __version__

GUARD = Path(__file__).with_name("guard.py")
"""The guard's script."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Terms:
    """Settings of a sweep that apply to all trials.

    Attributes
    ----------
    folder
        Folder of the sweep, where trials share JAX's compiled programs if they can reach it.
    timeout
        Time limit of a trial in seconds; None for no limit.
    workers
        Largest number of trials that run at the same time; None for one per core.
    path
        Folders in which the user's modules are searched for, after the usual ones.
    """

    folder: str
    timeout: float | None = None
    workers: int | None = None
    path: tuple[str, ...] = ()


def checked_timeout(timeout: float | None) -> float | None:
    """Return the time limit, or raise an InputError if it is not a positive finite number."""
    if timeout is not None and not 0.0 < timeout < float("inf"):
        raise InputError(f"timeout is {timeout!r}; it must be a number of seconds above 0")
    return timeout


def checked_workers(workers: int | None) -> int | None:
    """Return the number of workers, if it makes sense."""
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}; at least 1 is needed")
    return workers


def attempt(
    trial: Trial,
    terms: Terms,
    *,
    threads: int = 1,
    core: int | None = None,
    started: Callable[[subprocess.Popen[str]], None] | None = None,
) -> Outcome:
    """Run a trial and return its outcome, whatever happens to it.

    Parameters
    ----------
    trial
        The trial.
    terms
        Settings that apply to all trials.
    threads
        Number of threads for numerical libraries, unless environment variables set it already.
    core
        Core that the trial is pinned to; None for all cores.
    started
        Called with the guard's process. Closing its standard input ends the trial.
    """
    job = {"task": trial.task, "config": trial.config, "timeout": terms.timeout, "path": terms.path, "core": core}
    guard = subprocess.Popen(
        # -P keeps the script's folder out of sys.path.
        [sys.executable, "-P", str(GUARD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=_environment(terms.folder, threads),
        start_new_session=True,  # so that Ctrl-C on the terminal reaches this process only
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
    with contextlib.suppress(BrokenPipeError, ValueError):  # the guard has ended already
        guard.stdin.write(json.dumps(job) + "\n")
        guard.stdin.flush()
    printed = guard.stdout.read()
    ended: dict[str, Any] = {"status": "failed", "result": {}, "trace": "its guard was killed"} | _NO_TIME
    with contextlib.suppress(ValueError):  # a guard that was killed has printed nothing, or part of its report
        ended = json.loads(printed)
    return ended


_NO_TIME = {"seconds": 0.0, "processor_seconds": 0.0}


def _close(guard: subprocess.Popen[str]) -> None:
    for stream in (guard.stdin, guard.stdout):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
    guard.wait()


def _environment(folder: str, threads: int) -> dict[str, str]:
    """Return this process's environment, plus the number of threads and JAX's compilation cache if they are not set."""
    ours = dict.fromkeys(THREADS, str(threads))
    if Path(folder).is_dir():
        ours["JAX_COMPILATION_CACHE_DIR"] = str(Path(folder) / "compiled")
        # Trials that differ by their seed share compiled programs, so most of them need not compile anything.
        ours["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0.3"
    return ours | os.environ


_machine = cache(describe)
