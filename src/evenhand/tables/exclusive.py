"""Lock a folder, so that only one process at a time writes to it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from evenhand.errors import InputError
from evenhand.tables.files import make_folder, no_folder

LOCK = ".evenhand.lock"
"""Name of the lock file; it holds the owner's process id and host."""
_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Create a folder if it is missing, and lock it for the duration of the block.

    The operating system holds the lock and releases it when the process ends in any way, so a killed process leaves no
    stale lock. NFS shares such locks between machines. On the few file systems without locks, a warning is logged and
    the folder is used unlocked.

    Raises
    ------
    InputError
        If another process or thread has locked the folder (the message names its process id and host), or if the
        folder cannot be created or written.
    """
    descriptor = _taken(folder)
    try:
        yield
    finally:
        # Removed while still locked, so that whoever has opened this file meanwhile sees that it is gone, and tries
        # again with a new one.
        with contextlib.suppress(OSError):
            (folder / LOCK).unlink()
        os.close(descriptor)


def _taken(folder: Path) -> int:
    """Create the lock file, lock it, and return its descriptor."""
    path = folder / LOCK
    while True:
        try:
            make_folder(folder)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise no_folder(folder, error) from None
        try:
            _lock(descriptor, path)
            if _is(descriptor, path):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        _lock_now(descriptor)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            logger.warning("%s: the file system has no locks; make sure that nothing else writes there", path.parent)
            return
        owner = _owner(path)
        raise InputError(f"{path.parent}: is in use by {owner}; wait for it to end, or give another folder") from None


def _lock_now(descriptor: int) -> None:
    """Lock an open file without waiting; raise an OSError if somebody else has locked it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _owner(path: Path) -> str:
    """Return the owner of the lock as written in the file, which is still empty for a moment after locking."""
    try:
        return path.read_text("utf-8").strip() or "another process"
    except (OSError, ValueError):
        return "another process"


def _is(descriptor: int, path: Path) -> bool:
    """Return whether a path still refers to the open file, which its last owner may have removed meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False
