"""A progress bar on the terminal for searches of more than a second, and lines in a log for longer ones."""

from __future__ import annotations

import math
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from evenhand.cli.door import say
from evenhand.cli.readable_numbers import number

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from evenhand.assignment import Progress

PATIENCE = 1.0
"""Seconds before the bar appears on a terminal."""

LINE_PATIENCE = 10.0
"""Seconds before the first line if there is no terminal; the interval doubles from line to line."""

ENDLESS = 30.0
"""Seconds after which a search without a time limit says once, on a terminal, how far it is and that it can be stopped;
without a terminal, the lines say so."""


class Report(NamedTuple):
    """A progress report: a phase, the incumbent's cost, the bound proven, their gap, and what the phase is at."""

    phase: str
    cost: float | None = None
    bound: float | None = None
    gap: float | None = None
    detail: str = ""


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
    limited
        Whether a time limit ends the search.
    """

    def __init__(self, title: str, gap: float, *, show: bool = True, limited: bool = True) -> None:
        self.title = title
        self._gap = max(gap, 1e-9)
        self._show = show
        self._bar: Bar | None = None
        self._latest: Report | Progress | None = None
        self._lock = threading.Lock()
        self._limited = limited
        self._begun = time.perf_counter()
        self._gaps: list[tuple[float, float]] = []
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

    def __call__(self, progress: Report | Progress) -> None:
        """Show a report."""
        with self._lock:
            self._latest = progress
            if progress.gap is not None and (not self._gaps or progress.gap != self._gaps[-1][1]):
                self._gaps.append((self._seconds, progress.gap))
            self._update()

    @property
    def _seconds(self) -> float:
        return time.perf_counter() - self._begun

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
            say(self._line())
            self._timer = self._timed(2.0 * waited)
            self._timer.start()

    def _say_once(self) -> None:
        """Say in one line above the bar how far it is, and that there is no time limit."""
        with self._lock:
            if self._show and self._bar is not None:
                self._bar.console.print(f"evenhand: {self._line()}", markup=False, highlight=False, soft_wrap=True)

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
            if not self._limited:
                self._timer = threading.Timer(max(0.0, ENDLESS - self._seconds), self._say_once)
                self._timer.daemon = True
                self._timer.start()

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
        parts = [self.title, report.phase, *([report.detail] if report.detail else [])]
        parts += [
            f"{label} {number(value)}"
            for label, value in (("cost", report.cost), ("bound", report.bound))
            if value is not None and math.isfinite(value)
        ]
        return " · ".join(parts if report.gap is None else [*parts, f"gap {report.gap:.2g}"])

    def _line(self) -> str:
        """Return how far the search is, how fast its gap closes, and what Ctrl-C does."""
        kept = "keeps the best so far" if self._latest is not None and self._latest.cost is not None else "stops it"
        limit = "" if self._limited else "no time limit, "
        return f"{self._words()}{self._pace()} · after {self._seconds:.0f} s; {limit}Ctrl-C {kept}"

    def _pace(self) -> str:
        """Return what the gap was at half of the time so far, and since when it has not changed if that is longer."""
        if len(self._gaps) < 2:
            return ""
        changed, now = self._gaps[-1]
        half = 0.5 * self._seconds
        if changed < half:
            return f", as since {changed:.0f} s"
        before = next((gap for at, gap in reversed(self._gaps) if at <= half), None)
        return "" if before is None or before == now else f", {before:.2g} at {half:.0f} s"
