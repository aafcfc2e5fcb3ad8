"""The one door through which every command leaves: outcome to exit code, error to one line, never a traceback unasked.

This module imports the standard library alone, so that it stands even where the rest cannot be imported.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterator

from evenhand.cli.exits import BAD_INPUT, INTERNAL, INTERRUPTED, TERMINATED
from evenhand.cli.streams import flush, surviving_streams
from evenhand.cli.terminated import Terminated
from evenhand.errors import EvenhandError
from evenhand.visible import one_line

TRACEBACK = "EVENHAND_TRACEBACK"
"""Environment variable: where it is set and not 0, errors show their traceback, too."""


def leave(command: Callable[[], int]) -> int:
    """Run a command and return its exit code.

    What happens to standard output or error (closed, full, a reader who has gone) changes nothing of it. A SystemExit
    that some library or module of the user's raises ends the command, and never as if all were well.
    """
    with surviving_streams() as lost:
        try:
            code = command()
        except BaseException as error:
            code = _code_of(error)
        if code == INTERRUPTED:
            say("stopped by Ctrl-C")
        flush(sys.stdout)
        if lost.reason is not None:
            say(f"some of what it printed is lost: it could not be written ({lost.reason})")
        return code


def say(message: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(f"evenhand: {one_line(message)}\n")
    flush(sys.stderr)


def _code_of(error: BaseException) -> int:
    """Return the exit code that belongs to an error, and say what there is to say."""
    if os.environ.get(TRACEBACK, "0") not in ("", "0"):
        traceback.print_exception(error)
    if isinstance(error, Terminated):
        say("stopped by SIGTERM")
        return TERMINATED
    # What typer raises for Ctrl-C and for misused options; its classes have another home in each version.
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return INTERRUPTED
    if isinstance(error, EvenhandError):
        say(str(error))
        return BAD_INPUT
    if hasattr(error, "format_message"):
        # Without any words typer has printed the help, and says nothing more.
        if error.format_message():
            say(f"{error.format_message()} (evenhand --help tells more)")
        return BAD_INPUT
    if any(map(_is_lack_of_memory, _chain(error))):
        say("not enough memory for this; give it more, or something smaller")
        return BAD_INPUT
    if isinstance(error, OSError) and error.filename is not None:
        # A path that the system does not take, or not now: its length, a loop of links, a disk that fails.
        say(f"{error.filename}: {error.strerror or error}")
        return BAD_INPUT
    say(_unexpected(error))
    return INTERNAL


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_lack_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    # What the system's loader says of a library for which there is no room.
    return isinstance(error, OSError | ImportError) and "failed to map segment" in str(error)


def _unexpected(error: BaseException) -> str:
    hint = f"{TRACEBACK}=1 shows where"
    if isinstance(error, SystemExit):
        return f"something it called ended the program, by sys.exit({error.code!r}); {hint}"
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"this should not have happened ({one_line(said, 500)}); {hint}, for a report of the fault"
