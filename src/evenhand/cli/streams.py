"""Make writing to standard output and error never fail, so that it cannot decide how a command ends."""

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

_OUTPUT, _ERRORS = 1, 2  # file descriptors


@dataclass(slots=True)
class Lost:
    """Why output was lost; None if nothing was, or if the reader closed the pipe on purpose, as ``head`` does."""

    reason: str | None = None


class _Surviving(io.RawIOBase):
    """A file descriptor that discards further output once writing has failed."""

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
                except BlockingIOError:  # a non-blocking pipe that is full at the moment
                    select.select([], [self._descriptor], [])
        except OSError as error:
            if error.errno != errno.EPIPE:
                self._lost.reason = error.strerror or str(error)
            # Redirect the descriptor itself, for C libraries and for Python's flush at exit.
            _point_at_nothing(self._descriptor)
            return len(data)


@contextlib.contextmanager
def surviving_streams() -> Iterator[Lost]:
    """Replace standard output and error, for the duration of the block, by streams that cannot fail.

    Descriptors that are closed already are redirected to the null device, so that no file opened later gets their
    number. Characters that the terminal cannot encode are printed as question marks. Streams that have been replaced by
    somebody else, as in notebooks and tests, are left alone.
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
    """Flush a stream and ignore errors."""
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
