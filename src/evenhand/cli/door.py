"""Where every command ends: outcomes become exit codes, and errors one line each, without a traceback unless asked for.

This module imports only the standard library and a few small files, so that it works even if the rest cannot be
imported.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator

from evenhand.cli.exits import BAD_INPUT, INTERNAL, INTERRUPTED, TERMINATED
from evenhand.cli.streams import flush, surviving_streams
from evenhand.errors import EvenhandError
from evenhand.visible import one_line

TRACEBACK = "EVENHAND_TRACEBACK"
"""Environment variable that, if set and not 0, makes errors show their traceback as well."""


def leave(command: Callable[[], int]) -> int:
    """Run a command and return its exit code.

    The code does not depend on what happens to standard output and error (closed, disk full, broken pipe). A SystemExit
    raised by a library or a user's module ends the command with an error, whatever its own code is. SIGTERM acts like
    Ctrl-C, which most commands answer with the best found so far, and has its own code.
    """
    with surviving_streams() as lost, _sigterm_like_ctrl_c():
        try:
            code = command()
        except BaseException as error:
            code = _code_of(error)
        if code == INTERRUPTED:
            say(f"stopped by {stopped_by()}")
        if _terminated.is_set():
            code = TERMINATED
        flush(sys.stdout)
        if lost.reason is not None:
            say(f"some of the output is lost, because it could not be written ({lost.reason})")
        return code


def say(message: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(f"evenhand: {one_line(message)}\n")
    flush(sys.stderr)


def _code_of(error: BaseException) -> int:
    """Print the message of an error, and return its exit code."""
    if os.environ.get(TRACEBACK, "0") not in ("", "0"):
        traceback.print_exception(error)
    # Typer raises its own class for Ctrl-C, from a module that differs between versions.
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort":
        return INTERRUPTED
    if isinstance(error, EvenhandError):
        say(str(error))
        return BAD_INPUT
    if hasattr(error, "format_message"):
        # A usage error. Its message is empty if Typer has printed the help already.
        if error.format_message():
            say(f"{error.format_message()} (see evenhand --help)")
        return BAD_INPUT
    if any(map(_is_lack_of_memory, _chain(error))):
        say("not enough memory; provide more, or a smaller problem")
        return BAD_INPUT
    if isinstance(error, OSError) and error.filename is not None:
        # A path that the system rejects: too long, a loop of links, a failing disk.
        say(f"{error.filename}: {error.strerror or error}")
        return BAD_INPUT
    say(_unexpected(error))
    return INTERNAL


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and the errors that caused it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _is_lack_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    # The system's loader reports a library that does not fit in memory like this.
    return isinstance(error, OSError | ImportError) and "failed to map segment" in str(error)


def _unexpected(error: BaseException) -> str:
    hint = f"set {TRACEBACK}=1 to see where"
    if isinstance(error, SystemExit):
        return f"a library or module called sys.exit({error.code!r}); {hint}"
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"internal error ({one_line(said, 500)}); please report it; {hint}"


@contextlib.contextmanager
def finished_first() -> Iterator[None]:
    """Finish the block, which writes an answer, before Ctrl-C or SIGTERM interrupts the command; say so at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed = threading.Event()

    def press(*_: object) -> None:
        if not pressed.is_set():
            pressed.set()
            say("writing the answer first")

    before = signal.signal(signal.SIGINT, press)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed.is_set():
        raise KeyboardInterrupt


def stopped_by() -> str:
    """Return what stops an interrupted command: ``SIGTERM`` or ``Ctrl-C``."""
    return "SIGTERM" if _terminated.is_set() else "Ctrl-C"


_terminated = threading.Event()
"""Set when the present command has received SIGTERM."""


@contextlib.contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    """Pass the first SIGTERM inside the block on as SIGINT, which solvers handle too; ignore further ones."""
    _terminated.clear()
    if threading.current_thread() is not threading.main_thread():  # only the main thread may install signal handlers
        yield
        return
    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, _pass_on)}
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as for a command that a script runs in the background
        before[signal.SIGINT] = signal.signal(signal.SIGINT, _interrupt_if_terminated)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pass_on(*_: object) -> None:
    if not _terminated.is_set():
        _terminated.set()
        signal.raise_signal(signal.SIGINT)


def _interrupt_if_terminated(*_: object) -> None:
    if _terminated.is_set():
        raise KeyboardInterrupt
