"""A progress bar on the terminal for searches of more than a second, and lines in a log for longer ones."""

from __future__ import annotations

import math
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

from evenhand.cli.door import say
from evenhand.cli.readable_numbers import number

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

PATIENCE = 1.0
"""Seconds before the bar appears on a terminal."""

LINE_PATIENCE = 10.0
"""Seconds before the first line if there is no terminal; the interval doubles from line to line."""


class Reported(Protocol):
    """The part of a progress report that the bar shows."""

    @property
    def phase(self) -> str:
        """Name of the present phase."""

    @property
    def cost(self) -> float | None:
        """Cost of the incumbent; None if there is none."""

    @property
    def bound(self) -> float | None:
        """Bound proven so far; None before the first."""

    @property
    def gap(self) -> float | None:
        """Relative gap between them; None if either is missing."""


class Report(NamedTuple):
    """A progress report; see :class:`Reported`."""

    phase: str
    cost: float | None = None
    bound: float | None = None
    gap: float | None = None


class ProgressBar:
    """Shows the progress of a search: phase, cost, bound, and a bar that fills as the gap closes.

    It prints to standard error: a bar on a terminal, otherwise a line after ten seconds, then after twenty more, and so
    on, so that a log shows that the search is alive. It is a context manager, and is called with each report.

    Parameters
    ----------
    title
        Text in front of the bar.
    gap
        Relative gap at which the bar is full.
    show
        Whether to show anything.
    """

    def __init__(self, title: str, gap: float, *, show: bool = True) -> None:
        self.title = title
        self._gap = max(gap, 1e-9)
        self._show = show
        self._bar: Bar | None = None
        self._latest: Reported | None = None
        self._lock = threading.Lock()
        self._begun = time.perf_counter()
        self._timer = self._timed(PATIENCE if sys.stderr.isatty() else LINE_PATIENCE)

    def __enter__(self) -> Self:
        if self._show:
            self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._timer.cancel()
            self._show = False
            if self._bar is not None:
                self._bar.stop()

    def __call__(self, progress: Reported) -> None:
        """Show a report."""
        with self._lock:
            self._latest = progress
            self._update()

    def _timed(self, seconds: float) -> threading.Timer:
        show = self._appear if sys.stderr.isatty() else partial(self._say, seconds)
        timer = threading.Timer(seconds, show)
        timer.daemon = True
        return timer

    def _say(self, waited: float) -> None:
        """Say in one line how far it is, and again after twice as long as was `waited` this time."""
        with self._lock:
            if not self._show:
                return
            say(f"{self._words()} · after {time.perf_counter() - self._begun:.0f} s; Ctrl-C stops it")
            self._timer = self._timed(2.0 * waited)
            self._timer.start()

    def _appear(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if not self._show:
                return
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=24),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.add_task(self.title, total=None)
            self._update()
            self._bar.start()

    def _update(self) -> None:
        if self._bar is None or self._latest is None:
            return
        report, bar = self._latest, self._bar
        if report.gap is None:
            bar.update(bar.task_ids[0], description=self._words(), total=None)
            return
        closed = math.log(max(report.gap, self._gap)) / math.log(self._gap) if self._gap < 1 else 1.0
        bar.update(bar.task_ids[0], description=self._words(), total=1.0, completed=closed)

    def _words(self) -> str:
        report = self._latest
        if report is None:
            return self.title
        parts = [self.title, report.phase]
        parts += [
            f"{label} {number(value)}"
            for label, value in (("cost", report.cost), ("bound", report.bound))
            if value is not None and math.isfinite(value)
        ]
        return " · ".join(parts if report.gap is None else [*parts, f"gap {report.gap:.2g}"])
