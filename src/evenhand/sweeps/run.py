"""Run trials, each once: those with a result on disk are not run again."""

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
from evenhand.sweeps.attempt import Terms, checked_timeout, checked_workers
from evenhand.sweeps.local import Local
from evenhand.sweeps.results_table import NAME, read_results, write_results
from evenhand.sweeps.sweep_file import Sweep
from evenhand.sweeps.trial import Outcome, Trial
from evenhand.sweeps.trial_files import read_outcomes, write_outcome
from evenhand.tables.documents import read_json
from evenhand.tables.exclusive import LOCK, exclusive
from evenhand.tables.files import make_folder
from evenhand.tables.write import write_json


class Engine(Protocol):
    """A way to run trials."""

    def run(
        self, trials: Sequence[Trial], terms: Terms, running: Callable[[int], None]
    ) -> Generator[Outcome, None, None]:
        """Yield outcomes as trials end, in any order; kill running trials if the generator is closed early.

        `running` is called with the number of running trials whenever it changes.
        """
        ...


@dataclass(frozen=True)
class State:
    """The progress of a sweep.

    Attributes
    ----------
    total
        Number of trials.
    done
        Number of trials with a result, including those found on disk.
    failed
        Number of trials that failed or timed out in this call; earlier failures are run again.
    running
        Number of trials that are running.
    seconds_left
        Estimated time to the end, from the trials that ended in this call; None before the first.
    newest
        The outcome of a trial that has just ended; None if something else has changed.
    """

    total: int
    done: int
    failed: int
    running: int
    seconds_left: float | None
    newest: Outcome | None = None


class Progress(Protocol):
    """A callback that receives the progress of a sweep."""

    def __call__(self, state: State, /) -> None:
        """Receive a new state."""
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
    """Run all trials that have no result yet, each in a new process.

    An error, a timeout or a killed process is an outcome, too, and the other trials continue. The next call runs such
    trials again. After Ctrl-C, or if this process is killed, the next call continues where this one stopped.

    Parameters
    ----------
    trials
        The trials; equal ones are run once.
    folder
        Folder for the outcomes (``folder/trials``) and JAX's compiled programs (``folder/compiled``).
    engine
        Where to run the trials; default on this machine.
    workers
        Largest number of trials that run at the same time; default one per core.
    timeout
        Time limit of a trial in seconds; None for no limit.
    progress
        Called with the state whenever it changes, in this thread or another.

    Returns
    -------
    list of Outcome
        The outcomes in the order of the trials.

    Raises
    ------
    InputError
        If the folder cannot be used or another process uses it, or if `workers` or `timeout` is out of range.
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
    """Do what :func:`run_all` does, in a folder that the caller has locked already."""
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
    """Write an outcome to disk and return it; if its result cannot be written, it becomes a failed outcome."""
    try:
        write_outcome(folder, outcome)
    except InputError:  # the folder cannot be written, so no other outcome could be kept either
        raise
    except Exception as error:  # the result cannot be written as JSON; the other trials continue
        trace = f"{type(error).__name__}: its result cannot be written: {error}"
        outcome = dataclasses.replace(outcome, status="failed", result={}, trace=trace)
        write_outcome(folder, outcome)
    return outcome


def _own_path() -> tuple[str, ...]:
    """Return the entries of ``sys.path`` outside the Python installation, where the user's modules are."""
    installed = tuple(Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix))
    folders = dict.fromkeys(Path(entry).resolve() for entry in sys.path)
    return tuple(str(one) for one in folders if one.is_dir() and not any(one.is_relative_to(in_) for in_ in installed))


class _Count:
    """Counts trials and reports the progress."""

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


OWNER = "sweep.json"
"""File that says which sweep a folder belongs to."""
KIND = "evenhand sweep"
SCHEMA = 1


def run_sweep(
    sweep: Sweep,
    folder: str | Path,
    *,
    engine: Engine | None = None,
    workers: int | None = None,
    timeout: float | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Run the missing trials of a sweep, and write the table ``folder/results.parquet``, even after Ctrl-C.

    Parameters
    ----------
    sweep
        The sweep. It may have gained trials since the folder was begun, but not lost any.
    folder
        A new or empty folder, or the one in which the sweep was begun.
    engine, workers, progress
        As in :func:`~evenhand.sweeps.run_all`.
    timeout
        Time limit of a trial in seconds; default the sweep's.

    Returns
    -------
    list of Outcome
        The outcomes in the order of the sweep's trials.

    Raises
    ------
    InputError
        If the folder belongs to another sweep or another version of evenhand, or if another process uses it.
    """
    limit = checked_timeout(sweep.timeout if timeout is None else timeout)
    checked_workers(workers)
    home = Path(folder)
    with exclusive(home):
        own(home, sweep)
        try:
            outcomes = run_in(sweep.trials, home, engine=engine, workers=workers, timeout=limit, progress=progress)
        except KeyboardInterrupt:
            found = read_outcomes(home, sweep.trials)
            write_results(home / NAME, [found[trial.digest] for trial in sweep.trials if trial.digest in found])
            raise
        write_results(home / NAME, outcomes)
        return outcomes


def own(folder: Path, sweep: Sweep) -> None:
    """Create the folder of a sweep, or check that the folder belongs to it, and write its list of trials there.

    Raises
    ------
    InputError
        If the folder belongs to another sweep or has other contents, or if its table is of another version.
    """
    digests = {trial.digest for trial in sweep.trials}
    if folder.is_dir() and any(path.name != LOCK for path in folder.iterdir()):
        lost = _kept(folder) - digests
        if lost:
            raise InputError(
                f"{folder}: belongs to another sweep ({len(lost)} of its trials are not in this one); "
                "give another folder"
            )
        if (folder / NAME).exists():
            read_results(folder)
    make_folder(folder)
    write_json(folder / OWNER, {"kind": KIND, "schema": SCHEMA, "task": sweep.task, "trials": sorted(digests)})


def _kept(folder: Path) -> set[str]:
    values = None
    with contextlib.suppress(InputError):
        values = read_json(folder / OWNER)
    if not isinstance(values, dict) or values.get("kind") != KIND:
        raise InputError(f"{folder}: is neither empty nor the folder of a sweep; give a new folder")
    schema, trials = values.get("schema"), values.get("trials")
    if isinstance(schema, int) and schema != SCHEMA:
        raise InputError(
            f"{folder}: begun by another version of evenhand (version {schema}, this one knows {SCHEMA}); "
            "give a new folder"
        )
    if schema is None or not isinstance(trials, list) or not all(isinstance(trial, str) for trial in trials):
        raise InputError(f"{folder / OWNER}: is damaged, without version or trials; give a new folder")
    return set(trials)
