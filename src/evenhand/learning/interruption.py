"""Ctrl-C while training."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import FrameType


COLLECTING = "gc_callback"
"""How the names of JAX's callbacks of the garbage collector end."""


class Interruption:
    """Remembers that Ctrl-C was pressed while the block runs.

    Python raises KeyboardInterrupt wherever the main thread is. In a callback of the garbage collector, as JAX has
    one, it is printed and lost, which while a program is compiled happens more often than not. So there it is not
    raised, and :meth:`check` raises it soon after.
    """

    def __init__(self) -> None:
        self._pressed = False
        self._before: Any = None

    def __enter__(self) -> Self:
        before = signal.getsignal(signal.SIGINT)
        if callable(before) and threading.current_thread() is threading.main_thread():
            self._before = before
            signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        if self._pressed:
            raise KeyboardInterrupt

    def _press(self, number: int, frame: FrameType | None) -> None:
        self._pressed = True
        if frame is None or not frame.f_code.co_name.endswith(COLLECTING):
            self._before(number, frame)
