"""Show the progress of a sweep on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from evenhand.sweeps import State

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

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
        self._told = 0

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
        elif self._show and state.newest is not None and ended * LINES // state.total > self._told:
            self._told = ended * LINES // state.total
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
