"""Handle SIGTERM, which cluster schedulers and ``timeout`` send, like Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


class Terminated(KeyboardInterrupt):
    """Raised in the main thread when the process receives SIGTERM."""


@contextlib.contextmanager
def sigterm_interrupts() -> Iterator[threading.Event]:
    """Make SIGTERM raise :class:`Terminated` inside the block, but only once, so that cleaning up is not disturbed.

    Yields an event that is set when SIGTERM has been received.
    """
    came = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # only the main thread may install signal handlers
        yield came
        return

    def interrupt(*_: object) -> None:
        if not came.is_set():
            came.set()
            raise Terminated

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield came
    finally:
        signal.signal(signal.SIGTERM, before)
