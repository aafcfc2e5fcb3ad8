"""SIGTERM, which a cluster's scheduler or ``timeout`` sends, treated like Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


class Terminated(KeyboardInterrupt):
    """SIGTERM has come."""


@contextlib.contextmanager
def sigterm_interrupts() -> Iterator[threading.Event]:
    """Have SIGTERM raise :class:`Terminated` inside the block, once: a second one does not disturb the cleaning up.

    The event that the block gets is set when SIGTERM has come.
    """
    came = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # only that one may say what signals do
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
