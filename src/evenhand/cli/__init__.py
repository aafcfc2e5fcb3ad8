"""The command line. Each command is a thin layer over calls that a script could make."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments
        Command-line arguments after ``evenhand``; default those of the process.
    """
    words = sys.argv[1:] if arguments is None else arguments

    def command() -> int:
        # Imported inside, so that `leave` also handles Ctrl-C and libraries that cannot be loaded.
        from evenhand.cli.app import run

        return run(words, process=arguments is None)

    try:
        from evenhand.cli.door import leave

        return leave(command)
    except KeyboardInterrupt:  # while `leave` is imported, or while it prints a message
        sys.stderr.write("evenhand: stopped by Ctrl-C\n")
        return 130
