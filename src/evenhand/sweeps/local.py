"""The engine that runs trials on this machine, one per core at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from evenhand.errors import InputError
from evenhand.sweeps.attempt import Terms, attempt
from evenhand.sweeps.machine import cores
from evenhand.sweeps.trial import Outcome, Trial


@dataclass(frozen=True)
class Local:
    """Runs trials in processes on this machine.

    Parameters
    ----------
    pinned
        Whether each trial is pinned to one core. This gives steadier timings for programs whose threads mostly wait for
        each other, such as small JAX programs.
    """

    pinned: bool = False

    def run(
        self, trials: Sequence[Trial], terms: Terms, running: Callable[[int], None]
    ) -> Generator[Outcome, None, None]:
        """Yield outcomes as trials end; see :class:`~evenhand.sweeps.run.Engine`."""
        if os.name != "posix":
            raise InputError("the local engine needs a POSIX system (Linux or macOS)")
        pool = _Pool(trials, terms, running, self._cores(terms.workers or cores()))
        try:
            for _ in trials:
                outcome = pool.ended.get()
                if isinstance(outcome, BaseException):
                    raise outcome
                yield outcome
        finally:
            pool.close()

    def _cores(self, workers: int) -> list[int | None]:
        """Return the core that each worker is pinned to; None if it is not pinned."""
        if not self.pinned or not hasattr(os, "sched_getaffinity"):
            return [None] * workers
        allowed = sorted(os.sched_getaffinity(0))
        return [allowed[worker % len(allowed)] for worker in range(workers)]


class _Pool:
    """Threads that each run one trial after the other, and put the outcomes into a queue."""

    def __init__(
        self, trials: Sequence[Trial], terms: Terms, running: Callable[[int], None], pins: list[int | None]
    ) -> None:
        self.ended: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        self._waiting: queue.SimpleQueue[Trial] = queue.SimpleQueue()
        for trial in trials:
            self._waiting.put(trial)
        self._terms, self._tell = terms, running
        self._lock = threading.Lock()
        self._guards: set[subprocess.Popen[str]] = set()
        self._closed = False
        workers = min(len(pins), len(trials))
        self._share = max(1, cores() // workers)
        self._threads = [threading.Thread(target=self._work, args=(pin,), daemon=True) for pin in pins[:workers]]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Kill the running trials, and wait until they have ended."""
        with self._lock:
            self._closed = True
            for guard in self._guards:
                _end(guard)
        for thread in self._threads:
            thread.join()

    def _work(self, pin: int | None) -> None:
        while not self._closed:
            try:
                trial = self._waiting.get_nowait()
            except queue.Empty:
                return
            self._one(trial, pin)

    def _one(self, trial: Trial, pin: int | None) -> None:
        mine: list[subprocess.Popen[str]] = []

        def started(guard: subprocess.Popen[str]) -> None:
            mine.append(guard)
            with self._lock:
                self._guards.add(guard)
                if self._closed:
                    _end(guard)
            self._count()

        try:
            outcome: Outcome | BaseException = attempt(
                trial, self._terms, threads=1 if pin is not None else self._share, core=pin, started=started
            )
        except BaseException as error:  # for instance, no process can be started; raised in the caller's thread
            outcome = error
        with self._lock:
            self._guards.difference_update(mine)
        self._count()
        self.ended.put(outcome)

    def _count(self) -> None:
        if not self._closed:
            self._tell(len(self._guards))


def _end(guard: subprocess.Popen[str]) -> None:
    """Close a guard's standard input, upon which it kills the trial."""
    if guard.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            guard.stdin.close()
