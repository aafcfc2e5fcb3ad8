"""``evenhand sweep``: run many trials of one task, each in a separate process, and write one table."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from evenhand.cli.door import say
from evenhand.cli.exits import BAD_INPUT, INTERRUPTED, MEANINGS, OK, TERMINATED, TRIALS_FAILED, epilog
from evenhand.cli.options import argument, count_option, flag, number_option, option
from evenhand.errors import InputError
from evenhand.sweeps import Engine, Outcome, State, Sweep

if TYPE_CHECKING:
    from rich.progress import Progress as Bar, TaskID


EPILOG = epilog({
    OK: "all trials done",
    TRIALS_FAILED: "some trials failed (the table has their tracebacks; the same command runs them again)",
    BAD_INPUT: MEANINGS[BAD_INPUT],
    INTERRUPTED: "Ctrl-C",
    TERMINATED: "SIGTERM (finished trials are kept; the same command continues)",
})  # fmt: skip
NAMED = 10
"""Upper limit on the failed trials that are listed on the terminal."""


def command(
    file: Annotated[Path, argument("SWEEP.toml", "The trials to run.")],
    output: Annotated[
        Path | None,
        option("FOLDER", "Folder of the results; default the file's name.", "--out", "-o", show_default=False),
    ] = None,
    engine: Annotated[str, option("local|ray", "This machine, or a Ray cluster (RAY_ADDRESS names one).")] = "local",
    workers: Annotated[
        int | None, count_option("N", "Trials that run at the same time; by default one per core.")
    ] = None,
    timeout: Annotated[float | None, number_option("SECONDS", "Time limit of a trial; overrides the file's.")] = None,
    quiet: Annotated[bool, flag("Print nothing but errors.", "--quiet", "-q")] = False,
) -> int:
    """Run all combinations of settings that a file describes, on all cores, and write one table.

    A trial that fails, hangs or is killed is reported, and the others continue. Finished trials are not run again.

    Example: evenhand sweep sweep.toml --out results
    """
    from evenhand.sweeps import Sweep, run_sweep

    # The user's own modules may lie next to the file.
    beside = str(file.resolve().parent)
    if beside not in sys.path:
        sys.path.append(beside)
    folder = Path(file.stem) if output is None else output
    sweep = Sweep.read(file)
    try:
        with SweepProgress(show=not quiet) as progress:
            outcomes = run_sweep(
                sweep, folder, engine=_engine(engine), workers=workers, timeout=timeout, progress=progress
            )
    except KeyboardInterrupt:
        done = progress.state.done if progress.state is not None else 0
        say(f"{done} of {len(sweep.trials)} trials are done and kept in {folder}; the same command runs the rest")
        return INTERRUPTED
    return _tell(sweep, outcomes, folder, quiet)


def _engine(name: str) -> Engine:
    from evenhand.sweeps import Local, OnRay

    match name:
        case "local":
            return Local()
        case "ray":
            return OnRay()
    raise InputError(f"--engine {name!r} is not known; use local or ray")


def _tell(sweep: Sweep, outcomes: Sequence[Outcome], folder: Path, quiet: bool) -> int:
    from evenhand.cli.show import show_facts
    from evenhand.sweeps.results_table import NAME
    from evenhand.sweeps.stale import stale
    from evenhand.sweeps.sweep_file import in_words

    for line in stale(outcomes):
        say(line)
    failed = [outcome for outcome in outcomes if outcome.status != "done"]
    for outcome in failed[:NAMED]:
        say(f"trial {in_words(outcome.trial)}: {outcome.status}: {outcome.why}")
    if len(failed) > NAMED:
        say(f"and {len(failed) - NAMED} more")
    if not quiet:
        done = len(outcomes) - len(failed)
        spent = sum(outcome.processor_seconds for outcome in outcomes)
        show_facts([
            ("sweep", f"{sweep.task}: {done} of {len(outcomes)} trials done, {spent:.0f} processor seconds"),
            ("table", f"{folder / NAME}"),
        ])  # fmt: skip
    return TRIALS_FAILED if failed else OK


LINES = 10
"""Number of progress lines that are printed if there is no terminal."""


class SweepProgress:
    """Shows the progress of a sweep on standard error: a bar on a terminal, otherwise a line per tenth of the trials.

    It is a context manager, and is called with each state.

    Parameters
    ----------
    show
        Whether to show anything.
    """

    def __init__(self, *, show: bool) -> None:
        self.state: State | None = None
        self._show = show
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._lines_shown = 0

    def __enter__(self) -> Self:
        if self._show and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("starting", total=None)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, state: State) -> None:
        """Show a state."""
        self.state = state
        ended = state.done + state.failed
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=state.total, completed=ended, description=in_words(state))
        elif self._show and state.newest is not None and ended * LINES // state.total > self._lines_shown:
            self._lines_shown = ended * LINES // state.total
            sys.stderr.write(f"{in_words(state)}\n")


def in_words(state: State) -> str:
    """Return the state of a sweep as one line."""
    parts = [f"{state.done} of {state.total} done"]
    if state.failed:
        parts.append(f"{state.failed} failed")
    parts.append(f"{state.running} running")
    if state.seconds_left is not None:
        parts.append(f"{_duration(state.seconds_left)} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
