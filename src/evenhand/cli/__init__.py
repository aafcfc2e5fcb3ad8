"""The command line: thin, each command a call that a script could make."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        Words after ``evenhand``; those of the process by default.
    """
    try:
        from evenhand.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:  # while importing, or while saying something else
        sys.stderr.write("evenhand: stopped by Ctrl-C\n")
        return 130
