"""Run trials, each once: what is on disk already is not run again."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evenhand.errors import InputError
from evenhand.sweeps.attempt import Terms
from evenhand.sweeps.local import Local
from evenhand.sweeps.trial import Outcome, Trial
from evenhand.sweeps.trial_files import read_outcomes, write_outcome
from evenhand.tables.exclusive import exclusive
from evenhand.tables.files import make_folder


class Engine(Protocol):
    """Where trials are run."""

    def run(
        self, trials: Sequence[Trial], terms: Terms, running: Callable[[int], None]
    ) -> Generator[Outcome, None, None]:
        """Yield outcomes as they come, in any order; end all that runs when closed early.

        `running` is told how many run whenever that changes.
        """
        ...


@dataclass(frozen=True)
class State:
    """How far the trials are.

    Attributes
    ----------
    total
        Of all trials.
    done, failed
        How many have ended well and otherwise, those found on disk included; failed ones of earlier calls are not,
        since they are run again.
    running
        How many are being run.
    seconds_left
        Estimate, from the trials that ended in this call; None before the first.
    newest
        The outcome that has just come; None where something else changed.
    """

    total: int
    done: int
    failed: int
    running: int
    seconds_left: float | None
    newest: Outcome | None = None


class Progress(Protocol):
    """Whoever wants to know how far the trials are."""

    def __call__(self, state: State, /) -> None:
        """Take note."""
        ...


def run_all(
    trials: Sequence[Trial],
    folder: str | Path,
    *,
    engine: Engine | None = None,
    workers: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Run what has not been done yet, each trial in a fresh process; return all outcomes in the order of the trials.

    An error, a hang or a killed process is an outcome with its trace; the rest goes on, and such trials are run again
    by the next call. Interrupted by Ctrl-C or killed, the next call goes on where this one was.

    Parameters
    ----------
    trials
        Equal ones are run once.
    folder
        Outcomes are kept in ``folder/trials``, JAX's compiled programs in ``folder/compiled``.
    engine
        Where trials are run; by default on this machine.
    workers
        Most trials at a time; by default one per core.
    timeout
        Seconds for each trial; None for no limit.
    progress
        Told whenever something changes, in this thread or another.

    Raises
    ------
    InputError
        Where the folder cannot be used or another process uses it, or a number makes no sense.
    """
    checked_timeout(timeout)
    checked_workers(workers)
    home = Path(folder)
    with exclusive(home):
        return run_in(trials, home, engine=engine, workers=workers, timeout=timeout, progress=progress)


def run_in(
    trials: Sequence[Trial],
    folder: Path,
    *,
    engine: Engine | None = None,
    workers: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Do what :func:`run_all` does, in a folder that the caller has for itself."""
    terms = Terms(str(folder.resolve()), checked_timeout(timeout), checked_workers(workers), _own_path())
    make_folder(folder / "trials")
    unique = {trial.digest: trial for trial in trials}
    outcomes = {digest: old for digest, old in read_outcomes(folder, unique.values()).items() if old.status == "done"}
    waiting = [trial for digest, trial in unique.items() if digest not in outcomes]
    count = _Count(len(unique), len(outcomes), progress)
    count.running(0)
    if waiting:
        with contextlib.closing((engine or Local()).run(waiting, terms, count.running)) as coming:
            for outcome in coming:
                kept = _keep(folder, outcome)
                outcomes[kept.trial.digest] = kept
                count.ended(kept)
    return [outcomes[trial.digest] for trial in trials]


def _keep(folder: Path, outcome: Outcome) -> Outcome:
    """Write an outcome down and return it, or the failure that it is where its result cannot be written."""
    try:
        write_outcome(folder, outcome)
    except InputError:  # the folder's fault: nothing can be kept there
        raise
    except Exception as error:  # the result's fault: the others go on
        trace = f"{type(error).__name__}: its result cannot be written: {error}"
        outcome = dataclasses.replace(outcome, status="failed", result={}, trace=trace)
        write_outcome(folder, outcome)
    return outcome


def checked_timeout(timeout: float | None) -> float | None:
    """Return the seconds for each trial, if they make sense."""
    if timeout is not None and not 0.0 < timeout < float("inf"):
        raise InputError(f"timeout is {timeout!r}; it must be a number of seconds above 0")
    return timeout


def checked_workers(workers: int | None) -> int | None:
    """Return the number of workers, if it makes sense."""
    if workers is not None and workers < 1:
        raise InputError(f"workers is {workers}; at least 1 is needed")
    return workers


def _own_path() -> tuple[str, ...]:
    """Return the folders of modules that do not belong to the Python installation."""
    installed = tuple(Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix))
    folders = dict.fromkeys(Path(entry).resolve() for entry in sys.path)
    return tuple(str(one) for one in folders if one.is_dir() and not any(one.is_relative_to(in_) for in_ in installed))


class _Count:
    """Counts, and tells."""

    def __init__(self, total: int, done: int, progress: Progress | None) -> None:
        self._total, self._done, self._before = total, done, done
        self._failed = self._running = 0
        self._begun = time.monotonic()
        self._progress = progress
        self._lock = threading.Lock()

    def running(self, number: int) -> None:
        self._running = number
        self._tell(None)

    def ended(self, outcome: Outcome) -> None:
        if outcome.status == "done":
            self._done += 1
        else:
            self._failed += 1
        self._tell(outcome)

    def _tell(self, newest: Outcome | None) -> None:
        if self._progress is None:
            return
        with self._lock:
            self._progress(self._state(newest))

    def _state(self, newest: Outcome | None) -> State:
        ended = self._done + self._failed - self._before
        left = self._total - self._done - self._failed
        pace = (time.monotonic() - self._begun) / ended if ended else None
        seconds = None if pace is None else pace * left
        return State(self._total, self._done, self._failed, self._running, seconds, newest)
