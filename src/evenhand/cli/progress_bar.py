"""A bar on the terminal for whatever takes more than a second."""

from __future__ import annotations

import math
import sys
import threading
from typing import TYPE_CHECKING, Self

from evenhand.cli.readable_numbers import number

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from evenhand.assignment import Progress

PATIENCE = 1.0
"""Seconds before the bar appears."""


class ProgressBar:
    """Shows what a solve reports: phase, cost, bound, and a bar that fills as the gap closes.

    On standard error, and only if that is a terminal. Used as a context and called with each report.

    Parameters
    ----------
    title
        What is being done.
    gap
        Relative gap at which the bar is full.
    show
        False for silence.
    """

    def __init__(self, title: str, gap: float, *, show: bool = True) -> None:
        self.title = title
        self._gap = max(gap, 1e-9)
        self._show = show and sys.stderr.isatty()
        self._bar: Bar | None = None
        self._latest: Progress | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._appear)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if self._show:
            self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._show = False
            if self._bar is not None:
                self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Take a report."""
        with self._lock:
            self._latest = progress
            self._update()

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
        report = self._latest
        parts = [self.title, report.phase]
        parts += [
            f"{label} {number(value)}"
            for label, value in (("cost", report.cost), ("bound", report.bound))
            if value is not None and math.isfinite(value)
        ]
        if report.gap is None:
            self._bar.update(self._bar.task_ids[0], description=" · ".join(parts), total=None)
            return
        parts.append(f"gap {report.gap:.2g}")
        closed = math.log(max(report.gap, self._gap)) / math.log(self._gap) if self._gap < 1 else 1.0
        self._bar.update(self._bar.task_ids[0], description=" · ".join(parts), total=1.0, completed=closed)
