"""Standard output and error that cannot fail: what happens to them never decides how a command ends."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_OUTPUT, _ERRORS = 1, 2


@dataclass(slots=True)
class Lost:
    """Why something could not be printed; None where all was, or the reader has gone, as ``head`` does."""

    reason: str | None = None


class _Surviving(io.RawIOBase):
    """A file descriptor whose bytes are thrown away once writing has failed."""

    def __init__(self, descriptor: int, lost: Lost) -> None:
        self._descriptor, self._lost = descriptor, lost

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        try:
            while True:
                try:
                    return os.write(self._descriptor, data)
                except BlockingIOError:  # a pipe that is full for the moment
                    select.select([], [self._descriptor], [])
        except OSError as error:
            if error.errno != errno.EPIPE:
                self._lost.reason = error.strerror or str(error)
            # Also for what libraries in C print, and for Python's own flush at the very end.
            _point_at_nothing(self._descriptor)
            return len(data)


@contextlib.contextmanager
def surviving_streams() -> Iterator[Lost]:
    """Have standard output and error survive whatever happens to them inside the block.

    A stream that was closed before we came is opened to nothing, so that no file of ours gets its number. Characters
    that the terminal does not have are printed as question marks. Streams that somebody has put in their place, as
    notebooks and tests do, are left alone.
    """
    for descriptor in (0, _OUTPUT, _ERRORS):
        try:
            os.fstat(descriptor)
        except OSError:
            _point_at_nothing(descriptor)
    lost = Lost()
    before = sys.stdout, sys.stderr
    sys.stdout = _survivor(sys.stdout, sys.__stdout__, _OUTPUT, lost)
    sys.stderr = _survivor(sys.stderr, sys.__stderr__, _ERRORS, lost)
    try:
        yield lost
    finally:
        for ours, theirs in zip((sys.stdout, sys.stderr), before, strict=True):
            flush(ours)
            if ours is not theirs and theirs is not None:
                flush(theirs)
        sys.stdout, sys.stderr = before


def flush(stream: Any) -> None:
    """Flush a stream, whatever comes of it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stream.flush()


def _survivor(current: Any, original: Any, descriptor: int, lost: Lost) -> Any:
    if current is not None:
        if current is not original or not _has(current, descriptor):
            return current
        flush(current)
    raw = _Surviving(descriptor, lost)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=getattr(current, "encoding", None) or "utf-8",
        errors="replace",
        line_buffering=descriptor == _ERRORS or raw.isatty(),
    )


def _has(stream: Any, descriptor: int) -> bool:
    try:
        return bool(stream.fileno() == descriptor)
    except (OSError, ValueError, AttributeError):
        return False


def _point_at_nothing(descriptor: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    if nothing != descriptor:
        os.dup2(nothing, descriptor)
        os.close(nothing)
