"""Ctrl-C, and SIGTERM where the program has a handler for it, while training."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import FrameType


COLLECTING = "gc_callback"
"""How the names of JAX's callbacks of the garbage collector end."""


class Interruption:
    """Remembers that Ctrl-C was pressed, or SIGTERM came, while the block runs.

    SIGTERM is left alone where it ends the process, as it does unless somebody asked for something else.

    Python raises KeyboardInterrupt wherever the main thread is. In a callback of the garbage collector, as JAX has
    one, it is printed and lost, which while a program is compiled happens more often than not. So there it is not
    raised, and :meth:`check` raises it soon after.
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
        """Raise KeyboardInterrupt, or what the program's own handler raises, if a signal came."""
        if self._came is not None:
            self._before[self._came](self._came, None)
            raise KeyboardInterrupt

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._came = number
        if frame is None or not frame.f_code.co_name.endswith(COLLECTING):
            self._before[number](number, frame)
