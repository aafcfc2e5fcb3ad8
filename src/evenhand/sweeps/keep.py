"""Run a sweep in a folder, begin or continue it, and write its table."""

from __future__ import annotations

import contextlib
from pathlib import Path

from evenhand.errors import InputError
from evenhand.sweeps.results_table import NAME, read_results, write_results
from evenhand.sweeps.run import Engine, Progress, checked_timeout, checked_workers, run_in
from evenhand.sweeps.sweep_file import Sweep
from evenhand.sweeps.trial import Outcome
from evenhand.sweeps.trial_files import read_outcomes
from evenhand.tables.documents import read_json
from evenhand.tables.exclusive import LOCK, exclusive
from evenhand.tables.files import make_folder
from evenhand.tables.write import write_json

OWNER = "sweep.json"
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
