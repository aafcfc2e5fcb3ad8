"""The command line: thin, each command a call that a script could make."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        Words after ``evenhand``; those of the process by default.
    """
    words = sys.argv[1:] if arguments is None else arguments

    def command() -> int:
        # Here, so that Ctrl-C, or a library that cannot be loaded, meets the door, too.
        from evenhand.cli.app import run

        return run(words, process=arguments is None)

    try:
        from evenhand.cli.door import leave

        return leave(command)
    except KeyboardInterrupt:  # while importing the door, or while it is saying something else
        sys.stderr.write("evenhand: stopped by Ctrl-C\n")
        return 130
