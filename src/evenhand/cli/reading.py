"""Watch the reading of a table: say how far it is, and end it when the time limit is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self

import typer

from evenhand.cli.door import say
from evenhand.cli.exits import NO_ASSIGNMENT
from evenhand.cli.progress_bar import ProgressBar, Report

_EVERY = 0.1
"""Seconds between two reports."""

_GRACE = 0.5
"""Seconds that reading may take beyond the limit: a small table then still has some answer, whatever the limit."""


class Watch:
    """Shows how far the files of a command are read; a context manager, which takes its progress bar away.

    Parameters
    ----------
    time_limit
        Seconds after which reading ends the command, counted from here; None for no limit.
    quiet
        Whether to show nothing.
    """

    def __init__(self, time_limit: float | None = None, *, quiet: bool = False) -> None:
        self._limit = float("inf") if time_limit is None or time_limit <= 0.0 else time_limit
        self._end = self._limit + _GRACE
        self._bar = ProgressBar("reading", 1.0, show=not quiet)
        self._begun = time.perf_counter()
        self._next = 0.0

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.__exit__(*exception)

    def of(self, file: Path) -> Callable[[int], None]:
        """Return the function to call with the number of each line of `file` that is read.

        It raises ``typer.Exit`` once the limit has passed, with the code for a limit that came before any assignment.
        """
        return partial(self._read, file)

    def _read(self, file: Path, line: int) -> None:
        seconds = time.perf_counter() - self._begun
        if seconds > self._end:
            say(
                f"{file}: the time limit of {self._limit:g} s passed at line {line:,} of the file; "
                "give more time, or the table as .npy, which is read at once"
            )
            raise typer.Exit(NO_ASSIGNMENT)
        if seconds >= self._next:
            self._next = seconds + _EVERY
            self._bar(Report(str(file), detail=f"line {line:,}"))
