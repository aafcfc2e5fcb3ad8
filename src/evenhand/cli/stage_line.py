"""The progress of work in stages, each of which counts something: episodes, states."""

from __future__ import annotations

import sys


class StageLine:
    """Shows how far a stage is on one line of the terminal or, without one, a line for each stage.

    Parameters
    ----------
    counted
        How a count is said, such as ``{done:,} of {total:,} episodes``; a stage with a total of 1 has none.
    show
        Whether to show anything.
    """

    def __init__(self, counted: str, *, show: bool) -> None:
        self._counted, self._show, self._live = counted, show, sys.stderr.isatty()
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is."""
        said = stage if total == 1 else f"{stage}: {self._counted.format(done=done, total=total)}"
        if self._show and self._live:
            sys.stderr.write(f"\r\x1b[K{said}")
            sys.stderr.flush()
        elif self._show and stage != self._stage:
            sys.stderr.write(f"{stage}\n")
        self._stage = stage

    def close(self) -> None:
        """Remove the line."""
        if self._show and self._live and self._stage:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
