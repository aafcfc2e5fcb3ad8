"""Ctrl-C during training, and SIGTERM if the program handles it."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, Self

COLLECTING = "gc_callback"
"""Suffix of the names of JAX's garbage-collection callbacks."""


class Interruption:
    """A context manager that makes sure that no Ctrl-C or SIGTERM is lost while its block runs.

    Python raises KeyboardInterrupt wherever the main thread happens to be. If that is a callback of the garbage
    collector (JAX has one, which runs often during compilation), the exception is printed and lost. There the signal is
    only remembered, and :meth:`check` raises it soon after.

    SIGTERM is left alone unless the program has a handler for it, because by default it ends the process.
    """

    def __init__(self) -> None:
        self._came: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                before = signal.getsignal(number)
                if callable(before):
                    self._before[number] = before
                    signal.signal(number, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def check(self) -> None:
        """Raise KeyboardInterrupt, or whatever the program's own handler raises, if there was a signal."""
        if self._came is not None:
            self._before[self._came](self._came, None)
            raise KeyboardInterrupt

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._came = number
        if frame is None or not frame.f_code.co_name.endswith(COLLECTING):
            self._before[number](number, frame)
